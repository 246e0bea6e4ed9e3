//! The resources that AWS Backup has ever backed up, by its own register.

use aws_sdk_backup::Client;
use aws_sdk_backup::types::ProtectedResource;

use super::PAGE;
use crate::aws::calls::LIST_PROTECTED;
use crate::aws::pages::Missing;
use crate::aws::place::Place;
use crate::model::text::Text;

pub(super) async fn read(place: &Place, client: &Client) {
    let mut protected: Vec<Text> = Vec::new();
    let fetch = |token| async move {
        let page = client.list_protected_resources().max_results(PAGE).set_next_token(token).send().await?;
        Ok((page.results.unwrap_or_default(), page.next_token))
    };
    let take = |one: ProtectedResource| {
        protected.push(Text::from(one.resource_arn.ok_or(Missing("ResourceArn"))?));
        Ok(())
    };
    // What came before a refusal is still named by AWS; that the list is not whole stands among the gaps.
    let _ = place.walk(LIST_PROTECTED, None, fetch, take).await;
    place.add(|found| found.protected.append(&mut protected));
}
