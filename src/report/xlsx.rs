//! A workbook, which auditors work in: the whole population with filters, of a run or of a period.
//!
//! Every name is a string, never a formula or a link; what acts on a screen is written out; dates are dates. The time of
//! creation is that of the judgement, so that two renderings are equal.

mod period;

use std::io::{self, Write};

use rust_xlsxwriter::{Color, DocProperties, ExcelDateTime, Format as Style, Workbook, XlsxError};

use super::RenderOptions;
use super::safe::visible;
use super::view::View;
use super::words::{FRAMEWORKS, demand, incomplete, parameters, scope, stamp};
use crate::model::Instant;
use crate::model::assessment::{Assessment, Summary, Verdict};
use crate::model::outcome::Outcome;
use crate::model::period::PeriodAssessment;

/// Rows of a sheet below its header: what a sheet of Excel holds.
const MOST_ROWS: usize = 1_048_575;

/// What a cell of Excel holds, in units of UTF-16, with room for the remark that it was cut.
const MOST_UNITS: usize = 32_700;

pub(super) fn write(assessment: &Assessment, _: &RenderOptions, out: &mut dyn Write) -> io::Result<()> {
    let book = run(assessment).map_err(io::Error::other)?;
    out.write_all(&book)
}

pub(super) fn write_period(period: &PeriodAssessment, out: &mut dyn Write) -> io::Result<()> {
    let book = period::book(period).map_err(io::Error::other)?;
    out.write_all(&book)
}

/// A cell.
enum Cell {
    Text(String),
    Number(u64),
    Time(Instant),
    /// Midnight of a day.
    Day(Instant),
}

impl<T: AsRef<str>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::Text(text.as_ref().to_owned())
    }
}

/// A workbook in the making.
struct Book {
    book: Workbook,
    head: Style,
    time: Style,
    day: Style,
}

impl Book {
    /// One that says it was made at `at`.
    fn new(title: &str, at: Instant) -> Self {
        let mut book = Workbook::new();
        let mut about = DocProperties::new().set_title(cut(title)).set_author("lastgood");
        if let Ok(at) = ExcelDateTime::from_timestamp(at.timestamp()).or_else(|_| ExcelDateTime::from_ymd(2000, 1, 1)) {
            about = about.set_creation_datetime(&at);
        }
        book.set_properties(&about);
        let head = Style::new().set_bold().set_background_color(Color::RGB(0xE8_EC_F1));
        let dates = |form| Style::new().set_num_format(form);
        Self { book, head, time: dates("yyyy-mm-dd hh:mm:ss"), day: dates("yyyy-mm-dd") }
    }

    /// A sheet with a frozen header and filters; as many more as its rows need. Columns have a title and a width.
    fn sheet(
        &mut self,
        name: &str,
        columns: &[(&str, u16)],
        rows: impl IntoIterator<Item = Vec<Cell>>,
    ) -> Result<(), XlsxError> {
        let mut rows = rows.into_iter().peekable();
        let mut number = 1;
        loop {
            let name = if number == 1 { name.to_owned() } else { format!("{name} {number}") };
            let sheet = self.book.add_worksheet();
            sheet.set_name(name)?;
            for (column, (title, width)) in (0_u16..).zip(columns) {
                sheet.write_string_with_format(0, column, *title, &self.head)?;
                sheet.set_column_width(column, *width)?;
            }
            let mut last = 0;
            for (row, cells) in (1_u32..).zip(rows.by_ref().take(MOST_ROWS)) {
                last = row;
                for (column, cell) in (0_u16..).zip(cells) {
                    match cell {
                        Cell::Text(text) => sheet.write_string(row, column, cut(&text))?,
                        #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
                        Cell::Number(number) => sheet.write_number(row, column, number as f64)?,
                        Cell::Time(at) => match ExcelDateTime::from_timestamp(at.timestamp()) {
                            Ok(date) => sheet.write_datetime_with_format(row, column, &date, &self.time)?,
                            Err(_) => sheet.write_string(row, column, stamp(at))?,
                        },
                        Cell::Day(at) => match ExcelDateTime::from_timestamp(at.timestamp()) {
                            Ok(date) => sheet.write_datetime_with_format(row, column, &date, &self.day)?,
                            Err(_) => sheet.write_string(row, column, stamp(at))?,
                        },
                    };
                }
            }
            sheet.set_freeze_panes(1, 0)?;
            let width = u16::try_from(columns.len()).unwrap_or(u16::MAX).saturating_sub(1);
            sheet.autofilter(0, 0, last, width)?;
            if rows.peek().is_none() {
                return Ok(());
            }
            number += 1;
        }
    }

