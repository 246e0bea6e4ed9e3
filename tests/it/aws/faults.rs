//! What a bad day leaves: a gap with the right reason, never a crash, a hang or a claim to have read.

use std::time::{Duration, Instant as Clock};

use lastgood::aws::CollectError;
use lastgood::model::gap::GapStatus;
use lastgood::model::inventory::Inventory;
use serde_json::json;

use super::estate::seed;
use super::server::{ACCOUNT, REGION, Server};

/// The one gap about a call; none other may be there.
fn only_gap<'a>(inventory: &'a Inventory, call: &str) -> &'a lastgood::model::gap::Gap {
    let about: Vec<_> = inventory.gaps.iter().filter(|gap| gap.call() == call).collect();
    assert_eq!(about.len(), 1, "{call}: {:#?}", inventory.gaps);
    assert!(inventory.reads.iter().all(|read| read.call != call), "{call} does not count as read");
    about[0]
}

/// One operation per protocol: EC2's query form, XML, JSON.
const CALLS: [(&str, &str); 3] = [
    ("ec2:DescribeVolumes", "ec2:DescribeVolumes"),
    ("s3:GetBucketEncryption", "s3:GetEncryptionConfiguration"),
    ("backup:ListBackupJobs", "backup:ListBackupJobs"),
];

#[test]
fn each_failure_of_each_protocol_leaves_one_gap() {
    let mut seed = seed();
    // One bucket, so that each call has one gap.
    seed["buckets"].as_array_mut().unwrap().truncate(1);
    let (server, _) = Server::with(seed);
    let mut options = server.options();
    options.patience.read = Duration::from_millis(1500);
    options.patience.attempt = Duration::from_millis(1500);
    options.patience.attempts = 2;
    let cases: [(&str, GapStatus, [&str; 3]); 7] = [
        ("AccessDenied", GapStatus::Denied, ["UnauthorizedOperation", "AccessDenied", "AccessDeniedException"]),
        ("Throttling", GapStatus::Throttled, ["RequestLimitExceeded", "SlowDown", "ThrottlingException"]),
        ("InternalError", GapStatus::Failed, ["InternalError", "InternalError", "ServiceUnavailableException"]),
        (
            "UnrecognizedClient",
            GapStatus::Disabled,
            ["AuthFailure", "InvalidAccessKeyId", "UnrecognizedClientException"],
        ),
        ("slow", GapStatus::Failed, ["timeout"; 3]),
        ("reset", GapStatus::Failed, ["connection"; 3]),
        ("garbage", GapStatus::NotUnderstood, ["unreadable-answer"; 3]),
    ];
    for (fault, status, codes) in cases {
        let rules: Vec<_> = CALLS
            .iter()
            .map(|(call, _)| match fault {
                "slow" => json!({"operation": call, "fault": fault, "seconds": 4}),
                _ => json!({"operation": call, "fault": fault}),
            })
            .collect();
        server.faults(json!(rules));
        let begun = Clock::now();
        let inventory = server.try_collect(&options).unwrap().inventory;
        assert!(begun.elapsed() < Duration::from_secs(15), "{fault}: {:?}", begun.elapsed());
        server.no_faults();
        assert_eq!(inventory.gaps.len(), 3, "{fault}: {:#?}", inventory.gaps);
        for ((call, action), code) in CALLS.iter().zip(codes) {
            let gap = only_gap(&inventory, call);
            assert_eq!((gap.status, gap.code.as_str()), (status, code), "{fault} {call}: {gap:?}");
            assert_eq!(gap.iam_action, *action);
            assert_eq!((gap.account.as_str(), gap.region.as_str()), (ACCOUNT, REGION));
            assert_eq!(gap.resource.is_some(), *call == "s3:GetBucketEncryption");
        }
        assert!(inventory.reads.iter().any(|read| read.call == "ec2:DescribeSnapshots"), "the rest was read");
    }
}

