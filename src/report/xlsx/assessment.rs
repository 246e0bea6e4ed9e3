//! The workbook of an assessment.

use std::io;

use crate::model::activity::Activity;
use crate::model::assessment::{Assessment, Verdict};
use crate::model::ledger::Ledger;
use crate::model::outcome::Outcome;

use super::super::RenderOptions;
use super::super::view::View;
use super::super::words::{
    clause_label, demand, incomplete, last_good, parameters, policy_name, scope, short_name, stamp,
};
use super::{Book, Cell, GAP};

/// Write the workbook.
pub(in crate::report) fn write(assessment: &Assessment, _: &RenderOptions, out: &mut dyn io::Write) -> io::Result<()> {
    let view = View::new(assessment);
    let mut book = Book::new(&format!("lastgood: {}", policy_name(&assessment.policy)), assessment.run.as_of);
    readme(&view, &mut book)?;
    clauses(&view, &mut book)?;
    rules(&view, &mut book)?;
    verdicts(assessment, &mut book)?;
    gaps(assessment, &mut book)?;
    policy_findings(assessment, &mut book)?;
    frameworks(assessment, &mut book)?;
    if let Some(ledger) = assessment.ledger.as_deref() {
        registers(ledger, &mut book)?;
    }
    book.finish(out)
}

fn readme(view: &View<'_>, book: &mut Book) -> io::Result<()> {
    let Assessment { run, policy, inventory, .. } = view.assessment;
    let mut rows: Vec<Vec<Cell<'_>>> = vec![
        vec!["result".into(), view.conclusion.standing.headline().into()],
        vec!["basis".into(), view.conclusion.basis().into()],
    ];
    if let Some(sentence) = incomplete(view.assessment) {
        rows.push(vec!["not complete".into(), sentence.into()]);
    }
    for outcome in Outcome::ALL {
        rows.push(vec![format!("verdicts: {}", outcome.id()).into(), view.summary.of(outcome).into()]);
    }
    rows.push(vec!["verdicts: total".into(), view.summary.total().into()]);
    rows.extend([
        vec!["scope".into(), scope(view.assessment).into()],
        vec!["judged as of".into(), Cell::Time(Some(run.as_of))],
        vec!["read at".into(), Cell::Time(Some(inventory.captured_at))],
        vec!["read from".into(), run.source.as_str().into()],
        vec!["read by".into(), run.caller.as_deref().unwrap_or("not known").into()],
        vec!["policy".into(), policy_name(policy).into()],
        vec!["policy title".into(), policy.title.as_str().into()],
        vec!["policy owner".into(), policy.owner.as_deref().unwrap_or("not named").into()],
        vec!["policy approved by".into(), policy.approved_by.as_deref().unwrap_or("not approved").into()],
        vec!["policy SHA-256".into(), policy.sha256.as_str().into()],
        vec!["inventory SHA-256".into(), inventory.sha256.as_str().into()],
        vec!["run".into(), run.id.as_str().into()],
        vec!["lastgood".into(), run.version.as_str().into()],
        vec!["times".into(), "UTC".into()],
        vec!["texts".into(), "what people named is text, never a formula; characters that act are written out, such as \\u{202e}".into()],
        vec![
            "how to verify".into(),
            format!("lastgood scan --inventory inventory.json --policies policies/ --as-of {} --format json=again.json; the JSON report is authoritative", stamp(run.as_of)).into(),
        ],
    ]);
    book.sheet("README", &[("what", 24.0), ("value", 110.0)], rows)
}

fn clauses(view: &View<'_>, book: &mut Book) -> io::Result<()> {
    let columns = [
        ("clause", 10.0),
        ("demand", 70.0),
        ("status", 14.0),
        ("in force", 9.0),
        ("fail", 8.0),
        ("unknown", 9.0),
        ("waived", 8.0),
        ("pass", 8.0),
        ("n/a", 8.0),
        ("rules", 50.0),
    ];
    let rows = view.clauses.iter().map(|one| {
        let (clause, summary) = (one.clause, &one.summary);
        vec![
            clause.id.as_str().into(),
            demand(clause).into_owned().into(),
            clause_label(clause).into(),
            if clause.in_force { "yes" } else { "planned" }.into(),
            summary.fail.into(),
            summary.unknown.into(),
            summary.waived.into(),
            summary.pass.into(),
            summary.not_applicable.into(),
            clause.rules.join(", ").into(),
        ]
    });
    book.sheet("Clauses", &columns, rows)
}

