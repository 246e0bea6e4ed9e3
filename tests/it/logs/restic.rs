//! The restic reader over real outputs of restic 0.14.0 and 0.18.0, traps T1 to T4 among them.

use lastgood::model::activity::{Activity, ActivityKind, Depth};
use lastgood::model::text::Text;
use lastgood::sources::logs::native::{Found, Known, Native, NotUnderstood, find};

use super::at;

fn bytes(version: &str, name: &str, stream: &str) -> Vec<u8> {
    std::fs::read(format!("fixtures/logs/restic/{version}/{name}.{stream}")).unwrap_or_default()
}

fn known(exit_status: i32, command: &str) -> Known {
    Known {
        exit_status: Some(exit_status),
        command: command.split(' ').map(Text::from).collect(),
        started_at: Some(at("2026-11-22T21:54:00Z")),
        resource: Some("component:crm/files".into()),
        ..Known::default()
    }
}

fn read(version: &str, name: &str, known: &Known) -> Result<Found, NotUnderstood> {
    let (stdout, stderr) = (bytes(version, name, "stdout"), bytes(version, name, "stderr"));
    find("restic").unwrap().read(&Native { stdout: &stdout, stderr: &stderr, known })
}

fn one(version: &str, name: &str, exit_status: i32, command: &str) -> Activity {
    let found = read(version, name, &known(exit_status, command)).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(found.activities.len(), 1, "{name}: {found:?}");
    found.activities.into_iter().next().unwrap()
}

#[test]
fn a_good_backup_says_its_size_and_times() {
    let activity = one("0.18.0", "02-backup-first", 0, "restic backup --json");
    assert_eq!((activity.outcome.id(), activity.size), ("succeeded", Some(3_108_911)));
    assert_eq!(activity.started_at, at("2026-11-22T21:54:02.240191453Z"));
    assert_eq!(activity.completed_at, Some(at("2026-11-22T21:54:03.519649909Z")));
    let old = one("0.14.0", "02-backup-first", 0, "restic backup --json");
    assert_eq!(old.started_at, at("2026-11-22T21:54:00Z"), "0.14 does not say when it began");
    let found = read("0.14.0", "02-backup-first", &Known { started_at: None, ..known(0, "") }).unwrap();
    assert!(found.activities.is_empty() && found.problems[0].code == "no-time", "never guessed: {found:?}");
}

#[test]
fn t01_a_failed_dump_on_standard_input_is_no_backup() {
    let activity = one("0.18.0", "10-backup-empty-stdin-of-failed-dump", 3, "restic backup --stdin");
    assert_eq!(activity.outcome.id(), "failed", "0 files, 0 bytes, and it is the latest snapshot");
    assert_eq!(
        one("0.14.0", "10-backup-empty-stdin-of-failed-dump", 1, "restic backup --stdin").outcome.id(),
        "failed"
    );
    let found = read("0.18.0", "12-snapshots", &known(0, "")).unwrap();
    let empty: Vec<_> = found.points.iter().filter(|point| !point.is_usable()).collect();
    assert_eq!(empty.len(), 1, "the catalogue shows it too");
}

#[test]
fn t02_a_source_that_was_skipped_is_partial_though_restic_exits_with_0() {
    for version in ["0.14.0", "0.18.0"] {
        let activity =
            one(version, "07-backup-one-source-missing", 0, "restic backup /srv/bk/data /srv/bk/does-not-exist");
        assert_eq!(activity.outcome.id(), "partial", "{version}");
        assert!(activity.message.unwrap().contains("does-not-exist"), "{version}");
    }
}

#[test]
fn t03_an_unreadable_file_is_partial_and_the_catalogue_cannot_tell() {
    for version in ["0.14.0", "0.18.0"] {
        let activity = one(version, "05-backup-partial-unreadable-file-exit3", 3, "restic backup --json");
        assert_eq!(activity.outcome.id(), "partial", "{version}");
        let errors = &activity.detail.as_ref().unwrap().errors;
        assert!(errors[0].contains("secret.key"), "{version}: {errors:?}");
    }
    let found = read("0.18.0", "12-snapshots", &known(0, "")).unwrap();
    assert!(found.activities.is_empty(), "a list of snapshots is no record of success");
}

