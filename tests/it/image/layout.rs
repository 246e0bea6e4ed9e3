//! Partition tables and contents as pure functions over bytes: made by hand, damaged at random. No tools are needed.

use lastgood::image::{Content, Layout, Part, Table, layout, recognise};
use proptest::prelude::*;

const SECTOR: usize = 512;

/// A volume of one megabyte of something.
fn noise() -> Vec<u8> {
    (0..1_u32 << 20).map(|n| (n.wrapping_mul(2_654_435_761) >> 11) as u8).collect()
}

fn put(bytes: &mut [u8], at: usize, what: &[u8]) {
    bytes[at..at + what.len()].copy_from_slice(what);
}

fn entry(bytes: &mut [u8], sector: usize, slot: usize, kind: u8, start: u32, sectors: u32) {
    let at = sector * SECTOR + 446 + 16 * slot;
    bytes[at..at + 16].fill(0);
    bytes[at + 4] = kind;
    put(bytes, at + 8, &start.to_le_bytes());
    put(bytes, at + 12, &sectors.to_le_bytes());
}

fn table(bytes: &mut [u8], sector: usize) {
    bytes[sector * SECTOR + 446..sector * SECTOR + 510].fill(0);
    put(bytes, sector * SECTOR + 510, &[0x55, 0xaa]);
}

fn mbr() -> Vec<u8> {
    let mut bytes = noise();
    table(&mut bytes, 0);
    entry(&mut bytes, 0, 0, 0x83, 100, 100);
    entry(&mut bytes, 0, 1, 0x05, 300, 1000);
    table(&mut bytes, 300);
    entry(&mut bytes, 300, 0, 0x83, 8, 100);
    entry(&mut bytes, 300, 1, 0x05, 400, 200);
    table(&mut bytes, 700);
    entry(&mut bytes, 700, 0, 0x83, 16, 150);
    bytes
}

fn crc(bytes: &[u8]) -> [u8; 4] {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum().to_le_bytes()
}

fn header(bytes: &mut [u8], place: usize, other: usize, entries: usize) {
    let sum = crc(&bytes[entries * SECTOR..entries * SECTOR + 128 * 128]);
    let at = place * SECTOR;
    bytes[at..at + SECTOR].fill(0);
    put(bytes, at, b"EFI PART\0\0\x01\0\x5c\0\0\0");
    put(bytes, at + 24, &(place as u64).to_le_bytes());
    put(bytes, at + 32, &(other as u64).to_le_bytes());
    put(bytes, at + 40, &34_u64.to_le_bytes());
    put(bytes, at + 48, &2014_u64.to_le_bytes());
    put(bytes, at + 72, &(entries as u64).to_le_bytes());
    put(bytes, at + 80, &128_u32.to_le_bytes());
    put(bytes, at + 84, &128_u32.to_le_bytes());
    put(bytes, at + 88, &sum);
    let own = crc(&bytes[at..at + 92]);
    put(bytes, at + 16, &own);
}

fn gpt() -> Vec<u8> {
    let mut bytes = noise();
    table(&mut bytes, 0);
    entry(&mut bytes, 0, 0, 0xee, 1, 2047);
    for entries in [2, 2015] {
        let at = entries * SECTOR;
        bytes[at..at + 128 * 128].fill(0);
        for (slot, kind, from, to) in [(0, [9; 16], 40_u64, 139_u64), (2, *b"Hah!IdontNeedEFI", 200, 299)] {
            let at = at + 128 * slot;
            put(&mut bytes, at, &kind);
            put(&mut bytes, at + 32, &from.to_le_bytes());
            put(&mut bytes, at + 40, &to.to_le_bytes());
        }
    }
    header(&mut bytes, 1, 2047, 2);
    header(&mut bytes, 2047, 1, 2015);
    bytes
}

fn places(layout: &Layout) -> Vec<(Option<u32>, u64, u64)> {
    let sector = SECTOR as u64;
    layout.parts.iter().map(|part| (part.number, part.offset / sector, part.size / sector)).collect()
}

