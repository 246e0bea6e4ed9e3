//! The registers beside the verdicts of the assessment made by hand.

use std::sync::Arc;

use lastgood::model::activity::{
    Activity, ActivityKind, ActivityOutcome, Depth, Detail, EvidenceFile, Tool, Trigger, Validation,
};
use lastgood::model::assessment::WaiverRef;
use lastgood::model::attestation::{Attestation, AttestationKind};
use lastgood::model::ledger::*;
use lastgood::model::log::{LogProblem, LogStream};
use lastgood::model::recovery_point::RestoreWindow;

use super::estate::at;

fn test(id: &str, kind: ActivityKind, outcome: ActivityOutcome, when: &str, reviewer: Option<&str>) -> Activity {
    let mut test = Activity::new(id, kind, "log", outcome, at(when));
    test.account = "111122223333".into();
    test.region = "eu-central-1".into();
    test.resource = Some("arn:aws:rds:eu-central-1:111122223333:db:orders".into());
    test.point = Some("arn:aws:rds:eu-central-1:111122223333:snapshot:orders-2026-09-01".into());
    test.completed_at = Some(test.started_at + chrono::TimeDelta::minutes(47));
    test.size = Some(48 << 30);
    test.operator = Some("j.doe@example.com".into());
    test.validation = Some(Validation::Successful);
    test.cleanup = Some("successful".into());
    test.detail = Some(Arc::new(Detail {
        trigger: Some(Trigger::Manual),
        tool: Some(Tool { name: "lastgood".into(), version: Some("0.1.0".into()) }),
        evidence: vec![EvidenceFile {
            path: "row-counts.txt".into(),
            sha256: "ab".repeat(32).into(),
            ..EvidenceFile::default()
        }],
        depth: Some(Depth::Compared),
        compared_by: Some("row-counts".into()),
        target: Some("lastgood-test-orders".into()),
        environment: Some("test".into()),
        reviewer: reviewer.map(Into::into),
        reason: Some("quarterly test".into()),
        ..Detail::default()
    }));
    test
}

fn stored() -> Stored {
    let days = |days: &[u32]| days.iter().map(|day| at(&format!("2026-11-{day:02}T03:00:00Z"))).collect::<Vec<_>>();
    Stored {
        ages: vec![
            AgeCount { days: 1, usable: 40, held: 0, overdue: 0, other: 1 },
            AgeCount { days: 36, usable: 0, held: 2, overdue: 3, other: 0 },
        ],
        resources: 70,
        timelines: vec![
            Timeline {
                resource: "arn:aws:rds:eu-central-1:111122223333:db:orders".into(),
                points: 9,
                usable: days(&[18, 19, 20, 21]),
                copies: days(&[19, 21]),
                held: vec![at("2025-08-01T03:00:00Z")],
                overdue: days(&[1]),
                other: days(&[20]),
                continuous: None,
            },
            Timeline {
                resource: "arn:aws:dynamodb:eu-central-1:111122223333:table/carts".into(),
                points: 1,
                continuous: Some(RestoreWindow { earliest: Some(at("2026-10-18T00:00:00Z")), latest: None }),
                ..Timeline::default()
            },
        ],
    }
}

