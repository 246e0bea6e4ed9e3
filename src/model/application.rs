//! The system inventory: what makes up each application, who owns it, what it depends on, and how
//! soon it must be back.

pub mod order;

use chrono::{NaiveTime, Weekday};
use serde::{Deserialize, Serialize};

use super::kind::Kind;
use super::span::Span;
use super::text::Text;

/// The call whose [`Read`](super::gap::Read) proves that the application register was read.
pub const REGISTER: &str = "applications:ReadRegister";

/// How much an application can matter, most first.
pub const CRITICALITIES: &[&str] = &["critical", "high", "medium", "low"];

/// One application of the register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Application {
    /// Its id, as tags and logs name it.
    pub id: Text,
    /// Its name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Text>,
    /// Who answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Text>,
    /// `critical`, `high`, `medium` or `low`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub criticality: Option<Text>,
    /// Its IANA time zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<Text>,
    /// When it may be slowed down, in its time zone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub off_peak: Vec<OffPeak>,
    /// Recovery time objective.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rto: Option<Span>,
    /// Recovery point objective.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rpo: Option<Span>,
    /// Its place in recovery: 1 comes first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<u32>,
    /// Ids of applications that must be up before it. Absent where nobody said; empty where it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub depends_on: Option<Vec<Text>>,
    /// Who is told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stakeholders: Vec<Stakeholder>,
    /// The AWS resources that belong to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<ResourceSelector>,
    /// What belongs to it and is not of AWS.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub components: Vec<Component>,
    /// Where its recovery is described.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runbook: Option<Text>,
}

/// A stretch of off-peak hours. One that ends before it begins ends on the next day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OffPeak {
    /// The days on which it begins; empty for every day.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub days: Vec<Weekday>,
    /// Its beginning, on the wall clock of the application.
    pub from: NaiveTime,
    /// Its end.
    pub to: NaiveTime,
}

/// Somebody who is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stakeholder {
    /// Who: a person, a team, the customers.
    pub name: Text,
    /// How to reach them.
    pub contact: Text,
}

/// AWS resources, by any of what is given; each part that is given must match.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ResourceSelector {
    /// Globs of the ARN.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub arns: Vec<Text>,
    /// Tag key → globs of the value.
    #[serde(skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub tags: std::collections::BTreeMap<Text, Vec<Text>>,
    /// Kinds; empty for all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<Kind>,
    /// Globs of the account.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<Text>,
    /// Globs of the region.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<Text>,
}

/// A declared component: judged like a resource, known by its logs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Component {
    /// Its name inside the application. Its identity is [`Component::arn`].
    pub name: Text,
    /// `mysql`, `postgresql`, `repository`, `configuration` or `files`.
    pub kind: Kind,
    /// Its own criticality, if it is not the application's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub criticality: Option<Text>,
    /// What it is, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Text>,
    /// Since when it has to be backed up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<chrono::NaiveDate>,
    /// Where its backups are to lie: URIs or globs. `secure-location` and `integrity-check` hold the logs
    /// against them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stored_in: Vec<Text>,
    /// What a backup of it must hold: paths, databases, URLs. A folder holds what lies in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Text>,
    /// Which log records are about it, besides those that name it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub logged_as: Vec<LoggedAs>,
}

/// Log records that are about a component; each part that is given must match.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LoggedAs {
    /// The tool's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool: Option<Text>,
    /// Glob of the machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<Text>,
    /// Glob of what the record names as its resource, or of one of its sources.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<Text>,
}

impl Component {
    /// The identity of a component in inventories, logs and reports: `component:APPLICATION/NAME`.
    pub fn arn(&self, application: &str) -> Text {
        Text::from(format!("component:{application}/{}", self.name))
    }
}
