//! The facts about a recovery point that a plan relies on: taken from the inventory when it is planned, and
//! from the service right before anything is done.

use serde::{Deserialize, Serialize};

use crate::model::Instant;
use crate::model::fact::Fact;
use crate::model::recovery_point::{PointKind, PointLock, PointStatus, RecoveryPoint};
use crate::model::resource::Tags;
use crate::model::text::Text;

/// A recovery point as it was seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PointFacts {
    /// Its ARN.
    pub arn: Text,
    /// What kind of copy it is.
    pub kind: PointKind,
    /// ARN of the vault that holds it, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vault: Option<Text>,
    /// Its state.
    pub status: PointStatus,
    /// When it was begun.
    pub started_at: Instant,
    /// Bytes, as the service reports them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Whether it is encrypted.
    #[serde(default, skip_serializing_if = "Fact::is_unread")]
    pub encrypted: Fact<bool>,
    /// Whether it is a continuous point.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub continuous: bool,
    /// The days after which its own lifecycle deletes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delete_after_days: Option<u32>,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Fact::is_unread")]
    pub tags: Fact<Tags>,
    /// Its lock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lock: Option<PointLock>,
    /// Ids of legal holds on it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub legal_holds: Vec<Text>,
    /// Whether anybody may restore it.
    #[serde(default, skip_serializing_if = "Fact::is_unread")]
    pub public: Fact<bool>,
    /// Accounts that it is shared with.
    #[serde(default, skip_serializing_if = "Fact::is_unread")]
    pub shared_with: Fact<Vec<Text>>,
    /// ARN of the image that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member_of: Option<Text>,
    /// Whether it lies in an archive tier.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub archived: bool,
    /// The service that owns it: `aws-backup`, `dlm`, `rds`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub managed_by: Option<Text>,
    /// Whether a copy of it is being made.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub copying: bool,
}

impl PointFacts {
    /// The facts of an inventory. Whether it is being copied stands in the activities.
    pub fn of(point: &RecoveryPoint, copying: bool) -> Self {
        let extra = point.extra.as_deref();
        Self {
            arn: point.arn.clone(),
            kind: point.kind,
            vault: point.vault.clone(),
            status: point.status.clone(),
            started_at: point.started_at,
            size: point.size,
            encrypted: point.encrypted.clone(),
            continuous: point.continuous().is_some(),
            delete_after_days: point.delete_after_days,
            tags: extra.map(|extra| extra.tags.clone()).unwrap_or_default(),
            lock: extra.and_then(|extra| extra.lock.clone()),
            legal_holds: extra.map(|extra| extra.legal_holds.clone()).unwrap_or_default(),
            public: extra.map(|extra| extra.public.clone()).unwrap_or_default(),
            shared_with: extra.map(|extra| extra.shared_with.clone()).unwrap_or_default(),
            member_of: extra.and_then(|extra| extra.member_of.clone()),
            archived: extra.is_some_and(|extra| extra.archived),
            managed_by: extra.and_then(|extra| extra.managed_by.clone()),
            copying,
        }
    }

    /// What is different now, in sentences. A fact that was not read when it was planned cannot have moved:
    /// the guards look at what is read now.
    pub fn moved(&self, now: &Self) -> Vec<String> {
        let mut moved = Vec::new();
        let mut compare = |what: &str, was: String, is: String| {
            if was != is {
                moved.push(format!("its {what} was {was} and is {is}"));
            }
        };
        compare("ARN", self.arn.to_string(), now.arn.to_string());
        compare("vault", named(self.vault.as_ref()), named(now.vault.as_ref()));
        compare("state", self.status.id().to_owned(), now.status.id().to_owned());
        compare("start", self.started_at.to_rfc3339(), now.started_at.to_rfc3339());
        compare("image", named(self.member_of.as_ref()), named(now.member_of.as_ref()));
        compare("retention", days(self.delete_after_days), days(now.delete_after_days));
        compare("lock", lock(self.lock.as_ref()), lock(now.lock.as_ref()));
        compare("legal holds", listed(&self.legal_holds), listed(&now.legal_holds));
        compare("tier", tier(self.archived), tier(now.archived));
        if let (Fact::Known(was), Fact::Known(is)) = (&self.tags, &now.tags) {
            compare("tags", tags(was), tags(is));
        }
        if let (Fact::Known(was), Fact::Known(is)) = (&self.public, &now.public) {
            compare("public access", was.to_string(), is.to_string());
        }
        if let (Fact::Known(was), Fact::Known(is)) = (&self.shared_with, &now.shared_with) {
            compare("list of accounts that may use it", listed(was), listed(is));
        }
        moved
    }

    /// The value of a tag; `None` when it is absent or tags were not read.
    pub fn tag(&self, key: &str) -> Option<&str> {
        self.tags.known()?.get(key).map(Text::as_str)
    }
}

fn named(text: Option<&Text>) -> String {
    text.map_or_else(|| "none".to_owned(), |text| format!("`{text}`"))
}

fn days(days: Option<u32>) -> String {
    days.map_or_else(|| "none".to_owned(), |days| format!("{days} days"))
}

fn tier(archived: bool) -> String {
    if archived { "archive" } else { "standard" }.to_owned()
}

fn lock(lock: Option<&PointLock>) -> String {
    match lock {
        None => "none".to_owned(),
        Some(PointLock { state, until: None }) => format!("`{state}`"),
        Some(PointLock { state, until: Some(until) }) => format!("`{state}` until {}", until.to_rfc3339()),
    }
}

fn listed(texts: &[Text]) -> String {
    if texts.is_empty() { "none".to_owned() } else { texts.join(", ") }
}

fn tags(tags: &Tags) -> String {
    let pairs: Vec<String> = tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
    if pairs.is_empty() { "none".to_owned() } else { format!("`{}`", pairs.join("`, `")) }
}
