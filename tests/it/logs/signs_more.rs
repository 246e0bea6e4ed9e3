//! The checks over logs by their numbers, L16 to L30, and that each number has one.

use lastgood::model::activity::{ActivityKind, ActivityOutcome, Depth, Validation};
use lastgood::model::log::RecordType;
use lastgood::model::text::Text;
use lastgood::sources::logs::append::{Entry, append};
use lastgood::sources::logs::collect::read;

use super::native::{Run, run};
use super::signs::{FILES, NIGHT, Site, restic, wrapped};
use super::{at, backup, now};

const MONTHLY: &str = r#"within = "31d", per = "resource""#;

/// A run as a test of a restore.
fn as_test(mut run: Run) -> Run {
    run.known.kind = Some(ActivityKind::RestoreTest);
    run.known.ended_at = run.known.ended_at.or(run.known.started_at);
    run
}

#[test]
fn every_sign_and_every_trap_by_number_has_a_test() {
    let mut text = String::new();
    for entry in std::fs::read_dir("tests/it/logs").unwrap() {
        text.push_str(&std::fs::read_to_string(entry.unwrap().path()).unwrap());
    }
    let has = |letter: char, n: u32| text.contains(&format!("\nfn {letter}{n:02}_"));
    let missing: Vec<String> = [('t', 31), ('l', 30)]
        .into_iter()
        .flat_map(|(letter, last)| (1..=last).filter(move |n| !has(letter, *n)).map(move |n| format!("{letter}{n:02}")))
        .collect();
    assert!(missing.is_empty(), "no test is named after {missing:?}");
}

#[test]
fn l16_what_a_verification_says_counts_and_not_its_exit_status() {
    for folder in ["pgbackrest/2.45", "pgbackrest/2.55.1"] {
        let damaged = run(folder, "21-verify-damaged-repo");
        assert_eq!(damaged.known.exit_status, Some(0));
        Site::new().read(&damaged).is("integrity-check", MONTHLY, "fail", "ended as failed");
        Site::new().read(&run(folder, "11-verify")).is("integrity-check", MONTHLY, "pass", "");
    }
    let mut by_status = wrapped("pgbackrest", Some("2.55.1"), ActivityKind::Verification);
    by_status.detail_mut().depth = Some(Depth::FullRead);
    Site::new().with([by_status.clone()]).is("integrity-check", MONTHLY, "unknown", "whatever `verify` finds");
    by_status.detail_mut().native = Some("pgbackrest".into());
    Site::new().with([by_status]).is("integrity-check", MONTHLY, "pass", "");
}

#[test]
fn l17_a_restore_test_is_a_restore_whose_data_somebody_compared() {
    let yearly = r#"within = "366d", per = "resource", depth = "compared", validated = false"#;
    let of = |run: Run| Site::new().read(&as_test(run));
    Site::new().is("restore-test", yearly, "fail", "");
    of(restic("17-restore-verify", 0, "restic restore --json --verify latest")).is("restore-test", yearly, "pass", "");
    let plain = restic("16-restore", 0, "restic restore --json latest");
    assert_eq!(of(plain).judge("restore-test", yearly, NIGHT).0, "fail", "nobody compared");
    for (folder, name) in [
        ("barman/3.13.3", "13-recover"),
        ("mysqldump", "17-restore-truncated-dump"),
        ("mysqldump", "19-restore-dump-cut-at-a-statement-boundary-exit0"),
        ("mysqldump", "20-restore-empty-dump-exit0"),
        ("duplicity/3.0.4", "15-restore-missing-volume"),
    ] {
        assert_eq!(of(run(folder, name)).judge("restore-test", yearly, NIGHT).0, "fail", "{folder} {name}");
    }
    let jobs = || {
        let mut jobs = run("aws-backup", "03-list-restore-jobs").read().unwrap().activities;
        jobs.retain(|job| job.kind == ActivityKind::RestoreTest);
        jobs.iter_mut().for_each(|job| job.resource = Some(FILES.into()));
        jobs
    };
    let validated = r#"within = "366d", per = "resource""#;
    assert_eq!(jobs()[0].validation, Some(Validation::Successful));
    Site::new().with(jobs()).is("restore-test", validated, "pass", "");
    let mut nobody = jobs();
    nobody.iter_mut().for_each(|job| job.validation = None);
    Site::new().with(nobody).is("restore-test", validated, "fail", "");
}

#[test]
fn l18_a_restore_that_aws_made_has_a_record() {
    let jobs = || run("aws-backup", "03-list-restore-jobs").read().unwrap().activities;
    let restore = jobs().into_iter().find(|job| job.kind == ActivityKind::Restore).unwrap();
    Site::new().with(jobs()).is("restore-record", "notified = false", "fail", "has no record in the log");
    let mut record = backup("by-hand");
    record.kind = ActivityKind::Restore;
    record.started_at = restore.started_at;
    record.completed_at = restore.completed_at;
    record.point = restore.point.clone();
    record.resource = restore.resource.clone();
    record.size = Some(1);
    record.operator = Some("n@example.com".into());
    record.detail_mut().data_type = Some("files".into());
    Site::new().with(jobs()).with([record.clone()]).is("restore-record", "notified = false", "pass", "");
    record.operator = None;
    Site::new().with(jobs()).with([record]).is("restore-record", "notified = false", "fail", "who did it");
}

