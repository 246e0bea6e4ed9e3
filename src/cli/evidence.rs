//! Evidence bundles: `scan --bundle`, `lastgood verify`, `lastgood evidence sample`.

use std::path::{Path, PathBuf};

use super::args::{BundleArgs, EvidenceCommand, SampleArgs, VerifyArgs};
use super::load::Sources;
use super::{Exit, Failure, Outcome, print, remark};
use crate::evidence::{
    Check, Checked, Contents, EvidenceError, INVENTORY, Manifest, Opened, Origin, Part, Previous, SCHEMA, SigningKey,
    VerifyingKey, open, pack, period_renderings, renderings, sample, verify,
};
use crate::model::assessment::Assessment;
use crate::model::inventory::Inventory;
use crate::model::period::PeriodAssessment;
use crate::model::text::Text;
use crate::policy::SourceFile;
use crate::policy::suggest::closest;
use crate::report::one_line;
use crate::sources::inventory::{read_assessment, write_whole};

/// The variable that holds a signing key in PEM.
const KEY: &str = "LASTGOOD_SIGNING_KEY";

impl From<EvidenceError> for Failure {
    fn from(error: EvidenceError) -> Self {
        let help = error.help();
        Self::usage(error).help(help)
    }
}

/// A bundle that is to be written, with all that can be wrong looked at before anything is read.
pub(super) struct Planned {
    path: PathBuf,
    previous: Option<Previous>,
    key: Option<SigningKey>,
}

pub(super) fn plan(args: &BundleArgs) -> Result<Option<Planned>, Failure> {
    let Some(path) = args.bundle.clone() else { return Ok(None) };
    let previous = args.previous.as_deref().map(open).transpose()?.map(|before| Previous {
        run: before.manifest().run.clone(),
        root: before.manifest().root.clone(),
        manifest_sha256: before.manifest_sha256().into(),
    });
    let pem = match &args.sign_key {
        Some(path) => Some(text(path)?),
        None => std::env::var(KEY).ok().filter(|pem| !pem.is_empty()),
    };
    let key = pem.map(|pem| SigningKey::from_pem(&pem)).transpose()?;
    Ok(Some(Planned { path, previous, key }))
}

fn text(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| {
        Failure::usage(format!("cannot read `{}`: {error}", path.display())).help("check the path and its rights")
    })
}

