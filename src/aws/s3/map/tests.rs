use aws_sdk_s3::types;

use super::*;

fn tag(key: &str, value: &str) -> types::Tag {
    types::Tag::builder().key(key).value(value).build().unwrap()
}

fn rule(filter: Option<types::LifecycleRuleFilter>) -> types::builders::LifecycleRuleBuilder {
    let noncurrent = types::NoncurrentVersionExpiration::builder().noncurrent_days(30).build();
    types::LifecycleRule::builder()
        .id("r")
        .status(types::ExpirationStatus::Enabled)
        .set_filter(filter)
        .noncurrent_version_expiration(noncurrent)
}

#[test]
fn versioning_has_three_states_and_a_fourth_is_reported() {
    let with = |status: Option<&str>| {
        let status = status.map(types::BucketVersioningStatus::from);
        versioning(&GetBucketVersioningOutput::builder().set_status(status).build())
    };
    assert_eq!(with(None), (Ok(Versioning::Never), false));
    assert_eq!(with(Some("Enabled")).0, Ok(Versioning::Enabled));
    assert_eq!(with(Some("Suspended")).0, Ok(Versioning::Suspended));
    assert_eq!(with(Some("Odd")).0, Err("Odd".to_owned()));
}

#[test]
fn lifecycle_filters_of_all_forms_are_understood() {
    let built = |builder: types::builders::LifecycleRuleBuilder| lifecycle(&[builder.build().unwrap()]).remove(0);
    let whole = built(rule(None));
    assert_eq!((whole.prefix, whole.tags.len(), whole.noncurrent_days), (None, 0, Some(30)));
    #[expect(deprecated, reason = "the old form is tested")]
    let old = built(rule(None).prefix("logs/"));
    assert_eq!(old.prefix.as_deref(), Some("logs/"));
    let new = built(rule(Some(types::LifecycleRuleFilter::builder().prefix("a/").build())));
    assert_eq!(new.prefix.as_deref(), Some("a/"));
    let tagged = built(rule(Some(types::LifecycleRuleFilter::builder().tag(tag("k", "v")).build())));
    assert_eq!(tagged.tags.get("k").map(|value| value.as_str()), Some("v"));
    let and = types::LifecycleRuleAndOperator::builder()
        .prefix("b/")
        .tags(tag("k", "v"))
        .tags(tag("l", "w"))
        .object_size_greater_than(10)
        .object_size_less_than(20)
        .build();
    let all = built(rule(Some(types::LifecycleRuleFilter::builder().and(and).build())));
    assert_eq!((all.prefix.as_deref(), all.tags.len()), (Some("b/"), 2));
    assert_eq!((all.larger_than, all.smaller_than), (Some(10), Some(20)));
}

#[test]
fn disabled_lifecycle_rules_are_dropped_and_unknown_states_are_not() {
    let with = |status: &str| lifecycle(&[rule(None).status(types::ExpirationStatus::from(status)).build().unwrap()]);
    assert!(with("Disabled").is_empty());
    assert_eq!(with("Odd").len(), 1);
}

#[test]
fn a_lock_of_years_is_counted_in_days() {
    let retention =
        types::DefaultRetention::builder().mode(types::ObjectLockRetentionMode::Governance).years(2).build();
    let config = types::ObjectLockConfiguration::builder()
        .object_lock_enabled(types::ObjectLockEnabled::Enabled)
        .rule(types::ObjectLockRule::builder().default_retention(retention).build())
        .build();
    let lock = object_lock(Some(&config));
    assert_eq!((lock.enabled, lock.mode.as_deref(), lock.days), (true, Some("GOVERNANCE"), Some(730)));
    assert_eq!(object_lock(None), ObjectLock::default());
}

#[test]
fn replication_keeps_enabled_rules_and_says_whether_they_take_everything() {
    let rule = |status: types::ReplicationRuleStatus, filter: Option<types::ReplicationRuleFilter>| {
        let destination = types::Destination::builder().bucket("arn:aws:s3:::copy").account("9").build().unwrap();
        types::ReplicationRule::builder().status(status).set_filter(filter).destination(destination).build().unwrap()
    };
    let everything = types::ReplicationRuleFilter::builder().prefix("").build();
    let some = types::ReplicationRuleFilter::builder().prefix("a/").build();
    let config = types::ReplicationConfiguration::builder()
        .role("r")
        .rules(rule(types::ReplicationRuleStatus::Enabled, Some(everything)))
        .rules(rule(types::ReplicationRuleStatus::Enabled, Some(some)))
        .rules(rule(types::ReplicationRuleStatus::Disabled, None))
        .build()
        .unwrap();
    let rules = replication(Some(&config));
    assert_eq!(rules.iter().map(|rule| rule.whole_bucket).collect::<Vec<_>>(), [true, false]);
    assert_eq!(rules[0].account.as_deref(), Some("9"));
}

#[test]
fn a_switch_that_is_not_mentioned_is_off() {
    let config = types::PublicAccessBlockConfiguration::builder().block_public_acls(true).build();
    let block = public_access_block(Some(&config));
    assert!(block.block_public_acls && !block.blocks_everything());
}

#[test]
fn no_rule_of_encryption_is_none() {
    assert_eq!(encryption(&GetBucketEncryptionOutput::builder().build()), no_encryption());
}

#[test]
fn old_names_of_locations_are_regions() {
    assert_eq!([region(None), region(Some("EU")), region(Some("eu-west-2"))], ["us-east-1", "eu-west-1", "eu-west-2"]);
}
