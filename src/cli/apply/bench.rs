//! This machine as the place of restore tests: volumes are rebuilt in a scratch folder, lists of blocks are kept.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::image::{self, Image, Manifest, Outcome};
use crate::model::arn::short;
use crate::remediate::port::{Bench, Block, Blocks, Examined, Proof, Rebuild, Validated};
use crate::sources::blocks::{BlockList, Kept};

/// Where images and lists go, and the files that are known of the items' volumes.
pub(super) struct Here {
    /// The folder for images, on a disk with room for the data of a volume twice.
    pub(super) scratch: PathBuf,
    /// The folder of the lists of blocks.
    pub(super) blocks: PathBuf,
    /// By item.
    pub(super) manifests: BTreeMap<String, Manifest>,
    /// The program that looks at what AWS Backup restored.
    pub(super) validator: Option<PathBuf>,
}

impl Bench for Here {
    fn validate(&mut self, restored: &str, source: &str) -> Option<Validated> {
        self.validator.as_deref().map(|program| validate(program, restored, source))
    }

    fn open(&mut self, item: &str, snapshot: &str, whole: bool, image: bool) -> Result<Box<dyn Rebuild>, String> {
        Ok(Box::new(Volume {
            scratch: image.then(|| self.scratch.clone()),
            blocks: self.blocks.clone(),
            snapshot: short(snapshot).to_owned(),
            whole,
            manifest: self.manifests.get(item).cloned(),
            image: None,
            list: None,
        }))
    }
}

/// The caller's program knows how to reach a database and what must be in it. Only its own word counts: it says yes by
/// status 0 and no by status 1, and any other end, such as that of a program that is not there, proves nothing.
fn validate(program: &Path, restored: &str, source: &str) -> Validated {
    let run = Command::new(program).args([restored, source]).stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let (good, ended, output) = match run {
        Err(error) => (None, format!("`{}` cannot be run: {error}", program.display()), Vec::new()),
        Ok(run) => {
            let good = match run.status.code() {
                Some(0) => Some(true),
                Some(1) => Some(false),
                _ => None,
            };
            (good, format!("`{}` ended with {}", program.display(), run.status), run.stdout)
        }
    };
    let said = String::from_utf8_lossy(&output);
    let last = said.lines().rev().map(str::trim).find(|line| !line.is_empty());
    let sentence = match (last, good) {
        (Some(last), Some(_)) => last.to_owned(),
        (Some(last), None) => format!("{ended}: {last}"),
        (None, _) => ended,
    };
    Validated { good, sentence: sentence.into() }
}

/// A volume on its way.
struct Volume {
    scratch: Option<PathBuf>,
    blocks: PathBuf,
    snapshot: String,
    whole: bool,
    manifest: Option<Manifest>,
    image: Option<Image>,
    list: Option<BlockList>,
}

impl Blocks for Volume {
    fn begin(&mut self, volume_bytes: u64) -> Result<(), String> {
        if let Some(scratch) = &self.scratch {
            self.image = Some(Image::create(scratch, volume_bytes).map_err(chain)?);
        }
        let list = BlockList::begin(&self.blocks, &self.snapshot, volume_bytes, self.whole);
        self.list = Some(list.map_err(|error| format!("the list of blocks: {error}"))?);
        Ok(())
    }

    fn block(&mut self, block: &Block<'_>) -> Result<(), String> {
        if let Some(image) = &self.image {
            image.write_block(block.index, block.block_size, block.bytes).map_err(chain)?;
        }
        let list = self.list.as_mut().ok_or("no volume was begun")?;
        list.block(block.index, &block.sha256).map_err(|error| format!("the list of blocks: {error}"))
    }
}

impl Rebuild for Volume {
    fn finish(self: Box<Self>) -> Result<Examined, String> {
        let Self { scratch, manifest, image, list, .. } = *self;
        let list = list.ok_or("nothing was begun")?;
        let kept = list.finish().map_err(|error| format!("the list of blocks: {error}"))?;
        let mut examined = same_as_before(&kept);
        if examined.proof == Proof::Damage || scratch.is_none() {
            return Ok(examined);
        }
        let image = image.ok_or("no image was made")?;
        let verdict = image::examine(&image, manifest.as_ref(), &image::Options::default());
        examined.files_compared = verdict.manifest.is_some();
        examined.proof = match verdict.outcome {
            Outcome::Passed => Proof::Whole,
            Outcome::Failed => Proof::Damage,
            Outcome::Partial | Outcome::NotUnderstood | Outcome::Unknown => Proof::Part,
        };
        let said = [examined.sentence.as_str(), &verdict.sentence];
        let said: Vec<&str> = said.into_iter().filter(|said| !said.is_empty()).collect();
        examined.sentence = said.join("; ").into();
        Ok(examined)
    }
}

/// What the list of an earlier test says.
fn same_as_before(kept: &Kept) -> Examined {
    let (proof, sentence) = match (kept.differences.is_empty(), kept.compared) {
        (false, _) => (Proof::Damage, kept.differences.join("; ")),
        (true, Some(compared)) => (Proof::Whole, format!("{compared} are as at the test before")),
        (true, None) => (Proof::Whole, String::new()),
    };
    Examined { proof, sentence: sentence.into(), files_compared: false, evidence: vec![kept.file.clone()] }
}

/// An error with what is behind it.
fn chain(error: image::Error) -> String {
    format!("{:#}", anyhow::Error::new(error))
}
