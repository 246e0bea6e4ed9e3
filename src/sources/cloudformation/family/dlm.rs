//! Data Lifecycle Manager.

use super::super::draft::Draft;
use super::super::value::{Props, Told};
use super::super::view::View;
use super::{TypeInfo, arn};
use crate::model::protection::{DlmPolicy, DlmSchedule, TagTest};
use crate::model::text::Text;
use crate::sources::iac::alike;

pub(super) const TYPES: &[TypeInfo] = &[TypeInfo {
    name: "AWS::DLM::LifecyclePolicy",
    naming: arn("dlm", "policy/", None),
    pass: 2,
    put: policy,
    holds_data: false,
}];

fn policy<'t>(draft: &mut Draft<'t>, view: &View<'_, 't>) {
    draft.declare_protection();
    let (account, region) = view.place();
    let arn = view.arn();
    let found = view.tell(|p| {
        Ok(DlmPolicy {
            arn: arn.clone(),
            account: account.clone(),
            region: region.clone(),
            enabled: p.text("State")?.unwrap_or("ENABLED") == "ENABLED",
            target: target(p)?,
            target_tags: target_tags(p)?,
            schedules: schedules(p)?,
        })
    });
    match view.unless_doubtful(found) {
        Ok(policy) => draft.inventory.dlm_policies.push(policy),
        Err(stuck) => {
            view.open(None, "lifecycle_policies", &stuck);
            draft.open_services.insert("dlm:");
        }
    }
}

/// `volume` or `instance`; a default policy says it as one word.
fn target(p: &Props<'_>) -> Told<Text> {
    let types = p.names("PolicyDetails.ResourceTypes")?;
    let one = match types.first() {
        Some(one) => one,
        None => p.text("PolicyDetails.ResourceType")?.or(p.text("DefaultPolicy")?).unwrap_or_default(),
    };
    Ok(Text::from(one.to_lowercase()))
}

fn target_tags(p: &Props<'_>) -> Told<Vec<TagTest>> {
    let test = |item: &Props<'_>| {
        let text = |name: &str| Ok(Text::from(item.text(name)?.unwrap_or_default()));
        Ok(TagTest { key: text("Key")?, value: text("Value")? })
    };
    p.items("PolicyDetails.TargetTags")?.iter().map(test).collect()
}

fn schedules(p: &Props<'_>) -> Told<Vec<DlmSchedule>> {
    let mut found = Vec::new();
    for schedule in p.items("PolicyDetails.Schedules")? {
        let number = |path: &str| Ok(schedule.days(path)?.filter(|number| *number > 0));
        let cron = schedule.text("CreateRule.CronExpression")?.map(Text::from);
        let days_of_unit = alike::days_of_unit(schedule.text("RetainRule.IntervalUnit")?.unwrap_or_default());
        let keep = number("RetainRule.Interval")?.map(|interval| interval.saturating_mul(days_of_unit));
        found.push(DlmSchedule {
            name: Text::from(schedule.text("Name").ok().flatten().unwrap_or_default()),
            every_hours: if cron.is_some() { None } else { number("CreateRule.Interval")? },
            cron,
            keep_count: number("RetainRule.Count")?,
            keep_days: keep.filter(|days| *days > 0),
        });
    }
    if found.is_empty() && p.is_set("DefaultPolicy")? {
        let days = |name: &str| match p.days(name)? {
            None => p.days(&format!("PolicyDetails.{name}")),
            days => Ok(days),
        };
        found.push(alike::default_schedule(days("CreateInterval")?, days("RetainInterval")?));
    }
    Ok(found)
}
