//! ext2, ext3 and ext4 with `e2fsck`.
//!
//! Its exit status alone does not tell: with `-n` it exits with 0 from a file system that is longer than its
//! device, and from a replay of a journal with wrong checksums. So what it says is read as well.

use super::super::content::Ext;
use super::{Copy, Found, PartOutcome, Place, Tool, Work, quoted};

const NAME: &str = "e2fsck";

/// Check it; and where it lies afterwards, if its files may be read.
pub(super) fn check(work: &mut Work<'_>, ext: &Ext) -> (Found, Option<Place>) {
    match examine(work, ext) {
        Ok((found, place)) => (found, Some(place)),
        Err(found) => (found, None),
    }
}

fn examine(work: &mut Work<'_>, ext: &Ext) -> Result<(Found, Place), Found> {
    let tool = work.find(NAME, "e2fsprogs")?;
    let place = if ext.needs_recovery || ext.orphans {
        let copy = work.copy()?;
        replay(work, &tool, &copy)?;
        Place { copy: Some(copy), offset: 0 }
    } else {
        Place { copy: None, offset: work.part.offset }
    };
    let target = place.ext();
    let (status, ran) = work.run(&tool, NAME, &["-f", "-n", &target])?;
    let name = work.part.name();
    let (outcome, why) = judge(status, &ran.text(), ran.whole());
    let sentence = match outcome {
        PartOutcome::Clean => {
            let replayed = if place.copy.is_some() { ", after its journal was replayed in a copy" } else { "" };
            let recorded = if ext.errors_recorded { "; the kernel had recorded errors in it before" } else { "" };
            format!("{name} holds {}, and `{NAME}` finds it clean{replayed}{recorded}", ext.name)
        }
        PartOutcome::Damaged => format!("{name} holds {}, and `{NAME}` finds it damaged: {why}", ext.name),
        _ => format!("{name} was not checked: {why}"),
    };
    Ok(((outcome, sentence), place))
}

/// Replay the journal in a copy, as mounting would. Where the journal is damaged, `e2fsck` throws it away and
/// goes on to repair, which would make a clean file system of a damaged one: only a plain replay is accepted.
fn replay(work: &mut Work<'_>, tool: &Tool, copy: &Copy) -> Result<(), Found> {
    let (status, ran) = work.run(tool, NAME, &["-E", "journal_only", "-p", &copy.name])?;
    let (outcome, why) = judge_replay(status, &ran.stdout.text(), &ran.stderr.text(), ran.whole());
    let name = work.part.name();
    match outcome {
        PartOutcome::Clean => Ok(()),
        PartOutcome::Damaged => Err((outcome, format!("the journal of {name} cannot be replayed: {why}"))),
        _ => Err((outcome, format!("{name} was not checked: its journal was not replayed: {why}"))),
    }
}

fn judge_replay(status: i32, output: &str, complaints: &str, whole: bool) -> (PartOutcome, String) {
    // Deleted files that were open are freed as they would be on mounting.
    let plain = |line: &&str| {
        ["recovering journal", "Clearing orphaned inode", "Truncating orphaned inode"]
            .iter()
            .any(|known| line.split_once(": ").is_some_and(|(_, said)| said.starts_with(known)))
    };
    let version = |line: &&str| line.starts_with("e2fsck 1.") || line.trim().is_empty();
    let other = output.lines().chain(complaints.lines()).find(|line| !plain(line) && !version(line));
    match (status, other) {
        (0, None) if whole => (PartOutcome::Clean, String::new()),
        (0..=7, Some(line)) => (PartOutcome::Damaged, quoted(line)),
        (status, line) => {
            (PartOutcome::Unknown, format!("`{NAME}` exits with {status}: {}", quoted(line.unwrap_or_default())))
        }
    }
}

