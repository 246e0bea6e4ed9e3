//! Volumes, instances with their block devices, and what a region does with snapshots.

use super::super::draft::Draft;
use super::super::value::{Props, Stuck, Told, Why};
use super::super::view::View;
use super::{TypeInfo, of};
use crate::model::fact::Fact;
use crate::model::kind::Kind;
use crate::model::resource::{Detail, Instance, Tags, Volume};
use crate::model::text::Text;
use crate::sources::iac::{CLOUDFORMATION, identity, incomplete};

pub(super) const TYPES: &[TypeInfo] = &[
    TypeInfo { name: "AWS::EC2::Volume", naming: of(Kind::EbsVolume, None), pass: 0, put: volume, holds_data: true },
    TypeInfo {
        name: "AWS::EC2::Instance",
        naming: of(Kind::Ec2Instance, None),
        pass: 0,
        put: instance,
        holds_data: false,
    },
    TypeInfo { name: "AWS::EC2::VolumeAttachment", naming: None, pass: 1, put: attachment, holds_data: false },
    TypeInfo { name: "AWS::EC2::SnapshotBlockPublicAccess", naming: None, pass: 1, put: block, holds_data: false },
];

fn volume<'t>(draft: &mut Draft<'t>, view: &View<'_, 't>) {
    let arn = &view.arn();
    let by_default = draft.encryption_by_default();
    let detail = Detail::Volume(Volume {
        // Of a volume from a snapshot the snapshot says it.
        size_gib: Fact::from(view.tell(|p| p.number("Size")).ok().flatten()),
        encrypted: view.fact(arn, "encrypted", |p| encrypted(p, by_default, p.is_set("SnapshotId"))),
        kms_key: view.name("KmsKeyId"),
        attached_to: Vec::new(),
    });
    draft.whole(view, Kind::EbsVolume, detail, "Tags");
}

/// A volume of which nobody says it is encrypted as the region's default or its snapshot makes it.
fn encrypted(p: &Props<'_>, by_default: Option<bool>, has_source: Told<bool>) -> Told<bool> {
    match (p.flag("Encrypted")?, by_default) {
        (Some(true), _) | (_, Some(true)) => Ok(true),
        // What the account's default or an encrypted snapshot demands, `false` cannot take back.
        (_, Some(false)) if !has_source? => Ok(false),
        (_, Some(false)) => {
            let why = "is not set to true, so that the snapshot or image decides";
            p.at("Encrypted")?.refuse(why)
        }
        (_, None) => {
            let why = "is not set to true, so that the account's encryption by default decides, which no template \
                       declares; give the account with `--inventory`";
            p.at("Encrypted")?.refuse(why)
        }
    }
}

/// No instance has more volumes.
const MOST_DEVICES: usize = 128;

/// Volumes that cannot be told are not judged, which must be seen.
fn devices_open(draft: &mut Draft<'_>, view: &View<'_, '_>, stuck: &Stuck) {
    let why = format!("its `{}` {}, so not all its volumes are judged", stuck.property, stuck.why.text);
    draft.inventory.gaps.push(incomplete(CLOUDFORMATION, "BlockDeviceMappings", Some(&view.declaration.id), &why));
}

