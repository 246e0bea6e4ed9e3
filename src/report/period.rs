//! A period as bytes: for a terminal, as a page, as Markdown, as CSV (one row per resource and day) and as JSON.
//!
//! As everywhere in [`crate::report`], nothing is judged here, and every text that people named is made harmless.

use std::io::{self, Write};

use csv::{QuoteStyle, Terminator, WriterBuilder};

use super::RenderOptions;
use super::csv::{cause, safe};
use super::markdown::escape::{code, prose};
use super::words::{counted, moment};
use crate::model::period::{DayState, Deviation, PeriodAssessment, PeriodResult, Totals};

/// The formats of a period: name, and file of `--out`.
pub const FORMATS: &[(&str, &str)] = &[
    ("table", "period.txt"),
    ("json", "period.json"),
    ("csv", "resource-days.csv"),
    ("markdown", "period.md"),
    ("html", "period.html"),
    ("xlsx", "period.xlsx"),
    #[cfg(feature = "pdf")]
    ("pdf", "period.pdf"),
    ("oscal", "oscal-assessment-results.json"),
    ("oscal-poam", "oscal-poam.json"),
];

/// Write `period` in the format of this name.
///
/// # Errors
/// Those of `out`; a name that is no format.
pub fn write(period: &PeriodAssessment, format: &str, options: &RenderOptions, out: &mut dyn Write) -> io::Result<()> {
    match format {
        "table" => super::table::period::write(period, options, out),
        "json" => {
            serde_json::to_writer_pretty(&mut *out, period)?;
            writeln!(out)
        }
        "csv" => csv(period, out),
        "markdown" => markdown(period, out),
        "html" => super::html::period::write(period, out),
        "xlsx" => super::xlsx::write_period(period, out),
        #[cfg(feature = "pdf")]
        "pdf" => super::pdf::write_period(period, out),
        "oscal" => super::oscal::period_results(period, out),
        "oscal-poam" => super::oscal::period_poam(period, out),
        other => Err(io::Error::other(format!("`{other}` is not a format of periods"))),
    }
}

/// The result in capitals where somebody has to look.
pub(super) const fn label(result: PeriodResult) -> &'static str {
    match result {
        PeriodResult::NotSatisfied => "NOT SATISFIED",
        PeriodResult::NotEvaluable => "NOT EVALUABLE",
        PeriodResult::Excepted => "EXCEPTED",
        PeriodResult::Satisfied => "satisfied",
        PeriodResult::NotApplicable => "n/a",
    }
}

/// The result with what it rests on, in a sentence.
pub(super) fn conclusion(period: &PeriodAssessment) -> String {
    let open = period.deviations.iter().filter(|deviation| deviation.exception.is_none()).count() as u64;
    let excepted = period.deviations.len() as u64 - open;
    let mut parts = vec![counted(open, "deviation")];
    if excepted > 0 {
        parts.push(format!("{excepted} under an approved exception"));
    }
    let blind = period.collector.iter().filter(|day| day.runs == 0).count() as u64;
    if blind > 0 {
        parts.push(format!("{} without a run", counted(blind, "day")));
    }
    format!("{}; {}", parts.join(", "), days(&period.totals))
}

/// Resource-days in words.
pub(super) fn days(totals: &Totals) -> String {
    let Totals { required, ok, retried, issues, missed, excepted, no_evidence, open } = totals;
    let mut parts = vec![format!("{ok} met")];
    for (number, what) in [
        (retried, "of these at a second attempt"),
        (issues, "with issues only"),
        (missed, "missed"),
        (excepted, "under an approved exception"),
        (no_evidence, "without evidence"),
    ] {
        if *number > 0 {
            parts.push(format!("{number} {what}"));
        }
    }
    let still = if *open > 0 { format!("; {open} not over yet") } else { String::new() };
    format!("over the period, {} required: {}{still}", counted(*required, "resource-day"), parts.join(", "))
}

/// What stands behind a deviation: put right, or under an exception.
pub(super) fn standing(deviation: &Deviation) -> String {
    match (&deviation.exception, deviation.remediated) {
        (Some(exception), _) => format!("approved exception {exception}"),
        (None, true) => "put right since".to_owned(),
        (None, false) => "open".to_owned(),
    }
}

