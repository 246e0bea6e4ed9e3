//! What was read, by whom, and what was not.

use std::io;

use crate::model::Instant;
use crate::model::assessment::{Assessment, WaiverRef};
use crate::model::ledger::{Exception, ListsRead, Reconciliation};
use crate::model::text::Text;

use super::super::view::View;
use super::super::words::{counted, len, moment, policy_name, things};
use super::escape::Esc;
use super::{end_table, table};

/// Scope, basis and digests.
pub(super) fn write(view: &View<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let Assessment { schema, run, policy, inventory, .. } = view.assessment;
    writeln!(out, "<section aria-labelledby=\"scope\">\n<h2 id=\"scope\">Scope and completeness</h2>")?;
    let complete = match (inventory.complete, inventory.gaps.len() as u64) {
        (true, 0) => "yes: every list was walked to its end and nothing was refused".to_owned(),
        (_, 0) => "no, without naming what is missing".to_owned(),
        (_, gaps) => format!("no: {} could not be read (<a href=\"#gaps\">list</a>)", counted(gaps, "thing")),
    };
    writeln!(out, "<dl>")?;
    row(out, "complete", &complete)?;
    row(out, "accounts", &names(&inventory.accounts))?;
    row(out, "regions", &names(&inventory.regions))?;
    row(out, "recovery points", &inventory.recovery_points.to_string())?;
    row(out, "read at", &moment(inventory.captured_at))?;
    row(out, "read from", &Esc(&run.source).to_string())?;
    let caller = run.caller.as_deref().map_or_else(|| "not known".to_owned(), id);
    row(out, "read by", &caller)?;
    row(out, "judged as of", &moment(run.as_of))?;
    row(out, "period", &format!("{} to {}", moment(run.period.from), moment(run.period.to)))?;
    row(out, "policy", &id(&policy_name(policy)))?;
    row(out, "policy owner", &policy.owner.as_deref().map_or_else(|| "not named".to_owned(), text))?;
    let on = policy.approved_on.as_deref().map(|on| format!(" on {}", Esc(on))).unwrap_or_default();
    let approved = policy.approved_by.as_deref().map_or_else(|| "not approved".to_owned(), |by| text(by) + &on);
    row(out, "policy approved by", &approved)?;
    row(out, "policy SHA-256", &id(&policy.sha256))?;
    row(out, "inventory SHA-256", &id(&inventory.sha256))?;
    row(out, "lastgood", &format!("{}, {}", Esc(&run.version), id(schema)))?;
    row(out, "run", &id(&run.id))?;
    writeln!(out, "</dl>")?;
    table(out, "t-kinds", "Judged things by kind", &[("", "kind"), ("n", "number")])?;
    for (kind, number) in &inventory.counts {
        writeln!(out, "<tr><th scope=\"row\">{kind}</th><td class=\"n\">{number}</td></tr>")?;
    }
    writeln!(out, "<tr><th scope=\"row\">all</th><td class=\"n\">{}</td></tr>", things(view.assessment))?;
    end_table(out)?;
    if let Some(ledger) = view.assessment.ledger.as_deref() {
        reconciliation(&ledger.reconciliation, out)?;
        lists(&ledger.lists, out)?;
    }
    writeln!(out, "</section>")
}

/// Two independent enumerations held against each other, and every difference explained.
fn reconciliation(found: &Reconciliation, out: &mut dyn io::Write) -> io::Result<()> {
    let only_named = found.named - found.both.min(found.named);
    writeln!(
        out,
        "<h3>Reconciliation</h3>\n<p>Enumeration A, the lists of the services themselves, holds {}. Enumeration B, what \
         recovery points, backup jobs and the register of AWS Backup name, holds {}. Both hold {}. {} of A are named by \
         none of them: each is judged, and stands among the verdicts. {only_named} of B are not in A, <strong>{} of them \
         unexplained</strong>.</p>",
        counted(found.listed, "recoverable resource"),
        found.named,
        found.both,
        found.listed - found.both.min(found.listed),
        found.unexplained
    )?;
    if found.unlisted.is_empty() {
        return Ok(());
    }
    table(
        out,
        "t-unlisted",
        "Named by recovery points, jobs or AWS Backup, and not listed",
        &[("long", "resource"), ("", "explanation")],
    )?;
    for one in &found.unlisted {
        writeln!(
            out,
            "<tr><th scope=\"row\" class=\"long\">{}</th><td>{}</td></tr>",
            id(&one.resource),
            one.why.words()
        )?;
    }
    end_table(out)?;
    if only_named > len(&found.unlisted) {
        writeln!(
            out,
            "<p class=\"soft\">{} of {only_named} are listed, the unexplained first.</p>",
            found.unlisted.len()
        )?;
    }
    Ok(())
}

