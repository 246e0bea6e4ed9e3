//! What could not be read, and why; and what was read to its end.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Instant, text::Text};

/// How a read failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GapStatus {
    /// The caller may not make this call.
    Denied,
    /// The service refused because of too many requests, and retrying did not help.
    Throttled,
    /// The region or the service is not enabled for the account.
    Disabled,
    /// The list could not be shown to be complete (a lost page, a repeated page token).
    Incomplete,
    /// The answer held something this version cannot interpret.
    NotUnderstood,
    /// Anything else: server error, time-out, broken connection.
    Failed,
}

impl GapStatus {
    /// The name in reports.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::Throttled => "throttled",
            Self::Disabled => "disabled",
            Self::Incomplete => "incomplete",
            Self::NotUnderstood => "not-understood",
            Self::Failed => "failed",
        }
    }
}

impl fmt::Display for GapStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

/// One thing that could not be read. Every gap is counted and named in every report.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    /// The account that was being read.
    pub account: Text,
    /// The region, or `global` for calls without one.
    pub region: Text,
    /// The service's prefix in IAM, such as `s3`.
    pub service: Text,
    /// The API operation, such as `GetBucketVersioning`.
    pub operation: Text,
    /// The resource that was asked about; absent when the whole list is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<Text>,
    /// How it failed.
    pub status: GapStatus,
    /// The service's error code, or a short word of ours such as `timeout`.
    pub code: Text,
    /// The service's message, in one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Text>,
    /// The IAM action that would have allowed the call.
    pub iam_action: Text,
}

impl Gap {
    /// `service:Operation`, the key under which checks name what they need.
    pub fn call(&self) -> String {
        format!("{}:{}", self.service, self.operation)
    }
}

/// Proof that a list was walked to its end in one account and region.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Read {
    /// The account.
    pub account: Text,
    /// The region, or `global`.
    pub region: Text,
    /// `service:Operation`; in hand-written inventories the operation may be `*`.
    pub call: Text,
    /// How many items the list held.
    #[serde(default)]
    pub items: u64,
    /// How many requests the walk took.
    #[serde(default)]
    pub requests: u64,
    /// For records that the service forgets: the instant from which they are complete.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Instant>,
}

impl Read {
    /// Proof that a register or the logs were read: they belong to no account and region of AWS.
    pub fn declared(call: &str, items: u64, since: Option<Instant>) -> Self {
        let (account, region) = (Text::from(super::log::ACCOUNT), Text::from(super::log::REGION));
        Self { account, region, call: Text::from(call), items, requests: 0, since }
    }

    /// Whether it is the proof for `call`; a service may be proven as a whole, `ec2:*`.
    pub fn proves(&self, call: &str) -> bool {
        self.call == call || self.call.strip_suffix('*').is_some_and(|service| call.starts_with(service))
    }
}
