//! The ordered recovery runbook: which application first, from which last good copies, and who is told.
//!
//! Pure: it follows from an inventory with an application register, and from the instant.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::Instant;
use super::activity::{Activity, ActivityKind, ActivityOutcome};
use super::application::{Application, Stakeholder, order};
use super::estate::Estate;
use super::kind::Kind;
use super::recovery_point::RecoveryPoint;
use super::resource::{Existence, Resource, Versioning};
use super::span::Span;
use super::text::Text;

/// The version of the saved form.
pub const SCHEMA: &str = "lastgood.recovery/1";

/// The runbook.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Runbook {
    /// [`SCHEMA`].
    pub schema: Text,
    /// The instant for which it holds.
    pub as_of: Instant,
    /// When the inventory was read: copies made later are not in it.
    pub captured_at: Instant,
    /// The steps, first things first.
    pub steps: Vec<Step>,
    /// Recoverable things that belong to no application: nobody said when they are restored.
    pub unassigned: Vec<Item>,
    /// How many things could not be read: a better copy may exist than the one named.
    pub gaps: usize,
}

/// One application to be restored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// 1, 2, 3, …
    pub number: usize,
    /// Its id.
    pub application: Text,
    /// Its name for people.
    pub name: Text,
    /// Who answers for it.
    pub owner: Option<Text>,
    /// How much it matters.
    pub criticality: Option<Text>,
    /// How soon it must be back.
    pub rto: Option<Span>,
    /// How much may be lost.
    pub rpo: Option<Span>,
    /// What must be up before; absent where nobody said.
    pub depends_on: Option<Vec<Text>>,
    /// Who is told.
    pub stakeholders: Vec<Stakeholder>,
    /// Where its recovery is described.
    pub runbook: Option<Text>,
    /// What is restored, infrastructure before data, each from its last good copy.
    pub items: Vec<Item>,
}

/// One thing to be restored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Its ARN or identity.
    pub resource: Text,
    /// Its name for people.
    pub name: Text,
    /// What it is.
    pub kind: Kind,
    /// The last good copy; none is on record where absent.
    pub last_good: Option<LastGood>,
    /// Whether what would be lost is within the application's recovery point objective; absent where
    /// it has none.
    pub within_rpo: Option<bool>,
}

/// The newest copy from which one could restore.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LastGood {
    /// Its id: an ARN, an artefact, or the resource itself for its own restore window.
    pub id: Text,
    /// `recovery-point`, `artefact`, `restore-window`, `version-history`, or `copies-of-its-volumes`.
    pub what: Text,
    /// The instant of its data.
    pub at: Instant,
    /// How much would be lost if everything failed at the instant of the runbook.
    pub lost: Span,
    /// Where it lies: the vault, or account and region.
    pub place: Text,
}

/// Make the runbook. Circles of dependencies cannot be: the register refuses them; should there be one
/// all the same, its members come in the order of the register.
pub fn runbook(estate: &Estate<'_>, as_of: Instant) -> Runbook {
    let inventory = estate.inventory;
    let applications = &inventory.applications;
    let ordered: Vec<&Application> = order::order(applications).unwrap_or_else(|_| applications.iter().collect());
    let mut members: HashMap<&str, Vec<&Resource>> = HashMap::new();
    let recoverable = |resource: &&Resource| resource.kind.is_recoverable() && resource.existence == Existence::Present;
    for resource in inventory.resources.iter().filter(recoverable) {
        members.entry(resource.application.as_deref().unwrap_or_default()).or_default().push(resource);
    }
    let item = |resource: &&Resource, rpo| item(estate, resource, rpo, as_of);
    let steps = ordered.into_iter().enumerate().map(|(n, application)| {
        let mut members = members.remove(application.id.as_str()).unwrap_or_default();
        members.sort_by_key(|resource| (resource.kind, resource.display_name().to_owned()));
        Step {
            number: n + 1,
            application: application.id.clone(),
            name: application.name.clone().unwrap_or_else(|| application.id.clone()),
            owner: application.owner.clone(),
            criticality: application.criticality.clone(),
            rto: application.rto,
            rpo: application.rpo,
            depends_on: application.depends_on.clone(),
            stakeholders: application.stakeholders.clone(),
            runbook: application.runbook.clone(),
            items: members.iter().map(|resource| item(resource, application.rpo)).collect(),
        }
    });
    let steps = steps.collect();
    // What the register does not claim, and what a tag gives to an application that is not registered.
    let mut rest: Vec<&Resource> = members.into_values().flatten().collect();
    rest.sort_by_key(|resource| (resource.kind, resource.arn.clone()));
    Runbook {
        schema: Text::from(SCHEMA),
        as_of,
        captured_at: inventory.captured_at,
        steps,
        unassigned: rest.iter().map(|resource| item(resource, None)).collect(),
        gaps: inventory.gaps.len(),
    }
}

