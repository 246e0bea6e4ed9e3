//! Lists of the blocks of snapshots with their checksums, kept from one test to the next: a snapshot never changes, so what
//! differs a year later has rotted.
//!
//! A list is text: a header as JSON, then a line `INDEX SHA256` for each block, in the order of the index.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, BufWriter, Lines, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::evidence;
use crate::model::activity::EvidenceFile;
use crate::model::inventory::hex;

/// The version of the saved form.
pub const SCHEMA: &str = "lastgood.blocks/1";

/// Differences that are named.
const MOST_NAMED: usize = 10;

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    schema: String,
    snapshot: String,
    volume_bytes: u64,
    /// Whether it lists every block; otherwise those of a sample.
    whole: bool,
}

/// The list of an earlier test, read along.
struct Earlier {
    whole: bool,
    lines: Lines<BufReader<File>>,
    next: Option<(u64, String)>,
    number: u64,
}

impl Earlier {
    fn open(path: &Path, snapshot: &str, volume_bytes: u64) -> io::Result<Option<Self>> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut lines = BufReader::new(file).lines();
        let first = lines.next().transpose()?.unwrap_or_default();
        let header: Header = serde_json::from_str(&first).map_err(|_| bad(path, 1))?;
        if header.schema != SCHEMA || header.snapshot != snapshot || header.volume_bytes != volume_bytes {
            return Err(bad(path, 1));
        }
        let mut earlier = Self { whole: header.whole, lines, next: None, number: 1 };
        earlier.advance(path)?;
        Ok(Some(earlier))
    }

    fn advance(&mut self, path: &Path) -> io::Result<()> {
        self.number += 1;
        let Some(line) = self.lines.next().transpose()? else {
            self.next = None;
            return Ok(());
        };
        let parts = line.split_once(' ').and_then(|(index, sum)| Some((index.parse().ok()?, sum.to_owned())));
        let (index, sum): (u64, String) = parts.ok_or_else(|| bad(path, self.number))?;
        if self.next.as_ref().is_some_and(|(before, _)| *before >= index) {
            return Err(bad(path, self.number));
        }
        self.next = Some((index, sum));
        Ok(())
    }
}

fn bad(path: &Path, line: u64) -> io::Error {
    io::Error::other(format!(
        "{}:{line} is no line of a list of blocks of this snapshot; move the file away",
        path.display()
    ))
}

/// A list being made, and held against the one of an earlier test.
pub struct BlockList {
    path: PathBuf,
    part: PathBuf,
    to: BufWriter<File>,
    /// Whether every block comes; otherwise those of a sample.
    whole: bool,
    earlier: Option<Earlier>,
    compared: u64,
    differences: Vec<String>,
}

/// What came of comparing with an earlier list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// How many blocks were compared with an earlier list; `None` if there is none.
    pub compared: Option<u64>,
    /// What differs: the first ten.
    pub differences: Vec<String>,
    /// The list that is kept now.
    pub file: EvidenceFile,
}

