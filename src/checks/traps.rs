//! Versions of tools whose exit status does not tell, as data: what it proves that such a tool ended with 0.

use crate::model::activity::{Activity, ActivityKind};
use crate::model::judgement::{Evidence, Judgement};
use crate::model::log;
use crate::model::text::Text;

/// One such tool.
#[derive(Clone, Copy, Debug)]
struct Trap {
    /// Its name, as in records.
    tool: &'static str,
    /// What it did.
    kind: ActivityKind,
    /// The first version that reports rightly.
    fixed: &'static [u64],
    /// What earlier ones do.
    what: &'static str,
}

/// Measured on restic 0.14 and 0.18 (fixed by its issue 4467), borgmatic 1.9.14 and 2.1.10, rustic 0.11.4, mydumper 0.10
/// (fixed by the source of 1.0) and pgBackRest 2.45 and 2.55.1 (no version is known that does better).
const TRAPS: &[Trap] = &[
    Trap {
        tool: "restic",
        kind: ActivityKind::Backup,
        fixed: &[0, 19],
        what: "ends with 0 although a source is missing",
    },
    Trap {
        tool: "borgmatic",
        kind: ActivityKind::Backup,
        fixed: &[2],
        what: "ends with 0 although every source is missing",
    },
    Trap {
        tool: "rustic",
        kind: ActivityKind::Backup,
        fixed: &[0, 11, 5],
        what: "ends with 0 although files could not be read",
    },
    Trap { tool: "mydumper", kind: ActivityKind::Backup, fixed: &[1], what: "ends with 0 although a view is missing" },
    Trap {
        tool: "pgbackrest",
        kind: ActivityKind::Verification,
        fixed: &[u64::MAX],
        what: "ends with 0 whatever `verify` finds",
    },
];

/// What is not known of a success for which nothing but such an exit status speaks.
pub(super) fn doubt(activity: &Activity) -> Option<Judgement> {
    let (version, trap) = doubtful(activity)?;
    let template = match (activity.kind, version) {
        (ActivityKind::Verification, _) => {
            "what a verification found is not known: {tool} {trap}; read its own output with `log run --native`"
        }
        (_, Some(_)) => {
            "whether a backup is complete is not known: {tool} {version} {trap}; read its own output with `log run --native`"
        }
        (_, None) => {
            "whether a backup is complete is not known: {tool} {trap} in old versions, and its version is not on record; read its own output with `log run --native`"
        }
    };
    let judgement = Judgement::unknown(template).with("tool", trap.tool).with("trap", trap.what);
    Some(judgement.with_some("version", version).shown_by(Evidence::activity(activity)))
}

/// Why the success of a wrapped run proves little: nothing but the exit status was looked at, and the tool's cannot be
/// relied on. What its own output says, or the end of a dump, is more.
fn doubtful(job: &Activity) -> Option<(Option<&Text>, &'static Trap)> {
    let detail = job.detail.as_deref()?;
    let tool = detail.tool.as_ref()?;
    let trap = TRAPS.iter().find(|trap| *tool.name == *trap.tool && trap.kind == job.kind)?;
    let proven = detail.native.is_some() || detail.artefacts.iter().any(|artefact| artefact.trailer == Some(true));
    if *job.source != *log::SOURCE || proven {
        return None;
    }
    match &tool.version {
        Some(version) if numbers(version).as_slice() >= trap.fixed => None,
        version => Some((version.as_ref(), trap)),
    }
}

fn numbers(version: &str) -> Vec<u64> {
    version.trim_start_matches('v').split('.').map_while(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::activity::{ActivityOutcome, Tool};

    #[test]
    fn a_tool_is_doubted_for_what_it_does_wrongly_and_nothing_else() {
        let doubted = |tool: &str, kind| {
            let at = crate::model::Instant::UNIX_EPOCH;
            let mut run = Activity::new("run", kind, log::SOURCE, ActivityOutcome::Succeeded, at);
            run.detail_mut().tool = Some(Tool { name: tool.into(), version: Some("0.14".into()) });
            doubt(&run).is_some()
        };
        assert!(doubted("restic", ActivityKind::Backup) && doubted("pgbackrest", ActivityKind::Verification));
        assert!(!doubted("restic", ActivityKind::Verification) && !doubted("pgbackrest", ActivityKind::Backup));
    }

    #[test]
    fn versions_are_compared_by_number() {
        assert_eq!(numbers("0.18.0"), [0, 18, 0]);
        assert!(numbers("0.9.6").as_slice() < [0, 19].as_slice());
        assert!(numbers("0.19.0").as_slice() >= [0, 19].as_slice());
        assert!(numbers("unknown").as_slice() < [1].as_slice(), "what is no version proves nothing");
    }
}