#[test]
fn t04_a_check_without_reading_data_is_only_metadata() {
    let shallow = one("0.18.0", "23-check-damaged-pack-no-read-data", 0, "restic check --json");
    assert_eq!((shallow.kind, shallow.outcome.id()), (ActivityKind::Verification, "succeeded"));
    assert_eq!(
        shallow.detail.as_ref().unwrap().depth,
        Some(Depth::Metadata),
        "a pack is damaged, and it found nothing"
    );
    let deep = one("0.18.0", "24-check-damaged-pack-read-data", 1, "restic check --json --read-data");
    assert_eq!((deep.outcome.id(), deep.detail.unwrap().depth), ("failed", Some(Depth::FullRead)));
    let unsaid = read("0.18.0", "15-check-read-data", &Known { command: Vec::new(), ..known(0, "") }).unwrap();
    let detail = unsaid.activities[0].detail.clone().unwrap();
    assert_eq!((detail.depth, detail.missing.clone()), (None, vec![Text::from("depth")]), "the record does not say it");
}

#[test]
fn restores_and_failures_are_what_they_are() {
    let restore = one("0.18.0", "17-restore-verify", 0, "restic restore latest --verify");
    assert_eq!((restore.kind, restore.outcome.id()), (ActivityKind::Restore, "succeeded"));
    assert_eq!(restore.detail.unwrap().depth, Some(Depth::Compared));
    assert_ne!(one("0.18.0", "26-restore-missing-pack", 1, "restic restore latest").outcome.id(), "succeeded");
    for (name, status) in [("06-backup-source-missing", 1), ("08-backup-wrong-password", 12)] {
        let activity = one("0.18.0", name, status, "restic backup --json");
        assert_eq!(activity.outcome.id(), "failed", "{name}");
        assert!(activity.message.is_some(), "{name}");
    }
    assert!(read("0.18.0", "11-backup-text-not-json", &known(0, "")).is_err(), "text without --json is not understood");
}

/// Before 0.18 a check and a restore say nothing in JSON: what failed is still no backup.
#[test]
fn what_failed_without_a_summary_is_of_the_kind_that_the_command_says() {
    let of = |version, name, command| {
        let activity = one(version, name, 1, command);
        (activity.kind.id(), activity.outcome.id().to_owned(), activity.detail.unwrap().depth)
    };
    let failed = "failed".to_owned();
    let name = "24-check-damaged-pack-read-data";
    let check = of("0.14.0", name, "restic check --json --read-data");
    assert_eq!(check, ("verification", failed.clone(), Some(Depth::FullRead)));
    let restore = of("0.14.0", "26-restore-missing-pack", "restic restore latest");
    assert_eq!(restore, ("restore", failed.clone(), Some(Depth::Restored)));
    let restore = of("0.18.0", "18-restore-failing-target-readonly", "restic restore latest --json");
    assert_eq!(restore, ("restore", failed.clone(), Some(Depth::Restored)));
    assert_eq!(of("0.18.0", "06-backup-source-missing", "restic forget --prune"), ("prune", failed, None));
    assert!(read("0.18.0", "08-backup-wrong-password", &known(12, "restic snapshots --json")).is_err());
}

/// A run with its output changed, and perhaps without a status.
fn changed(name: &str, from: &str, to: &str, exit_status: Option<i32>) -> Activity {
    let stdout = String::from_utf8(bytes("0.18.0", name, "stdout")).unwrap();
    assert!(stdout.contains(from), "{name}: {from}");
    let stdout = stdout.replace(from, to);
    let known = Known { exit_status, ..known(0, "restic restore latest") };
    let mut found = find("restic").unwrap().read(&Native { stdout: stdout.as_bytes(), stderr: b"", known: &known });
    found.as_mut().unwrap().activities.remove(0)
}

#[test]
fn a_restore_that_brought_less_than_all_is_partial_whatever_the_status() {
    let whole = "\"files_restored\":14";
    assert_eq!(changed("16-restore", whole, whole, None).outcome.id(), "succeeded");
    for (from, to) in [(whole, "\"files_restored\":13"), ("\"bytes_restored\":3108916", "\"bytes_restored\":5")] {
        for status in [Some(0), None] {
            assert_eq!(changed("16-restore", from, to, status).outcome.id(), "partial", "{to}");
        }
    }
    // restic leaves a zero out.
    let nothing = changed("16-restore", ",\"files_restored\":14,\"total_bytes\":3108916", "", Some(0));
    assert_eq!((nothing.outcome.id(), nothing.size), ("partial", Some(3_108_916)));
    let nothing = changed("16-restore", ",\"total_bytes\":3108916,\"bytes_restored\":3108916", "", Some(0));
    assert_eq!(nothing.size, Some(0));
    let complains = one("0.18.0", "26-restore-missing-pack", 0, "restic restore latest");
    assert_eq!(complains.outcome.id(), "partial", "its errors stand on standard error");
    assert_eq!(one("0.18.0", "26-restore-missing-pack", 130, "restic restore latest").outcome.id(), "aborted");
}

