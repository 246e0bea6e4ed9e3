//! What the world must be able to do for restore tests: read what is stored, and (on this machine) rebuild and examine it.

use super::{Called, Job};
use crate::model::Instant;
use crate::model::activity::EvidenceFile;
use crate::model::kind::Kind;
use crate::model::plan::{BucketPrefix, Sample, Target};
use crate::model::resource::Tags;
use crate::model::span::Span;
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
    /// How many of those were restored to another place, read there, and are the same byte for byte.
    pub restored: u64,
    /// What is wrong, in a sentence each: the first ten.
    pub wrong: Vec<Text>,
    /// Versions that lie in an archive and were not read.
    pub archived: u64,
}

/// Where previous versions are restored to for a test.
#[derive(Clone, Copy, Debug)]
pub struct RestoreTo<'a> {
    /// The place.
    pub place: &'a BucketPrefix,
    /// The item, as it is written into the keys: what one item made is found by it.
    pub item: &'a str,
    /// Said of each object, for those who find one.
    pub tags: &'a Tags,
}

/// The folder of all that restore tests put into a place, and into no other.
pub const RESTORED_FOLDER: &str = "lastgood-test";

/// An object version that a restore test made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestoredVersion {
    /// Its key.
    pub key: Text,
    /// Its version.
    pub version: Text,
    /// When it was written.
    pub written_at: Instant,
}

/// The tag that says what something was made for.
pub const PURPOSE_TAG: &str = "lastgood:purpose";

/// Its value on what restore tests make, and on the instance on which they may look at it.
pub const PURPOSE: &str = "restore-test";

/// The tag that says until when something may live; an instant.
pub const EXPIRY_TAG: &str = "lastgood:expires-at";

/// How the names of what a test lets AWS Backup restore begin; volumes have no name.
pub const NAME_PREFIX: &str = "lastgood-test-";

/// How long something made for a test may live.
pub const LIFE: Span = Span::hours(12);

/// Kinds that AWS Backup restores for a test, and that are removed again afterwards.
///
/// A restored instance would start, and act as the original does; a restored bucket is full of objects. Volumes of
/// the one and versions of the other are tested instead.
pub const RESTORABLE: [Kind; 5] =
    [Kind::EbsVolume, Kind::RdsInstance, Kind::RdsCluster, Kind::DynamodbTable, Kind::EfsFileSystem];

/// Something that a test made: a volume, or what AWS Backup restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Temporary {
    /// Its ARN.
    pub arn: Text,
    /// The name that was ordered: of databases and tables their own, of file systems the creation token.
    pub name: Option<Text>,
    /// Its state, as the service writes it.
    pub state: Text,
    /// Id of the instance that it is attached to, or is being attached to or detached from.
    pub attached_to: Option<Text>,
    /// Whether it is attached.
    pub attached: bool,
    /// Whether it carries the tag of the purpose, or a name that says the same.
    pub marked: bool,
    /// Until when it may live.
    pub expires_at: Option<Instant>,
}

/// The instance on which restored volumes are looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestInstance {
    /// Its id.
    pub id: Text,
    /// Its availability zone: volumes must be made in the same.
    pub zone: Text,
    /// Whether it runs.
    pub running: bool,
    /// Its tags.
    pub tags: Tags,
}

/// A volume to be made of a snapshot.
#[derive(Clone, Copy, Debug)]
pub struct VolumeOrder<'a> {
    /// ARN of the snapshot.
    pub snapshot: &'a str,
    /// The availability zone.
    pub zone: &'a str,
    /// The same token gives the same volume.
    pub token: &'a str,
    /// Its tags, set in the creating call.
    pub tags: &'a Tags,
}

/// A restore by AWS Backup.
#[derive(Clone, Copy, Debug)]
pub struct RestoreOrder<'a> {
    /// The kind of what is restored.
    pub kind: Kind,
    /// The name that it gets, where it has one.
    pub name: &'a str,
    /// ARN of the recovery point.
    pub point: &'a str,
    /// ARN of its vault.
    pub vault: &'a str,
    /// ARN of the role with which it is restored.
    pub role: &'a str,
    /// The availability zone, if it matters.
    pub zone: Option<&'a str>,
    /// The same token gives the same job.
    pub token: &'a str,
}

