//! Volumes, instances with their block devices, and what a region does with volumes and snapshots.

use super::super::draft::Draft;
use super::super::view::View;
use super::{Role, TypeInfo};
use crate::model::fact::Fact;
use crate::model::kind::Kind;
use crate::model::resource::{Detail, Instance, Resource, Volume};
use crate::model::text::Text;
use crate::sources::iac;

pub(super) const TYPES: &[TypeInfo] = &[
    TypeInfo {
        name: "aws_ebs_volume",
        attributes: &[
            "id",
            "arn",
            "region",
            "availability_zone",
            "tags",
            "tags_all",
            "size",
            "encrypted",
            "kms_key_id",
            "snapshot_id",
        ],
        role: Role::Whole { kind: Kind::EbsVolume, name: None, detail: volume },
    },
    TypeInfo {
        name: "aws_instance",
        attributes: &[
            "id",
            "arn",
            "region",
            "availability_zone",
            "tags",
            "tags_all",
            "volume_tags",
            "root_block_device",
            "ebs_block_device",
        ],
        role: Role::Whole {
            kind: Kind::Ec2Instance,
            name: None,
            detail: |_, _, _| Detail::Instance(Instance::default()),
        },
    },
    TypeInfo {
        name: "aws_volume_attachment",
        attributes: &["id", "volume_id", "instance_id"],
        role: Role::Part { of: &["aws_ebs_volume"], by: "volume_id", facts: &[], apply: attach, remove: |_| {} },
    },
    TypeInfo {
        name: "aws_ebs_encryption_by_default",
        attributes: &["id", "enabled", "region"],
        role: Role::Region {
            apply: |draft, view, resource| {
                let on = draft.ask(view, Some(&resource.arn)).flag("ebs_encryption_by_default", "enabled", Some(true));
                if let Detail::Region(settings) = &mut resource.detail {
                    settings.ebs_encryption_by_default = on;
                }
            },
            remove: |resource| {
                if let Detail::Region(settings) = &mut resource.detail {
                    settings.ebs_encryption_by_default = Fact::Known(false);
                }
            },
        },
    },
    TypeInfo {
        name: "aws_ebs_snapshot_block_public_access",
        attributes: &["id", "state", "region"],
        role: Role::Region {
            apply: |draft, view, resource| {
                let state = draft.ask(view, Some(&resource.arn)).text("snapshot_block_public_access", "state", None);
                if let Detail::Region(settings) = &mut resource.detail {
                    settings.snapshot_block_public_access = state;
                }
            },
            remove: |resource| {
                if let Detail::Region(settings) = &mut resource.detail {
                    settings.snapshot_block_public_access = Fact::Known("unblocked".into());
                }
            },
        },
    },
    // Snapshots are protection: only their deletion matters here.
    TypeInfo { name: "aws_ebs_snapshot", attributes: &["id", "arn", "region"], role: Role::Other },
    TypeInfo { name: "aws_ami", attributes: &["id", "arn", "region"], role: Role::Other },
    TypeInfo { name: "aws_kms_key", attributes: KEY, role: Role::Other },
];

/// Keys of others: their deletion makes what lies under them unreadable.
const KEY: &[&str] = &["id", "arn", "is_enabled", "deletion_window_in_days", "region"];

fn volume(draft: &Draft<'_, '_>, view: View<'_, '_>, identity: &Text) -> Detail {
    Detail::Volume(Volume {
        size_gib: draft.ask(view, Some(identity)).size("size_gib", "size"),
        encrypted: encrypted(draft, view, identity, "", view.is_written("snapshot_id")),
        kms_key: super::key(view, "kms_key_id"),
        attached_to: Vec::new(),
    })
}

/// A volume of which nobody says it is encrypted as the region's default or its snapshot makes it.
fn encrypted(draft: &Draft<'_, '_>, view: View<'_, '_>, identity: &Text, at: &str, has_source: bool) -> Fact<bool> {
    let path = format!("{at}encrypted");
    let ask = draft.ask(view, Some(identity));
    let before = ask.count_open();
    let said = ask.flag("encrypted", &path, None);
    if !said.is_unread() || ask.count_open() > before {
        return said;
    }
    match draft.encryption_by_default(view) {
        Some(true) => Fact::Known(true),
        Some(false) if !has_source => Fact::Known(false),
        Some(false) => {
            ask.open("encrypted", &path, "is not set, so that the snapshot or image decides");
            Fact::Unread
        }
        None => {
            let why = "is not set, so that the account's encryption by default decides, which is not declared here; \
                       give the account with `--inventory`";
            ask.open("encrypted", &path, why);
            Fact::Unread
        }
    }
}

fn attach(draft: &Draft<'_, '_>, view: View<'_, '_>, resource: &mut Resource) {
    let Some(instance) = draft.named(view, "instance_id", &["aws_instance"]) else { return };
    if let Detail::Volume(volume) = &mut resource.detail {
        volume.attached_to.push(instance);
    }
}

/// The lists of an instance's block devices.
pub(in crate::sources::terraform) const DEVICES: &[&str] = &["root_block_device", "ebs_block_device"];

/// The volumes that an instance declares as block devices: each is a volume of its own.
pub(in crate::sources::terraform) fn block_devices(
    draft: &Draft<'_, '_>,
    view: View<'_, '_>,
    instance: &Resource,
) -> Vec<Resource> {
    let mut found = Vec::new();
    for list in DEVICES {
        for index in 0..view.blocks(list) {
            let at = format!("{list}.{index}.");
            let device = format!("{list}[{index}]");
            let address = format!("{}.{device}", view.instance.address);
            let id = view.text(&format!("{at}volume_id"));
            let arn = iac::identity(Kind::EbsVolume, &instance.account, &instance.region, id, &address);
            let ask = draft.ask(view, Some(&arn));
            let root = *list == "root_block_device";
            let from_snapshot = root || view.text(&format!("{at}snapshot_id")).is_some();
            let tags = ask.device_tags(draft.places, &at);
            let detail = Detail::Volume(Volume {
                size_gib: Fact::from(view.number(&format!("{at}volume_size"))),
                encrypted: encrypted(draft, view, &arn, &at, from_snapshot),
                kms_key: super::key(view, &format!("{at}kms_key_id")),
                attached_to: vec![instance.arn.clone()],
            });
            let place = (instance.account.clone(), instance.region.clone());
            found.push(iac::alike::resource(Kind::EbsVolume, arn, place, address, tags, detail));
        }
    }
    found
}
