//! Records that AWS keeps of its jobs, kept as files: they last longer than AWS remembers, and count once.

use lastgood::model::activity::{ActivityKind, ActivityOutcome, Trigger, Validation};
use lastgood::model::inventory::Inventory;
use lastgood::sources::logs::collect::read;
use serde_json::{Value, json};

use super::native::{Run, run};
use super::{at, now};

/// A job as `describe-backup-job` prints it, with some of its fields changed; null takes one out.
fn job(changes: &Value) -> Run {
    let mut run = run("aws-backup", "04-describe");
    let mut job: Value = serde_json::from_slice(&run.stdout).unwrap();
    for (key, value) in changes.as_object().unwrap() {
        job[key] = value.clone();
    }
    job.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    run.stdout = job.to_string().into_bytes();
    run
}

fn outcome(changes: &Value) -> String {
    job(changes).outcome().id().to_owned()
}

#[test]
fn each_state_of_a_job_is_what_it_is() {
    for (state, expected) in [
        ("COMPLETED", "succeeded"),
        ("completed", "succeeded"),
        ("CREATED", "running"),
        ("PENDING", "running"),
        ("RUNNING", "running"),
        ("ABORTING", "running"),
        ("ABORTED", "aborted"),
        ("EXPIRED", "expired"),
        ("FAILED", "failed"),
        ("PARTIAL", "partial"),
        ("SHREDDED", "SHREDDED"),
    ] {
        assert_eq!(outcome(&json!({"State": state})), expected, "{state}");
    }
    // The category says whether a message is a complaint; without one every message of a backup is.
    for (category, message, expected) in [
        (json!("SUCCESS"), json!("1 file was skipped by design"), "succeeded"),
        (json!("AGGREGATE_ALL"), Value::Null, "completed-with-issues"),
        (Value::Null, json!("VSS failed"), "completed-with-issues"),
        (Value::Null, json!("  "), "succeeded"),
        (Value::Null, Value::Null, "succeeded"),
    ] {
        let changes = json!({"MessageCategory": category, "StatusMessage": message});
        assert_eq!(outcome(&changes), expected, "{changes}");
    }
    let category = job(&json!({"MessageCategory": "VSSError"})).one();
    assert_eq!(category.message.as_deref(), Some("VSSError"), "all that is said of it");
    // A restore says what it did, and that is no complaint.
    let restore = json!({"BackupJobId": null, "RestoreJobId": "R", "StatusMessage": "restored to vol-1", "MessageCategory": null});
    assert_eq!(outcome(&restore), "succeeded");
}

#[test]
fn a_job_lies_where_its_record_or_its_arns_say() {
    let nowhere = json!({"AccountId": null, "BackupVaultArn": null, "ResourceArn": null, "RecoveryPointArn": null});
    let found = job(&nowhere).read().unwrap();
    assert!(found.activities.is_empty() && found.problems[0].message.contains("names no account"), "{found:?}");
    let mut no_region = nowhere.clone();
    no_region["AccountId"] = json!("123456789012");
    assert!(job(&no_region).read().unwrap().problems[0].message.contains("names no region"));
    no_region["Region"] = json!("eu-west-3");
    assert_eq!(job(&no_region).one().region.as_str(), "eu-west-3");
    // A bucket's ARN names neither; the vault's does.
    let of_bucket = json!({"AccountId": null, "ResourceArn": "arn:aws:s3:::data", "RecoveryPointArn": null});
    let activity = job(&of_bucket).one();
    assert_eq!((activity.account.as_str(), activity.region.as_str()), ("123456789012", "eu-west-1"));
    // A copy belongs to where it copies from.
    let copy = json!({
        "BackupJobId": null, "CopyJobId": "C", "AccountId": null, "BackupVaultArn": null, "ResourceArn": "arn:aws:s3:::data",
        "SourceBackupVaultArn": "arn:aws:backup:eu-west-2:111111111111:backup-vault:a",
        "DestinationRecoveryPointArn": "arn:aws:backup:eu-central-1:222222222222:recovery-point:x",
    });
    let activity = job(&copy).one();
    assert_eq!((activity.account.as_str(), activity.region.as_str()), ("111111111111", "eu-west-2"));
    assert_eq!(activity.point.as_deref(), Some("arn:aws:backup:eu-central-1:222222222222:recovery-point:x"));
    let mut unnamed = job(&json!({"ResourceArn": {}}));
    assert_eq!(unnamed.one().resource.as_deref(), Some("component:crm/files"), "the caller knows it");
    unnamed.known.resource = None;
    assert_eq!(unnamed.one().resource, None);
}

