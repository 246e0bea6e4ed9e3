//! EventBridge: the rules of the default bus, on which AWS services send their events, and their targets.

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::{Rule, Target};
use serde_json::Value;

use super::calls::{LIST_RULES, LIST_TARGETS};
use super::convert::maybe_text;
use super::join::for_each;
use super::pages::Missing;
use super::place::Place;
use crate::model::fact::Fact;
use crate::model::notification::EventRule;
use crate::model::text::Text;

/// The largest page of both lists.
const PAGE: i32 = 100;

/// Rules asked about at the same time, within the place's own limit.
const AT_ONCE: usize = 4;

/// The bus on which AWS services send.
const BUS: &str = "default";

/// Read the rules of the region, and the targets of those that may take events of AWS Backup.
pub(crate) async fn read(place: &Place, client: &Client) {
    let mut rules: Vec<(String, EventRule)> = Vec::new();
    let fetch = |token| async move {
        let page = client.list_rules().event_bus_name(BUS).limit(PAGE).set_next_token(token).send().await?;
        Ok((page.rules.unwrap_or_default(), page.next_token))
    };
    let take = |rule: Rule| {
        let name = rule.name().ok_or(Missing("Name"))?.to_owned();
        rules.push((name, event_rule(place, &rule)?));
        Ok(())
    };
    match place.walk(LIST_RULES, None, fetch, take).await {
        Ok(_) => place.nothing_to_ask(&[LIST_TARGETS]),
        Err(_) => place.unread(&[LIST_TARGETS]),
    }
    for_each(AT_ONCE, rules, |(name, mut rule)| async move {
        if rule.enabled && rule.pattern.as_deref().is_some_and(may_take_backup_events) {
            rule.targets = targets(place, client, &name, &rule.arn).await;
        }
        place.add(|found| found.event_rules.push(rule));
    })
    .await;
}

fn event_rule(place: &Place, rule: &Rule) -> Result<EventRule, Missing> {
    let state = rule.state().ok_or(Missing("State"))?;
    Ok(EventRule {
        arn: Text::from(rule.arn().ok_or(Missing("Arn"))?),
        account: place.account.clone(),
        region: place.region.clone(),
        bus: Text::from(rule.event_bus_name().unwrap_or(BUS)),
        // `ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS` is enabled too.
        enabled: state.as_str().starts_with("ENABLED"),
        pattern: maybe_text(rule.event_pattern()),
        targets: Fact::Unread,
    })
}

async fn targets(place: &Place, client: &Client, name: &str, arn: &Text) -> Fact<Vec<Text>> {
    let mut targets = Vec::new();
    let fetch = |token| async move {
        let request = client.list_targets_by_rule().rule(name).event_bus_name(BUS).limit(PAGE);
        let page = request.set_next_token(token).send().await?;
        Ok((page.targets.unwrap_or_default(), page.next_token))
    };
    let take = |target: Target| {
        targets.push(Text::from(target.arn()));
        Ok(())
    };
    match place.walk(LIST_TARGETS, Some(arn), fetch, take).await {
        Ok(_) => Fact::Known(targets),
        // A failure has become a gap about this rule.
        Err(_) => Fact::Unread,
    }
}

/// Whether the targets of a rule are worth a request each: not if its pattern names sources, all by their
/// exact names, and none is AWS Backup. What is not understood may take them.
fn may_take_backup_events(pattern: &str) -> bool {
    let Ok(Value::Object(fields)) = serde_json::from_str(pattern) else { return true };
    let Some(Value::Array(sources)) = fields.get("source") else { return true };
    sources.iter().any(|source| source.as_str().is_none_or(|name| name == "aws.backup"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_patterns_that_name_other_sources_are_left_alone() {
        for pattern in [
            r#"{"source": ["aws.backup"]}"#,
            r#"{"source": ["aws.ec2", "aws.backup"]}"#,
            r#"{"source": [{"prefix": "aws."}]}"#,
            r#"{"detail-type": ["Backup Job State Change"]}"#,
            r#"{"$or": []}"#,
            "not JSON",
        ] {
            assert!(may_take_backup_events(pattern), "{pattern}");
        }
        assert!(!may_take_backup_events(r#"{"source": ["aws.ec2", "my.app"]}"#));
        assert!(!may_take_backup_events(r#"{"source": ["aws.backups"], "detail-type": ["x"]}"#));
    }
}
