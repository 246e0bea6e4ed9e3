//! The GUID partition table: a header at the start and a backup at the end, each with a checksum.

use std::io;

use flate2::Crc;

use super::super::error::{Doing as _, Error};
use super::super::source::{Source, array, has, le32, le64, read_up_to};
use super::{Layout, Part, Table, apart};

const SIGNATURE: &[u8] = b"EFI PART";

/// Sectors are of 512 bytes nearly everywhere, also on volumes of EBS.
const SECTORS: [u64; 2] = [512, 4096];

/// More entries than anybody makes; a table says 128.
const MOST_ENTRIES: u32 = 4096;

/// Types of partitions without a file system, as on disk: BIOS boot, Microsoft reserved, PowerPC PReP boot.
const BARE_CODE: [[u8; 16]; 3] = [
    *b"Hah!IdontNeedEFI",
    [0x16, 0xe3, 0xc9, 0xe3, 0x5c, 0x0b, 0xb8, 0x4d, 0x81, 0x7d, 0xf9, 0x2d, 0xf0, 0x02, 0x15, 0xae],
    [0x38, 0xd2, 0x1a, 0x9e, 0x12, 0xc6, 0x16, 0x43, 0xaa, 0x26, 0x8b, 0x49, 0x52, 0x1e, 0x5a, 0x8b],
];

/// Whether the signature of a primary header is there.
pub(super) fn has_primary(source: &dyn Source) -> io::Result<bool> {
    Ok(has(&read_up_to(source, 512, 8)?, 0, SIGNATURE))
}

/// Read the table of a volume whose first sector says that there is one.
pub(super) fn read(source: &dyn Source, size: u64, valid_first: bool) -> Result<Layout, Error> {
    let mut primary = Err(String::new());
    let mut backup = Err(String::new());
    for sector in SECTORS {
        primary = table(source, size, sector, 1);
        if let Ok(parts) = primary {
            apart(&parts, size)?;
            let warnings = if valid_first { Vec::new() } else { vec![FIRST.into()] };
            return Ok(Layout { table: Table::Gpt, parts, warnings });
        }
        // The header may be damaged and still say where its backup is, on a volume that has grown since.
        let header = read_up_to(source, sector, 40).doing(|| "reading the partition table".into())?;
        let told = if has(&header, 0, SIGNATURE) { le64(&header, 32) } else { 0 };
        let last = (size / sector).saturating_sub(1);
        for place in [last, told].into_iter().filter(|place| *place > 1 && *place <= last) {
            backup = table(source, size, sector, place);
            if let Ok(parts) = backup {
                apart(&parts, size)?;
                let why = primary.err().unwrap_or_default();
                let warning = format!("the primary partition table (GPT) is damaged: {why}; its backup was used");
                return Ok(Layout { table: Table::Gpt, parts, warnings: vec![warning] });
            }
        }
        if has(&header, 0, SIGNATURE) {
            break;
        }
    }
    Err(Error::Table(format!(
        "the partition table (GPT) is damaged: {}; of its backup at the end of the volume: {}",
        primary.err().unwrap_or_default(),
        backup.err().filter(|why| !why.is_empty()).unwrap_or_else(|| "the volume is too short to hold one".into())
    )))
}

const FIRST: &str = "the first sector has entries beside the one that protects the GPT, and they are damaged";

/// The parts that the header at this place lists, or what is wrong with it.
fn table(source: &dyn Source, size: u64, sector: u64, place: u64) -> Result<Vec<Part>, String> {
    let read = |offset: u64, length: u64| {
        read_up_to(source, offset, length)
            .ok()
            .filter(|bytes| bytes.len() as u64 == length)
            .ok_or_else(|| format!("{length} bytes at {offset} cannot be read"))
    };
    let header = read(place.checked_mul(sector).ok_or("its place is too far")?, 512)?;
    if !has(&header, 0, SIGNATURE) {
        return Err("its header is missing".into());
    }
    let length = usize::try_from(le32(&header, 12)).ok().filter(|length| (92..=512).contains(length));
    let Some(mut covered) = length.and_then(|length| header.get(..length)).map(<[u8]>::to_vec) else {
        return Err("its header has an impossible length".into());
    };
    if let Some(sum) = covered.get_mut(16..20) {
        sum.fill(0);
    }
    if crc(&covered) != le32(&header, 16) {
        return Err("its header does not match its checksum".into());
    }
    if le64(&header, 24) != place {
        return Err("its header belongs to another place".into());
    }
    let (first, count, each) = (le64(&header, 72), le32(&header, 80), le32(&header, 84));
    if !(128..=4096).contains(&each) || !each.is_power_of_two() || count > MOST_ENTRIES {
        return Err(format!("its header tells of {count} entries of {each} bytes"));
    }
    let entries = read(first.checked_mul(sector).ok_or("its place is too far")?, u64::from(count) * u64::from(each))?;
    if crc(&entries) != le32(&header, 88) {
        return Err("its entries do not match their checksum".into());
    }
    let (usable_first, usable_last) = (le64(&header, 40), le64(&header, 48));
    let mut parts = Vec::new();
    for (number, entry) in (1..).zip(entries.chunks_exact(usize::try_from(each).unwrap_or(128))) {
        let kind: [u8; 16] = array(entry, 0);
        if kind == [0; 16] {
            continue;
        }
        let (from, to) = (le64(entry, 32), le64(entry, 40));
        if from > to || from < usable_first || to > usable_last {
            return Err(format!("partition {number} lies in sectors {from} to {to}, outside of what may be used"));
        }
        let bytes = |sectors: u64| sectors.checked_mul(sector).ok_or_else(|| format!("partition {number} is too far"));
        let part = Part {
            number: Some(number),
            offset: bytes(from)?,
            size: bytes((to - from).saturating_add(1))?,
            bare_code: BARE_CODE.contains(&kind),
        };
        if part.offset.checked_add(part.size).is_none_or(|end| end > size) {
            return Err(format!("partition {number} ends beyond the volume of {size} bytes"));
        }
        parts.push(part);
    }
    Ok(parts)
}

fn crc(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}
