//! The checks over logs by their numbers, L01 to L15: what readers find in real outputs, judged. Each shows the fault found,
//! and what is no such fault let pass.

use std::path::Path;

use lastgood::model::Instant;
use lastgood::model::activity::{Activity, ActivityKind};
use lastgood::model::inventory::Inventory;
use lastgood::model::recovery_point::RecoveryPoint;
use lastgood::model::text::Text;
use lastgood::policy::testing::parse_inventory;
use lastgood::sources::logs::native::Known;

use super::at;
use super::native::{Run, run};
use crate::fixture::{Fixture, judge};

/// The component that the real outputs are about, with its log.
pub(crate) const FILES: &str = "component:crm/files";

pub(crate) const NIGHT: &str = "2026-11-23T00:00:00Z";

/// One component whose log was read, and what readers found.
pub(crate) struct Site {
    pub(crate) inventory: Inventory,
    /// Which resource is judged.
    pub(crate) judged: &'static str,
}

impl Site {
    pub(crate) fn new() -> Self {
        Self::of("")
    }

    /// With more of an inventory, such as what the register says.
    pub(crate) fn of(more: &str) -> Self {
        let text = format!(
            r#"
            reads = [{{ account = "declared", region = "global", call = "log:ReadRecords", since = "2025-01-01T00:00:00Z" }}]
            [[resources]]
            arn = "{FILES}"
            kind = "files"
            account = "declared"
            region = "global"
            application = "crm"
            name = "files"
            created_at = "2024-01-01T00:00:00Z"
            tags = {{}}
            [[logs]]
            id = "s"
            files = ["backup.jsonl"]
            format = "lastgood.log/1"
            records = 1
            {more}"#
        );
        Self { inventory: parse_inventory(&text, at(NIGHT)).unwrap(), judged: FILES }
    }

    /// What the register says that each backup must hold.
    pub(crate) fn holding(sources: &[&str]) -> Self {
        Self::of(&format!(
            "[[applications]]\nid = \"crm\"\n[[applications.components]]\nname = \"files\"\nkind = \"files\"\nsources = {sources:?}\n"
        ))
    }

    pub(crate) fn with(mut self, activities: impl IntoIterator<Item = Activity>) -> Self {
        self.inventory.activities.extend(activities);
        self
    }

    pub(crate) fn points(mut self, points: Vec<RecoveryPoint>) -> Self {
        self.inventory.points.extend(points);
        self
    }

    /// What a reader finds in a run.
    pub(crate) fn read(self, run: &Run) -> Self {
        let found = run.read().unwrap();
        self.with(found.activities).points(found.points)
    }

    /// The outcome and the sentence of a check.
    pub(crate) fn judge(&self, check: &str, with: &str, as_of: &str) -> (&'static str, String) {
        let fixture = format!(
            "note = ''\nas_of = {as_of:?}\njudge = {:?}\noutcome = ''\nreason = ''\nwith = {{ {with} }}\n[inventory]\n",
            self.judged
        );
        let fixture: Fixture = toml::from_str(&fixture).unwrap();
        let judgement = judge(check, &fixture, &self.inventory);
        (judgement.outcome.id(), judgement.reason().to_string())
    }

    #[track_caller]
    pub(crate) fn is(&self, check: &str, with: &str, outcome: &str, says: &str) {
        let (found, reason) = self.judge(check, with, NIGHT);
        assert_eq!(found, outcome, "{reason}");
        assert!(reason.contains(says), "{reason}");
    }
}

/// The same backup on several days before the last night, the newest last.
pub(crate) fn series(one: &Activity, days: u32, change: impl Fn(u32, &mut Activity)) -> Vec<Activity> {
    let day = |n: u32| -> Instant { at(&format!("2026-11-{:02}T22:00:00Z", 22 - (days - 1 - n))) };
    let nth = |n| {
        let mut activity = one.clone();
        let took = activity.completed_at.map(|end| end - activity.started_at);
        activity.id = Text::from(format!("run-{n}"));
        activity.started_at = day(n);
        activity.completed_at = took.map(|took| day(n) + took);
        change(n, &mut activity);
        activity
    };
    (0..days).map(nth).collect()
}