fn item(estate: &Estate<'_>, resource: &Resource, rpo: Option<Span>, as_of: Instant) -> Item {
    let last_good = last_good(estate, resource, as_of);
    let within_rpo = rpo.map(|rpo| last_good.as_ref().is_some_and(|copy| copy.lost <= rpo));
    Item {
        resource: resource.arn.clone(),
        name: Text::from(resource.display_name()),
        kind: resource.kind,
        last_good,
        within_rpo,
    }
}

/// The newest copy of a resource from which one could restore at `as_of`: a usable recovery point, the
/// artefact of a backup that did all it should, the resource's own restore window or version history;
/// for an instance also the copies of all its volumes, which are as good as the oldest of them.
pub fn last_good(estate: &Estate<'_>, resource: &Resource, as_of: Instant) -> Option<LastGood> {
    let points = estate.points(&resource.arn).iter().filter_map(|point| of_point(estate, point));
    let backups = estate.activities(&resource.arn).iter().filter_map(|activity| of_backup(activity));
    let window = latest_restorable(resource).map(|at| LastGood {
        id: resource.arn.clone(),
        what: Text::from("restore-window"),
        at,
        lost: Span::ZERO,
        place: place(&resource.account, &resource.region),
    });
    let others = version_history(estate, resource).into_iter().chain(of_volumes(estate, resource, as_of));
    let newest =
        points.chain(backups).chain(window).chain(others).filter(|copy| copy.at <= as_of).max_by_key(|copy| copy.at);
    newest.map(|copy| LastGood { lost: Span::between(copy.at, as_of), ..copy })
}

fn of_point(estate: &Estate<'_>, point: &RecoveryPoint) -> Option<LastGood> {
    if !point.is_usable() {
        return None;
    }
    let at = match point.continuous() {
        // A window whose end was not read reaches at least to where it began.
        Some(window) => window.latest.or(window.earliest).unwrap_or(point.started_at).min(estate.inventory.captured_at),
        None => point.data_at()?,
    };
    let place = point.vault.clone().unwrap_or_else(|| place(&point.account, &point.region));
    Some(LastGood { id: point.arn.clone(), what: Text::from("recovery-point"), at, lost: Span::ZERO, place })
}

/// A backup of the log. Those of AWS Backup count by their points alone: a job whose point is gone left nothing.
fn of_backup(activity: &Activity) -> Option<LastGood> {
    let good = activity.kind == ActivityKind::Backup
        && activity.outcome == ActivityOutcome::Succeeded
        && !activity.source.starts_with("backup:");
    let detail = activity.detail.as_deref();
    let artefact = detail.and_then(|detail| detail.artefacts.first()).map(|artefact| artefact.uri.clone());
    let place = detail.and_then(|detail| detail.target.clone().or_else(|| detail.host.clone()));
    good.then(|| LastGood {
        id: artefact.or_else(|| activity.point.clone()).unwrap_or_else(|| activity.id.clone()),
        what: Text::from("artefact"),
        at: activity.started_at,
        lost: Span::ZERO,
        place: place.unwrap_or_else(|| Text::from("as the log says")),
    })
}

/// A bucket that keeps every version can give back what was overwritten or deleted; not the bucket itself.
fn version_history(estate: &Estate<'_>, resource: &Resource) -> Option<LastGood> {
    let versioning = resource.bucket()?.versioning.known()?;
    (*versioning == Versioning::Enabled).then(|| LastGood {
        id: resource.arn.clone(),
        what: Text::from("version-history"),
        at: estate.inventory.captured_at,
        lost: Span::ZERO,
        place: Text::from("the bucket itself"),
    })
}

fn of_volumes(estate: &Estate<'_>, resource: &Resource, as_of: Instant) -> Option<LastGood> {
    let volumes = resource.instance()?.volumes.known()?;
    let copies: Option<Vec<LastGood>> =
        volumes.iter().map(|volume| last_good(estate, estate.resource(volume)?, as_of)).collect();
    let oldest = copies?.into_iter().min_by_key(|copy| copy.at)?;
    Some(LastGood { what: Text::from("copies-of-its-volumes"), ..oldest })
}

fn latest_restorable(resource: &Resource) -> Option<Instant> {
    let of_database = resource.database().and_then(|database| database.latest_restorable);
    of_database.or_else(|| resource.table().and_then(|table| table.latest_restorable))
}

fn place(account: &str, region: &str) -> Text {
    Text::from(format!("{account}/{region}"))
}