/// One row per resource and day on which something was demanded or open.
fn csv(period: &PeriodAssessment, out: &mut dyn Write) -> io::Result<()> {
    let mut rows =
        WriterBuilder::new().terminator(Terminator::CRLF).quote_style(QuoteStyle::Necessary).from_writer(out);
    rows.write_record(["day", "state", "rule", "resource", "name", "kind", "account", "region", "remark"])
        .map_err(cause)?;
    let first = period.period.first.parse::<chrono::NaiveDate>().map_err(io::Error::other)?;
    for row in &period.matrix {
        for (date, state, remark) in row.each(first).filter(|(_, state, _)| *state != DayState::NotInScope) {
            let day = date.to_string();
            let cells = [
                &day,
                state.id(),
                &row.rule,
                &row.resource,
                &row.name,
                row.kind.id(),
                &row.account,
                &row.region,
                remark,
            ];
            rows.write_record(cells.map(|cell| safe(cell).into_owned())).map_err(cause)?;
        }
    }
    rows.flush()
}

fn markdown(period: &PeriodAssessment, out: &mut dyn Write) -> io::Result<()> {
    let days = &period.period;
    writeln!(out, "## {}: {}\n\n{}.\n", label(period.result), prose(&days.name), prose(&conclusion(period)))?;
    writeln!(
        out,
        "* Policy {} {}, SHA-256 {}",
        code(&period.policy.id, false),
        prose(&period.policy.version),
        code(&period.policy.sha256, false)
    )?;
    writeln!(
        out,
        "* Over {} to {}: {} of the zone {}",
        days.first,
        days.last,
        counted(days.days, "day"),
        prose(&days.zone)
    )?;
    writeln!(
        out,
        "* As of {}; {} read in or around the period",
        moment(period.as_of),
        counted(period.runs.len() as u64, "run")
    )?;
    for used in &period.policies {
        writeln!(
            out,
            "* In force from {} to {}: version {} ({}), by {}; {}",
            used.first_day,
            used.last_day,
            prose(&used.version),
            code(&used.sha256, false),
            counted(used.runs, "run"),
            self::days(&used.totals)
        )?;
    }
    writeln!(out, "\n### Clauses\n\n| clause | demand | result | deviations | excepted | no evidence |")?;
    writeln!(out, "| --- | --- | --- | ---: | ---: | ---: |")?;
    for clause in &period.clauses {
        let planned = if clause.in_force { "" } else { " (planned)" };
        writeln!(
            out,
            "| {} | {} | {}{planned} | {} | {} | {} |",
            prose(&clause.id),
            prose(&clause.demand),
            label(clause.result),
            clause.deviations,
            clause.excepted,
            clause.no_evidence
        )?;
    }
    writeln!(out, "\n### Rules\n\n| rule | result | what was found |\n| --- | --- | --- |")?;
    for rule in &period.rules {
        writeln!(out, "| {} | {} | {} |", code(&rule.id, true), label(rule.result), prose(&rule.sentence))?;
    }
    writeln!(out, "\n### Deviations\n")?;
    if period.deviations.is_empty() {
        writeln!(out, "None.")?;
    } else {
        writeln!(
            out,
            "| id | class | days | rule | thing | what happened | standing |\n| --- | --- | --- | --- | --- | --- | --- |"
        )?;
    }
    for one in &period.deviations {
        writeln!(
            out,
            "| {} | {} | {} to {} | {} | {} | {} | {} |",
            one.id,
            one.class.id(),
            one.first_day,
            one.last_day,
            code(&one.rule, true),
            code(&one.resource, true),
            prose(&one.sentence),
            prose(&standing(one))
        )?;
    }
    if !period.calendar.is_empty() {
        writeln!(
            out,
            "\n### Tests by calendar\n\n| rule | thing | unit | state | passed |\n| --- | --- | --- | --- | --- |"
        )?;
    }
    for cell in &period.calendar {
        let at = cell.at.map(moment).unwrap_or_default();
        writeln!(
            out,
            "| {} | {} | {} | {} | {at} |",
            code(&cell.rule, true),
            code(&cell.resource, true),
            cell.unit,
            cell.state.id()
        )?;
    }
    writeln!(out, "\n### What could not be read\n")?;
    if period.gaps.is_empty() {
        writeln!(out, "Nothing that a run asked for.")?;
    }
    for gap in &period.gaps {
        let what = &gap.gap;
        writeln!(
            out,
            "* {} to {}, {}: {} in {} {}: {} ({}); it needs {}",
            gap.first_day,
            gap.last_day,
            counted(gap.runs, "run"),
            code(&what.call(), false),
            prose(&what.account),
            prose(&what.region),
            what.status,
            prose(&what.code),
            code(&what.iam_action, false)
        )?;
    }
    Ok(())
}
