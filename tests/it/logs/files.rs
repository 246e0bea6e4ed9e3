//! What the outputs of rsync, tar and git say when one thing in them is different: real outputs, changed in one
//! place.

use lastgood::model::activity::{ActivityKind, Depth};
use lastgood::sources::logs::native::Known;

use super::native::{Run, run};

fn outcome(run: &Run) -> String {
    run.outcome().id().to_owned()
}

fn missing(run: &Run) -> Vec<String> {
    run.one().detail.unwrap().missing.iter().map(|missing| missing.to_string()).collect()
}

fn rsync() -> Run {
    run("rsync", "02-incremental")
}

#[test]
fn each_exit_status_of_rsync_is_what_the_manual_says() {
    for (status, expected) in [
        (0, "succeeded"),
        (23, "partial"),
        (24, "partial"),
        (25, "partial"),
        (19, "aborted"),
        (20, "aborted"),
        (12, "failed"),
        (30, "failed"),
    ] {
        assert_eq!(outcome(&rsync().ended(Some(status))), expected, "{status}");
        // The same, where only its last message tells.
        let told = format!("rsync error: something (code {status}) at main.c(1394) [sender=3.5.0]\n");
        if status != 0 {
            assert_eq!(outcome(&rsync().saying(&told).ended(None)), expected, "{status}");
            assert!(missing(&rsync().saying(&told).ended(None)).is_empty(), "it said so itself");
        }
    }
    assert_eq!(missing(&rsync().ended(None)), ["exit-status"]);
    for said in [
        "rsync: [sender] send_files failed to open \"/x\": Permission denied (13)\n",
        "IO error encountered -- skipping file deletion\n",
        "file has vanished: \"/srv/x\"\n",
        "rsync warning: some files vanished before they could be transferred (code 24) at main.c(1) [sender=3.5.0]\n",
    ] {
        assert_eq!(outcome(&rsync().saying(said)), "partial", "{said}: whatever the status");
    }
    let warned = rsync().saying("rsync warning: some files vanished (code 24) at main.c(1) [sender=3.5.0]\n").one();
    let detail = warned.detail.unwrap();
    assert_eq!((detail.errors.len(), detail.warnings.len()), (0, 1));
}

#[test]
fn the_numbers_of_rsync_prove_its_end_and_what_was_there() {
    let speedup = "  speedup is 7,509.48";
    let cut = rsync().edited(speedup, "");
    assert!(cut.read().is_err(), "its last line is not whole");
    assert!(Run { stdout: Vec::new(), ..rsync() }.read().is_err(), "`--stats` was asked for and is not there");
    assert_eq!(outcome(&Run { stdout: Vec::new(), ..rsync() }.by("rsync -a data/ copy/")), "succeeded");
    assert_eq!(missing(&Run { stdout: Vec::new(), ..rsync() }.by("rsync -a data/ copy/")), ["size"]);
    // rsync before 3.1 counted otherwise.
    let old = rsync().edited("Number of regular files transferred", "Number of files transferred").one();
    assert_eq!(old.detail.unwrap().items.unwrap().changed, Some(1));
    // Without the number, the lines tell what was deleted.
    let deleting = "*deleting   old.txt\n*deleting   older.txt\nNumber of files: ";
    let lines = rsync().edited("Number of files: ", deleting).edited("Number of deleted files", "x");
    assert_eq!(lines.one().detail.unwrap().items.unwrap().deleted, Some(2));
    // Only folders: no file was there, in whichever way it is counted.
    let folders =
        rsync().edited("(reg: 7, dir: 4, link: 1)", "(dir: 12)").edited("total size is 3,108,926", "total size is 0");
    assert_eq!(outcome(&folders.edited("Total file size: 3,108,926", "Total file size: 0")), "failed");
    let mut restore = rsync();
    restore.known.kind = Some(ActivityKind::Restore);
    assert_eq!(restore.one().detail.unwrap().depth, Some(Depth::Restored));
}

#[test]
fn a_comparison_by_rsync_passes_only_when_it_looked_and_nothing_differs() {
    let compare = |options: &str| rsync().by(&format!("rsync {options} --stats data/ copy/"));
    let same = |options: &str| compare(options).edited("files transferred: 1", "files transferred: 0");
    for (options, depth) in [
        ("-anc", Depth::FullRead),
        ("-a --dry-run --checksum", Depth::FullRead),
        ("-an", Depth::Metadata),
        ("-a --dry-run", Depth::Metadata),
    ] {
        let activity = same(options).one();
        assert_eq!((activity.kind, activity.outcome.id()), (ActivityKind::Verification, "succeeded"), "{options}");
        assert_eq!(activity.detail.unwrap().depth, Some(depth), "{options}");
    }
    assert_eq!(outcome(&compare("-anc")), "failed", "it would transfer a file");
    for line in [">f.st...... a.conf", "<f.st...... a.conf", "*deleting   b.conf"] {
        let differs = same("-anc").edited("Number of files: ", &format!("{line}\nNumber of files: "));
        assert_eq!(outcome(&differs), "failed", "{line}");
    }
    assert!(Run { stdout: Vec::new(), ..compare("-anc") }.read().is_err(), "nothing at all is no comparison");
}

