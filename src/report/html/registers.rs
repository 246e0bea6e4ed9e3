//! The registers beside the verdicts: tests, statements, duties, activities, remediation, logs.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use chrono::Datelike as _;

use crate::model::activity::{Activity, ActivityKind, ActivityOutcome};
use crate::model::arn;
use crate::model::ledger::{Duty, Ledger};
use crate::model::outcome::Outcome;

use super::super::view::View;
use super::super::words::{counted, len, moment};
use super::escape::Esc;
use super::scope::{id, text};
use super::{end_table, mark, table};

/// So many records of a register are listed, the newest; the JSON report holds all.
const LISTED: usize = 500;
/// A statement that was written down so much later is marked.
const LATE_DAYS: i64 = 30;

/// All registers; nothing for an assessment without them.
pub(super) fn write(view: &View<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let Some(ledger) = view.assessment.ledger.as_deref() else { return Ok(()) };
    tests(ledger, out)?;
    statements(ledger, out)?;
    duties(&ledger.duties, out)?;
    activities(ledger, out)?;
    remediation(ledger, out)
}

fn open(out: &mut dyn io::Write, anchor: &str, title: &str) -> io::Result<()> {
    writeln!(out, "<section aria-labelledby=\"{anchor}\">\n<h2 id=\"{anchor}\">{title}</h2>")
}

fn close(out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "</section>")
}

fn cut(out: &mut dyn io::Write, all: usize) -> io::Result<()> {
    if all <= LISTED {
        return Ok(());
    }
    writeln!(out, "<p class=\"soft\">The newest {LISTED} of {all} are listed; the JSON report holds all.</p>")
}

fn newest(records: &[Activity]) -> &[Activity] {
    records.get(records.len().saturating_sub(LISTED)..).unwrap_or(records)
}

fn tests(ledger: &Ledger, out: &mut dyn io::Write) -> io::Result<()> {
    open(out, "tests", "Restore tests, verifications and recoveries")?;
    if ledger.tests.is_empty() {
        writeln!(out, "<p>None is on record.</p>")?;
        return close(out);
    }
    quarters(&ledger.tests, out)?;
    let heads = [
        ("", "record"),
        ("", "what"),
        ("", "result"),
        ("", "of"),
        ("", "began"),
        ("n", "minutes"),
        ("", "how"),
        ("", "performed by"),
        ("", "reviewed by"),
        ("long", "evidence"),
    ];
    table(out, "t-tests", "Records, oldest first", &heads)?;
    for test in newest(&ledger.tests) {
        self::test(test, out)?;
    }
    end_table(out)?;
    cut(out, ledger.tests.len())?;
    close(out)
}

/// Numbers of tests passed and failed, by year and quarter.
type Quarters = BTreeMap<(i32, u32), (u64, u64)>;

/// Whether a test was passed in each quarter: a row per resource that was ever tested.
fn quarters(tests: &[Activity], out: &mut dyn io::Write) -> io::Result<()> {
    let done = || tests.iter().filter(|test| test.kind == ActivityKind::RestoreTest);
    let quarter = |test: &Activity| (test.at().year(), test.at().month0() / 3 + 1);
    let mut rows: BTreeMap<&str, Quarters> = BTreeMap::new();
    for test in done() {
        let Some(resource) = test.resource.as_deref() else { continue };
        let (passed, failed) = rows.entry(resource).or_default().entry(quarter(test)).or_default();
        *(if passed_well(test) { passed } else { failed }) += 1;
    }
    let all: BTreeSet<(i32, u32)> = done().map(quarter).collect();
    let shown: Vec<(i32, u32)> = all.iter().rev().take(8).rev().copied().collect();
    if rows.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = shown.iter().map(|(year, quarter)| format!("{year}-Q{quarter}")).collect();
    let mut heads = vec![("", "tested")];
    heads.extend(names.iter().map(|name| ("", name.as_str())));
    table(
        out,
        "t-quarters",
        "Restore tests by calendar quarter (UTC); an empty cell is a quarter without one",
        &heads,
    )?;
    for (resource, cells) in rows.iter().take(LISTED) {
        write!(out, "<tr><th scope=\"row\">{}</th>", id(arn::short(resource)))?;
        for quarter in &shown {
            let (passed, failed) = cells.get(quarter).copied().unwrap_or_default();
            let part = |number: u64, outcome, word: &str| match number {
                0 => String::new(),
                number => mark(outcome, &format!("{number} {word}")),
            };
            let (passed, failed) = (part(passed, Outcome::Pass, "passed"), part(failed, Outcome::Fail, "failed"));
            write!(out, "<td>{passed} {failed}</td>")?;
        }
        writeln!(out, "</tr>")?;
    }
    end_table(out)?;
    cut(out, rows.len())
}

