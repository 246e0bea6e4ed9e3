//! What the world must be able to do for restore tests: read what is stored, and (on this machine) rebuild and examine it.

use super::Called;
use crate::model::activity::EvidenceFile;
use crate::model::plan::{Sample, Target};
use crate::model::text::Text;

/// One block of a snapshot as it was read; its bytes have the checksum that the service names.
#[derive(Clone, Copy, Debug)]
pub struct Block<'b> {
    /// Its index: it begins at `index * block_size`.
    pub index: u64,
    /// The size of every block but perhaps the last.
    pub block_size: u64,
    /// Its bytes.
    pub bytes: &'b [u8],
    /// SHA-256 of its bytes, worked out here.
    pub sha256: [u8; 32],
}

/// What takes blocks, in the order of their index.
pub trait Blocks {
    /// The volume has so many bytes. Comes before the first block.
    ///
    /// # Errors
    /// What the system says; nothing more is read then.
    fn begin(&mut self, volume_bytes: u64) -> Result<(), String>;
    /// One block.
    ///
    /// # Errors
    /// What the system says; nothing more is read then.
    fn block(&mut self, block: &Block<'_>) -> Result<(), String>;
}

/// What was read of a snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BlocksRead {
    /// How many blocks are written in it.
    pub listed: u64,
    /// How many were read and found sound.
    pub read: u64,
    /// The bytes of those.
    pub bytes: u64,
    /// Blocks whose bytes have another checksum than the service names, read twice: the first ten.
    pub damaged: Vec<u64>,
}

/// What was read of the previous versions of a bucket's objects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VersionsRead {
    /// How many previous versions there are.
    pub listed: u64,
    /// How many were read, with the size that is recorded.
    pub read: u64,
    /// How many of those have a checksum of all of it that was worked out anew and is the same.
    pub verified: u64,
    /// The bytes that were read.
    pub bytes: u64,
    /// What is wrong, in a sentence each: the first ten.
    pub wrong: Vec<Text>,
    /// Versions that lie in an archive and were not read.
    pub archived: u64,
}

/// The reading side of the world. Everything may be asked twice.
pub trait Restorer {
    /// Read the blocks of a snapshot, all or a sample, verify each, and hand them on in order.
    fn read_blocks(
        &mut self,
        at: &Target,
        snapshot: &str,
        sample: Option<Sample>,
        to: &mut dyn Blocks,
    ) -> Called<BlocksRead>;
    /// Read previous versions of a bucket's objects, all or a sample, and verify each.
    fn read_versions(&mut self, at: &Target, bucket: &str, sample: Option<Sample>) -> Called<VersionsRead>;
}

/// What an examination proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// Everything was looked at and is as it should be.
    Whole,
    /// What was looked at is as it should be, but not everything could be.
    Part,
    /// Something is damaged, missing or different.
    Damage,
}

/// What came of rebuilding and comparing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Examined {
    /// What it proves.
    pub proof: Proof,
    /// The same in a sentence; empty where there is nothing to add.
    pub sentence: Text,
    /// Whether the files were compared with a list of checksums.
    pub files_compared: bool,
    /// What is kept of it: the list of the blocks with their checksums.
    pub evidence: Vec<EvidenceFile>,
}

/// This machine, on which images are rebuilt and lists of blocks are kept.
pub trait Bench {
    /// Begin with a snapshot, of which every block will come or (without `whole`) some; with `image` the volume is rebuilt,
    /// and its file systems are checked at the end.
    ///
    /// # Errors
    /// What the system says.
    fn open(&mut self, item: &str, snapshot: &str, whole: bool, image: bool) -> Result<Box<dyn Rebuild>, String>;
}

/// A snapshot on the bench.
pub trait Rebuild: Blocks {
    /// All blocks that come are here.
    ///
    /// # Errors
    /// What the system says.
    fn finish(self: Box<Self>) -> Result<Examined, String>;
}
