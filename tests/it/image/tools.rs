//! Real file systems, made and checked by the real tools. `tests/run` installs them and runs these.

use lastgood::image::{Content, Image, Options, Outcome, PartOutcome as P, Tools, check, examine, layout};

use super::Site;

/// An ext4 with some files; blocks of 1 KiB, so that everything has its place in a small volume.
const EXT4: &str = "mkfs.ext4 -q -b 1024 -d tree vol 32M";

/// mkfs makes none smaller.
const XFS: &str = "truncate -s 300M vol && mkfs.xfs -q vol";

#[test]
#[ignore = "needs e2fsprogs"]
fn a_good_ext4_passes() {
    let site = Site::new();
    for (make, name) in [(EXT4, "ext4"), ("mkfs.ext2 -q vol 16M", "ext2"), ("mkfs.ext3 -q vol 16M", "ext3")] {
        site.sh(&format!("rm -f vol; {make}"));
        let verdict = site.expect("vol", Outcome::Passed, &[P::Clean]);
        assert_eq!(verdict.sentence, format!("the volume holds {name}, and `e2fsck` finds it clean"));
        let evidence = &verdict.parts[0].evidence[0];
        assert_eq!((evidence.tool.as_str(), evidence.ended.as_str()), ("e2fsck", "exit status 0"));
        assert!(evidence.version.starts_with("e2fsck 1.") && evidence.output.contains("Pass 5"), "{evidence:?}");
    }
}

#[test]
#[ignore = "needs xfsprogs"]
fn a_good_xfs_passes() {
    let site = Site::new();
    site.sh(XFS);
    let verdict = site.expect("vol", Outcome::Passed, &[P::Clean]);
    assert_eq!(verdict.sentence, "the volume holds XFS, and `xfs_repair -n` finds it clean");
    assert!(verdict.parts[0].evidence[0].version.starts_with("xfs_repair version"), "{verdict:?}");
}

#[test]
#[ignore = "needs fdisk, e2fsprogs and xfsprogs"]
fn every_partition_of_a_gpt_is_checked() {
    let site = Site::new();
    gpt(&site);
    let verdict = site.expect("disk", Outcome::Passed, &[P::Clean, P::Clean, P::NothingToCheck, P::NothingToCheck]);
    assert!(verdict.sentence.contains("partition 2 holds XFS"), "{}", verdict.sentence);
    // Damage in the second is seen, and the first is still good.
    site.damage("disk", (41 << 20) + 512, &[0xa5; 512]);
    let verdict = site.expect("disk", Outcome::Failed, &[P::Clean, P::Damaged, P::NothingToCheck, P::NothingToCheck]);
    assert!(verdict.sentence.starts_with("partition 2 holds XFS, and `xfs_repair -n` finds it damaged"), "{verdict:?}");
}

/// ext4, XFS, swap and BIOS boot.
fn gpt(site: &Site) {
    site.sh(&format!("{EXT4}; mv vol e; {XFS}; mv vol x; truncate -s 4M s; mkswap -q s 2>/dev/null || mkswap s"));
    site.sh(
        "truncate -s 360M disk
        printf 'label: gpt\nstart=1MiB, size=32MiB\nstart=41MiB, size=300MiB\nstart=342MiB, size=4MiB, type=S\nstart=347MiB, size=1MiB, type=21686148-6449-6E6F-744E-656564454649\n' | sfdisk -q disk
        dd if=e of=disk bs=1M seek=1 conv=notrunc,sparse status=none
        dd if=x of=disk bs=1M seek=41 conv=notrunc,sparse status=none
        dd if=s of=disk bs=1M seek=342 conv=notrunc,sparse status=none
        rm e x s",
    );
}