fn rules(view: &View<'_>, book: &mut Book) -> io::Result<()> {
    let columns = [
        ("rule", 34.0),
        ("title", 60.0),
        ("check", 20.0),
        ("severity", 10.0),
        ("clauses", 16.0),
        ("expected", 50.0),
        ("fail", 8.0),
        ("unknown", 9.0),
        ("waived", 8.0),
        ("pass", 8.0),
        ("n/a", 8.0),
        ("remedy", 80.0),
        ("policy file", 40.0),
        ("line", 7.0),
    ];
    let rows = view.rules.iter().map(|rule| {
        let (info, summary) = (rule.info, &rule.summary);
        vec![
            info.id.as_str().into(),
            info.title.as_str().into(),
            info.check.as_str().into(),
            info.severity.to_string().into(),
            info.clauses.join(", ").into(),
            parameters(&info.expected).into(),
            summary.fail.into(),
            summary.unknown.into(),
            summary.waived.into(),
            summary.pass.into(),
            summary.not_applicable.into(),
            info.remedy.as_str().into(),
            info.policy_at.file.as_str().into(),
            u64::from(info.policy_at.line).into(),
        ]
    });
    book.sheet("Rules", &columns, rows)
}

fn verdicts(assessment: &Assessment, book: &mut Book) -> io::Result<()> {
    let columns = [
        ("outcome", 15.0),
        ("raw outcome", 15.0),
        ("severity", 10.0),
        ("rule", 30.0),
        ("clauses", 14.0),
        ("kind", 16.0),
        ("name", 28.0),
        ("resource", 60.0),
        ("account", 14.0),
        ("region", 14.0),
        ("application", 16.0),
        ("reason", 90.0),
        ("last good", 19.0),
        ("exception", 14.0),
        ("exception approved by", 24.0),
        ("exception until", 19.0),
        ("evidence", 60.0),
        ("fingerprint", 34.0),
    ];
    book.sheet("Verdicts", &columns, assessment.verdicts.iter().map(verdict))
}

fn verdict(verdict: &Verdict) -> Vec<Cell<'_>> {
    let (rule, subject, waiver) = (&verdict.rule, &verdict.subject, verdict.waiver.as_deref());
    let evidence: Vec<&str> = verdict.evidence.iter().map(|one| one.id.as_str()).collect();
    vec![
        verdict.outcome.id().into(),
        verdict.raw_outcome.id().into(),
        rule.severity.id().into(),
        rule.id.as_str().into(),
        rule.clauses.join(", ").into(),
        subject.kind.id().into(),
        short_name(subject).into(),
        subject.resource.as_str().into(),
        subject.account.as_str().into(),
        subject.region.as_str().into(),
        subject.application.as_deref().unwrap_or_default().into(),
        verdict.reason().to_string().into(),
        Cell::Time(last_good(verdict)),
        waiver.map_or("", |waiver| waiver.id.as_str()).into(),
        waiver.map_or("", |waiver| waiver.approved_by.as_str()).into(),
        Cell::Time(waiver.map(|waiver| waiver.expires)),
        evidence.join(" ").into(),
        verdict.fingerprint().into(),
    ]
}

fn gaps(assessment: &Assessment, book: &mut Book) -> io::Result<()> {
    let mut columns = Vec::from(GAP);
    columns.push(("message", 80.0));
    let rows = assessment.inventory.gaps.iter().map(|gap| {
        let mut cells = super::gap(gap);
        cells.push(gap.message.as_deref().unwrap_or_default().into());
        cells
    });
    book.sheet("Gaps", &columns, rows)
}

fn policy_findings(assessment: &Assessment, book: &mut Book) -> io::Result<()> {
    let columns =
        [("code", 26.0), ("outcome", 15.0), ("severity", 10.0), ("message", 110.0), ("file", 40.0), ("line", 7.0)];
    let rows = assessment.policy_findings.iter().map(|finding| {
        vec![
            finding.code.as_str().into(),
            finding.outcome.id().into(),
            finding.severity.id().into(),
            finding.message.as_str().into(),
            finding.policy_at.file.as_str().into(),
            u64::from(finding.policy_at.line).into(),
        ]
    });
    book.sheet("Policy findings", &columns, rows)
}

fn frameworks(assessment: &Assessment, book: &mut Book) -> io::Result<()> {
    let columns = [
        ("framework", 36.0),
        ("control", 18.0),
        ("title", 40.0),
        ("state", 14.0),
        ("strength", 12.0),
        ("clauses", 20.0),
        ("rules", 50.0),
        ("what is shown, and what is not", 80.0),
        ("short", 60.0),
    ];
    let controls =
        assessment.frameworks.iter().flat_map(|framework| framework.controls.iter().map(move |one| (framework, one)));
    let rows = controls.map(|(framework, control)| {
        let short: Vec<&str> = control.shortfalls.iter().chain(&control.missing).map(|text| text.as_str()).collect();
        vec![
            framework.title.as_str().into(),
            control.id.as_str().into(),
            control.title.as_str().into(),
            control.state.id().into(),
            control.strength.to_string().into(),
            control.clauses.join(", ").into(),
            control.rules.join(", ").into(),
            control.rationale.as_str().into(),
            short.join("; ").into(),
        ]
    });
    book.sheet("Frameworks", &columns, rows)
}