/// The meaning of the exit status (`man e2fsck`) and of what was said.
fn judge(status: i32, output: &str, whole: bool) -> (PartOutcome, String) {
    let question = open_question(output);
    let unreadable = ["Bad magic number in super-block", "checksum does not match", "Corrupt"];
    let broken = output.lines().find(|line| unreadable.iter().any(|sign| line.contains(sign)));
    if output.contains("skipping journal recovery") {
        return (PartOutcome::Unknown, "its journal was not replayed".into());
    }
    match status {
        0 if question.is_none() && whole => (PartOutcome::Clean, String::new()),
        0 if question.is_some() => (PartOutcome::Damaged, question.unwrap_or_default()),
        4 => (PartOutcome::Damaged, question.unwrap_or_else(|| "errors are left".into())),
        // It could not even open the file system.
        8 | 12 if broken.is_some() || status == 12 => {
            (PartOutcome::Damaged, question.unwrap_or_else(|| quoted(broken.unwrap_or("errors are left"))))
        }
        _ => {
            let last = output.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
            (PartOutcome::Unknown, format!("`{NAME}` exits with {status}: {}", quoted(last)))
        }
    }
}

/// The first thing that `e2fsck` would have put right. That the superblock's sums of free blocks and inodes are
/// behind is normal: they are written only when the file system is unmounted.
fn open_question(output: &str) -> Option<String> {
    let mut before = "";
    for line in output.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if line.ends_with("? no") {
            let bare = line.split_whitespace().count() <= 2;
            let problem = if bare { before } else { line };
            let sums = ["Free blocks count wrong (", "Free inodes count wrong ("];
            if !sums.iter().any(|sum| problem.starts_with(sum)) {
                return Some(quoted(problem));
            }
        }
        before = line;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exit_status_is_read_as_the_manual_says() {
        let of = |status| judge(status, "", true).0;
        assert_eq!(of(0), PartOutcome::Clean);
        assert_eq!(of(4), PartOutcome::Damaged);
        for status in [1, 2, 8, 16, 32, 128, 255] {
            assert_eq!(of(status), PartOutcome::Unknown, "{status}");
        }
        assert_eq!(judge(8, "e2fsck: Bad magic number in super-block while …\n", true).0, PartOutcome::Damaged);
        assert_eq!(judge(8, "e2fsck: Cannot allocate memory\n", true).0, PartOutcome::Unknown);
        assert_eq!(judge(0, "", false).0, PartOutcome::Unknown, "what was said was not read to its end");
    }

    #[test]
    fn a_question_left_open_is_damage_though_the_status_is_zero() {
        let longer = "The filesystem size (according to the superblock) is 65536 blocks\nThe physical size of the device is 30720 blocks\nEither the superblock or the partition table is likely to be corrupt!\nAbort? no\n\nPass 1: …\n";
        let (outcome, why) = judge(0, longer, true);
        assert_eq!(outcome, PartOutcome::Damaged);
        assert!(why.contains("likely to be corrupt"), "{why}");
        let sums = "Free blocks count wrong (55726, counted=55428).\nFix? no\n\nFree inodes count wrong (1, counted=2).\nFix? no\n";
        assert_eq!(judge(0, sums, true).0, PartOutcome::Clean);
        let group = "Free blocks count wrong for group #2 (4096, counted=8192).\nFix? no\n";
        assert_eq!(judge(0, group, true).0, PartOutcome::Damaged);
        assert_eq!(judge(0, "Inode 12 has a bad mode (00).  Clear? no\n", true).0, PartOutcome::Damaged);
    }

    #[test]
    fn only_a_plain_replay_is_a_replay() {
        let of = |status, output: &str| judge_replay(status, output, "e2fsck 1.47.0 (5-Feb-2023)\n", true).0;
        assert_eq!(of(0, "p: recovering journal\np: Clearing orphaned inode 19 (uid=0, …)\n"), PartOutcome::Clean);
        let wrong = "p: recovering journal\nJBD2: Invalid checksum recovering data block 2 in log\n";
        assert_eq!(of(0, wrong), PartOutcome::Damaged);
        let repaired = "p: Superblock has an invalid journal (inode 8).\nCLEARED.\n*** journal has been deleted ***\n";
        assert_eq!(of(1, repaired), PartOutcome::Damaged);
        assert_eq!(of(1, ""), PartOutcome::Unknown);
        assert_eq!(of(16, "Unknown extended option: journal_only\n"), PartOutcome::Unknown);
    }
}
