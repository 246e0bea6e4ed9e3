//! Checking a bundle, offline: every byte, the chain, the signature, and the same judgement once more.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use sha2::{Digest as _, Sha256};
use zip::ZipArchive;

use super::EvidenceError;
use super::manifest::{ASSESSMENT, FileEntry, INVENTORY, MANIFEST, Manifest, SCHEMA, SIGNATURE, SUMS, root};
use super::sign::VerifyingKey;
use crate::evaluate::evaluate;
use crate::model::assessment::Assessment;
use crate::model::inventory::{Inventory, hex};
use crate::model::period::PeriodAssessment;
use crate::model::text::Text;
use crate::policy::{SourceFile, frameworks, load};
use crate::report::{Format, RenderOptions, render};

/// The largest manifest, list of sums and signature that are read: those of some hundred thousand files.
const LARGEST: u64 = 64 << 20;

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What.
    pub what: Text,
    /// What came of it.
    pub came: Checked,
}

/// What came of looking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Checked {
    /// It is as it should be; what that means, in a few words.
    Good(Text),
    /// It is not, and what is wrong, in a sentence each.
    Bad(Vec<Text>),
    /// It was not looked at, and what it would take.
    NotLookedAt(Text),
}

type Archive = ZipArchive<BufReader<File>>;

/// A bundle that can be read.
#[derive(Debug)]
pub struct Opened {
    archive: Archive,
    manifest: Manifest,
    manifest_sha256: String,
    path: String,
}

impl Opened {
    /// What it says of itself; nothing of it is checked yet.
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// SHA-256 of its manifest, in hex.
    pub fn manifest_sha256(&self) -> &str {
        &self.manifest_sha256
    }

    /// The judgement in it.
    ///
    /// # Errors
    /// [`EvidenceError::NoBundle`] if there is none.
    pub fn assessment(&mut self) -> Result<Assessment, EvidenceError> {
        let bytes = self.bytes(ASSESSMENT, self.size_of(ASSESSMENT));
        let parsed = bytes.and_then(|bytes| serde_json::from_slice(&bytes).map_err(|error| error.to_string()));
        parsed.map_err(|why| EvidenceError::NoBundle { path: self.path.clone(), why: format!("{ASSESSMENT}: {why}") })
    }

    fn size_of(&self, path: &str) -> u64 {
        self.manifest.files.iter().find(|entry| *entry.path == *path).map_or(0, |entry| entry.bytes)
    }

    fn bytes(&mut self, path: &str, most: u64) -> Result<Vec<u8>, String> {
        bytes(&mut self.archive, path, most)
    }
}

/// The bytes of a file, if they are no more than `most`: a bundle of somebody else may be made to fill the memory.
fn bytes(archive: &mut Archive, path: &str, most: u64) -> Result<Vec<u8>, String> {
    let file = archive.by_name(path).map_err(|error| format!("`{path}`: {error}"))?;
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes).map_err(|error| format!("`{path}`: {error}"))?;
    if bytes.len() as u64 > most {
        return Err(format!("`{path}` is larger than the manifest says"));
    }
    Ok(bytes)
}

/// Open a bundle and read its manifest.
///
/// # Errors
/// [`EvidenceError::Io`] if the file cannot be read, [`EvidenceError::NoBundle`] if it is none.
pub fn open(path: &Path) -> Result<Opened, EvidenceError> {
    let name = path.display().to_string();
    let none = |why: String| EvidenceError::NoBundle { path: name.clone(), why };
    let file = File::open(path).map_err(|source| EvidenceError::Io { verb: "read", path: name.clone(), source })?;
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|error| none(error.to_string()))?;
    let text = bytes(&mut archive, MANIFEST, LARGEST).map_err(none)?;
    let schema = serde_json::from_slice::<serde_json::Value>(&text).ok();
    let schema = schema.as_ref().and_then(|value| value.get("schema")?.as_str());
    if schema != Some(SCHEMA) {
        return Err(none(format!("its form is `{}`, and this version reads `{SCHEMA}`", schema.unwrap_or("none"))));
    }
    let manifest = serde_json::from_slice(&text).map_err(|error| none(format!("{MANIFEST}: {error}")))?;
    Ok(Opened { archive, manifest, manifest_sha256: hex(&Sha256::digest(&text)), path: name.clone() })
}

/// Check everything that can be checked. Nothing that is wrong hides anything else.
pub fn verify(bundle: &mut Opened, previous: Option<&Opened>, key: Option<&VerifyingKey>) -> Vec<Check> {
    let (files, sums) = (files(bundle), sums(bundle));
    // What was changed is not judged: its sentences would be about something else.
    let whole = matches!(files, Checked::Good(_));
    let again = if whole { again(bundle) } else { Checked::NotLookedAt("the files above must be right first".into()) };
    let checks = [
        ("files", files),
        ("SHA256SUMS", sums),
        ("Merkle root", tree(&bundle.manifest)),
        ("bundle before", chain(&bundle.manifest, previous)),
        ("signature", signature(bundle, key)),
        ("judgement", again),
    ];
    checks.into_iter().map(|(what, came)| Check { what: what.into(), came }).collect()
}

