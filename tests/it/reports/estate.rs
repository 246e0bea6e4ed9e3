//! An assessment by hand: every outcome, groups, exceptions, gaps, rot, a planned clause, days.

use std::collections::BTreeMap;
use std::sync::Arc;

use lastgood::model::Instant;
use lastgood::model::assessment::*;
use lastgood::model::declared::CodeAt;
use lastgood::model::framework::{ControlState, ControlStatus, FrameworkStatus, Strength};
use lastgood::model::gap::{Gap, GapStatus};
use lastgood::model::judgement::{Evidence, Judgement};
use lastgood::model::kind::Kind;
use lastgood::model::outcome::{Outcome, Severity};
use lastgood::model::span::Span;
use lastgood::model::text::Text;

pub(super) fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn rule(id: &str, title: &str, check: &str, clauses: &[&str], with: &[(&str, serde_json::Value)]) -> RuleInfo {
    RuleInfo {
        id: id.into(),
        title: title.into(),
        check: check.into(),
        clauses: clauses.iter().map(|id| Text::from(*id)).collect(),
        severity: Severity::High,
        expected: with.iter().map(|(name, value)| (Text::from(*name), value.clone())).collect(),
        remedy: format!("see `lastgood policy explain {id}`; `lastgood plan` proposes the change").into(),
        policy_at: PolicyAt { file: "policies/infrastructure-backups.toml".into(), line: 31 },
    }
}

pub(super) fn volume(name: &str, number: u32) -> Arc<Subject> {
    let account = if number.is_multiple_of(2) { "111122223333" } else { "444455556666" };
    Arc::new(Subject {
        resource: format!("arn:aws:ec2:eu-central-1:{account}:volume/vol-0{number:016x}").into(),
        name: name.into(),
        kind: Kind::EbsVolume,
        account: account.into(),
        region: "eu-central-1".into(),
        application: (number.is_multiple_of(3)).then(|| "shop".into()),
        code: number.is_multiple_of(2).then(|| CodeAt { file: "infra/volumes.tf".into(), line: 10 + number }),
    })
}

fn bucket(name: &str) -> Arc<Subject> {
    Arc::new(Subject {
        resource: format!("arn:aws:s3:::{name}").into(),
        name: name.into(),
        kind: Kind::S3Bucket,
        account: "111122223333".into(),
        region: "us-east-1".into(),
        application: Some("shop".into()),
        code: None,
    })
}

fn group(resource: &str, name: &str, kind: Kind) -> Arc<Subject> {
    let (account, region) = (Text::default(), Text::default());
    Arc::new(Subject {
        resource: resource.into(),
        name: name.into(),
        kind,
        account,
        region,
        application: None,
        code: None,
    })
}

fn snapshot(number: u32, when: &str) -> Evidence {
    let id = format!("arn:aws:ec2:eu-central-1::snapshot/snap-0{number:016x}");
    Evidence::new("recovery-point", id, Some(at(when)))
}

/// `pattern`, then good days up to the 36 from 18 October to 22 November.
fn days(pattern: &str) -> String {
    format!("{pattern:+<36}")
}

