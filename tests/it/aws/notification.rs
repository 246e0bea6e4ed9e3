//! Who is told of a failed backup: event rules, topics and what vaults send.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc;

use lastgood::model::fact::Fact;
use lastgood::model::gap::GapStatus;
use lastgood::model::inventory::Inventory;
use lastgood::model::kind::Kind;
use lastgood::model::notification::{EventRule, VaultNotifications};
use lastgood::model::outcome::Outcome;
use serde_json::{Value, json};

use super::managed::{NOBODY, resource};
use super::server::Server;

/// Rules by their names.
fn rule<'a>(inventory: &'a Inventory, name: &str) -> &'a EventRule {
    let arn = format!("arn:aws:events:us-east-1:123456789012:rule/{name}");
    inventory.event_rules.iter().find(|rule| rule.arn == arn.as_str()).unwrap_or_else(|| panic!("no {arn}"))
}

fn vault<'a>(inventory: &'a Inventory, name: &str) -> &'a Fact<VaultNotifications> {
    let arn = format!("arn:aws:backup:us-east-1:123456789012:backup-vault:{name}");
    &resource(inventory, &arn).vault().unwrap().notifications
}

#[test]
fn event_rules_topics_and_vaults_say_who_is_told() {
    let (server, _) = Server::with(super::estate::seed());
    let inventory = server.collect().inventory;
    assert_eq!(inventory.gaps, []);
    assert_eq!(server.problems(), json!([]));
    let told = rule(&inventory, "backup-failures");
    assert!(told.enabled && told.pattern.as_deref().unwrap().contains("aws.backup"), "{told:?}");
    let ops = "arn:aws:sns:us-east-1:123456789012:ops";
    let queue = "arn:aws:sqs:us-east-1:123456789012:audit";
    assert_eq!(told.targets, Fact::Known(vec![ops.into(), queue.into()]));
    assert!(!rule(&inventory, "off").enabled);
    assert_eq!(rule(&inventory, "nightly").pattern, None);
    for other in ["off", "instances", "nightly"] {
        assert!(rule(&inventory, other).targets.is_unread(), "{other} takes nothing of AWS Backup: not asked");
    }
    let topics: Vec<_> = inventory.topics.iter().map(|topic| (topic.arn.as_str(), &topic.confirmed)).collect();
    assert_eq!(topics, [(NOBODY, &Fact::Known(0)), (ops, &Fact::Known(2))]);
    let databases = vault(&inventory, "databases").known().unwrap();
    assert_eq!((databases.topic.as_deref(), databases.events.len()), (Some(NOBODY), 1));
    assert_eq!(vault(&inventory, "main"), &Fact::Known(VaultNotifications::default()), "it sends nothing");
}

#[test]
fn what_was_not_read_of_who_is_told_is_unknown() {
    let (server, _) = Server::with(super::estate::seed());
    let arn = "arn:aws:events:us-east-1:123456789012:rule/backup-failures";
    for (call, about) in [
        ("events:ListRules", None),
        ("events:ListTargetsByRule", Some(arn)),
        ("sns:GetTopicAttributes", Some("arn:aws:sns:us-east-1:123456789012:ops")),
        ("backup:GetBackupVaultNotifications", None),
    ] {
        let name = about.and_then(|arn| arn.rsplit(['/', ':']).next()).unwrap_or_default();
        server.faults(json!([{"operation": call, "resource": name, "fault": "AccessDenied"}]));
        let inventory = server.collect().inventory;
        server.no_faults();
        let gap = &inventory.gaps[0];
        assert_eq!((gap.call().as_str(), gap.status, &*gap.iam_action), (call, GapStatus::Denied, call));
        assert!(about.is_none() || gap.resource.as_deref() == about, "{gap:?}");
        assert!(inventory.reads.iter().all(|read| read.call != call), "{call} does not count as read");
        let judged = super::scan::judged(&inventory);
        let verdict = judged.verdicts.iter().find(|verdict| {
            &*verdict.rule.id == "failures-are-notified" && verdict.subject.kind == Kind::AccountRegion
        });
        // With the rule read and heard, it does not matter what the vaults send.
        let expected = if call.starts_with("backup") { Outcome::Pass } else { Outcome::Unknown };
        assert_eq!(verdict.unwrap().raw_outcome, expected, "{call}: {}", verdict.unwrap().reason());
    }
}

