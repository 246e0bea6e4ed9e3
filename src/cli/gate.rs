//! `lastgood gate`: judge what a change of infrastructure code would make of the backups.

mod exceptions;
mod inputs;

use std::collections::BTreeMap;
use std::io::{self, Read as _, Write as _};
use std::path::Path;
use std::sync::Arc;

use super::args::GateArgs;
use super::output::Planned;
use super::{Exit, Failure, Outcome, complain, forgive_broken_pipe, load, output, records, remark};
use crate::evaluate::change::{self, Gated, Scope};
use crate::model::assessment::Assessment;
use crate::model::baseline::{Baseline, Known};
use crate::model::declared::CodeAt;
use crate::model::inventory::Inventory;
use crate::model::judgement::counted;
use crate::model::text::Text;
use crate::policy::{CHANGE_RULE, Policy};
use crate::report::gate::{self, Gate};
use crate::report::{Format, RenderOptions};
use crate::sources::baseline;
use crate::sources::cloudformation::{self, Stacks};
use crate::sources::iac::{self, IacError, Reading, Suppression};
use crate::sources::inventory::read_inventory;
use crate::sources::terraform::{self, Given};

impl From<IacError> for Failure {
    fn from(error: IacError) -> Self {
        let help = error.help();
        Self::new(error).help(help)
    }
}

pub(super) fn run(args: &GateArgs) -> Outcome {
    // Everything the user can get wrong is looked at before anything is read.
    let outputs = inputs::outputs(args, output::plan(&args.output)?)?;
    let several = args.inputs.len() > 1;
    let policy = load::policy(&args.policies, false)?;
    let live = args.inventory.as_deref().map(read_inventory).transpose()?;
    let parameters = parameters(args)?;
    let as_of = args.as_of.unwrap_or_else(|| chrono::SubsecRound::trunc_subsecs(chrono::Utc::now(), 0));
    let alone = Stacks::default();
    let given = cloudformation::Given { as_of, live: live.as_ref(), parameters: &parameters, stacks: &alone };
    let stacks = Stacks::of(&args.inputs, &given);
    let mut judge = Judge {
        args,
        in_files: policy.waivers.len(),
        policy,
        baseline: args.baseline.as_deref().map(baseline::read).transpose()?,
        register: records::applications(&args.applications)?,
        given: cloudformation::Given { stacks: &stacks, ..given },
    };
    let mut worst = Exit::Fine;
    for path in &args.inputs {
        let name = inputs::name(path);
        let outputs: Vec<Planned> = outputs.iter().map(|report| report.of(&name)).collect();
        let exit = match judge.judge(path, &outputs, several.then_some(&*name)) {
            // The others are told of all the same.
            Err(failure) if several => {
                complain(&failure);
                remark(format!("`{}` was not judged", path.display()));
                failure.exit
            }
            other => other?,
        };
        worst = inputs::worse(worst, exit);
    }
    Ok(worst)
}

/// By what, and beside what, each input is judged.
struct Judge<'g> {
    args: &'g GateArgs,
    policy: Policy,
    /// How many of its waivers stand in files: those after them are of one input.
    in_files: usize,
    baseline: Option<Baseline>,
    register: Option<records::Records>,
    given: cloudformation::Given<'g>,
}

impl Judge<'_> {
    /// Judge one input, and write its reports. `name` is its name among several.
    fn judge(&mut self, path: &Path, outputs: &[Planned], name: Option<&str>) -> Outcome {
        let Self { args, policy, in_files, baseline, register, given } = self;
        let (as_of, live) = (given.as_of, given.live);
        let (mut reading, excepted) = read(args, path, given)?;
        policy.waivers.truncate(*in_files);
        if let (false, Some(declared)) = (args.no_inline, reading.after.declared.as_deref()) {
            let own = exceptions::waivers(&excepted, declared, policy, as_of)?;
            policy.waivers.extend(own);
        }
        iac::join(&mut reading, live);
        if let Some(register) = register {
            for inventory in [Some(&mut reading.after), reading.before.as_mut()].into_iter().flatten() {
                register.assign_to(inventory, &policy.application_tag)?;
            }
        }
        let scope = if args.all || args.write_baseline.is_some() { Scope::All } else { Scope::OnlyChanges };
        let mut gated = change::evaluate(policy, &reading.after, reading.before.as_ref(), as_of, scope);
        if let Some(to) = &args.write_baseline {
            let found = Baseline::of(&gated.assessment, CHANGE_RULE);
            baseline::write(to, &found)?;
            remark(format!("{} written to {}", counted(found.findings.len() as u64, "known finding"), to.display()));
            return Ok(Exit::Fine);
        }
        if let Some(known) = baseline {
            let known = known.clone().follow(&moves(&reading.after));
            // Only a look at everything shows what is found no more.
            for stale in
                change::know(&known, policy, &reading.after, &mut gated.assessment).into_iter().filter(|_| args.all)
            {
                let Known { rule, address, reason, .. } = stale;
                remark(format!("the baseline holds what is found no more: {rule} of {address}: {reason}"));
            }
        }
        place(&mut gated.assessment, path);
        write(args, outputs, &reading, &gated, (path, name))?;
        Ok(exit(args, args.allow_empty || given.stacks.nests(path), &gated.assessment))
    }
}

