//! Who is told when a backup fails: event rules, topics, and what a vault sends by itself.

use serde::{Deserialize, Serialize};

use super::fact::Fact;
use super::text::Text;

/// A rule of Amazon EventBridge (`events:ListRules`, `events:ListTargetsByRule`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventRule {
    /// Its ARN.
    pub arn: Text,
    /// The account.
    pub account: Text,
    /// The region.
    pub region: Text,
    /// Its event bus. Events of AWS services come on `default`.
    pub bus: Text,
    /// Whether it is enabled.
    pub enabled: bool,
    /// The event pattern as JSON text; absent for rules by schedule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<Text>,
    /// ARNs of its targets.
    #[serde(default, skip_serializing_if = "Fact::is_unread")]
    pub targets: Fact<Vec<Text>>,
}

/// A topic of Amazon SNS (`sns:ListTopics`, `sns:GetTopicAttributes`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    /// Its ARN.
    pub arn: Text,
    /// The account.
    pub account: Text,
    /// The region.
    pub region: Text,
    /// Subscriptions that somebody confirmed. One that nobody confirmed receives nothing.
    #[serde(default, skip_serializing_if = "Fact::is_unread")]
    pub confirmed: Fact<u64>,
}

/// What a vault sends to a topic by itself (`backup:GetBackupVaultNotifications`).
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct VaultNotifications {
    /// The topic; absent when the vault sends nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic: Option<Text>,
    /// The events, such as `BACKUP_JOB_COMPLETED`, which is sent for every end of a job, failures too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<Text>,
}
