//! The artefact that a command writes: hashed, counted and compressed on the way to disk.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

use crate::cli::args::ExpectArg;
use crate::model::inventory::hex;

/// The end of the content in which a trailer is looked for.
const TAIL: usize = 64 << 10;

/// Where the content goes.
pub(super) struct Sink {
    part: PathBuf,
    to: Target,
    expect: Option<ExpectArg>,
}

enum Target {
    Plain(Counted),
    Gzip(Box<GzEncoder<Counted>>),
}

/// What was written.
#[derive(Debug)]
pub(super) struct Written {
    /// Where it is until it gets its name.
    pub(super) part: PathBuf,
    pub(super) bytes: u64,
    pub(super) sha256: String,
    pub(super) content_bytes: u64,
    pub(super) content_sha256: String,
    /// Whether the tool's last words were found, where it has any.
    pub(super) trailer: Option<bool>,
    /// Why not all of it is there.
    pub(super) error: Option<String>,
}

/// A file that counts and hashes what goes into it.
struct Counted {
    file: BufWriter<File>,
    bytes: u64,
    hasher: Sha256,
}

impl Write for Counted {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.file.write_all(buffer)?;
        self.hasher.update(buffer);
        self.bytes += buffer.len() as u64;
        Ok(buffer.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Write for Target {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(to) => to.write(buffer),
            Self::Gzip(to) => to.write(buffer),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// `backup.sql.gz` and `part` make `backup.sql.gz.part`.
pub(super) fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{ending}"));
    path.with_file_name(name)
}

pub(super) fn open(out: &Path, compress: bool, expect: Option<ExpectArg>) -> io::Result<Sink> {
    let part = with_ending(out, "part");
    let file = BufWriter::with_capacity(1 << 16, File::create(&part)?);
    let counted = Counted { file, bytes: 0, hasher: Sha256::new() };
    let to = if compress {
        Target::Gzip(Box::new(GzEncoder::new(counted, Compression::default())))
    } else {
        Target::Plain(counted)
    };
    Ok(Sink { part, to, expect })
}

impl Sink {
    /// Take everything in. The pipe is read to its end even when the disk is full: the command then says
    /// itself how it ended, and the error is reported here.
    pub(super) fn fill(mut self, from: &mut dyn Read) -> Written {
        let mut content = Sha256::new();
        let (mut content_bytes, mut tail, mut error) = (0_u64, Vec::new(), None);
        let mut buffer = vec![0_u8; 1 << 16];
        loop {
            let read = match from.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => read,
                Err(wrong) if wrong.kind() == io::ErrorKind::Interrupted => continue,
                Err(wrong) => {
                    error = error.or(Some(wrong));
                    break;
                }
            };
            let bytes = buffer.get(..read).unwrap_or_default();
            content.update(bytes);
            content_bytes += read as u64;
            tail.extend_from_slice(bytes);
            if tail.len() > 4 * TAIL {
                tail.drain(..tail.len() - TAIL);
            }
            if error.is_none() {
                error = self.to.write_all(bytes).err();
            }
        }
        let (bytes, sha256) = match self.to.finish() {
            Ok(done) => done,
            Err(wrong) => {
                error = error.or(Some(wrong));
                (0, String::new())
            }
        };
        let tail = String::from_utf8_lossy(&tail);
        let trailer = self.expect.map(|expect| expect.trailer().iter().any(|words| tail.contains(words)));
        let content_sha256 = hex(&content.finalize());
        let error = error.map(|error| error.to_string());
        Written { part: self.part, bytes, sha256, content_bytes, content_sha256, trailer, error }
    }
}

impl Target {
    fn finish(self) -> io::Result<(u64, String)> {
        let counted = match self {
            Self::Plain(counted) => counted,
            Self::Gzip(gzip) => gzip.finish()?,
        };
        let file = counted.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        Ok((counted.bytes, hex(&counted.hasher.finalize())))
    }
}
