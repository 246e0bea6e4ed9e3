//! What the outputs of `aws s3`, rclone and duplicity say when one thing in them is different: real outputs, changed
//! in one place.

use lastgood::model::activity::{ActivityKind, Depth};

use super::at;
use super::native::{Run, run};

fn outcome(run: &Run) -> String {
    run.outcome().id().to_owned()
}

fn missing(run: &Run) -> Vec<String> {
    run.one().detail.unwrap().missing.iter().map(|missing| missing.to_string()).collect()
}

/// A run of `aws s3` that printed this.
fn s3(command: &str, stdout: &str) -> Run {
    Run { stdout: stdout.as_bytes().to_vec(), ..run("aws-s3", "03-sync") }.by(command)
}

#[test]
fn aws_s3_tells_what_it_moved_where_and_what_it_did_not() {
    for (command, line, kind) in [
        ("aws s3 cp a s3://b/a", "upload: ./a to s3://b/a", ActivityKind::Backup),
        ("aws s3 mv a s3://b/a", "move: ./a to s3://b/a", ActivityKind::Backup),
        ("aws s3 cp s3://b/a a", "download: s3://b/a to ./a", ActivityKind::Restore),
        ("aws s3 mv s3://b/a a", "move: s3://b/a to ./a", ActivityKind::Restore),
        ("aws s3 sync s3://b data --only-show-errors", "", ActivityKind::Restore),
        ("aws s3 cp s3://b/a s3://c/a", "copy: s3://b/a to s3://c/a", ActivityKind::Copy),
    ] {
        let run = s3(command, &format!("{line}\n"));
        if line.is_empty() {
            assert!(run.read().is_err(), "{command}: a sync that says nothing proves nothing");
            let failed = run.ended(Some(1)).one();
            assert_eq!((failed.kind, failed.outcome.id()), (kind, "failed"), "{command}");
            continue;
        }
        let activity = run.one();
        assert_eq!((activity.kind, activity.outcome.id()), (kind, "succeeded"), "{command}");
        assert_eq!(activity.detail.unwrap().items.unwrap().done, Some(1), "{command}");
    }
    let upload = || s3("aws s3 cp a s3://b/a", "upload: ./a to s3://b/a\n");
    for line in
        ["upload", "download", "copy", "move", "delete"].map(|what| format!("{what} failed: x An error occurred\n"))
    {
        let activity = upload().saying(&line).one();
        assert_eq!(activity.outcome.id(), "failed", "{line}: whatever the status");
        assert_eq!(activity.detail.unwrap().items.unwrap().failed, Some(1), "{line}");
    }
    let skipped = upload().saying("warning: Skipping file /x. File/Directory is not readable.\n").one();
    assert_eq!((skipped.outcome.id(), skipped.detail.unwrap().items.unwrap().failed), ("partial", Some(1)));
    assert!(upload().ended(None).read().is_err(), "only its status tells");
    let head = "{\"ContentLength\": 5, \"ETag\": \"x\", \"VersionId\": \"v7\", \"LastModified\": \"2026-11-22T23:04:28+00:00\"}\n";
    let proven = || s3("aws s3 cp a s3://b/a", &format!("upload: ./a to s3://b/a\n{head}")).ended(None);
    let activity = proven().one();
    assert_eq!((activity.outcome.id(), activity.size), ("succeeded", Some(5)), "`head-object` shows it");
    assert_eq!(activity.detail.unwrap().artefacts[0].version_id.as_deref(), Some("v7"));
    assert_eq!(missing(&proven()), ["exit-status"]);
    assert!(s3("aws s3 cp a s3://b/a", &format!("upload: ./a to s3://b/a\n{}", &head[..30])).read().is_err(), "cut");
    // Lists of what is there, in each of their forms when they are empty.
    for list in ["{\"Contents\": []}", "{\"KeyCount\": 0}", "{\"Prefix\": \"crm/\"}", "{\"Contents\": [{\"Size\": 0}]}"]
    {
        let nothing = s3("aws s3 sync data s3://b", &format!("upload: ./a to s3://b/a\n{list}\n")).one();
        assert_eq!((nothing.outcome.id(), nothing.message.as_deref()), ("failed", Some("the target holds no byte")));
    }
    let unsized_list = s3("aws s3 sync data s3://b", "upload: ./a to s3://b/a\n{\"Contents\": [{\"Key\": \"a\"}]}\n");
    assert_eq!((outcome(&unsized_list).as_str(), unsized_list.one().size), ("succeeded", None));
    assert!(s3("aws s3api list-objects-v2", "{\"Contents\": [{\"Size\": 5}]}").read().is_err(), "an object has a name");
    let broken = s3(
        "aws s3api list-objects-v2",
        "{\"Contents\": [{\"Key\": \"a\", \"LastModified\": \"2026-11-22T23:04:28+00:00\", \"Size\": 0, \"ETag\": \"x\"}]}",
    );
    assert!(!broken.read().unwrap().points[0].is_usable(), "by its size alone");
}

