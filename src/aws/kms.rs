//! KMS: the state of the keys under which the recovery points lie that were found here.

use std::collections::BTreeSet;

use aws_sdk_kms::Client;

use super::calls::DESCRIBE_KEY;
use super::convert::maybe_instant;
use super::join::for_each;
use super::place::Place;
use crate::model::kms::{KmsKey, NOT_FOUND};
use crate::model::text::Text;

/// Keys asked about at the same time, within the place's own limit.
const AT_ONCE: usize = 4;

/// Ask for each key once. Comes last, when the points are known.
pub(crate) async fn read(place: &Place, client: &Client) {
    let used: BTreeSet<Text> = place.add(|found| {
        let keys = found.points.iter().filter(|point| point.is_stored()).filter_map(|point| point.kms_key.clone());
        // A key of another region cannot be asked for here; what is no ARN names no key for certain.
        keys.filter(|key| place.reaches("kms", key)).collect()
    });
    place.follow_up(DESCRIBE_KEY);
    for_each(AT_ONCE, used, |arn| async move {
        let (state, deletes_at) = match place.send(client.describe_key().key_id(arn.as_str()).send()).await {
            Ok(answer) => {
                let metadata = answer.key_metadata();
                let Some(state) = metadata.and_then(|metadata| metadata.key_state()) else {
                    return place.missing(DESCRIBE_KEY, &arn, "KeyState");
                };
                let deletes_at = metadata.and_then(|metadata| maybe_instant(metadata.deletion_date()));
                (Text::from(state.as_str()), deletes_at)
            }
            Err(failure) if failure.code == "NotFoundException" => (Text::from(NOT_FOUND), None),
            Err(failure) => return place.failed(DESCRIBE_KEY, Some(&arn), failure),
        };
        place.read(DESCRIBE_KEY, 1, 1);
        let (account, region) = (place.account.clone(), place.region.clone());
        place.add(|found| found.keys.push(KmsKey { arn, account, region, state, deletes_at }));
    })
    .await;
}
