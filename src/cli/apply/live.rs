//! Live AWS as the world in which a plan is carried out.

use std::collections::BTreeSet;

use crate::aws;
use crate::cli::args::ApplyArgs;
use crate::cli::{Failure, log};
use crate::model::Instant;
use crate::model::plan::{Action, Item};
use crate::remediate::port::Executor;

/// The credentials that the arguments name, confirmed, for the regions of the items.
pub(super) fn live(args: &ApplyArgs, items: &[&Item]) -> Result<Box<dyn Executor>, Failure> {
    let regions: BTreeSet<&str> = items.iter().map(|item| item.region.as_str()).collect();
    let options = aws::Options {
        regions: regions.into_iter().map(ToOwned::to_owned).collect(),
        profile: args.profile.clone(),
        assume_roles: args.assume_role.clone(),
        external_id: args.external_id.clone(),
        session_policy: Some(session_policy(items)),
        endpoint_url: args.endpoint_url.clone(),
        ..aws::Options::default()
    };
    Ok(Box::new(aws::AwsExecutor::open(&options, log::now)?))
}

/// Whatever our code does: a role that is assumed for this run cannot delete a snapshot that is younger than
/// anything approved, and none at all when no deletion is. IAM knows no relative dates, so the policy is made for
/// each run.
fn session_policy(items: &[&Item]) -> String {
    let cutoff = |item: &&Item| match &item.action {
        Action::Prune { cutoff, .. } => Some(*cutoff),
        _ => None,
    };
    let latest: Option<Instant> = items.iter().filter_map(cutoff).max();
    let everything = serde_json::json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    let never = match latest {
        None => serde_json::json!({
            "Effect": "Deny", "Action": ["ec2:DeleteSnapshot", "backup:DeleteRecoveryPoint"], "Resource": "*"
        }),
        Some(cutoff) => serde_json::json!({
            "Effect": "Deny", "Action": "ec2:DeleteSnapshot", "Resource": "*",
            "Condition": {"DateGreaterThan": {"ec2:SnapshotTime": cutoff.format("%Y-%m-%dT%H:%M:%SZ").to_string()}}
        }),
    };
    serde_json::json!({"Version": "2012-10-17", "Statement": [everything, never]}).to_string()
}