#[test]
fn l19_a_backup_that_somebody_asked_aws_for_has_a_record() {
    let mut jobs = run("aws-backup", "01-list-backup-jobs").read().unwrap().activities;
    jobs.retain(|job| job.outcome == ActivityOutcome::Succeeded);
    jobs.iter_mut().for_each(|job| job.source = "backup:ListBackupJobs".into());
    let by_hand = jobs.iter().filter(|job| job.created_by.is_none()).count();
    assert!(by_hand > 0 && jobs.iter().any(|job| job.created_by.is_some()), "of both sorts");
    let says = format!("{by_hand} of that sort");
    Site::new().with(jobs.clone()).is("log-complete", "", "fail", &says);
    let records = jobs.clone().into_iter().map(|mut job| {
        job.account = "declared".into();
        job.source = "log".into();
        job.operator = Some("n@example.com".into());
        job
    });
    Site::new().with(jobs.clone()).with(records).is("log-complete", "", "pass", "");
    jobs.retain(|job| job.created_by.is_some());
    Site::new().with(jobs).is("log-complete", "", "not-applicable", "");
}

#[test]
fn l21_what_restarted_is_explained() {
    let events = || run("aws-events", "04-restarts").read().unwrap();
    assert_eq!(events().activities.len(), 3, "a shutdown and a restart of a database, and a stopped instance");
    assert_eq!(events().problems.len(), 1, "an event without what it is about is not dropped");
    let site = || Site::new().with(events().activities);
    site().is("recovery-record", "notified = false", "fail", "3 of that sort");
    let explain = |n: usize, activity: &lastgood::model::activity::Activity| {
        let mut record = backup(&format!("incident-{n}"));
        record.kind = ActivityKind::Recovery;
        record.resource = activity.resource.clone();
        record.started_at = activity.started_at;
        record.completed_at = Some(activity.started_at);
        record.operator = Some("n@example.com".into());
        record.detail_mut().cause = Some("a patch of the host".into());
        record.detail_mut().actions = vec!["restarted it".into()];
        record
    };
    let found = events().activities;
    let records = [explain(0, &found[0]), explain(1, &found[2])];
    site().with(records.clone()).is("recovery-record", "notified = false", "pass", "");
    site().with(records[..1].to_vec()).is("recovery-record", "notified = false", "fail", "1 of that sort");
    let mut silent = records;
    silent[0].detail_mut().cause = None;
    site().with(silent).is("recovery-record", "notified = false", "fail", "what had failed");
}

/// A log on disk, tampered with, as a scan reads it.
fn logged(tamper: impl Fn(&str) -> String) -> Site {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("backup.jsonl");
    for n in 0..5 {
        let mut one = run("borg/1.4.0", "02-create-json").one();
        one.id = Text::from(format!("run-{n}"));
        append(&path, vec![Entry::activity(RecordType::Imported, one)], "lastgood/test@db1", now()).unwrap();
    }
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, tamper(&text)).unwrap();
    let mut site = Site::new();
    site.inventory.logs.clear();
    site.inventory.reads.clear();
    read(&[folder.path().to_owned()], &[]).put_into(&mut site.inventory);
    site
}

#[test]
fn l22_a_broken_chain_is_a_finding() {
    let without = |text: &str, n: usize| {
        text.lines().enumerate().filter(|(at, _)| *at != n).map(|(_, line)| format!("{line}\n")).collect::<String>()
    };
    let short = r#"lookback = "1h""#;
    assert_ne!(logged(str::to_owned).judge("log-complete", short, NIGHT).0, "fail");
    logged(|text| without(text, 2)).is("log-complete", short, "fail", "backup.jsonl");
    logged(|text| text.replacen("succeeded", "failed", 1)).is("log-complete", short, "fail", "backup.jsonl");
    logged(|text| text.replace("\"seq\":3", "\"seq\":9")).is("log-complete", short, "fail", "backup.jsonl");
}

