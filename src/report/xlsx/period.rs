//! The workbook of a period.

use chrono::NaiveDate;
use rust_xlsxwriter::XlsxError;

use super::{Book, Cell, pair};
use crate::model::period::{DayState, MatrixRow, PeriodAssessment, Totals};
use crate::report::period::{conclusion, days, label, standing};

/// Days that a sheet has columns for.
const MOST_DAYS: usize = 16_000;

const NUMBERS: [(&str, u16); 8] = [
    ("required", 10),
    ("ok", 9),
    ("of these retried", 10),
    ("issues", 9),
    ("missed", 9),
    ("excepted", 9),
    ("no evidence", 11),
    ("open", 9),
];

pub(super) fn book(period: &PeriodAssessment) -> Result<Vec<u8>, XlsxError> {
    let mut book = Book::new("lastgood, a period", period.as_of);
    book.sheet("README", &[("what", 28), ("value", 100)], about(period))?;
    let columns = [
        ("clause", 10),
        ("demand", 70),
        ("result", 16),
        ("in force", 9),
        ("rules", 40),
        ("deviations", 11),
        ("excepted", 11),
        ("no evidence", 11),
    ];
    let clauses = period.clauses.iter().map(|clause| {
        vec![
            (&clause.id).into(),
            (&clause.demand).into(),
            label(clause.result).into(),
            if clause.in_force { "yes" } else { "no" }.into(),
            clause.rules.join(", ").into(),
            Cell::Number(clause.deviations),
            Cell::Number(clause.excepted),
            Cell::Number(clause.no_evidence),
        ]
    });
    book.sheet("Clauses", &columns, clauses)?;
    let mut columns =
        vec![("rule", 30), ("title", 60), ("result", 16), ("severity", 10), ("what was found", 70), ("deviations", 11)];
    columns.extend(NUMBERS);
    let rules = period.rules.iter().map(|rule| {
        let mut row: Vec<Cell> = vec![
            (&rule.id).into(),
            (&rule.title).into(),
            label(rule.result).into(),
            rule.severity.id().into(),
            (&rule.sentence).into(),
            Cell::Number(rule.deviations),
        ];
        row.extend(numbers(&rule.totals));
        row
    });
    book.sheet("Rules", &columns, rules)?;
    let columns = [
        ("id", 20),
        ("class", 12),
        ("severity", 10),
        ("rule", 30),
        ("clauses", 14),
        ("resource", 60),
        ("name", 30),
        ("first day", 12),
        ("last day", 12),
        ("days", 8),
        ("standing", 30),
        ("what happened", 70),
        ("policy version", 14),
    ];
    let deviations = period.deviations.iter().map(|one| {
        vec![
            (&one.id).into(),
            one.class.id().into(),
            one.severity.id().into(),
            (&one.rule).into(),
            one.clauses.join(", ").into(),
            (&one.resource).into(),
            (&one.name).into(),
            day(&one.first_day),
            day(&one.last_day),
            Cell::Number(one.days),
            standing(one).into(),
            (&one.sentence).into(),
            (&one.policy_version).into(),
        ]
    });
    book.sheet("Deviations", &columns, deviations)?;
    let dates: Vec<String> = first(period).iter_days().take(most(period)).map(|day| day.to_string()).collect();
    let mut columns = vec![("rule", 30), ("resource", 60), ("name", 30)];
    columns.extend(dates.iter().map(|date| (date.as_str(), 11)));
    let matrix = period.matrix.iter().map(|row| {
        let mut cells: Vec<Cell> = vec![(&row.rule).into(), (&row.resource).into(), (&row.name).into()];
        cells.extend(row.days.chars().take(dates.len()).map(|letter| Cell::from(letter.to_string())));
        cells
    });
    book.sheet("Resource days", &columns, matrix)?;
    let columns = [
        ("day", 12),
        ("state", 14),
        ("rule", 30),
        ("resource", 60),
        ("name", 30),
        ("account", 14),
        ("region", 14),
        ("remark", 60),
    ];
    book.sheet("Days", &columns, period.matrix.iter().flat_map(|row| unmet(first(period), row)))?;
    let columns = [("rule", 30), ("resource", 60), ("name", 30), ("unit", 12), ("state", 14), ("passed (UTC)", 20)];
    let tests = period.calendar.iter().map(|cell| {
        vec![
            (&cell.rule).into(),
            (&cell.resource).into(),
            (&cell.name).into(),
            (&cell.unit).into(),
            cell.state.id().into(),
            cell.at.map_or_else(|| "".into(), Cell::Time),
        ]
    });
    book.sheet("Tests by calendar", &columns, tests)?;
    let columns = [("day", 12), ("runs", 9), ("of these complete", 16), ("resource-days without evidence", 28)];
    let collector = period.collector.iter().map(|one| {
        vec![day(&one.day), Cell::Number(one.runs), Cell::Number(one.complete), Cell::Number(one.no_evidence)]
    });
    book.sheet("Collector", &columns, collector)?;
    let columns = [
        ("first day", 12),
        ("last day", 12),
        ("runs", 8),
        ("account", 14),
        ("region", 14),
        ("call", 36),
        ("status", 14),
        ("code", 24),
        ("needs", 36),
    ];
    let gaps = period.gaps.iter().map(|one| {
        let gap = &one.gap;
        vec![
            day(&one.first_day),
            day(&one.last_day),
            Cell::Number(one.runs),
            (&gap.account).into(),
            (&gap.region).into(),
            gap.call().into(),
            gap.status.id().into(),
            (&gap.code).into(),
            (&gap.iam_action).into(),
        ]
    });
    book.sheet("Gaps", &columns, gaps)?;
    let columns =
        [("run", 40), ("read at (UTC)", 20), ("policy version", 14), ("inventory, SHA-256", 66), ("complete", 10)];
    let runs = period.runs.iter().map(|run| {
        vec![
            (&run.id).into(),
            Cell::Time(run.captured_at),
            (&run.policy_version).into(),
            (&run.inventory).into(),
            if run.complete { "yes" } else { "no" }.into(),
        ]
    });
    book.sheet("Runs", &columns, runs)?;
    book.finish()
}

