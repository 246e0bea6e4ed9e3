//! A period on a terminal: result, clauses, deviations, tests by calendar, and when nobody looked.

use std::io;

use super::page::{Page, Tone};
use crate::model::arn::short;
use crate::model::period::{CollectorDay, PeriodAssessment, PeriodResult};
use crate::report::RenderOptions;
use crate::report::period::{conclusion, days, label, standing};
use crate::report::words::{counted, moment};

/// So many deviations are listed; the rest is counted.
const LISTED: usize = 20;

pub(in crate::report) fn write(
    period: &PeriodAssessment,
    options: &RenderOptions,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let mut page = Page::new(out, options);
    head(period, &mut page)?;
    clauses(period, &mut page)?;
    deviations(period, &mut page)?;
    calendar(period, &mut page)?;
    collector(period, &mut page)?;
    gaps(period, &mut page)?;
    page.blank()?;
    page.item(0, tone(period.result), &format!("{}:", label(period.result)), &conclusion(period))
}

const fn tone(result: PeriodResult) -> Tone {
    match result {
        PeriodResult::NotSatisfied => Tone::Bad,
        PeriodResult::NotEvaluable => Tone::Unsure,
        PeriodResult::Excepted => Tone::Excused,
        PeriodResult::Satisfied => Tone::Good,
        PeriodResult::NotApplicable => Tone::Plain,
    }
}

fn head(period: &PeriodAssessment, page: &mut Page<'_>) -> io::Result<()> {
    page.item(0, tone(period.result), &format!("{}:", label(period.result)), &conclusion(period))?;
    page.blank()?;
    let asked = &period.period;
    page.field(
        "period",
        &format!("{}: {} to {}, {} of {}", asked.name, asked.first, asked.last, counted(asked.days, "day"), asked.zone),
    )?;
    page.field("as of", &moment(period.as_of))?;
    page.field("policy", &format!("{} {}: {}", period.policy.id, period.policy.version, period.policy.title))?;
    for used in &period.policies {
        let span = format!("{} to {}", used.first_day, used.last_day);
        let digest = used.sha256.get(..12).unwrap_or(&used.sha256);
        let changed = if period.policies.len() > 1 { format!("; {}", days(&used.totals)) } else { String::new() };
        page.field(
            "in force",
            &format!("{span}: version {} ({digest}…), {}{changed}", used.version, counted(used.runs, "run")),
        )?;
    }
    let whole = period.runs.iter().filter(|run| run.complete).count();
    page.field("runs", &format!("{}, {whole} of them complete", counted(period.runs.len() as u64, "run")))
}

fn clauses(period: &PeriodAssessment, page: &mut Page<'_>) -> io::Result<()> {
    page.heading("Clauses")?;
    page.row(&format!("{:<8} {:<14} {:>5} {:>5} {:>7}  {}", "clause", "result", "dev.", "exc.", "no evid.", "rules"))?;
    for clause in &period.clauses {
        let planned = if clause.in_force { "" } else { " (planned)" };
        let rules: Vec<&str> = clause.rules.iter().map(|rule| rule.as_str()).collect();
        let text = format!(
            "{:<14} {:>5} {:>5} {:>8}  {}{planned}",
            label(clause.result),
            clause.deviations,
            clause.excepted,
            clause.no_evidence,
            rules.join(", ")
        );
        page.item(0, tone(clause.result), &format!("{:<8}", clause.id), &text)?;
    }
    page.heading("Rules")?;
    for rule in period.rules.iter().filter(|rule| rule.result != PeriodResult::NotApplicable) {
        page.item(
            0,
            tone(rule.result),
            &format!("{:<14}", label(rule.result)),
            &format!("{}: {}", rule.id, rule.sentence),
        )?;
    }
    Ok(())
}