fn passed_well(test: &Activity) -> bool {
    test.outcome == ActivityOutcome::Succeeded
}

fn result(one: &Activity) -> String {
    let outcome = match &one.outcome {
        outcome if outcome.is_failure() => Outcome::Fail,
        ActivityOutcome::Succeeded => Outcome::Pass,
        _ => Outcome::Unknown,
    };
    mark(outcome, &Esc(one.outcome.id()).to_string())
}

fn person(name: Option<&str>) -> String {
    name.map_or_else(|| "<em>not on record</em>".to_owned(), text)
}

fn test(test: &Activity, out: &mut dyn io::Write) -> io::Result<()> {
    let detail = test.detail.as_deref();
    let minutes = test.completed_at.map(|end| (end - test.started_at).num_minutes().to_string()).unwrap_or_default();
    let mut how: Vec<String> = Vec::new();
    how.extend(detail.and_then(|detail| detail.depth).map(|depth| depth.id().to_owned()));
    how.extend(detail.and_then(|detail| detail.compared_by.as_deref()).map(|by| format!("compared by {}", text(by))));
    how.extend(detail.and_then(|detail| detail.target.as_deref()).map(|target| format!("to {}", id(target))));
    how.extend(test.cleanup.as_deref().map(|cleanup| format!("clean-up {}", text(cleanup))));
    let mut evidence: Vec<String> = test.point.as_deref().map(id).into_iter().collect();
    for file in detail.map(|detail| detail.evidence.as_slice()).unwrap_or_default() {
        evidence.push(format!("{} SHA-256 {}", id(&file.path), id(&file.sha256)));
    }
    evidence.extend(test.message.as_deref().map(text));
    writeln!(
        out,
        "<tr class=\"test\"><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td><td class=\"date\">{}</td>\
         <td class=\"n\">{minutes}</td><td>{}</td><td>{}</td><td>{}</td><td class=\"long\">{}</td></tr>",
        id(&test.id),
        test.kind.id(),
        result(test),
        test.resource.as_deref().map(|arn| id(arn::short(arn))).unwrap_or_default(),
        test.started_at.format("%Y-%m-%d %H:%M"),
        how.join(", "),
        person(test.operator.as_deref()),
        person(detail.and_then(|detail| detail.reviewer.as_deref())),
        evidence.join("<br>")
    )
}

fn statements(ledger: &Ledger, out: &mut dyn io::Write) -> io::Result<()> {
    open(out, "statements", "Statements of people")?;
    if ledger.attestations.is_empty() {
        writeln!(out, "<p>No statement is on record.</p>")?;
        return close(out);
    }
    let heads = [
        ("", "statement"),
        ("", "clause"),
        ("long", "what is stated"),
        ("", "stated by"),
        ("", "performed by"),
        ("", "of"),
        ("", "holds until"),
        ("", "recorded"),
        ("", "evidence"),
    ];
    table(out, "t-statements", "Dated, attributed, expiring statements, oldest first", &heads)?;
    for one in &ledger.attestations {
        let late = one.recorded_at.date_naive().signed_duration_since(one.on).num_days();
        let late = if late > LATE_DAYS { format!("<br><strong>{late} days late</strong>") } else { String::new() };
        let withdraws = one.withdraws.as_deref().map(|id| format!(" takes back {}", text(id))).unwrap_or_default();
        let files: Vec<String> =
            one.evidence.iter().map(|file| format!("{} SHA-256 {}", id(&file.path), id(&file.sha256))).collect();
        writeln!(
            out,
            "<tr class=\"statement\"><th scope=\"row\">{}<br>{}</th><td>{}</td><td class=\"long\">{}{withdraws}</td>\
             <td>{}</td><td>{}</td><td class=\"date\">{}</td><td class=\"date\">{}</td><td>{}{late}</td><td>{}</td></tr>",
            id(&one.id),
            one.kind.id(),
            text(&one.clause),
            text(&one.statement),
            text(&one.by),
            person(one.performed_by.as_deref()),
            one.on,
            one.valid_until,
            one.recorded_at.date_naive(),
            files.join("<br>")
        )?;
    }
    end_table(out)?;
    close(out)
}

