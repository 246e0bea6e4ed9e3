//! The journal of `apply` as a file: JSON Lines, one run at a time, every entry on disk before the call
//! returns.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Why a journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The system said no.
    #[error("cannot use the journal `{}`: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// Another run has it.
    #[error("the journal `{}` is in use: another run applies this plan", .0.display())]
    InUse(PathBuf),
    /// A whole line is no entry.
    #[error("the journal `{}` is damaged at line {line}: {why}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
}

impl JournalError {
    /// How to put it right.
    pub const fn help(&self) -> &'static str {
        match self {
            Self::Io { .. } => "check that the folder exists, is writable and has room; nothing was changed",
            Self::InUse(_) => "wait until it ends, or look at what it does",
            Self::Damaged { .. } => {
                "it says what was begun: put the line right from a backup of the file, or look at each item by hand and \
                 name another file with `--journal`"
            }
        }
    }
}

/// A journal that nobody else writes to.
#[derive(Debug)]
pub struct JournalFile {
    file: File,
}

impl JournalFile {
    /// Open it, make it if there is none, and read what it holds. A last line that was cut off was never
    /// finished: nothing was done after it, so it is closed and left out.
    ///
    /// # Errors
    /// [`JournalError`]; the file is as it was.
    pub fn open<E: DeserializeOwned>(path: &Path) -> Result<(Self, Vec<E>), JournalError> {
        let io = |error| JournalError::Io { path: path.to_owned(), error };
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(path).map_err(io)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(JournalError::InUse(path.to_owned())),
            Err(TryLockError::Error(error)) => return Err(io(error)),
        }
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(0)).map_err(io)?;
        file.read_to_end(&mut bytes).map_err(io)?;
        let mut entries = Vec::new();
        let mut lines = bytes.split_inclusive(|byte| *byte == b'\n').enumerate().peekable();
        while let Some((number, line)) = lines.next() {
            let cut_off = lines.peek().is_none() && !line.ends_with(b"\n");
            match serde_json::from_slice(line) {
                Ok(entry) if !cut_off => entries.push(entry),
                // The closing of a line that was cut off in an earlier run.
                _ if line.trim_ascii().is_empty() || line.ends_with(CLOSED) => {}
                _ if cut_off => file.write_all(CLOSED).and_then(|()| file.sync_all()).map_err(io)?,
                Ok(_) => {}
                Err(error) => {
                    let why = error.to_string();
                    return Err(JournalError::Damaged { path: path.to_owned(), line: number + 1, why });
                }
            }
        }
        // A new file is lost in a crash as long as its folder is not on disk.
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            File::open(folder).and_then(|folder| folder.sync_all()).map_err(io)?;
        }
        Ok((Self { file }, entries))
    }

    /// Add an entry; it is on disk when this returns.
    ///
    /// # Errors
    /// What the system says.
    pub fn write<E: Serialize>(&mut self, entry: &E) -> io::Result<()> {
        let mut line = serde_json::to_vec(entry)?;
        line.push(b'\n');
        self.file.write_all(&line)?;
        self.file.sync_all()
    }
}

/// Closes a line that was cut off: no JSON ends so.
const CLOSED: &[u8] = b" <cut off\n";

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: &Path) -> Vec<u32> {
        JournalFile::open(path).unwrap().1
    }

    #[test]
    fn entries_survive_and_a_line_that_was_cut_off_anywhere_is_closed_and_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("j.jsonl");
        let (mut journal, known) = JournalFile::open::<u32>(&path).unwrap();
        assert!(known.is_empty());
        (100..103_u32).for_each(|entry| journal.write(&entry).unwrap());
        assert!(matches!(JournalFile::open::<u32>(&path), Err(JournalError::InUse(_))), "one run at a time");
        drop(journal);
        let whole = std::fs::read(&path).unwrap();
        for length in 0..=whole.len() {
            std::fs::write(&path, &whole[..length]).unwrap();
            let kept: Vec<u32> = (100..103).take(length / 4).collect();
            let (mut journal, known) = JournalFile::open::<u32>(&path).unwrap();
            assert_eq!(known, kept, "{length} bytes");
            journal.write(&7_u32).unwrap();
            drop(journal);
            assert_eq!(read(&path), [kept, vec![7]].concat(), "{length} bytes");
        }
    }

    #[test]
    fn a_damaged_line_is_no_reason_to_forget_what_was_begun() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("j.jsonl");
        std::fs::write(&path, "1\nx\n3\n").unwrap();
        let error = JournalFile::open::<u32>(&path).unwrap_err();
        assert!(matches!(error, JournalError::Damaged { line: 2, .. }), "{error}");
    }
}
