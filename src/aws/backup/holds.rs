//! Legal holds and the points that they keep.

use aws_sdk_backup::Client;
use aws_sdk_backup::types;

use super::{AT_ONCE, PAGE};
use crate::aws::calls::{LIST_HELD_POINTS, LIST_LEGAL_HOLDS};
use crate::aws::convert::{maybe_instant, maybe_text};
use crate::aws::join::for_each;
use crate::aws::pages::Missing;
use crate::aws::place::Place;
use crate::model::fact::Fact;
use crate::model::protection::LegalHold;
use crate::model::text::Text;

pub(super) async fn read(place: &Place, client: &Client) {
    let mut holds: Vec<(String, LegalHold)> = Vec::new();
    let fetch = |token| async move {
        let page = client.list_legal_holds().max_results(PAGE).set_next_token(token).send().await?;
        Ok((page.legal_holds.unwrap_or_default(), page.next_token))
    };
    let take = |hold: types::LegalHold| {
        let id = hold.legal_hold_id().ok_or(Missing("LegalHoldId"))?;
        let status = hold.status().ok_or(Missing("Status"))?;
        let hold = LegalHold {
            // The id alone would be ambiguous among accounts.
            id: Text::from(hold.legal_hold_arn().unwrap_or(id)),
            account: place.account.clone(),
            region: place.region.clone(),
            status: Text::from(status.as_str()),
            title: maybe_text(hold.title()),
            description: maybe_text(hold.description()),
            created_at: maybe_instant(hold.creation_date()),
            points: if *status == types::LegalHoldStatus::Canceled { Fact::Known(Vec::new()) } else { Fact::Unread },
            tags: Fact::Unread,
        };
        holds.push((id.to_owned(), hold));
        Ok(())
    };
    match place.walk(LIST_LEGAL_HOLDS, None, fetch, take).await {
        Ok(_) => place.nothing_to_ask(&[LIST_HELD_POINTS]),
        Err(_) => place.unread(&[LIST_HELD_POINTS]),
    }
    for_each(AT_ONCE, holds, |(id, mut hold)| async move {
        if hold.points.is_unread() {
            hold.points = Fact::from(points(place, client, &id, &hold.id).await);
        }
        place.add(|found| found.legal_holds.push(hold));
    })
    .await;
}

/// The points that a hold keeps. Of an incomplete list nothing is claimed.
async fn points(place: &Place, client: &Client, id: &str, arn: &Text) -> Option<Vec<Text>> {
    let mut points = Vec::new();
    let fetch = |token| async move {
        let request = client.list_recovery_points_by_legal_hold().legal_hold_id(id);
        let page = request.max_results(PAGE).set_next_token(token).send().await?;
        Ok((page.recovery_points.unwrap_or_default(), page.next_token))
    };
    let take = |point: types::RecoveryPointMember| {
        points.push(Text::from(point.recovery_point_arn.ok_or(Missing("RecoveryPointArn"))?));
        Ok(())
    };
    place.walk(LIST_HELD_POINTS, Some(arn), fetch, take).await.ok()?;
    points.sort();
    points.dedup();
    Some(points)
}
