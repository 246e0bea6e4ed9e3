//! What the records say was made, held against what is there: a log proves what was written, not that it still is.
//!
//! Of several records that wrote to one place the newest counts. What a later record says was pruned is not looked for.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::model::Instant;
use crate::model::activity::{Activity, ActivityKind, ActivityOutcome, Artefact, Depth, Items};
use crate::model::log;
use crate::model::text::Text;
use crate::sources::evidence;

/// How long after the end of its backup an artefact may still be written to.
const SETTLES: chrono::TimeDelta = chrono::TimeDelta::minutes(15);

/// What is there now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Its size in bytes.
    pub bytes: u64,
    /// SHA-256 of all of it, in hex, where it was read or the store keeps it.
    pub sha256: Option<Text>,
    /// When it was written last.
    pub modified: Option<Instant>,
}

/// What came of looking for one artefact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// It is there as recorded; how deeply that was seen: `listed` by size, `full-read` by its checksum.
    Same(Depth),
    /// It is not what was recorded, in a sentence.
    Differs(String),
    /// It is not there.
    Gone,
    /// It was not looked for, and why.
    NotLooked(String),
}

/// An artefact that ought to be there, with the backup that made it.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The backup.
    pub backup: &'a Activity,
    /// What it made.
    pub artefact: &'a Artefact,
}

/// What ought to be there, by place.
pub fn expected(activities: &[Activity]) -> Vec<Expected<'_>> {
    let mut newest: BTreeMap<&str, Expected<'_>> = BTreeMap::new();
    let mut pruned: BTreeMap<&str, Instant> = BTreeMap::new();
    for activity in activities.iter().filter(|activity| activity.account == log::ACCOUNT) {
        let Some(detail) = activity.detail.as_deref() else { continue };
        match (activity.kind, &activity.outcome) {
            (ActivityKind::Backup | ActivityKind::Copy, ActivityOutcome::Succeeded | ActivityOutcome::Partial) => {
                for artefact in &detail.artefacts {
                    let expected = Expected { backup: activity, artefact };
                    let known = newest.entry(&artefact.uri).or_insert(expected);
                    if known.backup.started_at < activity.started_at {
                        *known = expected;
                    }
                }
            }
            (ActivityKind::Prune, ActivityOutcome::Succeeded) => {
                let named = detail.of.iter().chain(&activity.point).chain(detail.artefacts.iter().map(|a| &a.uri));
                for place in named {
                    let at = pruned.entry(place).or_insert(activity.started_at);
                    *at = (*at).max(activity.started_at);
                }
            }
            _ => {}
        }
    }
    newest.retain(|place, expected| pruned.get(place).is_none_or(|at| *at < expected.backup.started_at));
    newest.into_values().collect()
}

/// Look for a file of this machine. The size and, where one is recorded, the checksum of all of it are compared.
pub fn look(expected: &Expected<'_>, host: &str) -> Found {
    let Some(path) = file(&expected.artefact.uri) else {
        return Found::NotLooked("it is no file: what keeps it must look".into());
    };
    let written_on = expected.backup.detail.as_deref().and_then(|detail| detail.host.as_deref());
    if let Some(other) = written_on.filter(|other| *other != host) {
        return Found::NotLooked(format!("it was written on `{other}`, and this is `{host}`"));
    }
    let seen = std::fs::metadata(&path).and_then(|metadata| {
        let sha256 = match expected.artefact.sha256 {
            Some(_) if expected.artefact.bytes.is_none_or(|bytes| bytes == metadata.len()) => {
                Some(evidence::hash(&path, false)?.sha256)
            }
            _ => None,
        };
        Ok(Seen { bytes: metadata.len(), sha256, modified: metadata.modified().ok().map(Instant::from) })
    });
    match seen {
        Ok(seen) => compare(expected, &seen),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Found::Gone,
        Err(error) => Found::NotLooked(format!("it cannot be read: {error}")),
    }
}

