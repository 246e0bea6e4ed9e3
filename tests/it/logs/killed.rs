//! Writers that really die, in processes of their own: killed inside a write, at a limit of file size, two
//! hundred at once; and what `logrotate` and a forger do to the file.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use lastgood::sources::logs::chain::Anchor;

use super::chain::{codes, ids, verify};

fn record(folder: &Path, note: &str) -> Vec<String> {
    let words = ["log", "record", "--kind", "recovery", "--outcome", "succeeded", "--resource", "component:shop/db"];
    let more = ["--reason", note, "--cause", "disk", "--action", "restarted", "--log"];
    let log = folder.join("backup.jsonl").display().to_string();
    words.into_iter().chain(more).map(str::to_owned).chain([log]).collect()
}

fn run(mut command: Command, folder: &Path) -> Output {
    command.current_dir(folder).env_clear().env("HOME", folder).env("USER", "nora").output().unwrap()
}

fn append(folder: &Path, note: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lastgood"));
    command.args(record(folder, note));
    run(command, folder)
}

/// The kernel stops the write after this many bytes of the file, and kills the writer by SIGXFSZ.
fn append_killed_at(folder: &Path, note: &str, bytes: u64) -> Output {
    let mut command = Command::new("/usr/bin/prlimit");
    command
        .arg(format!("--fsize={bytes}"))
        .arg("--core=0")
        .arg(env!("CARGO_BIN_EXE_lastgood"))
        .args(record(folder, note));
    run(command, folder)
}

#[test]
fn a_writer_killed_inside_its_write_loses_nothing_but_its_own_record() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("backup.jsonl");
    let done = append(folder.path(), "first");
    assert!(done.status.success(), "{done:?}");
    let whole = std::fs::read(&path).unwrap();
    let length = whole.len() as u64;
    let mut partial = 0;
    for more in (0..length).step_by(37) {
        std::fs::write(&path, &whole).unwrap();
        let killed = append_killed_at(folder.path(), "second", length + more);
        assert!(!killed.status.success(), "{more}: {killed:?}");
        let left = std::fs::read(&path).unwrap();
        assert!(left.starts_with(&whole), "{more}: what was there is there");
        partial += u64::from(left.len() as u64 > length);
        let next = append(folder.path(), "third");
        assert!(next.status.success(), "{more}: {next:?}");
        let (lines, streams) = verify(std::slice::from_ref(&path), &[]);
        assert!(ids(&lines).len() >= 2, "{more}: the first and the third are there");
        assert!(lines.iter().any(|line| line.contains("third")) && lines[0].contains("first"), "{more}");
        assert_eq!(streams.len(), 1, "{more}: one chain: {streams:?}");
        let broken: Vec<&str> = streams[0].problems.iter().map(|problem| problem.code.as_str()).collect();
        assert!(broken.iter().all(|code| ["torn-line", "not-understood"].contains(code)), "{more}: {broken:?}");
    }
    assert!(partial > 5, "the kernel cut inside the record: {partial}");
}

#[test]
fn two_hundred_processes_at_once_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let start = |n: usize| {
        Command::new(env!("CARGO_BIN_EXE_lastgood"))
            .args(record(folder.path(), &format!("note {n}")))
            .env_clear()
            .env("HOME", folder.path())
            .env("USER", "nora")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    };
    let writers: Vec<_> = (0..200).map(start).collect();
    for mut writer in writers {
        assert!(writer.wait().unwrap().success());
    }
    let (lines, streams) = verify(&[folder.path().join("backup.jsonl")], &[]);
    assert_eq!((lines.len(), streams.len(), streams[0].problems.len()), (200, 1, 0), "{:?}", streams[0].problems);
    let mut notes: Vec<&str> =
        lines.iter().filter_map(|line| line.split("\"note ").nth(1)?.split('"').next()).collect();
    notes.sort_unstable();
    notes.dedup();
    assert_eq!(notes.len(), 200, "each one once");
}

fn anchor(path: &Path) -> Anchor {
    let (_, streams) = verify(&[path.to_owned()], &[]);
    let stream = &streams[0];
    Anchor { stream: stream.id.clone(), seq: stream.records - 1, head: stream.head.clone().unwrap(), at: super::now() }
}

/// `copytruncate` empties the file under its writer. With the copy beside it the writer goes on in the same
/// chain, and the new file alone says that its beginning is missing.
#[test]
fn a_log_that_logrotate_truncated_goes_on_after_its_copy() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("backup.jsonl");
    append(folder.path(), "first");
    append(folder.path(), "second");
    let copy = folder.path().join("backup.jsonl.1");
    std::fs::copy(&path, &copy).unwrap();
    std::fs::File::options().write(true).truncate(true).open(&path).unwrap();
    append(folder.path(), "third");
    assert_eq!(codes(&path, &[]).len(), 1, "its beginning is missing");
    let (lines, streams) = verify(&[copy, path], &[]);
    assert_eq!((streams.len(), streams[0].problems.len()), (1, 0), "{streams:?}");
    assert!(lines.len() >= 3 && lines.last().unwrap().contains("third"));
}

/// Without the copy a new chain begins: only an anchor shows that there was an old one.
#[test]
fn a_log_that_was_emptied_is_missed_by_its_anchor() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("backup.jsonl");
    append(folder.path(), "first");
    append(folder.path(), "second");
    let anchor = anchor(&path);
    std::fs::File::options().write(true).truncate(true).open(&path).unwrap();
    append(folder.path(), "third");
    assert!(codes(&path, &[]).is_empty(), "by itself the new file looks whole");
    let (_, streams) = verify(std::slice::from_ref(&path), &[anchor]);
    let problems: Vec<_> = streams.iter().flat_map(|stream| &stream.problems).collect();
    assert!(!problems.is_empty(), "the anchor's stream is gone: {streams:?}");
}

/// Somebody who may write the file writes it anew, with other contents and fresh hashes, under its old name.
#[test]
fn a_log_that_was_written_anew_contradicts_its_anchor() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("backup.jsonl");
    append(folder.path(), "first");
    append(folder.path(), "second");
    let anchor = anchor(&path);
    let text = std::fs::read_to_string(&path).unwrap();
    let mut before = String::new();
    let mut forged = String::new();
    for line in text.lines() {
        use sha2::Digest as _;
        let mut record: serde_json::Value = serde_json::from_str(line).unwrap();
        if !before.is_empty() {
            record["prev"] = before.as_str().into();
        }
        record["activity"]["detail"]["cause"] = "nothing".into();
        let line = record.to_string();
        before = lastgood::model::inventory::hex(&sha2::Sha256::digest(line.as_bytes()));
        forged += &line;
        forged.push('\n');
    }
    std::fs::write(&path, forged).unwrap();
    assert!(codes(&path, &[]).is_empty(), "a chain alone cannot show it");
    assert!(!codes(&path, &[anchor]).is_empty(), "the anchor does");
}
