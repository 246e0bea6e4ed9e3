//! Files of a restored file system against a list of checksums, with the real `debugfs`.

use lastgood::image::{Manifest, Outcome};

use super::Site;

const ALL: &str = "cd tree; find . -type f -print0 | sort -z | xargs -0 sha256sum";

fn made(site: &Site, extra: &str) -> Manifest {
    Manifest::parse(&format!("{}{extra}", site.sh(ALL))).unwrap()
}

#[test]
#[ignore = "needs e2fsprogs"]
fn files_that_are_the_same_pass() {
    let site = Site::new();
    site.sh("mkfs.ext4 -q -b 1024 -d tree vol 32M");
    let manifest = made(&site, "");
    let verdict = site.judge("vol", Some(&manifest));
    assert_eq!(verdict.outcome, Outcome::Passed, "{verdict:#?}");
    assert!(verdict.sentence.ends_with("4 of 4 files of the manifest are the same"), "{}", verdict.sentence);
    // After a replay, they are read in the copy.
    site.sh("printf 'jo\njw -b 30000 /dev/zero\njc\n' > jc; debugfs -w -f jc vol");
    assert_eq!(site.judge("vol", Some(&manifest)).manifest.unwrap().same, 4);
}

#[test]
#[ignore = "needs e2fsprogs"]
fn files_that_are_missing_or_differ_fail_though_the_file_system_is_clean() {
    let site = Site::new();
    let manifest = made(&site, "");
    site.sh("printf 'listen = 81\n' > tree/etc/app.conf; rm tree/empty; mkfs.ext4 -q -b 1024 -d tree vol 32M");
    let verdict = site.judge("vol", Some(&manifest));
    assert_eq!(verdict.outcome, Outcome::Failed, "{verdict:#?}");
    let compared = verdict.manifest.unwrap();
    assert_eq!(
        (compared.same, compared.different, compared.missing),
        (2, vec!["/etc/app.conf".into()], vec!["/empty".into()])
    );
    assert!(
        verdict.sentence.starts_with("2 of 4 files of the manifest are the same, 1 different"),
        "{}",
        verdict.sentence
    );
}

#[test]
#[ignore = "needs e2fsprogs"]
fn what_cannot_be_compared_is_partial() {
    let site = Site::new();
    site.sh("mkfs.ext4 -q -b 1024 -d tree vol 32M");
    let sum = "0".repeat(64);
    for name in ["link", "etc", "a\\nb"] {
        let manifest = made(&site, &format!("\\{sum}  {name}\n"));
        let verdict = site.judge("vol", Some(&manifest));
        assert_eq!(verdict.outcome, Outcome::Partial, "{verdict:#?}");
        assert_eq!(verdict.manifest.unwrap().unread.len(), 1);
    }
}

#[test]
#[ignore = "needs xfsprogs"]
fn files_of_xfs_are_not_understood() {
    let site = Site::new();
    site.sh("truncate -s 300M vol && mkfs.xfs -q vol");
    let verdict = site.judge("vol", Some(&made(&site, "")));
    assert_eq!(verdict.outcome, Outcome::Partial, "{verdict:#?}");
    assert!(verdict.sentence.contains("were not looked for"), "{}", verdict.sentence);
}

#[test]
#[ignore = "needs fdisk, e2fsprogs and xfsprogs"]
fn a_file_may_be_in_any_of_the_file_systems() {
    let site = Site::new();
    let manifest = made(&site, "");
    site.sh("mkdir one two; cp -r tree/etc one; cp tree/big.bin tree/empty two
        mkfs.ext4 -q -d one a 16M; mkfs.ext4 -q -d two b 16M; truncate -s 40M disk
        printf 'label: dos\nstart=1MiB, size=16MiB\nstart=18MiB, size=16MiB\n' | sfdisk -q disk
        dd if=a of=disk bs=1M seek=1 conv=notrunc status=none; dd if=b of=disk bs=1M seek=18 conv=notrunc status=none");
    let verdict = site.judge("disk", Some(&manifest));
    assert_eq!(verdict.outcome, Outcome::Passed, "{verdict:#?}");
}