fn sync() -> Run {
    run("rclone", "01-sync")
}

fn logged(run: Run, from: &str, to: &str) -> Run {
    let stderr = String::from_utf8(run.stderr.clone()).unwrap();
    assert!(stderr.contains(from), "{from}");
    run.saying(&stderr.replace(from, to))
}

#[test]
fn a_copy_by_rclone_is_as_good_as_its_last_statistics() {
    assert_eq!(outcome(&sync().ended(None)), "succeeded", "everything that was to be moved was");
    assert_eq!(missing(&sync().ended(None)), ["size", "exit-status"]);
    for (from, to) in [("\"totalTransfers\":7", "\"totalTransfers\":8"), ("\"totalBytes\":3108924", "\"totalBytes\":9")]
    {
        assert!(logged(sync(), from, to).ended(None).read().is_err(), "{to}: it was not at its end");
    }
    let stderr = String::from_utf8(sync().stderr).unwrap();
    let more = format!(
        "{stderr}{{\"level\":\"info\",\"msg\":\"Copied (new)\",\"object\":\"z\",\"time\":\"2026-11-22T22:42:50Z\"}}\n"
    );
    assert!(sync().saying(&more).ended(None).read().is_err(), "they are not the last line");
    for level in ["error", "critical"] {
        let line = format!("{{\"level\":\"{level}\",\"msg\":\"Failed to copy: denied\",\"object\":\"a\"}}\n");
        // Each attempt complains of the same; one that a later attempt made good is a warning.
        let said = || sync().saying(&format!("{line}{line}{stderr}"));
        let detail = said().one().detail.unwrap();
        assert_eq!((detail.errors.len(), detail.warnings[0].as_str()), (0, "a: Failed to copy: denied"), "{level}");
        assert_eq!(detail.warnings.len(), 1, "{level}");
        assert_eq!(outcome(&said().ended(None)), "partial", "{level}: nobody knows");
        assert_eq!(outcome(&said().ended(Some(1))), "partial", "{level}");
    }
    let counted = || logged(sync(), "\"errors\":0", "\"errors\":2");
    assert_eq!(outcome(&counted()), "partial", "whatever the status");
    assert_eq!(outcome(&logged(counted(), "\"transfers\":7", "\"transfers\":0")), "failed", "nothing came");
    let text = sync().saying("2026/11/22 22:42:50 Failed to sync: directory not found\n").ended(None).one();
    assert_eq!((text.outcome.id(), text.message.as_deref()), ("failed", Some("Failed to sync: directory not found")));
    // What a sync deletes: nothing else than that is what an empty source does.
    let deleted = |checks: &str| {
        let run = logged(logged(sync(), "\"transfers\":7", "\"transfers\":0"), "\"deletes\":0", "\"deletes\":3");
        outcome(&logged(run, "\"checks\":0", &format!("\"checks\":{checks}")))
    };
    assert_eq!(
        (deleted("3").as_str(), deleted("10").as_str()),
        ("failed", "succeeded"),
        "seven were looked at and stayed"
    );
    let size = Run { stdout: b"{\"count\":7,\"bytes\":3108924,\"sizeless\":0}\n".to_vec(), ..sync() };
    assert_eq!((size.one().size, missing(&size)), (Some(3_108_924), Vec::<String>::new()));
    let mut unknown = sync();
    unknown.known.started_at = None;
    assert_eq!(unknown.one().started_at, at("2026-11-22T22:42:49.537665Z"), "its first line");
}

#[test]
fn a_check_by_rclone_passes_only_when_it_compared_something() {
    let check = || run("rclone", "03-check");
    let combined = |list: &str| Run { stdout: list.as_bytes().to_vec(), ..check() }.saying("");
    assert_eq!(outcome(&combined("= a\n= b\n")), "succeeded");
    for mark in ["*", "+", "-", "!"] {
        let differs = combined(&format!("= a\n{mark} b\n")).one();
        assert_eq!(
            (differs.outcome.id(), differs.message.as_deref()),
            ("failed", Some("1 of 2 files differ")),
            "{mark}"
        );
    }
    let none = Run { stdout: Vec::new(), ..check() };
    assert_eq!(outcome(&none), "succeeded", "its own count says it");
    let none = logged(none, "7 matching files", "0 matching files").one();
    assert_eq!((none.outcome.id(), none.message.as_deref()), ("failed", Some("it found no file that matches")));
    assert_eq!(outcome(&check().ended(None)), "succeeded");
    assert_eq!(outcome(&check().ended(Some(1))), "failed");
    assert!(combined("").read().is_err(), "it does not say what it compared");
    assert!(combined("= a\n").ended(None).read().is_err(), "the list may have been cut");
    let counted = logged(check(), "0 differences found", "2 differences found").one();
    assert_eq!(counted.message.as_deref(), Some("2 of 9 files differ"));
    let told = check().by("rclone size remote:").one();
    assert_eq!(told.kind, ActivityKind::Verification, "what it counts tells what it did");
    let unhashed = "{\"level\":\"info\",\"msg\":\"3 hashes could not be checked\"}\n";
    let stderr = String::from_utf8(check().stderr).unwrap();
    let activity = check().saying(&format!("{stderr}{unhashed}")).one();
    assert_eq!(activity.detail.unwrap().warnings, ["3 hashes could not be checked"]);
    for (command, depth) in [
        ("rclone check a b", Depth::Metadata),
        ("rclone check --download a b", Depth::FullRead),
        ("rclone cryptcheck a b", Depth::FullRead),
    ] {
        assert_eq!(check().by(command).one().detail.unwrap().depth, Some(depth), "{command}");
    }
}

