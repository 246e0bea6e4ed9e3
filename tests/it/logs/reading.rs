//! From logs on disk to a part of an inventory.

use lastgood::model::activity::{ActivityKind, ActivityOutcome, Trigger};
use lastgood::model::inventory::Inventory;
use lastgood::model::log::{RECORDS, RecordType};
use lastgood::sources::logs::append::{Entry, append};
use lastgood::sources::logs::collect::read;

use super::{backup, finished, now};

const WRITER: &str = "lastgood/test@db1";

fn started(id: &str) -> Entry {
    let mut activity = backup(id);
    activity.outcome = ActivityOutcome::Running;
    Entry::activity(RecordType::Started, activity)
}

#[test]
fn runs_are_joined_and_corrections_applied() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("backup.jsonl");
    let mut wrong = backup("wrong");
    wrong.outcome = ActivityOutcome::Failed;
    let entries = vec![
        started("a"),
        started("hung"),
        finished("a"),
        Entry::activity(RecordType::Recorded, wrong),
        Entry::bare(RecordType::Heartbeat),
        Entry { corrects: Some(3), ..Entry::activity(RecordType::Correction, backup("wrong")) },
    ];
    append(&path, entries, WRITER, now()).unwrap();
    let logs = read(&[folder.path().to_owned()], &[]);
    let found: Vec<_> = logs.activities.iter().map(|activity| (activity.id.as_str(), activity.outcome.id())).collect();
    assert_eq!(found, [("a", "succeeded"), ("hung", "running"), ("wrong", "succeeded")]);
    assert!(logs.gaps.is_empty() && logs.streams[0].problems.is_empty(), "{logs:?}");
    let mut inventory = Inventory::empty(now(), "test");
    logs.put_into(&mut inventory);
    let proof = inventory.reads.iter().find(|read| read.call == RECORDS).unwrap();
    assert_eq!((proof.items, proof.since), (6, Some(now())));
    read(&[folder.path().to_owned()], &[]).put_into(&mut inventory);
    assert_eq!((inventory.activities.len(), inventory.reads.len()), (3, 1), "read again, it takes its own place");
}

/// Nothing is left out in silence: what is not understood is a gap, and then no proof of reading is given.
#[test]
fn what_is_not_understood_is_a_gap_with_its_place() {
    for (name, text, place) in [
        (
            "other.jsonl",
            "{\"schema\":\"lastgood.log/9\",\"stream\":\"s\",\"seq\":0,\"prev\":\"\",\"time\":\"2026-11-22T00:00:00Z\",\"type\":\"finished\",\"writer\":\"w\"}\n",
            "other.jsonl:1",
        ),
        (
            "odd.jsonl",
            "{\"schema\":\"lastgood.log/1\",\"stream\":\"s\",\"seq\":0,\"prev\":\"\",\"time\":\"2026-11-22T00:00:00Z\",\"type\":\"dreamt\",\"writer\":\"w\"}\n",
            "odd.jsonl:1",
        ),
        (
            "bad.jsonl",
            "{\"schema\":\"lastgood.log/1\",\"stream\":\"s\",\"seq\":0,\"prev\":\"\",\"time\":\"2026-11-22T00:00:00Z\",\"type\":\"finished\",\"writer\":\"w\",\"activity\":{\"id\":1}}\n",
            "bad.jsonl:1",
        ),
        ("notes.txt", "hello\n", "notes.txt"),
        ("dump.log", "", "dump.log"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(name), text).unwrap();
        let logs = read(&[folder.path().to_owned()], &[]);
        assert_eq!(logs.gaps.len(), 1, "{name}: {logs:?}");
        assert!(logs.gaps[0].resource.as_deref().unwrap().ends_with(place), "{name}: {:?}", logs.gaps);
        let mut inventory = Inventory::empty(now(), "test");
        logs.put_into(&mut inventory);
        assert!(inventory.reads.is_empty() && inventory.gaps.len() == 1);
    }
    let logs = read(&["no/such/file.jsonl".into()], &[]);
    assert_eq!(logs.gaps[0].code, "unreadable");
}

