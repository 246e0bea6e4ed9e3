//! `lastgood report`: a saved assessment, a run or a period of a history, in any format.

use super::args::ReportArgs;
use super::{Exit, Failure, Outcome, load, output, period};
use crate::history::store::Store;
use crate::sources::inventory::read_assessment;

pub(super) fn run(args: &ReportArgs) -> Outcome {
    if let (Some(days), Some(history)) = (&args.period.period, &args.period.history) {
        let planned = period::plan(&args.output)?;
        let policy = load::policy(&args.policies, false)?;
        let mut store = Store::open_existing(history)?;
        let as_of = args.as_of.unwrap_or_else(chrono::Utc::now);
        let judged = period::judge(&mut store, &policy, days, as_of)?;
        return period::report(&judged, args.fail_on, (&planned, &args.output));
    }
    let outputs = output::plan(&args.output)?;
    let assessment = match (&args.assessment, &args.run, &args.period.history) {
        (Some(path), ..) => read_assessment(path)?,
        (None, Some(run), Some(history)) => Store::open_existing(history)?.assessment(run)?,
        _ => return Err(Failure::usage("there is nothing to report; name an assessment, a run or a period")),
    };
    output::write(&outputs, &args.output, &assessment)?;
    Ok(Exit::Fine)
}
