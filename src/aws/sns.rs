//! SNS: whether anybody subscribes to the topics that event rules and vaults send to.

use std::collections::BTreeSet;

use aws_sdk_sns::Client;

use super::calls::GET_TOPIC_ATTRIBUTES;
use super::failure::Failure;
use super::join::for_each;
use super::place::Place;
use crate::model::arn::Arn;
use crate::model::fact::Fact;
use crate::model::gap::GapStatus;
use crate::model::notification::Topic;
use crate::model::resource::Detail;
use crate::model::text::Text;

/// Topics asked about at the same time, within the place's own limit.
const AT_ONCE: usize = 4;

/// The attribute that counts them.
const CONFIRMED: &str = "SubscriptionsConfirmed";

/// Ask for each topic once, those of other accounts too: they may allow it. Comes last, when the rules and
/// vaults are known.
pub(crate) async fn read(place: &Place, client: &Client) {
    let used: BTreeSet<Text> = place.add(|found| {
        let targets = found.event_rules.iter().filter_map(|rule| rule.targets.known()).flatten();
        let vaults = found.resources.iter().filter_map(|resource| match &resource.detail {
            Detail::Vault(vault) => vault.notifications.known()?.topic.as_ref(),
            _ => None,
        });
        targets.chain(vaults).filter(|arn| place.reaches("sns", arn)).cloned().collect()
    });
    place.follow_up(GET_TOPIC_ATTRIBUTES);
    for_each(AT_ONCE, used, |arn| async move {
        let confirmed = match place.send(client.get_topic_attributes().topic_arn(arn.as_str()).send()).await {
            Ok(answer) => {
                let said = answer.attributes().and_then(|attributes| attributes.get(CONFIRMED));
                let Some(said) = said else { return place.missing(GET_TOPIC_ATTRIBUTES, &arn, CONFIRMED) };
                let Ok(confirmed) = said.parse() else {
                    let message = format!("{CONFIRMED} is `{said}`");
                    let failure = Failure::new(GapStatus::NotUnderstood, "unknown-value", &message);
                    return place.failed(GET_TOPIC_ATTRIBUTES, Some(&arn), failure);
                };
                confirmed
            }
            // A rule may outlive its topic; then nobody hears.
            Err(failure) if matches!(&*failure.code, "NotFound" | "NotFoundException") => 0,
            Err(failure) => return place.failed(GET_TOPIC_ATTRIBUTES, Some(&arn), failure),
        };
        place.read(GET_TOPIC_ATTRIBUTES, 1, 1);
        let account = Arn::parse(&arn).map(|arn| Text::from(arn.account)).unwrap_or_default();
        let region = place.region.clone();
        place.add(|found| found.topics.push(Topic { arn, account, region, confirmed: Fact::Known(confirmed) }));
    })
    .await;
}
