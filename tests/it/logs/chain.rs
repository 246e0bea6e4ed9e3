//! Nothing is lost, whatever happens to the writer; and what was tampered with shows.

use std::path::{Path, PathBuf};

use lastgood::model::log::LogStream;
use lastgood::sources::logs::append::{append, rotate};
use lastgood::sources::logs::chain::{Anchor, header, streams, walk};

use super::{at, finished, now};

const WRITER: &str = "lastgood/test@db1";

fn write(path: &Path, ids: &[&str]) {
    for id in ids {
        append(path, vec![finished(id)], WRITER, now()).unwrap();
    }
}

/// The lines that are records, and the verdict on the whole.
pub(super) fn verify(paths: &[PathBuf], anchors: &[Anchor]) -> (Vec<String>, Vec<LogStream>) {
    let mut lines = Vec::new();
    let files = paths.iter().map(|path| {
        let name = path.file_name().unwrap().to_string_lossy();
        let read = |line: &[u8]| header(line).map(|(header, ())| (header, String::from_utf8(line.to_vec()).unwrap()));
        walk(path, &name, anchors, || read, &mut |_, line, _, _| lines.push(line)).unwrap()
    });
    let streams = streams(files.collect(), anchors);
    (lines, streams)
}

pub(super) fn codes(path: &Path, anchors: &[Anchor]) -> Vec<String> {
    let (_, streams) = verify(&[path.to_owned()], anchors);
    streams
        .iter()
        .flat_map(|stream| &stream.problems)
        .map(|problem| format!("{}:{}", problem.code, problem.line))
        .collect()
}

pub(super) fn ids(lines: &[String]) -> Vec<String> {
    let id = |line: &String| {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        value["activity"]["id"].as_str().unwrap_or_else(|| value["type"].as_str().unwrap()).to_owned()
    };
    lines.iter().map(id).collect()
}

#[test]
fn each_record_names_the_line_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("backup.jsonl");
    write(&path, &["a", "b"]);
    append(&path, vec![finished("c"), finished("d")], WRITER, now()).unwrap();
    let (lines, streams) = verify(std::slice::from_ref(&path), &[]);
    assert_eq!(ids(&lines), ["a", "b", "c", "d"]);
    assert_eq!(streams.len(), 1);
    assert_eq!((streams[0].records, streams[0].problems.len()), (4, 0), "{streams:?}");
    let text = std::fs::read_to_string(&path).unwrap();
    use sha2::Digest as _;
    let digest = lastgood::model::inventory::hex(&sha2::Sha256::digest(text.lines().next().unwrap()));
    assert!(text.lines().nth(1).unwrap().contains(&format!("\"seq\":1,\"prev\":\"{digest}\"")), "ten lines verify it");
}

/// A writer that dies leaves a file that ends anywhere. Whatever is cut off, the whole records before the
/// cut are there, the next writer goes on, and exactly the cut line is reported.
#[test]
fn a_cut_at_any_byte_loses_nothing_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("whole.jsonl");
    write(&whole, &["a", "b", "c"]);
    let bytes = std::fs::read(&whole).unwrap();
    let ends: Vec<usize> = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1).collect();
    let path = folder.path().join("cut.jsonl");
    for length in ends[0]..=bytes.len() {
        std::fs::write(&path, &bytes[..length]).unwrap();
        let kept = ends.iter().filter(|end| **end <= length).count();
        // A record that lacks nothing but its line feed is whole.
        let whole = ends.contains(&(length + 1)) || ends.contains(&length);
        append(&path, vec![finished("next")], WRITER, now()).unwrap();
        let (lines, streams) = verify(std::slice::from_ref(&path), &[]);
        let mut expected: Vec<&str> = ["a", "b", "c"][..kept + usize::from(ends.contains(&(length + 1)))].to_vec();
        expected.extend(if whole { ["next"].as_slice() } else { ["torn", "next"].as_slice() });
        assert_eq!(ids(&lines), expected, "cut to {length}");
        let problems: Vec<(&str, u64)> = streams[0].problems.iter().map(|p| (p.code.as_str(), p.line)).collect();
        let reported: &[(&str, u64)] = if whole { &[] } else { &[("torn-line", kept as u64 + 1)] };
        assert_eq!(problems, reported, "cut to {length}");
        // It stays so however often it happens.
        append(&path, vec![finished("later")], WRITER, now()).unwrap();
        assert_eq!(verify(std::slice::from_ref(&path), &[]).1[0].problems.len(), reported.len());
    }
    // Cut inside the very first record, nothing was there before it.
    for length in 1..ends[0] - 1 {
        std::fs::write(&path, &bytes[..length]).unwrap();
        append(&path, vec![finished("next")], WRITER, now()).unwrap();
        let (lines, streams) = verify(std::slice::from_ref(&path), &[]);
        assert_eq!(ids(&lines), ["torn", "next"], "cut to {length}");
        let problems: Vec<&str> = streams[0].problems.iter().map(|problem| problem.code.as_str()).collect();
        assert_eq!(problems, ["torn-line"], "cut to {length}");
    }
}