/// What was asked, and how much came back.
fn lists(lists: &[ListsRead], out: &mut dyn io::Write) -> io::Result<()> {
    let heads = [("", "call"), ("n", "places"), ("n", "items"), ("n", "requests"), ("", "complete from")];
    table(out, "t-lists", "Lists that were walked to their end: a place is a pair of account and region", &heads)?;
    for list in lists {
        let since = list.since.map_or_else(|| "the beginning".to_owned(), moment);
        writeln!(
            out,
            "<tr class=\"list\"><th scope=\"row\">{}</th><td class=\"n\">{}</td><td class=\"n\">{}</td>\
             <td class=\"n\">{}</td><td>{since}</td></tr>",
            id(&list.call),
            list.places,
            list.items,
            list.requests
        )?;
    }
    end_table(out)
}

/// What could not be read, by the permission that is missing.
pub(super) fn gaps(view: &View<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    if view.gaps.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<section aria-labelledby=\"gaps\">\n<h2 id=\"gaps\">What could not be read</h2>\n<p>{}. What depends on \
         it is judged <em>unknown</em>, never <em>pass</em>.</p>",
        counted(len(&view.assessment.inventory.gaps), "gap")
    )?;
    let heads =
        [("", "IAM action needed"), ("", "why"), ("", "account / region"), ("", "call"), ("long", "what is missing")];
    table(out, "t-gaps", "Gaps, by the IAM action that would close them", &heads)?;
    for group in &view.gaps {
        for gap in &group.gaps {
            let what = gap.resource.as_deref().map_or_else(|| "the whole list".to_owned(), id);
            let message = gap.message.as_deref().map(|message| format!(": {}", Esc(message))).unwrap_or_default();
            writeln!(
                out,
                "<tr class=\"gap\"><th scope=\"row\">{}</th><td>{} ({}){message}</td><td>{}<br>{}</td><td>{}</td>\
                 <td class=\"long\">{what}</td></tr>",
                id(group.action),
                group.status,
                Esc(group.code),
                Esc(&gap.account),
                Esc(&gap.region),
                id(&gap.call()),
            )?;
        }
    }
    end_table(out)?;
    writeln!(out, "</section>")
}

/// An entry of a list of terms; `value` is HTML.
pub(super) fn row(out: &mut dyn io::Write, name: &str, value: &str) -> io::Result<()> {
    writeln!(out, "<dt>{name}</dt><dd>{value}</dd>")
}

/// The cells of an exception: reason, who asked, who approved and when, until when.
pub(super) fn waiver(waiver: &WaiverRef) -> String {
    format!(
        "<td>{}</td><td>{}</td><td>{} on {}</td><td>{}</td>",
        text(&waiver.reason),
        text(&waiver.requested_by),
        text(&waiver.approved_by),
        text(&waiver.approved_on),
        moment(waiver.expires)
    )
}

/// Where an exception of the policy stands at an instant; `in_force` are the words for one that holds.
pub(super) fn state(exception: &Exception, at: Instant, in_force: &'static str) -> &'static str {
    match (exception.in_force, exception.waiver.expires <= at) {
        (true, _) => in_force,
        (false, true) => "expired: evaluated normally since",
        (false, false) => "not in force yet",
    }
}

/// An identifier.
pub(super) fn id(text: &str) -> String {
    format!("<code><bdi>{}</bdi></code>", Esc(text))
}

/// A name or a sentence that somebody else wrote.
pub(super) fn text(text: &str) -> String {
    format!("<bdi>{}</bdi>", Esc(text))
}

fn names(names: &[Text]) -> String {
    let list: Vec<String> = names.iter().map(|name| id(name)).collect();
    format!("{}{}{}", names.len(), if names.is_empty() { "" } else { ": " }, list.join(", "))
}
