//! From logs on disk to a part of an inventory.

use lastgood::model::activity::ActivityOutcome;
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