#[test]
fn runs_in_a_log_file_of_rsync_are_told_apart() {
    let log = || run("rsync", "01-first-stats-logfile.log-file");
    let outcomes = |run: &Run| {
        let found = run.read().unwrap();
        found.activities.iter().map(|activity| activity.outcome.id().to_owned()).collect::<Vec<_>>()
    };
    let twice = |first: &str| {
        let text = String::from_utf8(log().stdout).unwrap();
        Run { stdout: format!("{first}{text}").into_bytes(), ..log() }
    };
    let text = String::from_utf8(log().stdout).unwrap();
    let begun: String = text.lines().take(5).map(|line| format!("{line}\n")).collect();
    // The same process number, long after.
    assert_eq!(outcomes(&twice(&begun)), ["aborted", "succeeded"]);
    let received = begun.replace("building file list", "receiving file list");
    assert_eq!(outcomes(&twice(&received)), ["aborted", "succeeded"]);
    // The status is of the last run only.
    assert_eq!(outcomes(&twice(&text).ended(Some(23))), ["succeeded", "partial"]);
    // A last line that is not ended may say anything.
    let mut open = log();
    open.stdout.truncate(open.stdout.len() - 1);
    assert_eq!(outcomes(&open), ["running"]);
    assert_eq!(open.one().completed_at, None);
    let mut unzoned = log();
    unzoned.known = Known { timezone: None, ..unzoned.known };
    assert_eq!(unzoned.read().unwrap().problems[0].code, "no-time");
}

fn tar(name: &str) -> Run {
    run("tar", name)
}

#[test]
fn tar_is_told_what_it_does_in_many_ways() {
    for (command, kind, depth) in [
        ("tar -czf a.tgz data", ActivityKind::Backup, None),
        ("tar czf a.tgz data", ActivityKind::Backup, None),
        ("tar -rf a.tar data", ActivityKind::Backup, None),
        ("tar -uf a.tar data", ActivityKind::Backup, None),
        ("tar --create --file a.tar data", ActivityKind::Backup, None),
        ("tar --append --file a.tar data", ActivityKind::Backup, None),
        ("tar -fxtd --create data", ActivityKind::Backup, None),
        ("tar -C /srv -xf a.tgz", ActivityKind::Restore, Some(Depth::Restored)),
        ("tar --extract --file a.tar", ActivityKind::Restore, Some(Depth::Restored)),
        ("tar --get --file a.tar", ActivityKind::Restore, Some(Depth::Restored)),
        ("tar -tf a.tgz", ActivityKind::Verification, Some(Depth::Listed)),
        ("tar --list --file a.tar", ActivityKind::Verification, Some(Depth::Listed)),
    ] {
        let activity = tar("08-restore").by(command).one();
        assert_eq!((activity.kind, activity.detail.unwrap().depth), (kind, depth), "{command}");
        assert_eq!(activity.outcome.id(), "succeeded", "{command}");
    }
    for command in ["tar -df a.tar", "tar --compare --file a.tar", "tar --diff --file a.tar"] {
        let same = || Run { stdout: Vec::new(), ..tar("06-verify") }.by(command);
        let activity = same().ended(Some(0)).one();
        assert_eq!((activity.kind, activity.outcome.id()), (ActivityKind::Verification, "succeeded"), "{command}");
        assert_eq!(activity.detail.unwrap().depth, Some(Depth::FullRead), "{command}");
        assert_eq!(outcome(&tar("06-verify").by(command).ended(Some(0))), "failed", "{command}: it lists differences");
        assert!(same().ended(None).read().is_err(), "{command}");
    }
    assert!(tar("08-restore").by("").read().is_err());
}

