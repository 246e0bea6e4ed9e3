//! Standing promises of future recovery points, as they are configured.

use serde::{Deserialize, Serialize};

use super::{Instant, arn::Arn, fact::Fact, resource::Tags, text::Text};

/// An AWS Backup plan (`backup:GetBackupPlan`). It covers resources of its own account and region.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackupPlan {
    /// Its ARN.
    pub arn: Text,
    /// Its name.
    pub name: Text,
    /// The account.
    pub account: Text,
    /// The region.
    pub region: Text,
    /// Its rules.
    #[serde(default)]
    pub rules: Vec<PlanRule>,
    /// Its selections; unread if any of them could not be read.
    #[serde(default, skip_serializing_if = "Fact::is_unread")]
    pub selections: Fact<Vec<Selection>>,
}

/// One rule of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanRule {
    /// Its id.
    pub id: Text,
    /// Its name.
    pub name: Text,
    /// Name of the vault it writes to.
    pub vault: Text,
    /// AWS cron; absent means AWS Backup's default, daily at 05:00 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Text>,
    /// IANA zone of the schedule; absent means UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<Text>,
    /// Minutes within which a job may start; absent means 480.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_window_minutes: Option<u32>,
    /// Minutes within which a job must end; absent means 10,080.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completion_window_minutes: Option<u32>,
    /// Retention in days; absent means for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delete_after_days: Option<u32>,
    /// Days until the point moves to cold storage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cold_after_days: Option<u32>,
    /// Whether it makes continuous points for the types that have them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub continuous: bool,
    /// Copies to other vaults.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub copies: Vec<CopyAction>,
}

impl BackupPlan {
    /// Whether a copy goes to another `region`, another `account`, or either: as far as that can be told.
    pub fn copies_off_site(&self, copy: &CopyAction, region: bool, account: bool) -> Option<bool> {
        let vault = Arn::parse(copy.vault.known()?)?;
        let places = [(region, vault.region, &self.region), (account, vault.account, &self.account)];
        let asked = places.into_iter().filter(|(is_asked, ..)| *is_asked);
        let found: Vec<Option<bool>> = asked.map(|(_, one, other)| differs(one, other)).collect();
        if found.contains(&Some(true)) {
            return Some(true);
        }
        found.iter().all(Option::is_some).then_some(false)
    }
}

/// Whether two accounts or regions are different ones: `(account)` of infrastructure code may be any, and is the same as
/// itself.
fn differs(one: &str, other: &str) -> Option<bool> {
    let is_open = one.contains('(') || other.contains('(');
    if one == other { Some(false) } else { (!is_open).then_some(true) }
}

/// A copy that a plan rule makes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CopyAction {
    /// ARN of the destination vault.
    #[serde(default, skip_serializing_if = "Fact::is_unread")]
    pub vault: Fact<Text>,
    /// Retention of the copy in days; absent means that of the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delete_after_days: Option<u32>,
}

/// A selection: which resources a plan covers (`backup:GetBackupSelection`).
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Selection {
    /// Its id.
    pub id: Text,
    /// Its name.
    pub name: Text,
    /// ARN of the role that makes the backups.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Text>,
    /// ARNs and patterns to take in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<Text>,
    /// ARNs and patterns to leave out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_resources: Vec<Text>,
    /// Tags to take in; any of them is enough.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub list_of_tags: Vec<TagTest>,
    /// Conditions; all of them must hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
}

/// A tag key and value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TagTest {
    /// The key, without the `aws:ResourceTag/` prefix in `list_of_tags`, with it in conditions.
    pub key: Text,
    /// The value or pattern.
    pub value: Text,
}

/// One condition of a selection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// How to compare.
    pub operator: ConditionOperator,
    /// The key as the API writes it, with `aws:ResourceTag/`.
    pub key: Text,
    /// The value or pattern.
    pub value: Text,
}

/// The operators of a selection's conditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConditionOperator {
    /// The tag has exactly this value.
    StringEquals,
    /// The tag has another value or is absent.
    StringNotEquals,
    /// The tag's value matches the pattern.
    StringLike,
    /// The tag's value does not match, or it is absent.
    StringNotLike,
}

/// A Data Lifecycle Manager policy (`dlm:GetLifecyclePolicy`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DlmPolicy {
    /// Its ARN.
    pub arn: Text,
    /// The account.
    pub account: Text,
    /// The region.
    pub region: Text,
    /// Whether its state is `ENABLED`.
    pub enabled: bool,
    /// `volume` or `instance`.
    pub target: Text,
    /// Tags of which any is enough; empty in a default policy, which takes every volume or instance.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub target_tags: Vec<TagTest>,
    /// Its schedules.
    #[serde(default)]
    pub schedules: Vec<DlmSchedule>,
}

/// One schedule of a DLM policy.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DlmSchedule {
    /// Its name.
    pub name: Text,
    /// Hours between snapshots, when it is an interval.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub every_hours: Option<u32>,
    /// AWS cron, when it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cron: Option<Text>,
    /// Number of snapshots kept, when retention counts. Not days: 35 of a 12-hour rule are 17.5.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep_count: Option<u32>,
    /// Days kept, when retention is by age.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep_days: Option<u32>,
}

/// An AWS Backup restore testing plan with its selections.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RestoreTestingPlan {
    /// Its ARN.
    pub arn: Text,
    /// Its name.
    pub name: Text,
    /// The account.
    pub account: Text,
    /// The region.
    pub region: Text,
    /// AWS cron.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Text>,
    /// IANA zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<Text>,
    /// Its selections; unread if any of them could not be read.
    #[serde(default, skip_serializing_if = "Fact::is_unread")]
    pub selections: Fact<Vec<RestoreTestingSelection>>,
}

/// What a restore testing plan tests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RestoreTestingSelection {
    /// Its name.
    pub name: Text,
    /// The one resource type, such as `EBS`.
    pub resource_type: Text,
    /// ARNs, or `*`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<Text>,
    /// Hours within which a validator may report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validation_hours: Option<u32>,
}

/// A legal hold in AWS Backup. While it is being created it is treated as active.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LegalHold {
    /// Its ARN or id.
    pub id: Text,
    /// The account.
    pub account: Text,
    /// The region.
    pub region: Text,
    /// `CREATING`, `ACTIVE`, `CANCELING`, `CANCELED`.
    pub status: Text,
    /// Its title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Text>,
    /// Its description: owner and reason, if people wrote them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Text>,
    /// When it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Instant>,
    /// ARNs of the points it keeps; unread if the list could not be read.
    #[serde(default, skip_serializing_if = "Fact::is_unread")]
    pub points: Fact<Vec<Text>>,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Fact::is_unread")]
    pub tags: Fact<Tags>,
}
