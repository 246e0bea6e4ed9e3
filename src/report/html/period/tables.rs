//! The tables of a period: clauses, rules, deviations, exceptions, tests by calendar, gaps, runs.

use std::collections::BTreeMap;
use std::io;

use crate::model::outcome::Outcome;
use crate::model::period::{Basis, CalendarState, PeriodAssessment};

use super::super::super::period::{days, standing};
use super::super::super::words::moment;
use super::super::escape::Esc;
use super::super::scope::{self, id, text};
use super::super::{end_table, mark, table};
use super::badge;

/// So many rows of a table stand on the page; the other formats hold all.
const LISTED: usize = 2_000;

fn open(out: &mut dyn io::Write, anchor: &str, title: &str) -> io::Result<()> {
    writeln!(out, "<section aria-labelledby=\"{anchor}\">\n<h2 id=\"{anchor}\">{title}</h2>")
}

fn cut(all: usize, out: &mut dyn io::Write) -> io::Result<()> {
    if all > LISTED {
        writeln!(out, "<p class=\"soft\">{LISTED} of {all} are listed; the JSON report holds all.</p>")?;
    }
    Ok(())
}

pub(super) fn clauses(period: &PeriodAssessment, out: &mut dyn io::Write) -> io::Result<()> {
    open(out, "clauses", "Clauses of the written policy")?;
    let heads = [
        ("", "clause"),
        ("", "demand"),
        ("", "result"),
        ("n", "deviations"),
        ("n", "excepted"),
        ("n", "without evidence"),
        ("", "rules"),
    ];
    table(out, "t-clauses", "Clauses over the period: the worst result of their rules", &heads)?;
    for clause in &period.clauses {
        let planned = if clause.in_force { "" } else { " <span class=\"planned\">planned</span>" };
        let rules: Vec<String> = clause.rules.iter().map(|rule| link(period, rule)).collect();
        writeln!(
            out,
            "<tr class=\"clause-row\"><th scope=\"row\">{}</th><td>{}</td><td>{}{planned}</td><td class=\"n\">{}</td>\
             <td class=\"n\">{}</td><td class=\"n\">{}</td><td>{}</td></tr>",
            Esc(&clause.id),
            text(&clause.demand),
            badge(clause.result),
            clause.deviations,
            clause.excepted,
            clause.no_evidence,
            rules.join(", ")
        )?;
    }
    end_table(out)?;
    writeln!(out, "</section>")
}

/// A rule's name, as a link to its row.
fn link(period: &PeriodAssessment, rule: &str) -> String {
    match period.rules.iter().position(|known| *known.id == *rule) {
        Some(at) => format!("<a href=\"#rule-{at}\">{}</a>", Esc(rule)),
        None => Esc(rule).to_string(),
    }
}

pub(super) fn rules(period: &PeriodAssessment, out: &mut dyn io::Write) -> io::Result<()> {
    open(out, "rules", "Rules")?;
    let heads = [
        ("", "rule"),
        ("", "demand"),
        ("", "basis"),
        ("", "result"),
        ("n", "things"),
        ("n", "deviations"),
        ("long", "what was found"),
    ];
    table(out, "t-rules", "Rules over the period", &heads)?;
    for (at, rule) in period.rules.iter().enumerate() {
        let basis = match rule.basis {
            Basis::Daily => "day by day",
            Basis::Calendar => "by calendar",
            Basis::Observed => "as observed",
        };
        writeln!(
            out,
            "<tr class=\"rule-row\"><th scope=\"row\" id=\"rule-{at}\">{}</th><td>{}<br>check {}, severity {}</td><td>{basis}</td>\
             <td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"long\">{}</td></tr>",
            id(&rule.id),
            text(&rule.title),
            id(&rule.check),
            rule.severity,
            badge(rule.result),
            rule.things,
            rule.deviations,
            text(&rule.sentence)
        )?;
    }
    end_table(out)?;
    writeln!(out, "</section>")
}