#[test]
fn each_exit_status_of_a_backup_is_what_the_manual_says() {
    for (status, outcome) in [(0, "succeeded"), (3, "partial"), (1, "failed"), (10, "failed"), (130, "aborted")] {
        assert_eq!(one("0.18.0", "02-backup-first", status, "restic backup").outcome.id(), outcome, "{status}");
    }
    let read = |name, known: &Known| read("0.18.0", name, known).unwrap().activities.remove(0);
    let untold = Known { exit_status: None, ..known(0, "restic backup") };
    let piped = known(0, "pg_dump crm | restic backup --stdin");
    for known in [&untold, &piped] {
        let activity = read("02-backup-first", known);
        let missing = &activity.detail.as_ref().unwrap().missing;
        assert_eq!((activity.outcome.id(), missing.as_slice()), ("succeeded", [Text::from("exit-status")].as_slice()));
    }
    assert_eq!(read("05-backup-partial-unreadable-file-exit3", &untold).outcome.id(), "partial");
    let told = read("08-backup-wrong-password", &untold);
    assert_eq!((told.outcome.id(), told.message.as_deref()), ("failed", Some("Fatal: wrong password or no key found")));
    let empty = Native {
        stdout: &bytes("0.18.0", "10-backup-empty-stdin-of-failed-dump", "stdout"),
        stderr: b"",
        known: &untold,
    };
    let empty = find("restic").unwrap().read(&empty).unwrap().activities.remove(0);
    assert_eq!(empty.message.as_deref(), Some("the snapshot holds no file and no byte"));
}

#[test]
fn a_check_of_a_subset_is_a_sample_and_a_snapshot_began_when_its_summary_says() {
    let sampled = one("0.18.0", "15-check-read-data", 0, "restic check --read-data-subset=5%");
    assert_eq!(sampled.detail.unwrap().depth, Some(Depth::Sampled));
    let stdout = String::from_utf8(bytes("0.18.0", "12-snapshots", "stdout")).unwrap();
    let stdout = stdout.replace("\"time\":\"2026-11-22", "\"time\":\"2026-11-21");
    let list = Native { stdout: stdout.as_bytes(), stderr: b"", known: &known(0, "") };
    let point = find("restic").unwrap().read(&list).unwrap().points.remove(0);
    assert_eq!(point.started_at, at("2026-11-22T21:54:02.240191453Z"));
}

/// Whatever is cut off or flipped: no panic, and no success out of nothing.
#[test]
fn damaged_output_never_panics_and_never_succeeds_by_itself() {
    let reader = find("restic").unwrap();
    for name in [
        "10-backup-empty-stdin-of-failed-dump",
        "24-check-damaged-pack-read-data",
        "05-backup-partial-unreadable-file-exit3",
    ] {
        let (stdout, stderr) = (bytes("0.18.0", name, "stdout"), bytes("0.18.0", name, "stderr"));
        for cut in 0..stdout.len() {
            let known = known(1, "restic");
            let result = reader.read(&Native { stdout: &stdout[..cut], stderr: &stderr, known: &known });
            let succeeded = result.is_ok_and(|found| found.activities.iter().any(|a| a.outcome.id() == "succeeded"));
            assert!(!succeeded, "{name} cut to {cut}");
            let mut flipped = stdout.clone();
            flipped[cut] ^= 0x20;
            let _ = reader.read(&Native { stdout: &flipped, stderr: &stderr, known: &known });
        }
    }
    let garbage = reader.read(&Native { stdout: b"\xff\xfe{}[", stderr: b"", known: &Known::default() });
    assert!(garbage.is_err());
    let empty = reader.read(&Native { stdout: b"", stderr: b"", known: &Known::default() });
    assert!(empty.is_err(), "nothing at all proves nothing");
}
