//! A sample that the auditor draws: by a seed of theirs, and so that they can draw it again with tools of theirs.

use sha2::{Digest as _, Sha256};

use crate::model::assessment::{Assessment, Verdict};
use crate::model::inventory::hex;

/// `count` verdicts of the population, each with the digest by which it was drawn.
///
/// Every verdict has a name, its rule and its resource with a space between; they are sorted by the SHA-256 (in hex) of
/// the seed, a line feed and the name, and the first are taken. Nobody who does not know the seed beforehand can arrange
/// what is drawn.
pub fn sample<'a>(assessment: &'a Assessment, seed: &str, count: usize) -> Vec<(String, &'a Verdict)> {
    let digest = |verdict: &Verdict| {
        let name = format!("{} {}", verdict.rule.id, verdict.subject.resource);
        hex(&Sha256::new().chain_update(seed).chain_update("\n").chain_update(name).finalize())
    };
    let mut all: Vec<(String, &Verdict)> =
        assessment.verdicts.iter().map(|verdict| (digest(verdict), verdict)).collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all.truncate(count);
    all
}