#[test]
fn vector_25_a_lost_or_repeated_page_keeps_what_came_before_and_claims_nothing() {
    let (server, _) = Server::with(seed());
    for (fault, status, code) in [
        ("truncated-page", GapStatus::Incomplete, None),
        ("repeated-token", GapStatus::Incomplete, Some("repeated-token")),
    ] {
        for (call, code_when_lost) in [
            ("ec2:DescribeVolumes", "InternalError"),
            ("backup:ListRecoveryPointsByBackupVault", "ServiceUnavailableException"),
            ("s3:ListBuckets", "InternalError"),
        ] {
            server.faults(json!([{"operation": call, "fault": fault}]));
            let inventory = server.collect().inventory;
            server.no_faults();
            let gaps: Vec<_> = inventory.gaps.iter().filter(|gap| gap.call() == call).collect();
            assert!(!gaps.is_empty() && gaps.len() == inventory.gaps.len(), "{fault} {call}: {:#?}", inventory.gaps);
            assert!(
                gaps.iter().all(|gap| gap.status == status && gap.code == code.unwrap_or(code_when_lost)),
                "{gaps:?}"
            );
            assert!(inventory.reads.iter().all(|read| read.call != call), "{fault} {call} does not count as read");
            let kind = |kind: &str| inventory.resources.iter().filter(|resource| resource.kind.id() == kind).count();
            assert_eq!(kind("ebs-volume"), 3, "{fault} {call}: two volumes and a remembered one");
            assert_eq!(kind("s3-bucket"), 3, "{fault} {call}");
            let mut keys: Vec<_> = inventory.points.iter().map(|point| (&point.arn, &point.vault)).collect();
            let before = keys.len();
            keys.sort();
            keys.dedup();
            assert_eq!(keys.len(), before, "no point twice");
        }
    }
}

#[test]
fn a_vault_that_fails_is_named_and_the_others_are_kept() {
    let (server, ids) = Server::with(seed());
    server.faults(
        json!([{"operation": "backup:ListRecoveryPointsByBackupVault", "resource": "second", "fault": "AccessDenied"}]),
    );
    let inventory = server.collect().inventory;
    let gap = only_gap(&inventory, "backup:ListRecoveryPointsByBackupVault");
    assert_eq!(gap.resource.as_deref(), Some("arn:aws:backup:us-east-1:123456789012:backup-vault:second"));
    assert!(inventory.points.iter().any(|point| point.arn == ids.arn("rp-docs")));
}

#[test]
fn without_the_list_of_vaults_their_points_are_unread_too() {
    let (server, _) = Server::with(seed());
    server.faults(json!([{"operation": "backup:ListBackupVaults", "fault": "AccessDenied"}]));
    let inventory = server.collect().inventory;
    only_gap(&inventory, "backup:ListBackupVaults");
    let points = only_gap(&inventory, "backup:ListRecoveryPointsByBackupVault");
    assert_eq!(points.iam_action, "backup:ListBackupVaults", "the action that would have led to them");
}

#[test]
fn a_plan_that_cannot_be_read_might_cover_anything() {
    let (server, ids) = Server::with(seed());
    for operation in ["GetBackupPlan", "ListBackupSelections", "GetBackupSelection"] {
        server.faults(json!([{"operation": format!("backup:{operation}"), "fault": "AccessDenied"}]));
        let inventory = server.collect().inventory;
        server.no_faults();
        let gap = only_gap(&inventory, &format!("backup:{operation}"));
        assert_eq!(gap.resource.as_deref(), Some(ids.arn("daily")));
        assert!(inventory.plans[0].selections.is_unread(), "{operation}");
    }
}

#[test]
fn without_a_list_nothing_is_called_deleted() {
    let (server, _) = Server::with(seed());
    server.faults(json!([{"operation": "ec2:DescribeVolumes", "fault": "AccessDenied"}]));
    let inventory = server.collect().inventory;
    let volumes = inventory.resources.iter().filter(|resource| resource.kind.id() == "ebs-volume");
    for volume in volumes {
        assert_eq!(volume.existence, lastgood::model::resource::Existence::Unconfirmed, "{}", volume.arn);
    }
}

#[test]
fn a_bucket_deleted_meanwhile_leaves_nothing_behind() {
    let (server, _) = Server::with(json!({"buckets": [{"name": "kept"}, {"name": "lost"}]}));
    server.faults(json!([{"operation": "s3:ListBuckets", "fault": "slow", "seconds": 0}]));
    // moto itself answers NoSuchBucket for a bucket that the list still gives: delete it in between.
    let url = server.url();
    let progress = DeleteBucket { url, done: std::cell::Cell::new(false) };
    let inventory = lastgood::aws::collect(&server.options(), super::server::now(), &progress).unwrap().inventory;
    assert_eq!(inventory.gaps, []);
    let buckets: Vec<_> = inventory.resources.iter().filter(|resource| resource.kind.id() == "s3-bucket").collect();
    assert_eq!(buckets.len(), 1);
    assert_eq!(buckets[0].name.as_deref(), Some("kept"));
}

/// Deletes the bucket `lost` once the list is read.
struct DeleteBucket {
    url: String,
    done: std::cell::Cell<bool>,
}