fn registers(ledger: &Ledger, book: &mut Book) -> io::Result<()> {
    let columns = [("call", 44.0), ("places", 9.0), ("items", 9.0), ("requests", 10.0), ("complete from", 19.0)];
    let rows = ledger.lists.iter().map(|list| {
        let since = Cell::Time(list.since);
        vec![list.call.as_str().into(), list.places.into(), list.items.into(), list.requests.into(), since]
    });
    book.sheet("Lists read", &columns, rows)?;
    activities("Tests", &ledger.tests, book)?;
    let columns = [
        ("id", 20.0),
        ("kind", 12.0),
        ("clause", 10.0),
        ("statement", 80.0),
        ("stated by", 26.0),
        ("performed by", 26.0),
        ("of", 12.0),
        ("holds until", 12.0),
        ("recorded", 19.0),
        ("evidence", 80.0),
    ];
    let rows = ledger.attestations.iter().map(|one| {
        let files: Vec<String> =
            one.evidence.iter().map(|file| format!("{} SHA-256 {}", file.path, file.sha256)).collect();
        vec![
            one.id.as_str().into(),
            one.kind.id().into(),
            one.clause.as_str().into(),
            one.statement.as_str().into(),
            one.by.as_str().into(),
            one.performed_by.as_deref().unwrap_or("not on record").into(),
            Cell::Day(one.on),
            Cell::Day(one.valid_until),
            Cell::Time(Some(one.recorded_at)),
            files.join("; ").into(),
        ]
    });
    book.sheet("Statements", &columns, rows)?;
    super::period::exceptions(&ledger.exceptions, "verdicts", book)?;
    let columns = [
        ("act", 44.0),
        ("two people", 11.0),
        ("one person", 11.0),
        ("not on record", 14.0),
        ("one person or unknown", 80.0),
    ];
    let rows = ledger.duties.iter().map(|duty| {
        vec![
            duty.act.as_str().into(),
            duty.separate.into(),
            duty.same.into(),
            duty.unknown.into(),
            duty.named.join(", ").into(),
        ]
    });
    book.sheet("Duties", &columns, rows)?;
    let columns = [
        ("month", 10.0),
        ("activity", 16.0),
        ("set off by", 14.0),
        ("succeeded", 11.0),
        ("failed", 9.0),
        ("other", 9.0),
    ];
    let rows = ledger.activities.iter().map(|count| {
        vec![
            count.month.as_str().into(),
            count.kind.id().into(),
            count.trigger.map_or("not on record", |trigger| trigger.id()).into(),
            count.succeeded.into(),
            count.failed.into(),
            count.other.into(),
        ]
    });
    book.sheet("Activities", &columns, rows)?;
    activities("Remediation", &ledger.remediation, book)
}

fn activities(name: &str, records: &[Activity], book: &mut Book) -> io::Result<()> {
    let columns = [
        ("record", 30.0),
        ("kind", 14.0),
        ("outcome", 16.0),
        ("resource", 60.0),
        ("recovery point", 60.0),
        ("began", 19.0),
        ("ended", 19.0),
        ("minutes", 9.0),
        ("bytes", 14.0),
        ("depth", 12.0),
        ("compared by", 16.0),
        ("restored to", 30.0),
        ("clean-up", 12.0),
        ("performed by", 26.0),
        ("reviewed by", 26.0),
        ("message", 60.0),
        ("evidence", 80.0),
    ];
    let rows = records.iter().map(|one| {
        let detail = one.detail.as_deref();
        let told = |text: Option<&str>| Cell::from(text.unwrap_or_default().to_owned());
        let files = detail.map(|detail| detail.evidence.as_slice()).unwrap_or_default();
        let files: Vec<String> = files.iter().map(|file| format!("{} SHA-256 {}", file.path, file.sha256)).collect();
        let minutes = one.completed_at.map(|end| (end - one.started_at).num_minutes());
        vec![
            one.id.as_str().into(),
            one.kind.id().into(),
            one.outcome.id().into(),
            told(one.resource.as_deref()),
            told(one.point.as_deref()),
            Cell::Time(Some(one.started_at)),
            Cell::Time(one.completed_at),
            minutes.and_then(|minutes| u64::try_from(minutes).ok()).map_or_else(|| "".into(), Cell::Number),
            one.size.map_or_else(|| "".into(), Cell::Number),
            told(detail.and_then(|detail| detail.depth).map(|depth| depth.id())),
            told(detail.and_then(|detail| detail.compared_by.as_deref())),
            told(detail.and_then(|detail| detail.target.as_deref())),
            told(one.cleanup.as_deref()),
            told(Some(one.operator.as_deref().unwrap_or("not on record"))),
            told(Some(detail.and_then(|detail| detail.reviewer.as_deref()).unwrap_or("not on record"))),
            told(one.message.as_deref()),
            files.join("; ").into(),
        ]
    });
    book.sheet(name, &columns, rows)
}