/// Two writers that die one after the other, the second one while it closes the line of the first.
#[test]
fn a_writer_that_dies_while_it_mends_is_mended_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("backup.jsonl");
    write(&path, &["a"]);
    let good = std::fs::read(&path).unwrap();
    let bytes = [&good[..], b"{\"schema\":\"lastg\n{\"schema\":\"lastgood.log/1\",\"str"].concat();
    std::fs::write(&path, bytes).unwrap();
    append(&path, vec![finished("b")], WRITER, now()).unwrap();
    assert_eq!(codes(&path, &[]), ["torn-line:2", "torn-line:3"]);
}

#[test]
fn two_hundred_writers_at_once_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("backup.jsonl");
    std::thread::scope(|scope| {
        for writer in 0..200 {
            let path = &path;
            scope.spawn(move || {
                for n in 0..5 {
                    append(path, vec![finished(&format!("{writer}-{n}"))], WRITER, now()).unwrap();
                }
            });
        }
    });
    let (lines, streams) = verify(std::slice::from_ref(&path), &[]);
    let mut found = ids(&lines);
    found.sort();
    found.dedup();
    assert_eq!(found.len(), 1000);
    assert!(streams.len() == 1 && streams[0].problems.is_empty(), "{:?}", streams[0].problems.first());
}

/// What a chain shows by itself, and what it takes an anchor for.
#[test]
fn tampering_shows_as_far_as_a_chain_can_show_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("backup.jsonl");
    write(&path, &["a", "b", "c", "d", "e"]);
    let text = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let (_, good) = verify(std::slice::from_ref(&path), &[]);
    let head = good[0].head.clone().unwrap();
    let anchors = [Anchor { stream: good[0].id.clone(), seq: 4, head, at: at("2026-11-22T02:00:00Z") }];
    let check = |what: &str, lines: &[&str], alone: &[&str], anchored: &[&str]| {
        std::fs::write(&path, lines.join("\n") + "\n").unwrap();
        assert_eq!(codes(&path, &[]), alone, "{what}");
        assert_eq!(codes(&path, &anchors), anchored, "{what}, with an anchor");
    };
    check("untouched", &lines, &[], &[]);
    let edited = lines[2].replace("\"c\"", "\"x\"");
    check("edit", &[lines[0], lines[1], &edited, lines[3], lines[4]], &["chain-broken:4"], &["chain-broken:4"]);
    let deleted = ["chain-broken:3", "seq-gap:3"];
    check("delete", &[lines[0], lines[1], lines[3], lines[4]], &deleted, &deleted);
    let swapped = ["chain-broken:2", "seq-gap:2", "chain-broken:3", "seq-gap:3", "chain-broken:4", "seq-gap:4"];
    check("swap", &[lines[0], lines[2], lines[1], lines[3], lines[4]], &swapped, &swapped);
    let inserted = ["chain-broken:3", "seq-gap:3"];
    check(
        "insert",
        &[lines[0], lines[1], lines[1], lines[2], lines[3], lines[4]],
        &["chain-broken:3", "seq-gap:3"],
        &inserted,
    );
    check("drop the tail", &lines[..3], &[], &["shorter:0"]);
    let last = lines[4].replace("\"e\"", "\"x\"");
    check("edit the last", &[lines[0], lines[1], lines[2], lines[3], &last], &[], &["anchor-mismatch:5"]);
    let spaced: Vec<String> = lines.iter().map(|line| line.replace("\":\"", "\": \"")).collect();
    let spaced: Vec<&str> = spaced.iter().map(String::as_str).collect();
    assert_eq!(check_len(&path, &spaced), 4, "a tool that writes the JSON anew is noticed at every line but the first");
    // A whole new log in place of the old: fresh hashes, another stream.
    std::fs::remove_file(&path).unwrap();
    write(&path, &["a", "b", "c", "d", "e"]);
    assert_eq!(codes(&path, &[]), [] as [&str; 0]);
    assert_eq!(codes(&path, &anchors), ["stream-missing:0"]);
}

