//! Restore testing plans. Their list says all that is needed of the plans themselves.

use aws_sdk_backup::Client;
use aws_sdk_backup::types::{RestoreTestingPlanForList, RestoreTestingSelectionForGet};

use super::{AT_ONCE, PAGE};
use crate::aws::calls::{GET_TESTING_SELECTION, LIST_TESTING_PLANS, LIST_TESTING_SELECTIONS};
use crate::aws::convert::{maybe_text, positive, texts};
use crate::aws::join::for_each;
use crate::aws::place::Place;
use crate::model::fact::Fact;
use crate::model::protection::{RestoreTestingPlan, RestoreTestingSelection};
use crate::model::text::Text;

pub(super) async fn read(place: &Place, client: &Client) {
    let mut plans: Vec<RestoreTestingPlan> = Vec::new();
    let fetch = |token| async move {
        let page = client.list_restore_testing_plans().max_results(PAGE).set_next_token(token).send().await?;
        Ok((page.restore_testing_plans, page.next_token))
    };
    let take = |plan: RestoreTestingPlanForList| {
        plans.push(RestoreTestingPlan {
            arn: Text::from(plan.restore_testing_plan_arn()),
            name: Text::from(plan.restore_testing_plan_name()),
            account: place.account.clone(),
            region: place.region.clone(),
            schedule: maybe_text(Some(plan.schedule_expression())),
            timezone: maybe_text(plan.schedule_expression_timezone()),
            selections: Fact::Unread,
        });
        Ok(())
    };
    let details = &[LIST_TESTING_SELECTIONS, GET_TESTING_SELECTION];
    match place.walk(LIST_TESTING_PLANS, None, fetch, take).await {
        Ok(_) => place.nothing_to_ask(details),
        Err(_) => place.unread(details),
    }
    for_each(AT_ONCE, plans, |mut plan| async move {
        plan.selections = Fact::from(selections(place, client, &plan).await);
        place.add(|found| found.restore_testing.push(plan));
    })
    .await;
}

/// The selections of a plan; `None` if any of them could not be read.
async fn selections(place: &Place, client: &Client, plan: &RestoreTestingPlan) -> Option<Vec<RestoreTestingSelection>> {
    let name = plan.name.as_str();
    let mut names = Vec::new();
    let fetch = |token| async move {
        let request = client.list_restore_testing_selections().restore_testing_plan_name(name);
        let page = request.max_results(PAGE).set_next_token(token).send().await?;
        Ok((page.restore_testing_selections, page.next_token))
    };
    let take = |selection: aws_sdk_backup::types::RestoreTestingSelectionForList| {
        names.push(selection.restore_testing_selection_name);
        Ok(())
    };
    if place.walk(LIST_TESTING_SELECTIONS, Some(&plan.arn), fetch, take).await.is_err() {
        place.unread(&[GET_TESTING_SELECTION]);
        return None;
    }
    let mut selections = Vec::new();
    for selected in names {
        let request = client
            .get_restore_testing_selection()
            .restore_testing_plan_name(name)
            .restore_testing_selection_name(selected)
            .send();
        let answer = place.ask(GET_TESTING_SELECTION, Some(&plan.arn), request).await?;
        let Some(document) = answer.restore_testing_selection else {
            place.missing(GET_TESTING_SELECTION, &plan.arn, "RestoreTestingSelection");
            return None;
        };
        selections.push(selection(&document));
    }
    Some(selections)
}

fn selection(document: &RestoreTestingSelectionForGet) -> RestoreTestingSelection {
    RestoreTestingSelection {
        name: Text::from(document.restore_testing_selection_name()),
        resource_type: Text::from(document.protected_resource_type()),
        resources: texts(document.protected_resource_arns.as_deref()),
        validation_hours: positive(Some(i64::from(document.validation_window_hours()))),
    }
}
