"""What our own operations remember, for each account and Region.

AWS Backup objects are plain dicts with the member names of AWS's output shapes.
An object often has members of several shapes (a recovery point is listed in three
ways); `project` picks those that one shape has.
"""

from __future__ import annotations

import threading
from datetime import datetime, timezone
from functools import cache
from typing import Any

from moto.moto_api._internal import mock_random

from wire import Place, output_members

# One lock for all of our state: handlers are short and never wait for anything.
LOCK = threading.RLock()

Item = dict[str, Any]

# The resource types of AWS Backup, all opted in, as in a new account.
RESOURCE_TYPES = (
    "Aurora", "CloudFormation", "DocumentDB", "DynamoDB", "EBS", "EC2", "EFS", "FSx",
    "Neptune", "RDS", "Redshift", "S3", "SAP HANA on Amazon EC2", "Storage Gateway",
    "Timestream", "VirtualMachine",
)  # fmt: skip


class Vault:
    """A backup vault and the recovery points in it, by ARN."""

    def __init__(self, fields: Item):
        self.fields = fields
        self.points: dict[str, Item] = {}
        self.policy: str | None = None
        self.notifications: Item | None = None


class Plan:
    """A backup plan: all its versions (the newest last) and its selections by id."""

    def __init__(self, version: Item):
        self.versions = [version]
        self.selections: dict[str, Item] = {}
        self.deleted_at: datetime | None = None

    @property
    def current(self) -> Item:
        return self.versions[-1]


class BackupState:
    """AWS Backup in one account and Region."""

    def __init__(self) -> None:
        self.vaults: dict[str, Vault] = {}
        self.plans: dict[str, Plan] = {}
        self.backup_jobs: dict[str, Item] = {}
        self.copy_jobs: dict[str, Item] = {}
        self.restore_jobs: dict[str, Item] = {}
        self.testing_plans: dict[str, Item] = {}
        self.testing_selections: dict[str, dict[str, Item]] = {}
        self.legal_holds: dict[str, Item] = {}
        self.frameworks: dict[str, Item] = {}
        self.protected: dict[str, Item] = {}
        self.tags: dict[str, dict[str, str]] = {}
        self.opt_in = dict.fromkeys(RESOURCE_TYPES, True)
        self.management = {"DynamoDB": True, "EFS": True}


class Ec2State:
    """The EC2 settings of one account and Region that moto does not have."""

    def __init__(self) -> None:
        self.locks: dict[str, Item] = {}
        self.block_public_access = "unblocked"


class World:
    """Everything, so that a reset is one assignment."""

    def __init__(self) -> None:
        self.backup: dict[tuple[str, str], BackupState] = {}
        self.ec2: dict[tuple[str, str], Ec2State] = {}
        # Per bucket name: configurations exactly as they were put.
        self.buckets: dict[str, dict[str, Any]] = {}
        # What `managed` answers with: per account and Region, lists by the name of their seed section.
        self.managed: dict[tuple[str, str], dict[str, list[Item]]] = {}
        # Per account: AWS Backup's global settings.
        self.global_settings: dict[str, Item] = {}
        # Commands of Systems Manager, and what each says and how it ends.
        self.commands: dict[str, Item] = {}
        self.commands_say: tuple[str, str] = ("", "Success")


_world = World()


def world() -> World:
    return _world


def reset() -> None:
    global _world
    _world = World()


def backup_state(account: str, region: str) -> BackupState:
    return _world.backup.setdefault((account, region), BackupState())


def backup(place: Place) -> BackupState:
    return backup_state(place.account, place.region)


def ec2_state(account: str, region: str) -> Ec2State:
    return _world.ec2.setdefault((account, region), Ec2State())


def managed(place: Place, section: str) -> list[Item]:
    return _world.managed.setdefault((place.account, place.region), {}).setdefault(section, [])


def now() -> datetime:
    return datetime.now(timezone.utc).replace(microsecond=0)


def uuid() -> str:
    """A UUID of moto's generator, so that moto's `/moto-api/seed` makes ours repeat, too."""
    return str(mock_random.uuid4())


def token(length: int = 48) -> str:
    return str(mock_random.get_random_string(length=length))


@cache
def members(shape: str) -> tuple[str, ...]:
    return output_members("backup", shape)


def project(shape: str, item: Item) -> Item:
    """Those members of `item` that the AWS Backup structure `shape` has."""
    return {name: item[name] for name in members(shape) if item.get(name) is not None}
