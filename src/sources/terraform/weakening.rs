//! What a change takes away that no fact of the inventory shows: switches of Terraform itself, snapshots and keys.

use super::draft::Draft;
use super::plan::{Instance, Plan};
use super::view::{Side, View};
use crate::model::text::Text;
use crate::sources::iac::{Action, Weakening};

/// Every weakening of a plan.
pub(super) fn of(plan: &Plan<'_>, before: &Draft<'_, '_>, after: &Draft<'_, '_>) -> Vec<Weakening> {
    let mut found = Vec::new();
    for (index, instance) in plan.instances.iter().enumerate().filter(|(_, instance)| instance.info.is_some()) {
        let identity = [after, before]
            .iter()
            .find_map(|draft| draft.wholes.get(index).cloned().flatten().or_else(|| draft.identity(index).cloned()));
        let identity = identity.unwrap_or_else(|| Text::from(instance.address));
        for (code, was, is, sentence) in of_instance(plan, instance) {
            found.push(Weakening {
                address: Text::from(instance.address),
                declared_type: Text::from(instance.ty),
                identity: identity.clone(),
                code: Text::from(code),
                before: Text::from(was),
                after: Text::from(is),
                sentence: Text::from(sentence),
            });
        }
    }
    found
}

type Said = (&'static str, String, String, String);

fn of_instance(plan: &Plan<'_>, instance: &Instance<'_>) -> Vec<Said> {
    let before = View { plan, instance, side: Side::Before };
    let after = View { plan, instance, side: Side::After };
    let mut found = Vec::new();
    let removed = match instance.action {
        Action::Delete => Some("deleted"),
        Action::Replace => Some("deleted and made anew"),
        _ => None,
    };
    if let Some(how) = removed {
        found.extend(deleted(before, instance.ty, how));
    }
    if instance.action == Action::Create
        && instance.ty == "aws_backup_vault"
        && after.flag("force_destroy") == Some(true)
    {
        let sentence = "`force_destroy` is on: the deletion of the vault will take its recovery points along";
        found.push(("deletion-eased", "off".to_owned(), "on".to_owned(), sentence.to_owned()));
    }
    if matches!(instance.action, Action::Update | Action::Replace) {
        switched(before, after, &mut found);
    }
    found
}

fn deleted(before: View<'_, '_>, ty: &str, how: &str) -> Option<Said> {
    let name = before.text("id").unwrap_or(before.instance.address);
    let said = |code, sentence| Some((code, "present".to_owned(), how.to_owned(), sentence));
    match ty {
        "aws_db_instance" | "aws_rds_cluster" | "aws_docdb_cluster" | "aws_neptune_cluster"
            if before.flag("skip_final_snapshot") == Some(true) =>
        {
            said(
                "deleted-without-snapshot",
                format!("the database is {how} without a final snapshot (`skip_final_snapshot`)"),
            )
        }
        "aws_db_snapshot" | "aws_db_cluster_snapshot" | "aws_ebs_snapshot" | "aws_ami" => {
            said("deleted", format!("the recovery point {name} is {how}"))
        }
        "aws_kms_key" => {
            said("deleted", format!("the key {name} is {how}: what is encrypted under it cannot be read any more"))
        }
        // A new lock in its place is compared with the old one.
        "aws_backup_vault_lock_configuration" if how == "deleted" => said(
            "lock-removed",
            format!("the lock of vault {} is {how}", before.text("backup_vault_name").unwrap_or(name)),
        ),
        "aws_backup_selection" if how == "deleted" => said("deleted", format!("the selection {name} is {how}")),
        "aws_s3_bucket" if before.flag("force_destroy") == Some(true) => {
            said("deleted-by-force", format!("the bucket {name} is {how} with everything in it (`force_destroy`)"))
        }
        // These are replaced as they are deleted: the points of a vault go with it.
        "aws_backup_vault" if how != "deleted" => said("deleted", format!("the vault {name} is {how}")),
        _ => None,
    }
}

/// Switches that make a later deletion easier.
fn switched(before: View<'_, '_>, after: View<'_, '_>, found: &mut Vec<Said>) {
    for attribute in ["force_destroy", "skip_final_snapshot", "delete_automated_backups"] {
        let was = before.flag(attribute);
        if was == Some(false) && after.flag(attribute) == Some(true) {
            let sentence = match attribute {
                "force_destroy" => "`force_destroy` is switched on: its deletion will take everything in it along",
                "skip_final_snapshot" => "`skip_final_snapshot` is switched on: its deletion will leave no copy",
                _ => "`delete_automated_backups` is switched on: its deletion will take its backups along",
            };
            found.push(("deletion-eased", "off".to_owned(), "on".to_owned(), sentence.to_owned()));
        }
    }
    if before.flag("is_enabled") == Some(true) && after.flag("is_enabled") == Some(false) {
        let sentence = "the key is disabled: what is encrypted under it cannot be read until it is enabled again";
        found.push(("key-disabled", "enabled".to_owned(), "disabled".to_owned(), sentence.to_owned()));
    }
    if let (Some(was), Some(is)) = (before.number("deletion_window_in_days"), after.number("deletion_window_in_days"))
        && is < was
    {
        let sentence = format!("the waiting time before the key is deleted is shortened from {was} to {is} days");
        found.push(("retention-shortened", was.to_string(), is.to_string(), sentence));
    }
}
