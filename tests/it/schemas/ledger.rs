//! A ledger in which every field of every type is set.

use lastgood::model::activity::{ActivityKind, Trigger};
use lastgood::model::assessment::WaiverRef;
use lastgood::model::ledger::*;
use lastgood::model::recovery_point::RestoreWindow;

use super::{at, full_inventory, now, texts};

pub(super) fn ledger() -> Ledger {
    let inventory = full_inventory();
    let whys = [Why::Unexplained, Why::NotRead, Why::OtherKind, Why::OutOfScope, Why::Deleted];
    let triggers = [Some(Trigger::Scheduled), Some(Trigger::Manual), None];
    Ledger {
        lists: vec![ListsRead {
            call: "backup:ListBackupJobs".into(),
            places: 2,
            items: 30,
            requests: 3,
            since: Some(now()),
        }],
        reconciliation: Reconciliation {
            listed: 3,
            named: 6,
            both: 2,
            unlisted: whys
                .into_iter()
                .map(|why| Unlisted { resource: "arn:aws:rds:eu-west-2:111122223333:db:old".into(), why })
                .collect(),
            unexplained: 1,
        },
        stored: Stored {
            ages: vec![AgeCount { days: 3, usable: 1, held: 1, overdue: 1, other: 1 }],
            resources: 1,
            timelines: vec![Timeline {
                resource: "arn:aws:rds:eu-west-2:111122223333:db:orders".into(),
                points: 6,
                usable: vec![now()],
                copies: vec![now()],
                held: vec![now()],
                overdue: vec![now()],
                other: vec![now()],
                continuous: Some(RestoreWindow { earliest: Some(now()), latest: Some(now()) }),
            }],
        },
        tests: inventory.activities.clone(),
        attestations: inventory.attestations,
        exceptions: vec![Exception {
            waiver: WaiverRef {
                id: "w-1".into(),
                reason: "scratch data".into(),
                requested_by: "a@example.com".into(),
                approved_by: "b@example.com".into(),
                approved_on: "2026-01-15".into(),
                expires: at("2027-01-15T00:00:00Z"),
            },
            rules: texts(&["daily-*"]),
            resources: texts(&["arn:aws:s3:::scratch"]),
            in_force: true,
            covers: 1,
        }],
        duties: vec![Duty {
            act: "restore tests: performed / reviewed".into(),
            separate: 1,
            same: 1,
            unknown: 1,
            named: texts(&["rt-1"]),
        }],
        activities: triggers
            .map(|trigger| ActivityCount {
                month: "2026-11".into(),
                kind: ActivityKind::Backup,
                trigger,
                succeeded: 2,
                failed: 1,
                other: 1,
            })
            .into(),
        remediation: inventory.activities,
        logs: inventory.logs,
    }
}