fn says(bytes: Vec<u8>, what: &str) {
    let error = layout(&bytes).unwrap_err().to_string();
    assert!(error.contains(what), "{error}");
}

#[test]
fn logical_partitions_are_found_along_their_chain() {
    let found = layout(&mbr()).unwrap();
    assert_eq!(found.table, Table::Mbr);
    assert_eq!(places(&found), [(Some(1), 100, 100), (Some(5), 308, 100), (Some(6), 716, 150)]);
}

#[test]
fn a_damaged_mbr_is_an_error_that_says_how() {
    let with = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = mbr();
        change(&mut bytes);
        bytes
    };
    says(with(&|b| entry(b, 700, 1, 0x05, 0, 200)), "has a type, but no place");
    says(with(&|b| entry(b, 700, 1, 0x05, 1, 200)), "does not end");
    says(with(&|b| b[700 * SECTOR + 510] = 0), "extended partition table at sector 700 is damaged");
    says(with(&|b| b[446] = 0x13), "entry 1 has the status 0x13");
    says(with(&|b| entry(b, 0, 0, 0x83, 100, 5000)), "beyond the end of the volume");
    says(with(&|b| entry(b, 0, 0, 0x83, 100, 250)), "partition 1 and partition 2 overlap");
    says(with(&|b| entry(b, 700, 0, 0x83, 16, 1500)), "lies outside of the extended one");
    says(with(&|b| put(b, 1024 + 56, &[0x53, 0xef])), "which of them is meant cannot be told");
}

#[test]
fn an_mbr_without_partitions_is_the_whole_volume_and_not_understood() {
    let mut bytes = noise();
    table(&mut bytes, 0);
    let found = layout(&bytes).unwrap();
    assert_eq!((found.table, found.parts.len()), (Table::None, 1));
    assert_eq!(recognise(&bytes, &found.parts[0]).unwrap(), Content::Unknown);
}

#[test]
fn a_gpt_is_read_with_its_numbers() {
    let found = layout(&gpt()).unwrap();
    assert_eq!((found.table, &found.warnings), (Table::Gpt, &vec![]));
    assert_eq!(places(&found), [(Some(1), 40, 100), (Some(3), 200, 100)]);
    assert!(!found.parts[0].bare_code && found.parts[1].bare_code);
}

#[test]
fn the_backup_of_a_gpt_is_used_and_said_to_be() {
    for at in [SECTOR, SECTOR + 60, 2 * SECTOR + 33] {
        let mut bytes = gpt();
        bytes[at] ^= 1;
        let found = layout(&bytes).unwrap();
        assert_eq!(places(&found), [(Some(1), 40, 100), (Some(3), 200, 100)]);
        assert!(found.warnings[0].contains("its backup was used"), "{found:?}");
    }
}

#[test]
fn a_gpt_that_cannot_be_trusted_is_an_error() {
    let mut both = gpt();
    both[SECTOR + 60] ^= 1;
    both[2047 * SECTOR + 60] ^= 1;
    says(both, "does not match its checksum");
    let mut cut = gpt();
    cut.truncate(150 * SECTOR);
    says(cut, "ends beyond the volume");
    let mut unprotected = gpt();
    unprotected[510] = 0;
    says(unprotected, "does not protect it");
    let mut gone = gpt();
    gone[SECTOR..SECTOR + 8].fill(0);
    gone.truncate(1000 * SECTOR);
    says(gone, "is damaged");
}