#[test]
fn an_archive_of_tar_is_as_good_as_its_totals_and_complaints() {
    let good = || tar("01-ok");
    let totals = "Total bytes written: 3123200 (3.0MiB, 2.4MiB/s)\n";
    let said = |line: &str, status| outcome(&good().saying(&format!("{line}{totals}")).ended(status));
    for (line, expected) in [
        ("", "succeeded"),
        ("tar: Removing leading `/' from member names\n", "succeeded"),
        ("tar: grow.log: file changed as we read it\n", "partial"),
        ("tar: gone.log: File removed before we read it\n", "partial"),
        ("tar: secret: Cannot open: Permission denied\n", "partial"),
        ("gzip: stdout: No space left on device\n", "partial"),
        ("tar: Exiting with failure status due to previous errors\n", "partial"),
        ("tar: Error is not recoverable: exiting now\n", "failed"),
    ] {
        assert_eq!(said(line, Some(0)), expected, "{line}");
        assert_eq!(said(line, None), expected, "{line}");
    }
    for line in ["tar: grow.log: file changed as we read it\n", ""] {
        assert_eq!(said(line, Some(1)), "partial", "{line}");
        assert_eq!(said(line, Some(2)), "partial", "{line}: something was written");
        assert_eq!(said(line, Some(3)), "failed", "{line}: no status of tar");
    }
    assert_eq!(outcome(&good().saying("").ended(Some(2))), "failed", "nobody knows of a byte");
    assert_eq!(outcome(&good().saying("").ended(Some(1))), "partial");
    assert_eq!(outcome(&good().saying("").ended(Some(0))), "succeeded");
    assert_eq!(missing(&good().saying("").ended(Some(0))), ["size"]);
    assert!(good().saying("").ended(None).read().is_err());
    let nothing = good().saying("Total bytes written: 0 (0B, 0B/s)\n").one();
    assert_eq!((nothing.outcome.id(), nothing.message.as_deref()), ("failed", Some("the archive holds nothing")));
}

#[test]
fn a_restore_by_tar_that_ended_badly_may_have_brought_something() {
    let extract = |stderr: &str, status| tar("08-restore").saying(stderr).ended(Some(status));
    assert_eq!(outcome(&extract("tar: x: Cannot open: Permission denied\n", 2)), "partial");
    assert_eq!(outcome(&extract("tar: Unexpected EOF in archive\n", 2)), "failed", "the archive ends before its end");
    assert_eq!(outcome(&extract("tar: x: Cannot open: Permission denied\n", 0)), "failed");
    let nothing = Run { stdout: Vec::new(), ..extract("", 2) };
    assert_eq!(outcome(&nothing), "failed");
    let quiet = Run { stdout: Vec::new(), ..extract("", 0) }.one();
    assert_eq!((quiet.outcome.id(), quiet.detail.unwrap().items), ("succeeded", None), "how many is not known");
}

#[test]
fn git_complains_in_several_words_and_a_mirror_loses_what_its_source_lost() {
    let git = |name| run("git", name);
    for line in
        ["fatal: unable to access", "error: object file is empty", "missing blob 09f545", "broken link from tree"]
    {
        assert_eq!(outcome(&git("03-remote").saying(line)), "failed", "{line}, with status 0");
        assert_eq!(outcome(&Run { stdout: line.as_bytes().to_vec(), ..git("04-fsck") }), "failed", "{line}");
        assert_eq!(outcome(&git("03-remote").saying(line).ended(None)), "failed", "{line}");
    }
    let warned = git("03-remote").saying("warning: redirecting to https://example.com/\n").one();
    assert_eq!((warned.outcome.id(), warned.detail.unwrap().warnings.len()), ("succeeded", 1));
    assert!(git("03-remote").ended(None).read().is_err(), "only its status tells");
    for (stderr, warning) in [
        (" - [deleted]         (none)     -> feature\n", "`feature` was deleted"),
        (" + a94ebf2...d0df29e main -> main  (forced update)\n", "history of `main` was rewritten"),
    ] {
        let detail = git("03-remote").saying(stderr).one().detail.unwrap();
        let items = detail.items.unwrap();
        assert_eq!((items.changed, items.deleted, detail.warnings[0].as_str()), (Some(1), Some(1), warning));
    }
    let (old, gone) = ("6f1348c529b0e148dcabef73aac988157ba39a6d", "0".repeat(40));
    let deleted = format!("- {old} {gone} refs/heads/feature\nFetching origin\n");
    let detail = Run { stdout: deleted.into_bytes(), ..git("06-history") }.one().detail.unwrap();
    let items = detail.items.unwrap();
    assert_eq!((items.changed, items.deleted), (Some(1), Some(1)), "the other line is none of a reference");
    assert_eq!(detail.warnings, ["`refs/heads/feature` was deleted"]);
    assert_eq!(outcome(&git("02-plain").by("git clone --bare src copy.git")), "succeeded", "all branches and tags");
    let verified = git("05-bundle-verify").saying("").ended(Some(0)).one();
    assert_eq!((verified.kind, verified.outcome.id()), (ActivityKind::Verification, "succeeded"));
    assert!(git("01-clone").by("git log").read().is_err());
}
