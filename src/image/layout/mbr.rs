//! The master boot record: four primary entries, and a chain of logical ones.

use super::super::error::{Doing as _, Error};
use super::super::source::{Source, has, le32, read_up_to};
use super::{Part, apart};

const SECTOR: u64 = 512;

/// More logical partitions than any system numbers: a longer chain is a loop or damage.
const MOST_LOGICAL: u32 = 256;

/// An entry that is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    slot: u32,
    kind: u8,
    start: u64,
    sectors: u64,
}

/// What the first sector is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum First {
    /// It has no signature of a table, or a table without entries: a boot sector at most.
    Neither,
    /// It says that a GPT follows.
    Protective {
        /// Whether its other entries make sense.
        valid_entries: bool,
    },
    /// A table.
    Table(Vec<Entry>),
    /// It has the signature, and entries that cannot be.
    Damaged(String),
}

const fn is_extended(kind: u8) -> bool {
    matches!(kind, 0x05 | 0x0f | 0x85)
}

fn entries(sector: &[u8]) -> Result<Vec<Entry>, String> {
    let mut found = Vec::new();
    for (slot, entry) in (1..=4).zip(sector.get(446..510).unwrap_or_default().chunks_exact(16)) {
        let (status, kind) = (entry.first().copied().unwrap_or_default(), entry.get(4).copied().unwrap_or_default());
        let (start, sectors) = (u64::from(le32(entry, 8)), u64::from(le32(entry, 12)));
        if status & 0x7f != 0 {
            return Err(format!("entry {slot} has the status {status:#04x}, which means nothing"));
        }
        match (kind, start, sectors) {
            (0, 0, 0) => {}
            (0, ..) => return Err(format!("entry {slot} has a place, but no type")),
            (_, 0, _) | (_, _, 0) => return Err(format!("entry {slot} has a type, but no place")),
            _ => found.push(Entry { slot, kind, start, sectors }),
        }
    }
    Ok(found)
}

/// What a first sector says.
pub(super) fn look(sector: &[u8]) -> First {
    if !has(sector, 510, &[0x55, 0xaa]) {
        return First::Neither;
    }
    // What the protective entry says of its size is often wrong, and does not matter.
    let protective = sector.get(446..510).unwrap_or_default().chunks_exact(16).any(|entry| has(entry, 4, &[0xee]));
    match entries(sector) {
        found if protective => First::Protective { valid_entries: found.is_ok() },
        Ok(found) if found.is_empty() => First::Neither,
        Ok(found) => First::Table(found),
        Err(why) => First::Damaged(why),
    }
}

/// The partitions of a table, with the logical ones.
pub(super) fn parts(source: &dyn Source, size: u64, entries: &[Entry]) -> Result<Vec<Part>, Error> {
    let part = |number, start: u64, sectors: u64| Part {
        number: Some(number),
        offset: start.saturating_mul(SECTOR),
        size: sectors.saturating_mul(SECTOR),
        bare_code: false,
    };
    let all: Vec<Part> = entries.iter().map(|entry| part(entry.slot, entry.start, entry.sectors)).collect();
    apart(&all, size)?;
    let mut found: Vec<Part> =
        all.iter().zip(entries).filter(|(_, entry)| !is_extended(entry.kind)).map(|(part, _)| part.clone()).collect();
    // PReP boot partitions hold the code of a boot loader.
    for (part, entry) in found.iter_mut().zip(entries.iter().filter(|entry| !is_extended(entry.kind))) {
        part.bare_code = entry.kind == 0x41;
    }
    let mut number = 5;
    for extended in entries.iter().filter(|entry| is_extended(entry.kind)) {
        let end = extended.start + extended.sectors;
        let mut at = extended.start;
        loop {
            let sector =
                read_up_to(source, at.saturating_mul(SECTOR), SECTOR).doing(|| "reading the partition table".into())?;
            let damaged =
                |why: &str| Error::Table(format!("the extended partition table at sector {at} is damaged: {why}"));
            if !has(&sector, 510, &[0x55, 0xaa]) {
                return Err(damaged("its signature is missing"));
            }
            let chain = self::entries(&sector).map_err(|why| damaged(&why))?;
            for logical in chain.iter().filter(|entry| !is_extended(entry.kind)) {
                let start = at + logical.start;
                if start + logical.sectors > end {
                    return Err(damaged("a logical partition lies outside of the extended one"));
                }
                found.push(part(number, start, logical.sectors));
                number += 1;
            }
            let Some(next) = chain.iter().find(|entry| is_extended(entry.kind)) else { break };
            let next = extended.start + next.start;
            if next <= at || next >= end || number > MOST_LOGICAL {
                return Err(damaged("its chain of logical partitions does not end"));
            }
            at = next;
        }
    }
    apart(&found, size)?;
    Ok(found)
}