#[test]
fn contents_are_told_by_their_marks() {
    let whole = Part { number: None, offset: 0, size: 1 << 20, bare_code: false };
    let of = |marks: &[(usize, &[u8])]| {
        let mut bytes = noise();
        for (at, mark) in marks {
            put(&mut bytes, *at, mark);
        }
        recognise(&bytes, &whole).unwrap()
    };
    assert_eq!(of(&[(0, b"LUKS\xba\xbe\0\x01")]), Content::Luks { version: 1 });
    assert_eq!(of(&[(0, b"LUKS\xba\xbe\0\x02")]), Content::Luks { version: 2 });
    assert_eq!(of(&[(512, b"LABELONE"), (536, b"LVM2 001")]), Content::Lvm);
    assert_eq!(of(&[(3, b"NTFS    "), (510, &[0x55, 0xaa])]), Content::Ntfs);
    assert_eq!(of(&[(0x1_0040, b"_BHRfS_M")]), Content::Btrfs);
    assert_eq!(of(&[(4086, b"SWAPSPACE2")]), Content::Swap);
    assert_eq!(of(&[(4096, &[0xfc, 0x4e, 0x2b, 0xa9])]), Content::Other("a member of a software RAID".into()));
    assert_eq!(of(&[]), Content::Unknown);
    let several = of(&[(0x1_0040, b"_BHRfS_M"), (4086, b"SWAPSPACE2")]);
    assert_eq!(several, Content::Several(vec!["swap space".into(), "Btrfs".into()]));
    assert_eq!(recognise(&vec![0; 1 << 20], &whole).unwrap(), Content::Empty);
    let mut one = vec![0; 1 << 20];
    one[(1 << 20) - 1] = 1;
    assert_eq!(recognise(&one, &whole).unwrap(), Content::Unknown, "one byte is not nothing");
}

/// Whatever is found lies in the volume and apart.
fn sound(bytes: &Vec<u8>) {
    let Ok(found) = layout(bytes) else { return };
    let mut at = 0;
    let mut parts: Vec<&Part> = found.parts.iter().collect();
    parts.sort_by_key(|part| part.offset);
    for part in parts {
        assert!(part.offset >= at, "{found:?}");
        at = part.offset.checked_add(part.size).unwrap();
        recognise(bytes, part).unwrap();
    }
    assert!(at <= bytes.len() as u64, "{found:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn random_bytes_are_read_without_harm(bytes in proptest::collection::vec(any::<u8>(), 0..8192), signed in any::<bool>()) {
        let mut bytes = bytes;
        if signed && bytes.len() >= 512 {
            put(&mut bytes, 510, &[0x55, 0xaa]);
        }
        sound(&bytes);
    }

    #[test]
    fn random_damage_to_a_table_is_told_or_harmless(
        which in any::<bool>(),
        damage in proptest::collection::vec((0_usize..1 << 20, any::<u8>()), 1..4),
        near in proptest::collection::vec((0_usize..64 * 512, any::<u8>()), 0..4),
        chain in proptest::collection::vec((prop_oneof![Just(0_usize), Just(300), Just(700)], 446_usize..512, any::<u8>()), 0..4),
        cut in prop_oneof![3 => Just(1_usize << 20), 1 => 0_usize..1 << 20],
    ) {
        let mut bytes = if which { gpt() } else { mbr() };
        for (at, byte) in damage.into_iter().chain(near) {
            bytes[at] = byte;
        }
        if !which {
            for (sector, at, byte) in chain {
                bytes[sector * SECTOR + at] = byte;
            }
        }
        bytes.truncate(cut);
        sound(&bytes);
    }

    /// A flipped bit in a primary GPT never changes what is found: the checksum tells, and the backup is used.
    #[test]
    fn one_flipped_bit_of_a_gpt_changes_nothing(at in SECTOR..34 * SECTOR, bit in 0..8) {
        let whole = gpt();
        let mut bytes = whole.clone();
        // Beyond the 92 bytes of the header its sector is not covered, and not read.
        prop_assume!(!(SECTOR + 92..2 * SECTOR).contains(&at));
        bytes[at] ^= 1_u8 << bit;
        let found = layout(&bytes).unwrap();
        prop_assert_eq!(&found.parts, &layout(&whole).unwrap().parts);
        prop_assert_eq!(found.warnings.len(), 1);
    }
}
