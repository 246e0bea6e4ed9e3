//! The traps that were measured on real tools, by their numbers in the list of traps: each is a way in which
//! a tool says less, or more, than the truth. T1 to T4 are with restic.

use lastgood::model::activity::{ActivityKind, Depth};
use lastgood::sources::logs::native::Known;

use super::at;
use super::native::run;

const BORG: [&str; 2] = ["borg/1.2.4", "borg/1.4.0"];

#[test]
fn t05_borg_archives_a_failed_dump_and_ends_with_0() {
    for folder in BORG {
        let run = run(folder, "09-create-stdin-of-failed-dump");
        assert_eq!(run.known.exit_status, Some(0));
        let mut direct = run;
        // Even if the pipeline would have told.
        direct.known.command = vec!["borg".into(), "create".into()];
        let activity = direct.one();
        assert_eq!((activity.outcome.id(), activity.size), ("failed", Some(516)), "{folder}");
    }
}

#[test]
fn t06_a_file_that_borg_left_out_stands_only_on_standard_error() {
    for (folder, name) in [
        ("borg/1.2.4", "04-create-unreadable"),
        ("borg/1.2.4", "05-create-one"),
        ("borg/1.4.0", "04-create-unreadable"),
        ("borg/1.4.0", "05-create-one"),
        ("borg/1.4.0", "30-modern"),
        ("borg/1.4.0", "31-modern"),
        ("borg/2.0.0b19", "04-create"),
        ("borg/2.0.0b19", "05-create"),
    ] {
        let mut run = run(folder, name);
        let activity = run.one();
        assert_eq!(activity.outcome.id(), "partial", "{folder} {name}");
        assert!(activity.message.unwrap().contains("[Errno"), "{folder} {name}");
        // By the status alone, and by the message alone.
        let stderr = std::mem::take(&mut run.stderr);
        assert_eq!(run.outcome().id(), "partial", "{folder} {name} without standard error");
        run.stderr = stderr;
        run.known.exit_status = Some(0);
        assert_eq!(run.outcome().id(), "partial", "{folder} {name} with status 0");
    }
}

#[test]
fn t07_borgmatic_ends_with_0_although_every_source_is_missing() {
    let missing = run("borgmatic/1.9.14", "14-create-source-missing");
    assert_eq!((missing.known.exit_status, missing.outcome().id()), (Some(0), "failed"));
    for folder in ["borgmatic/1.9.14", "borgmatic/2.1.10"] {
        let unreadable = run(folder, "12-create-unreadable");
        assert_eq!((unreadable.known.exit_status, unreadable.outcome().id()), (Some(0), "partial"), "{folder}");
    }
    assert_eq!(run("borgmatic/2.1.10", "14-create-source-missing").outcome().id(), "failed");
}

#[test]
fn t08_the_notice_of_a_failure_may_fail_itself() {
    let found = run("borgmatic/1.9.14", "13-create").read().unwrap();
    let notice = found.activities.iter().find(|a| a.kind == ActivityKind::Notification).unwrap();
    assert_eq!(notice.outcome.id(), "failed");
    assert!(notice.message.as_ref().unwrap().contains("on-error hook"));
    let backup = found.activities.iter().find(|a| a.kind == ActivityKind::Backup).unwrap();
    assert_eq!(backup.outcome.id(), "failed");
    let healthy = run("borgmatic/2.1.10", "13-create").read().unwrap();
    assert!(healthy.activities.iter().all(|a| a.kind != ActivityKind::Notification), "its hook ran");
}

#[test]
fn t20_a_copy_that_an_empty_source_emptied_is_a_failure() {
    let activity = run("rsync", "08-delete-from-empty-source").one();
    assert_eq!(activity.outcome.id(), "failed", "rsync ended with 0");
    assert_eq!(activity.message.unwrap(), "the source held no file, and 11 entries of the copy were deleted");
    assert_eq!(activity.detail.unwrap().items.unwrap().deleted, Some(11));
}

