//! What people and programs wrote down in the demo estate: the backup logs of components that are not of
//! AWS, restore tests, a recovery, and statements of people.

use chrono::{NaiveDate, TimeDelta};

use crate::model::Instant;
use crate::model::activity::{
    Activity, ActivityKind, ActivityOutcome, Artefact, Bytes, Depth, Detail, EvidenceFile, Items, Tool, Trigger,
    Validation,
};
use crate::model::attestation::{self, Attestation, AttestationKind};
use crate::model::gap::Read;
use crate::model::inventory::Inventory;
use crate::model::log::{self, LogStream};
use crate::model::text::Text;

/// The log of the backup host begins this many days before the instant of judgement.
const LOG_DAYS: i64 = 400;

/// Put all of it into the estate.
pub(super) fn add(inventory: &mut Inventory, as_of: Instant) {
    let mut log = Log { as_of, activities: Vec::new() };
    shop(&mut log);
    billing(&mut log);
    crm(&mut log);
    people(&mut log);
    let records = log.activities.len() as u64;
    let first_at = as_of - TimeDelta::days(LOG_DAYS);
    inventory.logs.push(LogStream {
        id: "5f0c0f6e-8a52-4c37-9d4e-6f1f0e1b2a3c".into(),
        files: vec!["backup.jsonl".into()],
        format: log::SCHEMA.into(),
        records,
        first_at: Some(first_at),
        last_at: log.activities.iter().map(Activity::at).max(),
        head: Some("4be1a4d6b6f0a2f0c9d7a1a2b5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f8".into()),
        anchored_since: Some(first_at + TimeDelta::days(1)),
        problems: Vec::new(),
    });
    inventory.reads.push(read(log::RECORDS, records, Some(first_at)));
    inventory.activities.append(&mut log.activities);
    inventory.attestations = attestations(as_of);
    inventory.reads.push(read(attestation::REGISTER, inventory.attestations.len() as u64, None));
}

fn read(call: &str, items: u64, since: Option<Instant>) -> Read {
    Read { requests: 1, ..Read::declared(call, items, since) }
}

/// The log in the making.
struct Log {
    as_of: Instant,
    activities: Vec<Activity>,
}

impl Log {
    /// A record of something that began so many days before the instant of judgement, at 01:30.
    fn record(
        &mut self,
        kind: ActivityKind,
        resource: &str,
        days_ago: i64,
        outcome: ActivityOutcome,
        say: impl FnOnce(&mut Activity, &mut Detail),
    ) {
        let started_at = self.as_of - TimeDelta::days(days_ago) + TimeDelta::minutes(90);
        let id = format!("run-{:04}", self.activities.len() + 1);
        let mut activity = Activity::new(id.as_str(), kind, crate::model::log::SOURCE, outcome, started_at);
        activity.resource = Some(Text::from(resource));
        activity.completed_at = Some(started_at + TimeDelta::minutes(12));
        let application = resource.strip_prefix("component:").and_then(|rest| rest.split_once('/')).map(|(app, _)| app);
        let mut detail = Detail {
            application: application.map(Text::from),
            host: Some("backup1".into()),
            trigger: Some(Trigger::Scheduled),
            ..Detail::default()
        };
        say(&mut activity, &mut detail);
        activity.detail = Some(std::sync::Arc::new(detail));
        self.activities.push(activity);
    }

    /// A backup of every day from `oldest` days ago up to yesterday's, written to one file each.
    fn daily(&mut self, resource: &str, oldest: i64, how: &How) {
        for day in 1..=oldest {
            let outcome = if how.fails_on == Some(day) { ActivityOutcome::Failed } else { ActivityOutcome::Succeeded };
            let failed = outcome != ActivityOutcome::Succeeded;
            let on = (self.as_of - TimeDelta::days(day)).format("%Y-%m-%d");
            let uri = format!("{}{on}{}", how.prefix, how.suffix);
            self.record(ActivityKind::Backup, resource, day, outcome, |activity, detail| {
                // The data grows by a little every day.
                let size = how.bytes + how.bytes / 1000 * (LOG_DAYS - day).unsigned_abs();
                detail.tool = Some(Tool { name: how.tool.into(), version: Some(how.version.into()) });
                detail.data_type = Some(how.data_type.into());
                detail.method = Some(how.method.into());
                detail.level = Some(how.level.into());
                detail.exit_status = Some(if failed { 2 } else { 0 });
                if failed {
                    activity.message = Some("the server closed the connection".into());
                    detail.errors = vec!["the server closed the connection".into()];
                    return;
                }
                activity.size = Some(size);
                activity.point = Some(uri.as_str().into());
                detail.bytes = Some(Bytes { source: Some(size), stored: Some(size / 5), moved: Some(size / 5) });
                detail.artefacts = vec![Artefact {
                    uri: uri.as_str().into(),
                    bytes: Some(size / 5),
                    content_bytes: Some(size),
                    trailer: Some(true),
                    encrypted: Some(true),
                    ..Artefact::default()
                }];
            });
            if failed {
                self.record(ActivityKind::Notification, resource, day, ActivityOutcome::Succeeded, |_, detail| {
                    detail.notified = vec!["on-call@example.com".into()];
                    detail.reason = Some("the backup failed".into());
                });
            }
        }
    }

