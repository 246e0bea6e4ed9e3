//! The workbook of a period.

use std::io;

use chrono::NaiveDate;

use crate::model::ledger::Exception;
use crate::model::period::{Basis, DayState, PeriodAssessment};

use super::super::period::{conclusion, label, standing};
use super::super::words::policy_name;
use super::{Book, Cell, GAP};

/// Columns of a sheet: the limit of the file format, less those that name the resource.
const DAYS: usize = 16_384 - 6;

/// Write the workbook.
pub(in crate::report) fn write(period: &PeriodAssessment, out: &mut dyn io::Write) -> io::Result<()> {
    let title = format!("lastgood: {} {}", policy_name(&period.policy), period.period.name);
    let mut book = Book::new(&title, period.as_of);
    readme(period, &mut book)?;
    judged(period, &mut book)?;
    deviations(period, &mut book)?;
    exceptions(&period.exceptions, "deviations", &mut book)?;
    days(period, &mut book)?;
    evidence(period, &mut book)?;
    book.finish(out)
}

fn readme(period: &PeriodAssessment, book: &mut Book) -> io::Result<()> {
    let (days, totals) = (&period.period, &period.totals);
    let mut rows: Vec<Vec<Cell<'_>>> = vec![
        vec!["result".into(), label(period.result).into()],
        vec!["basis".into(), conclusion(period).into()],
        vec!["period".into(), format!("{}: {} to {}, days of {}", days.name, days.first, days.last, days.zone).into()],
        vec!["judged as of".into(), Cell::Time(Some(period.as_of))],
        vec!["policy".into(), policy_name(&period.policy).into()],
        vec!["policy SHA-256".into(), period.policy.sha256.as_str().into()],
        vec!["lastgood".into(), period.version.as_str().into()],
    ];
    for (name, number) in [
        ("required", totals.required),
        ("ok", totals.ok),
        ("retried (of these ok)", totals.retried),
        ("issues", totals.issues),
        ("missed", totals.missed),
        ("excepted", totals.excepted),
        ("no-evidence", totals.no_evidence),
        ("open (not required)", totals.open),
    ] {
        rows.push(vec![format!("resource-days: {name}").into(), number.into()]);
    }
    for (state, letter) in DayState::ALL {
        rows.push(vec![format!("letter {letter}").into(), state.id().into()]);
    }
    rows.push(vec!["times".into(), "UTC; days are those of the zone".into()]);
    book.sheet("README", &[("what", 30.0), ("value", 110.0)], rows)
}

fn judged(period: &PeriodAssessment, book: &mut Book) -> io::Result<()> {
    let columns = [
        ("clause", 10.0),
        ("demand", 70.0),
        ("in force", 9.0),
        ("result", 16.0),
        ("deviations", 11.0),
        ("excepted", 10.0),
        ("without evidence", 16.0),
        ("rules", 50.0),
    ];
    let rows = period.clauses.iter().map(|clause| {
        vec![
            clause.id.as_str().into(),
            clause.demand.as_str().into(),
            if clause.in_force { "yes" } else { "planned" }.into(),
            clause.result.id().into(),
            clause.deviations.into(),
            clause.excepted.into(),
            clause.no_evidence.into(),
            clause.rules.join(", ").into(),
        ]
    });
    book.sheet("Clauses", &columns, rows)?;
    let columns = [
        ("rule", 34.0),
        ("title", 60.0),
        ("check", 20.0),
        ("severity", 10.0),
        ("basis", 10.0),
        ("result", 16.0),
        ("things", 9.0),
        ("required", 10.0),
        ("ok", 9.0),
        ("missed", 9.0),
        ("issues", 9.0),
        ("excepted", 10.0),
        ("no evidence", 12.0),
        ("deviations", 11.0),
        ("what was found", 90.0),
    ];
    let rows = period.rules.iter().map(|rule| {
        let totals = &rule.totals;
        let basis = match rule.basis {
            Basis::Daily => "daily",
            Basis::Calendar => "calendar",
            Basis::Observed => "observed",
        };
        vec![
            rule.id.as_str().into(),
            rule.title.as_str().into(),
            rule.check.as_str().into(),
            rule.severity.id().into(),
            basis.into(),
            rule.result.id().into(),
            rule.things.into(),
            totals.required.into(),
            totals.ok.into(),
            totals.missed.into(),
            totals.issues.into(),
            totals.excepted.into(),
            totals.no_evidence.into(),
            rule.deviations.into(),
            rule.sentence.as_str().into(),
        ]
    });
    book.sheet("Rules", &columns, rows)
}

fn deviations(period: &PeriodAssessment, book: &mut Book) -> io::Result<()> {
    let columns = [
        ("deviation", 14.0),
        ("class", 11.0),
        ("severity", 10.0),
        ("rule", 34.0),
        ("clauses", 14.0),
        ("name", 28.0),
        ("resource", 60.0),
        ("first day", 12.0),
        ("last day", 12.0),
        ("days", 7.0),
        ("standing", 30.0),
        ("policy version", 14.0),
        ("what happened", 90.0),
    ];
    let rows = period.deviations.iter().map(|one| {
        vec![
            one.id.as_str().into(),
            one.class.id().into(),
            one.severity.id().into(),
            one.rule.as_str().into(),
            one.clauses.join(", ").into(),
            one.name.as_str().into(),
            one.resource.as_str().into(),
            day(&one.first_day),
            day(&one.last_day),
            one.days.into(),
            standing(one).into(),
            one.policy_version.as_str().into(),
            one.sentence.as_str().into(),
        ]
    });
    book.sheet("Deviations", &columns, rows)
}

