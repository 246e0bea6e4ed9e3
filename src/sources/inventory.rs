//! Saved inventories and assessments: reading them with clear errors, writing them whole or not at all.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::GzBuilder;
use flate2::read::GzDecoder;
use serde::de::DeserializeOwned;

use crate::model::assessment::{self, Assessment};
use crate::model::inventory::{self, Inventory};
use crate::model::plan::{self, Plan};
use crate::model::text::Interning;

/// Why a file could not be read or written, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The system said no.
    #[error("cannot {verb} `{}`: {source}", path.display())]
    Io {
        /// `read` or `write`.
        verb: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It ends too early, or its compression is damaged.
    #[error("`{}` is cut off or damaged: {why}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where it broke.
        why: String,
    },
    /// It is whole, and not what was asked for.
    #[error("`{}` is not a saved {what}: {why}", path.display())]
    Other {
        /// The file.
        path: PathBuf,
        /// `inventory`, `assessment` or `plan`.
        what: &'static str,
        /// What is wrong.
        why: String,
    },
    /// It is of another version.
    #[error("`{}` has the schema `{found}`; this version of lastgood reads `{known}`", path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// What it says.
        found: String,
        /// What we read.
        known: &'static str,
    },
}

impl FileError {
    /// What the user can do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Io { verb: "write", .. } => "check that the folder exists, is writable and has room",
            Self::Io { .. } => "check the path and its permissions",
            Self::Damaged { .. } => "write the file again with `lastgood collect`; a cut-off inventory is never judged",
            Self::Other { .. } => {
                "give a file that lastgood wrote: `collect` saves inventories, `scan --format json=FILE` assessments"
            }
            Self::Version { .. } => "use the version of lastgood that wrote it, or write it again with this one",
        }
    }
}

/// Read a saved inventory, compressed or plain.
///
/// # Errors
/// [`FileError`] says what is wrong with the file; nothing of a damaged file is used.
pub fn read_inventory(path: &Path) -> Result<Inventory, FileError> {
    let mut inventory: Inventory = read_saved(path, "inventory", inventory::SCHEMA)?;
    inventory.sort();
    Ok(inventory)
}

/// Read a saved assessment, compressed or plain.
///
/// # Errors
/// As for [`read_inventory`].
pub fn read_assessment(path: &Path) -> Result<Assessment, FileError> {
    read_saved(path, "assessment", assessment::SCHEMA)
}

/// Read a saved plan, compressed or plain. Whether it was edited is for its reader to ask
/// ([`Plan::is_whole`]).
///
/// # Errors
/// As for [`read_inventory`].
pub fn read_plan(path: &Path) -> Result<Plan, FileError> {
    read_saved(path, "plan", plan::SCHEMA)
}

/// Write an inventory: gzip when the name ends in `.gz`. The bytes depend on the inventory alone.
///
/// # Errors
/// [`FileError::Io`] when the file cannot be written; an existing file is then left as it was.
pub fn write_inventory(path: &Path, inventory: &Inventory) -> Result<(), FileError> {
    write_whole(path, |out| {
        if path.extension().is_some_and(|extension| extension == "gz") {
            let mut gzip = GzBuilder::new().mtime(0).write(out, Compression::default());
            serde_json::to_writer(&mut gzip, inventory)?;
            gzip.finish()?;
            Ok(())
        } else {
            serde_json::to_writer(out, inventory).map_err(io::Error::from)
        }
    })
}

/// Write a file through a neighbour that takes its place when it is complete and on disk. A link is
/// followed, and what is no plain file (a device such as `/dev/null`, a pipe) is written to as it is: it
/// must never be replaced.
///
/// # Errors
/// [`FileError::Io`]; an existing file is then left as it was.
pub fn write_whole(path: &Path, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), FileError> {
    let target = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let written = match std::fs::metadata(&target) {
        Ok(found) if !found.is_file() => write_into(&target, fill),
        _ => replace(&target, fill),
    };
    written.map_err(|source| FileError::Io { verb: "write", path: path.to_owned(), source })
}

fn write_into(target: &Path, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 16, File::options().write(true).open(target)?);
    fill(&mut out)?;
    out.flush()
}

fn replace(target: &Path, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut name = target.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}.partial", std::process::id()));
    let partial = target.with_file_name(name);
    let attempt = || -> io::Result<()> {
        let mut out = BufWriter::with_capacity(1 << 16, File::create(&partial)?);
        fill(&mut out)?;
        out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        std::fs::rename(&partial, target)
    };
    attempt().inspect_err(|_| {
        let _ = std::fs::remove_file(&partial);
    })
}

