//! `lastgood report`: a saved assessment in any format.

use super::args::ReportArgs;
use super::{Exit, Outcome, output};
use crate::sources::inventory::read_assessment;

pub(super) fn run(args: &ReportArgs) -> Outcome {
    let outputs = output::plan(&args.output)?;
    let assessment = read_assessment(&args.assessment)?;
    output::write(&outputs, &args.output, &assessment)?;
    Ok(Exit::Fine)
}
