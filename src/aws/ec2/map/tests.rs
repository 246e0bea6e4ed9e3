use aws_sdk_ec2::types;
use aws_smithy_types::DateTime;

use super::*;

fn place() -> Place {
    Place::new(&"111122223333".into(), "eu-west-2", &"aws-cn".into(), "2026-11-22T00:00:00Z".parse().unwrap(), 1)
}

fn tag(key: &str, value: &str) -> types::Tag {
    types::Tag::builder().key(key).value(value).build()
}

fn snap() -> types::builders::SnapshotBuilder {
    types::Snapshot::builder()
        .snapshot_id("snap-1")
        .volume_id("vol-1")
        .state(types::SnapshotState::Completed)
        .start_time(DateTime::from_secs(1_790_000_000))
}

fn mapped(snap: types::builders::SnapshotBuilder) -> (RecoveryPoint, Option<Copy>) {
    snapshot(&place(), &snap.build()).unwrap()
}

#[test]
fn arns_take_the_callers_partition() {
    let (point, _) = mapped(snap());
    assert_eq!(point.arn, "arn:aws-cn:ec2:eu-west-2::snapshot/snap-1");
    assert_eq!(point.resource.as_deref(), Some("arn:aws-cn:ec2:eu-west-2:111122223333:volume/vol-1"));
}

#[test]
fn states_of_snapshots() {
    use types::SnapshotState as Theirs;
    for (state, status) in [
        (Theirs::Completed, PointStatus::Completed),
        (Theirs::Pending, PointStatus::Creating),
        (Theirs::Error, PointStatus::Error),
        (Theirs::Recoverable, PointStatus::Recoverable),
        (Theirs::Recovering, PointStatus::Recoverable),
        (Theirs::from("quantum"), PointStatus::Other("quantum".into())),
    ] {
        assert_eq!(mapped(snap().state(state)).0.status, status);
    }
}

#[test]
fn vector_13_the_volume_id_of_a_copy_is_never_believed() {
    let bogus = mapped(snap().volume_id("vol-ffffffff"));
    assert!(bogus.0.is_copy() && bogus.0.resource.is_none() && bogus.1.is_none());
    let timed = mapped(snap().transfer_type(types::TransferType::Standard));
    assert!(timed.0.is_copy() && timed.0.resource.is_none());
    let described = mapped(snap().description("[Copied snap-9 from us-east-1] nightly"));
    assert!(described.0.is_copy() && described.0.resource.is_none());
    assert_eq!(described.1.unwrap().source, "arn:aws-cn:ec2:us-east-1::snapshot/snap-9");
    let volume = "arn:aws-cn:ec2:us-east-1:111122223333:volume/vol-7";
    let tagged = mapped(snap().volume_id("vol-ffffffff").tags(tag("aws:backup:source-resource", volume)));
    assert_eq!(tagged.0.resource.as_deref(), Some(volume));
    let instance = "arn:aws-cn:ec2:us-east-1:111122223333:instance/i-7";
    let tagged = mapped(snap().volume_id("vol-ffffffff").tags(tag("aws:backup:source-resource", instance)));
    assert_eq!(tagged.0.resource, None, "a snapshot does not restore an instance");
}

#[test]
fn a_description_that_people_wrote_names_no_source() {
    for text in
        ["[Copied snap-9]", "[Copied vol-1 from us-east-1]", "[Copied snap-1 from ]", "[Copied snap-\n from x y]"]
    {
        assert_eq!(mapped(snap().description(text)).1, None, "{text}");
    }
    assert!(!mapped(snap().description("Copied snap-9 from us-east-1")).0.is_copy());
}

#[test]
fn snapshots_of_dlm_carry_their_policy_and_end() {
    let (point, _) = mapped(
        snap()
            .tags(tag("aws:dlm:lifecycle-policy-id", "policy-1"))
            .tags(tag("aws:dlm:lifecycle-schedule-name", "daily"))
            .tags(tag("aws:dlm:expirationTime", "2026-12-04T09:16:37.130+0000")),
    );
    let extra = point.extra.unwrap();
    assert_eq!(extra.managed_by.as_deref(), Some("dlm"));
    assert_eq!(extra.created_by, Some(CreatedBy { plan: "policy-1".into(), rule: Some("daily".into()) }));
    assert_eq!(point.delete_at.unwrap().to_rfc3339(), "2026-12-04T09:16:37.130+00:00");
    let (owned, _) =
        mapped(snap().tags(tag("aws:backup:source-resource", "x")).tags(tag("aws:dlm:lifecycle-policy-id", "y")));
    assert_eq!(owned.extra.unwrap().managed_by.as_deref(), Some("aws-backup"));
}