impl BlockList {
    /// Begin the list of a snapshot in a folder, which is made if need be.
    ///
    /// # Errors
    /// What the system says, or that the earlier list is none.
    pub fn begin(folder: &Path, snapshot: &str, volume_bytes: u64, whole: bool) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        // Ids are plain, but they come from a plan.
        let name: String =
            snapshot.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect();
        let path = folder.join(format!("{name}.blocks"));
        let part = folder.join(format!("{name}.blocks.part"));
        let earlier = Earlier::open(&path, snapshot, volume_bytes)?;
        let header = Header { schema: SCHEMA.into(), snapshot: snapshot.into(), volume_bytes, whole };
        let mut to = BufWriter::new(File::create(&part)?);
        writeln!(to, "{}", serde_json::to_string(&header)?)?;
        Ok(Self { path, part, to, whole, earlier, compared: 0, differences: Vec::new() })
    }

    /// The next block, in the order of the index.
    ///
    /// # Errors
    /// What the system says.
    pub fn block(&mut self, index: u64, sha256: &[u8; 32]) -> io::Result<()> {
        let sum = hex(sha256);
        writeln!(self.to, "{index} {sum}")?;
        self.skip_to(index)?;
        let Some(earlier) = &mut self.earlier else { return Ok(()) };
        match &earlier.next {
            Some((known, before)) if *known == index => {
                let differs = *before != sum;
                earlier.advance(&self.path)?;
                self.compared += 1;
                if differs {
                    self.differ(format!("block {index} differs from the test before"));
                }
            }
            _ if earlier.whole => self.differ(format!("block {index} was not written at the test before")),
            _ => {}
        }
        Ok(())
    }

    /// Pass over what the earlier list has before this index.
    fn skip_to(&mut self, index: u64) -> io::Result<()> {
        while let Some(earlier) = &mut self.earlier {
            let Some((before, _)) = earlier.next.as_ref().filter(|(before, _)| *before < index) else { break };
            let before = *before;
            earlier.advance(&self.path)?;
            if self.whole {
                self.differ(format!("block {before} was written at the test before, and is not now"));
            }
        }
        Ok(())
    }

    fn differ(&mut self, what: String) {
        if self.differences.len() < MOST_NAMED {
            self.differences.push(what);
        }
    }

    /// Everything is here. A good list takes the place of the earlier one unless that one holds more; one that differs
    /// never does.
    ///
    /// # Errors
    /// What the system says.
    pub fn finish(mut self) -> io::Result<Kept> {
        self.skip_to(u64::MAX)?;
        self.to.flush()?;
        let compared = self.earlier.is_some().then_some(self.compared);
        let holds_more = !self.whole && self.earlier.as_ref().is_some_and(|earlier| earlier.whole);
        if self.differences.is_empty() && !holds_more {
            self.to.get_ref().sync_all()?;
            std::fs::rename(&self.part, &self.path)?;
        } else {
            std::fs::remove_file(&self.part)?;
        }
        let file = evidence::hash(&self.path, false)?;
        Ok(Kept { compared, differences: self.differences, file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test(folder: &Path, whole: bool, blocks: &[(u64, u8)]) -> Kept {
        let mut list = BlockList::begin(folder, "snap-1", 1 << 30, whole).unwrap();
        for (index, byte) in blocks {
            list.block(*index, &[*byte; 32]).unwrap();
        }
        list.finish().unwrap()
    }

    #[test]
    fn a_snapshot_that_did_not_change_is_the_same_a_year_later() {
        let folder = tempfile::tempdir().unwrap();
        let here = folder.path();
        let first = test(here, true, &[(0, 1), (5, 2), (9, 3)]);
        assert_eq!((first.compared, first.differences.len()), (None, 0));
        let again = test(here, true, &[(0, 1), (5, 2), (9, 3)]);
        assert_eq!((again.compared, again.differences.len(), &again.file.sha256), (Some(3), 0, &first.file.sha256));
        let sample = test(here, false, &[(5, 2)]);
        assert_eq!((sample.compared, sample.differences.len()), (Some(1), 0));
        assert_eq!(sample.file.sha256, first.file.sha256, "a sample does not take the place of the whole list");
        for (whole, blocks, says) in [
            (true, &[(0, 1), (5, 7), (9, 3)][..], "block 5 differs"),
            (true, &[(0, 1), (9, 3)], "block 5 was written at the test before"),
            (true, &[(0, 1), (5, 2)], "block 9 was written at the test before"),
            (true, &[(0, 1), (4, 1), (5, 2), (9, 3)], "block 4 was not written"),
            (false, &[(9, 4)], "block 9 differs"),
        ] {
            let kept = test(here, whole, blocks);
            assert!(kept.differences.len() == 1 && kept.differences[0].starts_with(says), "{kept:?}");
            assert_eq!(kept.file.sha256, first.file.sha256, "what differs never takes its place");
        }
    }

    #[test]
    fn a_sample_is_compared_and_replaced_by_the_whole() {
        let folder = tempfile::tempdir().unwrap();
        let first = test(folder.path(), false, &[(5, 2)]);
        let whole = test(folder.path(), true, &[(0, 1), (5, 2)]);
        assert_eq!((whole.compared, whole.differences.len()), (Some(1), 0), "{whole:?}");
        assert_ne!(first.file.sha256, whole.file.sha256);
    }

    #[test]
    fn a_list_that_is_none_is_refused_with_its_line() {
        for (text, line) in [
            ("", 1),
            ("{}\n", 1),
            (
                "{\"schema\":\"lastgood.blocks/1\",\"snapshot\":\"snap-2\",\"volume_bytes\":1073741824,\"whole\":true}\n",
                1,
            ),
            (
                "{\"schema\":\"lastgood.blocks/1\",\"snapshot\":\"snap-1\",\"volume_bytes\":1073741824,\"whole\":true}\nx\n",
                2,
            ),
        ] {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join("snap-1.blocks"), text).unwrap();
            let error = BlockList::begin(folder.path(), "snap-1", 1 << 30, true).err().unwrap().to_string();
            assert!(error.contains(&format!("snap-1.blocks:{line} ")), "{error}");
        }
    }
}
