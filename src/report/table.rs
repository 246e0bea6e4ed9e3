//! The report on a terminal: what is wrong, how sure we are, what to do.

mod frameworks;
pub(super) mod page;
pub(super) mod period;
pub(super) mod plan;
mod wrap;

use std::io;

use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, Width, presets};

use crate::model::assessment::{Assessment, Subject, Summary, Verdict};
use crate::model::outcome::Outcome;
use crate::model::text::Text;

use super::RenderOptions;
use super::conclusion::Standing;
use super::safe::visible;
use super::view::{ClauseView, GapView, RuleView, View};
use super::words::{
    LAST_GOOD, clause_label, counted, demand, incomplete, label, len, meaning, moment, parameters, place, policy_name,
    scope, short_name, stamp, tally,
};
pub(super) use frameworks::mapping;
use page::{Page, Tone};

/// So many verdicts of a rule, and so many places of a gap, are listed; the rest is counted.
const LISTED: usize = 20;

/// More clauses than so many that are judged alike share a row.
const FEW: usize = 3;

/// Where the text of a finding starts.
const INDENT: usize = 13;

pub(super) fn write(assessment: &Assessment, options: &RenderOptions, out: &mut dyn io::Write) -> io::Result<()> {
    let view = View::new(assessment);
    let mut page = Page::new(out, options);
    headline(&view, &mut page)?;
    clauses(&view.clauses, &mut page)?;
    findings(&view, &mut page)?;
    policy_findings(assessment, &mut page)?;
    gaps(&view.gaps, &mut page)?;
    frameworks::summary(assessment, &mut page)?;
    closing(&view, &mut page)
}

/// Comes first and last: a long report leaves its end on the screen.
fn conclusion(view: &View<'_>, page: &mut Page<'_>) -> io::Result<()> {
    let tone = match view.conclusion.standing {
        Standing::Compliant => Tone::Good,
        Standing::NotProven => Tone::Unsure,
        Standing::NotCompliant => Tone::Bad,
    };
    page.item(0, tone, &format!("{}:", view.conclusion.standing.headline()), &view.conclusion.basis())?;
    if let Some(sentence) = incomplete(view.assessment) {
        page.item(0, Tone::Unsure, "NOT COMPLETE:", &sentence)?;
    }
    Ok(())
}

fn headline(view: &View<'_>, page: &mut Page<'_>) -> io::Result<()> {
    conclusion(view, page)?;
    let Assessment { run, policy, inventory, .. } = view.assessment;
    page.blank()?;
    page.field("policy", &format!("{}: {}", policy_name(policy), policy.title))?;
    page.field("as of", &moment(run.as_of))?;
    let by = run.caller.as_deref().map(|caller| format!(" by {caller}")).unwrap_or_default();
    page.field(
        "read",
        &format!("{}; at {} from {}{by}", scope(view.assessment), moment(inventory.captured_at), run.source),
    )?;
    let summary = &view.summary;
    page.field("verdicts", &format!("{}: {}", summary.total(), tally(summary)))
}

fn clauses(clauses: &[ClauseView<'_>], page: &mut Page<'_>) -> io::Result<()> {
    if clauses.is_empty() {
        return Ok(());
    }
    page.heading("Clauses")?;
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .force_no_tty()
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(page.width).unwrap_or(u16::MAX))
        .set_header(["clause", "demand", "status", "fail", "unk.", "waiv.", "pass", "n/a"]);
    for alike in clauses.chunk_by(ClauseView::is_alike) {
        // A few rows say more than one that counts them.
        for rows in if alike.len() > FEW { vec![alike] } else { alike.chunks(1).collect() } {
            table.add_row(clause_row(rows));
        }
    }
    for (at, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 1));
        match at {
            0 => {
                column.set_constraint(ColumnConstraint::UpperBoundary(Width::Fixed(10)));
            }
            1 => {}
            _ => {
                column.set_constraint(ColumnConstraint::ContentWidth);
            }
        }
        if at > 2 {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    for line in table.lines() {
        page.row(line.trim_end())?;
    }
    Ok(())
}