/// How far a command on the test instance is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// Whether it has ended.
    pub ended: bool,
    /// Whether it ended well.
    pub good: bool,
    /// Its state, as the service writes it.
    pub state: Text,
    /// What it wrote.
    pub output: Text,
}

/// What restore tests do in the world: read what is stored, make a volume of it, look, and remove it.
pub trait Restorer {
    /// Read the blocks of a snapshot, all or a sample, verify each, and hand them on in order. May be asked twice.
    fn read_blocks(
        &mut self,
        at: &Target,
        snapshot: &str,
        sample: Option<Sample>,
        to: &mut dyn Blocks,
    ) -> Called<BlocksRead>;
    /// Read previous versions of a bucket's objects, all or a sample, and verify each; with a place to restore them
    /// to, copy each there, read it and compare. May be asked twice: the same versions get the same keys.
    fn read_versions(
        &mut self,
        at: &Target,
        bucket: &str,
        sample: Option<Sample>,
        to: Option<&RestoreTo<'_>>,
    ) -> Called<VersionsRead>;
    /// What restore tests put into a place: one item, or (without one) all. May be asked twice.
    fn restored_versions(
        &mut self,
        at: &Target,
        place: &BucketPrefix,
        item: Option<&str>,
    ) -> Called<Vec<RestoredVersion>>;
    /// Remove these. An answer without error is no proof that they are gone.
    fn remove_versions(&mut self, at: &Target, place: &BucketPrefix, these: &[RestoredVersion]) -> Called<()>;

    /// The instance of this id. May be asked twice.
    fn test_instance(&mut self, at: &Target, id: &str) -> Called<Option<TestInstance>>;
    /// Make a volume; its ARN. May be asked twice with one token.
    fn make_volume(&mut self, at: &Target, order: &VolumeOrder<'_>) -> Called<Text>;
    /// Volumes that carry the tag of an item, or (without one) of the purpose. May be asked twice.
    fn temporary(&mut self, at: &Target, item: Option<&str>) -> Called<Vec<Temporary>>;
    /// What else AWS Backup restored for tests, of one kind: known by name or tag. May be asked twice.
    fn restored(&mut self, at: &Target, kind: Kind) -> Called<Vec<Temporary>>;
    /// One of them as it is now; `None` when it is gone. May be asked twice.
    fn temporary_state(&mut self, at: &Target, arn: &str) -> Called<Option<Temporary>>;
    /// Add tags to what was restored. May be asked twice.
    fn tag_temporary(&mut self, at: &Target, arn: &str, tags: &Tags) -> Called<()>;
    /// Attach a volume to an instance.
    fn attach(&mut self, at: &Target, volume: &str, instance: &str, device: &str) -> Called<()>;
    /// Detach a volume.
    fn detach(&mut self, at: &Target, volume: &str) -> Called<()>;
    /// Delete something that a test made, and nothing else. An answer without error is no proof that it is gone.
    fn remove(&mut self, at: &Target, arn: &str) -> Called<()>;
    /// Run a script on an instance; the id of the command.
    fn inspect(&mut self, at: &Target, instance: &str, script: &str) -> Called<Text>;
    /// How far that command is. May be asked twice.
    fn inspection(&mut self, at: &Target, instance: &str, command: &str) -> Called<Inspection>;
    /// Let AWS Backup restore a point; its job's id. May be asked twice with one token.
    fn start_restore(&mut self, at: &Target, order: &RestoreOrder<'_>) -> Called<Text>;
    /// How far a restore job is. May be asked twice.
    fn restore_job(&mut self, at: &Target, job: &str) -> Called<Job>;
    /// Tell AWS Backup what came of looking at what a job restored; it takes one answer.
    fn report_restore(&mut self, at: &Target, job: &str, good: bool, message: &str) -> Called<()>;
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

/// What somebody's own program says of what was restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validated {
    /// Whether the data is as it should be; `None` where the program could not tell.
    pub good: Option<bool>,
    /// The last line that it wrote, or how it ended.
    pub sentence: Text,
}

/// This machine, on which images are rebuilt and lists of blocks are kept.
pub trait Bench {
    /// Let the caller's program look at what was restored of something; `None` where there is no such program.
    fn validate(&mut self, restored: &str, source: &str) -> Option<Validated>;

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
