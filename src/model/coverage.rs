//! Which AWS Backup selections take a resource in.
//!
//! The formula is that of the AWS Backup developer guide ("Assigning resources"):
//!
//! ```text
//! candidate = matches any of Resources, or carries any tag of ListOfTags
//! selected  = candidate, and every condition holds, and none of NotResources matches
//! covered   = selected, and the type is opted in where the way it was matched needs that
//! ```

mod named;

use super::arn::Arn;
use super::fact::Fact;
use super::glob;
use super::kind::Kind;
use super::protection::{BackupPlan, ConditionOperator, Selection};
use super::resource::{RegionSettings, Resource, Tags};
use named::Named;

/// Whether one selection takes a resource in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selected {
    /// It does not.
    No,
    /// It would, but the resource type is not opted in, so no job is ever made.
    NotOptedIn,
    /// It cannot be told, since tags or opt-in settings were not read.
    Unknown,
    /// It does.
    Yes {
        /// Whether the answer rests on how AWS treats a missing tag under a negated condition,
        /// which its documentation shows only by example.
        inferred: bool,
    },
}

/// A plan and selection that take a resource in.
#[derive(Clone, Copy, Debug)]
pub struct Covering<'a> {
    /// The plan.
    pub plan: &'a BackupPlan,
    /// The selection.
    pub selection: &'a Selection,
    /// For a volume: the instance whose backup takes it along.
    pub through: Option<&'a Resource>,
    /// See [`Selected::Yes`].
    pub inferred: bool,
}

/// All that is known of how a resource is covered.
#[derive(Clone, Debug, Default)]
pub struct Coverage<'a> {
    /// The plans that cover it.
    pub by: Vec<Covering<'a>>,
    /// A plan selects it, but its type is not opted in.
    pub not_opted_in: Option<&'a BackupPlan>,
    /// Something could not be read that might cover it.
    pub uncertain: bool,
}

/// AWS Backup's name of the resource type, the key of the opt-in settings.
pub fn backup_type(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::EbsVolume => Some("EBS"),
        Kind::Ec2Instance => Some("EC2"),
        Kind::S3Bucket => Some("S3"),
        Kind::RdsInstance => Some("RDS"),
        Kind::RdsCluster => Some("Aurora"),
        Kind::DynamodbTable => Some("DynamoDB"),
        Kind::EfsFileSystem => Some("EFS"),
        _ => None,
    }
}

/// A selection, so prepared that many resources can be held against it.
#[derive(Debug)]
pub struct Selector<'a> {
    /// The selection.
    pub selection: &'a Selection,
    resources: Named<'a>,
    not_resources: Named<'a>,
}

impl<'a> Selector<'a> {
    /// Prepare a selection.
    pub fn new(selection: &'a Selection) -> Self {
        let (resources, not_resources) = (Named::new(&selection.resources), Named::new(&selection.not_resources));
        Self { selection, resources, not_resources }
    }

    /// Whether it takes `resource` in, given the region's settings.
    pub fn selects(&self, resource: &Resource, settings: Option<&RegionSettings>) -> Selected {
        selects(self, resource, settings)
    }
}

