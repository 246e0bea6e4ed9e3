//! The health of the KMS keys under which recovery points lie. Without its key a copy is noise.

use serde::{Deserialize, Serialize};

use super::{Instant, text::Text};

/// The state of a key that does not exist any more: AWS has no word for it, only an error.
pub const NOT_FOUND: &str = "NotFound";

/// A key, as `kms:DescribeKey` describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KmsKey {
    /// Its ARN.
    pub arn: Text,
    /// The account that asked; the key may be another one's.
    pub account: Text,
    /// The region that was asked.
    pub region: Text,
    /// `Enabled`, `Disabled`, `PendingDeletion`, … as KMS writes it, or [`NOT_FOUND`].
    pub state: Text,
    /// When it will be deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletes_at: Option<Instant>,
}

impl KmsKey {
    /// Whether data under the key can be read; `None` for a state that this version does not know.
    /// Source of the states: KMS developer guide, "Key states of AWS KMS keys".
    pub fn is_usable(&self) -> Option<bool> {
        match self.state.as_str() {
            "Enabled" | "Updating" => Some(true),
            "Disabled"
            | "PendingDeletion"
            | "PendingReplicaDeletion"
            | "PendingImport"
            | "Unavailable"
            | "Creating" => Some(false),
            NOT_FOUND => Some(false),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_that_is_not_known_is_neither_good_nor_bad() {
        let usable = |state: &str| {
            let (arn, account, region) = ("arn".into(), "a".into(), "r".into());
            KmsKey { arn, account, region, state: state.into(), deletes_at: None }.is_usable()
        };
        assert_eq!(usable("Enabled"), Some(true));
        assert_eq!(usable("PendingDeletion"), Some(false));
        assert_eq!(usable(NOT_FOUND), Some(false));
        assert_eq!(usable("Quantum"), None);
    }
}
