//! Who is told of failed backups: rules of EventBridge, topics and their subscriptions.

use super::super::draft::Draft;
use super::super::value::{Props, Told};
use super::super::view::View;
use super::{Form, Naming, TypeInfo, arn};
use crate::model::fact::Fact;
use crate::model::notification::{EventRule, Topic};
use crate::model::text::Text;

const TOPIC: Naming = Naming { form: Form::Arn("sns", ""), named_by: Some("TopicName"), ref_is_arn: true };

pub(super) const TYPES: &[TypeInfo] = &[
    TypeInfo { name: "AWS::SNS::Topic", naming: Some(TOPIC), pass: 0, put: topic, holds_data: false },
    TypeInfo { name: "AWS::SNS::Subscription", naming: None, pass: 1, put: subscription, holds_data: false },
    TypeInfo {
        name: "AWS::Events::Rule",
        naming: arn("events", "rule/", Some("Name")),
        pass: 2,
        put: rule,
        holds_data: false,
    },
];

fn rule<'t>(draft: &mut Draft<'t>, view: &View<'_, 't>) {
    let (account, region) = view.place();
    // A rule of which nobody knows what it takes may be the one.
    let Ok(pattern) = view.tell(|p| Ok(p.json("EventPattern")?.map(|pattern| Text::from(pattern.to_string())))) else {
        draft.open_services.insert("events:");
        return;
    };
    let state = view.tell(|p| Ok(p.text("State")?.unwrap_or("ENABLED") != "DISABLED"));
    // So may one of which nobody knows whether it listens where the failures are told.
    let bus = view.tell(|p| Ok(p.name("EventBusName")?.map(Text::from)));
    let (Ok(enabled), Ok(bus), None) = (state, bus, &view.doubt) else {
        draft.open_services.insert("events:");
        return;
    };
    draft.declare_notification();
    let targets = view.tell(|p| {
        let arn = |target: &Props<'_>| Ok(Text::from(target.name("Arn")?.unwrap_or_default()));
        p.items("Targets")?.iter().map(arn).collect::<Told<Vec<_>>>()
    });
    draft.inventory.event_rules.push(EventRule {
        arn: view.arn(),
        account,
        region,
        bus: bus.unwrap_or_else(|| "default".into()),
        enabled,
        pattern,
        targets: Fact::from(targets.ok()),
    });
    // Who is told of failures is judged of the region.
    let region = draft.region(view);
    draft.wholes.insert(view.declaration.id.as_str(), region);
}

/// Whether a subscription is confirmed by itself, as those of machines are; those of people only by the people, later.
fn by_itself(p: &Props<'_>) -> Told<bool> {
    Ok(matches!(p.text("Protocol")?, Some("sqs" | "lambda" | "firehose")))
}

fn topic<'t>(draft: &mut Draft<'t>, view: &View<'_, 't>) {
    let (account, region) = view.place();
    draft.inventory.topics.push(Topic { arn: view.arn(), account, region, confirmed: Fact::Known(0) });
    let confirmed = view.tell(|p| p.items("Subscription")?.iter().map(by_itself).collect::<Told<Vec<_>>>());
    match confirmed {
        Ok(all) => all.into_iter().for_each(|one| count(draft, &view.arn(), Some(one))),
        Err(_) => count(draft, &view.arn(), None),
    }
}

fn subscription<'t>(draft: &mut Draft<'t>, view: &View<'_, 't>) {
    let Some(topic) = view.name("TopicArn") else { return };
    let confirmed = view.tell(by_itself).ok().filter(|_| view.doubt.is_none());
    count(draft, &topic, confirmed);
}

/// One more subscription of a topic.
fn count(draft: &mut Draft<'_>, topic: &Text, by_itself: Option<bool>) {
    let Some(topic) = draft.inventory.topics.iter_mut().find(|known| known.arn == *topic) else { return };
    match (&mut topic.confirmed, by_itself) {
        (Fact::Known(count), Some(true)) => *count += 1,
        (confirmed, Some(false) | None) if *confirmed == Fact::Known(0) => *confirmed = Fact::Unread,
        (confirmed @ Fact::Unread, Some(true)) => *confirmed = Fact::Known(1),
        _ => {}
    }
}