/// Write the bundle; it appears whole or not at all.
pub(super) fn write(
    planned: &Planned,
    sources: &Sources,
    inventory: &Inventory,
    assessment: &Assessment,
    (records, period): (Vec<(&'static str, PathBuf)>, Option<&PeriodAssessment>),
) -> Result<(), Failure> {
    let mut parts = Vec::new();
    let policies = given("policies", &sources.policies, &mut parts);
    let mappings = given("mappings", &sources.mappings, &mut parts);
    for (number, (sort, path)) in records.into_iter().enumerate() {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let path_inside = format!("records/{sort}/{:04}-{}", number + 1, plain(&name));
        parts.push(Part { path: path_inside, contents: Contents::File(path) });
    }
    let json = serde_json::to_vec(inventory).map_err(Failure::new)?;
    parts.push(Part { path: INVENTORY.into(), contents: Contents::Bytes(json) });
    let all = renderings(assessment).map_err(Failure::new)?;
    parts.extend(all.into_iter().map(|(path, bytes)| Part { path, contents: Contents::Bytes(bytes) }));
    let of_period = period.map(period_renderings).transpose().map_err(Failure::new)?.unwrap_or_default();
    parts.extend(of_period.into_iter().map(|(path, bytes)| Part { path, contents: Contents::Bytes(bytes) }));
    let manifest = Manifest {
        schema: SCHEMA.into(),
        run: assessment.run.id.clone(),
        version: assessment.run.version.clone(),
        as_of: assessment.run.as_of,
        policy: assessment.policy.id.clone(),
        policy_version: assessment.policy.version.clone(),
        policies,
        mappings,
        files: Vec::new(),
        root: Text::default(),
        previous: planned.previous.clone(),
    };
    let mut made = None;
    write_whole(&planned.path, |out| {
        made = Some(pack(manifest, parts, planned.key.as_ref(), out)?);
        Ok(())
    })?;
    let (root, signed) = (made.map(|made| made.root).unwrap_or_default(), planned.key.as_ref().map(SigningKey::public));
    let signed = signed.map(|key| format!(", signed by the key {}", key.id())).unwrap_or_default();
    remark(format!("bundle written to {}; its root is {root}{signed}", planned.path.display()));
    Ok(())
}

/// Put files into a folder of the bundle, each under its place and a harmless name.
fn given(folder: &str, files: &[SourceFile], parts: &mut Vec<Part>) -> Vec<Origin> {
    let mut origins = Vec::new();
    for (number, file) in files.iter().enumerate() {
        let name = file.name.rsplit(['/', '\\']).next().unwrap_or_default();
        let path = format!("{folder}/{:04}-{}", number + 1, plain(name));
        origins.push(Origin { name: file.name.as_str().into(), path: path.as_str().into() });
        parts.push(Part { path, contents: Contents::Bytes(file.text.clone().into_bytes()) });
    }
    origins
}

/// A name that `sha256sum` and every file system take as it is.
fn plain(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || ".-_".contains(c) { c } else { '_' }).collect()
}

pub(super) fn verify_bundle(args: &VerifyArgs) -> Outcome {
    let mut bundle = open(&args.bundle)?;
    let previous = args.previous.as_deref().map(open).transpose()?;
    let key = args.key.as_deref().map(text).transpose()?.map(|pem| VerifyingKey::from_pem(&pem)).transpose()?;
    let checks = verify(&mut bundle, previous.as_ref(), key.as_ref());
    print(shown(&bundle, &checks).as_bytes())?;
    let any = |is: fn(&Checked) -> bool| checks.iter().any(|check| is(&check.came));
    // Who gives no key to an unsigned bundle has left nothing out.
    let unsigned = |check: &&Check| matches!(&check.came, Checked::NotLookedAt(why) if **why != *"it is not signed");
    Ok(if any(|came| matches!(came, Checked::Bad(_))) {
        Exit::Findings
    } else if checks.iter().any(|check| unsigned(&check)) {
        Exit::Incomplete
    } else {
        Exit::Fine
    })
}

fn shown(bundle: &Opened, checks: &[Check]) -> String {
    let manifest = bundle.manifest();
    let mut text = format!(
        "run {} of the policy {} {}, as of {}\n",
        one_line(&manifest.run),
        one_line(&manifest.policy),
        one_line(&manifest.policy_version),
        manifest.as_of.format("%Y-%m-%d %H:%M UTC")
    );
    for check in checks {
        let (word, sentences) = match &check.came {
            Checked::Good(why) => ("ok", std::slice::from_ref(why)),
            Checked::Bad(why) => ("WRONG", why.as_slice()),
            Checked::NotLookedAt(why) => ("not looked at", std::slice::from_ref(why)),
        };
        for sentence in sentences {
            text.push_str(&format!("{:<14} {word:<14} {}\n", check.what, one_line(sentence)));
        }
    }
    text
}

pub(super) fn run(command: &EvidenceCommand) -> Outcome {
    let EvidenceCommand::Sample(args) = command;
    let mut assessment = assessment(args)?;
    if let Some(rule) = &args.rule {
        let known: std::collections::BTreeSet<Text> =
            assessment.verdicts.iter().map(|verdict| verdict.rule.id.clone()).collect();
        if !known.contains(rule.as_str()) {
            let failure = Failure::usage(format!("no verdict is of the rule `{rule}`"));
            return Err(match closest(rule, known.iter().map(Text::as_str)) {
                Some(near) => failure.help(format!("did you mean `{near}`?")),
                None => failure,
            });
        }
        assessment.verdicts.retain(|verdict| *verdict.rule.id == **rule);
    }
    let drawn = sample(&assessment, &args.seed, args.number);
    let mut text = format!(
        "{} of {} verdicts of run {}: the smallest SHA-256 of seed, line feed, rule, space and resource\n",
        drawn.len(),
        assessment.verdicts.len(),
        one_line(&assessment.run.id)
    );
    for (digest, verdict) in drawn {
        text.push_str(&format!(
            "{}  {:<14} {}  {}\n  {}\n",
            digest.get(..12).unwrap_or_default(),
            verdict.outcome.id(),
            one_line(&verdict.rule.id),
            one_line(&verdict.subject.resource),
            one_line(&verdict.reason())
        ));
        for object in &verdict.evidence {
            text.push_str(&format!("  {} {}\n", one_line(&object.what), one_line(&object.id)));
        }
    }
    print(text.as_bytes())?;
    Ok(Exit::Fine)
}

/// Of a bundle, or as `scan` saved it.
fn assessment(args: &SampleArgs) -> Result<Assessment, Failure> {
    if args.of.extension().is_some_and(|extension| extension == "zip") {
        return Ok(open(&args.of)?.assessment()?);
    }
    Ok(read_assessment(&args.of)?)
}