#[test]
fn t23_rsync_counts_files_that_failed_and_a_killed_run_just_stops() {
    let partial = run("rsync", "03-unreadable-file-exit23").one();
    let items = partial.detail.unwrap().items.unwrap();
    assert_eq!((partial.outcome.id(), items.changed, items.done), ("partial", Some(8), None), "seven arrived");
    let mut killed = run("rsync", "12-killed-kill9.log-file");
    assert_eq!(killed.outcome().id(), "running", "nobody can tell it from one that goes on");
    let next = run("rsync", "01-first-stats-logfile.log-file");
    killed.stdout.extend_from_slice(&next.stdout);
    let found = killed.read().unwrap();
    let outcomes: Vec<&str> = found.activities.iter().map(|activity| activity.outcome.id()).collect();
    assert_eq!(outcomes, ["aborted", "succeeded"], "the next run shows that it ended");
}

#[test]
fn t24_tar_leaves_archives_that_look_whole() {
    assert_eq!(run("tar", "02-unreadable").outcome().id(), "partial");
    assert_eq!(run("tar", "03-file-changed").outcome().id(), "partial");
    let piped = run("tar", "05-pipe-hides-failure");
    assert_eq!((piped.known.exit_status, piped.outcome().id()), (Some(0), "failed"), "the status is gzip's");
    let mut listed = run("tar", "08-restore");
    listed.known.command = vec!["tar".into(), "-tzf".into(), "a5.tar.gz".into()];
    assert_eq!(listed.outcome().id(), "succeeded");
    listed.stdout.clear();
    assert_eq!(listed.outcome().id(), "failed", "45 bytes of gzip list nothing, with status 0");
}

#[test]
fn t25_a_plain_clone_is_no_mirror_and_a_mirror_follows_a_rewritten_history() {
    assert_eq!(run("git", "02-plain-clone").outcome().id(), "partial");
    assert_eq!(run("git", "01-clone-mirror").outcome().id(), "succeeded");
    let followed = run("git", "06-history-rewritten").one().detail.unwrap();
    assert_eq!(followed.items.unwrap().deleted, Some(1), "as good as deleted");
    assert_eq!(followed.warnings, ["history of `refs/heads/main` was rewritten"]);
}

#[test]
fn t26_times_without_a_zone_are_read_in_the_declared_one_or_not_at_all() {
    let mut new_york = run("borg/1.2.4", "31-tz-newyork-list");
    let mut tokyo = run("borg/1.2.4", "32-tz-tokyo-list");
    new_york.known.timezone = Some(chrono_tz::America::New_York);
    tokyo.known.timezone = Some(chrono_tz::Asia::Tokyo);
    let of = |run: &super::native::Run| run.read().unwrap().points.first().unwrap().started_at;
    assert_eq!(of(&new_york), at("2026-11-22T22:08:06Z"));
    assert_eq!(of(&tokyo), of(&new_york), "the same archive");
    tokyo.known = Known { timezone: None, ..tokyo.known };
    let found = tokyo.read().unwrap();
    assert!(found.points.is_empty() && found.problems.iter().all(|p| p.code == "no-time"), "never guessed");
    let with_offset = run("borg/2.0.0b19", "32-tz-tokyo");
    let unzoned = Known { timezone: None, ..with_offset.known.clone() };
    let found = super::native::Run { known: unzoned, ..with_offset }.read().unwrap();
    assert_eq!(found.points.len(), 4, "borg 2 prints the offset");
    let mut log = run("rsync", "10-log-file-time");
    log.known.timezone = Some(chrono_tz::America::New_York);
    assert_eq!(log.one().started_at, at("2026-11-22T22:35:02Z"));
}

#[test]
fn t31_rustic_ends_with_0_although_files_are_missing() {
    let unreadable = run("rustic/0.11.4", "04-backup-unreadable");
    assert_eq!((unreadable.known.exit_status, unreadable.outcome().id()), (Some(0), "partial"));
    let mut empty = run("rustic/0.11.4", "08-backup-stdin");
    empty.known.command = vec!["rustic".into(), "backup".into()];
    assert_eq!((empty.known.exit_status, empty.outcome().id()), (Some(0), "failed"));
    let list = run("rustic/0.11.4", "09-snapshots").read().unwrap();
    assert_eq!(list.points.iter().filter(|point| !point.is_usable()).count(), 1, "the catalogue shows it too");
    let shallow = run("rustic/0.11.4", "14-check-damaged").one();
    assert_eq!((shallow.outcome.id(), shallow.detail.unwrap().depth), ("succeeded", Some(Depth::Metadata)));
    let deep = run("rustic/0.11.4", "15-check-damaged-read-data").one();
    assert_eq!((deep.outcome.id(), deep.detail.unwrap().depth), ("failed", Some(Depth::FullRead)));
}