    fn finish(mut self) -> Result<Vec<u8>, XlsxError> {
        self.book.save_to_buffer()
    }
}

/// The text on one line, and no longer than a cell holds; what is cut is said.
fn cut(text: &str) -> String {
    let shown = visible(text);
    let mut units = 0;
    let end = shown.char_indices().find(|(_, c)| {
        units += c.len_utf16();
        units > MOST_UNITS
    });
    match end {
        None => shown.into_owned(),
        Some((end, _)) => {
            let (kept, rest) = shown.split_at(end);
            format!("{kept} … ({} more characters)", rest.chars().count())
        }
    }
}

fn run(assessment: &Assessment) -> Result<Vec<u8>, XlsxError> {
    let view = View::new(assessment);
    let mut book = Book::new("lastgood", assessment.run.as_of);
    book.sheet("README", &[("what", 28), ("value", 100)], about(assessment, &view))?;
    let counts = [("fail", 9), ("unknown", 9), ("waived", 9), ("pass", 9), ("not applicable", 14)];
    let mut columns = vec![("clause", 10), ("demand", 70), ("status", 16), ("in force", 9), ("rules", 40)];
    columns.extend(counts);
    let clauses = view.clauses.iter().map(|view| {
        let clause = view.clause;
        let in_force = if clause.in_force { "yes" } else { "no" };
        let mut row: Vec<Cell> = vec![
            (&clause.id).into(),
            demand(clause).into(),
            clause.status.id().into(),
            in_force.into(),
            clause.rules.join(", ").into(),
        ];
        row.extend(numbers(&view.summary));
        row
    });
    book.sheet("Clauses", &columns, clauses)?;
    let mut columns = vec![
        ("rule", 30),
        ("title", 60),
        ("check", 18),
        ("clauses", 16),
        ("severity", 10),
        ("parameters", 50),
        ("remedy", 50),
    ];
    columns.extend(counts);
    let rules = view.rules.iter().map(|view| {
        let info = view.info;
        let mut row: Vec<Cell> = vec![
            (&info.id).into(),
            (&info.title).into(),
            (&info.check).into(),
            info.clauses.join(", ").into(),
            info.severity.id().into(),
            parameters(&info.expected).into(),
            (&info.remedy).into(),
        ];
        row.extend(numbers(&view.summary));
        row
    });
    book.sheet("Rules", &columns, rules)?;
    let columns = [
        ("outcome", 14),
        ("severity", 10),
        ("rule", 30),
        ("clauses", 14),
        ("resource", 60),
        ("name", 30),
        ("kind", 16),
        ("account", 14),
        ("region", 14),
        ("application", 18),
        ("reason", 70),
        ("last good copy", 20),
        ("check said", 14),
        ("exception", 14),
        ("fingerprint", 34),
    ];
    book.sheet("Verdicts", &columns, assessment.verdicts.iter().map(verdict))?;
    let columns = [
        ("account", 14),
        ("region", 14),
        ("call", 36),
        ("status", 14),
        ("code", 24),
        ("resource", 50),
        ("needs", 36),
        ("message", 60),
    ];
    let gaps = assessment.inventory.gaps.iter().map(|gap| {
        vec![
            (&gap.account).into(),
            (&gap.region).into(),
            gap.call().into(),
            gap.status.id().into(),
            (&gap.code).into(),
            gap.resource.as_deref().unwrap_or_default().into(),
            (&gap.iam_action).into(),
            gap.message.as_deref().unwrap_or_default().into(),
        ]
    });
    book.sheet("Gaps", &columns, gaps)?;
    let columns = [
        ("exception", 14),
        ("rule", 30),
        ("resource", 60),
        ("reason", 60),
        ("asked for by", 28),
        ("approved by", 28),
        ("approved on", 14),
        ("expires", 20),
    ];
    let excepted = assessment.verdicts.iter().filter(|verdict| verdict.outcome == Outcome::Waived);
    let exceptions = excepted.filter_map(|verdict| {
        let waiver = verdict.waiver.as_deref()?;
        Some(vec![
            (&waiver.id).into(),
            (&verdict.rule.id).into(),
            (&verdict.subject.resource).into(),
            (&waiver.reason).into(),
            (&waiver.requested_by).into(),
            (&waiver.approved_by).into(),
            (&waiver.approved_on).into(),
            Cell::Time(waiver.expires),
        ])
    });
    book.sheet("Exceptions", &columns, exceptions)?;
    let columns = [("code", 24), ("outcome", 14), ("severity", 10), ("message", 80), ("file", 40), ("line", 8)];
    let found = assessment.policy_findings.iter().map(|found| {
        vec![
            (&found.code).into(),
            found.outcome.id().into(),
            found.severity.id().into(),
            (&found.message).into(),
            (&found.policy_at.file).into(),
            Cell::Number(u64::from(found.policy_at.line)),
        ]
    });
    book.sheet("Policy findings", &columns, found)?;
    frameworks(&mut book, assessment)?;
    book.finish()
}