#[test]
fn what_made_a_job_and_what_came_of_its_test_is_read() {
    let of = |changes: Value| job(&changes).one();
    let by_id = of(json!({"CreatedBy": {"BackupPlanId": "p", "BackupRuleName": "nightly"}})).created_by.unwrap();
    assert_eq!((by_id.plan.as_str(), by_id.rule.as_deref()), ("p", Some("nightly")));
    assert_eq!(of(json!({"CreatedBy": {}})).created_by, None, "AWS writes an empty object where there is none");
    for (status, expected) in [
        ("SUCCESSFUL", Some(Validation::Successful)),
        ("FAILED", Some(Validation::Failed)),
        ("TIMED_OUT", Some(Validation::TimedOut)),
        ("VALIDATING", Some(Validation::Validating)),
        ("ODD", None),
    ] {
        assert_eq!(of(json!({"ValidationStatus": status})).validation, expected, "{status}");
    }
    let why = of(json!({"ValidationStatus": "FAILED", "ValidationStatusMessage": "the application did not start"}));
    assert_eq!(why.message.as_deref(), Some("the application did not start"));
    let restore = json!({"BackupJobId": null, "RestoreJobId": "R", "RestoreTestingPlanArn": "arn:aws:backup:::p"});
    assert_eq!(of(restore).kind, ActivityKind::RestoreTest);
    // Older records say when a job began in other words.
    for key in ["StartDate", "InitiationDate"] {
        let began = of(json!({"CreationDate": null, key: "2026-11-22T01:00:00Z"})).started_at;
        assert_eq!(began, at("2026-11-22T01:00:00Z"), "{key}");
    }
    let never = job(&json!({"CreationDate": null})).read().unwrap();
    assert!(never.activities.is_empty() && never.problems[0].message.contains("no creation date"), "{never:?}");
    let stateless = job(&json!({"State": ""})).read().unwrap();
    assert!(stateless.activities.is_empty() && stateless.problems[0].message.contains("no state"), "{stateless:?}");
}

#[test]
fn an_answer_that_is_no_list_of_jobs_is_refused() {
    let answer = |text: &str| Run { stdout: text.as_bytes().to_vec(), ..run("aws-backup", "04-describe") };
    let inner = String::from_utf8(job(&json!({"BackupJobId": null, "CopyJobId": "C"})).stdout).unwrap();
    let copy = answer(&format!("{{\"CopyJob\": {inner}}}")).one();
    assert_eq!((copy.kind, copy.id.as_str()), (ActivityKind::Copy, "C"), "as `describe-copy-job` prints it");
    for text in ["", "[]", "{}", "{\"BackupVaultList\": []}", "7"] {
        assert!(answer(text).read().is_err(), "{text}");
    }
    let twice = answer(&format!("{inner}\n{}", String::from_utf8(job(&json!({})).stdout).unwrap())).read().unwrap();
    assert_eq!(twice.activities.len(), 2, "one document after the other");
    assert!(answer(&format!("{inner}\n{{\"BackupJobs\": [")).read().is_err(), "the second was cut");
}

#[test]
fn a_report_is_read_in_each_of_its_forms() {
    let report = |text: &str| Run { stdout: text.as_bytes().to_vec(), ..run("aws-report", "01-backup") };
    let csv = |text: &str| report(&format!("\u{feff}{text}"));
    let head = "Backup Job ID,Job Status,Account ID,Region,Creation Date,Status Message\n";
    let row = "B1,COMPLETED,123456789012,eu-west-1,2026-11-22T02:00:00Z,\n";
    let activity = csv(&format!("{head}{row}")).one();
    assert_eq!((activity.id.as_str(), activity.outcome.id()), ("B1", "succeeded"));
    for (from, to) in [("Job Status", "Outcome"), ("Backup Job ID", "Name")] {
        assert!(csv(&format!("{head}{row}").replace(from, to)).read().is_err(), "there is no {from}");
    }
    // A row that is cut, or of no job, is told with its line.
    assert_eq!(csv(&format!("{head}{row}B2,FAILED\n")).read().unwrap_err().line, 3);
    let unnamed = csv(&format!("{head}{row},FAILED,123456789012,eu-west-1,2026-11-22T02:00:00Z,\n")).read().unwrap();
    assert_eq!((unnamed.activities.len(), unnamed.problems[0].line), (1, 3));
    let items = r#"[{"copyJobId": "C", "state": "FAILED", "accountId": "1", "region": "r", "startDate": 1795312800}]"#;
    assert_eq!(report(items).one().kind, ActivityKind::Copy, "the items alone");
    for text in ["", "{}", "[7]", "{\"reportItems\": 7}"] {
        assert!(report(text).read().is_err(), "{text}");
    }
}

