//! Parts of things that are not declared in the plan: they are judged with what they belong to, wherever that is.

use lastgood::model::fact::Fact;
use lastgood::model::resource::{Detail, Versioning};
use serde_json::{Value, json};

use super::{after, named, small, weakened, weakens};

const IT: &str = "aws_s3_bucket_versioning.v";

/// Versioning of a bucket that another configuration declares.
fn versioning(before: &Value, after: &Value) -> Value {
    let of = |status: &Value| match status {
        Value::Null => Value::Null,
        status => json!({"bucket": "elsewhere", "versioning_configuration": [{"status": status}]}),
    };
    json!([{"type": "aws_s3_bucket_versioning", "name": "v", "before": of(before), "after": of(after)}])
}

fn versions(resources: &Value) -> Fact<Versioning> {
    named(&after(resources), IT).bucket().unwrap().versioning.clone()
}

#[test]
fn a_bucket_that_is_declared_elsewhere_is_judged_as_far_as_its_parts_tell() {
    let (none, on, off) = (Value::Null, json!("Enabled"), json!("Suspended"));
    assert_eq!(versions(&versioning(&none, &on)), Fact::Known(Versioning::Enabled));
    let why = super::open(&versioning(&none, &on));
    let says = |why: &[String]| {
        why.iter().filter(|why| why.contains("v.bucket is of something that is not declared here")).count()
    };
    assert_eq!(says(&why), 7, "all but versioning, and the tags: {why:#?}");
    // The change is seen, whatever else the bucket has.
    weakens(&versioning(&on, &off), "versioning");
    weakens(&versioning(&on, &none), "versioning");
    assert_eq!(versions(&versioning(&on, &none)), Fact::Known(Versioning::Suspended));
    assert!(weakened(&versioning(&on, &on)).is_empty() && weakened(&versioning(&none, &on)).is_empty());
    // Two parts are of one bucket.
    let mut two = versioning(&none, &on);
    two.as_array_mut().unwrap().push(json!({
        "type": "aws_s3_bucket_public_access_block", "name": "p",
        "after": {"bucket": "elsewhere", "block_public_acls": true, "block_public_policy": true, "ignore_public_acls": true,
            "restrict_public_buckets": true},
    }));
    let inventory = after(&two);
    assert_eq!(inventory.resources.len(), 1);
    let bucket = inventory.resources[0].bucket().unwrap();
    assert!(bucket.public_access_block.known().is_some_and(|block| block.blocks_everything()));
    assert_eq!(says(&super::open(&two)), 6);
}

#[test]
fn whose_part_it_is_may_not_be_told() {
    let open = json!([{
        "type": "aws_s3_bucket_versioning", "name": "v", "after": {"versioning_configuration": [{"status": "Enabled"}]},
        "unknown": {"bucket": true}, "expressions": {"bucket": {"references": ["local.bucket"]}},
    }]);
    assert_eq!(versions(&open), Fact::Known(Versioning::Enabled));
}

#[test]
fn vaults_and_file_systems_elsewhere_are_judged_too() {
    let lock = |before: Value, after: Value| json!([{"type": "aws_backup_vault_lock_configuration", "name": "l", "before": before, "after": after}]);
    let set = json!({"backup_vault_name": "elsewhere", "min_retention_days": 35, "changeable_for_days": 3});
    let inventory = after(&lock(Value::Null, set.clone()));
    let vault = named(&inventory, "aws_backup_vault_lock_configuration.l");
    assert_eq!(vault.arn.rsplit(':').next(), Some("elsewhere"));
    assert_eq!(vault.vault().unwrap().lock.known().and_then(|lock| lock.min_days), Some(35));
    assert!(vault.vault().unwrap().policy.is_unread());
    assert_eq!(
        weakened(&lock(set, Value::Null)),
        [
            "the lock of vault elsewhere is deleted",
            "the lock of the vault is weakened from compliance of at least 35 days to none"
        ]
    );
    let policy = json!([{
        "type": "aws_efs_backup_policy", "name": "b", "after": {"file_system_id": "fs-1", "backup_policy": [{"status": "ENABLED"}]},
    }]);
    let inventory = after(&policy);
    let Detail::FileSystem(system) = &named(&inventory, "aws_efs_backup_policy.b").detail else { panic!() };
    assert_eq!((&system.backup_policy, &system.encrypted), (&Fact::Known(true), &Fact::Unread));
}

/// With the account at hand the bucket is what it is there, and the part changes what it sets.
#[test]
fn what_the_account_has_of_a_bucket_counts() {
    let (none, off) = (Value::Null, json!("Suspended"));
    let mut live = after(&versioning(&none, &json!("Enabled")));
    live.declared = None;
    live.resources[0].tags = Fact::Known([("owner".into(), "ops".into())].into());
    let plan = small(&versioning(&none, &off));
    let mut reading = super::super::read(plan.to_string().as_bytes(), Some(&live)).unwrap();
    lastgood::sources::iac::join(&mut reading, Some(&live));
    assert_eq!(reading.after.resources.len(), 1, "it is there once");
    let bucket = named(&reading.after, IT);
    assert_eq!(bucket.bucket().unwrap().versioning, Fact::Known(Versioning::Suspended));
    assert_eq!(bucket.tag("owner"), Some("ops"));
}
