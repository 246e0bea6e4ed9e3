//! From DLM's structures to ours. Pure.

use aws_sdk_dlm::types;

use crate::aws::convert::{maybe_text, positive};
use crate::aws::place::Place;
use crate::model::protection::{DlmPolicy, DlmSchedule, TagTest};
use crate::model::text::Text;

/// The fewest days that so many months in a row have.
const MONTHS: [i32; 12] = [0, 28, 59, 89, 120, 150, 181, 212, 242, 273, 303, 334];

/// A policy; `None` for one that copies snapshots of others when they appear: it protects nothing here.
pub(super) fn policy(place: &Place, arn: Text, policy: &types::LifecyclePolicy) -> Option<DlmPolicy> {
    let details = policy.policy_details();
    if details.and_then(|details| details.policy_type()) == Some(&types::PolicyTypeValues::EventBasedPolicy) {
        return None;
    }
    let schedules = details.and_then(|details| details.schedules.as_deref()).unwrap_or_default();
    let mut schedules: Vec<DlmSchedule> = schedules.iter().map(schedule).collect();
    // A default policy has no schedule but two numbers of days, each with a default of its own.
    if policy.default_policy() == Some(true) || details.is_some_and(|details| details.resource_type().is_some()) {
        let number = |of: Option<i32>, default: i32| positive(Some(of.unwrap_or(default).into()));
        schedules.push(DlmSchedule {
            name: Text::from("default"),
            every_hours: number(details.and_then(|details| details.create_interval()), 1).map(|days| days * 24),
            keep_days: number(details.and_then(|details| details.retain_interval()), 7),
            ..DlmSchedule::default()
        });
    }
    let target = details.and_then(|details| details.resource_type().or_else(|| details.resource_types().first()));
    let tags = details.and_then(|details| details.target_tags.as_deref()).unwrap_or_default();
    Some(DlmPolicy {
        arn: maybe_text(policy.policy_arn()).unwrap_or(arn),
        account: place.account.clone(),
        region: place.region.clone(),
        enabled: policy.state() == Some(&types::GettablePolicyStateValues::Enabled),
        target: Text::from(target.map(|target| target.as_str().to_ascii_lowercase()).unwrap_or_default()),
        target_tags: tags.iter().filter_map(test).collect(),
        schedules,
    })
}

fn test(tag: &types::Tag) -> Option<TagTest> {
    Some(TagTest { key: Text::from(tag.key()?), value: Text::from(tag.value().unwrap_or_default()) })
}

fn schedule(given: &types::Schedule) -> DlmSchedule {
    let create = given.create_rule();
    let retain = given.retain_rule();
    let number = |number: Option<i32>| number.and_then(|number| positive(Some(number.into())));
    let hours = create.filter(|rule| rule.interval_unit() == Some(&types::IntervalUnitValues::Hours));
    DlmSchedule {
        name: Text::from(given.name().unwrap_or_default()),
        every_hours: number(hours.and_then(|rule| rule.interval())),
        cron: create.and_then(|rule| maybe_text(rule.cron_expression())),
        keep_count: number(retain.and_then(|rule| rule.count())),
        keep_days: retain.and_then(|rule| days(rule.interval()?, rule.interval_unit()?)),
    }
}

/// The fewest days of a span; `None` for a unit that we do not know.
fn days(number: i32, unit: &types::RetentionIntervalUnitValues) -> Option<u32> {
    let days = match unit {
        types::RetentionIntervalUnitValues::Days => number,
        types::RetentionIntervalUnitValues::Weeks => number.checked_mul(7)?,
        types::RetentionIntervalUnitValues::Years => number.checked_mul(365)?,
        types::RetentionIntervalUnitValues::Months => {
            let rest = MONTHS.get(usize::try_from(number.checked_rem(12)?).ok()?)?;
            number.checked_div(12)?.checked_mul(365)?.checked_add(*rest)?
        }
        _ => return None,
    };
    positive(Some(days.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Place {
        Place::new(&"111122223333".into(), "eu-west-2", &"aws".into(), "2026-11-22T00:00:00Z".parse().unwrap(), 1)
    }

    fn mapped(policy: types::builders::LifecyclePolicyBuilder) -> Option<DlmPolicy> {
        super::policy(&place(), "arn".into(), &policy.build())
    }

    #[test]
    fn a_default_policy_says_days_only() {
        let details = types::PolicyDetails::builder().resource_type(types::ResourceTypeValues::Volume);
        let enabled = types::LifecyclePolicy::builder().state(types::GettablePolicyStateValues::Enabled);
        let of = |details: types::builders::PolicyDetailsBuilder| {
            let policy = mapped(enabled.clone().default_policy(true).policy_details(details.build())).unwrap();
            assert_eq!((policy.target.as_str(), policy.enabled), ("volume", true));
            (policy.schedules[0].every_hours, policy.schedules[0].keep_days)
        };
        assert_eq!(of(details.clone()), (Some(24), Some(7)), "AWS's defaults");
        assert_eq!(of(details.create_interval(7).retain_interval(14)), (Some(168), Some(14)));
    }

    #[test]
    fn retention_by_age_is_the_fewest_days() {
        use types::RetentionIntervalUnitValues as Unit;
        for (number, unit, expected) in [
            (5, Unit::Weeks, Some(35)),
            (1, Unit::Months, Some(28)),
            (14, Unit::Months, Some(365 + 59)),
            (2, Unit::Years, Some(730)),
            (3, Unit::from("FORTNIGHTS"), None),
            (-1, Unit::Months, None),
        ] {
            assert_eq!(days(number, &unit), expected, "{number} {unit:?}");
        }
    }

    #[test]
    fn an_event_based_policy_is_no_protection_and_an_error_is_not_enabled() {
        let details = types::PolicyDetails::builder().policy_type(types::PolicyTypeValues::EventBasedPolicy).build();
        assert!(mapped(types::LifecyclePolicy::builder().policy_details(details)).is_none());
        let broken = types::LifecyclePolicy::builder().state(types::GettablePolicyStateValues::Error);
        assert!(!mapped(broken).unwrap().enabled);
    }
}
