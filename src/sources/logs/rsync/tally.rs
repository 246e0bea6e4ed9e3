//! What the lines of one run of rsync add up to.

use crate::model::activity::ActivityOutcome;
use crate::model::text::Text;
use crate::sources::logs::common::{End, digits};

/// Numbers and complaints of one run.
#[derive(Default)]
pub(super) struct Tally {
    /// Everything in the list of files.
    pub(super) entries: Option<u64>,
    /// Regular files in the list.
    pub(super) regular: Option<u64>,
    /// What was deleted from the copy, as `--stats` counts it.
    pub(super) deleted: Option<u64>,
    /// Lines that tell of a deletion.
    pub(super) deletions: u64,
    /// Files that were sent.
    pub(super) transferred: Option<u64>,
    /// Bytes of all files in the list.
    pub(super) size: Option<u64>,
    /// Bytes over the wire.
    pub(super) sent: Option<u64>,
    /// The number in its last message, `(code 23)`.
    pub(super) code: Option<i32>,
    pub(super) errors: Vec<Text>,
    pub(super) warnings: Vec<Text>,
    /// The line that rsync writes last.
    finished: bool,
    /// Itemised changes of files.
    differing: u64,
    first_difference: Option<Text>,
}

impl Tally {
    /// Take one line in.
    pub(super) fn take(&mut self, line: &str) {
        let line = line.trim_end();
        if let Some(rest) = line.strip_prefix("Number of files: ") {
            self.entries = leading(rest);
            self.regular = match rest.split_once("reg: ") {
                Some((_, reg)) => leading(reg),
                None => (rest.contains('(') || self.entries == Some(0)).then_some(0),
            };
        } else if let Some(rest) = line.strip_prefix("Number of deleted files: ") {
            self.deleted = leading(rest);
        } else if let Some(rest) = line
            .strip_prefix("Number of regular files transferred: ")
            .or_else(|| line.strip_prefix("Number of files transferred: "))
        {
            self.transferred = leading(rest);
        } else if let Some(rest) = line.strip_prefix("Total file size: ") {
            self.size = leading(rest);
        } else if let Some(rest) = line.strip_prefix("Total bytes sent: ") {
            self.sent = leading(rest);
        } else if let Some(rest) = line.strip_prefix("total size is ") {
            self.size = leading(rest);
            self.finished = line.contains("speedup is ");
        } else if let Some(rest) = line.strip_prefix("sent ") {
            self.sent = leading(rest);
            if let Some((_, total)) = line.split_once(" bytes  total size ") {
                self.size = leading(total);
                self.finished = true;
            }
        } else if line.starts_with("rsync error: ") || line.starts_with("rsync warning: ") {
            let code = line.split_once("(code ").and_then(|(_, rest)| leading(rest));
            self.code = code.and_then(|code| i32::try_from(code).ok());
            if line.starts_with("rsync error: ") { &mut self.errors } else { &mut self.warnings }.push(line.into());
        } else if line.starts_with("rsync: ") || line.starts_with("IO error encountered") {
            self.errors.push(line.into());
        } else if line.starts_with("file has vanished: ") {
            self.warnings.push(line.into());
        } else if line.starts_with("*deleting") {
            self.deletions += 1;
        } else if is_change(line) {
            self.differing += 1;
            self.first_difference.get_or_insert_with(|| line.into());
        }
    }

    /// Nothing was in the source.
    fn is_empty(&self) -> bool {
        self.size == Some(0) && self.regular.unwrap_or(0) == 0
    }

    /// How it ended; absent where nothing tells.
    pub(super) fn outcome(&self, end: End, compares: bool, prints: bool) -> Option<ActivityOutcome> {
        let code = match end {
            End::Stopped => return Some(ActivityOutcome::Aborted),
            End::Good => Some(0),
            End::Status(status) => Some(status),
            End::Unknown => self.code.or(self.finished.then_some(0)),
        };
        Some(match code? {
            0 if compares && self.differing + self.deletions > 0 => ActivityOutcome::Failed,
            0 if compares && !self.finished => return None,
            0 if compares && self.transferred.unwrap_or(0) > 0 => ActivityOutcome::Failed,
            0 | 23..=25 if self.is_empty() => ActivityOutcome::Failed,
            // Its last line should be there and is not: what was cut off may have said the worst.
            0 if !self.finished && (prints || self.entries.is_some()) => return None,
            0 if self.errors.is_empty() && self.warnings.is_empty() => ActivityOutcome::Succeeded,
            0 | 23..=25 => ActivityOutcome::Partial,
            19 | 20 => ActivityOutcome::Aborted,
            _ => ActivityOutcome::Failed,
        })
    }

    /// What is worth saying beyond rsync's own messages.
    pub(super) fn message(&self, compares: bool) -> Option<Text> {
        if let Some(first) = self.first_difference.as_ref().filter(|_| compares) {
            return Some(Text::from(format!("{} files differ, `{first}` first", self.differing)));
        }
        let gone = self.deleted.unwrap_or(self.deletions);
        match (self.is_empty(), gone) {
            (true, 0) => Some("the source held no file".into()),
            (true, gone) => {
                Some(Text::from(format!("the source held no file, and {gone} entries of the copy were deleted")))
            }
            _ => None,
        }
    }
}

/// The number that a text begins with, commas and all.
fn leading(text: &str) -> Option<u64> {
    digits(text.split([' ', '\t', ')']).next()?.trim_end_matches(','))
}

/// An itemised change of a file: `>f.st...... name`.
fn is_change(line: &str) -> bool {
    let mut bytes = line.bytes();
    matches!(bytes.next(), Some(b'>' | b'<')) && bytes.next() == Some(b'f') && line.as_bytes().get(11) == Some(&b' ')
}