/// Hold what is there against its record.
pub fn compare(expected: &Expected<'_>, seen: &Seen) -> Found {
    let Expected { backup, artefact } = expected;
    if let Some(bytes) = artefact.bytes.filter(|bytes| *bytes != seen.bytes) {
        return Found::Differs(format!("it has {} bytes, and {bytes} were recorded", seen.bytes));
    }
    match (&artefact.sha256, &seen.sha256) {
        (Some(recorded), Some(now)) if recorded != now => {
            return Found::Differs("its SHA-256 is not the one that was recorded".into());
        }
        (Some(_), Some(_)) => return Found::Same(Depth::FullRead),
        _ => {}
    }
    // Without a checksum the time has to tell whether it was written anew.
    let late = seen.modified.zip(backup.completed_at).filter(|(modified, ended)| *modified > *ended + SETTLES);
    if let Some((modified, _)) = late {
        return Found::Differs(format!("it was written at {modified}, after its backup, and no checksum is recorded"));
    }
    match artefact.bytes {
        Some(_) => Found::Same(Depth::Listed),
        None => Found::NotLooked("neither its size nor its checksum was recorded".into()),
    }
}

/// The path of a file, if it is one. Names without a folder are ids of repositories.
fn file(uri: &str) -> Option<PathBuf> {
    let path = uri.strip_prefix("file://").unwrap_or(uri);
    (path.starts_with('/') && !path.contains("://")).then(|| Path::new(path).to_owned())
}