#[test]
fn l23_a_log_that_is_younger_than_the_period_proves_no_absence() {
    let good = || run("borg/1.4.0", "02-create-json").one();
    let mut site = Site::new().with([good()]);
    site.inventory.reads[0].since = Some(at("2026-11-01T00:00:00Z"));
    site.is("log-complete", r#"lookback = "35d""#, "unknown", "the logs begin on 2026-11-01");
    site.is("log-complete", r#"lookback = "20d""#, "pass", "");
}

#[test]
fn l24_what_aws_forgets_is_unknown_unless_a_log_kept_it() {
    let since = |text: &str| {
        let mut site = Site::of(&format!(
            r#"
            [[resources]]
            arn = "arn:aws:ec2:eu-west-2:111122223333:volume/vol-1"
            kind = "ebs-volume"
            account = "111122223333"
            region = "eu-west-2"
            created_at = "2020-01-01T00:00:00Z"
            tags = {{}}
            {text}"#
        ));
        site.judged = "arn:aws:ec2:eu-west-2:111122223333:volume/vol-1";
        site
    };
    let mut forgets = since("");
    let mut jobs = forgets.inventory.reads[0].clone();
    jobs.account = "111122223333".into();
    jobs.region = "eu-west-2".into();
    jobs.call = "backup:ListRestoreJobs".into();
    jobs.since = Some(at("2026-10-24T00:00:00Z"));
    forgets.inventory.reads.push(jobs.clone());
    let log = forgets.inventory.reads.remove(0);
    let yearly = r#"within = "366d", per = "resource""#;
    forgets.is("restore-test", yearly, "unknown", "");
    forgets.is("log-complete", "", "unknown", "");
    forgets.inventory.reads.push(log);
    forgets.is("restore-test", yearly, "fail", "");
}

#[test]
fn l25_a_time_without_a_zone_or_before_its_beginning_is_none() {
    let mut unzoned = run("rsync", "10-log-file-time-is-local");
    unzoned.known.timezone = None;
    unzoned.known.started_at = None;
    let found = unzoned.read().unwrap();
    assert!(found.activities.is_empty() && found.problems[0].message.contains("have no zone"), "{found:?}");
    let mut backwards = run("borg/1.4.0", "02-create-json").one();
    Site::new().with([backwards.clone()]).is("log-complete", "", "pass", "");
    backwards.completed_at = Some(backwards.started_at - chrono::TimeDelta::seconds(1));
    Site::new().with([backwards]).is("log-complete", "", "fail", "when it ended");
}

#[test]
fn l26_a_run_that_deletes_the_copy_is_a_failure() {
    for (folder, name) in [("rsync", "08-delete-from-empty-source"), ("aws-s3", "07-sync-delete-from-empty-exit0")] {
        let site = Site::new().read(&run(folder, name));
        assert_eq!(site.judge("backup-health", "", NIGHT).0, "fail", "{folder}");
    }
    let mut some = run("rsync", "02-incremental").one();
    let deleted = |some: &mut lastgood::model::activity::Activity, n: u64| {
        some.detail_mut().items.as_mut().unwrap().deleted = Some(n);
    };
    deleted(&mut some, 1);
    Site::new().with([some.clone()]).is("backup-health", "", "pass", "");
    deleted(&mut some, 2);
    Site::new().with([some.clone()]).is("backup-health", "", "fail", "it deleted much of the copy");
    Site::new().with([some]).is("backup-health", "deleted = 30", "pass", "");
}

#[test]
fn l27_what_was_done_by_hand_says_by_whom() {
    let mut by_hand = run("borg/1.4.0", "02-create-json").one();
    by_hand.detail_mut().trigger = Some(lastgood::model::activity::Trigger::Manual);
    Site::new().with([by_hand.clone()]).is("log-complete", "", "fail", "who did it");
    by_hand.operator = Some("n@example.com".into());
    Site::new().with([by_hand.clone()]).is("log-complete", "", "pass", "");
    let monthly = r#"within = "31d""#;
    by_hand.detail_mut().method = Some("file-system".into());
    Site::new().with([by_hand.clone()]).is("manual-backup", monthly, "pass", "");
    by_hand.detail_mut().trigger = None;
    assert_eq!(Site::new().with([by_hand]).judge("manual-backup", monthly, NIGHT).0, "unknown", "nobody said how");
}

#[test]
fn l29_a_notice_that_failed_told_nobody() {
    let failed = run("borg/1.4.0", "06-create-wrong-passphrase").one();
    let site = || Site::new().with([failed.clone()]);
    site().is("failure-notification", r#"within = "1h""#, "fail", "");
    let mut notice = backup("notice");
    notice.kind = ActivityKind::Notification;
    notice.resource = Some(FILES.into());
    notice.started_at = failed.started_at + chrono::TimeDelta::minutes(1);
    site().with([notice.clone()]).is("failure-notification", r#"within = "1h""#, "pass", "");
    notice.outcome = ActivityOutcome::Failed;
    site().with([notice]).is("failure-notification", r#"within = "1h""#, "fail", "the notice of it failed too");
}

#[test]
fn l30_the_word_of_a_tool_that_reports_wrongly_is_no_proof() {
    for (tool, bad, good) in [
        ("restic", "0.18.0", "0.19.0"),
        ("rustic", "0.11.4", "0.11.5"),
        ("borgmatic", "1.9.14", "2.1.10"),
        ("mydumper", "0.10.1", "1.0.0"),
    ] {
        let of = |version| Site::new().with([wrapped(tool, version, ActivityKind::Backup)]);
        of(Some(bad)).is("backup-health", "", "unknown", &format!("{tool} {bad} ends with 0"));
        of(None).is("backup-health", "", "unknown", "its version is not on record");
        of(Some(good)).is("backup-health", "", "pass", "");
        let mut read = wrapped(tool, Some(bad), ActivityKind::Backup);
        read.detail_mut().native = Some(tool.into());
        Site::new().with([read]).is("backup-health", "", "pass", "");
    }
}