#[test]
#[ignore = "needs fdisk, e2fsprogs and xfsprogs"]
fn a_gpt_of_a_volume_that_was_cut_short_fails() {
    let site = Site::new();
    gpt(&site);
    site.sh("truncate -s 200M disk");
    let verdict = site.expect("disk", Outcome::Failed, &[]);
    assert!(verdict.sentence.contains("ends beyond the volume"), "{}", verdict.sentence);
}

#[test]
#[ignore = "needs fdisk, e2fsprogs and xfsprogs"]
fn a_gpt_with_a_damaged_header_is_partial_at_best() {
    let site = Site::new();
    gpt(&site);
    site.damage("disk", 512 + 60, &[0xff]);
    let verdict = site.judge("disk", None);
    assert_eq!(verdict.outcome, Outcome::Partial, "{verdict:?}");
    assert!(verdict.sentence.contains("its backup was used"), "{}", verdict.sentence);
}

#[test]
#[ignore = "needs fdisk and e2fsprogs"]
fn logical_partitions_are_checked() {
    let site = Site::new();
    site.sh(EXT4);
    site.sh(
        "truncate -s 100M disk
        printf 'label: dos\nstart=1MiB, size=32MiB, type=83\nstart=34MiB, size=60MiB, type=5\nstart=35MiB, size=8MiB, type=83\nstart=45MiB, size=32MiB, type=83\n' | sfdisk -q disk
        dd if=vol of=disk bs=1M seek=1 conv=notrunc status=none
        dd if=vol of=disk bs=1M seek=45 conv=notrunc status=none",
    );
    let verdict = site.expect("disk", Outcome::Passed, &[P::Clean, P::NothingToCheck, P::Clean]);
    assert_eq!(verdict.parts[2].part.number, Some(6));
    assert_eq!(verdict.parts[2].part.offset, 45 << 20);
}

/// Write a transaction into the journal that fills a free block, and leave it to be replayed.
const DIRTY: &str = "printf 'jo\njw -b 30000 /dev/zero\njc\n' > jc; debugfs -w -f jc vol";

#[test]
#[ignore = "needs e2fsprogs"]
fn a_journal_is_replayed_in_a_copy() {
    let site = Site::new();
    site.sh(EXT4);
    site.sh(DIRTY);
    let verdict = site.expect("vol", Outcome::Passed, &[P::Clean]);
    assert!(verdict.sentence.ends_with("after its journal was replayed in a copy"), "{}", verdict.sentence);
    let Content::Ext(ext) = &verdict.parts[0].content else { panic!("{verdict:?}") };
    assert!(ext.needs_recovery);
    assert!(verdict.parts[0].evidence[0].output.contains("recovering journal"), "{verdict:?}");
}

#[test]
#[ignore = "needs e2fsprogs"]
fn a_damaged_journal_is_damage_and_never_repaired_away() {
    let site = Site::new();
    site.sh(EXT4);
    site.sh(DIRTY);
    let first: u64 = site.sh("debugfs -R 'bmap <8> 0' vol 2>/dev/null").trim().parse().unwrap();
    site.damage("vol", first * 1024, b"XXXX");
    let verdict = site.expect("vol", Outcome::Failed, &[P::Damaged]);
    assert!(verdict.sentence.contains("the journal of the volume cannot be replayed"), "{}", verdict.sentence);
}

