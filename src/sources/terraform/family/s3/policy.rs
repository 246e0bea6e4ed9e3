//! Whether the policy of a bucket lets everybody in.

use super::super::super::ask::Ask;
use crate::model::fact::Fact;
use crate::sources::iac::bucket_policy;

/// Whether the policy under `path` lets everybody in.
pub(super) fn is_public(ask: &Ask<'_, '_, '_>, path: &str) -> Fact<bool> {
    let Fact::Known(text) = ask.text("policy_public", path, Some("")) else { return Fact::Unread };
    if text.is_empty() {
        return Fact::Known(false);
    }
    match serde_json::from_str(&text).ok().and_then(|policy| bucket_policy::is_public(&policy)) {
        Some(public) => Fact::Known(public),
        None => {
            ask.open("policy_public", path, bucket_policy::ONLY_S3_CAN_TELL);
            Fact::Unread
        }
    }
}
