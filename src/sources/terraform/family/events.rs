//! Who is told of failed backups: rules of EventBridge, topics and their subscriptions.

use super::super::draft::Draft;
use super::super::resolve::Targets;
use super::super::view::{Got, View};
use super::{Role, TypeInfo};
use crate::model::fact::Fact;
use crate::model::notification::{EventRule, Topic};
use crate::model::text::Text;

pub(super) const TYPES: &[TypeInfo] = &[
    TypeInfo {
        name: "aws_cloudwatch_event_rule",
        attributes: &["id", "arn", "name", "event_bus_name", "event_pattern", "state", "is_enabled", "region"],
        role: Role::Protection(rule),
    },
    TypeInfo {
        name: "aws_cloudwatch_event_target",
        attributes: &["id", "rule", "arn", "event_bus_name", "region"],
        role: Role::Protection(target),
    },
    TypeInfo { name: "aws_sns_topic", attributes: &["id", "arn", "name", "region"], role: Role::Protection(topic) },
    TypeInfo {
        name: "aws_sns_topic_subscription",
        attributes: &["id", "topic_arn", "protocol", "pending_confirmation", "region"],
        role: Role::Protection(subscription),
    },
];

fn rule<'p, 'a>(draft: &mut Draft<'p, 'a>, view: View<'p, 'a>) {
    let (account, region) = draft.places.place(view);
    let pattern = view.text("event_pattern").map(Text::from);
    if ["event_pattern", "event_bus_name", "state", "is_enabled"]
        .iter()
        .any(|path| matches!(view.got(path), Got::Open(_)))
    {
        // A rule of which nobody knows what it takes, where from, or whether it is on, may be the one.
        draft.leave_service_open(&account, &region, "events:");
        return;
    }
    let enabled = view.text("state").map_or(view.flag("is_enabled").unwrap_or(true), |state| state != "DISABLED");
    let arn = draft.own(view, "events", "rule/");
    draft.declare_notification(&account, &region);
    draft.inventory.event_rules.push(EventRule {
        arn,
        account,
        region,
        bus: Text::from(view.text("event_bus_name").unwrap_or("default")),
        enabled,
        pattern,
        targets: Fact::Known(Vec::new()),
    });
}

fn target<'p, 'a>(draft: &mut Draft<'p, 'a>, view: View<'p, 'a>) {
    let rule = match view.targets("rule", true) {
        Targets::All(instances) => instances.first().and_then(|instance| draft.identity(*instance)).cloned(),
        _ => view.text("rule").and_then(|name| draft.rule_named(name)),
    };
    let to = draft.named(view, "arn", &["aws_sns_topic"]).or_else(|| view.text("arn").map(Text::from));
    let Some(rule) = rule else { return };
    let Some(rule) = draft.inventory.event_rules.iter_mut().find(|known| known.arn == rule) else { return };
    match (&mut rule.targets, to) {
        (Fact::Known(targets), Some(to)) => targets.push(to),
        (targets, _) => *targets = Fact::Unread,
    }
}

fn topic<'p, 'a>(draft: &mut Draft<'p, 'a>, view: View<'p, 'a>) {
    let (account, region) = draft.places.place(view);
    let arn = draft.own(view, "sns", "");
    draft.inventory.topics.push(Topic { arn, account, region, confirmed: Fact::Known(0) });
}

/// Subscriptions of machines are confirmed by themselves; those of people only by the people, later.
fn subscription<'p, 'a>(draft: &mut Draft<'p, 'a>, view: View<'p, 'a>) {
    let topic = draft.named(view, "topic_arn", &["aws_sns_topic"]).or_else(|| view.text("topic_arn").map(Text::from));
    let by_itself = matches!(view.text("protocol"), Some("sqs" | "lambda" | "firehose"));
    let confirmed = view.flag("pending_confirmation").map(|pending| !pending).or(by_itself.then_some(true));
    let Some(topic) = topic else { return };
    let Some(topic) = draft.inventory.topics.iter_mut().find(|known| known.arn == topic) else { return };
    match (&mut topic.confirmed, confirmed) {
        (Fact::Known(count), Some(true)) => *count += 1,
        (Fact::Known(_), Some(false)) => {}
        (confirmed, None) if *confirmed == Fact::Known(0) => *confirmed = Fact::Unread,
        _ => {}
    }
}
