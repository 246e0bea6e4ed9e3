//! DynamoDB: tables, their point-in-time recovery and tags, and every backup that the service lists.

mod map;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::BackupTypeFilter;

use super::calls::{DESCRIBE_CONTINUOUS_BACKUPS, DESCRIBE_TABLE, LIST_TABLE_BACKUPS, LIST_TABLE_TAGS, LIST_TABLES};
use super::join::for_each;
use super::place::Place;
use crate::model::fact::Fact;
use crate::model::resource::{Detail, Resource, Tags};
use crate::model::text::Text;

/// The largest page of every list.
const PAGE: i32 = 100;

/// Tables asked about at the same time, within the place's own limit.
const AT_ONCE: usize = 8;

/// A table that is deleted while we read.
const GONE: [&str; 2] = ["ResourceNotFoundException", "TableNotFoundException"];

/// Read everything of the region.
pub(crate) async fn read(place: &Place, client: &Client) {
    tokio::join!(tables(place, client), backups(place, client));
}

async fn tables(place: &Place, client: &Client) {
    let mut names: Vec<String> = Vec::new();
    let fetch = |start| async move {
        let page = client.list_tables().limit(PAGE).set_exclusive_start_table_name(start).send().await?;
        Ok((page.table_names.unwrap_or_default(), page.last_evaluated_table_name))
    };
    let take = |name| {
        names.push(name);
        Ok(())
    };
    let details = [DESCRIBE_TABLE, DESCRIBE_CONTINUOUS_BACKUPS, LIST_TABLE_TAGS];
    match place.walk(LIST_TABLES, None, fetch, take).await {
        Ok(_) => place.nothing_to_ask(&details),
        Err(_) => place.unread(&details),
    }
    for_each(AT_ONCE, names, |name| async move {
        if let Some(table) = table(place, client, &name).await {
            place.add(|found| found.resources.push(table));
        }
    })
    .await;
}

/// One table; `None` when it is gone meanwhile.
async fn table(place: &Place, client: &Client, name: &str) -> Option<Resource> {
    let arn = place.arn("dynamodb", &format!("table/{name}"));
    let (described, continuous, tags) = tokio::join!(
        place.send(client.describe_table().table_name(name).send()),
        place.send(client.describe_continuous_backups().table_name(name).send()),
        tags(place, client, &arn),
    );
    let mut table = map::table(place, name, arn.clone());
    table.tags = tags;
    match described {
        Ok(answer) => {
            place.read(DESCRIBE_TABLE, 1, 1);
            map::describe(&mut table, answer.table());
        }
        Err(failure) if GONE.contains(&failure.code.as_str()) => return None,
        Err(failure) => place.failed(DESCRIBE_TABLE, Some(&arn), failure),
    }
    match continuous {
        Ok(answer) => {
            place.read(DESCRIBE_CONTINUOUS_BACKUPS, 1, 1);
            if let Detail::Table(detail) = &mut table.detail {
                map::recovery(detail, answer.continuous_backups_description());
            }
        }
        Err(failure) if GONE.contains(&failure.code.as_str()) => return None,
        Err(failure) => place.failed(DESCRIBE_CONTINUOUS_BACKUPS, Some(&arn), failure),
    }
    Some(table)
}

async fn tags(place: &Place, client: &Client, arn: &Text) -> Fact<Tags> {
    let mut tags = Tags::new();
    let fetch = |token| async move {
        let request = client.list_tags_of_resource().resource_arn(arn.as_str());
        let page = request.set_next_token(token).send().await?;
        Ok((page.tags.unwrap_or_default(), page.next_token))
    };
    let take = |tag: aws_sdk_dynamodb::types::Tag| {
        tags.insert(Text::from(tag.key), Text::from(tag.value));
        Ok(())
    };
    match place.walk(LIST_TABLE_TAGS, Some(arn), fetch, take).await {
        Ok(_) => Fact::Known(tags),
        Err(_) => Fact::Unread,
    }
}

/// On-demand backups, those of AWS Backup, and those that DynamoDB keeps of a deleted table.
async fn backups(place: &Place, client: &Client) {
    let fetch = |start| async move {
        let request = client.list_backups().backup_type(BackupTypeFilter::All).limit(PAGE);
        let page = request.set_exclusive_start_backup_arn(start).send().await?;
        Ok((page.backup_summaries.unwrap_or_default(), page.last_evaluated_backup_arn))
    };
    let take = |backup| {
        let point = map::backup(place, &backup)?;
        place.add(|found| found.points.push(point));
        Ok(())
    };
    // A failure has become a gap.
    let _ = place.walk(LIST_TABLE_BACKUPS, None, fetch, take).await;
}
