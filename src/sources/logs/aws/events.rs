//! EventBridge events of AWS Backup, EBS snapshots, Data Lifecycle Manager, and of what restarted.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{List, Record, activity};
use crate::model::Instant;
use crate::model::activity::{Activity, ActivityKind, ActivityOutcome};
use crate::model::arn::Arn;
use crate::model::text::Text;
use crate::sources::logs::common::{field, foreign, strange, text, time, utf8};
use crate::sources::logs::native::{Found, Known, Native, NotUnderstood, Reader};

/// The reader's description.
pub(super) const READER: Reader = Reader {
    id: "aws-events",
    title: "EventBridge events of AWS Backup, EBS snapshots, Data Lifecycle Manager, and of restarts",
    docs: "\
Events as EventBridge delivers them, one JSON object for each, in a list or one after the other: *Backup*, *Copy* and \
*Restore Job State Change* of `aws.backup`, *EBS Snapshot Notification* of `aws.ec2`, *DLM Policy State Change* of `aws.dlm`; and of restarts *RDS DB Instance Event* and \
*RDS DB Cluster Event* (RDS-EVENT-0004, 0006, 0013, 0022, 0049, 0087, 0088: shutdown, restart, failover, stop, start) and \
*EC2 Instance State-change Notification* (`stopped`). \
Of several events of one job the last one counts. Events of other services are left out.

* Delivery is best effort: an event that is missing proves nothing. The scan's own lists are the complete ones, for 30 days.
* A policy of Data Lifecycle Manager that went into error is a *failed* backup of that policy. One that somebody disabled \
sends no event.
* A restart is a *recovery* that the log has to explain: it names neither a cause nor who acted. EC2 sends no event of a reboot.
* A job that the scan itself sees in AWS is not counted twice.
",
    read,
};

fn read(native: &Native<'_>) -> Result<Found, NotUnderstood> {
    let text = utf8(native.stdout)?.trim();
    let mut found = Found::default();
    // By job: the time of the event that was taken, and its place.
    let mut taken: HashMap<(Text, Text), (Text, usize)> = HashMap::new();
    let mut events = 0;
    for value in serde_json::Deserializer::from_str(text).into_iter::<Value>() {
        let value = value.map_err(|error| foreign(error.line() as u64, format!("it is no JSON: {error}")))?;
        let list = match value {
            Value::Array(list) => list,
            single => vec![single],
        };
        for event in &list {
            let event = event.as_object().ok_or_else(|| foreign(0, format!("event {} is no object", events + 1)))?;
            match one(event, native.known) {
                Ok(Some(activity)) => keep(activity, event, &mut taken, &mut found),
                Ok(None) => {}
                Err(why) => found.problems.push(strange(0, format!("event {} is not understood: {why}", events + 1))),
            }
            events += 1;
        }
    }
    if events == 0 {
        return Err(foreign(0, "it is empty"));
    }
    Ok(found)
}

/// The later event of a job takes the place of the earlier, whatever their order in the file.
fn keep(
    activity: Activity,
    event: &Map<String, Value>,
    taken: &mut HashMap<(Text, Text), (Text, usize)>,
    found: &mut Found,
) {
    let when = Text::from(event.get("time").and_then(Value::as_str).unwrap_or_default());
    let key = (activity.source.clone(), activity.id.clone());
    match taken.get_mut(&key) {
        Some((before, index)) if *before <= when => {
            if let Some(place) = found.activities.get_mut(*index) {
                *place = activity;
            }
            *before = when;
        }
        Some(_) => {}
        None => {
            taken.insert(key, (when, found.activities.len()));
            found.activities.push(activity);
        }
    }
}

/// What one event says; nothing if it is about something else.
fn one(event: &Map<String, Value>, known: &Known) -> Result<Option<Activity>, &'static str> {
    let get = |key: &str| event.get(key).and_then(Value::as_str).unwrap_or_default();
    let Some(detail) = event.get("detail").and_then(Value::as_object) else {
        return Err("it has no `detail`");
    };
    let list = match (get("source"), get("detail-type")) {
        ("aws.backup", "Backup Job State Change") => List::Backup,
        ("aws.backup", "Copy Job State Change") => List::Copy,
        ("aws.backup", "Restore Job State Change") => List::Restore,
        ("aws.ec2", "EBS Snapshot Notification") => return snapshot(event, detail).map(Some),
        ("aws.dlm", "DLM Policy State Change") => return Ok(policy(event, detail)),
        ("aws.rds", "RDS DB Instance Event" | "RDS DB Cluster Event") => return restart_of_database(event, detail),
        ("aws.ec2", "EC2 Instance State-change Notification") => return stop_of_instance(event, detail),
        _ => return Ok(None),
    };
    let mut fields = detail.clone();
    // The envelope knows where it happened, and which recovery point it is about.
    for (key, name) in [("account", "accountId"), ("region", "region")] {
        if let Some(value) = event.get(key) {
            fields.entry(name).or_insert_with(|| value.clone());
        }
    }
    let point = event.get("resources").and_then(Value::as_array).and_then(|arns| arns.first());
    // A job that made no recovery point names what it was to back up there.
    let point = point.filter(|arn| list != List::Copy && fields.get("resourceArn") != Some(arn));
    if let Some(point) = point {
        fields.entry("recoveryPointArn").or_insert_with(|| point.clone());
    }
    activity(&Record::of(&fields), list, known).map(Some)
}

