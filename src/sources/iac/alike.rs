//! What readers of infrastructure code put into an inventory in the same way, whatever the language of the code.

use std::collections::{BTreeMap, BTreeSet};

use super::{identity, spelt};
use crate::model::fact::Fact;
use crate::model::gap::Read;
use crate::model::inventory::Inventory;
use crate::model::kind::Kind;
use crate::model::protection::{BackupPlan, DlmSchedule, Selection};
use crate::model::resource::{Detail, Existence, FileSystem, Resource, Tags};
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

/// Why nothing is known of a thing but what its parts in the code say.
pub(in crate::sources) const UNKNOWN_WHOLE: &str =
    "is of something that is not declared here; give the account with `--inventory`";

/// Something that is not declared here and has a part here, such as the cluster of an instance or the bucket of a setting:
/// as the account has it, if that was given, and under the name of the part. Nothing for kinds that have no such parts.
pub(in crate::sources) fn absent(
    live: Option<&Inventory>,
    kind: Kind,
    arn: Text,
    place: (Text, Text),
    name: impl Into<Text>,
) -> Option<Resource> {
    let detail = match kind {
        Kind::RdsCluster => Detail::Database(Box::default()),
        Kind::S3Bucket => Detail::Bucket(Box::default()),
        Kind::BackupVault => Detail::Vault(Box::default()),
        Kind::EfsFileSystem => Detail::FileSystem(FileSystem::default()),
        _ => return None,
    };
    let known = live.and_then(|live| live.resources.iter().find(|known| known.arn == arn && known.kind == kind));
    let mut whole = match known {
        Some(known) => Resource { name: Some(name.into()), ..known.clone() },
        None => resource(kind, arn, place, name, Fact::Unread, detail),
    };
    // What the account has may be public by that instance alone, which the change may end.
    if let Detail::Database(database) = &mut whole.detail
        && database.publicly_accessible == Fact::Known(true)
    {
        database.publicly_accessible = Fact::Unread;
    }
    Some(whole)
}

/// What is not known of such a thing, by the names of the facts.
pub(in crate::sources) fn unread(whole: &Resource) -> Vec<&'static str> {
    let mut facts = match &whole.detail {
        Detail::Database(database) => vec![
            ("backup_retention_days", database.backup_retention_days.is_unread()),
            ("backup_window", database.backup_window.is_unread()),
            ("encrypted", database.encrypted.is_unread()),
            ("deletion_protection", database.deletion_protection.is_unread()),
            ("publicly_accessible", database.publicly_accessible.is_unread()),
        ],
        Detail::Bucket(bucket) => vec![
            ("versioning", bucket.versioning.is_unread()),
            ("encryption", bucket.encryption.is_unread()),
            ("lifecycle", bucket.lifecycle.is_unread()),
            ("object_lock", bucket.object_lock.is_unread()),
            ("replication", bucket.replication.is_unread()),
            ("public_access_block", bucket.public_access_block.is_unread()),
            ("policy_public", bucket.policy_public.is_unread()),
        ],
        Detail::Vault(vault) => vec![
            ("kms_key", vault.kms_key.is_unread()),
            ("lock", vault.lock.is_unread()),
            ("policy", vault.policy.is_unread()),
            ("notifications", vault.notifications.is_unread()),
        ],
        Detail::FileSystem(system) => {
            vec![("encrypted", system.encrypted.is_unread()), ("backup_policy", system.backup_policy.is_unread())]
        }
        _ => Vec::new(),
    };
    facts.push(("tags", whole.tags.is_unread()));
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
