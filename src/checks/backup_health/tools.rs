//! Versions of tools that report wrongly, as data.

use crate::model::activity::Activity;
use crate::model::judgement::{Evidence, Judgement};
use crate::model::log;
use crate::model::text::Text;

/// One such tool.
#[derive(Clone, Copy, Debug)]
struct Trap {
    /// Its name, as in records.
    tool: &'static str,
    /// The first version that reports rightly.
    fixed: &'static [u64],
    /// What earlier ones do.
    what: &'static str,
}

/// Measured on restic 0.14 and 0.18 (fixed by its issue 4467), borgmatic 1.9.14 and 2.1.10, rustic 0.11.4 and
/// mydumper 0.10 (fixed by the source of 1.0).
const TRAPS: &[Trap] = &[
    Trap { tool: "restic", fixed: &[0, 19], what: "ends with 0 although a source is missing" },
    Trap { tool: "borgmatic", fixed: &[2], what: "ends with 0 although every source is missing" },
    Trap { tool: "rustic", fixed: &[0, 11, 5], what: "ends with 0 although files could not be read" },
    Trap { tool: "mydumper", fixed: &[1], what: "ends with 0 although a view is missing" },
];

/// What is not known of the first of these backups whose success may lack something.
pub(super) fn doubt<'a>(mut jobs: impl Iterator<Item = &'a Activity>) -> Option<Judgement> {
    let (job, version, trap) = jobs.find_map(doubtful)?;
    let template = "whether a backup is complete is not known: {tool} {version} {trap}; read its own output with `log run --native`";
    let judgement = Judgement::unknown(template).with("tool", trap.tool).with("version", version);
    Some(judgement.with("trap", trap.what).shown_by(Evidence::activity(job)))
}

/// Why the success of a wrapped run may lack something: nothing but the exit status was looked at, and the tool's
/// cannot be relied on. What a reader took from the tool's own output counts things.
fn doubtful(job: &Activity) -> Option<(&Activity, Text, &'static Trap)> {
    let detail = job.detail.as_deref()?;
    let tool = detail.tool.as_ref()?;
    let trap = TRAPS.iter().find(|trap| *tool.name == *trap.tool)?;
    let proven = detail.items.is_some() || detail.artefacts.iter().any(|artefact| artefact.trailer == Some(true));
    if *job.source != *log::SOURCE || proven {
        return None;
    }
    match &tool.version {
        Some(version) if numbers(version).as_slice() >= trap.fixed => None,
        Some(version) => Some((job, version.clone(), trap)),
        None => Some((job, Text::from("of an unrecorded version, which in old versions"), trap)),
    }
}

fn numbers(version: &str) -> Vec<u64> {
    version.trim_start_matches('v').split('.').map_while(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_number() {
        assert_eq!(numbers("0.18.0"), [0, 18, 0]);
        assert!(numbers("0.9.6").as_slice() < [0, 19].as_slice());
        assert!(numbers("0.19.0").as_slice() >= [0, 19].as_slice());
        assert!(numbers("unknown").as_slice() < [1].as_slice(), "what is no version proves nothing");
    }
}
