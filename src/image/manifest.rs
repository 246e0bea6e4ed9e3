//! Comparing the files of a restored file system with a list of checksums made while it was in use.

use std::path::{Component, Path};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::check::{Options, Place};
use super::scratch::Image;
use super::tools::{Ended, Tool};

/// Files are asked for in groups of this many.
const AT_ONCE: usize = 500;

/// A list of files and their SHA-256, as `sha256sum` writes it. Paths begin at the root of the file system that
/// holds the files, with or without `/` or `./` before them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    entries: Vec<Entry>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    path: String,
    digest: String,
}

/// A line of a manifest that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the manifest {why}")]
pub struct ManifestError {
    /// Which line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: &'static str,
}

impl Manifest {
    /// Read lines of `SHA256  PATH`. Empty lines are skipped; any other line that is not understood is an error,
    /// and so is a list without files.
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        let mut entries: Vec<Entry> = Vec::new();
        for (number, line) in (1..).zip(text.lines()) {
            if line.trim().is_empty() {
                continue;
            }
            let wrong = |why| ManifestError { line: number, why };
            let escaped = line.strip_prefix('\\');
            let (digest, path) =
                escaped.unwrap_or(line).split_once(' ').ok_or(wrong("has no path after the checksum"))?;
            if digest.len() != 64 || !digest.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return Err(wrong("does not begin with 64 hexadecimal digits"));
            }
            let path = path.strip_prefix([' ', '*']).ok_or(wrong("has no second space, or `*`, before the path"))?;
            let path = if escaped.is_some() { unescape(path) } else { path.to_owned() };
            let path = absolute(&path).ok_or(wrong("has a path that leaves the file system, or names no file"))?;
            entries.push(Entry { path, digest: digest.to_ascii_lowercase() });
        }
        if entries.is_empty() {
            return Err(ManifestError { line: 1, why: "is the first of none: it lists no files" });
        }
        Ok(Self { entries })
    }

    /// How many files it lists.
    pub const fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it lists none, which [`parse`](Self::parse) refuses.
    pub const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

fn unescape(path: &str) -> String {
    let mut plain = String::new();
    let mut characters = path.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some('n') => plain.push('\n'),
                Some('r') => plain.push('\r'),
                Some(other) => plain.push(other),
                None => plain.push('\\'),
            },
            other => plain.push(other),
        }
    }
    plain
}

fn absolute(path: &str) -> Option<String> {
    let mut plain = String::new();
    for component in Path::new(path).components() {
        match component {
            Component::RootDir | Component::CurDir => {}
            Component::Normal(name) => {
                plain.push('/');
                plain.push_str(name.to_str()?);
            }
            Component::ParentDir | Component::Prefix(_) => return None,
        }
    }
    (!plain.is_empty()).then_some(plain)
}

/// What came of the files of a manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compared {
    /// How many are there with the content that the manifest tells.
    pub same: usize,
    /// Those with another content.
    pub different: Vec<String>,
    /// Those that are in none of the file systems that were read.
    pub missing: Vec<String>,
    /// Those that could not be compared, each with the reason.
    pub unread: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    Missing,
    Unread(String),
    Different,
    Same,
}

/// A manifest being compared, file system by file system: a file counts where it is the same.
pub(super) struct Comparison<'m> {
    manifest: &'m Manifest,
    states: Vec<State>,
    /// Whether any file system could be looked into.
    pub(super) looked: bool,
}

impl<'m> Comparison<'m> {
    pub(super) fn new(manifest: &'m Manifest) -> Self {
        Self { manifest, states: vec![State::Missing; manifest.entries.len()], looked: false }
    }

