//! What can go wrong with an image before anything is judged.

use std::io;

/// Why an image could not be made, read or understood.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The disk, or the file on it.
    #[error("{doing} failed")]
    Io {
        /// What was being done.
        doing: String,
        /// What the system said.
        source: io::Error,
    },
    /// A block that does not belong to the volume.
    #[error(
        "block {index} of {length} bytes, in blocks of {block_size} bytes, does not lie in a volume of {size} bytes"
    )]
    Block {
        /// Which block.
        index: u64,
        /// The size of all blocks but the last.
        block_size: u64,
        /// The size of this block.
        length: u64,
        /// The size of the volume.
        size: u64,
    },
    /// The partition table is damaged, or contradicts itself or the volume.
    #[error("{0}")]
    Table(String),
}

/// Says what was being done when an operation failed.
pub(super) trait Doing<T> {
    fn doing(self, doing: impl FnOnce() -> String) -> Result<T, Error>;
}

impl<T, E: Into<io::Error>> Doing<T> for Result<T, E> {
    fn doing(self, doing: impl FnOnce() -> String) -> Result<T, Error> {
        self.map_err(|error| Error::Io { doing: doing(), source: error.into() })
    }
}
