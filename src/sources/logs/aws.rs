//! The records that AWS keeps of backup jobs, as files: what the API lists, Audit Manager's reports,
//! EventBridge's events. Here: what they have in common. No SDK: these are files that somebody kept.

mod events;
mod jobs;
mod report;

use serde_json::{Map, Value};

use super::common::{epoch, number, time};
use super::native::{Known, Problem, Reader};
use crate::model::Instant;
use crate::model::activity::{Activity, ActivityKind, ActivityOutcome, Validation};
use crate::model::arn::Arn;
use crate::model::recovery_point::CreatedBy;
use crate::model::text::Text;

pub(super) const JOBS: Reader = jobs::READER;
pub(super) const REPORT: Reader = report::READER;
pub(super) const EVENTS: Reader = events::READER;

/// A job, whichever of AWS's spellings its record has: `BackupJobId`, `backupJobId`, `Backup Job ID`.
struct Record<'r> {
    fields: Vec<(String, &'r Value)>,
}

impl<'r> Record<'r> {
    fn of(object: &'r Map<String, Value>) -> Self {
        Self { fields: object.iter().map(|(key, value)| (plain(key), value)).collect() }
    }

    /// The first of these fields that has a value. AWS writes `{}` and an empty text where there is none.
    fn field(&self, names: &[&str]) -> Option<&'r Value> {
        let empty = |value: &Value| match value {
            Value::Null => true,
            Value::String(text) => text.trim().is_empty(),
            Value::Object(object) => object.is_empty(),
            _ => false,
        };
        let find = |name: &&str| self.fields.iter().find(|(key, value)| key == *name && !empty(value));
        names.iter().find_map(find).map(|(_, value)| *value)
    }

    fn text(&self, names: &[&str]) -> Option<&'r str> {
        self.field(names).and_then(Value::as_str).map(str::trim)
    }

    fn instant(&self, names: &[&str]) -> Option<Instant> {
        let value = self.field(names)?;
        time(value).or_else(|| epoch(value))
    }

    /// The record inside this one.
    fn inner(&self, name: &str) -> Option<Record<'r>> {
        self.field(&[name]).and_then(Value::as_object).map(Record::of)
    }
}

/// A key without case, spaces and underscores.
fn plain(key: &str) -> String {
    key.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// Which list a job belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum List {
    Backup,
    Copy,
    Restore,
}

impl List {
    /// The names of the job's id in this list.
    const fn id(self) -> &'static [&'static str] {
        match self {
            Self::Backup => &["backupjobid", "jobid"],
            Self::Copy => &["copyjobid", "jobid"],
            Self::Restore => &["restorejobid", "jobid"],
        }
    }

    /// The call whose list holds the same jobs while AWS remembers them.
    const fn source(self) -> &'static str {
        match self {
            Self::Backup => "backup:ListBackupJobs",
            Self::Copy => "backup:ListCopyJobs",
            Self::Restore => "backup:ListRestoreJobs",
        }
    }

    /// The list that a record belongs to, by the id that it has.
    fn of(record: &Record<'_>) -> Option<Self> {
        let lists = [Self::Copy, Self::Restore, Self::Backup];
        let own = |list: &Self| list.id().first().and_then(|id| record.field(&[id])).is_some();
        lists.into_iter().find(own)
    }
}

