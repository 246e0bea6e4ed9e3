//! The facts of resources: those that all have, and those particular to a kind.

use super::facts::{fact, listed, optional, record, tagged, text, texts};
use crate::cel::{Facts, Got, Handle, Shape, Value};
use crate::checks::Case;
use crate::model::Instant;
use crate::model::application::CRITICALITIES;
use crate::model::fact::Fact;
use crate::model::kind::Kind;
use crate::model::resource::{
    self, Bucket, Database, Detail, FileSystem, LifecycleRule, RegionSettings, Table, Vault, VaultLock, Versioning,
    Volume,
};
use crate::model::text::Text;

/// The ids of all kinds.
const KINDS: &[&str] = &{
    let mut ids = [""; Kind::ALL.len()];
    let mut at = 0;
    while at < ids.len() {
        #[expect(clippy::indexing_slicing, reason = "the compiler runs it")]
        {
            ids[at] = Kind::ALL[at].id();
        }
        at += 1;
    }
    ids
};

const VERSIONING: &[&str] = &["enabled", "suspended", "never"];

fn known(value: Value<'_>) -> Got<'_> {
    Got::Known(value)
}

fn flag(found: &bool) -> Value<'_> {
    Value::Bool(*found)
}

/// What the database says.
fn database<'c>(case: &'c Case<'_>, get: fn(&'c Database, &'static str) -> Got<'c>) -> Got<'c> {
    match &case.resource.detail {
        Detail::Database(detail) => get(detail, listed(case)),
        Detail::None if matches!(case.resource.kind, Kind::RdsInstance | Kind::RdsCluster) => Got::Unread(listed(case)),
        _ => Got::Foreign,
    }
}

/// What a detail says; where it is missing, whether things of this kind have one.
macro_rules! detail {
    ($name:ident, $variant:ident($of:ty), [$($kind:ident),+], $call:literal) => {
        fn $name<'c>(case: &'c Case<'_>, get: fn(&'c $of, &'static str) -> Got<'c>) -> Got<'c> {
            match &case.resource.detail {
                Detail::$variant(detail) => get(detail, $call),
                Detail::None if matches!(case.resource.kind, $(Kind::$kind)|+) => Got::Unread($call),
                _ => Got::Foreign,
            }
        }
    };
}

detail!(volume, Volume(Volume), [EbsVolume], "ec2:DescribeVolumes");
detail!(instance, Instance(resource::Instance), [Ec2Instance], "ec2:DescribeInstances");
detail!(table, Table(Table), [DynamodbTable], "dynamodb:DescribeContinuousBackups");
detail!(file_system, FileSystem(FileSystem), [EfsFileSystem], "elasticfilesystem:DescribeFileSystems");
detail!(vault, Vault(Vault), [BackupVault], "backup:ListBackupVaults");
detail!(settings, Region(RegionSettings), [AccountRegion], "ec2:GetEbsEncryptionByDefault");
detail!(bucket, Bucket(Bucket), [S3Bucket], "s3:ListBuckets");

/// The first answer of several kinds; `Foreign` where none is concerned.
fn first<'c>(answers: impl IntoIterator<Item = Got<'c>>) -> Got<'c> {
    answers.into_iter().find(|got| !matches!(got, Got::Foreign)).unwrap_or(Got::Foreign)
}

/// The key of something whose encryption is known.
fn key<'c>(encrypted: &Fact<bool>, key: Option<&'c Text>, call: &'static str) -> Got<'c> {
    match key {
        None if encrypted.is_unread() => Got::Unread(call),
        key => optional(key, text),
    }
}

/// An instant that is not set only where the thing itself was read.
fn since<'c>(at: Option<Instant>, unread: bool, call: &'static str) -> Got<'c> {
    match at {
        None if unread => Got::Unread(call),
        at => optional(at, Value::Time),
    }
}

