//! What a bundle says of itself.

use serde::{Deserialize, Serialize};

use super::merkle;
use crate::model::Instant;
use crate::model::inventory::hex;
use crate::model::text::Text;

/// The version of the saved form.
pub const SCHEMA: &str = "lastgood.bundle/1";

/// The file that says what everything else is.
pub(super) const MANIFEST: &str = "manifest.json";

/// Checksums in the form of `sha256sum`: the first steps of an auditor need none of our software.
pub(super) const SUMS: &str = "SHA256SUMS";

/// The signature.
pub(super) const SIGNATURE: &str = "manifest.dsse.json";

/// What was judged.
pub const INVENTORY: &str = "inventory.json";

/// The judgement.
pub(super) const ASSESSMENT: &str = "assessment.json";

/// How to check it.
pub(super) const README: &str = "README.txt";

/// What a bundle says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`SCHEMA`].
    pub schema: Text,
    /// The run whose evidence it is.
    pub run: Text,
    /// Version of lastgood that judged.
    pub version: Text,
    /// The instant for which it was judged.
    pub as_of: Instant,
    /// Id of the policy.
    pub policy: Text,
    /// Version of the policy.
    pub policy_version: Text,
    /// The policies and waivers as they were given, in that order: who judges again needs their names.
    pub policies: Vec<Origin>,
    /// The mappings to outside frameworks; empty for the shipped ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mappings: Vec<Origin>,
    /// Every file but this one, the checksums and the signature, by its path.
    pub files: Vec<FileEntry>,
    /// The Merkle tree hash of RFC 6962 over the files in this order; a leaf is a line of `SHA256SUMS`.
    pub root: Text,
    /// The bundle before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Previous>,
}

/// A file that was read, and where it lies in the bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// The name under which it was read: the assessment names places in it so.
    pub name: Text,
    /// Its path in the bundle.
    pub path: Text,
}

/// A file of a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// Its path.
    pub path: Text,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of its bytes, in hex.
    pub sha256: Text,
}

/// The bundle before: the chain shows that none was taken out or exchanged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Previous {
    /// Its run.
    pub run: Text,
    /// Its root.
    pub root: Text,
    /// SHA-256 of its manifest, in hex.
    pub manifest_sha256: Text,
}

impl FileEntry {
    /// A line as `sha256sum` writes it.
    pub(super) fn line(&self) -> String {
        format!("{}  {}", self.sha256, self.path)
    }
}

/// The root over files in this order.
pub(super) fn root(files: &[FileEntry]) -> Text {
    Text::from(hex(&merkle::root(files.iter().map(FileEntry::line))))
}
