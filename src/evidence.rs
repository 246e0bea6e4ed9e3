//! Evidence bundles: everything that an assessment rests on, in one file that anybody can check without us.
//!
//! ```text
//! policies, inventory, records, assessment, reports ─► pack ─► bundle.zip
//!                                                               ├─ SHA256SUMS       a checksum of every file
//!                                                               ├─ manifest.json    what it is, the Merkle root, the bundle before
//!                                                               └─ manifest.dsse.json  the signature, if there is a key
//! bundle.zip ─► verify: every byte, the chain, the signature, and the same judgement once more
//! ```
//!
//! Equal inputs give equal bytes: nothing here looks at a clock, and files have no times of their own.

mod manifest;
mod merkle;
mod pack;
mod sample;
mod sign;
mod verify;

pub use manifest::{FileEntry, INVENTORY, Manifest, Origin, Previous, SCHEMA};
pub use pack::{Contents, Part, pack};
pub use sample::sample;
pub use sign::{SigningKey, VerifyingKey};
pub use verify::{Check, Checked, Opened, open, period_renderings, renderings, verify};

/// What goes wrong with a bundle.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// The system.
    #[error("cannot {verb} `{path}`: {source}")]
    Io {
        /// What was done.
        verb: &'static str,
        /// To what.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// No bundle of ours.
    #[error("`{path}` is no evidence bundle: {why}")]
    NoBundle {
        /// The file.
        path: String,
        /// What is missing or wrong.
        why: String,
    },
    /// A key that cannot be read.
    #[error("the {what} key is not understood: {why}")]
    Key {
        /// `signing` or `public`.
        what: &'static str,
        /// Why.
        why: String,
    },
}

impl EvidenceError {
    /// How to put it right.
    pub const fn help(&self) -> &'static str {
        match self {
            Self::Io { .. } => "check the path, its rights and the free space",
            Self::NoBundle { .. } => "name a file that `lastgood scan --bundle FILE.zip` wrote",
            Self::Key { .. } => "Ed25519 keys in PEM: `openssl genpkey -algorithm ed25519`, `openssl pkey -pubout`",
        }
    }
}