fn instance<'t>(draft: &mut Draft<'t>, view: &View<'_, 't>) {
    let arn = view.arn();
    let id = &view.declaration.id;
    draft.whole(view, Kind::Ec2Instance, Detail::Instance(Instance::default()), "Tags");
    let by_default = draft.encryption_by_default();
    let (account, region) = view.place();
    let count = match view.tell(|p| Ok(p.items("BlockDeviceMappings")?.len())) {
        Ok(count) => count,
        Err(stuck) => return devices_open(draft, view, &stuck),
    };
    if count > MOST_DEVICES {
        let stuck = Why::new("holds more than an instance can have").at("BlockDeviceMappings");
        devices_open(draft, view, &stuck);
    }
    for index in 0..count.min(MOST_DEVICES) {
        let device = |p: &Props<'_>| -> Told<Option<()>> {
            let devices = p.items("BlockDeviceMappings")?;
            match devices.get(index) {
                Some(device) if device.is_set("Ebs")? => Ok(Some(())),
                _ => Ok(None),
            }
        };
        match view.tell(device) {
            Ok(Some(())) => {}
            Ok(None) => continue,
            Err(stuck) => {
                devices_open(draft, view, &stuck);
                continue;
            }
        }
        let address = format!("{id}.BlockDeviceMappings[{index}]");
        let volume = identity(Kind::EbsVolume, &account, &region, None, &address);
        let detail = Detail::Volume(Volume {
            size_gib: Fact::from(view.tell(|p| p_ebs(p, index, |e| e.number("VolumeSize"))).ok().flatten()),
            // The root device is made of the image; so may any other be.
            encrypted: view.fact(&volume, "encrypted", |p| {
                let told = p_ebs(p, index, |ebs| encrypted(ebs, by_default, Ok(true)).map(Some))?;
                told.map_or_else(|| p.refuse("is not there"), Ok)
            }),
            kms_key: view.tell(|p| p_ebs(p, index, |e| Ok(e.name("KmsKeyId")?.map(Text::from)))).ok().flatten(),
            attached_to: vec![arn.clone()],
        });
        let tags = match view.tell(|p| p.flag("PropagateTagsToVolumeOnCreation")) {
            Ok(Some(true)) => draft.tags(view, &volume, "Tags"),
            // CloudFormation gives tags of its own and of the stack to instances alone.
            Ok(_) => Fact::Known(Tags::new()),
            Err(stuck) => {
                view.open(Some(&volume), "tags", &stuck);
                Fact::Unread
            }
        };
        draft.device(view, volume, Text::from(address), tags, detail);
    }
    for volume in view.tell(|p| p.items("Volumes")?.iter().map(volume_of).collect::<Told<Vec<_>>>()).unwrap_or_default()
    {
        attach(draft, &volume, &arn);
    }
}

fn p_ebs<T>(p: &Props<'_>, index: usize, ask: impl Fn(&Props<'_>) -> Told<Option<T>>) -> Told<Option<T>> {
    match p.items("BlockDeviceMappings")?.get(index) {
        Some(device) => ask(&device.at("Ebs")?),
        None => Ok(None),
    }
}

fn volume_of(p: &Props<'_>) -> Told<String> {
    Ok(p.name("VolumeId")?.unwrap_or_default().to_owned())
}

fn attachment<'t>(draft: &mut Draft<'t>, view: &View<'_, 't>) {
    let (Some(volume), Some(instance)) = (view.name("VolumeId"), view.name("InstanceId")) else { return };
    let (account, region) = view.place();
    let arn = identity(Kind::Ec2Instance, &account, &region, Some(&instance), "");
    attach(draft, &volume, &arn);
}

/// Note that a volume is attached, once all volumes are known.
fn attach(draft: &mut Draft<'_>, volume: &str, instance: &Text) {
    let (account, region) = (draft.scope.account.clone(), draft.scope.region.clone());
    let arn = identity(Kind::EbsVolume, &account, &region, Some(volume), "");
    draft.attachments.push((arn, instance.clone()));
}

fn block<'t>(draft: &mut Draft<'t>, view: &View<'_, 't>) {
    let arn = draft.region(view);
    let state =
        view.fact(&arn, "snapshot_block_public_access", |p| Ok(Text::from(p.text("State")?.unwrap_or("unblocked"))));
    draft.wholes.insert(view.declaration.id.as_str(), arn.clone());
    if let Some(Detail::Region(settings)) = draft.resource_mut(&arn).map(|resource| &mut resource.detail) {
        settings.snapshot_block_public_access = state;
    }
}
