//! `lastgood collect`: read AWS and save what it says.

use super::args::{AwsArgs, CollectArgs};
use super::{Exit, Failure, Outcome, remark};
use crate::demo;
use crate::model::inventory::Inventory;
use crate::sources::inventory::write_inventory;

pub(super) fn run(args: &CollectArgs) -> Outcome {
    // What is on disk first: a mistake in it is found before AWS is asked a thousand things.
    let records = super::records::read(&args.records, args.demo)?;
    let mut inventory = if args.demo { demo::inventory() } else { from_aws(&args.aws)? };
    records.put_into(&mut inventory, &args.application_tag)?;
    write_inventory(&args.out, &inventory)?;
    let (things, points, gaps) = (inventory.resources.len(), inventory.points.len(), inventory.gaps.len());
    remark(format!("{things} things and {points} recovery points written to {}", args.out.display()));
    if gaps == 0 {
        return Ok(Exit::Fine);
    }
    remark(format!("{gaps} things could not be read:"));
    for gap in &inventory.gaps {
        let resource = gap.resource.as_deref().unwrap_or_default();
        remark(format!(
            "  {} {} in {} {} {resource} ({}: {}); it needs {}",
            gap.service, gap.operation, gap.account, gap.region, gap.status, gap.code, gap.iam_action
        ));
    }
    Ok(Exit::Incomplete)
}

#[cfg(feature = "aws")]
impl From<crate::aws::CollectError> for Failure {
    fn from(error: crate::aws::CollectError) -> Self {
        let help = error.help();
        Self::new(error).help(help)
    }
}

#[cfg(feature = "aws")]
impl AwsArgs {
    /// What is read, and as whom.
    pub(super) fn options(&self) -> crate::aws::Options {
        crate::aws::Options {
            regions: self.region.clone(),
            profile: self.profile.clone(),
            assume_roles: self.assume_role.clone(),
            external_id: self.external_id.clone(),
            endpoint_url: self.endpoint_url.clone(),
            share_details: self.share_details,
            ..crate::aws::Options::default()
        }
    }
}

/// Read live AWS.
#[cfg(feature = "aws")]
pub(super) fn from_aws(args: &AwsArgs) -> Result<Inventory, Failure> {
    use super::progress::Bar;
    use crate::aws;

    let bar = Bar::new();
    let captured_at = chrono::SubsecRound::trunc_subsecs(chrono::Utc::now(), 0);
    let collected = aws::collect(&args.options(), captured_at, &bar);
    drop(bar);
    Ok(collected?.inventory)
}

#[cfg(not(feature = "aws"))]
pub(super) fn from_aws(_: &AwsArgs) -> Result<Inventory, Failure> {
    Err(Failure::usage("this build of lastgood cannot talk to AWS")
        .help("build it with the feature `aws`, or give a saved inventory with `--inventory`"))
}
