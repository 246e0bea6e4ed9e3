//! Writing a bundle: the same inputs give the same bytes.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::PathBuf;

use sha2::{Digest as _, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::manifest::{FileEntry, MANIFEST, Manifest, README, SIGNATURE, SUMS, root};
use super::sign::SigningKey;
use crate::model::inventory::hex;
use crate::model::text::Text;

/// What a file of a bundle holds.
#[derive(Debug)]
pub enum Contents {
    /// These bytes.
    Bytes(Vec<u8>),
    /// Those of a file.
    File(PathBuf),
}

/// A file of a bundle.
#[derive(Debug)]
pub struct Part {
    /// Its path in the bundle.
    pub path: String,
    /// Its contents.
    pub contents: Contents,
}

/// How to check a bundle, for the person who unpacks it.
const HOW_TO: &str = "\
This is an evidence bundle of lastgood: what was read, the policy, the judgement, the reports.

1. Unpack it, and check every file with tools that you have:

     sha256sum -c SHA256SUMS

2. If there is a manifest.dsse.json, it is an Ed25519 signature (DSSE, an in-toto statement) over manifest.json.

3. Check the whole of it, offline, and let everything be judged once more to the same bytes:

     lastgood verify BUNDLE.zip [--previous BEFORE.zip] [--key public.pem]

manifest.json   what belongs to it; its root is the Merkle tree hash of RFC 6962 over the lines of SHA256SUMS that are
                about the other files, in their order
inventory.json  everything that was judged, with every list that was read to its end and everything that was not
policies/       the policy and its approved exceptions, as they were given
records/        registers and logs, as they lay there
assessment.json the judgement: every rule on every resource
reports/        the same for people and other programs
period/         the judgement of a period, if one was asked for; it rests on a history that is not in here
";

/// Write a bundle. Of `manifest`, files and root are filled in; the rest is the caller's.
///
/// # Errors
/// What the system says.
pub fn pack(
    mut manifest: Manifest,
    mut parts: Vec<Part>,
    key: Option<&SigningKey>,
    out: &mut dyn Write,
) -> io::Result<Manifest> {
    parts.push(Part { path: README.into(), contents: Contents::Bytes(HOW_TO.into()) });
    parts.sort_by(|a, b| a.path.cmp(&b.path));
    let mut zip = ZipWriter::new_stream(out);
    manifest.files.clear();
    for part in parts {
        let entry = match part.contents {
            Contents::Bytes(bytes) => add(&mut zip, &part.path, &mut bytes.as_slice())?,
            Contents::File(path) => add(&mut zip, &part.path, &mut File::open(path)?)?,
        };
        manifest.files.push(entry);
    }
    manifest.root = root(&manifest.files);
    let mut text = serde_json::to_vec_pretty(&manifest)?;
    text.push(b'\n');
    let own = add(&mut zip, MANIFEST, &mut text.as_slice())?;
    let lines = manifest.files.iter().chain([&own]).map(|entry| entry.line() + "\n");
    add(&mut zip, SUMS, &mut lines.collect::<String>().as_bytes())?;
    if let Some(key) = key {
        add(&mut zip, SIGNATURE, &mut key.envelope(&manifest, &own.sha256).as_bytes())?;
    }
    zip.finish().map_err(io::Error::other)?.into_inner().flush()?;
    Ok(manifest)
}

/// Times and rights are the same for all, or two runs would differ.
fn options() -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(zip::DateTime::default())
        .unix_permissions(0o644)
        .large_file(true)
}

fn add<W: Write>(
    zip: &mut ZipWriter<zip::write::StreamWriter<W>>,
    path: &str,
    from: &mut dyn Read,
) -> io::Result<FileEntry> {
    zip.start_file(path, options()).map_err(io::Error::other)?;
    let (mut hasher, mut bytes, mut buffer) = (Sha256::new(), 0_u64, vec![0; 1 << 16]);
    loop {
        let read = match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => buffer.get(..read).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hasher.update(read);
        zip.write_all(read)?;
        bytes += read.len() as u64;
    }
    Ok(FileEntry { path: path.into(), bytes, sha256: Text::from(hex(&hasher.finalize())) })
}
