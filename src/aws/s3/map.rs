//! From S3's structures to ours. Pure.

use aws_sdk_s3::operation::get_bucket_encryption::GetBucketEncryptionOutput;
use aws_sdk_s3::operation::get_bucket_versioning::GetBucketVersioningOutput;
use aws_sdk_s3::types;

use crate::aws::convert::{maybe_instant, maybe_text};
use crate::model::resource::{
    BucketEncryption, LifecycleRule, ObjectLock, PublicAccessBlock, ReplicationRule, Tags, Versioning,
};
use crate::model::text::Text;

/// The region that a location constraint means. Two are names of the past: none is the first region,
/// and `EU` is Ireland.
pub(in crate::aws) fn region(constraint: Option<&str>) -> &str {
    match constraint {
        None | Some("") => "us-east-1",
        Some("EU") => "eu-west-1",
        Some(region) => region,
    }
}

/// State of versioning (or a state that is not known, as S3 wrote it), and whether MFA protects deletes.
pub(in crate::aws) fn versioning(answer: &GetBucketVersioningOutput) -> (Result<Versioning, String>, bool) {
    let versioning = match answer.status() {
        None => Ok(Versioning::Never),
        Some(types::BucketVersioningStatus::Enabled) => Ok(Versioning::Enabled),
        Some(types::BucketVersioningStatus::Suspended) => Ok(Versioning::Suspended),
        Some(other) => Err(other.as_str().to_owned()),
    };
    (versioning, answer.mfa_delete() == Some(&types::MfaDeleteStatus::Enabled))
}

/// Default encryption. A bucket has one rule at most.
pub(in crate::aws) fn encryption(answer: &GetBucketEncryptionOutput) -> BucketEncryption {
    let rules = answer.server_side_encryption_configuration().map(|config| config.rules()).unwrap_or_default();
    let default = rules.iter().find_map(|rule| rule.apply_server_side_encryption_by_default());
    default.map_or_else(no_encryption, |default| BucketEncryption {
        algorithm: Text::from(default.sse_algorithm().as_str()),
        kms_key: maybe_text(default.kms_master_key_id()),
    })
}

/// What "not configured" means.
pub(in crate::aws) fn no_encryption() -> BucketEncryption {
    BucketEncryption { algorithm: Text::from("none"), kms_key: None }
}

/// The enabled lifecycle rules.
pub(in crate::aws) fn lifecycle(rules: &[types::LifecycleRule]) -> Vec<LifecycleRule> {
    // A status that is not known counts as enabled: assuming that a rule deletes nothing would be the
    // kinder guess.
    let enabled = rules.iter().filter(|rule| *rule.status() != types::ExpirationStatus::Disabled);
    enabled.map(lifecycle_rule).collect()
}

fn lifecycle_rule(rule: &types::LifecycleRule) -> LifecycleRule {
    let filter = rule.filter();
    let and = filter.and_then(|filter| filter.and());
    // `Prefix` beside the filter is the form of before 2016, which S3 still gives back.
    #[expect(deprecated, reason = "S3 still answers with it")]
    let old = rule.prefix();
    let prefix = and.and_then(|and| and.prefix()).or(filter.and_then(|filter| filter.prefix())).or(old);
    let one = filter.and_then(|filter| filter.tag()).into_iter();
    let all = one.chain(and.map(|and| and.tags()).unwrap_or_default());
    let expiration = rule.expiration();
    let noncurrent = rule.noncurrent_version_expiration();
    LifecycleRule {
        id: Text::from(rule.id().unwrap_or_default()),
        prefix: maybe_text(prefix),
        tags: all.map(|tag| (Text::from(tag.key()), Text::from(tag.value()))).collect(),
        larger_than: bytes(
            and.and_then(|and| and.object_size_greater_than())
                .or(filter.and_then(|filter| filter.object_size_greater_than())),
        ),
        smaller_than: bytes(
            and.and_then(|and| and.object_size_less_than())
                .or(filter.and_then(|filter| filter.object_size_less_than())),
        ),
        expire_days: expiration.and_then(|expiration| days(expiration.days())),
        expire_on: expiration.and_then(|expiration| maybe_instant(expiration.date())),
        noncurrent_days: noncurrent.and_then(|expiration| days(expiration.noncurrent_days())),
        newer_noncurrent_versions: noncurrent.and_then(|expiration| days(expiration.newer_noncurrent_versions())),
    }
}

/// A number of days; some servers write 0 for "not set", which S3 itself never does.
fn days(number: Option<i32>) -> Option<u32> {
    number.and_then(|number| u32::try_from(number).ok()).filter(|number| *number > 0)
}

fn bytes(number: Option<i64>) -> Option<u64> {
    number.and_then(|number| u64::try_from(number).ok())
}

/// Object Lock. A year is 365 days, as S3 counts.
pub(in crate::aws) fn object_lock(config: Option<&types::ObjectLockConfiguration>) -> ObjectLock {
    let retention = config.and_then(|config| config.rule()).and_then(|rule| rule.default_retention());
    let enabled = config.and_then(|config| config.object_lock_enabled());
    let years = retention.and_then(|retention| days(retention.years())).and_then(|years| years.checked_mul(365));
    ObjectLock {
        enabled: enabled == Some(&types::ObjectLockEnabled::Enabled),
        mode: retention.and_then(|retention| retention.mode()).map(|mode| Text::from(mode.as_str())),
        days: retention.and_then(|retention| days(retention.days())).or(years),
    }
}

/// The enabled replication rules.
pub(in crate::aws) fn replication(config: Option<&types::ReplicationConfiguration>) -> Vec<ReplicationRule> {
    let rules = config.map(|config| config.rules()).unwrap_or_default().iter();
    let enabled = rules.filter(|rule| *rule.status() == types::ReplicationRuleStatus::Enabled);
    enabled
        .filter_map(|rule| {
            let destination = rule.destination()?;
            Some(ReplicationRule {
                destination: Text::from(destination.bucket()),
                account: maybe_text(destination.account()),
                whole_bucket: takes_everything(rule),
            })
        })
        .collect()
}

fn takes_everything(rule: &types::ReplicationRule) -> bool {
    #[expect(deprecated, reason = "S3 still answers with it")]
    let old = rule.prefix().unwrap_or_default();
    let filtered = rule.filter().is_some_and(|filter| {
        let in_and =
            filter.and().is_some_and(|and| !and.prefix().unwrap_or_default().is_empty() || !and.tags().is_empty());
        in_and || filter.tag().is_some() || !filter.prefix().unwrap_or_default().is_empty()
    });
    old.is_empty() && !filtered
}

/// The four switches; one that is not mentioned is off.
pub(in crate::aws) fn public_access_block(config: Option<&types::PublicAccessBlockConfiguration>) -> PublicAccessBlock {
    config.map_or_else(PublicAccessBlock::default, |config| PublicAccessBlock {
        block_public_acls: config.block_public_acls().unwrap_or(false),
        ignore_public_acls: config.ignore_public_acls().unwrap_or(false),
        block_public_policy: config.block_public_policy().unwrap_or(false),
        restrict_public_buckets: config.restrict_public_buckets().unwrap_or(false),
    })
}

/// Tags.
pub(in crate::aws) fn tags(set: &[types::Tag]) -> Tags {
    set.iter().map(|tag| (Text::from(tag.key()), Text::from(tag.value()))).collect()
}

#[cfg(test)]
mod tests;
