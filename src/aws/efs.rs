//! EFS: file systems and their automatic backup policy. Their recovery points are AWS Backup's.

use aws_sdk_efs::Client;
use aws_sdk_efs::types::{FileSystemDescription, LifeCycleState, Status};

use super::calls::{DESCRIBE_BACKUP_POLICY, DESCRIBE_FILE_SYSTEMS};
use super::convert::{instant, maybe_text};
use super::failure::Failure;
use super::join::for_each;
use super::place::Place;
use crate::model::fact::Fact;
use crate::model::gap::GapStatus;
use crate::model::kind::Kind;
use crate::model::resource::{Detail, Existence, FileSystem, Resource};
use crate::model::text::Text;

/// The largest page.
const PAGE: i32 = 100;

/// File systems asked about at the same time, within the place's own limit.
const AT_ONCE: usize = 4;

/// Read everything of the region.
pub(crate) async fn read(place: &Place, client: &Client) {
    let mut systems: Vec<(String, Resource)> = Vec::new();
    let fetch = |marker| async move {
        let page = client.describe_file_systems().max_items(PAGE).set_marker(marker).send().await?;
        Ok((page.file_systems.unwrap_or_default(), page.next_marker))
    };
    let take = |system: FileSystemDescription| {
        if !matches!(system.life_cycle_state, LifeCycleState::Deleting | LifeCycleState::Deleted) {
            systems.push((system.file_system_id.clone(), file_system(place, &system)));
        }
        Ok(())
    };
    match place.walk(DESCRIBE_FILE_SYSTEMS, None, fetch, take).await {
        Ok(_) => place.nothing_to_ask(&[DESCRIBE_BACKUP_POLICY]),
        Err(_) => place.unread(&[DESCRIBE_BACKUP_POLICY]),
    }
    for_each(AT_ONCE, systems, |(id, mut system)| async move {
        let policy = policy(place, client, &id, &system.arn).await;
        if let Detail::FileSystem(detail) = &mut system.detail {
            detail.backup_policy = policy;
        }
        place.add(|found| found.resources.push(system));
    })
    .await;
}

/// Whether the policy is on, or being switched on; a file system that never had one is answered by an
/// error.
async fn policy(place: &Place, client: &Client, id: &str, arn: &Text) -> Fact<bool> {
    let answer = match place.send(client.describe_backup_policy().file_system_id(id).send()).await {
        Ok(answer) => answer,
        Err(failure) if failure.code == "PolicyNotFound" => {
            place.read(DESCRIBE_BACKUP_POLICY, 1, 1);
            return Fact::Known(false);
        }
        Err(failure) => {
            place.failed(DESCRIBE_BACKUP_POLICY, Some(arn), failure);
            return Fact::Unread;
        }
    };
    place.read(DESCRIBE_BACKUP_POLICY, 1, 1);
    match answer.backup_policy().map(|policy| &policy.status) {
        Some(Status::Enabled | Status::Enabling) => Fact::Known(true),
        Some(Status::Disabled | Status::Disabling) | None => Fact::Known(false),
        Some(other) => {
            let failure = Failure::new(GapStatus::NotUnderstood, "unknown-value", &format!("status `{other}`"));
            place.failed(DESCRIBE_BACKUP_POLICY, Some(arn), failure);
            Fact::Unread
        }
    }
}

fn file_system(place: &Place, system: &FileSystemDescription) -> Resource {
    let built = || place.arn("elasticfilesystem", &format!("file-system/{}", system.file_system_id));
    let tags = system.tags.iter().map(|tag| (Text::from(&tag.key), Text::from(&tag.value)));
    Resource {
        arn: maybe_text(system.file_system_arn()).unwrap_or_else(built),
        kind: Kind::EfsFileSystem,
        account: place.account.clone(),
        region: place.region.clone(),
        name: maybe_text(system.name()),
        tags: Fact::Known(tags.collect()),
        created_at: Fact::from(instant(&system.creation_time)),
        application: None,
        criticality: None,
        existence: Existence::Present,
        detail: Detail::FileSystem(FileSystem {
            encrypted: Fact::from(system.encrypted()),
            kms_key: maybe_text(system.kms_key_id()),
            backup_policy: Fact::Unread,
        }),
    }
}