pub(super) fn read_saved<T: DeserializeOwned>(
    path: &Path,
    what: &'static str,
    known: &'static str,
) -> Result<T, FileError> {
    let io = |source| FileError::Io { verb: "read", path: path.to_owned(), source };
    let mut file = BufReader::new(File::open(path).map_err(io)?);
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(io)?;
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut plain = Vec::new();
        GzDecoder::new(&*bytes)
            .read_to_end(&mut plain)
            .map_err(|error| FileError::Damaged { path: path.to_owned(), why: error.to_string() })?;
        bytes = plain;
    }
    let interning = Interning::start();
    let parsed = serde_json::from_slice::<T>(&bytes);
    drop(interning);
    // The schema is looked at even where the rest does not fit: a newer version explains the misfit.
    let found = schema_of(&bytes);
    match (parsed, found) {
        (_, Some(found)) if found != known && found.starts_with(&format!("lastgood.{what}/")) => {
            Err(FileError::Version { path: path.to_owned(), found, known })
        }
        (_, Some(found)) if found != known => {
            let why = format!("its schema is `{found}`, and `{known}` was expected");
            Err(FileError::Other { path: path.to_owned(), what, why })
        }
        (Ok(value), _) => Ok(value),
        (Err(error), _) if error.is_eof() => Err(FileError::Damaged { path: path.to_owned(), why: error.to_string() }),
        (Err(error), _) => Err(FileError::Other { path: path.to_owned(), what, why: error.to_string() }),
    }
}

/// The text of the top-level `schema`, if the beginning of the file shows it.
fn schema_of(bytes: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(bytes.get(..bytes.len().min(4096))?);
    let after = head.split_once("\"schema\"")?.1.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
    after.split_once('"').map(|(schema, _)| schema.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Inventory {
        Inventory::empty("2026-11-22T00:00:00Z".parse().unwrap(), "test")
    }

    #[test]
    fn what_is_written_reads_back_and_is_reproducible() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.json", "a.json.gz"] {
            let (one, two) = (folder.path().join(name), folder.path().join(format!("2-{name}")));
            write_inventory(&one, &sample()).unwrap();
            write_inventory(&two, &sample()).unwrap();
            assert_eq!(std::fs::read(&one).unwrap(), std::fs::read(&two).unwrap());
            assert_eq!(read_inventory(&one).unwrap(), sample());
        }
    }

    #[test]
    fn every_cut_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.json", "a.json.gz"] {
            let path = folder.path().join(name);
            write_inventory(&path, &sample()).unwrap();
            let whole = std::fs::read(&path).unwrap();
            for length in 0..whole.len() {
                std::fs::write(&path, &whole[..length]).unwrap();
                assert!(read_inventory(&path).is_err(), "{name} cut to {length} bytes was read");
            }
        }
    }

    #[test]
    fn another_version_or_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.json");
        for (text, message) in [
            (r#"{"schema":"lastgood.inventory/2","new":1}"#, "reads `lastgood.inventory/1`"),
            (r#"{"schema":"lastgood.assessment/1"}"#, "`lastgood.inventory/1` was expected"),
            ("[]", "is not a saved inventory"),
            ("{\"schema\":\"lastgood.inventory/1\"", "cut off"),
        ] {
            std::fs::write(&path, text).unwrap();
            let error = read_inventory(&path).unwrap_err().to_string();
            assert!(error.contains(message), "{text}: {error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_device_is_written_to_and_never_replaced() {
        use std::os::unix::fs::FileTypeExt as _;
        let folder = tempfile::tempdir().unwrap();
        // A pipe of our own stands for all devices: a broken version must not meet a real one.
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let reader = std::thread::spawn({
            let pipe = pipe.clone();
            move || std::fs::read_to_string(pipe).unwrap()
        });
        write_whole(&pipe, |out| out.write_all(b"text")).unwrap();
        assert_eq!(reader.join().unwrap(), "text");
        assert!(std::fs::metadata(&pipe).unwrap().file_type().is_fifo());
        let real = folder.path().join("real");
        std::fs::write(&real, "old").unwrap();
        let to_real = folder.path().join("link");
        std::os::unix::fs::symlink(&real, &to_real).unwrap();
        write_whole(&to_real, |out| out.write_all(b"new")).unwrap();
        assert_eq!(std::fs::read_to_string(&real).unwrap(), "new");
        assert!(std::fs::symlink_metadata(&to_real).unwrap().file_type().is_symlink());
    }

    #[test]
    fn a_failed_write_leaves_the_old_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        std::fs::write(&path, "old").unwrap();
        let failed = write_whole(&path, |_| Err(io::Error::other("disk full")));
        assert!(failed.is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
