//! `secure-location`: dumps and archives lie only in approved, private, encrypted places.

use super::{Answer, Args, Case, Check, CheckInfo, Param, ParamError, ParamType};
use crate::model::activity::{Activity, ActivityKind, Artefact};
use crate::model::glob;
use crate::model::judgement::{Evidence, Judgement};
use crate::model::kind::Kind;
use crate::model::resource::Resource;
use crate::model::span::Span;
use crate::model::text::Text;

/// The check's description.
pub const INFO: CheckInfo = CheckInfo {
    id: "secure-location",
    title: "dumps and archives lie only in approved, private and encrypted places",
    docs: "\
## What it judges
Declared components: what their backups of the last `lookback` made, by the log.

## Exact semantics
* Each artefact lies in a place that `approved` or the register (`stored_in`) names, as a pattern. Where neither
  names one, no place is approved.
* An artefact in S3 (`s3://bucket/key`) lies in a bucket that is encrypted by default, is not public by its policy, and
  has all four parts of its public access block on.
* An artefact that its record calls unencrypted fails anywhere.
* An artefact elsewhere is judged by the approval of its place alone: nobody can look at a path from here.

## What yields `unknown`
No log was read; no backup of the component names an artefact; the bucket is not in the inventory, or its settings
were not read.
",
    remedy: "store the backup in an approved bucket, remove the copy elsewhere, and name the place in the register (`stored_in`)",
    kinds: &[Kind::Mysql, Kind::Postgresql, Kind::Repository, Kind::Configuration, Kind::Files],
    judges_deleted: false,
    remedy_in_code: None,
    params: &[
        Param {
            name: "approved",
            ty: ParamType::Texts,
            default: Some("[]"),
            required: false,
            docs: "Places, or patterns with `*`, besides those of the register.",
        },
        Param {
            name: "lookback",
            ty: ParamType::Span,
            default: Some(r#""35d""#),
            required: false,
            docs: "How far back it looks.",
        },
    ],
    reads: &["log:ReadRecords", "s3:GetBucketEncryption", "s3:GetPublicAccessBlock", "s3:GetBucketPolicyStatus"],
    prepare,
};

struct SecureLocation {
    approved: Vec<Text>,
    lookback: Span,
}

fn prepare(args: &Args) -> Result<Box<dyn Check>, ParamError> {
    let lookback = args.span("lookback").unwrap_or(Span::days(35));
    if lookback <= Span::ZERO {
        return Err(ParamError::new("lookback", "it would look at nothing", "write for example `35d`"));
    }
    Ok(Box::new(SecureLocation { approved: args.texts("approved").to_vec(), lookback }))
}

impl Check for SecureLocation {
    fn judge(&self, case: &Case<'_>) -> Answer {
        case.context.need_log()?;
        let from = self.lookback.before(case.as_of());
        let recent = |activity: &&&Activity| {
            activity.kind == ActivityKind::Backup && activity.started_at >= from && activity.started_at <= case.as_of()
        };
        let artefacts: Vec<(&Activity, &Artefact)> = case
            .activities()
            .iter()
            .filter(recent)
            .flat_map(|activity| {
                activity.detail.iter().flat_map(|detail| &detail.artefacts).map(|artefact| (*activity, artefact))
            })
            .collect();
        if artefacts.is_empty() {
            return Ok(
                Judgement::unknown("no backup within {lookback} says where it lies").with("lookback", self.lookback)
            );
        }
        let places = self.approved_places(case);
        let facts =
            |judgement: Judgement| judgement.with("artefacts", artefacts.len()).with("approved", places.join(", "));
        let mut unknown: Option<Judgement> = None;
        for (activity, artefact) in &artefacts {
            let say = |judgement: Judgement| {
                facts(judgement)
                    .with("artefact", &artefact.uri)
                    .with("made", activity.started_at)
                    .shown_by(Evidence::activity(activity))
            };
            if !places.iter().any(|pattern| glob::matches(pattern, &artefact.uri)) {
                return Ok(say(Judgement::fail("{artefact}, made on {made}, lies in no approved place")));
            }
            if artefact.encrypted == Some(false) {
                return Ok(say(Judgement::fail("{artefact}, made on {made}, is not encrypted")));
            }
            match bucket_of(artefact, case) {
                Bucket::None | Bucket::Good => {}
                Bucket::Bad(template) => return Ok(say(Judgement::fail(template))),
                Bucket::Unknown(template) => _ = unknown.get_or_insert_with(|| say(Judgement::unknown(template))),
            }
        }
        let good = || facts(Judgement::pass("{artefacts:artefact} in approved places ({approved})"));
        Ok(unknown.unwrap_or_else(good))
    }

    fn lookback(&self) -> Span {
        self.lookback
    }
}

impl SecureLocation {
    fn approved_places(&self, case: &Case<'_>) -> Vec<String> {
        let own = case.component().map(|part| part.stored_in.as_slice()).unwrap_or_default();
        self.approved.iter().chain(own).map(ToString::to_string).collect()
    }
}

/// What is known of the bucket of an artefact.
enum Bucket {
    /// It lies in none.
    None,
    Good,
    Bad(&'static str),
    Unknown(&'static str),
}

fn bucket_of(artefact: &Artefact, case: &Case<'_>) -> Bucket {
    let Some(name) = artefact.uri.strip_prefix("s3://").and_then(|rest| rest.split('/').next()) else {
        return Bucket::None;
    };
    let Some(resource) = case.context.estate.resource(&format!("arn:aws:s3:::{name}")) else {
        return Bucket::Unknown("the bucket of {artefact} is not in the inventory");
    };
    settings(resource)
}

fn settings(resource: &Resource) -> Bucket {
    let Some(bucket) = resource.bucket() else {
        return Bucket::Unknown("the settings of the bucket of {artefact} were not read");
    };
    let encrypted = bucket.encryption.known().map(|encryption| encryption.algorithm != *"none");
    let public = bucket.policy_public.known().copied();
    let blocked = bucket.public_access_block.known().map(|block| block.blocks_everything());
    match (encrypted, public, blocked) {
        (Some(false), _, _) => Bucket::Bad("the bucket of {artefact} does not encrypt"),
        (_, Some(true), _) => Bucket::Bad("the bucket of {artefact} is public"),
        (_, _, Some(false)) => Bucket::Bad("the public access block of the bucket of {artefact} is not complete"),
        (Some(true), Some(false), Some(true)) => Bucket::Good,
        _ => Bucket::Unknown("the settings of the bucket of {artefact} were not read"),
    }
}
