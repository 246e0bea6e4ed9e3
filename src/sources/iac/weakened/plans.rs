//! Backup plans, lifecycle policies, and what they leave uncovered.

use super::{Found, Of};
use crate::model::estate::Estate;
use crate::model::inventory::Inventory;
use crate::model::protection::{BackupPlan, CopyAction, DlmPolicy, PlanRule};
use crate::model::resource::Resource;
use crate::model::schedule::{MissingLocalTime, Schedule};
use crate::model::text::Text;
use crate::model::{Instant, dlm};

use chrono::TimeDelta;
use foldhash::HashMap;

pub(super) fn compare(before: &Inventory, after: &Inventory, found: &mut Found<'_>) {
    for was in &before.plans {
        let of = Of { identity: &was.arn, address: None };
        match after.plans.iter().find(|is| is.arn == was.arn || is.name == was.name) {
            Some(is) => plan(of, was, is, after.captured_at, found),
            // What only stands for a plan that is not known is none.
            None if !found.is_declared(&was.arn) => {}
            None => found.gone(of, "backup plan", &was.name),
        }
    }
    for was in &before.dlm_policies {
        let of = Of { identity: &was.arn, address: None };
        match after.dlm_policies.iter().find(|is| is.arn == was.arn) {
            Some(is) => policy(of, was, is, after.captured_at, found),
            None => found.gone(of, "lifecycle policy", crate::model::arn::short(&was.arn)),
        }
    }
    uncovered(before, after, found);
}

fn plan(of: Of<'_>, was: &BackupPlan, is: &BackupPlan, as_of: Instant, found: &mut Found<'_>) {
    for rule in &was.rules {
        let Some(now) = is.rules.iter().find(|now| now.name == rule.name) else {
            found.say(
                of,
                "rule-removed",
                "present",
                "removed",
                format!("the rule {} of plan {} is removed", rule.name, was.name),
            );
            continue;
        };
        let what = |what: &str| format!("the {what} of rule {} of plan {}", rule.name, was.name);
        if long(now.delete_after_days) < long(rule.delete_after_days) {
            let (w, i) = (days(rule.delete_after_days), days(now.delete_after_days));
            found.add(of, "retention-shortened", &what("retention"), &w, &i);
        }
        copies(of, &what, (was, rule), (is, now), found);
        if rule.continuous && !now.continuous {
            found.add(of, "protection-disabled", &what("continuous backup"), "on", "off");
        }
        if let (Some(w), Some(i)) = (interval(rule, as_of), interval(now, as_of))
            && i > w
        {
            let hours = |delta: TimeDelta| format!("every {} hours", delta.num_hours());
            found.add(of, "cadence-lowered", &what("schedule"), &hours(w), &hours(i));
        }
    }
}

/// How long something is kept, to be compared: without a limit it is kept for ever.
fn long(days: Option<u32>) -> u32 {
    days.unwrap_or(u32::MAX)
}

fn days(days: Option<u32>) -> String {
    days.map_or_else(|| "for ever".to_owned(), |days| format!("{days} days"))
}

/// The copies that a rule makes: how many, where, and for how long.
fn copies(
    of: Of<'_>,
    what: &dyn Fn(&str) -> String,
    (was, rule): (&BackupPlan, &PlanRule),
    (is, now): (&BackupPlan, &PlanRule),
    found: &mut Found<'_>,
) {
    let off_site = |plan: &BackupPlan, copy: &CopyAction| plan.copies_off_site(copy, true, true);
    if now.copies.len() < rule.copies.len() {
        let (w, i) = (rule.copies.len().to_string(), now.copies.len().to_string());
        found.add(of, "copies-removed", &what("number of copies"), &w, &i);
    } else if rule.copies.iter().any(|copy| off_site(was, copy) == Some(true))
        && now.copies.iter().all(|copy| off_site(is, copy) == Some(false))
    {
        found.add(of, "copies-removed", &what("place of the copies"), "another region or account", "its own");
    }
    for copy in rule.copies.iter().filter(|copy| !copy.vault.is_unread()) {
        let Some(same) = now.copies.iter().find(|other| other.vault == copy.vault) else { continue };
        // Without a retention of its own a copy has that of its source, of which is told already.
        if copy.delete_after_days.or(same.delete_after_days).is_none() {
            continue;
        }
        let (w, i) =
            (copy.delete_after_days.or(rule.delete_after_days), same.delete_after_days.or(now.delete_after_days));
        if long(i) < long(w) {
            found.add(of, "retention-shortened", &what("retention of a copy"), &days(w), &days(i));
        }
    }
}

/// The longest time between two starts within the next weeks.
fn interval(rule: &PlanRule, as_of: Instant) -> Option<TimeDelta> {
    let schedule = Schedule::parse(rule.schedule.as_deref(), rule.timezone.as_deref()).ok()?;
    let end = as_of.checked_add_signed(TimeDelta::days(70))?;
    let starts = schedule.occurrences(as_of, end, MissingLocalTime::Shifted);
    starts.iter().zip(starts.iter().skip(1)).map(|(a, b)| b.signed_duration_since(*a)).max()
}

fn policy(of: Of<'_>, was: &DlmPolicy, is: &DlmPolicy, as_of: Instant, found: &mut Found<'_>) {
    if was.enabled && !is.enabled {
        found.say(of, "protection-disabled", "enabled", "disabled", "the lifecycle policy is disabled".to_owned());
    }
    if let (Some(w), Some(i)) = (dlm::kept(was, as_of), dlm::kept(is, as_of))
        && i.keep < w.keep
    {
        found.add(
            of,
            "retention-shortened",
            "the retention of the lifecycle policy",
            &w.keep.spoken(),
            &i.keep.spoken(),
        );
    }
}

/// What a plan took in before, and none takes in afterwards: a tag or a selection is gone, or a plan with them.
fn uncovered(before: &Inventory, after: &Inventory, found: &mut Found<'_>) {
    let (was, is) = (Estate::new(before), Estate::new(after));
    let by_name: HashMap<&Text, &Resource> =
        after.resources.iter().filter_map(|resource| Some((resource.name.as_ref()?, resource))).collect();
    for resource in before.resources.iter().filter(|resource| resource.kind.is_recoverable()) {
        let covered = was.coverage(resource);
        let Some(covering) = covered.by.first() else { continue };
        let named = || resource.name.as_ref().and_then(|name| by_name.get(name).copied());
        let now = is.resource(&resource.arn).or_else(named);
        let Some(now) = now else { continue };
        let coverage = is.coverage(now);
        if !coverage.by.is_empty() {
            continue;
        }
        let of = Of { identity: &now.arn, address: resource.name.as_ref() };
        let noun = resource.kind.noun();
        let plan = &covering.plan.name;
        let sentence = if coverage.uncertain {
            format!(
                "backup plan {plan} takes the {noun} in today, and whether any does after the change cannot be told"
            )
        } else {
            format!("backup plan {plan} takes the {noun} in today, and none does after the change")
        };
        let becomes = if coverage.uncertain { "not known" } else { "no plan" };
        found.say(of, "left-uncovered", plan, becomes, sentence);
    }
}