pub(super) fn ledger() -> Ledger {
    let waiver = |id: &str, expires: &str| WaiverRef {
        id: id.into(),
        reason: "the bucket is filled anew every night".into(),
        requested_by: "data@example.com".into(),
        approved_by: "ciso@example.com".into(),
        approved_on: "2026-06-01".into(),
        expires: at(expires),
    };
    let lists = |call: &str, since: Option<&str>| ListsRead {
        call: call.into(),
        places: 4,
        items: 1_043,
        requests: 11,
        since: since.map(at),
    };
    let statement = |id: &str, kind, performed_by: Option<&str>| Attestation {
        id: id.into(),
        clause: "5.3".into(),
        kind,
        statement: "the backup schedules were compared with the application register".into(),
        by: "a.lead@example.com".into(),
        performed_by: performed_by.map(Into::into),
        on: "2026-09-03".parse().unwrap(),
        valid_until: "2027-09-03".parse().unwrap(),
        recorded_at: at("2026-10-20T09:00:00Z"),
        application: None,
        evidence: vec![EvidenceFile {
            path: "review.pdf".into(),
            sha256: "cd".repeat(32).into(),
            ..EvidenceFile::default()
        }],
        withdraws: None,
    };
    let count = |month: &str, kind, trigger, succeeded| ActivityCount {
        month: month.into(),
        kind,
        trigger,
        succeeded,
        failed: 2,
        other: 1,
    };
    let mut pruned =
        test("plan-1/item-1", ActivityKind::Prune, ActivityOutcome::Succeeded, "2026-11-20T05:00:00Z", None);
    pruned.message = Some("item-1: deleted after 36 days".into());
    Ledger {
        lists: vec![lists("backup:ListBackupJobs", Some("2026-10-22T00:00:00Z")), lists("ec2:DescribeSnapshots", None)],
        reconciliation: Reconciliation {
            listed: 56,
            named: 44,
            both: 41,
            unlisted: vec![
                Unlisted {
                    resource: "arn:aws:ec2:eu-central-1:111122223333:volume/vol-0a1".into(),
                    why: Why::Unexplained,
                },
                Unlisted { resource: "arn:aws:rds:eu-west-1:111122223333:db:paris".into(), why: Why::OutOfScope },
                Unlisted { resource: "arn:aws:ec2:eu-central-1:111122223333:volume/vol-0b2".into(), why: Why::Deleted },
            ],
            unexplained: 1,
        },
        stored: stored(),
        tests: vec![
            test(
                "rt-1",
                ActivityKind::RestoreTest,
                ActivityOutcome::Succeeded,
                "2026-07-14T08:00:00Z",
                Some("m.lee@example.com"),
            ),
            test("rt-2", ActivityKind::RestoreTest, ActivityOutcome::Failed, "2026-10-02T08:00:00Z", None),
            test("v-1", ActivityKind::Verification, ActivityOutcome::Succeeded, "2026-11-01T03:00:00Z", None),
        ],
        attestations: vec![
            statement("a-1", AttestationKind::Review, Some("ops@example.com")),
            statement("a-2", AttestationKind::Procedure, Some("A.Lead@example.com")),
        ],
        exceptions: vec![
            Exception {
                waiver: waiver("w-scratch", "2027-02-01T00:00:00Z"),
                rules: vec!["bucket-*".into()],
                resources: vec!["arn:aws:s3:::scratch*".into()],
                in_force: true,
                covers: 2,
            },
            Exception {
                waiver: waiver("w-old", "2026-08-31T00:00:00Z"),
                rules: vec!["daily-backup".into()],
                resources: vec!["*".into()],
                in_force: false,
                covers: 0,
            },
        ],
        duties: vec![
            Duty { act: "exceptions: asked for / approved".into(), separate: 2, same: 0, unknown: 0, named: vec![] },
            Duty {
                act: "restore tests: performed / reviewed".into(),
                separate: 1,
                same: 0,
                unknown: 1,
                named: vec!["rt-2".into()],
            },
        ],
        activities: vec![
            count("2026-10", ActivityKind::Backup, Some(Trigger::Scheduled), 930),
            count("2026-10", ActivityKind::Backup, Some(Trigger::Manual), 3),
            count("2026-11", ActivityKind::Prune, None, 12),
        ],
        remediation: vec![pruned],
        logs: vec![LogStream {
            id: "0b8e".into(),
            files: vec!["logs/backup.jsonl".into()],
            format: "lastgood.log/1".into(),
            records: 412,
            first_at: Some(at("2025-10-18T00:00:00Z")),
            last_at: Some(at("2026-11-21T23:00:00Z")),
            head: Some("ab".repeat(32).into()),
            anchored_since: Some(at("2025-10-19T00:00:00Z")),
            problems: vec![LogProblem {
                code: "torn-line".into(),
                file: "logs/backup.jsonl".into(),
                line: 7,
                message: "the line is cut off".into(),
            }],
        }],
    }
}