fn of(wrong: Vec<Text>, good: String) -> Checked {
    if wrong.is_empty() { Checked::Good(good.into()) } else { Checked::Bad(wrong) }
}

/// Every file is there, with the bytes that the manifest names, and no other is.
fn files(bundle: &mut Opened) -> Checked {
    let mut wrong: Vec<Text> = Vec::new();
    let manifest = bundle.manifest.clone();
    let mut named: BTreeMap<&str, &FileEntry> = BTreeMap::new();
    for entry in &manifest.files {
        if named.insert(&entry.path, entry).is_some() {
            wrong.push(format!("`{}` is named twice by the manifest", entry.path).into());
        }
    }
    let mut seen = BTreeSet::new();
    for index in 0..bundle.archive.len() {
        let named_so = bundle.archive.by_index_raw(index);
        let name = match named_so.and_then(|file| file.name().map(std::borrow::Cow::into_owned)) {
            Ok(name) => name,
            Err(error) => {
                wrong.push(format!("file {} of the archive: {error}", index + 1).into());
                continue;
            }
        };
        if !seen.insert(name.clone()) {
            wrong.push(format!("`{name}` is there twice").into());
        }
        let Some(entry) = named.get(name.as_str()) else {
            if ![MANIFEST, SUMS, SIGNATURE].contains(&name.as_str()) {
                wrong.push(format!("`{name}` is not named by the manifest").into());
            }
            continue;
        };
        match digest(&mut bundle.archive, index, entry.bytes) {
            Ok((_, bytes)) if bytes != entry.bytes => {
                wrong.push(format!("`{name}` has not the {} bytes that the manifest names", entry.bytes).into());
            }
            Ok((sha256, _)) if *sha256 != *entry.sha256 => {
                wrong.push(format!("`{name}` was changed: its SHA-256 is {sha256}, and was {}", entry.sha256).into());
            }
            Ok(_) => {}
            Err(error) => wrong.push(format!("`{name}` cannot be read: {error}").into()),
        }
    }
    let missing = named.keys().filter(|name| !seen.contains(**name));
    wrong.extend(missing.map(|name| Text::from(format!("`{name}` is missing"))));
    of(wrong, format!("all {} are as the manifest says, and there are no others", manifest.files.len()))
}

fn digest(archive: &mut Archive, index: usize, most: u64) -> io::Result<(String, u64)> {
    let mut file = archive.by_index(index).map_err(io::Error::other)?.take(most + 1);
    let (mut hasher, mut buffer, mut bytes) = (Sha256::new(), vec![0; 1 << 16], 0_u64);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok((hex(&hasher.finalize()), bytes)),
            read => {
                hasher.update(buffer.get(..read).unwrap_or_default());
                bytes += read as u64;
            }
        }
    }
}

/// The list for `sha256sum` says the same as the manifest.
fn sums(bundle: &mut Opened) -> Checked {
    let own = FileEntry { path: MANIFEST.into(), bytes: 0, sha256: bundle.manifest_sha256.as_str().into() };
    let lines: String = bundle.manifest.files.iter().chain([&own]).map(|entry| entry.line() + "\n").collect();
    match bundle.bytes(SUMS, LARGEST) {
        Ok(bytes) if bytes == lines.as_bytes() => Checked::Good("it says the same as the manifest".into()),
        Ok(_) => Checked::Bad(vec!["it does not say the same as the manifest".into()]),
        Err(error) => Checked::Bad(vec![error.into()]),
    }
}

fn tree(manifest: &Manifest) -> Checked {
    let now = root(&manifest.files);
    if now == manifest.root {
        return Checked::Good(now);
    }
    Checked::Bad(vec![format!("it is {now}, and the manifest names {}", manifest.root).into()])
}

fn chain(manifest: &Manifest, given: Option<&Opened>) -> Checked {
    match (&manifest.previous, given) {
        (None, None) => Checked::Good("it is the first of its chain".into()),
        (None, Some(_)) => Checked::Bad(vec!["it names none before it, and one is given".into()]),
        (Some(previous), None) => {
            Checked::NotLookedAt(format!("it names that of run {}: give it with `--previous`", previous.run).into())
        }
        (Some(previous), Some(given)) if *previous.manifest_sha256 == *given.manifest_sha256 => {
            Checked::Good(format!("it is that of run {}", previous.run).into())
        }
        (Some(previous), Some(given)) => Checked::Bad(vec![
            format!(
                "it names that of run {}, and the one that is given is of run {}",
                previous.run, given.manifest.run
            )
            .into(),
        ]),
    }
}

fn signature(bundle: &mut Opened, key: Option<&VerifyingKey>) -> Checked {
    let is_there = bundle.archive.index_for_name(SIGNATURE).is_some();
    match (is_there, key) {
        (false, None) => Checked::NotLookedAt("it is not signed".into()),
        (false, Some(_)) => Checked::Bad(vec!["it is not signed, and a key is given".into()]),
        (true, None) => Checked::NotLookedAt("give the public key with `--key`".into()),
        (true, Some(key)) => {
            let sha256 = bundle.manifest_sha256.clone();
            match bundle.bytes(SIGNATURE, LARGEST).and_then(|envelope| key.check(&envelope, &sha256)) {
                Ok(()) => Checked::Good(format!("it is that of the key {}", key.id()).into()),
                Err(why) => Checked::Bad(vec![why.into()]),
            }
        }
    }
}