#[test]
fn compressed_logs_are_read_and_cut_ones_are_gaps() {
    use std::io::Write as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("backup.jsonl");
    append(&path, vec![finished("a"), finished("b")], WRITER, now()).unwrap();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&std::fs::read(&path).unwrap()).unwrap();
    let bytes = gzip.finish().unwrap();
    let packed = folder.path().join("packed.jsonl.gz");
    std::fs::write(&packed, &bytes).unwrap();
    assert_eq!(read(std::slice::from_ref(&packed), &[]).activities.len(), 2);
    std::fs::write(&packed, &bytes[..bytes.len() - 4]).unwrap();
    let logs = read(&[packed], &[]);
    assert_eq!(logs.gaps.len(), 1, "{logs:?}");
}

/// A run that begins in one file and ends in the next is one run, whichever file is read first; a correction
/// finds its record in the old file.
#[test]
fn a_rotation_in_the_middle_of_a_run_splits_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("backup.jsonl");
    let mut wrong = backup("wrong");
    wrong.outcome = ActivityOutcome::Failed;
    append(&path, vec![started("a"), Entry::activity(RecordType::Recorded, wrong)], WRITER, now()).unwrap();
    lastgood::sources::logs::append::rotate(&path, WRITER, now()).unwrap();
    let correction = Entry { corrects: Some(1), ..Entry::activity(RecordType::Correction, backup("wrong")) };
    append(&path, vec![finished("a"), correction], WRITER, now()).unwrap();
    let mut found: Vec<_> = read(&[folder.path().to_owned()], &[])
        .activities
        .iter()
        .map(|activity| format!("{} {}", activity.id, activity.outcome.id()))
        .collect();
    found.sort();
    assert_eq!(found, ["a succeeded", "wrong succeeded"]);
}

#[test]
fn a_folder_in_a_folder_of_logs_is_not_passed_over_in_silence() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("restic")).unwrap();
    let logs = read(&[folder.path().to_owned()], &[]);
    assert_eq!(logs.gaps.len(), 1, "{logs:?}");
}

#[test]
fn a_slip_in_a_declaration_is_told_with_what_was_meant() {
    for (text, says) in [
        ("[[source]]\nfiles = [\"x\"]\ntool = \"restic\"\ntimezon = \"UTC\"\n", "did you mean `timezone`?"),
        ("[[source]]\nfiles = [\"x\"]\ntool = \"restic\"\ntrigger = \"manuel\"\n", "did you mean `manual`?"),
        ("[[sorce]]\n", "did you mean `source`?"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("logs.toml"), text).unwrap();
        let logs = read(&[folder.path().to_owned()], &[]);
        let message = logs.gaps[0].message.as_deref().unwrap();
        assert!(message.contains(says), "{message}");
    }
}

/// A folder with a log of one rsync run and what `logs.toml` declares of it.
fn declared(declaration: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy("fixtures/logs/rsync/02-incremental.stdout", folder.path().join("rsync.stdout")).unwrap();
    std::fs::write(folder.path().join("rsync.stderr"), "rsync: [sender] denied\n").unwrap();
    let text = format!("[[source]]\nfiles = [\"*.std*\"]\ntool = \"rsync\"\n{declaration}\n");
    std::fs::write(folder.path().join("logs.toml"), text).unwrap();
    folder
}

#[test]
fn everything_that_is_declared_of_a_log_goes_into_its_records() {
    let folder = declared(
        "tool_version = \"3.5\"\nhost = \"nas\"\noperator = \"eve\"\ntrigger = \"manual\"\nkind = \"restore\"\n\
         resource = \"component:crm/files\"\napplication = \"crm\"\nexit_status = 23\ncommand = [\"rsync\", \"-a\", \"--stats\"]",
    );
    let logs = read(&[folder.path().to_owned()], &[]);
    // Nobody says when it was, which is told; and standard error is none of its own.
    assert!(logs.activities.is_empty());
    assert_eq!((logs.streams.len(), logs.streams[0].problems[0].code.as_str()), (1, "no-time"), "{logs:?}");
    std::fs::copy(
        "fixtures/logs/rsync/10-log-file-time-is-local-without-zone.stdout",
        folder.path().join("rsync.stdout"),
    )
    .unwrap();
    let text = std::fs::read_to_string(folder.path().join("logs.toml")).unwrap();
    std::fs::write(folder.path().join("logs.toml"), format!("{text}timezone = \"America/New_York\"\n")).unwrap();
    let logs = read(&[folder.path().to_owned()], &[]);
    assert!(logs.gaps.is_empty(), "{:?}", logs.gaps);
    let activity = &logs.activities[0];
    let detail = activity.detail.as_ref().unwrap();
    assert_eq!(
        (activity.kind, activity.outcome.id()),
        (ActivityKind::Restore, "partial"),
        "its status is that of the last"
    );
    assert_eq!(
        (activity.operator.as_deref(), activity.resource.as_deref()),
        (Some("eve"), Some("component:crm/files"))
    );
    assert_eq!((detail.trigger, detail.host.as_deref()), (Some(Trigger::Manual), Some("nas")));
    assert_eq!((detail.application.as_deref(), detail.exit_status, detail.command.len()), (Some("crm"), Some(23), 3));
    assert_eq!(detail.tool.as_ref().unwrap().version.as_deref(), Some("3.5"));
    let stream = &logs.streams[0];
    assert_eq!(
        (stream.records, stream.first_at, stream.last_at),
        (1, Some(activity.started_at), Some(activity.started_at))
    );
}

