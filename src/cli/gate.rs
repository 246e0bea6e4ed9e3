//! `lastgood gate`: judge what a change of infrastructure code would make of the backups.

use std::io::{self, Read as _, Write as _};
use std::path::Path;

use super::args::GateArgs;
use super::{Exit, Failure, Outcome, forgive_broken_pipe, load, output, records, remark};
use crate::evaluate::change::{self, Gated, Scope};
use crate::model::Instant;
use crate::model::inventory::Inventory;
use crate::report::gate::{self, Gate};
use crate::report::{Format, RenderOptions};
use crate::sources::iac::{self, IacError, Reading};
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
    let outputs = output::plan(&args.output)?;
    let several = args.inputs.len() > 1;
    if several && outputs.iter().any(|output| output.format() != Format::Table) {
        return Err(Failure::usage(
            "with several inputs there is one assessment each, and only the table can show them",
        )
        .help("judge them one by one: `lastgood gate a.json --format json=a-assessment.json`"));
    }
    let policy = load::policy(&args.policies, false)?;
    let register = records::applications(&args.applications)?;
    let live = args.inventory.as_deref().map(read_inventory).transpose()?;
    let as_of = args.as_of.unwrap_or_else(|| chrono::SubsecRound::trunc_subsecs(chrono::Utc::now(), 0));
    let mut worst = Exit::Fine;
    for path in &args.inputs {
        let mut reading = read(path, as_of, live.as_ref())?;
        if let (Some(folder), Some(declared)) = (&args.source, reading.after.declared.as_deref_mut()) {
            terraform::locate(declared, folder);
        }
        iac::join(&mut reading, live.as_ref());
        if let Some(register) = &register {
            for inventory in [Some(&mut reading.after), reading.before.as_mut()].into_iter().flatten() {
                register.assign_to(inventory, &policy.application_tag)?;
            }
        }
        let scope = if args.all { Scope::All } else { Scope::OnlyChanges };
        let gated = change::evaluate(&policy, &reading.after, reading.before.as_ref(), as_of, scope);
        write(args, &outputs, &reading, &gated, path)?;
        worst = worse(worst, exit(args, &gated));
    }
    Ok(worst)
}

fn read(path: &Path, as_of: Instant, live: Option<&Inventory>) -> Result<Reading, Failure> {
    let unreadable = |source| IacError::Unreadable { path: path.to_owned(), source };
    let bytes = if path == Path::new("-") {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes).map_err(unreadable)?;
        bytes
    } else {
        std::fs::read(path).map_err(unreadable)?
    };
    Ok(terraform::read(bytes, path, &Given { as_of, live })?)
}

fn write(
    args: &GateArgs,
    outputs: &[output::Planned],
    reading: &Reading,
    gated: &Gated,
    path: &Path,
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
    output::write_with(outputs, &args.output, &gated.assessment, Some(&table))?;
    if outputs.iter().all(|output| output.format() != Format::Table) {
        let summary = &gated.assessment.summary;
        remark(format!("{input}: {} fail, {} unknown, {} pass", summary.fail, summary.unknown, summary.pass));
    }
    let mut out = io::stdout().lock();
    forgive_broken_pipe(out.flush())
}

/// The exit code of one gate. Nothing judged is no clean bill, unless the user says that it may be so.
fn exit(args: &GateArgs, gated: &Gated) -> Exit {
    let summary = &gated.assessment.summary;
    let nothing = summary.pass + summary.fail + summary.unknown + summary.waived == 0;
    if nothing && args.allow_empty && gated.assessment.inventory.complete {
        return Exit::Fine;
    }
    Exit::of(&gated.assessment, args.fail_on)
}

/// 3 wins over 4, and both over 0.
fn worse(one: Exit, other: Exit) -> Exit {
    let rank = |exit: Exit| match exit {
        Exit::Findings => 2,
        Exit::Fine => 0,
        _ => 1,
    };
    if rank(other) > rank(one) { other } else { one }
}
