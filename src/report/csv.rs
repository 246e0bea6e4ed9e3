//! One row per verdict, RFC 4180, UTF-8 without a byte-order mark.
//!
//! The columns are stable: new ones are added at the end. Several values in a cell are separated by
//! a space (clauses) or ` | ` (evidence). Cells that a spreadsheet would run as a formula start with
//! an apostrophe, and control characters are written out; where the exact text matters, the JSON has it.

use std::borrow::Cow;
use std::io;

use csv::{QuoteStyle, Terminator, WriterBuilder};

use crate::model::assessment::{Assessment, Verdict};
use crate::model::judgement::Evidence;

use super::RenderOptions;
use super::safe::visible;
use super::words::{LAST_GOOD, parameters, stamp};

const COLUMNS: [&str; 32] = [
    "outcome",
    "raw_outcome",
    "severity",
    "rule",
    "title",
    "check",
    "clauses",
    "resource",
    "name",
    "kind",
    "account",
    "region",
    "application",
    "reason",
    "last_good",
    "expected",
    "observed",
    "evidence",
    "remedy",
    "waiver",
    "waiver_reason",
    "waiver_requested_by",
    "waiver_approved_by",
    "waiver_approved_on",
    "waiver_expires",
    "policy_file",
    "policy_line",
    "fingerprint",
    "policy",
    "policy_version",
    "as_of",
    "run",
];

pub(super) fn write(assessment: &Assessment, _: &RenderOptions, out: &mut dyn io::Write) -> io::Result<()> {
    let mut rows =
        WriterBuilder::new().terminator(Terminator::CRLF).quote_style(QuoteStyle::Necessary).from_writer(out);
    rows.write_record(COLUMNS).map_err(cause)?;
    let as_of = stamp(assessment.run.as_of);
    for verdict in &assessment.verdicts {
        let cells = row(assessment, verdict, &as_of);
        rows.write_record(cells.iter().map(|cell| safe(cell).into_owned())).map_err(cause)?;
    }
    rows.flush()
}

/// The error of the writer beneath, whose kind (a full disk, a closed pipe) callers ask for.
pub(super) fn cause(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

fn row<'a>(assessment: &'a Assessment, verdict: &'a Verdict, as_of: &'a str) -> [Cow<'a, str>; COLUMNS.len()] {
    let (rule, subject) = (&verdict.rule, &verdict.subject);
    let waiver = |field: fn(&crate::model::assessment::WaiverRef) -> &str| {
        Cow::Borrowed(verdict.waiver.as_deref().map_or("", field))
    };
    let join = |parts: Vec<String>, with: &str| Cow::Owned(parts.join(with));
    [
        verdict.outcome.id().into(),
        verdict.raw_outcome.id().into(),
        rule.severity.id().into(),
        rule.id.as_str().into(),
        rule.title.as_str().into(),
        rule.check.as_str().into(),
        join(rule.clauses.iter().map(ToString::to_string).collect(), " "),
        subject.resource.as_str().into(),
        subject.name.as_str().into(),
        subject.kind.id().into(),
        subject.account.as_str().into(),
        subject.region.as_str().into(),
        subject.application.as_deref().unwrap_or_default().into(),
        verdict.reason().to_string().into(),
        verdict.fact(LAST_GOOD).map(ToString::to_string).unwrap_or_default().into(),
        parameters(&rule.expected).into(),
        join(verdict.observed.iter().map(|(name, value)| format!("{name} = {value}")).collect(), ", "),
        join(verdict.evidence.iter().map(evidence).collect(), " | "),
        rule.remedy.as_str().into(),
        waiver(|waiver| &waiver.id),
        waiver(|waiver| &waiver.reason),
        waiver(|waiver| &waiver.requested_by),
        waiver(|waiver| &waiver.approved_by),
        waiver(|waiver| &waiver.approved_on),
        verdict.waiver.as_deref().map(|waiver| stamp(waiver.expires)).unwrap_or_default().into(),
        rule.policy_at.file.as_str().into(),
        rule.policy_at.line.to_string().into(),
        verdict.fingerprint().into(),
        assessment.policy.id.as_str().into(),
        assessment.policy.version.as_str().into(),
        as_of.into(),
        assessment.run.id.as_str().into(),
    ]
}

fn evidence(evidence: &Evidence) -> String {
    let at = evidence.at.map(|at| format!(" at {}", stamp(at))).unwrap_or_default();
    let note = evidence.note.as_deref().map(|note| format!(" ({note})")).unwrap_or_default();
    format!("{} {}{at}{note}", evidence.what, evidence.id)
}

/// The cell on one line, and never a formula: not even for spreadsheets that skip leading spaces or
/// that take the full-width forms of the signs.
pub(super) fn safe(cell: &str) -> Cow<'_, str> {
    let shown = visible(cell);
    let first = shown.trim_start().chars().next();
    let runs = matches!(first, Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠'));
    if runs || cell.starts_with(['\t', '\r', '\n']) { Cow::Owned(format!("'{shown}")) } else { shown }
}
