//! The measured traps of database backups, T10 to T19 and T27.

use lastgood::model::activity::{ActivityKind, Depth};
use lastgood::sources::logs::native::Known;

use super::at;
use super::native::run;

#[test]
fn t10_mydumper_leaves_a_view_out_and_ends_with_0() {
    let broken = run("mydumper", "04-dump-broken-view");
    assert_eq!((broken.known.exit_status, broken.outcome().id()), (Some(0), "partial"));
    let metadata = run("mydumper", "02-metadata").one();
    let missing = metadata.detail.unwrap().missing.clone();
    assert!(missing.iter().any(|said| said == "messages"), "the metadata alone does not show it: {missing:?}");
}

#[test]
fn t11_a_dump_that_failed_behind_a_pipe_is_an_empty_file() {
    let mut piped = run("mysqldump", "06-dump-wrong-password-piped");
    assert_eq!((piped.known.exit_status, piped.stdout.len(), piped.outcome().id()), (Some(0), 20, "failed"));
    // The file alone, as somebody finds it.
    piped.stderr.clear();
    let activity = piped.one();
    assert_eq!((activity.outcome.id(), activity.size), ("failed", Some(0)));
    assert_eq!(activity.message.as_deref(), Some("the dump is empty"));
    for folder in ["pg_dump/pg15.18", "pg_dump/pg17"] {
        assert_eq!(run(folder, "05-fails-midway-piped-exit0").outcome().id(), "failed", "{folder}");
    }
}

#[test]
fn t12_a_dump_that_was_killed_behind_a_pipe_unpacks_without_complaint() {
    let activity = run("mysqldump", "18-dump-killed-in-a-pipe").one();
    assert_eq!(
        (activity.outcome.id(), activity.message.as_deref()),
        ("partial", Some("the end of the dump is missing"))
    );
    assert_eq!(activity.detail.unwrap().artefacts[0].trailer, Some(false));
}

#[test]
fn t13_the_last_line_alone_proves_nothing_and_some_options_leave_it_out() {
    let mut forced = run("mysqldump", "08-dump-broken-view-force");
    let activity = forced.one();
    assert_eq!(activity.outcome.id(), "partial", "its end is there, and a view is not");
    assert_eq!(activity.detail.unwrap().artefacts[0].trailer, Some(true));
    forced.known.exit_status = Some(0);
    assert_eq!(forced.outcome().id(), "partial", "whatever the status says");
    for name in ["03-dump-skip-comments", "04-dump-compact"] {
        let mut bare = run("mysqldump", name);
        assert_eq!(bare.outcome().id(), "succeeded", "{name}: no such line is to be expected");
        bare.known.exit_status = None;
        assert!(bare.read().is_err(), "{name}: then only the status tells");
    }
    assert_eq!(run("mysqldump", "02-dump-skip-dump-date").outcome().id(), "succeeded");
    let mut cut = run("mysqldump", "01-dump-ok");
    cut.stdout.truncate(cut.stdout.len() - 10);
    assert_eq!(cut.outcome().id(), "partial");
}

#[test]
fn t14_a_restore_of_nothing_succeeds_and_is_never_called_compared() {
    for name in ["19-restore-dump-cut", "20-restore-empty-dump"] {
        let activity = run("mysqldump", name).one();
        let detail = activity.detail.unwrap();
        assert_eq!((activity.kind, detail.depth), (ActivityKind::Restore, Some(Depth::Restored)), "{name}");
        assert!(detail.missing.iter().any(|said| said == "comparison"), "{name}");
    }
    for folder in ["pg_dump/pg15.18", "pg_dump/pg17"] {
        let psql = run(folder, "06-psql-restore");
        assert_eq!((psql.known.exit_status, psql.outcome().id()), (Some(0), "partial"), "{folder}");
    }
}

#[test]
fn t15_the_end_of_a_postgresql_dump_is_not_its_last_line() {
    for folder in ["pg_dump/pg15.18", "pg_dump/pg17"] {
        let dump = run(folder, "02-plain-trailer");
        let text = String::from_utf8_lossy(&dump.stdout).into_owned();
        assert!(text.trim_end().lines().last().unwrap().starts_with("\\unrestrict"), "{folder}");
        assert_eq!(dump.outcome().id(), "succeeded", "{folder}");
    }
}