/// Verifications of what was looked for, one a resource, for the backup log. A resource of which something was not
/// looked for gets one only if something is wrong: the rest would prove too much.
pub fn verifications(looked: &[(Expected<'_>, Found)], now: Instant) -> Vec<Activity> {
    let resources: BTreeSet<&Text> =
        looked.iter().filter_map(|(expected, _)| expected.backup.resource.as_ref()).collect();
    let mut records = Vec::new();
    for resource in resources {
        let own = || looked.iter().filter(|(expected, _)| expected.backup.resource.as_ref() == Some(resource));
        let wrong: Vec<String> = own().filter_map(|(expected, found)| wrong(expected, found)).collect();
        let same: Vec<Depth> =
            own().filter_map(|(_, found)| if let Found::Same(depth) = found { Some(*depth) } else { None }).collect();
        if wrong.is_empty() && same.len() < own().count() {
            continue;
        }
        let outcome = if wrong.is_empty() { ActivityOutcome::Succeeded } else { ActivityOutcome::Failed };
        let id = format!("artefacts:{resource}@{}", now.to_rfc3339());
        let mut activity = Activity::new(id, ActivityKind::Verification, log::SOURCE, outcome, now);
        activity.completed_at = Some(now);
        activity.resource = Some(resource.clone());
        activity.message = wrong.first().map(|first| Text::from(first.as_str()));
        let detail = activity.detail_mut();
        detail.depth = same.iter().min().copied().or(Some(Depth::Listed));
        detail.compared_by = Some("the records of the backups".into());
        let count = |n: usize| Some(n as u64);
        detail.items = Some(Items {
            total: count(own().count()),
            done: count(same.len()),
            failed: count(wrong.len()),
            ..Items::default()
        });
        detail.errors = wrong.into_iter().map(Text::from).collect();
        records.push(activity);
    }
    records
}

/// What is wrong with an artefact, in a sentence.
pub fn wrong(expected: &Expected<'_>, found: &Found) -> Option<String> {
    let uri = &expected.artefact.uri;
    match found {
        Found::Differs(why) => Some(format!("{uri}: {why}")),
        Found::Gone => Some(format!("{uri}: it is not there")),
        Found::Same(_) | Found::NotLooked(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn backup(day: &str, uri: &str, bytes: Option<u64>, sha256: Option<&str>) -> Activity {
        let at: Instant = format!("2026-11-{day}T01:00:00Z").parse().unwrap();
        let mut activity =
            Activity::new(format!("run-{day}"), ActivityKind::Backup, "log", ActivityOutcome::Succeeded, at);
        activity.completed_at = Some(at);
        activity.resource = Some("component:shop/db".into());
        let artefact = Artefact { uri: uri.into(), bytes, sha256: sha256.map(Text::from), ..Artefact::default() };
        activity.detail_mut().artefacts = vec![artefact];
        activity
    }

    #[test]
    fn the_newest_record_of_a_place_counts_unless_it_was_pruned_since() {
        let mut prune = backup("22", "/b/old", None, None);
        prune.kind = ActivityKind::Prune;
        let mut failed = backup("23", "/b/daily", Some(3), None);
        failed.outcome = ActivityOutcome::Failed;
        let activities = [
            backup("20", "/b/daily", Some(1), None),
            backup("21", "/b/daily", Some(2), None),
            backup("20", "/b/old", Some(1), None),
            prune,
            failed,
        ];
        let found = expected(&activities);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].artefact.bytes, found[0].backup.id.as_str()), (Some(2), "run-21"));
    }

    #[test]
    fn a_file_is_looked_for_where_it_was_written_and_nowhere_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("dump.sql");
        std::fs::write(&path, "abc").unwrap();
        let mut backup = backup("20", path.to_str().unwrap(), Some(3), Some("aa"));
        backup.detail_mut().host = Some("db1".into());
        let expected = Expected { backup: &backup, artefact: &backup.detail.as_ref().unwrap().artefacts[0] };
        assert!(matches!(look(&expected, "db1"), Found::Differs(_)), "another checksum");
        let Found::NotLooked(why) = look(&expected, "db2") else {
            panic!("a file of another machine was taken for it")
        };
        assert_eq!(why, "it was written on `db1`, and this is `db2`");
    }

    #[test]
    fn size_checksum_and_time_are_held_against_the_record() {
        let of = |bytes, sha256| backup("20", "/b/x", bytes, sha256);
        let at = |text: &str| Some(text.parse().unwrap());
        let differs = |found: &Found| matches!(found, Found::Differs(_));
        let judge = |backup: &Activity, seen: Seen| {
            compare(&Expected { backup, artefact: &backup.detail.as_ref().unwrap().artefacts[0] }, &seen)
        };
        let seen = |bytes, sha256: Option<&str>, modified: &str| Seen {
            bytes,
            sha256: sha256.map(Text::from),
            modified: at(modified),
        };
        let (soon, late) = ("2026-11-20T01:14:00Z", "2026-11-20T01:16:00Z");
        assert!(differs(&judge(&of(Some(2), Some("aa")), seen(1, Some("aa"), soon))));
        assert!(differs(&judge(&of(Some(2), Some("aa")), seen(2, Some("bb"), soon))));
        assert_eq!(judge(&of(Some(2), Some("aa")), seen(2, Some("aa"), late)), Found::Same(Depth::FullRead));
        assert_eq!(judge(&of(Some(2), None), seen(2, None, soon)), Found::Same(Depth::Listed));
        assert!(differs(&judge(&of(Some(2), None), seen(2, None, late))));
        assert!(matches!(judge(&of(None, None), seen(2, None, soon)), Found::NotLooked(_)));
        assert_eq!(judge(&of(Some(2), Some("aa")), seen(2, None, soon)), Found::Same(Depth::Listed), "not read");
    }

    #[test]
    fn a_resource_with_something_unseen_gets_no_verification_but_a_fault_is_recorded() {
        let activities = [backup("20", "/b/x", Some(1), None), backup("21", "/b/y", Some(1), None)];
        let now = "2026-11-22T00:00:00Z".parse().unwrap();
        let with = |second: Found| {
            let mut expected = expected(&activities).into_iter();
            let looked = [(expected.next().unwrap(), Found::Same(Depth::FullRead)), (expected.next().unwrap(), second)];
            verifications(&looked, now)
        };
        assert!(with(Found::NotLooked("elsewhere".into())).is_empty());
        let good = with(Found::Same(Depth::Listed));
        assert_eq!((good[0].outcome.id(), good[0].detail.as_ref().unwrap().depth), ("succeeded", Some(Depth::Listed)));
        let gone = with(Found::Gone);
        assert_eq!((gone[0].outcome.id(), gone[0].message.as_deref()), ("failed", Some("/b/y: it is not there")));
    }
}