pub(super) fn deviations(period: &PeriodAssessment, out: &mut dyn io::Write) -> io::Result<()> {
    open(out, "deviations", "Deviations")?;
    if period.deviations.is_empty() {
        return writeln!(out, "<p>No deviation is known. Days without evidence are counted above.</p></section>");
    }
    let heads = [
        ("", "deviation"),
        ("", "class"),
        ("", "days"),
        ("", "rule"),
        ("", "thing"),
        ("long", "what happened"),
        ("", "standing"),
    ];
    table(out, "t-deviations", "Every deviation, put right since or not", &heads)?;
    for one in period.deviations.iter().take(LISTED) {
        let like = match (&one.exception, one.remediated) {
            (Some(_), _) => Outcome::Waived,
            (None, true) => Outcome::NotApplicable,
            (None, false) => Outcome::Fail,
        };
        writeln!(
            out,
            "<tr class=\"deviation\"><th scope=\"row\" id=\"d-{}\">{}</th><td>{}</td><td class=\"date\">{}<br>{}<br>{} d</td>\
             <td>{}</td><td>{}<br>{}</td><td class=\"long\">{}</td><td>{}</td></tr>",
            Esc(&one.id),
            Esc(&one.id),
            one.class.id(),
            one.first_day,
            one.last_day,
            one.days,
            link(period, &one.rule),
            text(&one.name),
            id(&one.resource),
            text(&one.sentence),
            mark(like, &Esc(&standing(one)).to_string())
        )?;
    }
    end_table(out)?;
    cut(period.deviations.len(), out)?;
    writeln!(out, "</section>")
}

pub(super) fn exceptions(period: &PeriodAssessment, out: &mut dyn io::Write) -> io::Result<()> {
    open(out, "exceptions", "Approved exceptions")?;
    if period.exceptions.is_empty() {
        return writeln!(out, "<p>The policy holds no approved exception.</p></section>");
    }
    let heads = [
        ("", "exception"),
        ("", "at the end"),
        ("", "reason"),
        ("", "asked for by"),
        ("", "approved by"),
        ("", "until"),
        ("n", "deviations"),
        ("", "rules and resources"),
    ];
    table(out, "t-exceptions", "Approved exceptions of the policy", &heads)?;
    for one in &period.exceptions {
        let waiver = &one.waiver;
        let state = scope::state(one, period.as_of, "in force");
        let of: Vec<String> = one.rules.iter().chain(&one.resources).map(|name| id(name)).collect();
        writeln!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{state}</td>{}<td class=\"n\">{}</td><td>{}</td></tr>",
            id(&waiver.id),
            scope::waiver(waiver),
            one.covers,
            of.join(", ")
        )?;
    }
    end_table(out)?;
    writeln!(out, "</section>")
}

/// A thing's name, and what became of it in each unit.
type Tested<'a> = (&'a str, BTreeMap<&'a str, String>);

/// A row per rule and thing, a column per quarter, month, half-year or year.
pub(super) fn calendar(period: &PeriodAssessment, out: &mut dyn io::Write) -> io::Result<()> {
    open(out, "calendar", "Tests by calendar")?;
    if period.calendar.is_empty() {
        return writeln!(out, "<p>No rule demands a test by calendar.</p></section>");
    }
    let mut units: Vec<&str> = period.calendar.iter().map(|cell| cell.unit.as_str()).collect();
    units.sort_unstable();
    units.dedup();
    let mut rows: BTreeMap<(&str, &str), Tested<'_>> = BTreeMap::new();
    for cell in &period.calendar {
        let like = match cell.state {
            CalendarState::Passed => Outcome::Pass,
            CalendarState::Late | CalendarState::Missing => Outcome::Fail,
            CalendarState::Excepted => Outcome::Waived,
            CalendarState::NoEvidence => Outcome::Unknown,
            CalendarState::NotDue | CalendarState::Open => Outcome::NotApplicable,
        };
        let at = cell.at.map(|at| format!("<br>{}", at.format("%Y-%m-%d"))).unwrap_or_default();
        let (_, cells) = rows.entry((&cell.rule, &cell.resource)).or_insert_with(|| (&cell.name, BTreeMap::new()));
        cells.insert(&cell.unit, format!("{}{at}", mark(like, cell.state.id())));
    }
    let mut heads = vec![("", "rule"), ("", "thing")];
    heads.extend(units.iter().map(|unit| ("", *unit)));
    table(out, "t-calendar", "Tests that the calendar demands, with the day on which each was passed", &heads)?;
    for ((rule, _), (name, cells)) in rows.iter().take(LISTED) {
        write!(out, "<tr class=\"calendar-row\"><th scope=\"row\">{}</th><td>{}</td>", link(period, rule), text(name))?;
        for unit in &units {
            write!(out, "<td>{}</td>", cells.get(unit).map_or("", String::as_str))?;
        }
        writeln!(out, "</tr>")?;
    }
    end_table(out)?;
    cut(rows.len(), out)?;
    writeln!(out, "</section>")
}

