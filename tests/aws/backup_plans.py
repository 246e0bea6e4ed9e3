"""AWS Backup: plans, selections and settings."""

from __future__ import annotations

from typing import Any

import state
from backup_common import (
    check_lifecycle,
    invalid_request,
    invalid_value,
    listing,
    not_found,
    plan_of,
)
from backup_vaults import tag
from registry import operation
from state import Item, Plan
from wire import AwsError, Call, Place

# What AWS fills in when a rule does not say.
RULE_DEFAULTS = {
    "ScheduleExpression": "cron(0 5 ? * * *)",
    "ScheduleExpressionTimezone": "Etc/UTC",
    "StartWindowMinutes": 480,
    "CompletionWindowMinutes": 10080,
}


def plan_version(place: Place, plan_id: str, document: Item, **fields: Any) -> Item:
    """One version of a plan: every change of a plan makes another."""
    for rule in document["Rules"]:
        check_lifecycle(rule.get("Lifecycle"))
        if rule.get("StartWindowMinutes", 60) < 60:
            raise invalid_value("StartWindowMinutes must be at least 60.")
    rules = [{**RULE_DEFAULTS, **rule, "RuleId": state.uuid()} for rule in document["Rules"]]
    return {
        "BackupPlan": {**document, "Rules": rules},
        "BackupPlanName": document["BackupPlanName"],
        "BackupPlanId": plan_id,
        "BackupPlanArn": place.arn("backup", f"backup-plan:{plan_id}"),
        "VersionId": state.token(),
        "CreationDate": state.now(),
        "AdvancedBackupSettings": document.get("AdvancedBackupSettings"),
        **fields,
    }


@operation("backup:CreateBackupPlan")
def create_plan(call: Call) -> Item:
    wanted = call.input
    name = wanted["BackupPlan"]["BackupPlanName"]
    plans = state.backup(call).plans
    if any(p.current["BackupPlanName"] == name and not p.deleted_at for p in plans.values()):
        raise AwsError("AlreadyExistsException", "Backup plan with the same name already exists")
    fields = {k: wanted[k] for k in ("CreatorRequestId",) if k in wanted}
    version = add_plan(call, wanted["BackupPlan"], **fields).current
    tag(call, version["BackupPlanArn"], wanted.get("BackupPlanTags"))
    return state.project("CreateBackupPlanOutput", version)


def add_plan(place: Place, document: Item, **fields: Any) -> Plan:
    plan = Plan(plan_version(place, state.uuid(), document, **fields))
    state.backup(place).plans[plan.current["BackupPlanId"]] = plan
    return plan


@operation("backup:UpdateBackupPlan")
def update_plan(call: Call) -> Item:
    plan = plan_of(call, call.input["BackupPlanId"])
    version = plan_version(call, call.input["BackupPlanId"], call.input["BackupPlan"])
    plan.versions.append(version)
    return state.project("UpdateBackupPlanOutput", version)


@operation("backup:DeleteBackupPlan")
def delete_plan(call: Call) -> Item:
    plan = plan_of(call, call.input["BackupPlanId"])
    if plan.selections:
        raise invalid_request("Related backup plan selections must be deleted first")
    plan.deleted_at = state.now()
    return state.project("DeleteBackupPlanOutput", with_deletion(plan, plan.current))


def with_deletion(plan: Plan, version: Item) -> Item:
    return {**version, "DeletionDate": plan.deleted_at}


@operation("backup:ListBackupPlans")
def list_plans(call: Call) -> Item:
    plans = [
        with_deletion(plan, plan.current)
        for plan in state.backup(call).plans.values()
        if call.input.get("IncludeDeleted") or not plan.deleted_at
    ]
    return listing(call, "BackupPlansList", "BackupPlansListMember", plans)


@operation("backup:ListBackupPlanVersions")
def list_plan_versions(call: Call) -> Item:
    plan = plan_of(call, call.input["BackupPlanId"])
    versions = [with_deletion(plan, version) for version in plan.versions]
    return listing(call, "BackupPlanVersionsList", "BackupPlansListMember", versions)


@operation("backup:GetBackupPlan")
def get_plan(call: Call) -> Item:
    plan = plan_of(call, call.input["BackupPlanId"])
    wanted = call.input.get("VersionId", plan.current["VersionId"])
    for version in plan.versions:
        if version["VersionId"] == wanted:
            return state.project("GetBackupPlanOutput", with_deletion(plan, version))
    raise not_found("Failed reading Backup plan with provided version")


@operation("backup:CreateBackupSelection")
def create_selection(call: Call) -> Item:
    plan = plan_of(call, call.input["BackupPlanId"])
    document = call.input["BackupSelection"]
    if not document.get("Resources") and not document.get("ListOfTags"):
        raise invalid_value(
            "Invalid backup selection. Either 'ListOfTags' or 'Resources' section must be included."
        )
    selection = add_selection(plan, document)
    selection["CreatorRequestId"] = call.input.get("CreatorRequestId")
    return state.project("CreateBackupSelectionOutput", selection)


def add_selection(plan: Plan, document: Item) -> Item:
    selection = {
        "BackupSelection": document,
        "SelectionId": state.uuid(),
        "SelectionName": document["SelectionName"],
        "IamRoleArn": document["IamRoleArn"],
        "BackupPlanId": plan.current["BackupPlanId"],
        "CreationDate": state.now(),
    }
    plan.selections[selection["SelectionId"]] = selection
    return selection


@operation("backup:ListBackupSelections")
def list_selections(call: Call) -> Item:
    plan = plan_of(call, call.input["BackupPlanId"])
    selections = plan.selections.values()
    return listing(call, "BackupSelectionsList", "BackupSelectionsListMember", selections)


@operation("backup:GetBackupSelection")
def get_selection(call: Call) -> Item:
    return state.project("GetBackupSelectionOutput", selection_of(call))


@operation("backup:DeleteBackupSelection")
def delete_selection(call: Call) -> None:
    selection_of(call)
    del plan_of(call, call.input["BackupPlanId"]).selections[call.input["SelectionId"]]


def selection_of(call: Call) -> Item:
    plan = plan_of(call, call.input["BackupPlanId"])
    if call.input["SelectionId"] not in plan.selections:
        raise not_found("Cannot find backup selection.")
    return plan.selections[call.input["SelectionId"]]


@operation("backup:DescribeRegionSettings")
def describe_region_settings(call: Call) -> Item:
    known = state.backup(call)
    return {
        "ResourceTypeOptInPreference": known.opt_in,
        "ResourceTypeManagementPreference": known.management,
    }


@operation("backup:UpdateRegionSettings")
def update_region_settings(call: Call) -> None:
    known = state.backup(call)
    known.opt_in |= call.input.get("ResourceTypeOptInPreference", {})
    known.management |= call.input.get("ResourceTypeManagementPreference", {})


def global_settings(account: str) -> Item:
    default = {"GlobalSettings": {"isCrossAccountBackupEnabled": "false"}}
    return state.world().global_settings.setdefault(account, default)


@operation("backup:DescribeGlobalSettings")
def describe_global_settings(call: Call) -> Item:
    return global_settings(call.account)


@operation("backup:UpdateGlobalSettings")
def update_global_settings(call: Call) -> None:
    settings = global_settings(call.account)
    settings["GlobalSettings"] |= call.input.get("GlobalSettings", {})
    settings["LastUpdateTime"] = state.now()
