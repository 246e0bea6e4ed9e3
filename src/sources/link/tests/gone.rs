//! What is deleted, or only not known.

use super::*;

#[test]
fn a_forgotten_resource_is_deleted_only_if_its_list_was_complete() {
    let existence = |reads: Vec<Read>| {
        let mut given = inventory();
        given.points = vec![ec2(SNAPSHOT)];
        given.reads = reads;
        let given = linked(given);
        assert_eq!((given.resources[0].arn.as_str(), given.resources[0].kind), (VOLUME, Kind::EbsVolume));
        given.resources[0].existence
    };
    assert_eq!(existence(vec![read("ec2:DescribeVolumes", REGION)]), Existence::Deleted);
    assert_eq!(existence(vec![]), Existence::Unconfirmed);
    assert_eq!(existence(vec![read("ec2:DescribeVolumes", "us-east-1")]), Existence::Unconfirmed);
    assert_eq!(existence(vec![read("ec2:DescribeInstances", REGION)]), Existence::Unconfirmed);
    let mut given = inventory();
    given.points = vec![ec2(SNAPSHOT)];
    given.resources = vec![volume(VOLUME)];
    assert_eq!(linked(given).resources.len(), 1, "it is there");
}

#[test]
fn a_forgotten_resource_of_another_account_stands_in_its_own() {
    let mut given = inventory();
    let other = "arn:aws:rds:us-east-1:999999999999:db:orders";
    given.points = vec![RecoveryPoint { resource: Some(other.into()), ..ec2(SNAPSHOT) }];
    given.reads = vec![read("rds:DescribeDBInstances", REGION)];
    let resource = &linked(given).resources[0];
    assert_eq!((resource.account.as_str(), resource.region.as_str()), ("999999999999", "us-east-1"));
    assert_eq!((resource.kind, resource.existence), (Kind::RdsInstance, Existence::Unconfirmed));
}

#[test]
fn a_bucket_is_deleted_if_the_accounts_list_lacks_it() {
    let bucket = "arn:aws:s3:::docs";
    let point = || RecoveryPoint {
        kind: PointKind::BackupPoint,
        resource: Some(bucket.into()),
        ..backup("arn:aws:backup:eu-west-2:111122223333:recovery-point:docs-1")
    };
    let existence = |point: RecoveryPoint, hints: &Hints| {
        let mut given = inventory();
        given.points = vec![point];
        given.reads = vec![read("s3:ListBuckets", "global")];
        link(&mut given, hints);
        given.resources[0].existence
    };
    assert_eq!(existence(point(), &Hints::default()), Existence::Deleted);
    let elsewhere = Hints { elsewhere: [Text::from(bucket)].into(), ..Hints::default() };
    assert_eq!(existence(point(), &elsewhere), Existence::Unconfirmed, "it is in a region that is not read");
    let mut copied = point();
    extra(&mut copied).is_copy = true;
    assert_eq!(existence(copied, &Hints::default()), Existence::Unconfirmed, "it may be another account's");
}
