//! Exceptions that stand in the code, as waivers of the policy.

use std::collections::HashMap;
use std::sync::Arc;

use crate::cli::Failure;
use crate::model::Instant;
use crate::model::assessment::{PolicyAt, WaiverRef};
use crate::model::declared::Declared;
use crate::model::glob;
use crate::model::text::Text;
use crate::policy::suggest::did_you_mean;
use crate::policy::{CHANGE_RULE, Policy, Waiver};
use crate::sources::iac::{Suppression, SuppressionError};

impl From<SuppressionError> for Failure {
    fn from(error: SuppressionError) -> Self {
        let help = error.help();
        Self::usage(error).help(help)
    }
}

/// The waivers that exceptions in the code make.
///
/// # Errors
/// One that names no rule, or that holds for longer than the policy allows.
pub(super) fn waivers(
    found: &[(Text, Suppression)],
    declared: &Declared,
    policy: &Policy,
    as_of: Instant,
) -> Result<Vec<Waiver>, Failure> {
    let identities: HashMap<&Text, &Text> =
        declared.resources.iter().filter_map(|block| Some((&block.address, block.identity.as_ref()?))).collect();
    let waiver =
        |(address, exception): &(Text, Suppression)| {
            let at = format!("{}:{}", exception.at.file, exception.at.line);
            let known = || policy.rules.iter().map(|rule| rule.info.id.as_str()).chain([CHANGE_RULE]);
            if !known().any(|id| glob::matches(&exception.rule, id)) {
                return Err(Failure::usage(format!("{at}: no rule is called `{}`", exception.rule))
                    .help(did_you_mean(&exception.rule, "the rules are", known())));
            }
            let expires = policy.end_of_day(exception.until);
            if expires.signed_duration_since(as_of) > policy.max_waiver.delta() + chrono::TimeDelta::days(1) {
                let message =
                    format!("{at}: the exception holds until {}, longer than {}", exception.until, policy.max_waiver);
                return Err(Failure::usage(message).help("write a nearer day, or change `max_waiver` in `[policy]`"));
            }
            let reference = WaiverRef {
                id: Text::from(at),
                reason: exception.reason.clone(),
                requested_by: exception.owner.clone(),
                approved_by: "the review of the code".into(),
                approved_on: Text::default(),
                expires,
            };
            Ok(Waiver {
                reference: Arc::new(reference),
                rules: vec![exception.rule.clone()],
                resources: vec![identities.get(address).map_or(address, |identity| *identity).clone()],
                from: Instant::MIN_UTC,
                at: PolicyAt { file: exception.at.file.clone(), line: exception.at.line },
            })
        };
    found.iter().map(waiver).collect()
}
