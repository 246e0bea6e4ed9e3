//! The clauses of the written policy: all in a table, then each by itself, as an auditor takes them.

use std::collections::BTreeMap;
use std::io;

use crate::model::assessment::{RuleInfo, Verdict};
use crate::model::outcome::Outcome;

use super::super::view::{ClauseView, RuleView, View};
use super::super::words::{clause_label, counted, demand, moment, parameters, short_name, tally};
use super::badge;
use super::escape::{Esc, ticked};
use super::scope::{id, text};
use super::{end_table, table};

/// So many deviations are named under a clause; its rules list the others.
const NAMED: usize = 12;

/// The clause table.
pub(super) fn write(view: &View<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(
        out,
        "<section aria-labelledby=\"clauses\">\n<h2 id=\"clauses\">Clauses of the written policy</h2>\n\
         <p>Status is the worst outcome of the clause's rules. Planned clauses are judged and shown, and do not count \
         until they are in force. A rule may serve several clauses, and its verdicts then stand under each.</p>"
    )?;
    let heads = [
        ("", "clause"),
        ("", "demand"),
        ("", "status"),
        ("n", "fail"),
        ("n", "unknown"),
        ("n", "waived"),
        ("n", "pass"),
        ("n", "n/a"),
        ("", "rules"),
    ];
    table(out, "t-clauses", "Clauses, and the verdicts of the rules that serve them", &heads)?;
    for ClauseView { clause, summary } in &view.clauses {
        let planned = if clause.in_force { "" } else { " <span class=\"planned\">planned</span>" };
        let status = if clause.rules.is_empty() {
            format!("<span class=\"badge not-applicable\">{}</span>", clause_label(clause))
        } else {
            badge(clause.status)
        };
        write!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{status}{planned}</td>",
            Esc(&clause.id),
            text(&demand(clause))
        )?;
        for number in [summary.fail, summary.unknown, summary.waived, summary.pass, summary.not_applicable] {
            write!(out, "<td class=\"n\">{number}</td>")?;
        }
        let rules: Vec<String> = clause.rules.iter().map(|rule| link(view, rule)).collect();
        writeln!(out, "<td>{}</td></tr>", rules.join(", "))?;
    }
    end_table(out)?;
    writeln!(out, "</section>")
}

/// A rule's name, as a link where the rule judged something.
pub(super) fn link(view: &View<'_>, rule: &str) -> String {
    match view.rules.iter().position(|known| known.info.id == *rule) {
        Some(at) => format!("<a href=\"#rule-{at}\">{}</a>", Esc(rule)),
        None => format!("{} (judged nothing)", Esc(rule)),
    }
}

/// Every clause that something judges, by itself: demand, how it is tested, population, result, deviations.
pub(super) fn pages(view: &View<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let judged: Vec<&ClauseView<'_>> = view.clauses.iter().filter(|clause| !clause.clause.rules.is_empty()).collect();
    writeln!(
        out,
        "<section aria-labelledby=\"by-clause\">\n<h2 id=\"by-clause\">Clause by clause</h2>\n<p>For each clause: what \
         is demanded, how it is tested, of how many things, and what was found. Clauses that no rule judges stand in \
         the table above with the reason; steps of one statement that are judged alike stand together.</p>"
    )?;
    let mut part = None;
    for (at, alike) in judged.chunk_by(|a, b| a.is_alike(b)).enumerate() {
        // On paper each part of the policy begins a page of its own, but the first, which follows the heading.
        let named = alike.first().and_then(|clause| clause.clause.id.split('.').next());
        let class = if part.is_some() && part != named { "clause opens" } else { "clause" };
        part = named;
        page(at, class, alike, view, out)?;
    }
    writeln!(out, "</section>")
}