fn selects(selector: &Selector<'_>, resource: &Resource, settings: Option<&RegionSettings>) -> Selected {
    let Selector { selection, resources, not_resources } = selector;
    if not_resources.matching(&resource.arn).next().is_some() {
        return Selected::No;
    }
    // What is declared and does not exist yet has an ARN with parts that are not known.
    let may_be_left_out = not_resources.may_match(&resource.arn);
    let matched: Vec<&str> = resources.matching(&resource.arn).collect();
    let by_tag = any_tag(selection, &resource.tags);
    let may_be_named = matched.is_empty() && resources.may_match(&resource.arn);
    if matched.is_empty() && by_tag == Some(false) && !may_be_named {
        return Selected::No;
    }
    let mut unsure = may_be_left_out || (matched.is_empty() && by_tag != Some(true));
    let mut inferred = false;
    for condition in &selection.conditions {
        let Some(tags) = resource.tags.known() else {
            unsure = true;
            continue;
        };
        let key = condition.key.strip_prefix("aws:ResourceTag/").unwrap_or(&condition.key);
        let value = tags.get(key);
        let holds = match (condition.operator, value) {
            (ConditionOperator::StringEquals, value) => value.is_some_and(|value| *value == condition.value),
            (ConditionOperator::StringLike, value) => value.is_some_and(|value| glob::matches(&condition.value, value)),
            (ConditionOperator::StringNotEquals, Some(value)) => *value != condition.value,
            (ConditionOperator::StringNotLike, Some(value)) => !glob::matches(&condition.value, value),
            (_, None) => {
                inferred = true;
                true
            }
        };
        if !holds {
            return Selected::No;
        }
    }
    if unsure {
        return Selected::Unknown;
    }
    // A resource type that is named outright needs no opt-in; one reached by a wide pattern or by tag does.
    if matched.iter().any(|pattern| names_type(pattern, resource.kind)) {
        return Selected::Yes { inferred };
    }
    match opted_in(resource.kind, settings) {
        Some(true) => Selected::Yes { inferred },
        Some(false) => Selected::NotOptedIn,
        None => Selected::Unknown,
    }
}

fn any_tag(selection: &Selection, tags: &Fact<Tags>) -> Option<bool> {
    if selection.list_of_tags.is_empty() {
        return Some(false);
    }
    let tags = tags.known()?;
    Some(selection.list_of_tags.iter().any(|test| tags.get(&test.key) == Some(&test.value)))
}

/// Whether a pattern names the resource type itself. Cluster ARNs are shared by several services
/// (RDS, Aurora, Neptune, DocumentDB), so they need the opt-in even when spelt out.
fn names_type(pattern: &str, kind: Kind) -> bool {
    if kind == Kind::RdsCluster {
        return false;
    }
    Arn::parse(pattern).is_some_and(|arn| !arn.resource.starts_with('*') && !arn.service.contains('*'))
}