/// `createSnapshot`, `copySnapshot` and their kin, with their result.
fn snapshot(event: &Map<String, Value>, detail: &Map<String, Value>) -> Result<Activity, &'static str> {
    let get = |object: &Map<String, Value>, key: &str| object.get(key).and_then(text);
    let detail_value = Value::Object(detail.clone());
    let at = time(field(&detail_value, "startTime")).or_else(|| event.get("time").and_then(time));
    let (Some(at), Some(id), Some(what)) = (at, get(event, "id"), get(detail, "event")) else {
        return Err("it lacks its id, its time or its name");
    };
    let kind = if what.starts_with("copy") { ActivityKind::Copy } else { ActivityKind::Backup };
    let outcome = match get(detail, "result").as_deref() {
        Some("succeeded" | "available") => ActivityOutcome::Succeeded,
        Some("failed" | "error") => ActivityOutcome::Failed,
        other => ActivityOutcome::Other(Text::from(other.unwrap_or("unknown"))),
    };
    let mut activity = Activity::new(id, kind, "ec2:EBSSnapshotNotification", outcome, at);
    activity.account = get(event, "account").unwrap_or(activity.account);
    activity.region = get(event, "region").unwrap_or(activity.region);
    activity.completed_at = time(field(&detail_value, "endTime"));
    activity.message = get(detail, "cause");
    let whole = |arn: Text| whole(&arn, &activity.account, &activity.region);
    activity.point = get(detail, "snapshot_id").map(whole);
    activity.resource = get(detail, "source").map(whole);
    Ok(activity)
}

/// EBS writes ARNs without account, and with the region in its place: `arn:aws:ec2::us-west-2:volume/vol-1`.
fn whole(arn: &str, account: &str, region: &str) -> Text {
    match Arn::parse(arn) {
        // A snapshot's ARN has no account at all.
        Some(parts) if parts.resource.starts_with("snapshot/") => {
            Text::from(format!("arn:{}:ec2:{region}::{}", parts.partition, parts.resource))
        }
        Some(parts) => Text::from(format!("arn:{}:ec2:{region}:{account}:{}", parts.partition, parts.resource)),
        None => Text::from(arn),
    }
}

/// Shutdown, restart, failover, stop and start of a database, by the ids of the RDS user guide.
const RESTARTS: &[&str] = &[
    "RDS-EVENT-0004",
    "RDS-EVENT-0006",
    "RDS-EVENT-0013",
    "RDS-EVENT-0022",
    "RDS-EVENT-0049",
    "RDS-EVENT-0087",
    "RDS-EVENT-0088",
];

fn restart_of_database(
    event: &Map<String, Value>,
    detail: &Map<String, Value>,
) -> Result<Option<Activity>, &'static str> {
    let get = |key: &str| detail.get(key).and_then(text);
    if !get("EventID").is_some_and(|id| RESTARTS.contains(&id.as_str())) {
        return Ok(None);
    }
    let at = detail.get("Date").and_then(time);
    let activity = recovery(event, "rds:Event", at, get("SourceArn"), get("Message"));
    activity.map(Some)
}

/// Of the states that an instance goes through only this one is of no launch and no end.
fn stop_of_instance(event: &Map<String, Value>, detail: &Map<String, Value>) -> Result<Option<Activity>, &'static str> {
    if detail.get("state").and_then(Value::as_str) != Some("stopped") {
        return Ok(None);
    }
    let arn = event.get("resources").and_then(Value::as_array).and_then(|arns| arns.first()).and_then(text);
    recovery(event, "ec2:InstanceStateChange", None, arn, Some("the instance stopped".into())).map(Some)
}

fn recovery(
    event: &Map<String, Value>,
    source: &str,
    at: Option<Instant>,
    arn: Option<Text>,
    message: Option<Text>,
) -> Result<Activity, &'static str> {
    let get = |key: &str| event.get(key).and_then(text);
    let at = at.or_else(|| event.get("time").and_then(time));
    let (Some(at), Some(id), Some(arn)) = (at, get("id"), arn) else {
        return Err("it lacks its id, its time or what it is about");
    };
    let mut activity = Activity::new(id, ActivityKind::Recovery, source, ActivityOutcome::Succeeded, at);
    activity.account = get("account").unwrap_or(activity.account);
    activity.region = get("region").unwrap_or(activity.region);
    activity.completed_at = Some(at);
    activity.resource = Some(arn);
    activity.message = message;
    Ok(activity)
}

/// A policy that went into error makes no more snapshots.
fn policy(event: &Map<String, Value>, detail: &Map<String, Value>) -> Option<Activity> {
    let get = |object: &Map<String, Value>, key: &str| object.get(key).and_then(text);
    (get(detail, "state")? == "ERROR").then_some(())?;
    let at = event.get("time").and_then(time)?;
    let id = get(event, "id")?;
    let mut activity = Activity::new(id, ActivityKind::Backup, "dlm:PolicyStateChange", ActivityOutcome::Failed, at);
    activity.account = get(event, "account").unwrap_or(activity.account);
    activity.region = get(event, "region").unwrap_or(activity.region);
    activity.resource = event.get("resources").and_then(Value::as_array)?.first().and_then(text);
    let cause = get(detail, "cause").unwrap_or_else(|| "no cause is given".into());
    activity.message = Some(Text::from(format!("the policy went into error: {cause}")));
    Some(activity)
}