pub(crate) fn restic(name: &str, exit: i32, command: &str) -> Run {
    let bytes = |stream: &str| std::fs::read(Path::new("fixtures/logs/restic/0.18.0").join(format!("{name}.{stream}")));
    Run {
        tool: "restic".into(),
        name: name.into(),
        stdout: bytes("stdout").unwrap(),
        stderr: bytes("stderr").unwrap_or_default(),
        known: Known {
            exit_status: Some(exit),
            command: command.split(' ').map(Text::from).collect(),
            started_at: Some(at("2026-11-22T21:54:00Z")),
            ended_at: Some(at("2026-11-22T21:55:00Z")),
            resource: Some(FILES.into()),
            ..Known::default()
        },
    }
}

/// What `log run` makes of a run of which nothing but the exit status is known.
pub(crate) fn wrapped(tool: &str, version: Option<&str>, kind: ActivityKind) -> Activity {
    let mut activity = super::backup("wrapped");
    activity.kind = kind;
    activity.resource = Some(FILES.into());
    activity.completed_at = Some(activity.started_at);
    activity.size = Some(1);
    activity.detail_mut().tool =
        Some(lastgood::model::activity::Tool { name: tool.into(), version: version.map(Text::from) });
    activity
}

const DAILY: &str = r#"every = "1d", lookback = "26h", grace = "1h""#;
const HEALTH: &str = "";

#[test]
fn l01_only_the_newest_complete_backup_is_fresh() {
    let good = run("borg/1.4.0", "02-create-json");
    let site = || Site::new().with(series(&good.one(), 3, |_, _| {}));
    site().is("cadence", DAILY, "pass", "");
    let (outcome, _) = site().judge("cadence", DAILY, "2026-11-23T23:30:00Z");
    assert_eq!(outcome, "fail", "a day, an hour and more since the last");
    let stale = || series(&good.one(), 3, |_, activity| activity.started_at -= chrono::TimeDelta::days(2));
    for (folder, name) in [
        ("borg/1.4.0", "06-create-wrong-passphrase"),
        ("borg/1.4.0", "09-create-stdin-of-failed-dump"),
        ("aws-s3", "02-cp-stream-of-failed-dump-exit0-size0"),
        ("mysqldump", "06-dump-wrong-password-piped-to-gzip-exit0"),
        ("mysqldump", "11-dump-killed-midway"),
        ("rsync", "03-unreadable-file-exit23"),
        ("barman/3.13.3", "04-backup-named"),
    ] {
        let site = Site::new().with(stale()).read(&run(folder, name));
        assert_eq!(site.judge("cadence", DAILY, NIGHT).0, "fail", "{folder} {name} is no complete backup");
    }
}

#[test]
fn l02_what_is_expected_has_records_and_what_has_records_is_known() {
    let good = run("borg/1.4.0", "02-create-json").one();
    Site::new().is("cadence", DAILY, "fail", "");
    Site::new().with([good.clone()]).is("log-complete", "", "pass", "");
    for stranger in [Some("component:crm/nobody"), Some("/srv/bk/data"), None] {
        let mut other = good.clone();
        other.resource = stranger.map(Text::from);
        Site::new().with([other]).is("log-complete", "", "fail", "what it was about");
    }
}

