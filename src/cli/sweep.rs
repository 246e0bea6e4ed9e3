//! `lastgood sweep`: what restore tests of killed runs left behind goes.

use super::args::SweepArgs;
use super::{Exit, Failure, Outcome, print};
use crate::model::arn::short;
use crate::remediate::sweep::{Report, Swept};
use crate::report::one_line;

pub(super) fn run(args: &SweepArgs) -> Outcome {
    let report = look(args)?;
    print(shown(&report).as_bytes())?;
    Ok(if report.is_clean() { Exit::Fine } else { Exit::Stopped })
}

#[cfg(feature = "aws")]
fn look(args: &SweepArgs) -> Result<Report, Failure> {
    use crate::aws::AwsExecutor;
    use crate::remediate::sweep::sweep;

    let mut executor = AwsExecutor::open(&args.aws.options(), super::log::now)?;
    let places = executor.places();
    let mut buckets = Vec::new();
    for place in &args.restored_to {
        let at = executor.place_of_bucket(&place.bucket).map_err(|error| {
            Failure::usage(format!("cannot tell where the bucket `{}` lies: {error}", place.bucket))
                .help("check its name, the credentials and the network")
        })?;
        buckets.push((at, place.clone()));
    }
    Ok(sweep(&mut executor, &places, &buckets, super::log::now(), args.dry_run))
}

#[cfg(not(feature = "aws"))]
fn look(_: &SweepArgs) -> Result<Report, Failure> {
    Err(Failure::usage("this build of lastgood cannot talk to AWS").help("build it with the feature `aws`"))
}

fn shown(report: &Report) -> String {
    let mut text = String::new();
    for (at, arn, swept) in &report.found {
        let (word, why) = match swept {
            Swept::Gone => ("removed", "it was left by a restore test, and is gone".to_owned()),
            Swept::Would => ("would", "it was left by a restore test".to_owned()),
            Swept::Young(expires) => ("young", format!("a test may be using it until {expires}")),
            Swept::Unclear => ("UNCLEAR", "it does not say until when it may live: look at it".to_owned()),
            Swept::Stays(why) => ("STAYS", why.to_string()),
        };
        text.push_str(&format!("{word:<8} {}/{}  {}  {}\n", at.account, at.region, short(arn), one_line(&why)));
    }
    for (at, why) in &report.unseen {
        text.push_str(&format!("UNSEEN   {}/{}  {}\n", at.account, at.region, one_line(why)));
    }
    let gone = report.found.iter().filter(|(_, _, swept)| matches!(swept, Swept::Gone)).count();
    text.push_str(&format!("{} found, {gone} removed, {} places unseen\n", report.found.len(), report.unseen.len()));
    text
}