/// The activity of a job, or what its record lacks.
fn activity(record: &Record<'_>, list: List, known: &Known) -> Result<Activity, &'static str> {
    let id = record.text(list.id()).ok_or("it has no job id")?;
    let state = record.text(&["state", "status", "jobstatus"]).ok_or("it has no state")?;
    let at = record.instant(&["creationdate", "startdate", "initiationdate"]).ok_or("it has no creation date")?;
    let creator = record.inner("createdby");
    let tested = ["restoretestingplanarn"];
    let test = record.text(&tested).or_else(|| creator.as_ref().and_then(|creator| creator.text(&tested)));
    let kind = match (list, test) {
        (List::Backup, _) => ActivityKind::Backup,
        (List::Copy, _) => ActivityKind::Copy,
        (List::Restore, Some(_)) => ActivityKind::RestoreTest,
        (List::Restore, None) => ActivityKind::Restore,
    };
    let resource = record.text(&["resourcearn", "sourceresourcearn"]);
    let point = match list {
        List::Copy => record.text(&["destinationrecoverypointarn", "recoverypointarn"]),
        _ => record.text(&["recoverypointarn"]),
    };
    // A copy job belongs to where it copies from.
    let vault = record.text(&["backupvaultarn", "sourcebackupvaultarn"]);
    let arns = || [vault, resource, point].into_iter().flatten().filter_map(Arn::parse);
    let message = record.text(&["statusmessage", "validationstatusmessage"]);
    let category = record.text(&["messagecategory"]);
    let mut activity = Activity::new(id, kind, list.source(), outcome(state, category, message, list), at);
    let account = record.text(&["accountid"]).or_else(|| arns().map(|arn| arn.account).find(|part| !part.is_empty()));
    let region = record.text(&["region"]).or_else(|| arns().map(|arn| arn.region).find(|part| !part.is_empty()));
    activity.account = Text::from(account.ok_or("it names no account")?);
    activity.region = Text::from(region.ok_or("it names no region")?);
    activity.completed_at = record.instant(&["completiondate"]);
    activity.resource = resource.map(Text::from).or_else(|| known.resource.clone());
    activity.point = point.map(Text::from);
    activity.size = record.field(&["backupsizeinbytes"]).and_then(number);
    activity.message = message.or(category.filter(|category| *category != "SUCCESS")).map(Text::from);
    activity.operator = record.text(&["iamrolearn"]).map(Text::from);
    let plan = ["backupplanarn", "backupplanid"];
    let rule = ["backupruleid", "backupplanruleid", "backuprulename"];
    let of = |names: &[&str]| creator.as_ref().and_then(|creator| creator.text(names)).or_else(|| record.text(names));
    activity.created_by = of(&plan)
        .map(|plan| CreatedBy { plan: Text::from(plan), rule: of(&rule).map(Text::from) })
        .or_else(|| test.map(|plan| CreatedBy { plan: Text::from(plan), rule: None }));
    activity.validation = match record.text(&["validationstatus"]) {
        Some("SUCCESSFUL") => Some(Validation::Successful),
        Some("FAILED") => Some(Validation::Failed),
        Some("TIMED_OUT") => Some(Validation::TimedOut),
        Some("VALIDATING") => Some(Validation::Validating),
        _ => None,
    };
    activity.cleanup = record.text(&["deletionstatus"]).map(|status| Text::from(status.to_lowercase()));
    Ok(activity)
}

/// A job that completed with a message completed with issues, as AWS Backup's own console has it: the
/// category says it where there is one, else the message.
fn outcome(state: &str, category: Option<&str>, message: Option<&str>, list: List) -> ActivityOutcome {
    let clean = match (category, list) {
        // The message of a restore is no complaint.
        (_, List::Restore) => true,
        (Some(category), _) => category == "SUCCESS",
        (None, _) => message.is_none(),
    };
    match state.to_ascii_uppercase().as_str() {
        "COMPLETED" if clean => ActivityOutcome::Succeeded,
        "COMPLETED" => ActivityOutcome::CompletedWithIssues,
        "CREATED" | "PENDING" | "RUNNING" | "ABORTING" => ActivityOutcome::Running,
        "ABORTED" => ActivityOutcome::Aborted,
        "EXPIRED" => ActivityOutcome::Expired,
        "FAILED" => ActivityOutcome::Failed,
        "PARTIAL" => ActivityOutcome::Partial,
        _ => ActivityOutcome::Other(Text::from(state)),
    }
}

/// A record that is none.
fn broken(line: u64, n: usize, why: &str) -> Problem {
    super::common::strange(line, format!("entry {} is no job: {why}", n + 1))
}