/// An event of EventBridge with this detail.
fn event(source: &str, kind: &str, detail: &Value, more: &Value) -> Run {
    let mut event = json!({
        "id": "e", "source": source, "detail-type": kind, "account": "123456789012", "region": "eu-west-1",
        "time": "2026-11-22T02:00:00Z", "resources": ["arn:aws:ec2:eu-west-1::snapshot/snap-1"], "detail": detail,
    });
    for (key, value) in more.as_object().unwrap() {
        event[key] = value.clone();
    }
    Run { stdout: event.to_string().into_bytes(), ..run("aws-events", "01-events") }
}

#[test]
fn an_event_says_what_its_envelope_adds() {
    let detail = json!({"backupJobId": "B", "state": "COMPLETED", "creationDate": "2026-11-22T01:00:00Z", "resourceArn": "arn:aws:s3:::d"});
    let backup = event("aws.backup", "Backup Job State Change", &detail, &json!({})).one();
    assert_eq!((backup.account.as_str(), backup.region.as_str()), ("123456789012", "eu-west-1"));
    assert_eq!(backup.point.as_deref(), Some("arn:aws:ec2:eu-west-1::snapshot/snap-1"));
    let of_resource =
        event("aws.backup", "Backup Job State Change", &detail, &json!({"resources": ["arn:aws:s3:::d"]}));
    assert_eq!(of_resource.one().point, None, "it names what was to be backed up");
    let detail = json!({"copyJobId": "C", "state": "COMPLETED", "creationDate": "2026-11-22T01:00:00Z"});
    let copy = event("aws.backup", "Copy Job State Change", &detail, &json!({})).one();
    assert_eq!((copy.kind, copy.point), (ActivityKind::Copy, None), "what it made lies elsewhere");
    let detail = json!({"restoreJobId": "R", "status": "FAILED", "creationDate": "2026-11-22T01:00:00Z"});
    let restore = event("aws.backup", "Restore Job State Change", &detail, &json!({})).one();
    assert_eq!((restore.kind, restore.outcome.id()), (ActivityKind::Restore, "failed"));
    assert!(event("aws.s3", "Object Created", &json!({}), &json!({})).read().unwrap().activities.is_empty());
    assert!(Run { stdout: Vec::new(), ..run("aws-events", "01-events") }.read().is_err());
    assert!(Run { stdout: b"[7]".to_vec(), ..run("aws-events", "01-events") }.read().is_err());
}

#[test]
fn events_of_snapshots_and_of_policies_are_read_for_what_they_say() {
    let snapshot = |result: &str, what: &str| {
        let detail = json!({"event": what, "result": result, "cause": "no", "snapshot_id": "arn:aws:ec2::eu-west-1:snapshot/s",
            "source": "arn:aws:ec2::eu-west-1:volume/v", "startTime": "2026-11-22T01:00:00Z", "endTime": "2026-11-22T01:10:00Z"});
        event("aws.ec2", "EBS Snapshot Notification", &detail, &json!({})).one()
    };
    for (result, expected) in [
        ("succeeded", "succeeded"),
        ("available", "succeeded"),
        ("failed", "failed"),
        ("error", "failed"),
        ("odd", "odd"),
    ] {
        assert_eq!(snapshot(result, "createSnapshot").outcome.id(), expected, "{result}");
    }
    assert_eq!(snapshot("failed", "createSnapshot").message.as_deref(), Some("no"));
    assert_eq!(snapshot("succeeded", "createSnapshots").kind, ActivityKind::Backup);
    assert_eq!(snapshot("succeeded", "copySnapshot").kind, ActivityKind::Copy);
    let nameless =
        event("aws.ec2", "EBS Snapshot Notification", &json!({"result": "succeeded"}), &json!({})).read().unwrap();
    assert!(nameless.activities.is_empty() && nameless.problems.len() == 1);
    let policy =
        |state: &str| event("aws.dlm", "DLM Policy State Change", &json!({"state": state}), &json!({})).read().unwrap();
    assert_eq!(policy("ERROR").activities[0].outcome, ActivityOutcome::Failed);
    assert_eq!(policy("ERROR").activities[0].message.as_deref(), Some("the policy went into error: no cause is given"));
    assert!(policy("ENABLED").activities.is_empty(), "that it works again is no backup");
}

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
