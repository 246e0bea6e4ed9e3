//! What the outputs of borg, borgmatic and rustic say when one thing in them is different: real outputs, changed in
//! one place.

use lastgood::model::activity::{ActivityKind, Depth};

use super::at;
use super::native::{Run, run};

fn borg(name: &str) -> Run {
    run("borg/1.4.0", name)
}

fn missing(run: &Run) -> Vec<String> {
    run.one().detail.unwrap().missing.iter().map(|missing| missing.to_string()).collect()
}

#[test]
fn borg_tells_of_a_file_that_it_left_out_in_three_ways() {
    for said in [
        r#"{"type": "file_status", "status": "E", "path": "/srv/bk/data/secret"}"#,
        r#"{"type": "log_message", "levelname": "WARNING", "message": "secret: denied", "msgid": "BackupPermissionError"}"#,
        "/srv/bk/data/secret: open: [Errno 13] Permission denied: 'secret'",
    ] {
        assert_eq!(borg("02-create-json").saying(said).outcome().id(), "partial", "{said}, and status 0");
    }
    for said in [
        r#"{"type": "file_status", "status": "M", "path": "/srv/bk/data/app.conf"}"#,
        r#"{"type": "log_message", "levelname": "WARNING", "message": "the cache is old", "msgid": "CacheRebuild"}"#,
    ] {
        assert_eq!(borg("02-create-json").saying(said).outcome().id(), "succeeded", "{said}");
    }
}

#[test]
fn a_backup_of_borg_is_as_good_as_its_status_and_messages() {
    let outcome = |status| borg("02-create-json").ended(status).outcome().id().to_owned();
    for (status, expected) in [(2, "failed"), (99, "failed"), (100, "partial"), (127, "partial"), (128, "failed")] {
        assert_eq!(outcome(Some(status)), expected, "{status}");
    }
    assert_eq!(outcome(None), "succeeded");
    assert_eq!(missing(&borg("02-create-json").ended(None)), ["exit-status"]);
    let warned = r#"{"type": "log_message", "levelname": "WARNING", "message": "the cache is old"}"#;
    assert_eq!(borg("02-create-json").saying(warned).ended(None).outcome().id(), "partial", "nobody said the status");
    let critical = r#"{"type": "log_message", "levelname": "CRITICAL", "message": "out of memory"}"#;
    let activity = borg("02-create-json").saying(critical).ended(Some(2)).one();
    assert_eq!(activity.detail.unwrap().errors, ["out of memory"]);
    let authenticated = borg("02-create-json").edited("\"repokey\"", "\"authenticated-blake2\"").one();
    assert_eq!(authenticated.detail.unwrap().artefacts[0].encrypted, Some(false), "signed, and open to all");
}

#[test]
fn what_borg_left_behind_when_it_was_interrupted_is_no_copy() {
    let list = borg("11-list-json");
    let text = String::from_utf8_lossy(&list.stdout).into_owned();
    let name = text.split("\"name\": \"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let found = list.edited(&format!("\"name\": \"{name}\""), &format!("\"name\": \"{name}.checkpoint.1\"")).read();
    assert_eq!(found.unwrap().points.iter().filter(|point| !point.is_usable()).count(), 1);
}

#[test]
fn the_other_commands_of_borg_end_as_their_status_and_last_words_say() {
    let untold = |name| borg(name).ended(None);
    assert_eq!(untold("15-check").outcome().id(), "succeeded", "its last words are that it found nothing");
    assert!(untold("18-extract").read().is_err(), "nothing tells how it ended");
    // A warning on a clean end is an issue, and one of a restore is a file that is not back.
    let warned =
        r#"{"type": "log_message", "time": 1795385102.8, "levelname": "WARNING", "message": "x: cannot set flags"}"#;
    let extract = |status| borg("18-extract").saying(warned).ended(Some(status)).outcome().id().to_owned();
    assert_eq!(
        (extract(0).as_str(), extract(1).as_str(), extract(2).as_str()),
        ("completed-with-issues", "partial", "failed")
    );
    assert_eq!(borg("15-check").saying(warned).ended(Some(1)).outcome().id(), "failed");
    let failed = r#"{"type": "log_message", "time": 1795385102.8, "levelname": "ERROR", "message": "no such archive"}"#;
    assert_eq!(borg("18-extract").saying(failed).ended(Some(1)).outcome().id(), "failed");
    assert_eq!(borg("18-extract").saying(failed).ended(Some(0)).outcome().id(), "failed");
    // Without the command, by its last words alone; how deeply it looked is then not known.
    let check = borg("16-check").by("");
    let activity = check.one();
    assert_eq!((activity.kind, activity.outcome.id()), (ActivityKind::Verification, "succeeded"));
    assert_eq!((activity.detail.unwrap().depth, missing(&check)), (None, vec!["depth".to_owned()]));
    let of_repository = r#"{"type": "log_message", "time": 1.5, "levelname": "INFO", "message": "Finished full repository check, no problems found."}"#;
    assert_eq!(borg("16-check").by("").saying(of_repository).one().kind, ActivityKind::Verification);
    // A list that failed is no failed backup.
    let why = borg("06-create").by("borg list --json").read().unwrap_err().why;
    assert_eq!(why, "the list could not be read");
    let why = borg("18-extract").by("borg list").read().unwrap_err().why;
    assert!(why.contains("was `--json` given?"), "{why}");
}