#[test]
fn l03_a_run_that_never_ended_hangs() {
    let killed = run("rsync", "12-killed-kill9.log-file");
    assert_eq!(killed.outcome().id(), "running");
    let site = Site::new().read(&killed);
    site.is("backup-health", r#"longest = "1h""#, "fail", "it has not ended");
    let (outcome, _) = site.judge("backup-health", r#"longest = "2h""#, NIGHT);
    assert_ne!(outcome, "fail", "it may still be running");
}

#[test]
fn l04_a_partial_backup_is_a_failure_unless_all_that_is_missing_was_accepted() {
    let vanished = || Site::new().read(&run("rsync", "06-vanished-file-exit24"));
    let unreadable = || Site::new().read(&run("rsync", "03-unreadable-file-exit23"));
    vanished().is("backup-health", HEALTH, "fail", "partial");
    unreadable().is("backup-health", HEALTH, "fail", "partial");
    let accepted = r#"accepted = ["file has vanished: *", "rsync warning: some files vanished *"]"#;
    vanished().is("backup-health", accepted, "pass", "");
    unreadable().is("backup-health", accepted, "fail", "Permission denied");
    vanished().is("backup-health", r#"accepted = ["file has vanished: *"]"#, "fail", "");
    for (folder, name) in [
        ("tar", "02-unreadable-exit2-archive-still-written"),
        ("borg/1.4.0", "04-create-unreadable"),
        ("borgmatic/2.1.10", "12-create-unreadable"),
        ("rustic/0.11.4", "04-backup-unreadable"),
        ("duplicity/3.0.4", "10-unreadable-file"),
    ] {
        assert_eq!(Site::new().read(&run(folder, name)).judge("backup-health", HEALTH, NIGHT).0, "fail", "{folder}");
    }
}

#[test]
fn l05_a_success_with_errors_on_record_is_none() {
    let jobs = || {
        let mut jobs = run("aws-backup", "01-list-backup-jobs").read().unwrap().activities;
        jobs.retain(|job| job.outcome.id() == "completed-with-issues");
        jobs.iter_mut().for_each(|job| job.resource = Some(FILES.into()));
        assert_eq!(jobs.len(), 1);
        Site::new().with(jobs)
    };
    jobs().is("backup-health", HEALTH, "fail", "VSS");
    jobs().is("backup-health", r#"accepted = ["Windows VSS Backup attempt failed *"]"#, "pass", "");
    let rewritten = Site::new().read(&run("git", "06-history-rewritten"));
    rewritten.is("backup-health", "warnings = true", "pass", "");
    rewritten.is("backup-health", "warnings = false", "fail", "holds warnings");
}

#[test]
fn l06_what_holds_nothing_is_no_backup() {
    for (folder, name) in [
        ("aws-s3", "02-cp-stream-of-failed-dump-exit0-size0"),
        ("mysqldump", "06-dump-wrong-password-piped-to-gzip-exit0"),
        ("borg/1.4.0", "09-create-stdin-of-failed-dump"),
        ("rustic/0.11.4", "08-backup-stdin-of-failed-dump"),
        ("rsync", "04-source-missing"),
    ] {
        let (outcome, reason) = Site::new().read(&run(folder, name)).judge("backup-health", HEALTH, NIGHT);
        assert_eq!(outcome, "fail", "{folder} {name}: {reason}");
    }
    Site::new().read(&run("aws-s3", "01-cp-tar")).is("backup-health", HEALTH, "pass", "");
}

#[test]
fn l07_a_dump_is_complete_with_status_0_and_its_end() {
    for (name, outcome) in [
        ("01-dump-ok", "pass"),
        ("03-dump-skip-comments", "pass"),
        ("07-dump-broken-view-aborts-midway", "fail"),
        ("08-dump-broken-view-force", "fail"),
        ("09-dump-broken-piped-gzip", "fail"),
        ("18-dump-killed-in-a-pipe-exit0", "fail"),
    ] {
        let site = Site::new().read(&run("mysqldump", name));
        assert_eq!(site.judge("backup-health", HEALTH, NIGHT).0, outcome, "{name}");
    }
    let cut = run("pg_dump/pg17", "05-fails-midway-piped-exit0");
    assert_eq!(Site::new().read(&cut).judge("backup-health", HEALTH, NIGHT).0, "fail");
}

#[test]
fn l08_a_size_far_from_the_usual_is_suspicious_until_somebody_approves_it() {
    let good = run("borg/1.4.0", "02-create-json").one();
    let usual = good.size.unwrap();
    let newest =
        |size: u64| Site::new().with(series(&good, 7, |n, run| run.size = Some(if n == 6 { size } else { usual })));
    newest(usual).is("backup-health", "growth = 200", "pass", "");
    newest(usual / 2).is("backup-health", HEALTH, "fail", "at the median");
    newest(usual / 2).is("backup-health", "shrink = 40", "pass", "");
    newest(usual * 3).is("backup-health", HEALTH, "pass", "");
    newest(usual * 3).is("backup-health", "growth = 200", "fail", "at the median");
    // An increment is no shrunken full backup.
    let increment = Site::new().with(series(&good, 7, |n, run| {
        run.size = Some(if n == 6 { usual / 2 } else { usual });
        run.detail_mut().level = Some(if n == 6 { "incremental" } else { "full" }.into());
    }));
    increment.is("backup-health", HEALTH, "pass", "");
    let mut review = good.clone();
    review.kind = ActivityKind::Review;
    review.id = "review".into();
    review.started_at = at("2026-11-22T23:00:00Z");
    review.detail_mut().about = Some("run-6".into());
    newest(usual / 2).with([review]).is("backup-health", HEALTH, "pass", "");
}

#[test]
fn l09_backups_of_what_changes_do_not_stay_the_same() {
    let unchanged = run("rustic/0.11.4", "03-backup-unchanged").one();
    let site = || Site::new().with(series(&unchanged, 4, |_, _| {}));
    site().is("backup-health", "frozen = 4", "fail", "hold the same content");
    site().is("backup-health", "frozen = 5", "pass", "");
    site().is("backup-health", HEALTH, "pass", "");
}

#[test]
fn l10_a_backup_takes_about_as_long_as_the_others() {
    let good = restic("02-backup-first", 0, "restic backup --json /srv/bk/data").one();
    let newest = |seconds: i64| {
        Site::new().with(series(&good, 7, |n, run| {
            run.completed_at = Some(run.started_at + chrono::TimeDelta::seconds(if n == 6 { seconds } else { 600 }));
        }))
    };
    let both = "slow = 200, fast = 20";
    newest(1200).is("backup-health", both, "pass", "");
    newest(1201).is("backup-health", both, "fail", "the newest backup took");
    newest(120).is("backup-health", both, "pass", "");
    newest(119).is("backup-health", both, "fail", "the newest backup took");
    newest(1).is("backup-health", HEALTH, "pass", "");
    // Each night takes 20 minutes longer than the one before: after 18 more the night is over.
    let slower = Site::new().with(series(&good, 7, |n, run| {
        run.completed_at = Some(run.started_at + chrono::TimeDelta::minutes(120 + 20 * i64::from(n)));
    }));
    slower.is("backup-health", "longest = \"10h\", ahead = \"18d\"", "pass", "");
    slower.is(
        "backup-health",
        "longest = \"10h\", ahead = \"19d\"",
        "fail",
        "within 19d one will take longer than 10h",
    );
    slower.is("backup-health", "longest = \"10h\"", "pass", "");
    // What has come true is not forgotten.
    slower.is("backup-health", "longest = \"3h\", ahead = \"18d\"", "fail", "the newest took 4h");
}

#[test]
fn l11_every_source_that_the_register_names_is_in_the_backup() {
    let command = "restic backup --json /srv/bk/data";
    let good = restic("02-backup-first", 0, command);
    let of = |sources: &[&str], run: &Run| Site::holding(sources).read(run).judge("backup-health", HEALTH, NIGHT);
    assert_eq!(of(&["/srv/bk/data"], &good).0, "pass");
    assert_eq!(of(&["/srv/bk/data/app/conf"], &good).0, "pass", "a folder holds what lies in it");
    let (outcome, reason) = of(&["/srv/bk/data", "/etc"], &good);
    assert!(outcome == "fail" && reason.contains("a source that it must hold"), "{reason}");
    assert_eq!(of(&["/srv/bk/data2"], &good).0, "fail", "another folder");
    assert_eq!(of(&["crm"], &run("mysqldump", "01-dump-ok")).0, "pass", "a database");
    assert_eq!(of(&["crm", "big"], &run("mysqldump", "01-dump-ok")).0, "fail");
    let mut silent = good;
    silent.known.command.clear();
    let (outcome, reason) = of(&["/srv/bk/data"], &silent);
    assert!(outcome == "unknown" && reason.contains("does not say what is in it"), "{reason}");
}

#[test]
fn l12_errors_in_catalogues_count() {
    let corrupt = Site::new().read(&run("pgbackrest/2.55.1", "20-info-json-backup-error-flag"));
    corrupt.is("backup-health", "tolerate_recovered = false", "fail", "invalid checksums");
    let waiting = Site::new().read(&run("barman/3.13.3", "06-list-backups"));
    waiting.is("backup-health", HEALTH, "fail", "WAL");
    waiting.is("cadence", DAILY, "fail", "");
    let failed = Site::new().read(&run("barman/3.4.0", "33-list-backups-with-a-failed-one"));
    failed.is("backup-health", "tolerate_recovered = false", "fail", "");
    Site::new().read(&run("pgbackrest/2.55.1", "08-info-json")).is("backup-health", HEALTH, "pass", "");
}

#[test]
fn l13_after_pruning_a_complete_backup_is_left() {
    let before = run("pgbackrest/2.45", "20-info-json-backup-error-flag").read().unwrap().points;
    assert_eq!(run("pgbackrest/2.45", "23-expire").one().detail.unwrap().items.unwrap().deleted, Some(3));
    let mut after = before.clone();
    after.retain(|point| point.status.id() == "partial");
    assert_eq!((before.len(), after.len()), (4, 1), "the only one that expire left has errors");
    Site::new().points(before).is("cadence", DAILY, "pass", "");
    Site::new().points(after).is("cadence", DAILY, "fail", "");
}

#[test]
fn l14_a_verification_counts_as_deep_as_it_looked() {
    let monthly = r#"within = "31d", per = "resource""#;
    let of = |name: &str, exit: i32, command: &str| Site::new().read(&restic(name, exit, command));
    let shallow = of("23-check-damaged-pack-no-read-data", 0, "restic check --json");
    shallow.is("integrity-check", monthly, "fail", "only as metadata");
    of("15-check-read-data", 0, "restic check --json --read-data").is("integrity-check", monthly, "pass", "");
    of("15-check-read-data", 0, "restic check --json --read-data-subset=5%").is(
        "integrity-check",
        monthly,
        "fail",
        "only as sampled",
    );
    of("24-check-damaged-pack-read-data", 1, "restic check --json --read-data").is(
        "integrity-check",
        monthly,
        "fail",
        "ended as failed",
    );
    let unsaid = of("15-check-read-data", 0, "");
    assert_eq!(unsaid.judge("integrity-check", monthly, NIGHT).0, "fail", "an empty word is a command");
    let mut nobody = restic("15-check-read-data", 0, "");
    nobody.known.command.clear();
    Site::new().read(&nobody).is("integrity-check", monthly, "unknown", "nobody said how deeply");
}

#[test]
fn l15_a_verification_of_nothing_verifies_nothing() {
    let mut vacuous = restic("15-check-read-data", 0, "restic check --json --read-data").one();
    let monthly = r#"within = "31d", per = "resource""#;
    vacuous.detail_mut().items = Some(lastgood::model::activity::Items { total: Some(0), ..Default::default() });
    Site::new().with([vacuous]).is("integrity-check", monthly, "fail", "looked at nothing");
    let bacula = run("bacula/15.0.3", "06-restore").read().unwrap().activities;
    let bacula = bacula.into_iter().filter(|activity| activity.kind == ActivityKind::Verification);
    Site::new().with(bacula).is("integrity-check", monthly, "fail", "ended as failed");
}