/// The estate of these tests.
pub(super) fn assessment() -> Assessment {
    let mut verdicts = Vec::new();
    let mut judge = |rule: &Arc<RuleInfo>, subject: Arc<Subject>, judgement: Judgement| {
        verdicts.push(Verdict::new(Arc::clone(rule), subject, judgement));
    };
    let daily = Arc::new(rule(
        "daily-backup",
        "critical components are backed up every day",
        "cadence",
        &["1.1", "5.2"],
        &[("every", "1d".into()), ("grace", "8h".into()), ("lookback", "35d".into())],
    ));
    let mut relaxed = (*daily).clone();
    relaxed.expected.insert("grace".into(), "36h".into());
    relaxed.severity = Severity::Medium;
    relaxed.policy_at.line = 77;
    let relaxed = Arc::new(relaxed);
    let good = |rows: &str| {
        Judgement::pass("the largest gap was {largest_gap}; the limit is {limit}")
            .with("largest_gap", Span::hours(25))
            .with("limit", Span::hours(32))
            .with("last_good", at("2026-11-21T23:10:00Z"))
            .with("days_from", "2026-10-18")
            .with("days", days(rows))
            .shown_by(snapshot(1, "2026-11-20T23:10:00Z"))
            .shown_by(snapshot(2, "2026-11-21T23:10:00Z"))
    };
    judge(
        &daily,
        volume("shop-db-data", 3),
        Judgement::fail("no usable recovery point for {largest_gap}; the limit is {every} + {grace} grace")
            .with("largest_gap", Span::hours(76))
            .with("every", Span::days(1))
            .with("grace", Span::hours(8))
            .with("last_good", at("2026-11-18T20:00:00Z"))
            .with("days_from", "2026-10-18")
            .with("days", "++++++++++++x+++++++++++++++++++---".to_owned() + "x")
            .shown_by(snapshot(3, "2026-11-18T20:00:00Z"))
            .shown_by(snapshot(4, "2026-11-21T20:00:00Z").note("error")),
    );
    judge(&daily, volume("shop-db-log", 6), good("+"));
    judge(&daily, volume("build-cache", 5), good("........+++++++++"));
    for number in 10..36 {
        judge(&daily, volume(&format!("worker-{number:02}"), number), good("+++++++++"));
    }
    judge(
        &relaxed,
        volume("reporting-scratch", 8),
        Judgement::unknown("the list of recovery points could not be read ({gaps:call} refused)")
            .with("gaps", 1_usize)
            .with("days_from", "2026-10-18")
            .with("days", "????????????????????????????????????"),
    );
    let waived = volume("legacy-erp", 9);
    judge(
        &daily,
        Arc::clone(&waived),
        Judgement::fail("never backed up")
            .with("days_from", "2026-10-18")
            .with("days", "------------------------------------"),
    );
    let versioned = Arc::new(rule("buckets-are-versioned", "S3 versioning is enabled", "versioning", &["7.1"], &[]));
    judge(
        &versioned,
        bucket("shop-media-originals-eu-central-1-with-a-rather-long-name-63ch"),
        Judgement::pass("versioning is enabled"),
    );
    for number in 0..23 {
        judge(
            &versioned,
            bucket(&format!("tenant-{number:02}-exports")),
            Judgement::fail("versioning was never enabled").with("versioning", "never enabled"),
        );
    }
    judge(
        &versioned,
        bucket("cloudtrail-archive"),
        Judgement::unknown("the versioning of the bucket could not be read"),
    );
    let tested = Arc::new(rule(
        "restored-every-year",
        "a restore of each application was tested and validated within the year",
        "restore-test",
        &["3.1"],
        &[("per", "application".into()), ("within", "365d".into()), ("teams", serde_json::json!(["sre", "dba"]))],
    ));
    judge(
        &tested,
        group("application:shop", "shop", Kind::Application),
        Judgement::pass("restored and validated on {tested_at}")
            .with("tested_at", at("2026-06-02T09:30:00Z"))
            .shown_by(
                Evidence::new("restore-test", "log:2026-06-02#17", Some(at("2026-06-02T09:30:00Z"))).note("succeeded"),
            ),
    );
    judge(
        &tested,
        group("application:intranet", "intranet", Kind::Application),
        Judgement::fail("no restore test on record"),
    );
    let tiers = Arc::new(rule("second-tier", "a second tier holds copies", "copy-tiers", &["1.4"], &[]));
    judge(&tiers, group("estate", "estate", Kind::Estate), Judgement::fail("no copy exists outside its region"));
    let logs = Arc::new(rule("logs-are-complete", "backup logs carry every field", "log-complete", &["3.5"], &[]));
    judge(&logs, group("estate", "estate", Kind::Estate), Judgement::not_applicable("no log is kept in this estate"));
    let house = Arc::new(rule("owners", "every large volume has an owner", "condition", &[], &[]));
    judge(&house, volume("shop-db-data", 3), Judgement::pass("the owner is tagged"));

    let waiver = Arc::new(WaiverRef {
        id: "EX-12".into(),
        reason: "replaced by the new ERP in January".into(),
        requested_by: "erp-team@example.com".into(),
        approved_by: "cto@example.com".into(),
        approved_on: "2026-10-01".into(),
        expires: at("2027-02-01T00:00:00Z"),
    });
    let mut summary = Summary::default();
    for verdict in &mut verdicts {
        if verdict.subject == waived {
            verdict.outcome = Outcome::Waived;
            verdict.waiver = Some(Arc::clone(&waiver));
        }
        summary.add(verdict.outcome);
    }
    Assessment {
        schema: SCHEMA.into(),
        run: Run {
            id: "5f1c0de2a9b84c37".into(),
            version: "0.1.0".into(),
            as_of: at("2026-11-22T00:00:00Z"),
            period: Period { from: at("2025-11-22T00:00:00Z"), to: at("2026-11-22T00:00:00Z") },
            source: "aws".into(),
            caller: Some("arn:aws:sts::111122223333:assumed-role/lastgood-scan/ci".into()),
        },
        policy: PolicyRef {
            id: "infrastructure-backups".into(),
            title: "Infrastructure backups and restoration".into(),
            version: "2026.1".into(),
            owner: Some("platform@example.com".into()),
            approved_by: Some("cto@example.com".into()),
            approved_on: Some("2026-01-15".into()),
            sha256: "3f9c".repeat(16).into(),
        },
        inventory: InventoryRef {
            sha256: "91ab".repeat(16).into(),
            captured_at: at("2026-11-21T23:58:41Z"),
            accounts: vec!["111122223333".into(), "444455556666".into()],
            regions: vec!["eu-central-1".into(), "us-east-1".into()],
            counts: BTreeMap::from([(Kind::EbsVolume, 31), (Kind::S3Bucket, 25), (Kind::Application, 2)]),
            recovery_points: 1_043,
            complete: false,
            gaps: gaps(),
        },
        summary,
        clauses: clauses(),
        frameworks: vec![framework()],
        policy_findings: policy_findings(),
        ledger: Some(Box::new(super::ledger::ledger())),
        verdicts,
    }
}

