"""Estates in bulk, with any past: what a test needs and no AWS interface can make.

See README.md for the document. Names in lower case are this file's own; names that begin
with a capital are members of AWS's structures, taken as they are, and win over everything
that is derived. Times are ISO 8601, or relative to now (`"-35d"`, `"-26h"`). A string
`"@key"` inside AWS's structures stands for the ARN of the thing of that key.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID

import state
from seed_backup import Backup
from seed_managed import Managed
from seed_names import BadSeed, Names
from seed_resources import Resources
from state import Item
from wire import Place

DEFAULT_REGION = "us-east-1"


def place_of(document: Item) -> Place:
    account = document.get("account", DEFAULT_ACCOUNT_ID)
    return Place(account, document.get("region", DEFAULT_REGION))


def sow(document: Item) -> Item:
    """Create all estates of a document; what each key has become."""
    names = Names()
    for estate in document.get("estates", [document]):
        Estate(place_of(estate), names).create(estate)
    return {"ids": names.ids, "arns": names.arns, "credentials": names.credentials}


class Estate(Resources, Managed, Backup):
    """One account and Region, being created."""

    def create(self, document: Item) -> None:
        """The sections in an order in which each refers to earlier ones only."""
        lists: dict[str, Callable[[Item], None]] = {
            "users": self.user,
            "roles": self.role,
            "volumes": self.volume,
            "snapshots": self.snapshot,
            "instances": self.instance,
            "images": self.image,
            "buckets": self.bucket,
            **self.managed_sections(),
            "vaults": self.vault,
            "plans": self.plan,
            "restore_testing_plans": self.testing_plan,
            "recovery_points": self.recovery_point,
            "backup_jobs": self.backup_job,
            "copy_jobs": self.copy_job,
            "restore_jobs": self.restore_job,
            "legal_holds": self.legal_hold,
        }
        settings: dict[str, Callable[[Any], None]] = {
            "region_settings": self.region_settings,
            "global_settings": self.global_settings,
            "ebs_encryption_by_default": self.encryption_by_default,
            "snapshot_block_public_access": self.block_public_access,
            "commands_say": self.commands_say,
        }
        unknown = set(document) - set(lists) - set(settings) - {"account", "region"}
        if unknown:
            raise BadSeed(f"unknown sections: {sorted(unknown)}")
        for section, make in lists.items():
            for index, item in enumerate(document.get(section, [])):
                try:
                    make(dict(item))
                except KeyError as missing:
                    raise BadSeed(f"{section}[{index}]: {missing} is missing") from missing
                except BadSeed as wrong:
                    raise BadSeed(f"{section}[{index}]: {wrong}") from wrong
        for section, apply in settings.items():
            if section in document:
                apply(document[section])


def bulk(document: Item) -> Item:
    """A large estate for benchmarks: how many of each there are now.

    Every volume has one snapshot a day, the newest of today; every recovery point is of
    one of the volumes, one a day for each in turn.
    """
    known = {
        "account", "region", "volumes", "snapshots_per_volume", "instances", "buckets",
        "recovery_points",
    }  # fmt: skip
    if set(document) - known:
        raise BadSeed(f"unknown: {sorted(set(document) - known)}")
    place = place_of(document)
    volumes = int(document.get("volumes", 0))
    names = Names()
    estate = Estate(place, names)
    start = len(estate.ec2.volumes)
    for number in range(start, start + volumes):
        estate.volume({"key": f"v{number}", "tags": {"Name": f"volume-{number}"}})
        for day in range(int(document.get("snapshots_per_volume", 0))):
            estate.snapshot({"volume": f"v{number}", "started": f"-{24 * day + 1}h"})
    for number in range(int(document.get("instances", 0))):
        attached = [f"v{start + number}"] if number < volumes else []
        estate.instance({"volumes": attached, "tags": {"Name": f"instance-{number}"}})
    taken = len(state.world().buckets)
    for number in range(taken, taken + int(document.get("buckets", 0))):
        name = f"bulk-{place.account}-{place.region}-{number}"
        estate.bucket({"name": name, "versioning": "Enabled"})
    points = int(document.get("recovery_points", 0))
    if points and "bulk" not in estate.backup.vaults:
        estate.vault({"name": "bulk"})
    keys = [key for key in names.ids if key.startswith("v")]
    for number in range(points):
        key = keys[number % len(keys)] if keys else None
        if key is None:
            raise BadSeed("recovery_points need volumes")
        hours = 24 * (number // len(keys)) + 2
        item = {"vault": "bulk", "resource": key, "CreationDate": f"-{hours}h"}
        estate.recovery_point({**item, "Lifecycle": {"DeleteAfterDays": 35}})
    counts = ("volumes", "instances", "buckets", "recovery_points")
    return {name: int(document.get(name, 0)) for name in counts}