#[test]
#[ignore = "needs e2fsprogs"]
fn damage_to_an_ext4_is_caught() {
    let site = Site::new();
    site.sh(EXT4);
    let inodes: u64 = {
        let told = site.sh("dumpe2fs vol 2>/dev/null | grep -m1 'Inode table at'");
        told.split_once("Inode table at ").unwrap().1.split('-').next().unwrap().parse().unwrap()
    };
    type Harm<'a> = (&'a str, u64, Vec<u8>);
    let flipped = |at: u64| vec![site.bytes("vol", at, 1)[0] ^ 1];
    let harms: Vec<Harm<'_>> = vec![
        ("inode table", inodes * 1024 + 256, vec![0xa5; 4096]),
        ("superblock", 1024, vec![0; 1024]),
        ("one bit of the superblock", 1024 + 0x20, flipped(1024 + 0x20)),
        ("one bit of a group descriptor", 2048 + 4, flipped(2048 + 4)),
        ("one bit of the root inode's time", inodes * 1024 + 256 + 8, flipped(inodes * 1024 + 256 + 8)),
    ];
    for (what, at, bytes) in harms {
        let before = site.bytes("vol", at, bytes.len());
        site.damage("vol", at, &bytes);
        let verdict = site.judge("vol", None);
        assert_eq!(verdict.outcome, Outcome::Failed, "{what}: {verdict:#?}");
        assert!(!verdict.sentence.ends_with("``"), "{what}: {}", verdict.sentence);
        site.damage("vol", at, &before);
    }
    site.expect("vol", Outcome::Passed, &[P::Clean]);
}

#[test]
#[ignore = "needs e2fsprogs and xfsprogs"]
fn a_file_system_longer_than_its_volume_fails() {
    let site = Site::new();
    for make in [EXT4, XFS] {
        site.sh(&format!("rm -f vol; {make}; truncate -s -1M vol"));
        let verdict = site.expect("vol", Outcome::Failed, &[P::Damaged]);
        assert!(verdict.sentence.contains("says that it spans"), "{}", verdict.sentence);
    }
}

#[test]
#[ignore = "needs xfsprogs"]
fn damage_to_an_xfs_is_caught() {
    let site = Site::new();
    site.sh(XFS);
    let told = site.sh("xfs_db -r -c 'sb 0' -c 'p agblocks blocksize' vol");
    let mut numbers = told.lines().map(|line| line.split_once(" = ").unwrap().1.parse::<u64>().unwrap());
    let group = numbers.next().unwrap() * numbers.next().unwrap();
    for (what, at, bytes) in [
        ("superblock", 0, vec![0; 512]),
        ("field of the superblock", 140, vec![0xff]),
        ("free space header of group 1", group + 512, vec![0xa5; 512]),
        ("one bit of the inode header of group 0", 1024 + 20, vec![site.bytes("vol", 1044, 1)[0] ^ 1]),
        ("log", xfs_log(&site), vec![0xa5; 32768]),
    ] {
        let before = site.bytes("vol", at, bytes.len());
        site.damage("vol", at, &bytes);
        let verdict = site.judge("vol", None);
        assert_eq!(verdict.outcome, Outcome::Failed, "{what}: {verdict:#?}");
        site.damage("vol", at, &before);
    }
    site.expect("vol", Outcome::Passed, &[P::Clean]);
}

/// Where the log begins, in bytes.
fn xfs_log(site: &Site) -> u64 {
    let told = site
        .sh("s=$(xfs_db -r -c 'sb 0' -c 'p logstart' vol | cut -d' ' -f3); xfs_db -r -c \"convert fsb $s daddr\" vol");
    let told = told.split('(').nth(1).unwrap().split(')').next().unwrap();
    told.parse::<u64>().unwrap() * 512
}

#[test]
#[ignore = "needs xfsprogs"]
fn a_dirty_log_of_xfs_is_partial() {
    let site = Site::new();
    site.sh(XFS);
    let log = xfs_log(&site);
    // A second record after the one that says unmounted: of the place that it has now, and not an unmount.
    let mut record = site.bytes("vol", log, 1024);
    record[16..24].copy_from_slice(&[0, 0, 0, 1, 0, 0, 0, 2]);
    record[512 + 9] = 0x01;
    site.damage("vol", log + 1024, &record);
    let verdict = site.expect("vol", Outcome::Partial, &[P::Partial]);
    assert!(verdict.sentence.contains("dirty log that could not be replayed here"), "{}", verdict.sentence);
}

