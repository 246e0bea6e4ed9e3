//! Where on a volume its parts lie: one bare file system, or the partitions of an MBR or a GPT.
//!
//! A damaged table is an error that says what is damaged; it is never taken for a volume without partitions.

mod gpt;
mod mbr;

use serde::{Deserialize, Serialize};

use super::content::{self, Content};
use super::error::{Doing as _, Error};
use super::source::{Source, read_up_to};

/// The kind of partition table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Table {
    /// There is none: the volume itself is the only part.
    None,
    /// A master boot record.
    Mbr,
    /// A GUID partition table.
    Gpt,
}

/// A part of a volume.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The number of the partition, as Linux counts; `None` for the whole volume.
    pub number: Option<u32>,
    /// Where it begins, in bytes.
    pub offset: u64,
    /// How long it is, in bytes.
    pub size: u64,
    /// Whether the table sets it aside for firmware or a boot loader's code, or reserves it: no file system is
    /// expected there.
    pub bare_code: bool,
}

impl Part {
    /// As it is called in sentences: `partition 2`.
    pub fn name(&self) -> String {
        self.number.map_or_else(|| "the volume".into(), |number| format!("partition {number}"))
    }
}

/// What lies where on a volume.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    /// The kind of table.
    pub table: Table,
    /// The parts, in the order of the table. Extended partitions are containers, and not listed.
    pub parts: Vec<Part>,
    /// What is wrong with the table though it can be used, as sentences.
    pub warnings: Vec<String>,
}

/// Find the parts of a volume.
pub fn layout(source: &dyn Source) -> Result<Layout, Error> {
    let doing = || "reading the partition table".to_owned();
    let size = source.size().doing(doing)?;
    let first = read_up_to(source, 0, 512).doing(doing)?;
    let whole = Part { number: None, offset: 0, size, bare_code: false };
    if let mbr::First::Protective { valid_entries } = mbr::look(&first) {
        return gpt::read(source, size, valid_entries);
    }
    if gpt::has_primary(source).doing(doing)? {
        return Err(Error::Table(
            "there is a GPT header, but the first sector does not protect it: an operating system would find no \
             partitions"
                .into(),
        ));
    }
    let there = content::recognise(source, &whole).doing(doing)?;
    let nothing = matches!(there, Content::Unknown | Content::Empty | Content::Broken { .. });
    match mbr::look(&first) {
        mbr::First::Table(entries) if nothing => {
            let parts = mbr::parts(source, size, &entries)?;
            Ok(Layout { table: Table::Mbr, parts, warnings: Vec::new() })
        }
        // A boot sector of FAT or NTFS is no table, though it ends like one.
        mbr::First::Table(_) if !matches!(there, Content::Fat | Content::Ntfs) => Err(Error::Table(format!(
            "there is a partition table, and also {} over the whole volume: which of them is meant cannot be told",
            there.name()
        ))),
        mbr::First::Damaged(why) if nothing => {
            Err(Error::Table(format!("the partition table in the first sector is damaged: {why}")))
        }
        _ => Ok(Layout { table: Table::None, parts: vec![whole], warnings: Vec::new() }),
    }
}

/// Parts lie in the volume and do not overlap.
fn apart(parts: &[Part], size: u64) -> Result<(), Error> {
    for part in parts {
        if part.offset.checked_add(part.size).is_none_or(|end| end > size) {
            return Err(Error::Table(format!(
                "{} reaches from byte {} over {} bytes, beyond the end of the volume of {size} bytes",
                part.name(),
                part.offset,
                part.size
            )));
        }
    }
    let mut sorted: Vec<&Part> = parts.iter().collect();
    sorted.sort_by_key(|part| part.offset);
    for (left, right) in sorted.iter().zip(sorted.iter().skip(1)) {
        if left.offset.saturating_add(left.size) > right.offset {
            return Err(Error::Table(format!("{} and {} overlap", left.name(), right.name())));
        }
    }
    Ok(())
}
