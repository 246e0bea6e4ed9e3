//! What a part of a volume holds, told by the marks that its format leaves.

use std::io;

use serde::{Deserialize, Serialize};

use super::layout::Part;
use super::source::{Source, array, has, le16, le32, le64, read_up_to};

/// What a part holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Content {
    /// ext2, ext3 or ext4.
    Ext(Ext),
    /// XFS.
    Xfs(Xfs),
    /// A file system that can be checked, if its superblock were not damaged.
    Broken {
        /// `ext4` or `XFS`.
        name: String,
        /// How it was told.
        sign: String,
    },
    /// Swap space.
    Swap,
    /// Only zeros.
    Empty,
    /// Code of a boot loader, or space that the partition table reserves.
    BareCode,
    /// A physical volume of LVM2.
    Lvm,
    /// Encrypted with LUKS.
    Luks {
        /// 1 or 2.
        version: u16,
    },
    /// NTFS.
    Ntfs,
    /// Btrfs.
    Btrfs,
    /// FAT12, FAT16 or FAT32, as on EFI system partitions.
    Fat,
    /// Something else with a name.
    Other(String),
    /// Marks of several formats; old ones are left where a format was made over another.
    Several(Vec<String>),
    /// None of the marks that are known.
    Unknown,
}

impl Content {
    /// As it is called in sentences.
    pub fn name(&self) -> String {
        match self {
            Self::Ext(ext) => ext.name.clone(),
            Self::Xfs(_) => "XFS".into(),
            Self::Broken { name, .. } => format!("a damaged {name}"),
            Self::Swap => "swap space".into(),
            Self::Empty => "only zeros".into(),
            Self::BareCode => "boot code or reserved space".into(),
            Self::Lvm => "an LVM physical volume".into(),
            Self::Luks { version } => format!("LUKS{version} encryption"),
            Self::Ntfs => "NTFS".into(),
            Self::Btrfs => "Btrfs".into(),
            Self::Fat => "FAT".into(),
            Self::Other(name) => name.clone(),
            Self::Several(names) => format!("marks of several formats ({})", names.join(", ")),
            Self::Unknown => "nothing that is known".into(),
        }
    }
}

/// What the superblock of an ext file system says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ext {
    /// `ext2`, `ext3` or `ext4`, by its features.
    pub name: String,
    /// How many bytes it spans.
    pub size: u64,
    /// The journal has to be replayed: it was mounted when it was copied, as is normal for snapshots.
    pub needs_recovery: bool,
    /// Files that were deleted while open wait to be freed.
    pub orphans: bool,
    /// The kernel had recorded errors in it.
    pub errors_recorded: bool,
}

/// What the superblock of an XFS says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Xfs {
    /// How many bytes it spans.
    pub size: u64,
    /// Its log is on another device.
    pub external_log: bool,
}

/// Where a format has its mark, and its name.
const MARKS: &[(u64, &[u8], &str)] = &[
    (0x1_0040, b"_BHRfS_M", "Btrfs"),
    (3, b"NTFS    ", "NTFS"),
    (3, b"EXFAT   ", "exFAT"),
    (3, b"-FVE-FS-", "BitLocker encryption"),
    (3, b"ReFS\0\0\0\0", "ReFS"),
    (0, b"hsqs", "SquashFS"),
    (1024, &[0x10, 0x20, 0xf5, 0xf2], "F2FS"),
    (1024, &[0xe2, 0xe1, 0xf5, 0xe0], "EROFS"),
    (1024, b"H+\0\x04", "HFS+"),
    (0x8001, b"CD001", "ISO 9660"),
    (0, &[0xfc, 0x4e, 0x2b, 0xa9], "a member of a software RAID"),
    (4096, &[0xfc, 0x4e, 0x2b, 0xa9], "a member of a software RAID"),
    (0x2_0000, &[0x0c, 0xb1, 0xba, 0, 0, 0, 0, 0], "ZFS"),
];

/// Sizes of memory pages, at whose end swap space has its mark.
const PAGES: [u64; 4] = [4096, 8192, 16384, 65536];

