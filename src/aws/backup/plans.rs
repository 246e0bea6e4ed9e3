//! Backup plans with their rules and selections.

use aws_sdk_backup::Client;
use aws_sdk_backup::types::{self, BackupPlansListMember};

use super::{AT_ONCE, PAGE};
use crate::aws::calls::{Call, GET_BACKUP_PLAN, GET_SELECTION, LIST_BACKUP_PLANS, LIST_SELECTIONS};
use crate::aws::convert::{maybe_text, positive, texts};
use crate::aws::failure::Failure;
use crate::aws::join::for_each;
use crate::aws::pages::Missing;
use crate::aws::place::Place;
use crate::model::fact::Fact;
use crate::model::gap::GapStatus;
use crate::model::protection::{BackupPlan, Condition, ConditionOperator, CopyAction, PlanRule, Selection, TagTest};
use crate::model::text::Text;

/// What each plan is asked for.
const DETAILS: &[Call] = &[GET_BACKUP_PLAN, LIST_SELECTIONS, GET_SELECTION];

pub(super) async fn read(place: &Place, client: &Client) {
    let mut plans: Vec<(String, BackupPlan)> = Vec::new();
    let fetch = |token| async move {
        let page = client.list_backup_plans().max_results(PAGE).set_next_token(token).send().await?;
        Ok((page.backup_plans_list.unwrap_or_default(), page.next_token))
    };
    let take = |plan: BackupPlansListMember| {
        let id = plan.backup_plan_id().ok_or(Missing("BackupPlanId"))?.to_owned();
        let arn = Text::from(plan.backup_plan_arn().ok_or(Missing("BackupPlanArn"))?);
        let name = Text::from(plan.backup_plan_name().unwrap_or(&id));
        let (account, region) = (place.account.clone(), place.region.clone());
        plans.push((id, BackupPlan { arn, name, account, region, rules: Vec::new(), selections: Fact::Unread }));
        Ok(())
    };
    match place.walk(LIST_BACKUP_PLANS, None, fetch, take).await {
        Ok(_) => place.nothing_to_ask(DETAILS),
        Err(_) => place.unread(DETAILS),
    }
    for_each(AT_ONCE, plans, |(id, mut plan)| async move {
        let request = client.get_backup_plan().backup_plan_id(&id).send();
        // Without its rules a plan is kept with unread selections: it might cover anything.
        match place.ask(GET_BACKUP_PLAN, Some(&plan.arn), request).await.map(|answer| answer.backup_plan) {
            Some(Some(document)) => {
                plan.rules = document.rules().iter().map(rule).collect();
                plan.selections = selections(place, client, &id, &plan.arn).await;
            }
            Some(None) => place.missing(GET_BACKUP_PLAN, &plan.arn, "BackupPlan"),
            None => place.unread(DETAILS),
        }
        place.add(|found| found.plans.push(plan));
    })
    .await;
}

/// The selections of a plan; unread if any of them could not be read.
async fn selections(place: &Place, client: &Client, plan: &str, arn: &Text) -> Fact<Vec<Selection>> {
    let mut ids = Vec::new();
    let fetch = |token| async move {
        let request = client.list_backup_selections().backup_plan_id(plan);
        let page = request.max_results(PAGE).set_next_token(token).send().await?;
        Ok((page.backup_selections_list.unwrap_or_default(), page.next_token))
    };
    let take = |selection: types::BackupSelectionsListMember| {
        ids.push(selection.selection_id.ok_or(Missing("SelectionId"))?);
        Ok(())
    };
    if place.walk(LIST_SELECTIONS, Some(arn), fetch, take).await.is_err() {
        place.unread(&[GET_SELECTION]);
        return Fact::Unread;
    }
    let mut selections = Vec::new();
    for id in ids {
        let request = client.get_backup_selection().backup_plan_id(plan).selection_id(&id).send();
        let Some(answer) = place.ask(GET_SELECTION, Some(arn), request).await else { return Fact::Unread };
        let Some(document) = answer.backup_selection else {
            place.missing(GET_SELECTION, arn, "BackupSelection");
            return Fact::Unread;
        };
        match selection(&id, &document) {
            Ok(selection) => selections.push(selection),
            Err(unknown) => {
                let text = format!("selection {id} compares tags by `{unknown}`");
                let failure = Failure::new(GapStatus::NotUnderstood, "unknown-value", &text);
                place.failed(GET_SELECTION, Some(arn), failure);
                return Fact::Unread;
            }
        }
    }
    Fact::Known(selections)
}

/// A rule of a plan.
fn rule(rule: &types::BackupRule) -> PlanRule {
    let lifecycle = rule.lifecycle();
    let copies = rule.copy_actions().iter().map(|copy| CopyAction {
        vault: Fact::Known(Text::from(copy.destination_backup_vault_arn())),
        delete_after_days: copy.lifecycle().and_then(|lifecycle| positive(lifecycle.delete_after_days())),
    });
    // A second, air-gapped target is a copy in all but name.
    let air_gapped = maybe_text(rule.target_logically_air_gapped_backup_vault_arn());
    let air_gapped = air_gapped.map(|vault| CopyAction { vault: Fact::Known(vault), delete_after_days: None });
    PlanRule {
        id: Text::from(rule.rule_id().unwrap_or(rule.rule_name())),
        name: Text::from(rule.rule_name()),
        vault: Text::from(rule.target_backup_vault_name()),
        schedule: maybe_text(rule.schedule_expression()),
        timezone: maybe_text(rule.schedule_expression_timezone()),
        start_window_minutes: positive(rule.start_window_minutes()),
        completion_window_minutes: positive(rule.completion_window_minutes()),
        delete_after_days: lifecycle.and_then(|lifecycle| positive(lifecycle.delete_after_days())),
        cold_after_days: lifecycle.and_then(|lifecycle| positive(lifecycle.move_to_cold_storage_after_days())),
        continuous: rule.enable_continuous_backup().unwrap_or(false),
        copies: copies.chain(air_gapped).collect(),
    }
}

/// A selection; the operator that is not known, otherwise.
fn selection(id: &str, document: &types::BackupSelection) -> Result<Selection, String> {
    let mut list_of_tags = Vec::new();
    for test in document.list_of_tags() {
        match test.condition_type() {
            types::ConditionType::Stringequals => list_of_tags
                .push(TagTest { key: Text::from(test.condition_key()), value: Text::from(test.condition_value()) }),
            other => return Err(other.as_str().to_owned()),
        }
    }
    let mut conditions = Vec::new();
    if let Some(given) = document.conditions() {
        for (operator, list) in [
            (ConditionOperator::StringEquals, given.string_equals()),
            (ConditionOperator::StringNotEquals, given.string_not_equals()),
            (ConditionOperator::StringLike, given.string_like()),
            (ConditionOperator::StringNotLike, given.string_not_like()),
        ] {
            conditions.extend(list.iter().map(|condition| Condition {
                operator,
                key: Text::from(condition.condition_key().unwrap_or_default()),
                value: Text::from(condition.condition_value().unwrap_or_default()),
            }));
        }
    }
    Ok(Selection {
        id: Text::from(id),
        name: Text::from(document.selection_name()),
        role: maybe_text(Some(document.iam_role_arn())),
        resources: texts(document.resources.as_deref()),
        not_resources: texts(document.not_resources.as_deref()),
        list_of_tags,
        conditions,
    })
}

#[cfg(test)]
mod tests;