#[test]
#[ignore = "needs fdisk and e2fsprogs"]
fn what_is_not_understood_never_passes() {
    let site = Site::new();
    site.sh(EXT4);
    for (name, marks) in [
        ("LUKS2", vec![(0, b"LUKS\xba\xbe\0\x02".as_slice())]),
        ("LVM", vec![(512, b"LABELONE".as_slice()), (536, b"LVM2 001")]),
        ("NTFS", vec![(3, b"NTFS    ".as_slice()), (510, &[0x55, 0xaa])]),
        ("Btrfs", vec![(0x1_0040, b"_BHRfS_M".as_slice())]),
    ] {
        site.sh("rm -f alone disk; truncate -s 8M alone");
        for (at, mark) in &marks {
            site.damage("alone", *at, mark);
        }
        let verdict = site.expect("alone", Outcome::NotUnderstood, &[P::NotUnderstood]);
        assert!(verdict.sentence.contains(name), "{}", verdict.sentence);
        // Beside a file system that is clean.
        site.sh("truncate -s 48M disk; printf 'label: dos\nstart=1MiB, size=32MiB\nstart=34MiB, size=8MiB\n' | sfdisk -q disk
            dd if=vol of=disk bs=1M seek=1 conv=notrunc status=none; dd if=alone of=disk bs=1M seek=34 conv=notrunc status=none");
        site.expect("disk", Outcome::Partial, &[P::Clean, P::NotUnderstood]);
    }
}

#[test]
#[ignore = "needs e2fsprogs and xfsprogs"]
fn without_the_tools_nothing_is_known() {
    let site = Site::new();
    let tools = Tools::only_in([site.path("tree")]);
    for (make, package) in [(EXT4, "e2fsprogs"), (XFS, "xfsprogs")] {
        site.sh(&format!("rm -f vol; {make}"));
        let verdict = examine(&site.image("vol"), None, &Options { tools: tools.clone(), ..Options::default() });
        assert_eq!(verdict.outcome, Outcome::Unknown);
        assert!(verdict.sentence.ends_with(&format!("of the package `{package}` is missing")), "{}", verdict.sentence);
    }
}

#[test]
#[ignore = "needs e2fsprogs"]
fn a_tool_that_hangs_or_dies_is_stopped_and_nothing_is_known() {
    use std::os::unix::fs::PermissionsExt as _;
    let site = Site::new();
    site.sh(EXT4);
    let image = site.image("vol");
    let whole = layout(image.file()).unwrap().parts.remove(0);
    for (does, why) in [("exec sleep 60", "took longer than 1 seconds"), ("kill -9 $$", "was ended by signal 9")] {
        let tool = site.path("e2fsck");
        std::fs::write(&tool, format!("#!/bin/sh\n[ \"$1\" = -V ] && {{ echo e2fsck 9; exit 0; }}\n{does}\n")).unwrap();
        std::fs::set_permissions(&tool, std::fs::Permissions::from_mode(0o755)).unwrap();
        let tools = Tools::only_in([site.path("")]);
        let options = Options { tools, time_limit: std::time::Duration::from_secs(1) };
        let begun = std::time::Instant::now();
        let checked = check(&image, &whole, &options);
        assert_eq!(checked.outcome, P::Unknown, "{checked:?}");
        assert!(checked.sentence.ends_with(why), "{}", checked.sentence);
        assert!(begun.elapsed().as_secs() < 20);
    }
}

#[test]
fn zeros_and_noise_are_no_evidence() {
    let site = Site::new();
    let image = Image::create(&site.path("scratch"), 1 << 20).unwrap();
    let verdict = examine(&image, None, &Options::default());
    assert_eq!((verdict.outcome, verdict.parts[0].outcome), (Outcome::Unknown, P::NothingToCheck));
    image.write_block(0, 512, &[0x5a; 512]).unwrap();
    let verdict = examine(&image, None, &Options::default());
    assert_eq!((verdict.outcome, verdict.parts[0].outcome), (Outcome::NotUnderstood, P::NotUnderstood));
}