impl lastgood::aws::Progress for DeleteBucket {
    fn started(&self, _: usize) {}
    fn step(&self, label: &str) {
        if label.ends_with(" s3") && !self.done.replace(true) {
            use std::io::{Read, Write};
            let host = self.url.trim_start_matches("http://");
            let mut stream = std::net::TcpStream::connect(host).unwrap();
            let auth =
                "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0";
            write!(stream, "DELETE /lost HTTP/1.1\r\nHost: {host}\r\nAuthorization: {auth}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
                .unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            assert!(answer.contains(" 204 "), "{answer}");
        }
    }
}

#[test]
fn nothing_is_read_without_a_valid_identity() {
    let server = Server::start();
    for (fault, remedy) in [("ExpiredToken", "sign in again"), ("UnrecognizedClient", "check the profile")] {
        server.faults(json!([{"operation": "sts:*", "fault": fault}]));
        let error = server.try_collect(&server.options()).unwrap_err();
        server.no_faults();
        match fault {
            "ExpiredToken" => assert!(matches!(error, CollectError::Expired(_)), "{error}"),
            _ => assert!(matches!(error, CollectError::Refused(_)), "{error}"),
        }
        assert!(error.help().contains(remedy), "{}", error.help());
    }
    assert!(server.requests().keys().all(|call| call.starts_with("sts:")), "{:?}", server.requests());
}

#[test]
fn unreachable_endpoints_unknown_regions_and_missing_profiles_are_errors() {
    let server = Server::start();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut options = server.options();
    options.endpoint_url = Some(format!("http://127.0.0.1:{port}"));
    let error = server.try_collect(&options).unwrap_err();
    assert!(matches!(error, CollectError::Unreachable { .. }), "{error}");
    assert!(error.to_string().contains(&port.to_string()));

    let mut options = server.options();
    // A wrong region in the first place has no endpoint that could say so: AWS's names do not resolve.
    options.regions = vec!["eu-central-1".into(), "eu-west-9".into()];
    let error = server.try_collect(&options).unwrap_err();
    assert!(matches!(error, CollectError::UnknownRegion { .. }), "{error}");
    assert!(error.help().contains("eu-west-1"));

    let mut options = server.options();
    (options.keys, options.profile) = (None, Some("no-such-profile-of-lastgood".into()));
    let error = server.try_collect(&options).unwrap_err();
    assert!(matches!(error, CollectError::NoCredentials(_)), "{error}");

    let mut options = server.options();
    options.assume_roles = vec!["scan".into()];
    assert!(matches!(server.try_collect(&options).unwrap_err(), CollectError::BadRole(_)));
}

#[test]
fn what_passes_when_tried_again_leaves_no_gap() {
    let (server, _) = Server::with(seed());
    let without = server.collect();
    server.faults(json!([
        {"operation": "ec2:DescribeVolumes", "fault": "Throttling", "times": 1},
        {"operation": "s3:ListBuckets", "fault": "InternalError", "times": 1},
        {"operation": "backup:ListBackupVaults", "fault": "reset", "times": 1}
    ]));
    let again = server.collect();
    assert_eq!(again.inventory.gaps, []);
    assert_eq!(again.requests, without.requests + 3, "each attempt counts");
    assert_eq!(
        again.inventory.reads,
        without
            .inventory
            .reads
            .iter()
            .map(|read| lastgood::model::gap::Read {
                since: again.inventory.reads.iter().find(|other| other.call == read.call).and_then(|other| other.since),
                ..read.clone()
            })
            .collect::<Vec<_>>()
    );
}

#[test]
fn whether_snapshots_are_public_may_be_unknown_while_the_list_is_read() {
    let (server, ids) = Server::with(seed());
    server
        .faults(json!([{"operation": "ec2:DescribeSnapshots", "resource": "RestorableBy", "fault": "InternalError"}]));
    let inventory = server.collect().inventory;
    assert_eq!(inventory.gaps.len(), 1, "{:#?}", inventory.gaps);
    let gap = &inventory.gaps[0];
    assert_eq!(gap.call(), "ec2:DescribeSnapshots");
    assert!(gap.message.as_deref().unwrap().starts_with("asking for public snapshots: "));
    assert!(inventory.reads.iter().any(|read| read.call == "ec2:DescribeSnapshots"), "the list was read");
    let open = inventory.points.iter().find(|point| point.arn == ids.arn("open")).unwrap();
    assert!(open.extra.as_deref().unwrap().public.is_unread());
}

/// The built program, so that the default chain of credentials meets an environment without any.
#[test]
fn without_credentials_the_program_fails_and_says_what_to_do() {
    let server = Server::start();
    let folder = tempfile::tempdir().unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_lastgood"))
        .args(["collect", "--region", REGION, "--endpoint-url", &server.url(), "--out"])
        .arg(folder.path().join("inventory.json"))
        .env_clear()
        .env("HOME", folder.path())
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .current_dir(folder.path())
        .output()
        .unwrap();
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{complaint}");
    assert!(complaint.contains("no AWS credentials were found"), "{complaint}");
    assert!(complaint.contains("AWS_PROFILE"), "{complaint}");
    assert!(server.requests().is_empty());
}