#[test]
fn standard_error_beside_a_log_is_read_with_it_and_alone_by_itself() {
    let folder = declared("timezone = \"UTC\"\nexit_status = 0\ncommand = [\"rsync\", \"-a\", \"--stats\"]");
    let restic = "[[source]]\nfiles = [\"snapshots.*\"]\ntool = \"restic\"\nresource = \"component:crm/files\"\n";
    let text = std::fs::read_to_string(folder.path().join("logs.toml")).unwrap();
    std::fs::write(folder.path().join("logs.toml"), text + restic).unwrap();
    std::fs::copy("fixtures/logs/restic/0.18.0/12-snapshots.stdout", folder.path().join("snapshots.json")).unwrap();
    let logs = read(&[folder.path().to_owned()], &[]);
    assert_eq!(logs.points.len(), 7, "a catalogue is points");
    assert_eq!(logs.points[0].resource.as_deref(), Some("component:crm/files"));
    assert_eq!(logs.streams.len(), 2, "{:?}", logs.streams);
    std::fs::remove_file(folder.path().join("rsync.stdout")).unwrap();
    let alone = read(&[folder.path().to_owned()], &[]);
    assert_eq!(alone.streams.len() + alone.gaps.len(), 2, "it is a record of its own: {alone:?}");
}

#[test]
fn a_declaration_that_cannot_be_used_is_a_gap_with_its_place() {
    for (declaration, code, said) in [
        ("timezone = \"Mars\"", "no-timezone", "`Mars` is not a time zone"),
        ("colour = 1", "not-understood", "unknown field `colour`"),
        ("[[source]]\nfiles = [\"x\"]\ntool = 7", "not-understood", "invalid type"),
    ] {
        let logs = read(&[declared(declaration).path().to_owned()], &[]);
        let gap = logs.gaps.iter().find(|gap| gap.code == *code).unwrap_or_else(|| panic!("{declaration}: {logs:?}"));
        assert!(format!("{gap:?}").contains(said), "{gap:?}");
        if declaration.contains("tool = 7") {
            assert!(gap.resource.as_deref().unwrap().ends_with("logs.toml:6"), "{gap:?}");
        }
    }
    let folder = declared("");
    let path = folder.path().join("logs.toml");
    let text = std::fs::read_to_string(&path).unwrap().replace("\"rsync\"", "\"rsnc\"");
    std::fs::write(&path, text).unwrap();
    let logs = read(&[folder.path().to_owned()], &[]);
    assert!(format!("{:?}", logs.gaps).contains("did you mean `rsync`?"), "{:?}", logs.gaps);
    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    let logs = read(&[folder.path().to_owned()], &[]);
    assert!(logs.gaps.iter().any(|gap| gap.code == *"unreadable"), "{:?}", logs.gaps);
    // More than anybody's log: it is not read into memory.
    let folder = declared("");
    std::fs::File::create(folder.path().join("rsync.stdout")).unwrap().set_len((256 << 20) + 1).unwrap();
    let logs = read(&[folder.path().to_owned()], &[]);
    assert!(format!("{:?}", logs.gaps).contains("larger than 256 MiB"), "{:?}", logs.gaps);
}