fn frameworks(book: &mut Book, assessment: &Assessment) -> Result<(), XlsxError> {
    let columns = [("framework", 36), ("control", 14), ("title", 60), ("state", 18)];
    let controls = assessment.frameworks.iter().flat_map(|framework| {
        framework.controls.iter().map(move |control| -> Vec<Cell> {
            vec![(&framework.title).into(), (&control.id).into(), (&control.title).into(), control.state.id().into()]
        })
    });
    book.sheet("Frameworks", &columns, controls)
}

fn about(assessment: &Assessment, view: &View<'_>) -> Vec<Vec<Cell>> {
    let (run, policy, inventory) = (&assessment.run, &assessment.policy, &assessment.inventory);
    let mut rows: Vec<Vec<Cell>> = vec![
        pair("conclusion", view.conclusion.standing.headline()),
        pair("basis", view.conclusion.basis()),
        vec!["as of (UTC)".into(), Cell::Time(run.as_of)],
        pair("run", &run.id),
        pair("made by", format!("lastgood {}", run.version)),
        pair("policy", format!("{} {}", policy.title, policy.version)),
        pair("policy, SHA-256", &policy.sha256),
        pair("approved by", policy.approved_by.as_deref().unwrap_or("(not stated)")),
        pair("read from", &run.source),
        vec!["read at (UTC)".into(), Cell::Time(inventory.captured_at)],
        pair("inventory, SHA-256", &inventory.sha256),
        pair("scope", scope(assessment)),
        pair(
            "completeness",
            incomplete(assessment).unwrap_or_else(|| "everything that was asked for was read".to_owned()),
        ),
    ];
    for outcome in Outcome::ALL {
        rows.push(vec![format!("verdicts: {outcome}").into(), Cell::Number(view.summary.of(outcome))]);
    }
    rows.push(vec!["verdicts of a baseline, not counted".into(), Cell::Number(view.conclusion.known)]);
    rows.push(pair("frameworks", FRAMEWORKS));
    rows.push(pair(
        "how to verify",
        "`lastgood verify BUNDLE` judges the same evidence once more, offline, and compares every report to the byte; the saved \
         assessment (JSON) is authoritative",
    ));
    rows.push(pair(
        "text",
        "what names hold that would act on a screen is written out, such as \\n or \\u{202e}; times are UTC",
    ));
    rows
}

fn pair(what: &str, value: impl AsRef<str>) -> Vec<Cell> {
    vec![what.into(), value.into()]
}

fn numbers(summary: &Summary) -> [Cell; 5] {
    Outcome::ALL.map(|outcome| Cell::Number(summary.of(outcome)))
}

fn verdict(verdict: &Verdict) -> Vec<Cell> {
    let (rule, subject) = (&verdict.rule, &verdict.subject);
    let last = verdict.fact(super::words::LAST_GOOD).map(ToString::to_string).unwrap_or_default();
    let last = last.parse().map_or_else(|_| last.into(), Cell::Time);
    vec![
        verdict.outcome.id().into(),
        rule.severity.id().into(),
        (&rule.id).into(),
        rule.clauses.join(", ").into(),
        (&subject.resource).into(),
        (&subject.name).into(),
        subject.kind.id().into(),
        (&subject.account).into(),
        (&subject.region).into(),
        subject.application.as_deref().unwrap_or_default().into(),
        verdict.reason().into(),
        last,
        verdict.raw_outcome.id().into(),
        verdict.waiver.as_deref().map_or("", |waiver| &waiver.id).into(),
        verdict.fingerprint().into(),
    ]
}