/// A property of the vault lock.
fn lock<'c>(case: &'c Case<'_>, get: fn(&'c VaultLock) -> Got<'c>) -> Got<'c> {
    match vault(case, |vault, call| fact(&vault.lock, call, |_| Value::Bool(true))) {
        Got::Known(_) => match &case.resource.detail {
            Detail::Vault(vault) => vault.lock.known().map_or(Got::Absent, get),
            _ => Got::Foreign,
        },
        got => got,
    }
}

/// What the register or a tag says; without a register, unread tags may say it.
fn assigned<'c>(case: &'c Case<'_>, found: Option<&'c Text>) -> Got<'c> {
    match found {
        None if case.resource.tags.is_unread() => Got::Unread(tagged(case)),
        found => optional(found, text),
    }
}

record! {
    /// The resource that is judged.
    RESOURCE = "resource", "The resource. A fact that only some kinds have names them.", for Case<'_>;
    "arn": Shape::Text, "Its ARN; of a declared component, `component:APPLICATION/NAME`.", |case| known(text(&case.resource.arn));
    "name": Shape::Text, "Its name for people, or its id.", |case| known(Value::text(case.resource.display_name()));
    "kind": Shape::Word(KINDS), "What it is.", |case| known(Value::text(case.resource.kind.id()));
    "account": Shape::Text, "The owning account.", |case| known(text(&case.resource.account));
    "region": Shape::Text, "The region, or `global`.", |case| known(text(&case.resource.region));
    "tags": Shape::Tags, "Its tags.", |case| fact(&case.resource.tags, tagged(case), |tags| {
        Value::map(tags.iter().map(|(key, value)| (key.as_str(), text(value))))
    });
    "created_at": Shape::Time, "When it was made; never read for EC2 instances.",
        |case| fact(&case.resource.created_at, listed(case), |at| Value::Time(*at));
    "application": Shape::Text, "The application that it belongs to, by the register or by its tag.",
        |case| assigned(case, case.application());
    "criticality": Shape::Word(CRITICALITIES), "How much it matters, by the register or by its tag.",
        |case| assigned(case, case.criticality());
    "state": Shape::Text, "`running`, `available`, `stopped`, …", |case| first([
        instance(case, |of, call| fact(&of.state, call, text)),
        database(case, |of, call| fact(&of.status, call, text)),
    ]);
    "encrypted": Shape::Bool, "Whether it is encrypted at rest.", |case| first([
        volume(case, |of, call| fact(&of.encrypted, call, flag)),
        database(case, |of, call| fact(&of.encrypted, call, flag)),
        file_system(case, |of, call| fact(&of.encrypted, call, flag)),
    ]);
    "kms_key": Shape::Text, "Its KMS key, if it has one.", |case| first([
        volume(case, |of, call| key(&of.encrypted, of.kms_key.as_ref(), call)),
        database(case, |of, call| key(&of.encrypted, of.kms_key.as_ref(), call)),
        file_system(case, |of, call| key(&of.encrypted, of.kms_key.as_ref(), call)),
        vault(case, |of, call| fact(&of.kms_key, call, text)),
        bucket(case, |of, _| match of.encryption.known() {
            Some(encryption) => optional(encryption.kms_key.as_ref(), text),
            None => Got::Unread("s3:GetBucketEncryption"),
        }),
    ]);
    "size_gib": Shape::Int, "Its size in GiB.", |case| volume(case, |of, call| fact(&of.size_gib, call, |size| Value::int(*size)));
    "attached_to": Shape::Texts, "ARNs of the instances that it is attached to.",
        |case| volume(case, |of, _| known(texts(&of.attached_to)));
    "volumes": Shape::Texts, "ARNs of its volumes.",
        |case| instance(case, |of, call| fact(&of.volumes, call, |volumes| texts(volumes)));
    "backup_window": Shape::Text, "When its automated backups begin, `hh24:mi-hh24:mi` in UTC.",
        |case| database(case, |of, call| fact(&of.backup_window, call, text));
    "backup_retention_days": Shape::Int, "Days of automated backups; 0 is off.",
        |case| database(case, |of, call| fact(&of.backup_retention_days, call, |days| Value::Int((*days).into())));
    "publicly_accessible": Shape::Bool, "Whether it has a public address.",
        |case| database(case, |of, call| fact(&of.publicly_accessible, call, flag));
    "deletion_protection": Shape::Bool, "Whether it is protected against deletion.", |case| first([
        database(case, |of, call| fact(&of.deletion_protection, call, flag)),
        table(case, |of, _| fact(&of.deletion_protection, "dynamodb:DescribeTable", flag)),
    ]);
    "pitr_days": Shape::Int, "Days of point-in-time recovery; 0 is off.",
        |case| table(case, |of, call| fact(&of.pitr_days, call, |days| Value::Int((*days).into())));
    "earliest_restorable": Shape::Time, "The earliest instant to which it can be restored.", |case| first([
        database(case, |of, call| since(of.earliest_restorable, of.status.is_unread(), call)),
        table(case, |of, call| since(of.earliest_restorable, of.pitr_days.is_unread(), call)),
    ]);
    "latest_restorable": Shape::Time, "The latest instant to which it can be restored.", |case| first([
        database(case, |of, call| since(of.latest_restorable, of.status.is_unread(), call)),
        table(case, |of, call| since(of.latest_restorable, of.pitr_days.is_unread(), call)),
    ]);
    "backup_policy": Shape::Bool, "Whether its automatic backup policy is on.",
        |case| file_system(case, |of, _| fact(&of.backup_policy, "elasticfilesystem:DescribeBackupPolicy", flag));
    "versioning": Shape::Word(VERSIONING), "State of versioning.",
        |case| bucket(case, |of, _| fact(&of.versioning, "s3:GetBucketVersioning", |state| Value::text(match state {
            Versioning::Enabled => "enabled",
            Versioning::Suspended => "suspended",
            Versioning::Never => "never",
        })));
    "mfa_delete": Shape::Bool, "Whether deletes need the root user's MFA.",
        |case| bucket(case, |of, _| fact(&of.mfa_delete, "s3:GetBucketVersioning", flag));
    "encryption": Shape::Text, "Default encryption: `AES256`, `aws:kms`, `aws:kms:dsse`, `none`.",
        |case| bucket(case, |of, _| fact(&of.encryption, "s3:GetBucketEncryption", |found| text(&found.algorithm)));
    "lifecycle": Shape::Records(&LIFECYCLE), "Its enabled lifecycle rules.",
        |case| bucket(case, |of, _| fact(&of.lifecycle, "s3:GetBucketLifecycleConfiguration", |rules| rule_list(rules)));
    "object_lock": Shape::Bool, "Whether Object Lock is enabled.",
        |case| bucket(case, |of, _| fact(&of.object_lock, "s3:GetObjectLockConfiguration", |lock| Value::Bool(lock.enabled)));
    "object_lock_mode": Shape::Text, "`GOVERNANCE` or `COMPLIANCE`, if there is a default retention.",
        |case| bucket(case, |of, _| match of.object_lock.known() {
            Some(lock) => optional(lock.mode.as_ref(), text),
            None => Got::Unread("s3:GetObjectLockConfiguration"),
        });
    "object_lock_days": Shape::Int, "Days of default retention.",
        |case| bucket(case, |of, _| match of.object_lock.known() {
            Some(lock) => optional(lock.days, |days| Value::Int(days.into())),
            None => Got::Unread("s3:GetObjectLockConfiguration"),
        });
    "replicated_to": Shape::Texts, "ARNs of the buckets that it is replicated to.",
        |case| bucket(case, |of, _| fact(&of.replication, "s3:GetBucketReplication", |rules| {
            Value::list(rules.iter().map(|rule| text(&rule.destination)))
        }));
    "public_access_blocked": Shape::Bool, "Whether all four switches of Block Public Access are on.",
        |case| bucket(case, |of, _| fact(&of.public_access_block, "s3:GetPublicAccessBlock", |block| Value::Bool(block.blocks_everything())));
    "policy_public": Shape::Bool, "Whether the bucket policy makes it public.",
        |case| bucket(case, |of, _| fact(&of.policy_public, "s3:GetBucketPolicyStatus", flag));
    "vault_type": Shape::Text, "`BACKUP_VAULT`, `LOGICALLY_AIR_GAPPED_BACKUP_VAULT`, …",
        |case| vault(case, |of, call| of.vault_type.as_ref().map_or(Got::Unread(call), |found| known(text(found))));
    "vault_policy": Shape::Text, "The access policy as JSON; empty when there is none.",
        |case| vault(case, |of, _| fact(&of.policy, "backup:GetBackupVaultAccessPolicy", text));
    "vault_points": Shape::Int, "The number of recovery points, as the vault reports it.",
        |case| vault(case, |of, call| fact(&of.points, call, |points| Value::int(*points)));
    "locked": Shape::Bool, "Whether a vault lock is set.", |case| lock(case, |lock| known(Value::Bool(lock.locked)));
    "lock_min_days": Shape::Int, "Shortest retention of new points, in days.",
        |case| lock(case, |lock| optional(lock.min_days, |days| Value::Int(days.into())));
    "lock_max_days": Shape::Int, "Longest retention of new points, in days.",
        |case| lock(case, |lock| optional(lock.max_days, |days| Value::Int(days.into())));
    "immutable_from": Shape::Time, "When a compliance lock becomes immutable.",
        |case| lock(case, |lock| optional(lock.immutable_from, Value::Time));
    "ebs_encryption_by_default": Shape::Bool, "Whether new volumes are encrypted by default.",
        |case| settings(case, |of, call| fact(&of.ebs_encryption_by_default, call, flag));
    "snapshot_block_public_access": Shape::Text, "`block-all-sharing`, `block-new-sharing` or `unblocked`.",
        |case| settings(case, |of, _| fact(&of.snapshot_block_public_access, "ec2:GetSnapshotBlockPublicAccessState", text));
    "backup_opt_in": Shape::Switches, "AWS Backup's opt-in by resource type, such as `EBS`.",
        |case| settings(case, |of, _| fact(&of.backup_opt_in, "backup:DescribeRegionSettings", |switches| {
            Value::map(switches.iter().map(|(key, on)| (key.as_str(), Value::Bool(*on))))
        }));
}

