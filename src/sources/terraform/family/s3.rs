//! Buckets and the resources that configure them. Since version 4 of the provider each setting is a resource of its
//! own; the blocks within `aws_s3_bucket` still say what is there.

mod lifecycle;
mod policy;

use super::super::draft::Draft;
use super::super::view::{Got, Side, View};
use super::{Role, TypeInfo};
use crate::model::fact::Fact;
use crate::model::kind::Kind;
use crate::model::resource::{
    Bucket, BucketEncryption, Detail, ObjectLock, PublicAccessBlock, ReplicationRule, Resource, Versioning,
};
use crate::model::text::Text;
use crate::sources::iac::Action;

pub(super) const TYPES: &[TypeInfo] = &[
    TypeInfo {
        name: "aws_s3_bucket",
        attributes: &[
            "id",
            "arn",
            "bucket",
            "region",
            "tags",
            "tags_all",
            "force_destroy",
            "versioning",
            "object_lock_enabled",
            "object_lock_configuration",
            "server_side_encryption_configuration",
            "lifecycle_rule",
            "policy",
        ],
        role: Role::Whole { kind: Kind::S3Bucket, name: Some("bucket"), detail },
    },
    TypeInfo {
        name: "aws_s3_bucket_versioning",
        attributes: &["id", "bucket", "versioning_configuration", "mfa"],
        role: Role::Part {
            of: BUCKET,
            by: "bucket",
            facts: &["versioning"],
            apply: versioning,
            // Versioning cannot be taken off: the provider suspends it.
            remove: |resource| with(resource, |bucket| bucket.versioning = Fact::Known(Versioning::Suspended)),
        },
    },
    TypeInfo {
        name: "aws_s3_bucket_server_side_encryption_configuration",
        attributes: &["id", "bucket", "rule"],
        role: Role::Part {
            of: BUCKET,
            by: "bucket",
            facts: &["encryption"],
            apply: encryption,
            remove: |resource| with(resource, |bucket| bucket.encryption = Fact::Known(by_default())),
        },
    },
    TypeInfo {
        name: "aws_s3_bucket_lifecycle_configuration",
        attributes: &["id", "bucket", "rule"],
        role: Role::Part {
            of: BUCKET,
            by: "bucket",
            facts: &["lifecycle"],
            apply: |draft, view, resource| {
                let rules = lifecycle::rules(&draft.ask(view, Some(&resource.arn)), "rule");
                with(resource, |bucket| bucket.lifecycle = rules);
            },
            remove: |resource| with(resource, |bucket| bucket.lifecycle = Fact::Known(Vec::new())),
        },
    },
    TypeInfo {
        name: "aws_s3_bucket_public_access_block",
        attributes: &[
            "id",
            "bucket",
            "block_public_acls",
            "block_public_policy",
            "ignore_public_acls",
            "restrict_public_buckets",
        ],
        role: Role::Part {
            of: BUCKET,
            by: "bucket",
            facts: &["public_access_block"],
            apply: public_access_block,
            remove: |resource| {
                with(resource, |bucket| bucket.public_access_block = Fact::Known(PublicAccessBlock::default()));
            },
        },
    },
    TypeInfo {
        name: "aws_s3_bucket_object_lock_configuration",
        attributes: &["id", "bucket", "object_lock_enabled", "rule"],
        role: Role::Part {
            of: BUCKET,
            by: "bucket",
            facts: &["object_lock"],
            apply: |draft, view, resource| {
                let lock = object_lock(&draft.ask(view, Some(&resource.arn)), "rule.0.default_retention.0", true);
                with(resource, |bucket| bucket.object_lock = lock);
            },
            // The lock itself stays on; new objects get no retention.
            remove: |resource| {
                with(resource, |bucket| {
                    if let Fact::Known(lock) = &mut bucket.object_lock {
                        (lock.mode, lock.days) = (None, None);
                    }
                });
            },
        },
    },
    TypeInfo {
        name: "aws_s3_bucket_replication_configuration",
        attributes: &["id", "bucket", "rule"],
        role: Role::Part {
            of: BUCKET,
            by: "bucket",
            facts: &["replication"],
            apply: replication,
            remove: |resource| with(resource, |bucket| bucket.replication = Fact::Known(Vec::new())),
        },
    },
    TypeInfo {
        name: "aws_s3_bucket_policy",
        attributes: &["id", "bucket", "policy"],
        role: Role::Part {
            of: BUCKET,
            by: "bucket",
            facts: &["policy_public"],
            apply: |draft, view, resource| {
                let public = policy::is_public(&draft.ask(view, Some(&resource.arn)), "policy");
                with(resource, |bucket| bucket.policy_public = public);
            },
            remove: |resource| with(resource, |bucket| bucket.policy_public = Fact::Known(false)),
        },
    },
];