/// The judgement of the same policy on the same inventory is the same to the byte, and so are the reports.
fn again(bundle: &mut Opened) -> Checked {
    match judged(bundle) {
        Ok((reports, wrong)) => of(wrong, format!("judged again, to the same bytes, with {reports} reports")),
        Err(why) => {
            let by = &bundle.manifest.version;
            let other = *by != *env!("CARGO_PKG_VERSION");
            let hint = if other { format!(" (it was made by version {by})") } else { String::new() };
            Checked::Bad(vec![format!("{why}{hint}").into()])
        }
    }
}

fn judged(bundle: &mut Opened) -> Result<(usize, Vec<Text>), String> {
    let manifest = bundle.manifest.clone();
    let mut texts = |origins: &[super::Origin]| -> Result<Vec<SourceFile>, String> {
        let read = |origin: &super::Origin| {
            let bytes = bundle.bytes(&origin.path, bundle.size_of(&origin.path))?;
            let text = String::from_utf8(bytes).map_err(|_| format!("`{}` is no text", origin.path))?;
            Ok(SourceFile { name: origin.name.to_string(), text })
        };
        origins.iter().map(read).collect()
    };
    let (policies, mappings) = (texts(&manifest.policies)?, texts(&manifest.mappings)?);
    let refused = |what: &str, problems: usize| format!("the {what} of the bundle has {problems} problems");
    let mut policy = load(&policies).map_err(|problems| refused("policy", problems.len()))?;
    if !mappings.is_empty() {
        policy.frameworks =
            frameworks::load(&mappings, &policy).map_err(|problems| refused("mapping", problems.len()))?;
    }
    let bytes = bundle.bytes(INVENTORY, bundle.size_of(INVENTORY))?;
    let inventory: Inventory = serde_json::from_slice(&bytes).map_err(|error| format!("`{INVENTORY}`: {error}"))?;
    let assessment = evaluate(&policy, &inventory, manifest.as_of);
    if assessment.run.id != manifest.run {
        return Err(format!("it is run {}, and the manifest names {}", assessment.run.id, manifest.run));
    }
    let mut wrong = Vec::new();
    let all = renderings(&assessment).map_err(|error| error.to_string())?;
    for (path, now) in &all {
        let was = bundle.bytes(path, bundle.size_of(path));
        let same = was.as_ref().is_ok_and(|was| was == now || (path.ends_with(".xlsx") && unpacked_alike(was, now)));
        if !same {
            wrong.push(Text::from(format!("`{path}` is not what this judgement gives")));
        }
    }
    Ok((all.len(), wrong))
}

/// Whether two workbooks hold the same files: how they are compressed may differ from machine to machine.
fn unpacked_alike(a: &[u8], b: &[u8]) -> bool {
    let unpacked = |bytes: &[u8]| -> Option<Vec<(String, Vec<u8>)>> {
        let mut archive = ZipArchive::new(io::Cursor::new(bytes)).ok()?;
        let mut files = Vec::new();
        for index in 0..archive.len() {
            let file = archive.by_index(index).ok()?;
            let name = file.name().ok()?.into_owned();
            let mut held = Vec::new();
            // No workbook of ours grows so far; a bomb does.
            file.take(4 << 30).read_to_end(&mut held).ok()?;
            files.push((name, held));
        }
        Some(files)
    };
    unpacked(a).is_some_and(|files| Some(files) == unpacked(b))
}

/// A format that bundles leave out: it is the page once more, and not every build can write it.
const PAPER: &str = "pdf";

/// Every report of a period, by path. What a period rests on is the history, which no bundle holds: these are under
/// the checksums and the signature, and are not judged once more.
///
/// # Errors
/// None in practice: they are written to memory.
pub fn period_renderings(judged: &PeriodAssessment) -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut all = Vec::new();
    for (name, file) in crate::report::period::FORMATS.iter().filter(|(name, _)| *name != PAPER) {
        let mut bytes = Vec::new();
        crate::report::period::write(judged, name, &RenderOptions::default(), &mut bytes)?;
        all.push((format!("period/{file}"), bytes));
    }
    Ok(all)
}

/// The assessment and every report of it, by path: a function of the assessment alone.
///
/// # Errors
/// None in practice: they are written to memory.
pub fn renderings(assessment: &Assessment) -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut all = Vec::new();
    for info in crate::report::FORMATS.iter().filter(|info| info.name != PAPER) {
        let mut bytes = Vec::new();
        render(assessment, info.format, &RenderOptions::default(), &mut bytes)?;
        let path = if info.format == Format::Json { ASSESSMENT.into() } else { format!("reports/{}", info.file_name) };
        all.push((path, bytes));
    }
    Ok(all)
}