pub(super) fn policies(period: &PeriodAssessment, out: &mut dyn io::Write) -> io::Result<()> {
    let heads =
        [("", "version"), ("", "from"), ("", "to"), ("n", "runs"), ("long", "resource-days"), ("long", "SHA-256")];
    table(out, "t-policies", "Policy versions in force, by the runs that judged by them", &heads)?;
    for used in &period.policies {
        writeln!(
            out,
            "<tr><th scope=\"row\">{}</th><td class=\"date\">{}</td><td class=\"date\">{}</td><td class=\"n\">{}</td>\
             <td class=\"long\">{}</td><td class=\"long\">{}</td></tr>",
            text(&used.version),
            used.first_day,
            used.last_day,
            used.runs,
            Esc(&days(&used.totals)),
            id(&used.sha256)
        )?;
    }
    end_table(out)
}

pub(super) fn gaps(period: &PeriodAssessment, out: &mut dyn io::Write) -> io::Result<()> {
    if period.gaps.is_empty() {
        return writeln!(out, "<p>No run was refused anything, and every list was walked to its end.</p>");
    }
    let heads = [
        ("", "IAM action needed"),
        ("", "why"),
        ("", "account / region"),
        ("", "call"),
        ("", "from"),
        ("", "to"),
        ("n", "runs"),
    ];
    table(out, "t-gaps", "What could not be read, and on which days", &heads)?;
    for seen in period.gaps.iter().take(LISTED) {
        let gap = &seen.gap;
        let resource = gap.resource.as_deref().map(|resource| format!("<br>{}", id(resource))).unwrap_or_default();
        writeln!(
            out,
            "<tr class=\"gap\"><th scope=\"row\">{}</th><td>{} ({})</td><td>{}<br>{}</td><td>{}{resource}</td>\
             <td class=\"date\">{}</td><td class=\"date\">{}</td><td class=\"n\">{}</td></tr>",
            id(&gap.iam_action),
            gap.status,
            Esc(&gap.code),
            Esc(&gap.account),
            Esc(&gap.region),
            id(&gap.call()),
            seen.first_day,
            seen.last_day,
            seen.runs
        )?;
    }
    end_table(out)?;
    cut(period.gaps.len(), out)
}

pub(super) fn runs(period: &PeriodAssessment, out: &mut dyn io::Write) -> io::Result<()> {
    open(out, "runs", "Runs that this rests on")?;
    if period.runs.is_empty() {
        return writeln!(out, "<p>No run: nothing is shown.</p></section>");
    }
    let heads = [("", "run"), ("", "read at"), ("", "policy version"), ("", "complete"), ("long", "inventory SHA-256")];
    table(out, "t-runs", "Runs, with the digest of what each read", &heads)?;
    for run in period.runs.iter().take(LISTED) {
        let complete = if run.complete { "yes" } else { "no" };
        writeln!(
            out,
            "<tr class=\"run\"><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{complete}</td><td class=\"long\">{}</td></tr>",
            id(&run.id),
            moment(run.captured_at),
            text(&run.policy_version),
            id(&run.inventory)
        )?;
    }
    end_table(out)?;
    cut(period.runs.len(), out)?;
    writeln!(out, "</section>")
}