fn day(text: &str) -> Cell<'_> {
    text.parse().map_or_else(|_| text.into(), Cell::Day)
}

/// The exceptions of the policy; `covered` is what each covers a number of.
pub(super) fn exceptions(exceptions: &[Exception], covered: &str, book: &mut Book) -> io::Result<()> {
    let columns = [
        ("exception", 16.0),
        ("in force", 9.0),
        ("reason", 60.0),
        ("asked for by", 26.0),
        ("approved by", 26.0),
        ("approved on", 12.0),
        ("until", 19.0),
        (covered, 11.0),
        ("rules", 40.0),
        ("resources", 60.0),
    ];
    let rows = exceptions.iter().map(|one| {
        let waiver = &one.waiver;
        vec![
            waiver.id.as_str().into(),
            if one.in_force { "yes" } else { "no" }.into(),
            waiver.reason.as_str().into(),
            waiver.requested_by.as_str().into(),
            waiver.approved_by.as_str().into(),
            day(&waiver.approved_on),
            Cell::Time(Some(waiver.expires)),
            one.covers.into(),
            one.rules.join(", ").into(),
            one.resources.join(", ").into(),
        ]
    });
    book.sheet("Exceptions", &columns, rows)
}

/// A row per resource with a column per day, and a row per day that is not simply met.
fn days(period: &PeriodAssessment, book: &mut Book) -> io::Result<()> {
    let first = period.period.first.parse::<NaiveDate>().map_err(io::Error::other)?;
    let shown = usize::try_from(period.period.days).unwrap_or(usize::MAX).min(DAYS);
    let fixed =
        [("rule", 30.0), ("name", 28.0), ("resource", 50.0), ("kind", 14.0), ("account", 14.0), ("region", 14.0)];
    let mut columns: Vec<(String, f64)> = fixed.map(|(head, width)| (head.to_owned(), width)).into();
    columns.extend(first.iter_days().take(shown).map(|day| (day.to_string(), 3.0)));
    let rows = period.matrix.iter().map(|row| {
        let mut cells: Vec<Cell<'_>> = vec![
            row.rule.as_str().into(),
            row.name.as_str().into(),
            row.resource.as_str().into(),
            row.kind.id().into(),
            row.account.as_str().into(),
            row.region.as_str().into(),
        ];
        cells.extend(row.days.chars().take(shown).map(|letter| Cell::from(letter.to_string())));
        cells
    });
    book.sheet("Resource days", &columns, rows)?;
    let columns =
        [("day", 12.0), ("state", 14.0), ("rule", 30.0), ("name", 28.0), ("resource", 60.0), ("remark", 80.0)];
    let rows = period.matrix.iter().flat_map(|row| {
        row.each(first).filter_map(|(day, state, remark)| {
            if matches!(state, DayState::Ok | DayState::NotInScope | DayState::Open) {
                return None;
            }
            Some(vec![
                Cell::Day(day),
                state.id().into(),
                row.rule.as_str().into(),
                row.name.as_str().into(),
                row.resource.as_str().into(),
                remark.into(),
            ])
        })
    });
    book.sheet("Days", &columns, rows)
}

fn evidence(period: &PeriodAssessment, book: &mut Book) -> io::Result<()> {
    let columns =
        [("rule", 30.0), ("name", 28.0), ("resource", 60.0), ("unit", 10.0), ("state", 12.0), ("passed", 19.0)];
    let rows = period.calendar.iter().map(|cell| {
        vec![
            cell.rule.as_str().into(),
            cell.name.as_str().into(),
            cell.resource.as_str().into(),
            cell.unit.as_str().into(),
            cell.state.id().into(),
            Cell::Time(cell.at),
        ]
    });
    book.sheet("Tests by calendar", &columns, rows)?;
    let columns = [("day", 12.0), ("runs", 7.0), ("complete", 10.0), ("resource-days without evidence", 30.0)];
    let rows = period
        .collector
        .iter()
        .map(|one| vec![day(&one.day), one.runs.into(), one.complete.into(), one.no_evidence.into()]);
    book.sheet("Collector", &columns, rows)?;
    let mut columns = Vec::from(GAP);
    columns.extend([("first day", 12.0), ("last day", 12.0), ("runs", 7.0)]);
    let rows = period.gaps.iter().map(|seen| {
        let mut cells = super::gap(&seen.gap);
        cells.extend([day(&seen.first_day), day(&seen.last_day), seen.runs.into()]);
        cells
    });
    book.sheet("Gaps", &columns, rows)?;
    let columns =
        [("run", 20.0), ("read at", 19.0), ("policy version", 16.0), ("complete", 10.0), ("inventory SHA-256", 68.0)];
    let rows = period.runs.iter().map(|run| {
        vec![
            run.id.as_str().into(),
            Cell::Time(Some(run.captured_at)),
            run.policy_version.as_str().into(),
            if run.complete { "yes" } else { "no" }.into(),
            run.inventory.as_str().into(),
        ]
    });
    book.sheet("Runs", &columns, rows)
}
