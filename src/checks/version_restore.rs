//! `version-restore`: previous versions of objects stay restorable.

use super::{Answer, Args, Case, Check, CheckInfo, InCode, Param, ParamError, ParamType};
use crate::model::judgement::{Evidence, Judgement};
use crate::model::kind::Kind;
use crate::model::reach_back::{Part, parts};
use crate::model::resource::{LifecycleRule, Versioning};
use crate::model::span::Span;

/// The check's description.
pub const INFO: CheckInfo = CheckInfo {
    id: "version-restore",
    title: "previous versions of objects stay restorable",
    docs: "\
## What it judges
An object that was overwritten or deleted can be brought back for at least `keep`: versioning is
enabled, and no lifecycle rule removes noncurrent versions earlier.

## Exact semantics
- Versioning that is suspended or was never enabled fails. There, a lifecycle expiration of current
  objects destroys data for good, which the sentence says.
- A noncurrent version is removed once it has been noncurrent for `NoncurrentDays` and more than
  `NewerNoncurrentVersions` newer ones exist. The count can only lengthen the life of some versions,
  so 30 days with 5 newer versions are still 30 days: the sixth is gone after that.
- Where the filters of several rules can meet in one object, the shortest expiration wins. Prefixes
  meet when one begins with the other, tags unless they give one key two values, sizes when their
  ranges do. `parts` lists every filter with its days.
- Expiration of current versions only adds delete markers in a versioned bucket. Transitions to colder
  storage make a restore slower, not shorter.
- Without a rule that removes noncurrent versions they are kept for ever: a pass, which costs storage.

Source: Amazon S3 user guide, lifecycle configuration elements and conflicts.

## What yields `unknown`
`s3:GetBucketVersioning` or `s3:GetBucketLifecycleConfiguration` was denied or failed.
",
    remedy: "enable versioning, and raise `NoncurrentDays` of every lifecycle rule that reaches the objects",
    kinds: &[Kind::S3Bucket],
    judges_deleted: false,
    remedy_in_code: Some(InCode {
        terraform: "enable versioning, and raise `noncurrent_days` of every lifecycle rule that reaches the objects",
        template: "enable versioning, and raise `NoncurrentDays` of every lifecycle rule that reaches the objects",
    }),
    params: &[Param {
        name: "keep",
        ty: ParamType::Span,
        default: None,
        required: true,
        docs: "how long previous versions must be restorable",
    }],
    reads: &["s3:ListBuckets", "s3:GetBucketVersioning", "s3:GetBucketLifecycleConfiguration"],
    prepare,
};

struct VersionRestore {
    keep: Span,
}

fn prepare(args: &Args) -> Result<Box<dyn Check>, ParamError> {
    Ok(Box::new(VersionRestore { keep: args.span("keep").unwrap_or_default() }))
}

impl Check for VersionRestore {
    fn judge(&self, case: &Case<'_>) -> Answer {
        let bucket = case.resource.bucket();
        let versioning = *case.need(bucket.map(|bucket| &bucket.versioning), "s3:GetBucketVersioning")?;
        let lifecycle = case.need(bucket.map(|bucket| &bucket.lifecycle), "s3:GetBucketLifecycleConfiguration");
        if versioning != Versioning::Enabled {
            let rules = lifecycle.map(Vec::as_slice).unwrap_or_default();
            return Ok(without_versions(case, versioning, rules));
        }
        let rules = lifecycle?;
        let Some(worst) = self.worst(rules) else {
            return Ok(Judgement::pass(
                "previous versions are kept for ever: no lifecycle rule removes them, which costs storage",
            ));
        };
        let judgement = if !self.is_short(&worst) {
            Judgement::pass("previous versions are kept for {kept}")
        } else if worst.by != worst.rule {
            Judgement::fail(
                "the lifecycle rule {overlapped} keeps previous versions for {own}, but {rule} reaches the same \
                 objects and removes them after {kept}; {keep} are demanded",
            )
            .with("overlapped", &worst.rule.id)
            .with("own", days(worst.own))
        } else if let Some(newer) = worst.by.newer_noncurrent_versions {
            Judgement::fail(
                "the lifecycle rule {rule} removes previous versions after {kept}, all but the newest {newer}; \
                 {keep} are demanded",
            )
            .with("newer", newer)
        } else {
            Judgement::fail("the lifecycle rule {rule} removes previous versions after {kept}; {keep} are demanded")
        };
        let mut judgement = judgement
            .with("kept", days(worst.days))
            .with("keep", self.keep)
            .with("rule", &worst.by.id)
            .shown_by(setting(case, worst.by));
        if worst.by != worst.rule {
            judgement = judgement.shown_by(setting(case, worst.rule));
        }
        if rules.len() > 1 {
            judgement = judgement.with("parts", listing(rules));
        }
        Ok(judgement)
    }
}

impl VersionRestore {
    fn is_short(&self, part: &Part<'_>) -> bool {
        days(part.days) < self.keep
    }

    /// The part to speak of: one whose own rule promises enough and is undercut by another says most,
    /// otherwise the shortest.
    fn worst<'a>(&self, rules: &'a [LifecycleRule]) -> Option<Part<'a>> {
        let undercut = |part: &Part<'_>| self.is_short(part) && days(part.own) >= self.keep;
        parts(rules).min_by_key(|part| (!undercut(part), part.days))
    }
}

fn days(days: u32) -> Span {
    Span::days(i64::from(days))
}

fn setting(case: &Case<'_>, rule: &LifecycleRule) -> Evidence {
    Evidence::new("setting", case.resource.arn.clone(), None).note(format!("lifecycle rule {}", rule.id))
}

fn without_versions(case: &Case<'_>, versioning: Versioning, rules: &[LifecycleRule]) -> Judgement {
    let destroyer = rules.iter().find(|rule| rule.expire_days.is_some() || rule.expire_on.is_some());
    let judgement = Judgement::fail(match (versioning, destroyer) {
        (Versioning::Suspended, None) => "versioning is suspended: what is overwritten now cannot be restored",
        (Versioning::Suspended, Some(_)) => {
            "versioning is suspended, and the lifecycle rule {rule} deletes current objects for good"
        }
        (_, None) => "versioning was never enabled: there are no previous versions",
        (_, Some(_)) => "versioning was never enabled, and the lifecycle rule {rule} deletes objects for good",
    });
    match destroyer {
        Some(rule) => judgement.with("rule", &rule.id).shown_by(setting(case, rule)),
        None => judgement,
    }
}

/// Every filter with the days of its first removed versions.
fn listing(rules: &[LifecycleRule]) -> String {
    let parts: Vec<String> = parts(rules).map(|part| format!("{}: {}", filter(part.rule), days(part.days))).collect();
    parts.join("; ")
}

fn filter(rule: &LifecycleRule) -> String {
    let mut words = vec![rule.prefix.as_deref().filter(|prefix| !prefix.is_empty()).unwrap_or("*").to_owned()];
    words.extend(rule.tags.iter().map(|(key, value)| format!("{key}={value}")));
    words.extend(rule.larger_than.map(|bytes| format!(">{bytes}B")));
    words.extend(rule.smaller_than.map(|bytes| format!("<{bytes}B")));
    words.join(" ")
}