fn opted_in(kind: Kind, settings: Option<&RegionSettings>) -> Option<bool> {
    let preferences = settings?.backup_opt_in.known()?;
    Some(backup_type(kind).is_some_and(|name| preferences.get(name).copied().unwrap_or(false)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::protection::{Condition, TagTest};
    use crate::model::text::Text;

    fn volume(tags: &[(&str, &str)]) -> Resource {
        Resource {
            application: None,
            criticality: None,
            arn: "arn:aws:ec2:eu-west-2:111122223333:volume/vol-1".into(),
            kind: Kind::EbsVolume,
            account: "111122223333".into(),
            region: "eu-west-2".into(),
            name: None,
            tags: Fact::Known(tags.iter().map(|(k, v)| (Text::from(*k), Text::from(*v))).collect()),
            created_at: Fact::Unread,
            existence: crate::model::resource::Existence::Present,
            detail: crate::model::resource::Detail::None,
        }
    }

    fn opt_in(ebs: bool) -> RegionSettings {
        RegionSettings { backup_opt_in: Fact::Known([(Text::from("EBS"), ebs)].into()), ..RegionSettings::default() }
    }

    fn selection(
        resources: &[&str],
        tags: &[(&str, &str)],
        conditions: &[(ConditionOperator, &str, &str)],
    ) -> Selection {
        Selection {
            resources: resources.iter().map(|r| Text::from(*r)).collect(),
            list_of_tags: tags.iter().map(|(k, v)| TagTest { key: (*k).into(), value: (*v).into() }).collect(),
            conditions: conditions
                .iter()
                .map(|(operator, key, value)| Condition {
                    operator: *operator,
                    key: format!("aws:ResourceTag/{key}").into(),
                    value: (*value).into(),
                })
                .collect(),
            ..Selection::default()
        }
    }

    fn selects(selection: &Selection, resource: &Resource, settings: Option<&RegionSettings>) -> Selected {
        Selector::new(selection).selects(resource, settings)
    }

    const ALL_VOLUMES: &str = "arn:aws:ec2:*:*:volume/*";
    const YES: Selected = Selected::Yes { inferred: false };

    #[test]
    fn vector_08_resources_and_tags_are_a_union() {
        let s = selection(&[ALL_VOLUMES], &[("backup", "yes")], &[]);
        assert_eq!(selects(&s, &volume(&[]), Some(&opt_in(true))), YES, "the tag does not narrow the pattern");
        let tags_only = selection(&[], &[("backup", "yes"), ("backup", "daily")], &[]);
        assert_eq!(selects(&tags_only, &volume(&[("backup", "daily")]), Some(&opt_in(true))), YES);
        assert_eq!(selects(&tags_only, &volume(&[("backup", "no")]), Some(&opt_in(true))), Selected::No);
    }

    #[test]
    fn vector_08_conditions_are_an_intersection() {
        let s = selection(&[ALL_VOLUMES], &[], &[(ConditionOperator::StringEquals, "env", "prod")]);
        assert_eq!(selects(&s, &volume(&[("env", "prod")]), None), YES);
        assert_eq!(selects(&s, &volume(&[]), None), Selected::No);
        let twice = selection(
            &[ALL_VOLUMES],
            &[],
            &[(ConditionOperator::StringEquals, "env", "prod"), (ConditionOperator::StringEquals, "env", "test")],
        );
        assert_eq!(
            selects(&twice, &volume(&[("env", "prod")]), None),
            Selected::No,
            "two equals on one key match nothing"
        );
        let like = selection(&[ALL_VOLUMES], &[], &[(ConditionOperator::StringLike, "env", "*")]);
        assert_eq!(selects(&like, &volume(&[("env", "")]), None), YES);
        assert_eq!(selects(&like, &volume(&[]), None), Selected::No);
    }

    #[test]
    fn vector_08_a_negated_condition_takes_untagged_resources_in_by_inference() {
        let s = selection(&[ALL_VOLUMES], &[], &[(ConditionOperator::StringNotEquals, "stage", "test")]);
        assert_eq!(selects(&s, &volume(&[]), None), Selected::Yes { inferred: true });
        assert_eq!(selects(&s, &volume(&[("stage", "test")]), None), Selected::No);
        assert_eq!(selects(&s, &volume(&[("stage", "prod")]), None), YES);
    }

    #[test]
    fn vector_08_not_resources_wins() {
        let s =
            Selection { not_resources: vec!["*vol-1".into()], ..selection(&[ALL_VOLUMES, "*"], &[("a", "b")], &[]) };
        assert_eq!(selects(&s, &volume(&[("a", "b")]), Some(&opt_in(true))), Selected::No);
    }

    #[test]
    fn vector_08_opt_in_is_needed_for_wide_patterns_and_tags_only() {
        let service = selection(&["arn:aws:ec2:*"], &[], &[]);
        assert_eq!(selects(&service, &volume(&[]), Some(&opt_in(false))), Selected::NotOptedIn);
        assert_eq!(selects(&service, &volume(&[]), Some(&opt_in(true))), YES);
        assert_eq!(selects(&service, &volume(&[]), None), Selected::Unknown);
        let typed = selection(&[ALL_VOLUMES], &[], &[]);
        assert_eq!(selects(&typed, &volume(&[]), Some(&opt_in(false))), YES);
        let tagged = selection(&[], &[("a", "b")], &[]);
        assert_eq!(selects(&tagged, &volume(&[("a", "b")]), Some(&opt_in(false))), Selected::NotOptedIn);
        let everything = selection(&["*"], &[], &[]);
        assert_eq!(selects(&everything, &volume(&[]), Some(&opt_in(false))), Selected::NotOptedIn);
    }

    #[test]
    fn unread_tags_are_not_missing_tags() {
        let unread = Resource { tags: Fact::Unread, ..volume(&[]) };
        let tagged = selection(&[], &[("a", "b")], &[]);
        assert_eq!(selects(&tagged, &unread, Some(&opt_in(true))), Selected::Unknown);
        let both = selection(&[ALL_VOLUMES], &[("a", "b")], &[]);
        assert_eq!(selects(&both, &unread, None), YES, "the pattern alone is enough");
        let conditioned = selection(&[ALL_VOLUMES], &[], &[(ConditionOperator::StringEquals, "a", "b")]);
        assert_eq!(selects(&conditioned, &unread, None), Selected::Unknown);
    }
}
