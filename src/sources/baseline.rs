//! Baselines of gates on disk: JSON, one finding after the other, so that a review sees what came and went.

use std::path::Path;

use super::inventory::{FileError, read_saved, write_whole};
use crate::model::baseline::{Baseline, SCHEMA};

/// Read a baseline.
///
/// # Errors
/// [`FileError`] says what is wrong with the file.
pub fn read(path: &Path) -> Result<Baseline, FileError> {
    read_saved(path, "baseline", SCHEMA)
}

/// Write a baseline, whole or not at all.
///
/// # Errors
/// [`FileError::Io`]; an existing file is then left as it was.
pub fn write(path: &Path, baseline: &Baseline) -> Result<(), FileError> {
    write_whole(path, |out| {
        serde_json::to_writer_pretty(&mut *out, baseline)?;
        out.write_all(b"\n")
    })
}