const BUCKET: &[&str] = &["aws_s3_bucket"];

fn with(resource: &mut Resource, change: impl FnOnce(&mut Bucket)) {
    if let Detail::Bucket(bucket) = &mut resource.detail {
        change(bucket);
    }
}

/// S3 encrypts with keys of its own where nobody says otherwise (since January 2023).
fn by_default() -> BucketEncryption {
    BucketEncryption { algorithm: "AES256".into(), kms_key: None }
}

/// What the bucket says of itself, and what holds where no other resource says more.
fn detail(draft: &Draft<'_, '_>, view: View<'_, '_>, identity: &Text) -> Detail {
    let ask = draft.ask(view, Some(identity));
    let is_new = view.side == Side::After && matches!(view.instance.action, Action::Create | Action::Replace);
    let versioning = match ask.flag("versioning", "versioning.0.enabled", Some(false)) {
        Fact::Known(true) => Fact::Known(Versioning::Enabled),
        Fact::Known(false) => Fact::Known(Versioning::Never),
        Fact::Unread => Fact::Unread,
    };
    let lock = match ask.flag("object_lock", "object_lock_enabled", Some(false)) {
        Fact::Known(enabled) => object_lock(&ask, "object_lock_configuration.0.rule.0.default_retention.0", enabled),
        Fact::Unread => Fact::Unread,
    };
    let not_declared = |fact: &str, attribute: &str| {
        ask.open(fact, attribute, "is not declared in this plan, and the bucket exists already");
    };
    // New buckets block public access, and refuse access control lists (since April 2023).
    let block = if is_new {
        let all = true;
        Fact::Known(PublicAccessBlock {
            block_public_acls: all,
            ignore_public_acls: all,
            block_public_policy: all,
            restrict_public_buckets: all,
        })
    } else {
        Fact::Unread
    };
    if block.is_unread() {
        not_declared("public_access_block", "public_access_block");
    }
    let public = match view.got("policy") {
        Got::NotSet => Fact::Known(false),
        _ => policy::is_public(&ask, "policy"),
    };
    Detail::Bucket(Box::new(Bucket {
        versioning,
        mfa_delete: Fact::Unread,
        encryption: encryption_of(&ask, "server_side_encryption_configuration.0.rule"),
        lifecycle: lifecycle::rules(&ask, "lifecycle_rule"),
        object_lock: lock,
        replication: Fact::Unread,
        public_access_block: block,
        policy_public: public,
    }))
}

fn versioning(draft: &Draft<'_, '_>, view: View<'_, '_>, resource: &mut Resource) {
    let ask = draft.ask(view, Some(&resource.arn));
    let status = ask.text("versioning", "versioning_configuration.0.status", None);
    let versioning = match status.known().map(Text::as_str) {
        Some("Enabled") => Fact::Known(Versioning::Enabled),
        Some("Suspended") => Fact::Known(Versioning::Suspended),
        // `Disabled` may only be set where it was never on.
        Some("Disabled") => Fact::Known(Versioning::Never),
        _ => Fact::Unread,
    };
    let mfa = match view.text("versioning_configuration.0.mfa_delete") {
        Some(text) => Fact::Known(text == "Enabled"),
        None => Fact::Unread,
    };
    with(resource, |bucket| (bucket.versioning, bucket.mfa_delete) = (versioning, mfa));
}

fn encryption(draft: &Draft<'_, '_>, view: View<'_, '_>, resource: &mut Resource) {
    let encryption = encryption_of(&draft.ask(view, Some(&resource.arn)), "rule");
    with(resource, |bucket| bucket.encryption = encryption);
}

