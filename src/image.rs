//! A volume rebuilt from its blocks as a sparse file, and its file systems checked by the real tools.
//!
//! ```text
//! blocks ── Image::write_block ──► sparse file ── layout ──► parts ── check ──► e2fsck, xfs_repair
//!                                                               └── manifest ──► debugfs, SHA-256
//!                                                                        all ──► Verdict
//! ```
//!
//! To test a restore: [`Image::create`] with the size of the volume, [`Image::write_block`] for *every* block of
//! the snapshot, then [`examine`]. A block that could not be read must end the test: left out, it is a hole.
//!
//! The image itself is never changed. A journal that has to be replayed, which is normal for a snapshot of a
//! volume in use, is replayed in a copy. What is not understood, and what was not checked, never passes.
//! The tools read what may be hostile: better not run this as root; nothing here needs it.

mod check;
mod content;
mod error;
mod layout;
mod manifest;
mod scratch;
mod source;
mod tools;

use serde::{Deserialize, Serialize};

pub use check::{Checked, Options, PartOutcome, check};
pub use content::{Content, Ext, Xfs, recognise};
pub use error::Error;
pub use layout::{Layout, Part, Table, layout};
pub use manifest::{Compared, Manifest, ManifestError};
pub use scratch::{Image, sweep};
pub use source::Source;
pub use tools::{Evidence, Tools};

/// What the check of a whole volume proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// At least one file system was checked and is clean, everything on the volume was understood, and every file
    /// of the manifest is the same.
    Passed,
    /// Something is damaged, or a file is missing or differs.
    Failed,
    /// What was checked is good, but not everything could be checked, or a check proves little.
    Partial,
    /// There is nothing on the volume that can be checked here.
    NotUnderstood,
    /// Nothing was checked: tools are missing or failed, or there is nothing to check.
    Unknown,
}

/// What the check of a volume found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// What it proves.
    pub outcome: Outcome,
    /// The same as a sentence, with what speaks against the volume first.
    pub sentence: String,
    /// The partitions, or the whole volume; none if the partition table is damaged.
    pub parts: Vec<Checked>,
    /// The files of the manifest, if one was given.
    pub manifest: Option<Compared>,
}

/// Check all that is on a volume, and compare its files with a manifest if one is given. This takes minutes for a
/// large volume, and room for a copy of each part with a dirty journal and each XFS in a partition.
pub fn examine(image: &Image, manifest: Option<&Manifest>, options: &Options) -> Verdict {
    let layout = match layout(image.file()) {
        Ok(layout) => layout,
        Err(error) => {
            let damaged = matches!(error, Error::Table(_));
            let outcome = if damaged { Outcome::Failed } else { Outcome::Unknown };
            let mut sentence = error.to_string();
            if let Some(source) = std::error::Error::source(&error) {
                sentence = format!("{sentence}: {source}");
            }
            return Verdict { outcome, sentence, parts: Vec::new(), manifest: None };
        }
    };
    let mut comparison = manifest.map(manifest::Comparison::new);
    let parts: Vec<Checked> =
        layout.parts.iter().map(|part| check::check_and_compare(image, part, options, comparison.as_mut())).collect();
    let looked = comparison.as_ref().is_some_and(|comparison| comparison.looked);
    let compared = comparison.map(manifest::Comparison::finish);
    conclude(parts, &layout.warnings, compared, looked)
}

fn conclude(parts: Vec<Checked>, warnings: &[String], manifest: Option<Compared>, looked: bool) -> Verdict {
    use PartOutcome as P;
    let any = |outcome| parts.iter().any(|checked: &Checked| checked.outcome == outcome);
    // A file may be in a part that was not read.
    let all_read =
        looked && parts.iter().all(|c| matches!(c.content, Content::Ext(_)) || c.outcome == P::NothingToCheck);
    let (lost, uncertain) = manifest.as_ref().map_or((false, false), |compared| {
        let missing = !compared.missing.is_empty();
        (!compared.different.is_empty() || missing && all_read, !compared.unread.is_empty() || missing && !all_read)
    });
    let good = any(P::Clean);
    let less = any(P::NotUnderstood) || any(P::Unknown) || any(P::Partial) || uncertain || !warnings.is_empty();
    let outcome = if any(P::Damaged) || lost {
        Outcome::Failed
    } else if good && !less {
        Outcome::Passed
    } else if good || any(P::Partial) {
        Outcome::Partial
    } else if any(P::NotUnderstood) && !any(P::Unknown) {
        Outcome::NotUnderstood
    } else {
        Outcome::Unknown
    };
    let order = [P::Damaged, P::Unknown, P::Partial, P::NotUnderstood, P::Clean, P::NothingToCheck];
    let of = |outcome| parts.iter().filter(move |checked| checked.outcome == outcome).map(|c| c.sentence.clone());
    let mut sentences: Vec<String> = order.into_iter().flat_map(of).collect();
    if parts.is_empty() {
        sentences.push("the volume has a partition table, but no partitions".into());
    }
    if let Some(compared) = &manifest {
        sentences.insert(if lost { 0 } else { sentences.len() }, files(compared, looked, all_read));
    }
    sentences.extend(warnings.iter().cloned());
    Verdict { outcome, sentence: sentences.join("; "), parts, manifest }
}

/// What came of the files, as a sentence.
fn files(compared: &Compared, looked: bool, all_read: bool) -> String {
    let total = compared.same + compared.different.len() + compared.missing.len() + compared.unread.len();
    if !looked {
        return format!("the {total} files of the manifest were not looked for: only the files of ext are understood");
    }
    let mut said = format!("{} of {total} files of the manifest are the same", compared.same);
    let elsewhere = if all_read { "missing" } else { "not found in what could be read" };
    for (list, what) in
        [(&compared.different, "different"), (&compared.missing, elsewhere), (&compared.unread, "not compared")]
    {
        if let Some(first) = list.first() {
            said.push_str(&format!(", {} {what} (`{first}`{})", list.len(), if list.len() > 1 { ", …" } else { "" }));
        }
    }
    said
}