/// Tell what a part holds.
pub fn recognise(source: &dyn Source, part: &Part) -> io::Result<Content> {
    if part.bare_code {
        return Ok(Content::BareCode);
    }
    let head = read_up_to(source, part.offset, part.size.min(0x2_1000))?;
    let mut found = Vec::new();
    if has(&head, 0, b"XFSB") {
        found.push(Content::Xfs(xfs(&head)));
    }
    if let Some(ext) = ext(&head) {
        found.push(ext);
    }
    if has(&head, 0, b"LUKS\xba\xbe") {
        found.push(Content::Luks { version: u16::from_be_bytes(array(&head, 6)) });
    }
    // The label of LVM is in one of the first four sectors.
    if (0..4).any(|sector| has(&head, sector * 512, b"LABELONE") && has(&head, sector * 512 + 24, b"LVM2 001")) {
        found.push(Content::Lvm);
    }
    let swap = |end: &usize| has(&head, end - 10, b"SWAPSPACE2") || has(&head, end - 10, b"SWAP-SPACE");
    if PAGES.iter().filter_map(|page| usize::try_from(*page).ok()).any(|end| swap(&end)) {
        found.push(Content::Swap);
    }
    if fat(&head) {
        found.push(Content::Fat);
    }
    for (place, mark, name) in MARKS {
        let content = match *name {
            "Btrfs" => Content::Btrfs,
            "NTFS" => Content::Ntfs,
            name => Content::Other(name.into()),
        };
        if usize::try_from(*place).is_ok_and(|place| has(&head, place, mark)) && !found.contains(&content) {
            found.push(content);
        }
    }
    if found.len() > 1 {
        return Ok(Content::Several(found.iter().map(Content::name).collect()));
    }
    match found.pop() {
        Some(content) => Ok(content),
        None if source.is_zero(part.offset, part.size)? => Ok(Content::Empty),
        None => Ok(broken(source, part, &head)?.unwrap_or(Content::Unknown)),
    }
}

/// A superblock of ext at this place of a buffer.
fn is_ext(bytes: &[u8], at: usize) -> bool {
    has(bytes, at + 56, &[0x53, 0xef])
}

fn ext(head: &[u8]) -> Option<Content> {
    if !is_ext(head, 1024) {
        return None;
    }
    let block = head.get(1024..2048)?;
    let (compatible, incompatible, read_only) = (le32(block, 92), le32(block, 96), le32(block, 100));
    if incompatible & 0x8 != 0 {
        return Some(Content::Other("an external journal of ext".into()));
    }
    let wide = if incompatible & 0x80 == 0 { 0 } else { u64::from(le32(block, 0x150)) << 32 };
    let blocks = wide | u64::from(le32(block, 4));
    let block_size = 1024_u64.checked_shl(le32(block, 24)).unwrap_or(0);
    // Extents, 64 bits, flexible groups, checksums of metadata, …: what ext3 does not have.
    let name = match (incompatible & !0x16, read_only & !0x7, compatible & 0x4) {
        (0, 0, 0) => "ext2",
        (0, 0, _) => "ext3",
        _ => "ext4",
    };
    Some(Content::Ext(Ext {
        name: name.into(),
        size: blocks.saturating_mul(block_size),
        needs_recovery: incompatible & 0x4 != 0,
        orphans: le32(block, 0xe8) != 0 || read_only & 0x1_0000 != 0,
        errors_recorded: le16(block, 58) & 0x2 != 0,
    }))
}

fn xfs(head: &[u8]) -> Xfs {
    let blocks = u64::from_be_bytes(array(head, 8));
    let block_size = u64::from(u32::from_be_bytes(array(head, 4)));
    Xfs { size: blocks.saturating_mul(block_size), external_log: u64::from_be_bytes(array(head, 48)) == 0 }
}

/// A boot sector of FAT: a jump, a plausible geometry, and the name that every maker of FAT writes.
fn fat(head: &[u8]) -> bool {
    let sector = le16(head, 11);
    has(head, 510, &[0x55, 0xaa])
        && (has(head, 0, &[0xeb]) || has(head, 0, &[0xe9]))
        && sector.is_power_of_two()
        && (512..=4096).contains(&sector)
        && (has(head, 54, b"FAT1") || has(head, 82, b"FAT32"))
}

/// A file system whose first superblock is damaged, told by what else of it is there.
fn broken(source: &dyn Source, part: &Part, head: &[u8]) -> io::Result<Option<Content>> {
    // The headers of the first allocation group follow the superblock, each in a sector.
    for sector in [512, 4096] {
        if has(head, sector, b"XAGF") && has(head, 2 * sector, b"XAGI") {
            let sign = "the headers of its first allocation group are there".into();
            return Ok(Some(Content::Broken { name: "XFS".into(), sign }));
        }
    }
    // The first backup superblock of ext, with blocks of 1, 2 and 4 KiB.
    for (log, block) in [(0_u32, 8193_u64), (1, 16384), (2, 32768)] {
        let place = block * (1024 << log);
        if place >= part.size {
            continue;
        }
        let backup = read_up_to(source, part.offset + place, 1024.min(part.size - place))?;
        if is_ext(&backup, 0) && le32(&backup, 24) == log && le16(&backup, 90) == 1 && le64(&backup, 104) != 0 {
            let sign = format!("a backup of its superblock is in block {block}");
            return Ok(Some(Content::Broken { name: "ext".into(), sign }));
        }
    }
    Ok(None)
}