#[test]
fn what_makes_an_item_meaningless_is_reported() {
    let without = |snap: types::Snapshot| snapshot(&place(), &snap).unwrap_err();
    assert_eq!(without(types::Snapshot::builder().build()), Missing("SnapshotId"));
    assert_eq!(without(types::Snapshot::builder().snapshot_id("s").build()), Missing("StartTime"));
    assert_eq!(volume(&place(), &types::Volume::builder().build()).unwrap_err(), Missing("VolumeId"));
    assert_eq!(instance(&place(), &types::Instance::builder().build()).unwrap_err(), Missing("InstanceId"));
    assert!(image(&place(), &types::Image::builder().image_id("a").creation_date("soon").build()).is_err());
}

#[test]
fn facts_that_ec2_leaves_out_stay_unread() {
    let (point, _) = mapped(snap());
    assert!(point.encrypted.is_unread() && point.size.is_none());
    let volume = volume(&place(), &types::Volume::builder().volume_id("vol-1").build()).unwrap().unwrap();
    assert!(volume.created_at.is_unread());
    let detail = volume.volume().unwrap();
    assert!(detail.encrypted.is_unread() && detail.size_gib.is_unread() && detail.attached_to.is_empty());
}

#[test]
fn instances_that_go_and_things_of_restore_tests_are_left_out() {
    let with = |name: types::InstanceStateName| {
        let state = types::InstanceState::builder().name(name).build();
        instance(&place(), &types::Instance::builder().instance_id("i-1").state(state).build()).unwrap()
    };
    assert!(with(types::InstanceStateName::Terminated).is_none());
    assert!(with(types::InstanceStateName::ShuttingDown).is_none());
    let stopped = with(types::InstanceStateName::Stopped).unwrap();
    assert_eq!(stopped.instance().unwrap().state, Fact::Known("stopped".into()));
    let tested = types::Volume::builder().volume_id("vol-1").tags(tag("awsbackup-restore-test", "plan"));
    assert!(volume(&place(), &tested.build()).unwrap().is_none());
}

fn ami() -> types::builders::ImageBuilder {
    let ebs = types::EbsBlockDevice::builder().snapshot_id("snap-1").volume_size(8).build();
    types::Image::builder()
        .image_id("ami-1")
        .creation_date("2026-11-20T03:00:00.000Z")
        .state(types::ImageState::Available)
        .block_device_mappings(types::BlockDeviceMapping::builder().ebs(ebs).build())
        .block_device_mappings(types::BlockDeviceMapping::builder().virtual_name("ephemeral0").build())
}

#[test]
fn images_name_their_members_and_their_instance() {
    let (point, copy) = image(&place(), &ami().source_instance_id("i-1").source_image_id("ami-0").build()).unwrap();
    assert_eq!(point.resource.as_deref(), Some("arn:aws-cn:ec2:eu-west-2:111122223333:instance/i-1"));
    let extra = point.extra.unwrap();
    assert_eq!(extra.members, ["arn:aws-cn:ec2:eu-west-2::snapshot/snap-1"]);
    assert!(copy.is_none() && !extra.is_copy && point.encrypted.is_unread());
    assert_eq!(point.size, Some(8 << 30));
}

#[test]
fn copied_images_have_no_instance_of_their_own() {
    let built = ami().source_image_id("ami-0").source_image_region("us-east-1").build();
    let (point, copy) = image(&place(), &built).unwrap();
    assert!(point.is_copy() && point.resource.is_none());
    assert_eq!(copy.unwrap().source, "arn:aws-cn:ec2:us-east-1::image/ami-0");
    let (golden, _) = image(&place(), &ami().build()).unwrap();
    assert!(golden.resource.is_none() && !golden.is_copy(), "registered by hand: it may come from anywhere");
}

#[test]
fn states_of_images() {
    for (state, status, disabled) in [
        (types::ImageState::Available, PointStatus::Completed, false),
        (types::ImageState::Disabled, PointStatus::Completed, true),
        (types::ImageState::Pending, PointStatus::Creating, false),
        (types::ImageState::Failed, PointStatus::Error, false),
        (types::ImageState::Deregistered, PointStatus::Deleting, false),
        (types::ImageState::from("new"), PointStatus::Other("new".into()), false),
    ] {
        let (point, _) = image(&place(), &ami().state(state).build()).unwrap();
        assert_eq!((point.status, point.extra.unwrap().disabled), (status, disabled));
    }
}

#[test]
fn locks_keep_their_state_and_end() {
    let locked = types::LockedSnapshotsInfo::builder()
        .snapshot_id("snap-1")
        .lock_state(types::LockState::ComplianceCooloff)
        .lock_expires_on(DateTime::from_secs(1_800_000_000));
    let (id, lock) = lock(&locked.build()).unwrap().unwrap();
    assert_eq!((id.as_str(), lock.state.as_str()), ("snap-1", "compliance-cooloff"));
    assert!(lock.until.is_some());
}
