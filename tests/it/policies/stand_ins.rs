//! Checks that judge nothing, for tests of the loader: messages about them stay as they are when
//! the real checks change.

use lastgood::checks::{Answer, Args, Case, Check, CheckInfo, Param, ParamError, ParamType};
use lastgood::model::judgement::Judgement;
use lastgood::model::kind::Kind;

struct Nothing;

impl Check for Nothing {
    fn judge(&self, _: &Case<'_>) -> Answer {
        Ok(Judgement::pass("nothing is judged"))
    }
}

fn prepare(_: &Args) -> Result<Box<dyn Check>, ParamError> {
    Ok(Box::new(Nothing))
}

fn prepare_cadence(args: &Args) -> Result<Box<dyn Check>, ParamError> {
    match (args.span("every"), args.span("lookback")) {
        (Some(every), Some(lookback)) if lookback < every => Err(ParamError::new(
            "lookback",
            format!("`lookback` of {lookback} is shorter than `every` of {every}"),
            "look back over at least two intervals",
        )),
        _ => Ok(Box::new(Nothing)),
    }
}

const fn param(name: &'static str, ty: ParamType, default: Option<&'static str>) -> Param {
    Param { name, ty, default, required: false, docs: "For tests." }
}

const fn required(name: &'static str, ty: ParamType) -> Param {
    Param { name, ty, default: None, required: true, docs: "For tests." }
}

const DATA: &[Kind] = &[
    Kind::EbsVolume,
    Kind::Ec2Instance,
    Kind::S3Bucket,
    Kind::RdsInstance,
    Kind::RdsCluster,
    Kind::DynamodbTable,
    Kind::EfsFileSystem,
    Kind::Mysql,
    Kind::Postgresql,
    Kind::Repository,
    Kind::Configuration,
    Kind::Files,
];

const fn check(id: &'static str, kinds: &'static [Kind], params: &'static [Param]) -> CheckInfo {
    CheckInfo {
        id,
        title: "a check that judges nothing",
        docs: "## What it judges\nNothing.\n",
        remedy: "nothing to put right",
        kinds,
        judges_deleted: false,
        remedy_in_code: None,
        params,
        reads: &[],
        prepare,
    }
}

use ParamType::{Choice, Choices, Count, Flag, Span, Texts};

/// Named like the real ones, with the parameters that the shipped policy and the fixtures use.
pub(super) const CHECKS: &[&CheckInfo] = &[
    &CheckInfo {
        prepare: prepare_cadence,
        ..check(
            "cadence",
            DATA,
            &[
                required("every", Span),
                param("grace", Span, Some("\"0h\"")),
                param("lookback", Span, Some("\"35d\"")),
                param("require_usable", Flag, Some("true")),
                param("keep_newest", Count, None),
            ],
        )
    },
    &check(
        "retention-minimum",
        DATA,
        &[required("keep", Span), param("mechanisms", Choices(&["snapshot", "backup"]), None)],
    ),
    &check("retention-maximum", DATA, &[required("limit", Span), param("grace", Span, Some("\"48h\""))]),
    &check("versioning", &[Kind::S3Bucket], &[]),
    &check("version-restore", &[Kind::S3Bucket], &[required("keep", Span)]),
    &check(
        "encryption",
        &[Kind::EbsVolume, Kind::S3Bucket, Kind::BackupVault, Kind::AccountRegion],
        &[param("keys", Texts, Some("[]"))],
    ),
    &check("access", DATA, &[param("allowed_accounts", Texts, Some("[]"))]),
    &check("automated", DATA, &[]),
    &check(
        "snapshot-complete",
        DATA,
        &[param("pending", Span, Some("\"24h\"")), param("lookback", Span, Some("\"35d\""))],
    ),
    &check(
        "restore-test",
        DATA,
        &[
            required("within", Span),
            param("per", Choice(&["resource", "application", "estate"]), Some("\"application\"")),
            param("validated", Flag, Some("true")),
        ],
    ),
    &check("backup-health", DATA, &[param("lookback", Span, Some("\"30d\""))]),
    &lastgood::checks::condition::INFO,
    &check("immutability", &[Kind::BackupVault], &[param("mode", Choice(&["any", "compliance"]), Some("\"any\""))]),
];

/// The real checks, and stand-ins for those that are not there yet.
pub(super) fn real_first() -> Vec<&'static CheckInfo> {
    let real = lastgood::checks::CHECKS;
    let missing = CHECKS.iter().filter(|stand_in| !real.iter().any(|check| check.id == stand_in.id));
    real.iter().chain(missing).copied().collect()
}
