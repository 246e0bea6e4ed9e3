//! A folder for images that goes away, and the image itself.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, FileExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{FallocateFlags, fallocate};

use super::error::{Doing as _, Error};
use super::source::Source;

/// How names of scratch folders begin.
const PREFIX: &str = "lastgood-image-";

/// The file in a scratch folder that is locked as long as somebody uses the folder.
const LOCK: &str = "lock";

/// The file of the image in its folder.
pub(super) const VOLUME: &str = "volume.img";

/// A folder that only we can read and that is removed when dropped.
#[derive(Debug)]
pub(super) struct Scratch {
    path: PathBuf,
    _lock: File,
}

impl Scratch {
    /// A new folder in `parent`. What runs that were killed left there is removed first.
    fn new(parent: &Path) -> io::Result<Self> {
        sweep(parent)?;
        for number in 0..10_000 {
            let path = parent.join(format!("{PREFIX}{}-{number}", std::process::id()));
            match DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => match lock(&path) {
                    Ok(lock) => return Ok(Self { path, _lock: lock }),
                    Err(error) => {
                        let _ = fs::remove_dir_all(&path);
                        return Err(error);
                    }
                },
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::other("every name for a scratch folder is taken"))
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

fn lock(folder: &Path) -> io::Result<File> {
    let file = private().create_new(true).open(folder.join(LOCK))?;
    file.lock()?;
    Ok(file)
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).mode(0o600);
    options
}

/// Remove scratch folders in `parent` whose process was killed: nobody holds their lock. A folder without a
/// lock file is one that somebody is just making, and is left alone.
pub fn sweep(parent: &Path) -> io::Result<()> {
    for entry in fs::read_dir(parent)? {
        let entry = entry?;
        if !entry.file_name().to_string_lossy().starts_with(PREFIX) || !entry.file_type()?.is_dir() {
            continue;
        }
        let Ok(file) = File::open(entry.path().join(LOCK)) else { continue };
        if file.try_lock().is_ok() {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
    Ok(())
}

/// A volume, rebuilt block by block as a sparse file in a scratch folder. What is never written reads as
/// zeros and takes no space. The folder is removed when the image is dropped.
///
/// Only an image of *every* block of a snapshot may be judged: a block that was left out is a hole, and a
/// hole in a file system is damage, or an empty partition.
#[derive(Debug)]
pub struct Image {
    scratch: Scratch,
    file: File,
    size: u64,
}

impl Image {
    /// An empty image of a volume of `size` bytes, in a new folder of `parent`, which should be on a disk with
    /// room for the data of the volume twice: file systems with a dirty journal and XFS in partitions are copied.
    pub fn create(parent: &Path, size: u64) -> Result<Self, Error> {
        let doing = || format!("making an image of {size} bytes in `{}`", parent.display());
        let scratch = Scratch::new(parent).doing(doing)?;
        let file = private().create_new(true).open(scratch.path().join(VOLUME)).doing(doing)?;
        file.set_len(size).doing(doing)?;
        Ok(Self { scratch, file, size })
    }

    /// Write the block with this index, in blocks of `block_size` bytes. The block may be shorter than that,
    /// if the volume ends within it, but nothing may lie outside of the volume. A block of zeros becomes a hole.
    /// Different blocks may be written at the same time.
    pub fn write_block(&self, index: u64, block_size: u64, bytes: &[u8]) -> Result<(), Error> {
        let length = bytes.len() as u64;
        let place =
            index.checked_mul(block_size).filter(|from| from.checked_add(length).is_some_and(|e| e <= self.size));
        let Some(offset) = place.filter(|_| length <= block_size) else {
            return Err(Error::Block { index, block_size, length, size: self.size });
        };
        let doing = || format!("writing block {index} of the image");
        if bytes.iter().any(|byte| *byte != 0) {
            return self.file.write_all_at(bytes, offset).doing(doing);
        }
        if length == 0 {
            return Ok(());
        }
        let punch = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
        match fallocate(&self.file, punch, offset, length) {
            Ok(()) => Ok(()),
            // Where holes cannot be punched, only what was written before needs its zeros.
            Err(_) if self.file.is_zero(offset, length).doing(doing)? => Ok(()),
            Err(_) => self.file.write_all_at(bytes, offset).doing(doing),
        }
    }

    /// The declared size of the volume.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// How many bytes of the disk it takes.
    pub fn allocated(&self) -> Result<u64, Error> {
        let data = self.file.metadata().doing(|| "reading the size of the image".into())?;
        Ok(data.blocks().saturating_mul(512))
    }

    /// The file of the image, to be read.
    pub const fn file(&self) -> &File {
        &self.file
    }

    /// Where the file of the image is, as long as the image lives.
    pub fn path(&self) -> PathBuf {
        self.folder().join(VOLUME)
    }

    /// The folder in which tools run.
    pub(super) fn folder(&self) -> &Path {
        self.scratch.path()
    }

    /// A copy of a part of it, with its holes, that goes away when dropped.
    pub(super) fn copy(&self, offset: u64, size: u64) -> io::Result<Copy> {
        let name = format!("part-{offset}.img");
        let path = self.folder().join(&name);
        let to = private().create_new(true).open(&path)?;
        let copy = Copy { path, name };
        to.set_len(size)?;
        let end = offset.saturating_add(size).min(self.size);
        let mut at = offset;
        let mut buffer = vec![0; 1 << 20];
        while let Some((start, stop)) = self.file.next_data(at)? {
            let (mut from, stop) = (start.max(offset), stop.min(end));
            while from < stop {
                let length = usize::try_from(stop - from).unwrap_or(usize::MAX).min(buffer.len());
                let chunk = buffer.get_mut(..length).unwrap_or_default();
                self.file.read_exact_at(chunk, from)?;
                to.write_all_at(chunk, from - offset)?;
                from += length as u64;
            }
            if stop >= end || stop <= at {
                break;
            }
            at = stop;
        }
        Ok(copy)
    }
}

/// A copy of a part of an image.
#[derive(Debug)]
pub(super) struct Copy {
    pub(super) path: PathBuf,
    /// The name of the file in the folder of the image.
    pub(super) name: String,
}

impl Drop for Copy {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}