#[test]
fn a_backup_by_duplicity_is_as_good_as_its_statistics_and_status() {
    let full = || run("duplicity/3.0.4", "01-full");
    for (status, expected) in [(Some(1), "failed"), (Some(143), "aborted"), (None, "succeeded")] {
        assert_eq!(outcome(&full().ended(status)), expected, "{status:?}");
    }
    for (from, to) in [("SourceFiles 12", "SourceFiles 0"), ("RawDeltaSize 3108922", "RawDeltaSize 0")] {
        let empty = full().edited(from, to).one();
        assert_eq!((empty.outcome.id(), empty.message.as_deref()), ("failed", Some("no byte went into the backup")));
    }
    let same = run("duplicity/3.0.4", "02-incremental");
    assert_eq!(outcome(&same), "succeeded", "nothing new is nothing wrong with an incremental one");
    let timeless = full().edited("StartTime 1795387165.54", "StartTime x").read().unwrap();
    assert!(timeless.activities.is_empty() && timeless.problems[0].code == "no-time");
    // A log of several runs: the status and the complaints are those of the last.
    let text = String::from_utf8(full().stdout).unwrap();
    let earlier = text.replace("StartTime 1795387165.54", "StartTime 1795300000.00");
    let two = Run { stdout: format!("{earlier}{text}").into_bytes(), ..full() }.ended(Some(1)).read().unwrap();
    let shown: Vec<_> =
        two.activities.iter().map(|a| (a.outcome.id(), a.detail.as_ref().unwrap().exit_status)).collect();
    assert_eq!(shown, [("succeeded", None), ("failed", Some(1))]);
    let dotted: String = text.lines().map(|line| format!(". {line}\n")).collect();
    let twice = Run { stdout: format!("{text}{dotted}").into_bytes(), ..full() };
    assert_eq!(outcome(&twice), "succeeded", "`--log-fd` repeats the one run");
    assert_eq!(outcome(&Run { stdout: dotted.into_bytes(), ..full() }), "succeeded", "or is all there is");
    assert!(full().edited("-------------------------------------------------\n", "").read().is_err(), "it was cut");
    let said =
        run("duplicity/3.0.4", "11-source").saying("Using temporary directory /tmp\nErrors 1\nsomething else\n").one();
    assert_eq!(said.message.as_deref(), Some("something else"), "its last words, if nothing sounds like a complaint");
}

#[test]
fn the_other_commands_of_duplicity_end_as_they_say() {
    let verify = || run("duplicity/3.0.4", "07-verify");
    assert_eq!(verify().by("").one().kind, ActivityKind::Verification, "by its words alone");
    assert_eq!(outcome(&verify().ended(None)), "succeeded");
    assert_eq!(missing(&verify().ended(None)), ["exit-status"]);
    assert_eq!(outcome(&verify().edited("0 difference(s)", "3 difference(s)")), "failed", "whatever the status");
    assert_eq!(outcome(&verify().ended(Some(1))), "failed");
    assert!(verify().edited("Verify complete: ", "x").read().is_err(), "it does not say what it compared");
    let failed = verify().edited("Verify complete: ", "x").ended(Some(30)).one();
    assert_eq!((failed.kind, failed.outcome.id()), (ActivityKind::Verification, "failed"));
    let restore = || run("duplicity/3.0.4", "09-restore");
    assert!(restore().ended(None).read().is_err(), "only its status tells");
    assert!(restore().by("duplicity").read().is_err(), "no statistics, and nobody says what it did");
    assert!(restore().by("duplicity collection-status file:///b").read().is_err());
    for verb in ["cleanup", "remove-older-than", "remove-all-but-n-full", "remove-all-inc-of-but-n-full"] {
        assert_eq!(restore().by(&format!("duplicity {verb} x")).one().kind, ActivityKind::Prune, "{verb}");
    }
}
