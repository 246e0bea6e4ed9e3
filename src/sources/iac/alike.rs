//! What readers of infrastructure code put into an inventory in the same way, whatever the language of the code.

use std::collections::{BTreeMap, BTreeSet};

use super::{identity, spelt};
use crate::model::fact::Fact;
use crate::model::gap::Read;
use crate::model::inventory::Inventory;
use crate::model::kind::Kind;
use crate::model::protection::{BackupPlan, DlmSchedule, Selection};
use crate::model::resource::{Detail, Existence, Resource, Tags};
use crate::model::text::Text;

/// Why a selection covers nothing that could be told.
pub(in crate::sources) const UNKNOWN_PLAN: &str =
    "names a plan that is not declared here; give the account with `--inventory`";

/// A judged thing in the code. When it was made, and whose it is, no code says.
pub(in crate::sources) fn resource(
    kind: Kind,
    arn: Text,
    (account, region): (Text, Text),
    name: impl Into<Text>,
    tags: Fact<Tags>,
    detail: Detail,
) -> Resource {
    Resource {
        arn,
        kind,
        account,
        region,
        name: Some(name.into()),
        tags,
        created_at: Fact::Unread,
        application: None,
        criticality: None,
        existence: Existence::Present,
        detail,
    }
}

/// The settings of an account in a region, of which nothing is known yet.
pub(in crate::sources) fn region_settings(account: &Text, region: &Text) -> Resource {
    resource(
        Kind::AccountRegion,
        identity(Kind::AccountRegion, account, region, None, ""),
        (account.clone(), region.clone()),
        format!("settings of {region}"),
        Fact::Known(BTreeMap::new()),
        Detail::Region(Box::default()),
    )
}

/// Put a selection into its plan, in the place of the one with its id. A plan of the account, to which the code adds a
/// selection, comes into the inventory by it.
pub(in crate::sources) fn select(
    inventory: &mut Inventory,
    live: Option<&Inventory>,
    plan: &Text,
    selection: Selection,
) {
    if !inventory.plans.iter().any(|known| known.arn == *plan) {
        let live = live.and_then(|live| live.plans.iter().find(|known| known.arn == *plan));
        inventory.plans.extend(live.cloned());
    }
    if let Some(known) = inventory.plans.iter_mut().find(|known| known.arn == *plan)
        && let Fact::Known(selections) = &mut known.selections
    {
        selections.retain(|known| known.id != selection.id);
        selections.push(selection);
    }
}

/// The plan of a selection that names none which is known here: it may cover anything.
pub(in crate::sources) fn unknown_plan(account: Text, region: Text, address: &str) -> BackupPlan {
    BackupPlan {
        arn: Text::from(format!("arn:aws:backup:{region}:{account}:backup-plan:({})", spelt(address))),
        name: Text::from(address),
        account,
        region,
        rules: Vec::new(),
        selections: Fact::Unread,
    }
}

/// What these plans take in cannot be told.
pub(in crate::sources) fn leave_open(inventory: &mut Inventory, plans: &BTreeSet<Text>) {
    for plan in inventory.plans.iter_mut().filter(|plan| plans.contains(&plan.arn)) {
        plan.selections = Fact::Unread;
    }
}

/// The code arranges in this place who is told of failures.
pub(in crate::sources) fn notifies(account: Text, region: Text) -> Read {
    Read { account, region, call: Text::from("events:ListRules"), items: 0, requests: 0, since: None }
}

/// Whether new volumes are encrypted by default, as the account has it.
pub(in crate::sources) fn encryption_by_default(live: &Inventory, account: &Text, region: &Text) -> Option<bool> {
    let here = live.resources.iter().filter(|resource| resource.account == *account && resource.region == *region);
    here.filter_map(Resource::region_settings).find_map(|settings| settings.ebs_encryption_by_default.known().copied())
}

/// Whether one of two is so: known as soon as one is, and otherwise only where both are known.
pub(in crate::sources) fn any(one: &Fact<bool>, other: Fact<bool>) -> Fact<bool> {
    match (one.known(), other.known()) {
        (Some(true), _) | (_, Some(true)) => Fact::Known(true),
        (Some(false), Some(false)) => Fact::Known(false),
        _ => Fact::Unread,
    }
}

/// Why nothing is known of a cluster but what its instances say.
pub(in crate::sources) const UNKNOWN_CLUSTER: &str =
    "is of a cluster that is not declared here; give the account with `--inventory`";

/// A cluster that is not declared here and has an instance here: as the account has it, if that was given, and under the
/// name of the instance. What the account has may be public by that instance alone, which the change may end.
pub(in crate::sources) fn absent_cluster(
    live: Option<&Inventory>,
    arn: Text,
    place: (Text, Text),
    name: impl Into<Text>,
) -> Resource {
    let known =
        live.and_then(|live| live.resources.iter().find(|known| known.arn == arn && known.database().is_some()));
    let mut cluster = match known {
        Some(known) => Resource { name: Some(name.into()), ..known.clone() },
        None => resource(Kind::RdsCluster, arn, place, name, Fact::Unread, Detail::Database(Box::default())),
    };
    if let Detail::Database(database) = &mut cluster.detail
        && database.publicly_accessible == Fact::Known(true)
    {
        database.publicly_accessible = Fact::Unread;
    }
    cluster
}

/// What is not known of such a cluster, by the names of the facts.
pub(in crate::sources) fn unread_of_cluster(cluster: &Resource) -> Vec<&'static str> {
    let Detail::Database(database) = &cluster.detail else { return Vec::new() };
    let facts = [
        ("backup_retention_days", database.backup_retention_days.is_unread()),
        ("backup_window", database.backup_window.is_unread()),
        ("encrypted", database.encrypted.is_unread()),
        ("deletion_protection", database.deletion_protection.is_unread()),
        ("publicly_accessible", database.publicly_accessible.is_unread()),
        ("tags", cluster.tags.is_unread()),
    ];
    facts.into_iter().filter(|(_, unread)| *unread).map(|(fact, _)| fact).collect()
}

/// The days of one unit of a lifecycle policy of DLM; 0 for one that is not known.
pub(in crate::sources) fn days_of_unit(unit: &str) -> u32 {
    match unit {
        "DAYS" => 1,
        "WEEKS" => 7,
        "MONTHS" => 30,
        "YEARS" => 365,
        _ => 0,
    }
}

/// The schedule of a default policy of DLM: once a day and kept for seven days, unless it says otherwise (in days).
pub(in crate::sources) fn default_schedule(every: Option<u32>, keep: Option<u32>) -> DlmSchedule {
    DlmSchedule {
        name: "default".into(),
        every_hours: Some(every.unwrap_or(1).saturating_mul(24)),
        keep_days: Some(keep.unwrap_or(7)),
        ..DlmSchedule::default()
    }
}