fn check_len(path: &Path, lines: &[&str]) -> usize {
    std::fs::write(path, lines.join("\n") + "\n").unwrap();
    codes(path, &[]).iter().filter(|code| code.starts_with("chain-broken")).count()
}

#[test]
fn a_rotation_goes_on_in_the_next_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("backup.jsonl");
    write(&path, &["a", "b"]);
    let old = rotate(&path, WRITER, now()).unwrap();
    write(&path, &["c"]);
    // logrotate's way: it renames, and the next writer finds nothing.
    std::fs::rename(&path, folder.path().join("backup.jsonl.1")).unwrap();
    write(&path, &["d"]);
    let files = [path.clone(), old.clone(), folder.path().join("backup.jsonl.1")];
    let (_, streams) = verify(&files, &[]);
    assert_eq!(streams.len(), 1);
    assert_eq!((streams[0].records, streams[0].problems.len()), (6, 0), "{streams:?}");
    let (_, streams) = verify(&files[..2], &[]);
    assert_eq!(streams[0].problems.len(), 1, "the file in between is missed: {streams:?}");
    let (_, streams) = verify(&files[..1], &[]);
    assert!(streams[0].problems[0].message.contains("records before this file"), "{streams:?}");
}

#[test]
fn what_is_no_log_is_not_written_to() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    std::fs::write(&path, "dear diary\n").unwrap();
    let error = append(&path, vec![finished("a")], WRITER, now()).unwrap_err();
    assert!(error.to_string().contains("is no log"), "{error}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "dear diary\n");
    assert!(append(&folder.path().join("no/such/folder.jsonl"), vec![finished("a")], WRITER, now()).is_err());
}

/// `/dev/full` takes no byte: the writer says so.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let error = append(Path::new("/dev/full"), vec![finished("a")], WRITER, now()).unwrap_err();
    assert!(error.to_string().contains("cannot write the log `/dev/full`"), "{error}");
}

#[test]
fn a_log_that_several_threads_read_tells_the_same_as_a_short_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("backup.jsonl");
    let ids: Vec<String> = (0..6000).map(|n| format!("run-{n}")).collect();
    append(&path, ids.iter().map(|id| finished(id)).collect(), WRITER, now()).unwrap();
    let whole = std::fs::read_to_string(&path).unwrap();
    assert!(whole.len() > 5 << 18, "the log must be longer than what one thread gets at a time");
    let (lines, streams) = verify(std::slice::from_ref(&path), &[]);
    assert!(lines.join("\n") + "\n" == whole, "each line once, in its order");
    assert_eq!((streams[0].records, streams[0].problems.len()), (6000, 0));

    // A changed line breaks the link of the next one; a line that is no record breaks it too, and is named; the
    // last one has no end.
    let mut changed: Vec<String> = whole.lines().map(str::to_owned).collect();
    changed[1999] = changed[1999].replace("run-1999", "run-x");
    changed[3999] = "half a rec".to_owned();
    std::fs::write(&path, changed.join("\n")).unwrap();
    assert_eq!(
        codes(&path, &[]),
        ["chain-broken:2001", "not-understood:4000", "chain-broken:4001", "seq-gap:4001", "torn-line:6000"]
    );
    let (lines, streams) = verify(std::slice::from_ref(&path), &[]);
    assert_eq!((lines.len(), streams[0].records), (5998, 5999));
}