fn rule_list(rules: &[LifecycleRule]) -> Value<'_> {
    Value::list(rules.iter().enumerate().map(|(index, rule)| {
        let facts: &dyn Facts = rule;
        Value::Record(Handle { record: &LIFECYCLE, facts, name: "resource.lifecycle", index: Some(index) })
    }))
}

fn days<'r>(found: Option<u32>) -> Got<'r> {
    optional(found, |days| Value::Int(days.into()))
}

record! {
    /// A lifecycle rule of a bucket.
    LIFECYCLE = "lifecycle rule", "An enabled lifecycle rule of a bucket.", for LifecycleRule;
    "id": Shape::Text, "Its id.", |rule| known(text(&rule.id));
    "prefix": Shape::Text, "Key prefix; not set or empty for the whole bucket.", |rule| optional(rule.prefix.as_ref(), text);
    "tags": Shape::Tags, "Object tags that must all be present.",
        |rule| known(Value::map(rule.tags.iter().map(|(key, value)| (key.as_str(), text(value)))));
    "expire_days": Shape::Int, "Days after which current versions expire.", |rule| days(rule.expire_days);
    "noncurrent_days": Shape::Int, "Days after which noncurrent versions are removed for good.", |rule| days(rule.noncurrent_days);
    "newer_noncurrent_versions": Shape::Int, "Newer noncurrent versions that are kept besides.", |rule| days(rule.newer_noncurrent_versions);
}
