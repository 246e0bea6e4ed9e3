//! Buckets and their policies.

use super::super::draft::Draft;
use super::super::value::{Props, Stuck, Told, Why};
use super::super::view::View;
use super::{TypeInfo, of};
use crate::model::fact::Fact;
use crate::model::kind::Kind;
use crate::model::resource::{
    Bucket, BucketEncryption, Detail, LifecycleRule, ObjectLock, PublicAccessBlock, ReplicationRule, Tags, Versioning,
};
use crate::model::text::Text;
use crate::sources::iac::bucket_policy;

pub(super) const TYPES: &[TypeInfo] = &[
    TypeInfo {
        name: "AWS::S3::Bucket",
        naming: of(Kind::S3Bucket, Some("BucketName")),
        pass: 0,
        put: bucket,
        // CloudFormation never deletes a bucket that holds something, unless another resource empties it before.
        holds_data: false,
    },
    TypeInfo { name: "AWS::S3::BucketPolicy", naming: None, pass: 1, put: policy, holds_data: false },
];

fn bucket<'t>(draft: &mut Draft<'t>, view: &View<'_, 't>) {
    let arn = &view.arn();
    let detail = Detail::Bucket(Box::new(Bucket {
        versioning: view.fact(arn, "versioning", versioning),
        mfa_delete: Fact::Unread,
        encryption: view.fact(arn, "encryption", encryption),
        lifecycle: view.fact(arn, "lifecycle", lifecycle),
        object_lock: view.fact(arn, "object_lock", object_lock),
        replication: view.fact(arn, "replication", replication),
        public_access_block: view.fact(arn, "public_access_block", public_access_block),
        // A policy is a resource of its own.
        policy_public: Fact::Known(false),
    }));
    draft.whole(view, Kind::S3Bucket, detail, "Tags");
}

fn versioning(p: &Props<'_>) -> Told<Versioning> {
    match p.text("VersioningConfiguration.Status")? {
        None => Ok(Versioning::Never),
        Some("Enabled") => Ok(Versioning::Enabled),
        Some("Suspended") => Ok(Versioning::Suspended),
        Some(_) => Err(Why::new("has a value that is not known here").at("VersioningConfiguration.Status")),
    }
}

/// S3 encrypts with keys of its own where nobody says otherwise (since January 2023).
fn encryption(p: &Props<'_>) -> Told<BucketEncryption> {
    let rules = p.items("BucketEncryption.ServerSideEncryptionConfiguration")?;
    let Some(rule) = rules.first() else { return Ok(BucketEncryption { algorithm: "AES256".into(), kms_key: None }) };
    let algorithm = rule.text("ServerSideEncryptionByDefault.SSEAlgorithm")?.unwrap_or("AES256");
    let kms_key = rule.name("ServerSideEncryptionByDefault.KMSMasterKeyID").ok().flatten().map(Text::from);
    Ok(BucketEncryption { algorithm: Text::from(algorithm), kms_key })
}

fn lifecycle(p: &Props<'_>) -> Told<Vec<LifecycleRule>> {
    let mut rules = Vec::new();
    for rule in p.items("LifecycleConfiguration.Rules")? {
        if rule.text("Status")? == Some("Disabled") {
            continue;
        }
        let days = |path: &str| Ok(rule.days(path)?.filter(|days| *days > 0));
        let mut tags = Tags::new();
        for filter in rule.items("TagFilters")? {
            let text = |name: &str| Ok(Text::from(filter.text(name)?.unwrap_or_default()));
            tags.insert(text("Key")?, text("Value")?);
        }
        rules.push(LifecycleRule {
            id: Text::from(rule.text("Id").ok().flatten().unwrap_or_default()),
            prefix: rule.text("Prefix")?.map(Text::from),
            tags,
            larger_than: rule.number("ObjectSizeGreaterThan")?,
            smaller_than: rule.number("ObjectSizeLessThan")?,
            expire_days: days("ExpirationInDays")?,
            expire_on: match rule.text("ExpirationDate")?.map(str::parse) {
                None => None,
                Some(Ok(date)) => Some(date),
                Some(Err(_)) => return rule.at("ExpirationDate")?.refuse("is no date that is known here"),
            },
            noncurrent_days: match days("NoncurrentVersionExpiration.NoncurrentDays")? {
                None => days("NoncurrentVersionExpirationInDays")?,
                days => days,
            },
            newer_noncurrent_versions: days("NoncurrentVersionExpiration.NewerNoncurrentVersions")?,
        });
    }
    Ok(rules)
}

