//! EFS file systems and their automatic backups.

use super::super::draft::Draft;
use super::super::view::{Got, Side, View};
use super::{Role, TypeInfo};
use crate::model::fact::Fact;
use crate::model::kind::Kind;
use crate::model::resource::{Detail, FileSystem, Resource};
use crate::model::text::Text;
use crate::sources::iac::Action;

pub(super) const TYPES: &[TypeInfo] = &[
    TypeInfo {
        name: "aws_efs_file_system",
        attributes: &["id", "arn", "region", "tags", "tags_all", "encrypted", "kms_key_id", "availability_zone_name"],
        role: Role::Whole { kind: Kind::EfsFileSystem, name: None, detail },
    },
    TypeInfo {
        name: "aws_efs_backup_policy",
        attributes: &["id", "file_system_id", "backup_policy"],
        role: Role::Part {
            of: &["aws_efs_file_system"],
            by: "file_system_id",
            facts: &["backup_policy"],
            apply: backup_policy,
            // The provider disables it.
            remove: |resource| set(resource, Fact::Known(false)),
        },
    },
];

fn detail(draft: &Draft<'_, '_>, view: View<'_, '_>, identity: &Text) -> Detail {
    let ask = draft.ask(view, Some(identity));
    // Off for what the API makes; a file system in one zone has it on, until somebody takes it off.
    let is_new = view.side == Side::After && matches!(view.instance.action, Action::Create | Action::Replace);
    let backup_policy = match view.got("availability_zone_name") {
        Got::NotSet => Fact::Known(false),
        Got::Known(_) if is_new => Fact::Known(true),
        Got::Known(_) => {
            ask.open(
                "backup_policy",
                "backup_policy",
                "is not declared in this plan, and the file system exists already",
            );
            Fact::Unread
        }
        Got::Open(why) => {
            ask.open("backup_policy", "availability_zone_name", &why);
            Fact::Unread
        }
    };
    Detail::FileSystem(FileSystem {
        encrypted: ask.flag("encrypted", "encrypted", Some(false)),
        kms_key: super::key(view, "kms_key_id"),
        backup_policy,
    })
}

fn backup_policy(draft: &Draft<'_, '_>, view: View<'_, '_>, resource: &mut Resource) {
    let status = draft.ask(view, Some(&resource.arn)).text("backup_policy", "backup_policy.0.status", None);
    set(resource, Fact::from(status.known().map(|status| status == "ENABLED")));
}

fn set(resource: &mut Resource, enabled: Fact<bool>) {
    if let Detail::FileSystem(system) = &mut resource.detail {
        system.backup_policy = enabled;
    }
}