/// The row of one clause, or of several that are judged alike.
fn clause_row(alike: &[ClauseView<'_>]) -> Vec<String> {
    let ([first, ..], [.., last]) = (alike, alike) else { return Vec::new() };
    let ClauseView { clause, summary: Summary { fail, unknown, waived, pass, not_applicable } } = first;
    let planned = if clause.in_force { "" } else { "\nplanned" };
    let (id, demand) = if alike.len() == 1 {
        (clause.id.to_string(), demand(clause).to_string())
    } else {
        let rules: Vec<&str> = clause.rules.iter().map(Text::as_str).collect();
        let demand = format!("{} statements, judged together by {}", alike.len(), rules.join(", "));
        (format!("{} to {}", clause.id, last.clause.id), demand)
    };
    let mut row =
        vec![visible(&id).into_owned(), visible(&demand).into_owned(), format!("{}{planned}", clause_label(clause))];
    row.extend([fail, unknown, waived, pass, not_applicable].map(ToString::to_string));
    row
}

fn findings(view: &View<'_>, page: &mut Page<'_>) -> io::Result<()> {
    let mut clause = None;
    let shown = |rule: &&RuleView<'_>| rule.has_findings() || rule.summary.waived > 0;
    for rule in view.rules.iter().filter(shown) {
        if clause.is_none() {
            page.heading("Findings and approved exceptions")?;
        }
        let id = rule.info.clauses.first().map_or("", |id| id.as_str());
        if clause != Some(id) {
            clause = Some(id);
            page.blank()?;
            let planned = if rule.is_planned() { " (planned: judged and shown, not counted)" } else { "" };
            match rule.clause {
                Some(known) => page.item(
                    0,
                    Tone::Strong,
                    &format!("clause {}:", known.id),
                    &format!("{}{planned}", demand(known)),
                )?,
                None if id.is_empty() => page.item(0, Tone::Strong, "no clause:", "rules that serve no clause")?,
                None => page.item(0, Tone::Strong, &format!("clause {id}:"), "not in the register")?,
            }
        }
        self::rule(rule, page)?;
    }
    Ok(())
}

fn rule(rule: &RuleView<'_>, page: &mut Page<'_>) -> io::Result<()> {
    let info = rule.info;
    page.blank()?;
    page.item(2, Tone::Strong, &format!("{}:", info.id), &info.title)?;
    let also: Vec<&str> = info.clauses.iter().skip(1).map(|id| id.as_str()).collect();
    let also = if also.is_empty() { String::new() } else { format!("; also serves {}", also.join(", ")) };
    page.text(4, &format!("severity {}; {}{also}", info.severity, tally(&rule.summary)))?;
    let several = rule.variants.len() > 1;
    for variant in &rule.variants {
        let whom = if several { format!("  ({})", counted(variant.verdicts, "verdict")) } else { String::new() };
        let parameters = parameters(&variant.info.expected);
        if !parameters.is_empty() {
            page.text(4, &format!("expected: {parameters}{whom}"))?;
        }
    }
    for outcome in [Outcome::Fail, Outcome::Unknown, Outcome::Waived] {
        let all = rule.summary.of(outcome);
        listed(rule.with(outcome), page)?;
        let more = all.saturating_sub(LISTED as u64);
        if more > 0 {
            page.text(4, &format!("… and {more} more of {all} {outcome}: the csv, json and html reports list all"))?;
        }
    }
    if rule.has_findings() && !info.remedy.is_empty() {
        page.item(4, Tone::Plain, "remedy:", &info.remedy)?;
    }
    Ok(())
}

/// The first of `verdicts`, which have one outcome; those that say the same stand beneath one sentence.
fn listed<'a>(verdicts: impl Iterator<Item = &'a Verdict>, page: &mut Page<'_>) -> io::Result<()> {
    let mut groups: Vec<(Text, Vec<&Verdict>)> = Vec::new();
    for verdict in verdicts.take(LISTED) {
        let reason = verdict.reason();
        match groups.iter_mut().find(|(known, _)| *known == reason && verdict.waiver.is_none()) {
            Some((_, group)) => group.push(verdict),
            None => groups.push((reason, vec![verdict])),
        }
    }
    for (reason, group) in &groups {
        match group.as_slice() {
            [verdict] => self::verdict(verdict, page)?,
            several => {
                let outcome = several.first().map_or(Outcome::Fail, |verdict| verdict.outcome);
                page.item(4, Tone::of(outcome), &format!("{:<8}", label(outcome)), reason)?;
                for verdict in several {
                    let last_good = verdict.fact(LAST_GOOD).map(|at| format!("  last good {at}")).unwrap_or_default();
                    page.text(INDENT, &format!("{}{}{last_good}", who(&verdict.subject), tail(&verdict.subject)))?;
                }
            }
        }
    }
    Ok(())
}

