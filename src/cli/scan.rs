//! `lastgood scan`: read, judge, report.

use super::args::ScanArgs;
use super::{Exit, Failure, Outcome, collect, evidence, load, notify, output, period, records, remark};
use crate::demo;
use crate::evaluate::evaluate;
use crate::report::conclusion::Conclusion;
use crate::sources::inventory::{read_inventory, write_inventory};

pub(super) fn run(args: &ScanArgs) -> Outcome {
    // Everything the user can get wrong is looked at before anything is read.
    let of_period = args.period.period.as_ref().map(|_| period::plan(&args.output)).transpose()?;
    let outputs = if of_period.is_none() { output::plan(&args.output)? } else { Vec::new() };
    let sources = load::sources(&args.policies, args.demo)?;
    let policy = load::policy_of(&sources)?;
    let bundle = evidence::plan(&args.evidence)?;
    let notify = notify::plan(&args.notify, &args.aws, &policy.identity, args.fail_on)?;
    let records = records::read(&args.records, args.demo)?;
    let mut store = period::open(&args.period)?;
    let mut inventory = match &args.inventory {
        _ if args.demo => demo::inventory(),
        Some(path) => read_inventory(path)?,
        None => collect::from_aws(&args.aws).inspect_err(|failure| {
            if failure.exit == Exit::Failed {
                notify.tell_no_audit(&policy.identity, &format!("{:#}", failure.error));
            }
        })?,
    };
    records.put_into(&mut inventory, &policy.application_tag)?;
    if let Some(store) = &mut store {
        period::remember(store, &policy, &mut inventory)?;
    }
    if let Some(path) = &args.save_inventory {
        write_inventory(path, &inventory)?;
    }
    let as_of = args.as_of.unwrap_or(inventory.captured_at);
    if as_of < inventory.captured_at {
        let read = inventory.captured_at.format("%Y-%m-%d %H:%M UTC");
        return Err(Failure::usage(format!("`--as-of {as_of}` lies before the inventory, which was read at {read}"))
            .help("an inventory shows what existed when it was read; judge it at that instant or later"));
    }
    let assessment = evaluate(&policy, &inventory, as_of);
    output::write(&outputs, &args.output, &assessment)?;
    if !args.output.formats.is_empty() || args.output.out.is_some() {
        let conclusion = Conclusion::of(&assessment);
        remark(format!("{}: {}", conclusion.standing.headline().to_lowercase(), conclusion.basis()));
    }
    notify.tell(&assessment, args.fail_on);
    // The report is out by now: a history that cannot take the run is told, and takes nothing from it.
    let kept = match store.as_mut().map(|store| period::keep(store, &policy, &inventory, &assessment)) {
        Some(Err(error)) => {
            remark(format!("error: {error}\n  help: {}", error.help()));
            false
        }
        _ => true,
    };
    let judged = match (&mut store, &args.period.period) {
        (Some(store), Some(days)) if kept => Some(period::judge(store, &policy, days, as_of)?),
        _ => None,
    };
    if let Some(bundle) = &bundle {
        let records = records::files(&args.records, args.demo);
        evidence::write(bundle, &sources, &inventory, &assessment, (records, judged.as_ref()))?;
    }
    match (judged, &of_period) {
        _ if !kept => Ok(Exit::Failed),
        (Some(judged), Some(planned)) => period::report(&judged, args.fail_on, (planned, &args.output)),
        _ => Ok(Exit::of(&assessment, args.fail_on)),
    }
}