    /// A verification that read everything.
    fn verified(&mut self, resource: &str, days_ago: i64, of: &str, how: &str) {
        self.record(ActivityKind::Verification, resource, days_ago, ActivityOutcome::Succeeded, |_, detail| {
            detail.of = Some(of.into());
            detail.depth = Some(Depth::FullRead);
            detail.compared_by = Some(how.into());
            detail.target = Some(of.into());
            detail.items = Some(Items { total: Some(1), done: Some(1), failed: Some(0), ..Items::default() });
        });
    }
}

/// How a component is backed up.
struct How {
    tool: &'static str,
    version: &'static str,
    data_type: &'static str,
    method: &'static str,
    level: &'static str,
    prefix: &'static str,
    suffix: &'static str,
    bytes: u64,
    /// The day, counted back, whose backup failed.
    fails_on: Option<i64>,
}

/// Everything as it should be, with one failure that somebody was told of.
fn shop(log: &mut Log) {
    let database = "component:shop/orders-db";
    let dump = How {
        tool: "mysqldump",
        version: "10.11.19",
        data_type: "mysql",
        method: "database-dump",
        level: "full",
        prefix: "s3://acme-backups/shop/orders-",
        suffix: ".sql.gz",
        bytes: 8 << 30,
        fails_on: None,
    };
    log.daily(database, 40, &dump);
    log.verified(database, 3, "s3://acme-backups/shop/orders-2026-11-18.sql.gz", "checksums");
    log.record(ActivityKind::RestoreTest, database, 31, ActivityOutcome::Succeeded, |activity, detail| {
        activity.operator = Some("n.support@example.com".into());
        activity.validation = Some(Validation::Successful);
        activity.size = Some(8 << 30);
        detail.trigger = Some(Trigger::Manual);
        detail.data_type = Some("mysql".into());
        detail.of = Some("s3://acme-backups/shop/orders-2026-10-21.sql.gz".into());
        detail.depth = Some(Depth::Compared);
        detail.compared_by = Some("row-counts".into());
        detail.environment = Some("test".into());
        detail.target = Some("mysql://restore-test/orders".into());
        detail.team = Some("support".into());
        detail.reviewer = Some("a.lead@example.com".into());
    });
    let mirror = How {
        tool: "git",
        version: "2.47.3",
        data_type: "git",
        method: "repository-mirror",
        level: "incremental",
        prefix: "s3://acme-backups/code/shop-",
        suffix: ".bundle",
        bytes: 400 << 20,
        fails_on: Some(9),
    };
    log.daily("component:shop/shop-code", 40, &mirror);
    log.verified("component:shop/shop-code", 1, "s3://acme-backups/code/shop-2026-11-20.bundle", "git fsck");
}

/// A database whose backup of one day was partial, and a manual backup before a migration.
fn billing(log: &mut Log) {
    let ledger = "component:billing/ledger-db";
    let backrest = How {
        tool: "pgbackrest",
        version: "2.55.1",
        data_type: "postgresql",
        method: "database-backup",
        level: "full",
        prefix: "s3://acme-backups/billing/ledger-",
        suffix: "",
        bytes: 60 << 30,
        fails_on: None,
    };
    log.daily(ledger, 40, &backrest);
    log.record(ActivityKind::Backup, ledger, 12, ActivityOutcome::Succeeded, |activity, detail| {
        activity.operator = Some("dba@example.com".into());
        activity.size = Some(60 << 30);
        detail.trigger = Some(Trigger::Manual);
        detail.data_type = Some("postgresql".into());
        detail.method = Some("database-dump".into());
        detail.level = Some("full".into());
        detail.reason = Some("before the migration of OPS-311".into());
        detail.artefacts = vec![Artefact {
            uri: "/home/dba/ledger-before-migration.dump".into(),
            bytes: Some(9 << 30),
            ..Artefact::default()
        }];
    });
    log.record(ActivityKind::Restore, ledger, 11, ActivityOutcome::Succeeded, |activity, detail| {
        activity.size = Some(60 << 30);
        detail.trigger = Some(Trigger::Manual);
        detail.data_type = Some("postgresql".into());
        detail.of = Some("/home/dba/ledger-before-migration.dump".into());
        detail.target = Some("postgresql://ledger".into());
        detail.environment = Some("production".into());
    });
}