/// The values of parameters: those of the command line win over those of files, and later files over earlier ones.
fn parameters(args: &GateArgs) -> Result<BTreeMap<String, String>, Failure> {
    let mut found = BTreeMap::new();
    for path in &args.parameter_file {
        let unreadable = |source| IacError::Unreadable { path: path.clone(), source };
        let bytes = std::fs::read(path).map_err(unreadable)?;
        found.extend(cloudformation::parameters::read(bytes, path)?);
    }
    found.extend(args.parameters.iter().cloned());
    Ok(found)
}

/// An input, with the exceptions that stand in its code.
fn read(
    args: &GateArgs,
    path: &Path,
    given: &cloudformation::Given<'_>,
) -> Result<(Reading, Vec<(Text, Suppression)>), Failure> {
    let unreadable = |source| IacError::Unreadable { path: path.to_owned(), source };
    let bytes = if path == Path::new("-") {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes).map_err(unreadable)?;
        bytes
    } else {
        std::fs::read(path).map_err(unreadable)?
    };
    if cloudformation::is_for_cloudformation(&bytes, &path.to_string_lossy()) {
        let reading = cloudformation::read(bytes.clone(), path, given)?;
        let declared = reading.after.declared.as_deref();
        let found = declared.map(|declared| cloudformation::exceptions(&bytes, path, declared)).transpose()?;
        return Ok((reading, found.unwrap_or_default()));
    }
    let mut reading = terraform::read(bytes, path, &Given { as_of: given.as_of, live: given.live })?;
    let found = match (&args.source, reading.after.declared.as_deref_mut()) {
        (Some(folder), Some(declared)) => terraform::locate(declared, folder)?,
        _ => Vec::new(),
    };
    Ok((reading, found))
}

fn write(
    args: &GateArgs,
    outputs: &[Planned],
    reading: &Reading,
    gated: &Gated,
    (path, name): (&Path, Option<&str>),
) -> Result<(), Failure> {
    let Some(declared) = reading.after.declared.as_deref() else { return Ok(()) };
    let input = path.display().to_string();
    let gate = Gate {
        assessment: &gated.assessment,
        declared,
        left_out: &gated.left_out,
        elsewhere: &gated.elsewhere,
        input: &input,
    };
    let table = |options: &RenderOptions, out: &mut dyn io::Write| gate::write(&gate, options, out);
    output::write_with(outputs, &args.output, &gated.assessment, Some(&table), name)?;
    if outputs.iter().all(|output| output.format() != Format::Table) {
        let summary = &gated.assessment.summary;
        remark(format!("{input}: {} fail, {} unknown, {} pass", summary.fail, summary.unknown, summary.pass));
    }
    let mut out = io::stdout().lock();
    forgive_broken_pipe(out.flush())
}

/// Where what the change moves stood before.
fn moves(inventory: &Inventory) -> BTreeMap<Text, Text> {
    let blocks = inventory.declared.iter().flat_map(|declared| &declared.resources);
    blocks.filter_map(|block| Some((block.previous_address.clone()?, block.address.clone()))).collect()
}

/// What the code could not be found for stands in the input itself.
fn place(assessment: &mut Assessment, input: &Path) {
    let at = CodeAt { file: input.display().to_string().into(), line: 1 };
    for verdict in &mut assessment.verdicts {
        if verdict.subject.code.is_none() {
            Arc::make_mut(&mut verdict.subject).code = Some(at.clone());
        }
    }
}

/// The exit code of one gate. Nothing judged is no clean bill, unless the user says that it may be so, or all stands in
/// stacks that are judged too, and the policy itself is in order.
fn exit(args: &GateArgs, may_be_empty: bool, assessment: &Assessment) -> Exit {
    let summary = &assessment.summary;
    let nothing = summary.pass + summary.fail + summary.unknown + summary.waived == 0;
    let in_order = assessment.policy_findings.iter().all(|finding| !finding.outcome.is_finding());
    if nothing && may_be_empty && in_order && assessment.inventory.complete {
        return Exit::Fine;
    }
    Exit::of(assessment, args.fail_on)
}