/// Name, kind, place and application.
fn who(subject: &Subject) -> String {
    let place = match place(subject) {
        place if place.is_empty() => place,
        place => format!(" in {place}"),
    };
    let application = subject.application.as_deref().map(|name| format!(" of {name}")).unwrap_or_default();
    format!("{}  {}{application}{place}", short_name(subject), subject.kind)
}

/// The id at the end of the ARN, where it is not the name.
fn tail(subject: &Subject) -> String {
    match subject.resource.rsplit([':', '/']).next() {
        Some(tail) if !tail.is_empty() && subject.name != tail => format!("  {tail}"),
        _ => String::new(),
    }
}

fn verdict(verdict: &Verdict, page: &mut Page<'_>) -> io::Result<()> {
    let subject = &verdict.subject;
    page.item(4, Tone::of(verdict.outcome), &format!("{:<8}", label(verdict.outcome)), &who(subject))?;
    page.text(INDENT, &verdict.reason())?;
    if let Some(waiver) = &verdict.waiver {
        page.text(
            INDENT,
            &format!(
                "approved exception {} (raw outcome {}): {}; asked for by {}, approved by {} on {}, until {}",
                waiver.id,
                verdict.raw_outcome,
                waiver.reason,
                waiver.requested_by,
                waiver.approved_by,
                waiver.approved_on,
                moment(waiver.expires)
            ),
        )?;
    }
    if let Some(at) = verdict.fact(LAST_GOOD) {
        page.text(INDENT, &format!("last good: {at}"))?;
    }
    if subject.resource != subject.name {
        page.identifier(INDENT, &subject.resource)?;
    }
    Ok(())
}

fn policy_findings(assessment: &Assessment, page: &mut Page<'_>) -> io::Result<()> {
    if assessment.policy_findings.is_empty() {
        return Ok(());
    }
    page.heading("The policy itself")?;
    page.blank()?;
    for finding in &assessment.policy_findings {
        let word = if finding.outcome == Outcome::NotApplicable { "note" } else { label(finding.outcome) };
        page.item(2, Tone::of(finding.outcome), &format!("{word:<8}"), &finding.message)?;
        let at = &finding.policy_at;
        page.text(11, &format!("{}, severity {}, {}:{}", finding.code, finding.severity, at.file, at.line))?;
    }
    Ok(())
}

fn gaps(groups: &[GapView<'_>], page: &mut Page<'_>) -> io::Result<()> {
    if groups.is_empty() {
        return Ok(());
    }
    page.heading("Not read")?;
    for group in groups {
        page.blank()?;
        let things = counted(len(&group.gaps), "thing");
        page.item(
            2,
            Tone::Unsure,
            &format!("needs {}:", group.action),
            &format!("{} ({}), {things}", group.status, group.code),
        )?;
        for gap in group.gaps.iter().take(LISTED) {
            let what = gap.resource.as_deref().unwrap_or("the whole list");
            page.text(4, &format!("{}/{}  {}  {what}", gap.account, gap.region, gap.call()))?;
            if let Some(message) = &gap.message {
                page.text(6, message)?;
            }
        }
        let more = group.gaps.len().saturating_sub(LISTED);
        if more > 0 {
            page.text(4, &format!("… and {more} more of {}: the json and html reports list all", group.gaps.len()))?;
        }
    }
    Ok(())
}

fn closing(view: &View<'_>, page: &mut Page<'_>) -> io::Result<()> {
    page.heading("How to read this")?;
    for outcome in Outcome::ALL {
        if view.summary.of(outcome) > 0 {
            page.item(2, Tone::of(outcome), &format!("{:<8}", label(outcome)), meaning(outcome))?;
        }
    }
    page.blank()?;
    for step in view.conclusion.next_steps() {
        page.item(0, Tone::Plain, "next:", step)?;
    }
    let Assessment { run, policy, inventory, .. } = view.assessment;
    page.blank()?;
    page.text(0, &format!("lastgood {}, run {}, as of {}", run.version, run.id, stamp(run.as_of)))?;
    page.text(0, "sha256 of what was judged, and by what:")?;
    page.field("facts", &inventory.sha256)?;
    page.field("policy", &policy.sha256)?;
    page.blank()?;
    conclusion(view, page)
}
