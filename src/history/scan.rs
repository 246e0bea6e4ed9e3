//! One scan, taken apart into what a store keeps. Pure.

use std::collections::BTreeSet;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use sha2::{Digest, Sha256};

use crate::model::Instant;
use crate::model::assessment::{Assessment, Verdict};
use crate::model::inventory::{Inventory, hex};
use crate::model::outcome::Outcome;
use crate::model::period::Looked;
use crate::model::recovery_point::{PointKind, RecoveryPoint};
use crate::model::text::Text;

/// The time for which a copy holds data: an instant, or the window of a continuous one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// Its beginning.
    pub from: Instant,
    /// Its end.
    pub to: Instant,
}

/// A scan that is to be kept.
#[derive(Debug)]
pub struct Scan<'a> {
    /// What was read.
    pub inventory: &'a Inventory,
    /// What was concluded.
    pub assessment: &'a Assessment,
    /// For each recovery point of the inventory: the data that makes it a good copy, if it is one.
    pub reaches: Vec<Option<Reach>>,
    /// The restore windows that resources have of themselves.
    pub windows: Vec<(Text, Reach)>,
}

/// So many verdicts stand in a piece at most.
const LARGEST: usize = 1024;

/// On average so many verdicts stand in a piece.
const USUAL: u64 = 256;

impl Scan<'_> {
    /// What makes its runs a series: two scans of it look at the same things in the same way.
    pub(super) fn stream(&self) -> String {
        let list = |texts: &[Text]| texts.iter().map(Text::as_str).collect::<Vec<_>>().join(",");
        let Assessment { policy, inventory, run, .. } = self.assessment;
        format!("{}|{}|{}|{}", policy.id, run.source, list(&inventory.accounts), list(&inventory.regions))
    }

    /// The assessment without its verdicts, as JSON.
    pub(super) fn head(&self) -> Vec<u8> {
        let bare = Assessment { verdicts: Vec::new(), ..shallow(self.assessment) };
        json(&bare)
    }

    /// The verdicts in pieces. Where a piece ends depends on the resources alone, so that one more or one less
    /// changes one piece, and the others are shared with the run before.
    pub(super) fn pieces(&self) -> impl Iterator<Item = Vec<u8>> {
        let verdicts = &self.assessment.verdicts;
        let mut start = 0;
        std::iter::from_fn(move || {
            let rest = verdicts.get(start..).filter(|rest| !rest.is_empty())?;
            let mut length = 0;
            for pair in rest.windows(2).take(LARGEST - 1) {
                length += 1;
                if let [one, next] = pair
                    && (one.rule.id != next.rule.id || scattered(&next.subject.resource).is_multiple_of(USUAL))
                {
                    break;
                }
                if length + 1 == rest.len() {
                    length = rest.len();
                }
            }
            let piece = rest.get(..length.max(1)).unwrap_or(rest);
            start += piece.len();
            let mut bytes = Vec::new();
            for (at, verdict) in piece.iter().enumerate() {
                if at > 0 {
                    bytes.push(b',');
                }
                bytes.extend(json(verdict));
            }
            Some(bytes)
        })
    }

    /// The lists that were read to their end without a gap in any of their answers.
    pub(super) fn looked(&self) -> Looked {
        let gaps: BTreeSet<(&str, &str, String)> =
            self.inventory.gaps.iter().map(|gap| (gap.account.as_str(), gap.region.as_str(), gap.call())).collect();
        let whole = self.inventory.reads.iter().filter(|read| {
            !gaps.iter().any(|(account, region, call)| {
                read.account == **account && read.region == **region && read.proves(call)
            })
        });
        Looked(whole.map(|read| (read.account.clone(), read.region.clone(), read.call.clone())).collect())
    }
}

/// When the last good test was that a passed verdict rests on: of a restore test the last one, of verifications the
/// least recent of those that count.
pub(super) fn tested(verdict: &Verdict) -> Option<Instant> {
    let fact = match verdict.rule.check.as_str() {
        "restore-test" => "last_test",
        "integrity-check" => "oldest_check",
        _ => return None,
    };
    let passed = verdict.raw_outcome == Outcome::Pass;
    verdict.fact(fact).filter(|_| passed).and_then(|value| value.to_string().parse().ok())
}

/// The call that lists points of this kind in their account and region.
pub(super) const fn lists(kind: PointKind) -> &'static str {
    match kind {
        PointKind::EbsSnapshot => "ec2:DescribeSnapshots",
        PointKind::Image => "ec2:DescribeImages",
        PointKind::BackupPoint => "backup:ListRecoveryPointsByBackupVault",
        PointKind::DbSnapshot => "rds:DescribeDBSnapshots",
        PointKind::DbClusterSnapshot => "rds:DescribeDBClusterSnapshots",
        PointKind::TableBackup => "dynamodb:ListBackups",
        PointKind::Dump | PointKind::Mirror => "log:ReadRecords",
    }
}

/// The facts of a point that say something of its going; many points share them.
pub(super) fn facts(point: &RecoveryPoint) -> String {
    let managed = point.extra.as_ref().and_then(|extra| extra.managed_by.as_deref()).unwrap_or_default();
    format!(
        "{} {} {} {} {}",
        lists(point.kind),
        point.status.id().replace(' ', "_"),
        point.delete_after_days.map_or("-".to_owned(), |days| days.to_string()),
        if point.is_copy() { "copy" } else { "first" },
        if managed.is_empty() { "-" } else { managed }
    )
}

/// Compressed.
pub(super) fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(5));
    // Writing into memory cannot fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

/// SHA-256 in hex.
pub(super) fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

pub(super) fn json(value: &impl serde::Serialize) -> Vec<u8> {
    // Plain data: no map has keys that are not text.
    serde_json::to_vec(value).unwrap_or_default()
}

/// FNV-1a: the same on every machine and in every version.
fn scattered(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

/// The same assessment without the verdicts, which are by far the most of it.
fn shallow(full: &Assessment) -> Assessment {
    Assessment {
        schema: full.schema.clone(),
        run: full.run.clone(),
        policy: full.policy.clone(),
        inventory: full.inventory.clone(),
        summary: full.summary,
        clauses: full.clauses.clone(),
        frameworks: full.frameworks.clone(),
        policy_findings: full.policy_findings.clone(),
        ledger: full.ledger.clone(),
        verdicts: Vec::new(),
    }
}