fn page(at: usize, class: &str, alike: &[&ClauseView<'_>], view: &View<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let [ClauseView { clause, summary }, others @ ..] = alike else { return Ok(()) };
    let planned = if clause.in_force { "" } else { " <span class=\"planned\">planned: not counted</span>" };
    writeln!(
        out,
        "<article class=\"{class}\" aria-labelledby=\"clause-{at}\">\n<h3 id=\"clause-{at}\">{} {}{planned}</h3>\n<dl>",
        Esc(&clause.id),
        text(&demand(clause))
    )?;
    for (at, other) in others.iter().enumerate() {
        let head = if at == 0 { "<dt>judged alike</dt>" } else { "" };
        writeln!(out, "{head}<dd>{} {}</dd>", Esc(&other.clause.id), text(&demand(other.clause)))?;
    }
    let rules: Vec<&RuleView<'_>> = view.rules.iter().filter(|rule| rule.info.clauses.contains(&clause.id)).collect();
    writeln!(out, "<dt>result</dt><dd>{}</dd>", badge(clause.status))?;
    writeln!(out, "<dt>population</dt><dd>{}: {}</dd>", counted(summary.total(), "verdict"), tally(summary))?;
    if let Some(evidence) = &clause.evidence {
        writeln!(out, "<dt>evidence</dt><dd>{}</dd>", text(evidence))?;
    }
    write!(out, "<dt>how tested</dt>")?;
    for rule in &rules {
        writeln!(out, "<dd>{}: {} ({})</dd>", link(view, &rule.info.id), text(&rule.info.title), tested(rule.info))?;
    }
    for silent in clause.rules.iter().filter(|name| !rules.iter().any(|rule| rule.info.id == **name)) {
        writeln!(out, "<dd>{}</dd>", link(view, silent))?;
    }
    let verdicts = || rules.iter().flat_map(|rule| rule.verdicts.iter().copied());
    findings("deviations", Outcome::Fail, verdicts(), summary.fail, out)?;
    findings("not evaluable", Outcome::Unknown, verdicts(), summary.unknown, out)?;
    let mut exceptions: BTreeMap<&str, (u64, &Verdict)> = BTreeMap::new();
    for verdict in verdicts() {
        if let Some(waiver) = &verdict.waiver {
            exceptions.entry(&waiver.id).or_insert((0, verdict)).0 += 1;
        }
    }
    for (at, (name, (covers, verdict))) in exceptions.iter().enumerate() {
        let until = verdict.waiver.as_ref().map(|waiver| moment(waiver.expires)).unwrap_or_default();
        let head = if at == 0 { "<dt>approved exceptions</dt>" } else { "" };
        writeln!(out, "{head}<dd>{}: {}, until {until}</dd>", id(name), counted(*covers, "verdict"))?;
    }
    let controls = view.assessment.frameworks.iter().flat_map(|framework| {
        let mapped = framework.controls.iter().filter(|control| control.clauses.contains(&clause.id));
        mapped.map(|control| format!("{} {}", text(&framework.title), text(&control.id)))
    });
    let controls: Vec<String> = controls.collect();
    if !controls.is_empty() {
        writeln!(out, "<dt>mapped to</dt><dd>{}</dd>", controls.join("; "))?;
    }
    writeln!(out, "<dt>what would change it</dt><dd>{}</dd>\n</dl></article>", change(clause.status, &rules))
}

fn tested(rule: &RuleInfo) -> String {
    let parameters = parameters(&rule.expected);
    let expected = if parameters.is_empty() { String::new() } else { format!(", {}", id(&parameters)) };
    format!("check {}{expected}", id(&rule.check))
}

fn findings<'v>(
    head: &str,
    outcome: Outcome,
    verdicts: impl Iterator<Item = &'v Verdict>,
    all: u64,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let named: Vec<String> = verdicts
        .filter(|verdict| verdict.outcome == outcome)
        .take(NAMED)
        .map(|verdict| {
            format!("<a href=\"#v-{}\"><bdi>{}</bdi></a>", verdict.fingerprint(), Esc(short_name(&verdict.subject)))
        })
        .collect();
    if named.is_empty() {
        return Ok(());
    }
    let more = match all.saturating_sub(named.len() as u64) {
        0 => String::new(),
        more => format!(" and {more} more, under the rules"),
    };
    writeln!(out, "<dt>{head}</dt><dd>{all}: {}{more}</dd>", named.join(", "))
}

/// What stands between the clause and another result.
fn change(status: Outcome, rules: &[&RuleView<'_>]) -> String {
    let remedies = |outcome: Outcome| {
        let open = rules.iter().filter(move |rule| rule.summary.of(outcome) > 0 && !rule.info.remedy.is_empty());
        open.map(|rule| ticked(&rule.info.remedy)).collect::<Vec<_>>().join("; ")
    };
    match status {
        Outcome::Fail => match remedies(Outcome::Fail) {
            remedies if remedies.is_empty() => "every deviation put right, or under an approved exception".to_owned(),
            remedies => format!("every deviation put right: {remedies}"),
        },
        Outcome::Unknown => {
            "the missing evidence: see what could not be read, and the sentence of each verdict".to_owned()
        }
        Outcome::Waived => "the end of the exception: from then on it is a deviation".to_owned(),
        Outcome::Pass => "one deviation, or one thing that cannot be judged".to_owned(),
        Outcome::NotApplicable => "a thing to which the rules apply".to_owned(),
    }
}