#[test]
fn borgmatic_says_on_standard_error_what_its_status_does_not() {
    let good = || run("borgmatic/2.1.10", "02-create");
    let treated = "local: x\nTreating exit code 1 as a warning, as per configuration\n";
    assert_eq!(good().saying(treated).outcome().id(), "partial");
    assert_eq!(good().saying("Treating exit code 1 as success\n").outcome().id(), "succeeded");
    let second = "other: Error running actions for repository\nother: Connection refused\n";
    let activity = good().saying(second).ended(Some(1)).one();
    assert_eq!((activity.outcome.id(), activity.message.as_deref()), ("partial", Some("Connection refused")));
    // An action that complains failed, and one that ends badly too.
    let extract = |stderr: &str, status| run("borgmatic/2.1.10", "09-extract").saying(stderr).ended(status);
    assert_eq!(extract(second, Some(0)).outcome().id(), "failed");
    assert_eq!(extract("", Some(1)).outcome().id(), "failed");
    assert!(extract("", None).read().is_err(), "only the status tells");
    let left_out = extract("local: x: open: [Errno 13] Permission denied\n", Some(0)).one();
    assert_eq!(left_out.detail.unwrap().warnings.len(), 1);
    // What it prints with `--json` is a list of repositories, whole.
    for (from, to, why) in [("\"archive\":", "\"x\":", "is of no repository"), ("]", "", "cut")] {
        let why_not = good().edited(from, to).edited("\"repository\":", "\"y\":").read().unwrap_err().why;
        assert!(why_not.contains(why), "{why_not}");
    }
    assert!(run("borgmatic/2.1.10", "10-prune").by("borgmatic list").read().is_err());
}

#[test]
fn rustic_is_as_good_as_its_messages() {
    let rustic = |name| run("rustic/0.11.4", name);
    assert_eq!(rustic("10-check").ended(None).outcome().id(), "succeeded", "its last step is done");
    let unended = "[INFO] getting snapshots...: 4 done in 3.26ms\n[INFO] checking trees...\n";
    assert!(rustic("10-check").saying(unended).ended(None).read().is_err());
    assert_eq!(rustic("16-restore").ended(None).outcome().id(), "succeeded", "`restore done.`");
    assert!(rustic("16-restore").edited("restore done.", "").ended(None).read().is_err());
    let ignored = "[WARN] ignoring error: permission denied\n";
    assert_eq!(rustic("16-restore").saying(ignored).outcome().id(), "partial");
    // A profile may ask for `--read-data`, and a quiet run say nothing.
    let deep = |command: &str, quiet: bool| {
        let run = rustic("11-check").by(command);
        let run = if quiet { run.saying("") } else { run };
        run.one().detail.unwrap().depth
    };
    assert_eq!(deep("rustic check", false), Some(Depth::FullRead));
    assert_eq!(deep("rustic check --read-data", true), Some(Depth::FullRead));
    assert_eq!(deep("rustic check", true), Some(Depth::Metadata));
    // Pruning.
    let forget = rustic("13-forget").edited("\"keep\": true", "\"keep\": false").one();
    assert_eq!(forget.detail.unwrap().items.unwrap().deleted, Some(4));
    let failed = rustic("13-forget").saying("[ERROR] cannot remove a snapshot\n").one();
    assert_eq!((failed.outcome.id(), failed.message.as_deref()), ("failed", Some("cannot remove a snapshot")));
    let prune = rustic("16-restore").by("rustic prune").one();
    assert_eq!((prune.kind, prune.outcome.id()), (ActivityKind::Prune, "succeeded"));
    assert!(rustic("10-check").by("").read().is_err(), "nobody says what it did");
    // The beginning of the run, or the time of the snapshot.
    let began = at("2026-11-22T23:55:09.750530598Z");
    assert_eq!(rustic("02-backup").one().started_at, began);
    let of_snapshot = rustic("02-backup").edited("\"backup_start\"", "\"x\"").one();
    assert_eq!(of_snapshot.started_at, at("2026-11-22T23:55:09.743578050Z"));
}