fn duties(duties: &[Duty], out: &mut dyn io::Write) -> io::Result<()> {
    open(out, "duties", "Segregation of duties")?;
    writeln!(out, "<p>Names are compared as they are on record, without regard to case.</p>")?;
    let heads = [
        ("", "act"),
        ("n", "two people"),
        ("n", "one person"),
        ("n", "not on record"),
        ("long", "one person or unknown"),
    ];
    table(out, "t-duties", "Acts that need two people", &heads)?;
    for duty in duties {
        let named: Vec<String> = duty.named.iter().map(|name| id(name)).collect();
        let more = (duty.same + duty.unknown).saturating_sub(len(&duty.named));
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        writeln!(
            out,
            "<tr><th scope=\"row\">{}</th><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td>\
             <td class=\"long\">{}{more}</td></tr>",
            text(&duty.act),
            duty.separate,
            duty.same,
            duty.unknown,
            named.join(", ")
        )?;
    }
    end_table(out)?;
    close(out)
}

fn activities(ledger: &Ledger, out: &mut dyn io::Write) -> io::Result<()> {
    open(out, "activities", "Activity logs")?;
    let heads =
        [("", "month"), ("", "activity"), ("", "set off by"), ("n", "succeeded"), ("n", "failed"), ("n", "other")];
    table(out, "t-activities", "Activities on record by month (UTC) and initiator", &heads)?;
    for count in &ledger.activities {
        writeln!(
            out,
            "<tr class=\"activity\"><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td class=\"n\">{}</td>\
             <td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
            Esc(&count.month),
            count.kind.id(),
            count.trigger.map_or("not on record", |trigger| trigger.id()),
            count.succeeded,
            count.failed,
            count.other
        )?;
    }
    end_table(out)?;
    if ledger.logs.is_empty() {
        writeln!(out, "<p>No log was given; these are the records of AWS alone.</p>")?;
        return close(out);
    }
    let heads = [
        ("", "log"),
        ("n", "records"),
        ("", "from"),
        ("", "to"),
        ("long", "head of the chain"),
        ("", "anchored since"),
        ("", "problems"),
    ];
    table(out, "t-logs", "Logs that were read", &heads)?;
    for log in &ledger.logs {
        let files: Vec<String> = log.files.iter().map(|file| id(file)).collect();
        let problems: Vec<String> = log
            .problems
            .iter()
            .take(10)
            .map(|problem| {
                format!("{}:{} {}: {}", text(&problem.file), problem.line, id(&problem.code), text(&problem.message))
            })
            .collect();
        let problems = match log.problems.len() {
            0 => "none".to_owned(),
            all => format!("{}: {}", counted(all as u64, "problem"), problems.join("<br>")),
        };
        let when = |at: Option<crate::model::Instant>| at.map(moment).unwrap_or_default();
        writeln!(
            out,
            "<tr><th scope=\"row\">{}<br>{}</th><td class=\"n\">{}</td><td>{}</td><td>{}</td><td class=\"long\">{}</td>\
             <td>{}</td><td>{problems}</td></tr>",
            files.join(", "),
            text(&log.format),
            log.records,
            when(log.first_at),
            when(log.last_at),
            log.head.as_deref().map(id).unwrap_or_default(),
            when(log.anchored_since)
        )?;
    }
    end_table(out)?;
    close(out)
}

fn remediation(ledger: &Ledger, out: &mut dyn io::Write) -> io::Result<()> {
    open(out, "remediation", "Remediation")?;
    if ledger.remediation.is_empty() {
        writeln!(out, "<p>No action of <code>lastgood apply</code> is on record.</p>")?;
        return close(out);
    }
    let heads = [
        ("", "action"),
        ("", "what"),
        ("", "result"),
        ("", "of"),
        ("", "ended"),
        ("", "by"),
        ("long", "what was done"),
    ];
    table(out, "t-remediation", "What lastgood did by a reviewed plan, oldest first", &heads)?;
    for one in newest(&ledger.remediation) {
        writeln!(
            out,
            "<tr class=\"remediation\"><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td>\
             <td class=\"date\">{}</td><td>{}</td><td class=\"long\">{}</td></tr>",
            id(&one.id),
            one.kind.id(),
            result(one),
            one.resource.as_deref().map(|arn| id(arn::short(arn))).unwrap_or_default(),
            one.at().format("%Y-%m-%d %H:%M"),
            person(one.operator.as_deref()),
            one.message.as_deref().map(text).unwrap_or_default()
        )?;
    }
    end_table(out)?;
    cut(out, ledger.remediation.len())?;
    close(out)
}