fn gaps() -> Vec<Gap> {
    let gap = |account: &str, region: &str, operation: &str, resource: Option<&str>, action: &str| Gap {
        account: account.into(),
        region: region.into(),
        service: action.split(':').next().unwrap().into(),
        operation: operation.into(),
        resource: resource.map(Text::from),
        status: GapStatus::Denied,
        code: "AccessDenied".into(),
        message: resource.map(|_| "User is not authorized to perform this action".into()),
        iam_action: action.into(),
    };
    let bucket = Some("arn:aws:s3:::cloudtrail-archive");
    let mut throttled = gap("444455556666", "eu-central-1", "DescribeSnapshots", None, "ec2:DescribeSnapshots");
    (throttled.status, throttled.code) = (GapStatus::Throttled, "RequestLimitExceeded".into());
    vec![
        gap("111122223333", "us-east-1", "GetBucketVersioning", bucket, "s3:GetBucketVersioning"),
        gap("111122223333", "us-east-1", "ListBackupJobs", None, "backup:ListBackupJobs"),
        gap("444455556666", "us-east-1", "ListBackupJobs", None, "backup:ListBackupJobs"),
        throttled,
    ]
}

fn clauses() -> Vec<ClauseStatus> {
    let clause = |id: &str, demand: &str, status, in_force, rules: &[&str]| ClauseStatus {
        evidence: None,
        not_assessed: None,
        id: id.into(),
        demand: demand.into(),
        status,
        in_force,
        rules: rules.iter().map(|id| Text::from(*id)).collect(),
    };
    vec![
        clause(
            "1.1",
            "Components that matter most are backed up at least once a day",
            Outcome::Fail,
            true,
            &["daily-backup"],
        ),
        clause("1.4", "Copies are kept in a second tier", Outcome::Fail, false, &["second-tier"]),
        clause(
            "3.1",
            "Restores are tested every year, for each application",
            Outcome::Fail,
            true,
            &["restored-every-year"],
        ),
        clause("3.5", "Backup logs are complete", Outcome::NotApplicable, false, &["logs-are-complete"]),
        clause("4.3", "", Outcome::NotApplicable, true, &[]),
        clause(
            "5.2",
            "Backups of critical components run by themselves every day",
            Outcome::Fail,
            true,
            &["daily-backup"],
        ),
        clause(
            "7.1",
            "Buckets keep earlier versions of their objects",
            Outcome::Fail,
            true,
            &["buckets-are-versioned"],
        ),
    ]
}

fn framework() -> FrameworkStatus {
    let control = |(at, state): (usize, ControlState)| ControlStatus {
        id: format!("A.{at}").into(),
        title: format!("control | number {at}").into(),
        strength: Strength::ALL[at % 3],
        state,
        clauses: vec!["1.1".into()],
        rules: vec!["daily-backup".into(), "not-judged".into()],
        rationale: "shows copies and <nothing> else".into(),
        missing: (at == 1).then(|| "rule not-judged: not in the policy".into()).into_iter().collect(),
        shortfalls: (at == 1)
            .then(|| "`keep` of rule x is 35d, and the control asks for at least 365d".into())
            .into_iter()
            .collect(),
        verdicts: Summary { pass: 1, fail: 2, unknown: 3, not_applicable: 4, waived: 5 },
    };
    FrameworkStatus {
        id: "iso-27001".into(),
        title: "ISO/IEC 27001:2022, Annex A".into(),
        note: "only controls on which backups bear".into(),
        mapping_sha256: "c".repeat(64).into(),
        controls: ControlState::ALL.into_iter().enumerate().map(control).collect(),
    }
}

fn policy_findings() -> Vec<PolicyFinding> {
    let finding = |code: &str, outcome, severity, message: &str, line| PolicyFinding {
        code: code.into(),
        outcome,
        severity,
        message: message.into(),
        policy_at: PolicyAt { file: "policies/waivers.toml".into(), line },
    };
    vec![
        finding(
            "waiver-expired",
            Outcome::Fail,
            Severity::Medium,
            "waiver EX-07 expired on 2026-08-31; its 2 resources are judged normally",
            12,
        ),
        finding("scope-empty", Outcome::Unknown, Severity::Low, "the scope of rule `efs-daily` matches nothing", 40),
        finding("waiver-unused", Outcome::NotApplicable, Severity::Info, "waiver EX-03 covers no finding", 3),
    ]
}