/// Configuration whose last copies were partial.
fn crm(log: &mut Log) {
    let config = "component:crm/crm-config";
    for day in 1..=40_i64 {
        let partial = day <= 3;
        let outcome = if partial { ActivityOutcome::Partial } else { ActivityOutcome::Succeeded };
        log.record(ActivityKind::Backup, config, day, outcome, |activity, detail| {
            activity.size = Some(3 << 20);
            activity.message = partial.then(|| "1 file could not be read".into());
            detail.tool = Some(Tool { name: "rsync".into(), version: Some("3.2.7".into()) });
            detail.data_type = Some("configuration".into());
            detail.method = Some("file-system".into());
            detail.level = Some("incremental".into());
            detail.exit_status = Some(if partial { 23 } else { 0 });
            detail.errors = if partial { vec!["/etc/crm/secrets.toml: permission denied".into()] } else { Vec::new() };
            detail.artefacts = vec![Artefact { uri: "s3://acme-backups/crm/config".into(), ..Artefact::default() }];
        });
    }
}

/// A recovery with everything that must be written down.
fn people(log: &mut Log) {
    log.record(
        ActivityKind::Recovery,
        "component:shop/orders-db",
        75,
        ActivityOutcome::Succeeded,
        |activity, detail| {
            activity.operator = Some("n.support@example.com".into());
            activity.completed_at = activity.started_at.checked_add_signed(TimeDelta::minutes(95));
            detail.trigger = Some(Trigger::Manual);
            detail.cause = Some("the disk of the database server failed".into());
            detail.actions = vec![
                "replaced the disk".into(),
                "restored the dump of the night".into(),
                "checked the counts of orders".into(),
            ];
            detail.notified = vec!["customers (status page)".into(), "head of sales".into()];
        },
    );
}

fn attestations(as_of: Instant) -> Vec<Attestation> {
    let day = |days: i64| (as_of - TimeDelta::days(days)).date_naive();
    let state = |n: usize, clause: &str, kind: AttestationKind, statement: &str, ago: i64, valid: i64| Attestation {
        id: Text::from(format!("A-{n:03}")),
        clause: Text::from(clause),
        kind,
        statement: Text::from(statement),
        by: "a.lead@example.com".into(),
        performed_by: Some("platform@example.com".into()),
        on: day(ago),
        valid_until: day(ago - valid),
        recorded_at: noon(day(ago)),
        application: None,
        evidence: Vec::new(),
        withdraws: None,
    };
    let manual = "restoring from a manual backup was walked through with the support team";
    let mut procedure = state(4, "6.7", AttestationKind::Procedure, manual, 60, 365);
    procedure.evidence = vec![EvidenceFile {
        path: "runbooks/ec2-manual-backup.md".into(),
        sha256: "9b0f3e3a6c3b8f3f1a35d0a9b5a3e5a9f6a2b4c8d0e1f2a3b4c5d6e7f8091a2b".into(),
        bytes: Some(2310),
        outline: [
            "Connect to the instance",
            "Stop the applications that write",
            "Find the data and its size",
            "Make the backup with tar or rsync",
            "Verify the backup against the original",
            "Transfer it to the bucket of backups",
            "Test the restore on a second instance",
            "Update the documentation",
        ]
        .map(Text::from)
        .to_vec(),
        sha256_now: Some("9b0f3e3a6c3b8f3f1a35d0a9b5a3e5a9f6a2b4c8d0e1f2a3b4c5d6e7f8091a2b".into()),
    }];
    vec![
        state(1, "1.6", AttestationKind::Review, "the schedule of backups fits the estate", 80, 365),
        state(2, "2.4", AttestationKind::Review, "35 days still satisfy law and contracts", 420, 365),
        state(3, "5.7", AttestationKind::Review, "the automation of backups was reviewed", 80, 365),
        procedure,
    ]
}

fn noon(day: NaiveDate) -> Instant {
    (day.and_time(chrono::NaiveTime::MIN) + TimeDelta::hours(12)).and_utc()
}