fn deviations(period: &PeriodAssessment, page: &mut Page<'_>) -> io::Result<()> {
    if period.deviations.is_empty() {
        return Ok(());
    }
    page.heading("Deviations")?;
    for one in period.deviations.iter().take(LISTED) {
        let tone = if one.exception.is_some() { Tone::Excused } else { Tone::Bad };
        let days = if one.first_day == one.last_day {
            one.first_day.to_string()
        } else {
            format!("{} to {}", one.first_day, one.last_day)
        };
        page.item(0, tone, &one.id, &format!("{} {} {days}, {}", one.class.id(), one.severity, standing(one)))?;
        page.text(2, &format!("{} on {}: {}", one.rule, short(&one.resource), one.sentence))?;
    }
    match period.deviations.len().saturating_sub(LISTED) {
        0 => Ok(()),
        more => page.text(0, &format!("and {more} more; `--format json` and `markdown` list all of them")),
    }
}

fn calendar(period: &PeriodAssessment, page: &mut Page<'_>) -> io::Result<()> {
    if period.calendar.is_empty() {
        return Ok(());
    }
    page.heading("Tests by calendar")?;
    for cells in period.calendar.chunk_by(|a, b| a.rule == b.rule && a.resource == b.resource).take(LISTED) {
        let Some(first) = cells.first() else { continue };
        let each: Vec<String> = cells
            .iter()
            .map(|cell| {
                let at = cell.at.map(|at| at.format(" %Y-%m-%d").to_string()).unwrap_or_default();
                format!("{} {}{at}", cell.unit, cell.state.id())
            })
            .collect();
        page.item(0, Tone::Strong, &format!("{}:", first.rule), &format!("{}: {}", first.name, each.join(", ")))?;
    }
    Ok(())
}

/// One letter a day, month by month: was anybody looking?
fn collector(period: &PeriodAssessment, page: &mut Page<'_>) -> io::Result<()> {
    page.heading("Was anybody looking?")?;
    page.text(0, "+ a complete run, ~ a run with gaps, - no run on this day, ? resource-days without evidence")?;
    let month = |day: &CollectorDay| day.day.get(..7).unwrap_or_default().to_owned();
    for days in period.collector.chunk_by(|a, b| month(a) == month(b)) {
        let letter = |day: &CollectorDay| match (day.runs, day.complete, day.no_evidence) {
            (_, _, 1..) => '?',
            (0, ..) => '-',
            (_, 0, _) => '~',
            _ => '+',
        };
        let before = days.first().and_then(|day| day.day.get(8..)?.parse::<usize>().ok()).unwrap_or(1) - 1;
        let letters: String = days.iter().map(letter).collect();
        page.row(&format!("{} {}{letters}", days.first().map(month).unwrap_or_default(), " ".repeat(before)))?;
    }
    let blind: Vec<&CollectorDay> = period.collector.iter().filter(|day| day.no_evidence > 0).collect();
    for day in blind.iter().take(LISTED) {
        page.text(0, &format!("{}: {} without evidence", day.day, counted(day.no_evidence, "resource-day")))?;
    }
    match blind.len().saturating_sub(LISTED) {
        0 => Ok(()),
        more => page.text(0, &format!("and {}", counted(more as u64, "more day"))),
    }
}

fn gaps(period: &PeriodAssessment, page: &mut Page<'_>) -> io::Result<()> {
    if period.gaps.is_empty() {
        return Ok(());
    }
    page.heading("What could not be read")?;
    for gap in period.gaps.iter().take(LISTED) {
        let what = &gap.gap;
        let text = format!(
            "{} to {}, {}: {} in {} {} ({}); it needs {}",
            gap.first_day,
            gap.last_day,
            counted(gap.runs, "run"),
            what.call(),
            what.account,
            what.region,
            what.code,
            what.iam_action
        );
        page.item(0, Tone::Unsure, what.status.id(), &text)?;
    }
    match period.gaps.len().saturating_sub(LISTED) {
        0 => Ok(()),
        more => page.text(0, &format!("and {more} more")),
    }
}
