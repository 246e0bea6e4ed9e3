//! Everything observed at one instant: the boundary between reading and judging.
//!
//! A saved inventory is JSON, gzip-compressed when its name ends in `.gz`. Its order is canonical, so
//! that the same observation always gives the same bytes and the same digest.

use std::cmp::Ordering;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Instant;
use super::activity::Activity;
use super::application::Application;
use super::attestation::Attestation;
use super::declared::Declared;
use super::gap::{Gap, Read};
use super::kind::Kind;
use super::kms::KmsKey;
use super::log::LogStream;
use super::notification::{EventRule, Topic};
use super::protection::{BackupPlan, DlmPolicy, LegalHold, RestoreTestingPlan};
use super::recovery_point::{PointExtra, RecoveryPoint};
use super::resource::Resource;
use super::text::Text;

/// `source` of an inventory that a CloudFormation template declares.
pub const TEMPLATE: &str = "cloudformation";

/// The version of the saved form. A reader refuses any other.
pub const SCHEMA: &str = "lastgood.inventory/1";

/// What was observed, its scope and its gaps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inventory {
    /// [`SCHEMA`].
    pub schema: Text,
    /// When the reading began: the instant for which the inventory speaks.
    pub captured_at: Instant,
    /// Where it comes from: `aws`, `demo`, …
    pub source: Text,
    /// ARN of the identity that read, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller: Option<Text>,
    /// The accounts that were to be read.
    pub accounts: Vec<Text>,
    /// The regions that were to be read.
    pub regions: Vec<Text>,
    /// Everything that rules can judge.
    #[serde(default)]
    pub resources: Vec<Resource>,
    /// Every recovery point.
    #[serde(default)]
    pub points: Vec<RecoveryPoint>,
    /// AWS Backup plans.
    #[serde(default)]
    pub plans: Vec<BackupPlan>,
    /// DLM policies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dlm_policies: Vec<DlmPolicy>,
    /// Restore testing plans.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub restore_testing: Vec<RestoreTestingPlan>,
    /// Legal holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub legal_holds: Vec<LegalHold>,
    /// ARNs of the resources that AWS Backup has ever backed up, by its own register (`ListProtectedResources`). The
    /// register outlives resource and copies: it says what is to be explained, never that a thing is protected.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub protected: Vec<Text>,
    /// Event rules.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub event_rules: Vec<EventRule>,
    /// Topics that event rules or vaults send to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub topics: Vec<Topic>,
    /// The KMS keys under which recovery points lie.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<KmsKey>,
    /// Jobs and log records.
    #[serde(default)]
    pub activities: Vec<Activity>,
    /// The application register, in its order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub applications: Vec<Application>,
    /// Statements of people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attestations: Vec<Attestation>,
    /// The logs that were read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub logs: Vec<LogStream>,
    /// Lists that were walked to their end.
    #[serde(default)]
    pub reads: Vec<Read>,
    /// What could not be read.
    #[serde(default)]
    pub gaps: Vec<Gap>,
    /// For infrastructure code: whose block each thing is and what cannot be told yet. With it, checks judge what is
    /// configured and nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared: Option<Box<Declared>>,
}

impl Inventory {
    /// Whether it is what a template declares, rather than Terraform or an account.
    pub fn is_template(&self) -> bool {
        *self.source == *TEMPLATE
    }

    /// An inventory in which nothing has been read yet.
    pub fn empty(captured_at: Instant, source: &str) -> Self {
        Self {
            schema: Text::from(SCHEMA),
            captured_at,
            source: Text::from(source),
            caller: None,
            accounts: Vec::new(),
            regions: Vec::new(),
            resources: Vec::new(),
            points: Vec::new(),
            plans: Vec::new(),
            dlm_policies: Vec::new(),
            restore_testing: Vec::new(),
            legal_holds: Vec::new(),
            protected: Vec::new(),
            event_rules: Vec::new(),
            topics: Vec::new(),
            keys: Vec::new(),
            activities: Vec::new(),
            applications: Vec::new(),
            attestations: Vec::new(),
            logs: Vec::new(),
            reads: Vec::new(),
            gaps: Vec::new(),
            declared: None,
        }
    }

    /// Whether `call` was read to its end there.
    pub fn was_read(&self, account: &str, region: &str, call: &str) -> bool {
        self.reads.iter().any(|read| read.account == account && read.region == region && read.proves(call))
    }

    /// Whether the list of this kind was read to its end where such a thing would stand.
    pub fn lists_all(&self, kind: Kind, account: &str, region: &str) -> bool {
        let region = if kind == Kind::S3Bucket { "global" } else { region };
        kind.list_operation().is_some_and(|call| self.was_read(account, region, call))
    }