#[test]
fn a_topic_that_is_gone_or_abroad_reaches_nobody_or_is_unknown() {
    let pattern = json!({"source": ["aws.backup"]});
    let rule = |name: &str, topic: &str| json!({"name": name, "pattern": pattern, "targets": [topic]});
    let (gone, abroad) = ("arn:aws:sns:us-east-1:123456789012:gone", "arn:aws:sns:eu-west-1:123456789012:far");
    let seed = json!({"vaults": [{"name": "v"}], "event_rules": [rule("a", gone), rule("b", abroad)]});
    let (server, _) = Server::with(seed);
    let inventory = server.collect().inventory;
    assert_eq!(inventory.gaps, []);
    let topics: Vec<_> = inventory.topics.iter().map(|topic| (topic.arn.as_str(), &topic.confirmed)).collect();
    assert_eq!(topics, [(gone, &Fact::Known(0))], "the other is not this region's");
}

#[test]
fn lists_of_event_rules_are_walked_to_their_end() {
    let rules: Vec<Value> =
        (0..130).map(|number| json!({"name": format!("r{number}"), "pattern": {"source": ["x"]}})).collect();
    let (server, _) = Server::with(json!({"event_rules": rules}));
    assert_eq!(server.collect().inventory.event_rules.len(), 130);
    server.faults(json!([{"operation": "events:ListRules", "fault": "repeated-token"}]));
    let inventory = server.collect().inventory;
    assert_eq!((inventory.gaps.len(), inventory.gaps[0].status), (1, GapStatus::Incomplete));
    assert!(inventory.reads.iter().all(|read| !read.call.starts_with("events:")), "{:#?}", inventory.reads);
}

fn sns(server: &Server, form: &str) {
    let answer = server.form("sns", form);
    assert!(answer.contains(" 200 "), "{answer}");
}

#[test]
fn a_scan_tells_the_subscribers_of_a_topic() {
    let (server, _) = Server::with(super::estate::seed());
    sns(&server, "Action=CreateTopic&Version=2010-03-31&Name=lastgood");
    let topic = "arn:aws:sns:us-east-1:123456789012:lastgood";
    let inbox = TcpListener::bind("127.0.0.1:0").unwrap();
    let (port, (send, receive)) = (inbox.local_addr().unwrap().port(), mpsc::channel());
    std::thread::spawn(move || {
        for stream in inbox.incoming() {
            let mut reader = BufReader::new(stream.unwrap());
            let (mut length, mut line) = (0, String::new());
            while reader.read_line(&mut line).unwrap() > 2 {
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                line.clear();
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            reader.into_inner().write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").unwrap();
            if send.send(serde_json::from_slice::<Value>(&body).unwrap()).is_err() {
                return;
            }
        }
    });
    let address = format!("http%3A%2F%2F127.0.0.1%3A{port}%2F");
    sns(&server, &format!("Action=Subscribe&Version=2010-03-31&Protocol=http&Endpoint={address}&TopicArn={topic}"));
    let folder = tempfile::tempdir().unwrap();
    let notify = ["--notify", &format!("sns:{topic}"), "--notify-state", "told.json"].map(ToOwned::to_owned);
    let scan = |server: &Server| {
        let args: Vec<&str> = ["scan"].into_iter().chain(notify.iter().map(String::as_str)).collect();
        super::scan::lastgood_in(folder.path(), server, &args)
    };
    let first = scan(&server);
    assert_eq!(first.status.code(), Some(3), "{}", String::from_utf8_lossy(&first.stderr));
    let wait = std::time::Duration::from_secs(20);
    // The subscription may announce itself before.
    let told = std::iter::from_fn(|| receive.recv_timeout(wait).ok())
        .find(|message| message["Type"] == "Notification" && message["TopicArn"] == topic)
        .expect("a notification arrives");
    assert!(told["Subject"].as_str().unwrap().starts_with("lastgood: "), "{told}");
    let document: Value = serde_json::from_str(told["Message"].as_str().unwrap()).unwrap();
    assert!(document["new_failures"]["total"].as_u64().unwrap() > 5, "{document}");
    assert_eq!(document["schema"], "lastgood.notification/1");
    assert_eq!(scan(&server).status.code(), Some(3));
    assert!(receive.recv_timeout(std::time::Duration::from_millis(500)).is_err(), "nothing is new");
    // A topic that refuses changes nothing of the result, and says so.
    std::fs::remove_file(folder.path().join("told.json")).unwrap();
    server.faults(json!([{"operation": "sns:Publish", "fault": "AccessDenied"}]));
    let refused = scan(&server);
    let err = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(3), "{err}");
    assert!(err.contains("AuthorizationError") || err.contains("AccessDenied"), "{err}");
}