    /// Look for the files in an ext file system.
    pub(super) fn look_in(&mut self, image: &Image, place: &Place, options: &Options) {
        let found = options.tools.find("debugfs");
        self.looked = true;
        let shell = found.map(|tool| Shell { tool, image, target: place.ext(), options });
        let pairs: Vec<(&Entry, &mut State)> = self.manifest.entries.iter().zip(&mut self.states).collect();
        let mut open: Vec<_> = pairs.into_iter().filter(|(_, state)| **state != State::Same).collect();
        for group in open.chunks_mut(AT_ONCE) {
            let paths: Vec<&str> = group.iter().map(|(entry, _)| entry.path.as_str()).collect();
            let stats = shell.as_ref().map_or_else(
                || Err("`debugfs` of the package `e2fsprogs` is missing".into()),
                |shell| shell.stat(&paths),
            );
            for (at, (entry, state)) in group.iter_mut().enumerate() {
                let now = match (&stats, &shell) {
                    (Ok(stats), Some(shell)) => shell.compare(stats.get(at).unwrap_or(&Stat::Strange), entry),
                    (Err(why), _) => State::Unread(why.clone()),
                    (Ok(_), None) => State::Unread("`debugfs` is missing".into()),
                };
                // The same path may be in several file systems.
                if now != State::Missing || **state == State::Missing {
                    **state = now;
                }
            }
        }
    }

    pub(super) fn finish(self) -> Compared {
        let mut compared = Compared::default();
        for (entry, state) in self.manifest.entries.iter().zip(self.states) {
            match state {
                State::Same => compared.same += 1,
                State::Different => compared.different.push(entry.path.clone()),
                State::Missing => compared.missing.push(entry.path.clone()),
                State::Unread(why) => compared.unread.push(format!("{}: {why}", entry.path)),
            }
        }
        compared
    }
}

/// What `debugfs` says of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Stat {
    Missing,
    Regular { inode: u64, size: u64 },
    Not(String),
    Strange,
}

struct Shell<'a> {
    tool: Tool,
    image: &'a Image,
    target: String,
    options: &'a Options,
}

/// A path as a word of `debugfs`.
fn word(path: &str) -> String {
    format!("\"{}\"", path.replace('"', "\"\""))
}

impl Shell<'_> {
    fn stat(&self, paths: &[&str]) -> Result<Vec<Stat>, String> {
        // A line break would end a command.
        let asked: Vec<String> = paths
            .iter()
            .map(
                |path| {
                    if path.contains(['\n', '\r', '\0']) { "stat <0>".into() } else { format!("stat {}", word(path)) }
                },
            )
            .collect();
        let failed = |error: std::io::Error| format!("`debugfs` could not be run: {error}");
        let commands = self.image.folder().join("commands");
        std::fs::write(&commands, asked.join("\n") + "\n").map_err(failed)?;
        let mut output = Vec::new();
        let mut sink = |bytes: &[u8]| output.extend_from_slice(bytes);
        let arguments = ["-f", "commands", &self.target];
        let ran = self.tool.run(&arguments, self.image.folder(), self.options.time_limit, &mut sink).map_err(failed)?;
        let complaints = ran.stderr.text();
        if ran.ended != Ended::Exited(0) || complaints.contains("Filesystem not open") {
            let last = complaints.lines().last().unwrap_or_default();
            return Err(format!("`debugfs` could not read the file system: {last}"));
        }
        Ok(sections(&String::from_utf8_lossy(&output), &asked)
            .into_iter()
            .zip(paths)
            .map(|(section, path)| {
                let missing =
                    complaints.lines().any(|line| line.trim_end() == format!("{path}: File not found by ext2_lookup"));
                match read_stat(&section) {
                    Stat::Strange if missing && section.is_empty() => Stat::Missing,
                    stat => stat,
                }
            })
            .collect())
    }

    fn compare(&self, stat: &Stat, entry: &Entry) -> State {
        let (inode, size) = match stat {
            Stat::Missing => return State::Missing,
            Stat::Strange => return State::Unread("`debugfs` does not say what it is".into()),
            Stat::Not(kind) => return State::Unread(format!("it is no regular file, but of the type `{kind}`")),
            Stat::Regular { inode, size } => (inode, *size),
        };
        let mut sum = Sha256::new();
        let mut length = 0;
        let mut sink = |bytes: &[u8]| {
            sum.update(bytes);
            length += bytes.len() as u64;
        };
        let command = format!("cat <{inode}>");
        let arguments = ["-R", &command, &self.target];
        match self.tool.run(&arguments, self.image.folder(), self.options.time_limit, &mut sink) {
            Ok(ran) if ran.ended == Ended::Exited(0) => {}
            Ok(_) => return State::Unread("`debugfs` did not read it to its end".into()),
            Err(error) => return State::Unread(format!("`debugfs` could not be run: {error}")),
        }
        let digest: String = sum.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        if length == size && digest == entry.digest { State::Same } else { State::Different }
    }
}