fn object_lock(p: &Props<'_>) -> Told<ObjectLock> {
    let enabled = p.flag("ObjectLockEnabled")?.unwrap_or(false)
        || p.text("ObjectLockConfiguration.ObjectLockEnabled")? == Some("Enabled");
    if !enabled {
        return Ok(ObjectLock::default());
    }
    let retention = p.at("ObjectLockConfiguration.Rule.DefaultRetention")?;
    let days = retention.days("Days")?.unwrap_or(0);
    let days = days.saturating_add(retention.days("Years")?.unwrap_or(0).saturating_mul(365));
    let mode = retention.text("Mode")?.map(Text::from);
    Ok(ObjectLock { enabled, mode, days: (days > 0).then_some(days) })
}

fn replication(p: &Props<'_>) -> Told<Vec<ReplicationRule>> {
    let mut rules = Vec::new();
    for rule in p.items("ReplicationConfiguration.Rules")? {
        if rule.text("Status")? == Some("Disabled") {
            continue;
        }
        let destination = rule.name("Destination.Bucket")?.unwrap_or_default();
        let prefix = match rule.text("Prefix")? {
            None => rule.text("Filter.Prefix")?,
            prefix => prefix,
        };
        let by_tag = rule.is_set("Filter.And")? || rule.is_set("Filter.TagFilter")?;
        rules.push(ReplicationRule {
            destination: Text::from(destination),
            account: rule.name("Destination.Account")?.map(Text::from),
            whole_bucket: prefix.is_none_or(str::is_empty) && !by_tag,
        });
    }
    Ok(rules)
}

fn public_access_block(p: &Props<'_>) -> Told<PublicAccessBlock> {
    let block = p.at("PublicAccessBlockConfiguration")?;
    if !p.is_set("PublicAccessBlockConfiguration")? {
        let why = "is not set: buckets made since April 2023 block public access, older ones need not";
        return Err(Why::new(why).at("PublicAccessBlockConfiguration"));
    }
    let flag = |name: &str| Ok(block.flag(name)?.unwrap_or(false));
    Ok(PublicAccessBlock {
        block_public_acls: flag("BlockPublicAcls")?,
        ignore_public_acls: flag("IgnorePublicAcls")?,
        block_public_policy: flag("BlockPublicPolicy")?,
        restrict_public_buckets: flag("RestrictPublicBuckets")?,
    })
}

fn policy<'t>(draft: &mut Draft<'t>, view: &View<'_, 't>) {
    let name = match view.tell(|p| Ok(p.name("Bucket")?.map(Text::from))) {
        Ok(Some(name)) => name,
        Ok(None) => return,
        // It may be the policy of any bucket.
        Err(stuck) => {
            for arn in draft.buckets() {
                open(draft, view, &arn, &stuck);
            }
            return;
        }
    };
    let arn = Text::from(format!("arn:aws:s3:::{name}"));
    // It may be one that another stack has.
    draft.absent(&view.declaration.id, Kind::S3Bucket, &arn, "Bucket", &["policy_public"]);
    draft.wholes.insert(view.declaration.id.as_str(), arn.clone());
    let public = view.fact(&arn, "policy_public", |p| {
        let policy = p.json("PolicyDocument")?.unwrap_or_default();
        bucket_policy::is_public(&policy).ok_or_else(|| Why::new(bucket_policy::ONLY_S3_CAN_TELL).at("PolicyDocument"))
    });
    match &view.doubt {
        // Whether it is made does not matter where it lets nobody in.
        Some(why) if public == Fact::Known(true) => open(draft, view, &arn, &why.clone().at("Condition")),
        _ => set(draft, &arn, public),
    }
}

fn open(draft: &mut Draft<'_>, view: &View<'_, '_>, arn: &Text, stuck: &Stuck) {
    view.open(Some(arn), "policy_public", stuck);
    set(draft, arn, Fact::Unread);
}

fn set(draft: &mut Draft<'_>, arn: &Text, public: Fact<bool>) {
    if let Some(Detail::Bucket(bucket)) = draft.resource_mut(arn).map(|resource| &mut resource.detail) {
        bucket.policy_public = public;
    }
}
