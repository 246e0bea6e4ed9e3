//! Vaults, their access policies, notifications and recovery points.

use aws_sdk_backup::Client;
use aws_sdk_backup::types::BackupVaultListMember;

use super::{AT_ONCE, PAGE, map};
use crate::aws::calls::{GET_VAULT_NOTIFICATIONS, GET_VAULT_POLICY, LIST_BACKUP_VAULTS, LIST_VAULT_POINTS};
use crate::aws::convert::maybe_text;
use crate::aws::join::for_each;
use crate::aws::pages::Missing;
use crate::aws::place::Place;
use crate::model::fact::Fact;
use crate::model::notification::VaultNotifications;
use crate::model::resource::{Detail, Resource};
use crate::model::text::Text;

pub(super) async fn read(place: &Place, client: &Client) {
    let mut vaults: Vec<(String, Resource)> = Vec::new();
    let fetch = |token| async move {
        let page = client.list_backup_vaults().max_results(PAGE).set_next_token(token).send().await?;
        Ok((page.backup_vault_list.unwrap_or_default(), page.next_token))
    };
    let take = |vault: BackupVaultListMember| {
        let name = vault.backup_vault_name().ok_or(Missing("BackupVaultName"))?.to_owned();
        vaults.push((name, map::vault(place, &vault)?));
        Ok(())
    };
    match place.walk(LIST_BACKUP_VAULTS, None, fetch, take).await {
        // Without vaults there is nothing to ask, and the list of points is known to be empty.
        Ok(_) => place.nothing_to_ask(&[LIST_VAULT_POINTS, GET_VAULT_POLICY, GET_VAULT_NOTIFICATIONS]),
        Err(failure) => {
            place.not_asked(LIST_VAULT_POINTS, LIST_BACKUP_VAULTS, &failure);
            place.unread(&[GET_VAULT_POLICY, GET_VAULT_NOTIFICATIONS]);
        }
    }
    for_each(AT_ONCE, vaults, |(name, mut vault)| async move {
        let (policy, notifications, ()) = tokio::join!(
            policy(place, client, &name, &vault.arn),
            notifications(place, client, &name, &vault.arn),
            points(place, client, &name, &vault.arn)
        );
        if let Detail::Vault(detail) = &mut vault.detail {
            detail.policy = policy;
            detail.notifications = notifications;
        }
        place.add(|found| found.resources.push(vault));
    })
    .await;
}

/// The access policy; empty when there is none.
async fn policy(place: &Place, client: &Client, name: &str, arn: &Text) -> Fact<Text> {
    let request = client.get_backup_vault_access_policy().backup_vault_name(name);
    match place.send(request.send()).await {
        Ok(answer) => {
            place.read(GET_VAULT_POLICY, 1, 1);
            Fact::Known(Text::from(answer.policy().unwrap_or_default()))
        }
        Err(failure) if failure.code == "ResourceNotFoundException" => {
            place.read(GET_VAULT_POLICY, 1, 1);
            Fact::Known(Text::default())
        }
        Err(failure) => {
            place.failed(GET_VAULT_POLICY, Some(arn), failure);
            Fact::Unread
        }
    }
}

/// What the vault sends; nothing when none are configured, which the service answers by an error.
async fn notifications(place: &Place, client: &Client, name: &str, arn: &Text) -> Fact<VaultNotifications> {
    let request = client.get_backup_vault_notifications().backup_vault_name(name);
    let notifications = match place.send(request.send()).await {
        Ok(answer) => VaultNotifications {
            topic: maybe_text(answer.sns_topic_arn()),
            events: answer.backup_vault_events().iter().map(|event| Text::from(event.as_str())).collect(),
        },
        Err(failure) if failure.code == "ResourceNotFoundException" => VaultNotifications::default(),
        Err(failure) => {
            place.failed(GET_VAULT_NOTIFICATIONS, Some(arn), failure);
            return Fact::Unread;
        }
    };
    place.read(GET_VAULT_NOTIFICATIONS, 1, 1);
    Fact::Known(notifications)
}

/// The recovery points of a vault, 1,000 a request.
async fn points(place: &Place, client: &Client, name: &str, arn: &Text) {
    let fetch = |token| async move {
        let request = client.list_recovery_points_by_backup_vault().backup_vault_name(name);
        let page = request.max_results(PAGE).set_next_token(token).send().await?;
        Ok((page.recovery_points.unwrap_or_default(), page.next_token))
    };
    let take = |point| {
        let point = map::point(place, arn, &point)?;
        place.add(|found| found.points.push(point));
        Ok(())
    };
    // A failure has become a gap about this vault, and keeps the call from counting as read.
    let _ = place.walk(LIST_VAULT_POINTS, Some(arn), fetch, take).await;
}