#[test]
fn t16_listing_a_custom_dump_does_not_read_it() {
    let list = run("pg_dump/pg15.18", "09-truncated-passes-list").one();
    assert_eq!((list.outcome.id(), list.detail.unwrap().depth), ("succeeded", Some(Depth::Metadata)));
    let read = run("pg_dump/pg15.18", "09-truncated-fails").one();
    assert_eq!((read.outcome.id(), read.detail.unwrap().depth), ("failed", Some(Depth::FullRead)));
}

#[test]
fn t17_a_backup_of_corrupt_pages_is_partial_though_pgbackrest_calls_it_ok() {
    for folder in ["pgbackrest/2.45", "pgbackrest/2.55.1"] {
        let backup = run(folder, "19-backup-with-corrupt-page");
        assert_eq!(backup.known.exit_status, Some(0));
        let found = backup.read().unwrap();
        let activity = found.activities.iter().find(|activity| activity.kind == ActivityKind::Backup).unwrap();
        assert_eq!(activity.outcome.id(), "partial", "{folder}");
        let info = run(folder, "20-info-json").read().unwrap();
        let newest = info.points.iter().max_by_key(|point| point.started_at).unwrap();
        assert!(!newest.is_usable(), "{folder}: {newest:?}");
        let row = info.activities.iter().find(|other| other.id == activity.id).unwrap();
        assert_eq!(row.outcome.id(), "partial", "{folder}: the log and the catalogue tell of the same backup");
        // What is left once the good one has expired is nothing from which to restore.
        let expired = run(folder, "23-expire").one();
        assert_eq!(expired.detail.unwrap().items.unwrap().deleted, Some(3), "{folder}");
    }
}

#[test]
fn t18_verify_ends_well_whatever_it_found_and_info_finds_nothing_without_a_word() {
    for folder in ["pgbackrest/2.45", "pgbackrest/2.55.1"] {
        let damaged = run(folder, "21-verify-damaged-repo");
        assert_eq!((damaged.known.exit_status, damaged.outcome().id()), (Some(0), "failed"), "{folder}");
        assert_eq!(run(folder, "11-verify").outcome().id(), "succeeded", "{folder}");
        for name in ["24-info-unknown-stanza", "25-info-repo-missing"] {
            let found = run(folder, name).read().unwrap();
            assert!(found.points.is_empty() && found.problems[0].code == "incomplete", "{folder} {name}: {found:?}");
        }
        let none = run(folder, "02-info-json-before").read().unwrap();
        assert!(none.problems.is_empty(), "{folder}: that there is no backup yet is known");
    }
}

#[test]
fn t19_a_restore_without_wal_files_ends_with_0_and_is_not_valid() {
    let restore = run("barman/3.13.3", "13-recover");
    assert_eq!((restore.known.exit_status, restore.outcome().id()), (Some(0), "partial"));
    let list = run("barman/3.13.3", "06-list-backups").read().unwrap();
    assert!(list.points.iter().all(|point| !point.is_usable()), "they wait for WAL files");
    let failed = run("barman/3.4.0", "33-list").read().unwrap();
    assert_eq!(failed.points.iter().filter(|point| point.is_usable()).count(), 2);
    let check = run("barman/3.4.0", "08-check").one();
    assert_eq!(check.detail.unwrap().depth, Some(Depth::Listed), "it passes though a file is gone");
}

#[test]
fn t27_the_last_line_of_a_dump_has_a_local_time_padded_with_a_space() {
    let mut dump = run("mysqldump", "15-dump-trailer");
    assert!(String::from_utf8_lossy(&dump.stdout).contains("2026-11-23  7:19:03"));
    dump.known.timezone = Some(chrono_tz::Asia::Tokyo);
    assert_eq!(dump.one().completed_at, Some(at("2026-11-22T22:19:03Z")));
    dump.known.timezone = None;
    assert_eq!(dump.one().completed_at, None, "never guessed");
    dump.known = Known { started_at: None, ..dump.known };
    let found = dump.read().unwrap();
    assert!(found.activities.is_empty() && found.problems[0].code == "no-time");
}
