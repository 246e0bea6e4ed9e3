//! What an image is read from: a file, or bytes in memory.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

use rustix::fs::{SeekFrom, seek};
use rustix::io::Errno;

/// How much is read at once where everything is read.
const STEP: usize = 1 << 20;

/// Bytes that can be read at any place.
pub trait Source {
    /// How many there are.
    fn size(&self) -> io::Result<u64>;

    /// Fill the buffer from this offset on. To read past the end is an error.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()>;

    /// Where the next bytes are that may differ from zero, at or after `offset`: their offset and their end.
    /// `None` if only a hole follows.
    fn next_data(&self, offset: u64) -> io::Result<Option<(u64, u64)>>;

    /// Whether these bytes are all zero. Holes of a file are not read.
    fn is_zero(&self, offset: u64, length: u64) -> io::Result<bool> {
        let end = offset.saturating_add(length).min(self.size()?);
        let mut at = offset;
        while let Some((start, stop)) = self.next_data(at)? {
            let stop = stop.min(end);
            let mut from = start;
            while from < stop {
                let mut buffer = vec![0; usize::try_from(stop - from).unwrap_or(STEP).min(STEP)];
                self.read_at(from, &mut buffer)?;
                if buffer.iter().any(|byte| *byte != 0) {
                    return Ok(false);
                }
                from += buffer.len() as u64;
            }
            if stop >= end || stop <= at {
                break;
            }
            at = stop;
        }
        Ok(true)
    }
}

impl Source for File {
    fn size(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.read_exact_at(buffer, offset)
    }

    fn next_data(&self, offset: u64) -> io::Result<Option<(u64, u64)>> {
        match seek(self, SeekFrom::Data(offset)) {
            Ok(start) => Ok(Some((start, seek(self, SeekFrom::Hole(start))?))),
            Err(Errno::NXIO) => Ok(None),
            // A file system that does not tell holes from data: all of it may be data.
            Err(Errno::INVAL | Errno::OPNOTSUPP) => {
                let size = self.size()?;
                Ok((offset < size).then_some((offset, size)))
            }
            Err(error) => Err(error.into()),
        }
    }
}

impl Source for Vec<u8> {
    fn size(&self) -> io::Result<u64> {
        Ok(self.len() as u64)
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let bytes = usize::try_from(offset).ok().and_then(|from| self.get(from..from.checked_add(buffer.len())?));
        buffer.copy_from_slice(bytes.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn next_data(&self, offset: u64) -> io::Result<Option<(u64, u64)>> {
        Ok((offset < self.len() as u64).then_some((offset, self.len() as u64)))
    }
}

/// Up to `length` bytes from here; fewer at the end of the source, none past it.
pub(super) fn read_up_to(source: &dyn Source, offset: u64, length: u64) -> io::Result<Vec<u8>> {
    let there = source.size()?.saturating_sub(offset).min(length);
    let mut buffer = vec![0; usize::try_from(there).map_err(io::Error::other)?];
    source.read_at(offset, &mut buffer)?;
    Ok(buffer)
}

/// The bytes at this place of a buffer; zeros where it is too short.
pub(super) fn array<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).copied().unwrap_or([0; N])
}

/// A little-endian number of 16 bits.
pub(super) fn le16(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(array(bytes, at))
}

/// A little-endian number of 32 bits.
pub(super) fn le32(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(array(bytes, at))
}

/// A little-endian number of 64 bits.
pub(super) fn le64(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(array(bytes, at))
}

/// Whether these bytes stand at this place.
pub(super) fn has(bytes: &[u8], at: usize, magic: &[u8]) -> bool {
    bytes.get(at..).is_some_and(|rest| rest.starts_with(magic))
}