/// What was said after each command, in the order of the commands. Commands are echoed.
fn sections(output: &str, asked: &[String]) -> Vec<String> {
    let mut sections = vec![String::new(); asked.len()];
    let mut next = 0;
    for line in output.lines() {
        if asked.get(next).is_some_and(|asked| line.strip_prefix("debugfs: ").is_some_and(|said| said == asked)) {
            next += 1;
        } else if let Some(section) = next.checked_sub(1).and_then(|at| sections.get_mut(at)) {
            section.push_str(line);
            section.push('\n');
        }
    }
    sections
}

fn read_stat(section: &str) -> Stat {
    let mut lines = section.lines();
    let field = |line: &str, name: &str| {
        line.split_once(name).and_then(|(_, rest)| rest.split_whitespace().next().map(str::to_owned))
    };
    let first = lines.next().unwrap_or_default();
    let (Some(inode), Some(kind)) = (field(first, "Inode: "), field(first, "Type: ")) else { return Stat::Strange };
    let size = lines.find_map(|line| field(line, "Size: "));
    match (kind.as_str(), inode.parse(), size.and_then(|size| size.parse().ok())) {
        ("regular", Ok(inode), Some(size)) => Stat::Regular { inode, size },
        ("regular", ..) => Stat::Strange,
        _ => Stat::Not(kind),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUM: &str = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";

    #[test]
    fn lines_are_those_of_sha256sum() {
        let text = format!("{SUM}  ./etc/a b\n{SUM} *bin/x\n\n\\{SUM}  /odd\\nname\\\\\n");
        let manifest = Manifest::parse(&text).unwrap();
        let paths: Vec<&str> = manifest.entries.iter().map(|entry| entry.path.as_str()).collect();
        assert_eq!(paths, ["/etc/a b", "/bin/x", "/odd\nname\\"]);
    }

    #[test]
    fn what_is_not_understood_is_an_error_with_its_line() {
        for (text, line) in [
            (String::new(), 1),
            (format!("{SUM}  /a\nd41d8cd98f00b204e9800998ecf8427e  /b\n"), 2),
            (format!("{SUM} /a\n"), 1),
            (format!("{SUM}  ../a\n"), 1),
            (format!("{SUM}  /\n"), 1),
            (format!("{SUM}\n"), 1),
        ] {
            assert_eq!(Manifest::parse(&text).unwrap_err().line, line, "{text:?}");
        }
    }

    #[test]
    fn sections_follow_the_echoed_commands() {
        let asked = ["stat \"/a\"".to_owned(), "stat \"/b\"".to_owned()];
        let output =
            "debugfs: stat \"/a\"\ndebugfs: stat \"/b\"\nInode: 7   Type: regular    Mode:\nUser: 0   Size: 6\n";
        let found = sections(output, &asked);
        assert_eq!(found[0], "");
        assert_eq!(read_stat(&found[1]), Stat::Regular { inode: 7, size: 6 });
        assert_eq!(read_stat("Inode: 7   Type: symlink    Mode:\n"), Stat::Not("symlink".into()));
        assert_eq!(read_stat("nonsense"), Stat::Strange);
    }
}
