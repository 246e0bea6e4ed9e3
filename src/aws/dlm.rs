//! Data Lifecycle Manager: its policies. What they made is listed by EC2.

mod map;

use aws_sdk_dlm::Client;

use super::calls::{GET_LIFECYCLE_POLICIES, GET_LIFECYCLE_POLICY};
use super::failure::Failure;
use super::join::for_each;
use super::place::Place;
use crate::model::gap::GapStatus;

/// Policies asked about at the same time, within the place's own limit.
const AT_ONCE: usize = 4;

/// Read every policy of the region. The list has no pages and no details.
pub(crate) async fn read(place: &Place, client: &Client) {
    let request = client.get_lifecycle_policies().send();
    let Some(answer) = place.ask(GET_LIFECYCLE_POLICIES, None, request).await else {
        place.unread(&[GET_LIFECYCLE_POLICY]);
        return;
    };
    place.nothing_to_ask(&[GET_LIFECYCLE_POLICY]);
    for_each(AT_ONCE, answer.policies(), |summary| async move {
        let Some(id) = summary.policy_id() else {
            let failure =
                Failure::new(GapStatus::NotUnderstood, "missing-field", "a policy of the list has no PolicyId");
            place.failed(GET_LIFECYCLE_POLICIES, None, failure);
            return;
        };
        policy(place, client, id).await;
    })
    .await;
}

async fn policy(place: &Place, client: &Client, id: &str) {
    let arn = place.arn("dlm", &format!("policy/{id}"));
    match place.send(client.get_lifecycle_policy().policy_id(id).send()).await {
        Ok(answer) => {
            place.read(GET_LIFECYCLE_POLICY, 1, 1);
            let Some(policy) = answer.policy() else {
                place.missing(GET_LIFECYCLE_POLICY, &arn, "Policy");
                place.unread(&[GET_LIFECYCLE_POLICIES]);
                return;
            };
            place.add(|found| found.dlm_policies.extend(map::policy(place, arn, policy)));
        }
        Err(failure) if failure.code == "ResourceNotFoundException" => {}
        Err(failure) => {
            // It might cover anything: the policies as a whole are not known.
            place.not_asked(GET_LIFECYCLE_POLICIES, GET_LIFECYCLE_POLICY, &failure);
            place.failed(GET_LIFECYCLE_POLICY, Some(&arn), failure);
        }
    }
}
