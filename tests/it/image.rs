//! Volumes rebuilt from blocks: real images, made by the tools that make them, and damaged on purpose.

mod layout;
mod manifest;
mod tools;
mod volume;

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;
use std::process::Command;

use lastgood::image::{Image, Manifest, Options, Outcome, PartOutcome, Verdict, examine};

/// As EBS has them.
const BLOCK: u64 = 512 << 10;

/// A folder in which images are made, with a small tree of files to put into them.
struct Site {
    folder: tempfile::TempDir,
}

impl Site {
    fn new() -> Self {
        let site = Self { folder: tempfile::tempdir().unwrap() };
        std::fs::create_dir_all(site.path("tree/etc/a b")).unwrap();
        std::fs::create_dir_all(site.path("scratch")).unwrap();
        std::fs::write(site.path("tree/etc/app.conf"), "listen = 80\n").unwrap();
        std::fs::write(site.path("tree/etc/a b/q\"uote"), "q\n").unwrap();
        std::fs::write(site.path("tree/empty"), "").unwrap();
        let big: Vec<u8> = (0..300_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        std::fs::write(site.path("tree/big.bin"), big).unwrap();
        std::os::unix::fs::symlink("etc/app.conf", site.path("tree/link")).unwrap();
        site
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A shell script in the folder; it must succeed.
    fn sh(&self, script: &str) -> String {
        let mut command = Command::new("sh");
        command.args(["-ec", script]).current_dir(self.folder.path());
        command.env("PATH", format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap()));
        let output = command.output().unwrap();
        assert!(output.status.success(), "{script}\n{output:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// The file, given to an image block by block.
    fn image(&self, name: &str) -> Image {
        let file = File::open(self.path(name)).unwrap();
        let size = file.metadata().unwrap().len();
        let image = Image::create(&self.path("scratch"), size).unwrap();
        for index in 0..size.div_ceil(BLOCK) {
            let mut block = vec![0; usize::try_from(BLOCK.min(size - index * BLOCK)).unwrap()];
            file.read_exact_at(&mut block, index * BLOCK).unwrap();
            image.write_block(index, BLOCK, &block).unwrap();
        }
        image
    }

    /// The verdict on the file; the image must be as it was, and leave nothing behind.
    fn judge(&self, name: &str, manifest: Option<&Manifest>) -> Verdict {
        let image = self.image(name);
        let verdict = examine(&image, manifest, &Options::default());
        let rebuilt = image.path().display().to_string();
        self.sh(&format!("cmp '{name}' '{rebuilt}'"));
        assert_eq!(
            std::fs::read_dir(image.path().parent().unwrap())
                .unwrap()
                .flatten()
                .filter(|e| e.file_name().to_string_lossy().starts_with("part-"))
                .count(),
            0,
            "copies are gone"
        );
        drop(image);
        assert_eq!(std::fs::read_dir(self.path("scratch")).unwrap().count(), 0);
        verdict
    }

    /// The verdict has this outcome, and each part its own.
    fn expect(&self, name: &str, outcome: Outcome, parts: &[PartOutcome]) -> Verdict {
        let verdict = self.judge(name, None);
        let found: Vec<PartOutcome> = verdict.parts.iter().map(|checked| checked.outcome).collect();
        assert_eq!((verdict.outcome, found.as_slice()), (outcome, parts), "{verdict:#?}");
        verdict
    }

    /// Overwrite bytes of a file.
    fn damage(&self, name: &str, offset: u64, bytes: &[u8]) {
        let file = File::options().write(true).open(self.path(name)).unwrap();
        file.write_all_at(bytes, offset).unwrap();
    }

    fn bytes(&self, name: &str, offset: u64, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        File::open(self.path(name)).unwrap().read_exact_at(&mut bytes, offset).unwrap();
        bytes
    }
}