fn about(period: &PeriodAssessment) -> Vec<Vec<Cell>> {
    let (span, policy) = (&period.period, &period.policy);
    let mut rows = vec![
        pair("result", label(period.result)),
        pair("basis", conclusion(period)),
        pair("period", &span.name),
        vec!["first day".into(), day(&span.first)],
        vec!["last day".into(), day(&span.last)],
        pair("zone whose days they are", &span.zone),
        vec!["as of (UTC)".into(), Cell::Time(period.as_of)],
        pair("made by", format!("lastgood {}", period.version)),
        pair("policy", format!("{} {}", policy.title, policy.version)),
        pair("policy, SHA-256", &policy.sha256),
    ];
    for used in &period.policies {
        let text = format!("version {} ({}): {}", used.version, used.sha256, days(&used.totals));
        rows.push(pair(&format!("in force {} to {}", used.first_day, used.last_day), text));
    }
    for ((name, _), number) in NUMBERS.iter().zip(numbers(&period.totals)) {
        rows.push(vec![format!("resource-days: {name}").into(), number]);
    }
    for (state, letter) in DayState::ALL {
        rows.push(pair(&format!("letter {letter}"), state.id()));
    }
    if most(period) == MOST_DAYS {
        rows.push(pair(
            "resource days",
            format!("only the first {MOST_DAYS} days have a column; the sheet Days has all"),
        ));
    }
    rows.push(pair("how to verify", "judge the same history once more; the JSON of the period is authoritative"));
    rows
}

fn numbers(totals: &Totals) -> [Cell; 8] {
    let Totals { required, ok, retried, issues, missed, excepted, no_evidence, open } = *totals;
    [required, ok, retried, issues, missed, excepted, no_evidence, open].map(Cell::Number)
}

fn first(period: &PeriodAssessment) -> NaiveDate {
    period.period.first.parse().unwrap_or_default()
}

/// How many days have a column.
fn most(period: &PeriodAssessment) -> usize {
    usize::try_from(period.period.days).unwrap_or(usize::MAX).min(MOST_DAYS)
}

/// A day as a date.
fn day(text: &str) -> Cell {
    let date = text.parse::<NaiveDate>().ok().and_then(|date| date.and_hms_opt(0, 0, 0));
    date.map_or_else(|| text.into(), |date| Cell::Day(date.and_utc()))
}

/// The days of a resource that were demanded and not met.
fn unmet(first: NaiveDate, row: &MatrixRow) -> impl Iterator<Item = Vec<Cell>> {
    row.days.chars().zip(first.iter_days()).filter_map(move |(letter, date)| {
        let state = DayState::of_letter(letter)?;
        if matches!(state, DayState::Ok | DayState::Retried | DayState::NotInScope | DayState::Open) {
            return None;
        }
        let date = date.to_string();
        let remark = row.remarks.iter().find(|remark| *remark.day == *date).map_or("", |remark| &remark.text);
        Some(vec![
            day(&date),
            state.id().into(),
            (&row.rule).into(),
            (&row.resource).into(),
            (&row.name).into(),
            (&row.account).into(),
            (&row.region).into(),
            remark.into(),
        ])
    })
}
