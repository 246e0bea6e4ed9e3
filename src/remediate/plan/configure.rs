//! Settings that can be put right by a call: versioning, default encryption, lifecycle of versions and points.

use super::{Draft, New};
use crate::model::arn::Arn;
use crate::model::assessment::Verdict;
use crate::model::plan::{Action, Disposition, PointFacts};
use crate::model::recovery_point::PointStatus;
use crate::model::resource::{Existence, Resource, Versioning};
use crate::model::text::Text;
use crate::remediate::price;

/// The verdicts of one check about one resource, and what it needs.
pub(super) fn plan(draft: &mut Draft<'_>, findings: &[&Verdict]) {
    for verdict in findings {
        let Some(resource) = draft.resource(verdict) else { continue };
        if resource.existence != Existence::Present {
            continue;
        }
        match verdict.rule.check.as_str() {
            "versioning" => versioning(draft, resource, verdict),
            "version-restore" => keep_versions(draft, resource, verdict),
            "encryption" => encryption(draft, resource, verdict),
            "retention-minimum" => keep_points(draft, resource, verdict),
            _ => {}
        }
    }
}

fn add(
    draft: &mut Draft<'_>,
    resource: &Resource,
    verdict: &Verdict,
    action: Action,
    disposition: Disposition,
    reason: String,
    warnings: Vec<String>,
) {
    let object = format!("{} {}", resource.arn, kind_of(&action));
    let new = New {
        action,
        at: None,
        object: &object,
        disposition,
        reason,
        closes: vec![verdict],
        estimate: price::calls(3, 2),
        warnings,
    };
    draft.add(resource, new);
}

/// What distinguishes two settings of one resource.
fn kind_of(action: &Action) -> String {
    match action {
        Action::EnableVersioning { .. } => "versioning".into(),
        Action::EncryptBucket { .. } => "encryption".into(),
        Action::KeepVersions { .. } => "lifecycle".into(),
        Action::KeepPoint { point, .. } => point.arn.to_string(),
        _ => "default".into(),
    }
}

fn versioning(draft: &mut Draft<'_>, resource: &Resource, verdict: &Verdict) {
    let Some(was) = resource.bucket().and_then(|bucket| bucket.versioning.known()).copied() else { return };
    if was == Versioning::Enabled {
        return;
    }
    let mut warnings =
        vec!["versioning can be suspended afterwards, never removed; every version that is kept is stored".to_owned()];
    if resource.bucket().is_some_and(|bucket| bucket.lifecycle.known().is_none_or(Vec::is_empty)) {
        warnings.push("no lifecycle rule removes previous versions: they are kept until somebody adds one".to_owned());
    }
    let reason = match was {
        Versioning::Suspended => "versioning is suspended",
        _ => "versioning was never enabled",
    };
    let action = Action::EnableVersioning { was };
    add(draft, resource, verdict, action, Disposition::NeedsApproval, reason.to_owned(), warnings);
}

fn keep_versions(draft: &mut Draft<'_>, resource: &Resource, verdict: &Verdict) {
    let Some(bucket) = resource.bucket() else { return };
    let (Some(keep), Some(rules)) = (verdict.rule.span("keep"), bucket.lifecycle.known()) else { return };
    let days = u32::try_from(keep.as_seconds().div_euclid(86_400)).unwrap_or(u32::MAX);
    let short = rules.iter().filter(|rule| rule.noncurrent_days.is_some_and(|own| own < days)).count();
    if short == 0 || bucket.versioning.known() != Some(&Versioning::Enabled) {
        return;
    }
    let reason = format!("{short} of its lifecycle rules removes previous versions before {days} days");
    let warnings = vec!["only the days until previous versions are removed change, and only upwards".to_owned()];
    let action = Action::KeepVersions { was: rules.clone(), days };
    add(draft, resource, verdict, action, Disposition::NeedsApproval, reason, warnings);
}

fn encryption(draft: &mut Draft<'_>, resource: &Resource, verdict: &Verdict) {
    if resource.region_settings().is_some() {
        let reason = "new volumes are not encrypted by default".to_owned();
        let warnings = vec!["instance types of before 2017 cannot use encrypted volumes".to_owned()];
        return add(draft, resource, verdict, Action::EncryptVolumesByDefault, Disposition::Safe, reason, warnings);
    }
    let Some(was) = resource.bucket().and_then(|bucket| bucket.encryption.known()) else { return };
    let keys = verdict.rule.expected.get("keys").and_then(|keys| keys.as_array()).cloned().unwrap_or_default();
    let named = keys.iter().filter_map(|key| key.as_str());
    // A pattern names no key; a key of another region cannot be used.
    let mut here = named.filter(|key| {
        !key.contains('*') && Arn::parse(key).is_some_and(|arn| arn.service == "kms" && *arn.region == *resource.region)
    });
    let kms_key = here.next().map(Text::from);
    if was.algorithm.starts_with("aws:kms") && (kms_key.is_none() || was.kms_key == kms_key) {
        return;
    }
    let reason = format!("its default encryption is `{}`", was.algorithm);
    let warnings = vec!["objects that are there stay as they are; who reads or writes needs the key".to_owned()];
    let action = Action::EncryptBucket { was: was.algorithm.clone(), kms_key };
    add(draft, resource, verdict, action, Disposition::NeedsApproval, reason, warnings);
}

/// Points of AWS Backup whose own lifecycle deletes them too early.
fn keep_points(draft: &mut Draft<'_>, resource: &Resource, verdict: &Verdict) {
    let Some(keep) = verdict.rule.span("keep") else { return };
    let days = u32::try_from(keep.as_seconds().saturating_add(86_399).div_euclid(86_400)).unwrap_or(u32::MAX);
    let short: Vec<_> = draft
        .estate
        .points(&resource.arn)
        .iter()
        .copied()
        // What lies elsewhere is that place's to set.
        .filter(|point| (&point.account, &point.region) == (&resource.account, &resource.region))
        .filter(|point| point.vault.is_some() && point.status == PointStatus::Completed && !point.is_parent())
        .filter(|point| point.continuous().is_none() && point.delete_after_days.is_some_and(|own| own < days))
        .collect();
    for point in short {
        let own = point.delete_after_days.unwrap_or_default();
        let reason =
            format!("{} would be deleted after {own} days, before {days}", crate::model::arn::short(&point.arn));
        let action = Action::KeepPoint { point: PointFacts::of(point, false), delete_after_days: days };
        add(draft, resource, verdict, action, Disposition::NeedsApproval, reason, Vec::new());
    }
}