fn encryption_of(ask: &super::super::ask::Ask<'_, '_, '_>, rule: &str) -> Fact<BucketEncryption> {
    let default = format!("{rule}.0.apply_server_side_encryption_by_default.0");
    match ask.text("encryption", &format!("{default}.sse_algorithm"), Some("AES256")) {
        Fact::Known(algorithm) => {
            let kms_key = super::key(ask.view, &format!("{default}.kms_master_key_id"));
            Fact::Known(BucketEncryption { algorithm, kms_key })
        }
        Fact::Unread => Fact::Unread,
    }
}

fn public_access_block(draft: &Draft<'_, '_>, view: View<'_, '_>, resource: &mut Resource) {
    let ask = draft.ask(view, Some(&resource.arn));
    let flag = |path: &str| ask.flag("public_access_block", path, Some(false)).known().copied();
    let block = (|| {
        Some(PublicAccessBlock {
            block_public_acls: flag("block_public_acls")?,
            ignore_public_acls: flag("ignore_public_acls")?,
            block_public_policy: flag("block_public_policy")?,
            restrict_public_buckets: flag("restrict_public_buckets")?,
        })
    })();
    with(resource, |bucket| bucket.public_access_block = Fact::from(block));
}

/// `retention` is the path of the default retention.
fn object_lock(ask: &super::super::ask::Ask<'_, '_, '_>, retention: &str, enabled: bool) -> Fact<ObjectLock> {
    let at = |name: &str| format!("{retention}.{name}");
    if !enabled {
        return Fact::Known(ObjectLock::default());
    }
    let mode = ask.text("object_lock", &at("mode"), Some(""));
    let days = ask.number("object_lock", &at("days"), Some(0));
    let years = ask.number("object_lock", &at("years"), Some(0));
    let (Fact::Known(mode), Fact::Known(days), Fact::Known(years)) = (mode, days, years) else { return Fact::Unread };
    let days = days.saturating_add(years.saturating_mul(365));
    Fact::Known(ObjectLock { enabled, mode: (!mode.is_empty()).then_some(mode), days: (days > 0).then_some(days) })
}

fn replication(draft: &Draft<'_, '_>, view: View<'_, '_>, resource: &mut Resource) {
    let rules = replication_rules(draft, view, &draft.ask(view, Some(&resource.arn)));
    with(resource, |bucket| bucket.replication = Fact::from(rules));
}

/// The enabled rules of a replication; `None` where what decides is open.
fn replication_rules(
    draft: &Draft<'_, '_>,
    view: View<'_, '_>,
    ask: &super::super::ask::Ask<'_, '_, '_>,
) -> Option<Vec<ReplicationRule>> {
    // Without a filter everything is replicated; each of these takes less.
    const FILTERS: &[&str] = &["prefix", "filter.0.prefix", "filter.0.tag", "filter.0.and"];
    let open = |path: &str, why: &str| ask.open("replication", path, why);
    if let Got::Open(why) = view.got("rule") {
        open("rule", &why);
        return None;
    }
    let mut rules = Vec::new();
    for index in 0..view.blocks("rule") {
        let at = |name: &str| format!("rule.{index}.{name}");
        for path in FILTERS.iter().chain(&["status", "destination.0.account"]) {
            if let Got::Open(why) = view.got(&at(path)) {
                open(&at(path), &why);
                return None;
            }
        }
        if view.text(&at("status")) == Some("Disabled") {
            continue;
        }
        let bucket = at("destination.0.bucket");
        let destination = match draft.named(view, &bucket, BUCKET) {
            Some(named) => named,
            None => ask.text("replication", &bucket, None).known().cloned()?,
        };
        let account = view.text(&at("destination.0.account")).map(Text::from);
        let is_filtered = |path: &&str| match view.got(&at(path)) {
            Got::Known(serde_json::Value::Array(blocks)) => !blocks.is_empty(),
            Got::Known(value) => value.as_str() != Some(""),
            _ => false,
        };
        rules.push(ReplicationRule { destination, account, whole_bucket: !FILTERS.iter().any(is_filtered) });
    }
    Some(rules)
}
