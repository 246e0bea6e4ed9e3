//! Records that AWS keeps of its jobs, kept as files: they last longer than AWS remembers, and count once.

use lastgood::model::activity::{ActivityOutcome, Trigger, Validation};
use lastgood::model::inventory::Inventory;
use lastgood::sources::logs::collect::read;

use super::native::run;
use super::{at, now};

#[test]
fn a_job_says_who_made_it_happen_and_where() {
    let found = run("aws-backup", "01-list").read().unwrap();
    let (planned, by_hand) = (&found.activities[0], &found.activities[4]);
    assert_eq!((planned.trigger(), by_hand.trigger()), (Some(Trigger::Scheduled), Some(Trigger::Manual)));
    assert_eq!((planned.account.as_str(), planned.region.as_str()), ("123456789012", "eu-west-1"));
    assert_eq!(planned.created_by.as_ref().unwrap().rule.as_deref(), Some("daily"));
    assert_eq!(found.activities[1].outcome, ActivityOutcome::CompletedWithIssues, "COMPLETED, the state says");
    let copy = run("aws-backup", "02-list").read().unwrap().activities.remove(0);
    assert_eq!(copy.point.as_deref(), Some("arn:aws:ec2:eu-central-1::snapshot/snap-0ffff"));
    assert_eq!(copy.started_at, at("2026-11-22T02:00:00.5Z"), "seconds since 1970, as version 1 of the CLI prints");
}

#[test]
fn a_restore_test_without_a_verdict_has_none() {
    let found = run("aws-backup", "03-list").read().unwrap();
    assert_eq!(found.activities[0].validation, Some(Validation::Successful));
    assert_eq!(found.activities[1].validation, None);
    let report = run("aws-report", "03-restore").one();
    assert_eq!(report.validation, Some(Validation::TimedOut));
}

#[test]
fn ebs_writes_its_arns_in_a_way_of_its_own() {
    let found = run("aws-events", "01-events").read().unwrap();
    let snapshot = &found.activities[4];
    assert_eq!(snapshot.resource.as_deref(), Some("arn:aws:ec2:eu-west-1:123456789012:volume/vol-01"));
    assert_eq!(snapshot.point.as_deref(), Some("arn:aws:ec2:eu-west-1::snapshot/snap-01"));
}

#[test]
fn the_last_event_of_a_job_counts_whatever_its_place() {
    let found = run("aws-events", "02-events").read().unwrap();
    let job = found.activities.iter().find(|activity| activity.id == "E1").unwrap();
    assert_eq!(job.outcome, ActivityOutcome::Succeeded, "`RUNNING` was delivered after `COMPLETED`");
}

/// The same job from AWS, a kept list and an event is one job.
#[test]
fn a_job_that_aws_shows_too_is_counted_once() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    let jobs = run("aws-backup", "04-describe");
    put("jobs.json", &jobs.stdout);
    put("again.json", &jobs.stdout);
    put("logs.toml", b"[[source]]\nfiles = [\"*.json\"]\ntool = \"aws-backup\"\n");
    let fresh = || read(&[folder.path().to_owned()], &[]);
    assert!(fresh().gaps.is_empty(), "{:?}", fresh().gaps);

    let mut inventory = Inventory::empty(now(), "test");
    fresh().put_into(&mut inventory);
    assert_eq!(inventory.activities.len(), 1);

    let mut live = jobs.one();
    live.message = Some("from AWS".into());
    let mut inventory = Inventory::empty(now(), "test");
    inventory.activities.push(live.clone());
    fresh().put_into(&mut inventory);
    assert_eq!(inventory.activities, [live.clone()], "what AWS says itself stays");

    live.outcome = ActivityOutcome::Running;
    let mut inventory = Inventory::empty(now(), "test");
    inventory.activities.push(live);
    fresh().put_into(&mut inventory);
    assert_eq!(inventory.activities[0].outcome, ActivityOutcome::Succeeded, "an end is more than a beginning");
    assert_eq!(inventory.activities.len(), 1);
}

#[test]
fn a_list_that_goes_on_is_a_gap() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("copies.json"), run("aws-backup", "02-list").stdout).unwrap();
    std::fs::write(folder.path().join("logs.toml"), "[[source]]\nfiles = [\"*.json\"]\ntool = \"aws-backup\"\n")
        .unwrap();
    let logs = read(&[folder.path().to_owned()], &[]);
    assert_eq!((logs.activities.len(), logs.gaps.len()), (1, 1), "{logs:?}");
}
