"""AWS Backup: restore testing, legal holds and audit frameworks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import resources
import state
from backup_common import invalid_request, listing, not_found, point_of, vault_of
from backup_vaults import held_points, tag
from registry import operation
from state import Item
from wire import AwsError, Call, Place


@operation("backup:CreateRestoreTestingPlan")
def create_plan(call: Call) -> Item:
    document = call.input["RestoreTestingPlan"]
    name = document["RestoreTestingPlanName"]
    known = state.backup(call)
    if name in known.testing_plans:
        raise AwsError("AlreadyExistsException", "A restore testing plan of this name exists.")
    plan = add_plan(call, document)
    plan["CreatorRequestId"] = call.input.get("CreatorRequestId")
    tag(call, plan["RestoreTestingPlanArn"], call.input.get("Tags"))
    return state.project("CreateRestoreTestingPlanOutput", plan)


def add_plan(place: Place, document: Item) -> Item:
    name = document["RestoreTestingPlanName"]
    known = state.backup(place)
    known.testing_plans[name] = {
        "StartWindowHours": 24,
        **document,
        "CreationTime": state.now(),
        "RestoreTestingPlanArn": place.arn("backup", f"restore-testing-plan:{name}-{state.uuid()}"),
    }
    known.testing_selections[name] = {}
    return known.testing_plans[name]


@operation("backup:GetRestoreTestingPlan")
def get_plan(call: Call) -> Item:
    return {"RestoreTestingPlan": state.project("RestoreTestingPlanForGet", plan_of(call))}


@operation("backup:ListRestoreTestingPlans")
def list_plans(call: Call) -> Item:
    plans = state.backup(call).testing_plans.values()
    return listing(call, "RestoreTestingPlans", "RestoreTestingPlanForList", plans)


@operation("backup:DeleteRestoreTestingPlan")
def delete_plan(call: Call) -> None:
    name = plan_of(call)["RestoreTestingPlanName"]
    known = state.backup(call)
    if known.testing_selections[name]:
        raise invalid_request("The restore testing plan still has selections.")
    del known.testing_plans[name], known.testing_selections[name]


def plan_of(call: Call) -> Item:
    name = call.input["RestoreTestingPlanName"]
    if name not in state.backup(call).testing_plans:
        raise not_found(f"Restore testing plan {name} does not exist.")
    return state.backup(call).testing_plans[name]


def selections_of(call: Call) -> dict[str, Item]:
    return state.backup(call).testing_selections[plan_of(call)["RestoreTestingPlanName"]]


@operation("backup:CreateRestoreTestingSelection")
def create_selection(call: Call) -> Item:
    plan = plan_of(call)
    document = call.input["RestoreTestingSelection"]
    name = document["RestoreTestingSelectionName"]
    if name in selections_of(call):
        raise AwsError("AlreadyExistsException", "A selection of this name exists.")
    selection = add_selection(call, plan, document)
    selection["CreatorRequestId"] = call.input.get("CreatorRequestId")
    return state.project("CreateRestoreTestingSelectionOutput", selection)


def add_selection(place: Place, plan: Item, document: Item) -> Item:
    selection = {
        "ValidationWindowHours": 0,
        **document,
        "CreationTime": state.now(),
        "RestoreTestingPlanName": plan["RestoreTestingPlanName"],
        "RestoreTestingPlanArn": plan["RestoreTestingPlanArn"],
    }
    selections = state.backup(place).testing_selections[plan["RestoreTestingPlanName"]]
    selections[document["RestoreTestingSelectionName"]] = selection
    return selection


@operation("backup:GetRestoreTestingSelection")
def get_selection(call: Call) -> Item:
    selection = selection_of(call)
    return {"RestoreTestingSelection": state.project("RestoreTestingSelectionForGet", selection)}


@operation("backup:ListRestoreTestingSelections")
def list_selections(call: Call) -> Item:
    selections = selections_of(call).values()
    shape = "RestoreTestingSelectionForList"
    return listing(call, "RestoreTestingSelections", shape, selections)


@operation("backup:DeleteRestoreTestingSelection")
def delete_selection(call: Call) -> None:
    del selections_of(call)[selection_of(call)["RestoreTestingSelectionName"]]


def selection_of(call: Call) -> Item:
    name = call.input["RestoreTestingSelectionName"]
    if name not in selections_of(call):
        raise not_found(f"Restore testing selection {name} does not exist.")
    return selections_of(call)[name]


@operation("backup:GetRestoreTestingInferredMetadata")
def inferred_metadata(call: Call) -> Item:
    vault = vault_of(call, call.input["BackupVaultName"])
    point = point_of(call, vault, call.input["RecoveryPointArn"])
    return {"InferredMetadata": resources.restore_metadata(call, point)}


@operation("backup:CreateLegalHold")
def create_hold(call: Call) -> Item:
    wanted = call.input
    hold = add_hold(
        call,
        Title=wanted["Title"],
        Description=wanted["Description"],
        RecoveryPointSelection=wanted.get("RecoveryPointSelection"),
    )
    tag(call, hold["LegalHoldArn"], wanted.get("Tags"))
    return state.project("CreateLegalHoldOutput", hold)


def add_hold(place: Place, **fields: Any) -> Item:
    hold_id = state.uuid()
    hold = {
        "LegalHoldId": hold_id,
        "LegalHoldArn": place.arn("backup", f"legal-hold:{hold_id}"),
        "Status": "ACTIVE",
        "CreationDate": state.now(),
        **fields,
    }
    state.backup(place).legal_holds[hold_id] = hold
    return hold


@operation("backup:ListLegalHolds")
def list_holds(call: Call) -> Item:
    return listing(call, "LegalHolds", "LegalHold", state.backup(call).legal_holds.values())


@operation("backup:GetLegalHold")
def get_hold(call: Call) -> Item:
    return state.project("GetLegalHoldOutput", hold_of(call))


@operation("backup:CancelLegalHold")
def cancel_hold(call: Call) -> Item:
    hold = hold_of(call)
    if hold["Status"] == "CANCELED":
        raise AwsError("InvalidResourceStateException", "The legal hold is already canceled.")
    hold |= {
        "Status": "CANCELED",
        "CancelDescription": call.input["CancelDescription"],
        "CancellationDate": state.now(),
    }
    days = call.input.get("RetainRecordInDays")
    if days is not None:
        hold["RetainRecordUntil"] = state.now() + timedelta(days=days)
    return {}


def hold_of(call: Call) -> Item:
    hold = state.backup(call).legal_holds.get(call.input["LegalHoldId"])
    if hold is None:
        raise not_found("The legal hold does not exist.")
    return hold


@operation("backup:ListRecoveryPointsByLegalHold")
def list_held_points(call: Call) -> Item:
    points = held_points(call, hold_of(call)).values()
    return listing(call, "RecoveryPoints", "RecoveryPointMember", points)


@operation("backup:CreateFramework")
def create_framework(call: Call) -> Item:
    wanted = call.input
    name = wanted["FrameworkName"]
    frameworks = state.backup(call).frameworks
    if name in frameworks:
        raise AwsError("AlreadyExistsException", "A framework of this name exists.")
    controls = wanted["FrameworkControls"]
    frameworks[name] = {
        "FrameworkName": name,
        "FrameworkArn": call.arn("backup", f"framework:{name}-{state.uuid()}"),
        "FrameworkDescription": wanted.get("FrameworkDescription"),
        "FrameworkControls": controls,
        "NumberOfControls": len(controls),
        "CreationTime": state.now(),
        "DeploymentStatus": "COMPLETED",
        "FrameworkStatus": "ACTIVE",
    }
    return state.project("CreateFrameworkOutput", frameworks[name])


@operation("backup:ListFrameworks")
def list_frameworks(call: Call) -> Item:
    return listing(call, "Frameworks", "Framework", state.backup(call).frameworks.values())


@operation("backup:DescribeFramework")
def describe_framework(call: Call) -> Item:
    framework = state.backup(call).frameworks.get(call.input["FrameworkName"])
    if framework is None:
        raise not_found("The framework does not exist.")
    return state.project("DescribeFrameworkOutput", framework)
