//! Policy files from disk.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::policy::SourceFile;

/// Why files could not be read.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// No file or directory of this name, or no right to read it.
    #[error("`{}` cannot be read: {error}", path.display())]
    Unreadable {
        /// What was to be read.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A file that is not UTF-8.
    #[error("`{}` is not UTF-8 (line {line})", path.display())]
    NotUtf8 {
        /// The file.
        path: PathBuf,
        /// The line of the first byte that does not fit.
        line: usize,
    },
    /// A file too large to have been written by people.
    #[error("`{}` is larger than {LARGEST} bytes", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// A directory without tests of policies.
    #[error("`{}` has no test of policies (`*.test.toml`)", path.display())]
    NoTests {
        /// The directory.
        path: PathBuf,
    },
    /// A directory without policies.
    #[error("`{}` has no policy (`*.toml`)", path.display())]
    Empty {
        /// The directory.
        path: PathBuf,
    },
}

impl SourceError {
    /// How to put it right.
    pub const fn help(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "name a policy file or a directory of them",
            Self::NotUtf8 { .. } => "save it as UTF-8",
            Self::TooLarge { .. } => "people do not write policies of this size; is it another file?",
            Self::NoTests { .. } => "tests of policies lie beside them and end in `.test.toml`",
            Self::Empty { .. } => "policies end in `.toml`; `lastgood policy init` writes one to start from",
        }
    }
}

/// The largest file that is read.
const LARGEST: u64 = 16 * 1024 * 1024;

/// Read policies: a path is a file, or a directory whose `*.toml` are read in the order of their
/// names. Tests of policies (`*.test.toml`) and subdirectories, such as `frameworks/`, are left out.
/// A file that several paths name is read once.
///
/// # Errors
/// The first path that cannot be read, holds no policy, or is not UTF-8.
pub fn read_policies(paths: &[PathBuf]) -> Result<Vec<SourceFile>, SourceError> {
    let empty = |path: &Path| SourceError::Empty { path: path.to_owned() };
    read_files(paths, |name| name.ends_with(".toml") && !name.ends_with(TESTS), empty)
}

/// Read tests of policies: a path is a file, or a directory whose `*.test.toml` are read in the order of their
/// names.
///
/// # Errors
/// The first path that cannot be read, holds no test, or is not UTF-8.
pub fn read_tests(paths: &[PathBuf]) -> Result<Vec<SourceFile>, SourceError> {
    let empty = |path: &Path| SourceError::NoTests { path: path.to_owned() };
    read_files(paths, |name| name.ends_with(TESTS), empty)
}

/// How the names of tests end.
const TESTS: &str = ".test.toml";

fn read_files(
    paths: &[PathBuf],
    is_meant: impl Fn(&str) -> bool,
    empty: impl Fn(&Path) -> SourceError,
) -> Result<Vec<SourceFile>, SourceError> {
    let mut files: Vec<PathBuf> = Vec::new();
    for path in paths {
        let found = if fs::metadata(path).map_err(|error| unreadable(path, error))?.is_dir() {
            directory(path, &is_meant, &empty)?
        } else {
            vec![path.clone()]
        };
        files.extend(found);
    }
    let mut seen = Vec::new();
    let mut read = Vec::new();
    for path in files {
        let real = fs::canonicalize(&path).map_err(|error| unreadable(&path, error))?;
        if !seen.contains(&real) {
            read.push(file(&path)?);
            seen.push(real);
        }
    }
    Ok(read)
}

fn directory(
    path: &Path,
    is_meant: impl Fn(&str) -> bool,
    empty: impl Fn(&Path) -> SourceError,
) -> Result<Vec<PathBuf>, SourceError> {
    let mut files = Vec::new();
    for entry in fs::read_dir(path).map_err(|error| unreadable(path, error))? {
        let entry = entry.map_err(|error| unreadable(path, error))?.path();
        let name = entry.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if is_meant(&name) && !name.starts_with('.') && !entry.is_dir() {
            files.push(entry);
        }
    }
    if files.is_empty() {
        return Err(empty(path));
    }
    files.sort();
    Ok(files)
}

fn file(path: &Path) -> Result<SourceFile, SourceError> {
    let size = fs::metadata(path).map_err(|error| unreadable(path, error))?.len();
    if size > LARGEST {
        return Err(SourceError::TooLarge { path: path.to_owned() });
    }
    let bytes = fs::read(path).map_err(|error| unreadable(path, error))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let good = error.as_bytes().iter().take(error.utf8_error().valid_up_to());
        SourceError::NotUtf8 { path: path.to_owned(), line: 1 + good.filter(|byte| **byte == b'\n').count() }
    })?;
    // Some editors on Windows put a byte order mark first; it is no part of the policy.
    let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
    Ok(SourceFile { name: path.display().to_string(), text })
}

fn unreadable(path: &Path, error: io::Error) -> SourceError {
    SourceError::Unreadable { path: path.to_owned(), error }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory_with(files: &[(&str, &[u8])]) -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            let path = directory.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        directory
    }

    fn names(files: &[SourceFile]) -> Vec<&str> {
        files.iter().map(|file| file.name.rsplit('/').next().unwrap()).collect()
    }

    #[test]
    fn a_directory_gives_its_policies_in_order() {
        let directory = directory_with(&[
            ("b.toml", b"b = 1"),
            ("a.toml", b"\xef\xbb\xbfa = 1"),
            ("a.test.toml", b"x"),
            ("notes.md", b"x"),
            (".hidden.toml", b"x"),
            ("frameworks/iso.toml", b"x"),
        ]);
        let root = directory.path().to_owned();
        let files = read_policies(&[root.clone(), root.join("b.toml"), root.join("frameworks/iso.toml")]).unwrap();
        assert_eq!(names(&files), ["a.toml", "b.toml", "iso.toml"]);
        assert_eq!(files[0].text, "a = 1", "the byte order mark is gone");
    }

    #[test]
    fn what_cannot_be_read_is_said_with_its_name() {
        let directory = directory_with(&[("latin.toml", b"a = 1\nb = \"\xe9\"\n"), ("empty/readme", b"")]);
        let error = |name: &str| read_policies(&[directory.path().join(name)]).unwrap_err().to_string();
        assert!(error("latin.toml").contains("latin.toml` is not UTF-8 (line 2)"));
        assert!(error("empty").contains("empty` has no policy (`*.toml`)"));
        assert!(error("missing").contains("missing` cannot be read: "));
    }
}