    /// Put everything into its canonical order.
    pub fn sort(&mut self) {
        self.accounts.sort();
        self.accounts.dedup();
        self.regions.sort();
        self.regions.dedup();
        sort_large(&mut self.resources, |a, b| a.arn.cmp(&b.arn));
        self.points.sort_unstable_by(|a, b| {
            (&a.resource, a.started_at, &a.arn, &a.vault).cmp(&(&b.resource, b.started_at, &b.arn, &b.vault))
        });
        self.share();
        self.plans.sort_by(|a, b| a.arn.cmp(&b.arn));
        self.dlm_policies.sort_by(|a, b| a.arn.cmp(&b.arn));
        self.restore_testing.sort_by(|a, b| a.arn.cmp(&b.arn));
        self.legal_holds.sort_by(|a, b| (&a.account, &a.region, &a.id).cmp(&(&b.account, &b.region, &b.id)));
        self.protected.sort();
        self.protected.dedup();
        self.event_rules.sort_by(|a, b| a.arn.cmp(&b.arn));
        self.topics.sort_by(|a, b| a.arn.cmp(&b.arn));
        self.keys.sort_by(|a, b| (&a.arn, &a.account).cmp(&(&b.arn, &b.account)));
        self.activities.sort_by(|a, b| {
            (a.started_at, &a.source, &a.account, &a.region, &a.id).cmp(&(
                b.started_at,
                &b.source,
                &b.account,
                &b.region,
                &b.id,
            ))
        });
        self.attestations.sort_by(|a, b| (a.recorded_at, &a.id).cmp(&(b.recorded_at, &b.id)));
        self.logs.sort_by(|a, b| a.id.cmp(&b.id));
        self.reads.sort();
        self.gaps.sort();
        self.gaps.dedup();
    }

    /// Let neighbouring points with equal rare facts share them: most points of a resource, and of its
    /// neighbours, are of one plan.
    fn share(&mut self) {
        let mut last: Option<&Arc<PointExtra>> = None;
        for point in &mut self.points {
            let Some(extra) = &mut point.extra else { continue };
            match last {
                Some(known) if **known == **extra => *extra = Arc::clone(known),
                _ => {}
            }
            last = Some(extra);
        }
    }

    /// SHA-256 over the canonical JSON, in hex.
    pub fn digest(&self) -> String {
        digest(self)
    }
}

/// Sort what is large: their places are sorted, and each is moved once. Equal ones keep their order.
pub(super) fn sort_large<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let mut places: Vec<usize> = (0..items.len()).collect();
    places.sort_by(|one, other| match (items.get(*one), items.get(*other)) {
        (Some(one), Some(other)) => compare(one, other),
        _ => Ordering::Equal,
    });
    for at in 0..places.len() {
        // What stood there first may have been moved already.
        let mut from = places.get(at).copied().unwrap_or(at);
        while from < at {
            from = places.get(from).copied().unwrap_or(at);
        }
        items.swap(at, from);
    }
}

/// SHA-256 over the JSON of plain data, in hex. It is hashed as it is written: there may be a gigabyte of it.
pub(super) fn digest(data: &impl Serialize) -> String {
    struct Hasher(Sha256);
    impl std::io::Write for Hasher {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.update(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut hasher = std::io::BufWriter::with_capacity(1 << 16, Hasher(Sha256::new()));
    // Writing plain data into a hasher cannot fail: no map has keys that are not text.
    let _ = serde_json::to_writer(&mut hasher, data);
    hasher.into_inner().map(|hasher| hex(&hasher.0.finalize())).unwrap_or_default()
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from(if value < 10 { b'0' + value } else { b'a' + value - 10 });
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(digit(byte >> 4));
        text.push(digit(byte & 0xf));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_large_is_sorted_as_what_is_small_and_equal_ones_keep_their_order() {
        // Every order of up to six, with equal ones among them.
        for length in 0..=6_u32 {
            for number in 0..4_u32.pow(length) {
                let mut items: Vec<(u32, u32)> = (0..length).map(|at| (number / 4_u32.pow(at) % 4, at)).collect();
                let mut expected = items.clone();
                expected.sort_by_key(|(key, _)| *key);
                sort_large(&mut items, |one, other| one.0.cmp(&other.0));
                assert_eq!(items, expected);
            }
        }
    }

    #[test]
    fn the_digest_is_that_of_the_canonical_json() {
        let inventory = Inventory::empty("2026-11-22T00:00:00Z".parse().unwrap(), "test");
        let json = serde_json::to_vec(&inventory).unwrap();
        assert_eq!(inventory.digest(), hex(&Sha256::digest(&json)));
    }
}
