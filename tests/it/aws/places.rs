//! Several accounts and regions at once.

use lastgood::model::gap::GapStatus;
use lastgood::model::resource::Existence;
use serde_json::json;

use super::estate::PER_REGION;
use super::server::{ACCOUNT, REGION, Server};

const OTHER: &str = "210987654321";

#[test]
fn two_accounts_and_two_regions_are_kept_apart() {
    let (server, ids) = Server::with(json!({"estates": [
        {"volumes": [{"key": "v1"}], "buckets": [{"name": "here"}]},
        {"region": "eu-west-1", "volumes": [{"key": "v2"}], "buckets": [{"name": "there"}]},
        {"region": "ap-south-1", "buckets": [{"name": "elsewhere"}]},
        {"account": OTHER, "volumes": [{"key": "v3"}], "vaults": [{"name": "safe"}],
         "recovery_points": [{"key": "p3", "vault": "safe", "resource": "v3"},
            {"key": "p4", "vault": "safe", "resource": "arn:aws:s3:::elsewhere"}]},
        {"vaults": [{"name": "own"}], "recovery_points": [{"key": "p5", "vault": "own", "resource": "arn:aws:s3:::elsewhere"}]}
    ]}));
    let mut options = server.options();
    options.regions = vec![REGION.into(), "eu-west-1".into()];
    options.assume_roles = vec![format!("arn:aws:iam::{OTHER}:role/scan")];
    options.external_id = Some("secret".into());
    server.reset_requests();
    let collected = server.try_collect(&options).unwrap();
    let (inventory, asked) = (collected.inventory, server.requests());
    assert_eq!(asked["sts:AssumeRole"], 1, "one session serves all regions and services");
    assert_eq!(collected.requests, asked.values().sum::<u64>());
    assert_eq!(inventory.gaps, []);
    assert_eq!(inventory.accounts, [ACCOUNT, OTHER]);
    assert_eq!(inventory.regions, ["eu-west-1", REGION]);
    for (key, account, region) in [("v1", ACCOUNT, REGION), ("v2", ACCOUNT, "eu-west-1"), ("v3", OTHER, REGION)] {
        let volume = inventory.resources.iter().find(|resource| resource.arn == ids.arn(key)).unwrap();
        assert_eq!((volume.account.as_str(), volume.region.as_str()), (account, region));
    }
    let bucket = |name: &str| {
        inventory.resources.iter().find(|resource| resource.arn == format!("arn:aws:s3:::{name}").as_str()).unwrap()
    };
    assert_eq!(bucket("here").region, REGION);
    assert_eq!(bucket("there").region, "eu-west-1");
    // It exists outside of the regions that were read, so it is neither judged nor called deleted.
    assert_eq!(bucket("elsewhere").existence, Existence::Unconfirmed);
    assert!(bucket("elsewhere").bucket().is_none());
    let point = inventory.points.iter().find(|point| point.arn == ids.arn("p3")).unwrap();
    assert_eq!(point.account, OTHER);
    let walks = |call: &str| inventory.reads.iter().filter(|read| read.call == call).count();
    assert_eq!((walks("ec2:DescribeVolumes"), walks("s3:ListBuckets")), (4, 2));
}

#[test]
fn without_named_regions_all_enabled_ones_are_read() {
    let server = Server::start();
    let mut options = server.options();
    options.regions = Vec::new();
    let collected = server.try_collect(&options).unwrap();
    assert_eq!(collected.inventory.gaps, []);
    assert!(collected.inventory.regions.len() > 10, "{:?}", collected.inventory.regions);
    assert_eq!(collected.requests, 3 + PER_REGION * collected.inventory.regions.len() as u64);
}

#[test]
fn a_role_that_cannot_be_assumed_is_a_gap_of_its_account() {
    let server = Server::start();
    server.faults(json!([{"operation": "sts:AssumeRole", "fault": "AccessDenied"}]));
    let mut options = server.options();
    options.assume_roles = vec![format!("arn:aws:iam::{OTHER}:role/scan")];
    let inventory = server.try_collect(&options).unwrap().inventory;
    assert_eq!(inventory.accounts, [ACCOUNT, OTHER], "it was to be read");
    assert_eq!(inventory.gaps.len(), 1);
    let gap = &inventory.gaps[0];
    assert_eq!(
        (gap.account.as_str(), gap.status, gap.iam_action.as_str()),
        (OTHER, GapStatus::Denied, "sts:AssumeRole")
    );
}

#[test]
fn a_region_that_does_not_know_the_caller_is_disabled_and_the_others_are_read() {
    let server = Server::start();
    server.faults(json!([{"operation": "*:*", "region": "eu-west-1", "fault": "UnrecognizedClient"}]));
    let mut options = server.options();
    options.regions = vec![REGION.into(), "eu-west-1".into()];
    let inventory = server.try_collect(&options).unwrap().inventory;
    assert!(inventory.gaps.iter().all(|gap| gap.region == "eu-west-1" && gap.status == GapStatus::Disabled));
    // Locks are asked for only where there are snapshots, and plans and vaults one by one only where there are any.
    // One more than requests: the points of the vaults are named, too.
    assert_eq!(inventory.gaps.len() as u64, PER_REGION + 1, "{:#?}", inventory.gaps);
    assert!(inventory.reads.iter().all(|read| read.region != "eu-west-1"));
    assert!(inventory.reads.iter().any(|read| read.region == REGION));
}

#[test]
fn a_role_of_the_callers_own_account_reads_it() {
    let (server, ids) = Server::with(json!({"volumes": [{"key": "v"}]}));
    let mut options = server.options();
    options.assume_roles = vec![format!("arn:aws:iam::{ACCOUNT}:role/scan")];
    let inventory = server.try_collect(&options).unwrap().inventory;
    assert_eq!(inventory.gaps, []);
    assert_eq!(inventory.accounts, [ACCOUNT]);
    assert_eq!(inventory.resources.iter().filter(|resource| resource.arn == ids.arn("v")).count(), 1);
    assert_eq!(inventory.reads.iter().filter(|read| read.call == "ec2:DescribeVolumes").count(), 1);
}
