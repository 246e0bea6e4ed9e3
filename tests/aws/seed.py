"""Estates in bulk, with any past: what a test needs and no AWS interface can make.

See README.md for the document. Names in lower case are this file's own; names that begin
with a capital are members of AWS's structures, taken as they are, and win over everything
that is derived. Times are ISO 8601, or relative to now (`"-35d"`, `"-26h"`). A string
`"@key"` inside AWS's structures stands for the ARN of the thing of that key.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

from botocore.model import Shape
from moto.core import DEFAULT_ACCOUNT_ID
from moto.iam.models import iam_backends
from moto.s3.models import PublicAccessBlock

import backup_assurance
import backup_plans
import resources
import state
from backup_common import add_point, resource_type, split_arn
from backup_jobs import new_point
from backup_vaults import new_vault, tag
from ec2 import new_lock
from state import Item, Vault
from wire import Place, botocore_model, utc_time

DEFAULT_REGION = "us-east-1"
BACKUP_ROLE = "service-role/AWSBackupDefaultServiceRole"

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class BadSeed(Exception):
    """The seed document is wrong; the message says where."""


def moment(text: str) -> datetime:
    """A time of the document: ISO 8601, `now`, or relative to now."""
    if text == "now":
        return state.now()
    found = re.fullmatch(r"([+-]\d+(?:\.\d+)?)([smhdw])", text)
    if found:
        return state.now() + timedelta(**{UNITS[found[2]]: float(found[1])})
    return utc_time(text)


def naive(text: str) -> datetime:
    """The same, as moto keeps its times: in UTC, without saying so."""
    return moment(text).astimezone(timezone.utc).replace(tzinfo=None)


def sow(document: Item) -> Item:
    """Create all estates of a document; what each key has become."""
    names = Names()
    for estate in document.get("estates", [document]):
        Estate(estate, names).create()
    return {"ids": names.ids, "arns": names.arns, "credentials": names.credentials}


class Names:
    """What the keys of a document have become, for later references and for the answer."""

    def __init__(self) -> None:
        self.ids: dict[str, str] = {}
        self.arns: dict[str, str] = {}
        self.credentials: dict[str, Item] = {}
        self.things: dict[str, Any] = {}

    def add(self, key: str | None, name: str, arn: str, thing: Any) -> None:
        if key is None:
            return
        if key in self.ids:
            raise BadSeed(f"two things have the key {key!r}")
        self.ids[key], self.arns[key], self.things[key] = name, arn, thing

    def thing(self, key: str) -> Any:
        if key not in self.things:
            raise BadSeed(f"nothing before this has the key {key!r}")
        return self.things[key]

    def arn(self, reference: str) -> str:
        """The ARN of a key; an ARN stands for itself."""
        if reference.startswith("arn:"):
            return reference
        self.thing(reference)
        return self.arns[reference]

    def aws(self, shape: Shape, value: Any, path: str) -> Any:
        """A value of one of AWS's structures: times and references resolved, names checked."""
        if shape.type_name == "structure":
            unknown = set(value) - set(shape.members)
            if unknown:
                raise BadSeed(f"{path}: {shape.name} has no member {sorted(unknown)}")
            return {k: self.aws(shape.members[k], v, f"{path}.{k}") for k, v in value.items()}
        if shape.type_name == "list":
            return [self.aws(shape.member, v, path) for v in value]
        if shape.type_name == "map":
            return {k: self.aws(shape.value, v, path) for k, v in value.items()}
        if shape.type_name == "timestamp":
            return moment(value)
        if isinstance(value, str) and value.startswith("@"):
            return self.arn(value[1:])
        return value


class Estate:
    """One account and Region of a document, being created."""

    def __init__(self, document: Item, names: Names):
        self.document = document
        self.names = names
        account = document.get("account", DEFAULT_ACCOUNT_ID)
        self.place = Place(account, document.get("region", DEFAULT_REGION))
        self.ec2 = resources.ec2(self.place.account, self.place.region)
        self.backup = state.backup(self.place)

    def create(self) -> None:
        """The sections in an order in which each refers to earlier ones only."""
        lists: dict[str, Callable[[Item], None]] = {
            "users": self.user,
            "roles": self.role,
            "volumes": self.volume,
            "snapshots": self.snapshot,
            "instances": self.instance,
            "images": self.image,
            "buckets": self.bucket,
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
        }
        unknown = set(self.document) - set(lists) - set(settings) - {"account", "region"}
        if unknown:
            raise BadSeed(f"unknown sections: {sorted(unknown)}")
        for section, make in lists.items():
            for index, item in enumerate(self.document.get(section, [])):
                try:
                    make(dict(item))
                except KeyError as missing:
                    raise BadSeed(f"{section}[{index}]: {missing} is missing") from missing
                except BadSeed as wrong:
                    raise BadSeed(f"{section}[{index}]: {wrong}") from wrong
        for section, apply in settings.items():
            if section in self.document:
                apply(self.document[section])

    def aws_fields(self, shape: str, item: Item) -> Item:
        """The members of AWS's structure in an item: the names that begin with a capital."""
        fields = {k: v for k, v in item.items() if k[0].isupper()}
        return self.aws(shape, fields)

    def aws(self, shape: str, value: Any) -> Any:
        return self.names.aws(botocore_model("backup").shape_for(shape), value, shape)

    # IAM

    def iam(self) -> Any:
        return iam_backends[self.place.account][self.place.partition]

    def user(self, item: Item) -> None:
        """A user with an access key; `policy` is its inline policy."""
        name = item["name"]
        user = self.iam().create_user(self.place.region, name)
        if item.get("policy") is not None:
            self.iam().put_user_policy(name, "policy", json.dumps(item["policy"]))
        key = self.iam().create_access_key(user_name=name)
        self.names.add(item.get("key", name), name, user.arn, user)
        self.names.credentials[item.get("key", name)] = {
            "access_key_id": key.access_key_id,
            "secret_access_key": key.secret_access_key,
        }

    def role(self, item: Item) -> None:
        """A role that everyone may assume, unless `trust` is another trust policy."""
        statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
        trust = item.get("trust", {"Version": "2012-10-17", "Statement": [statement]})
        role = self.iam().create_role(
            role_name=item["name"],
            assume_role_policy_document=json.dumps(trust),
            path="/",
            permissions_boundary=None,
            description="",
            tags=[],
            max_session_duration="3600",
        )
        if item.get("policy") is not None:
            self.iam().put_role_policy(item["name"], "policy", json.dumps(item["policy"]))
        self.names.add(item.get("key", item["name"]), role.id, role.arn, role)

    # EC2

    def volume(self, item: Item) -> None:
        volume = self.ec2.create_volume(
            size=item.get("size", 8),
            zone_name=item.get("zone", f"{self.place.region}a"),
            encrypted=item.get("encrypted", False),
            kms_key_id=item.get("kms_key_id"),
            volume_type=item.get("type", "gp3"),
        )
        volume.create_time = naive(item.get("created", "-400d"))
        volume.add_tags(item.get("tags", {}))
        arn = self.place.arn("ec2", f"volume/{volume.id}")
        self.names.add(item.get("key"), volume.id, arn, volume)

    def snapshot(self, item: Item) -> None:
        volume = self.names.thing(item["volume"])
        if item.get("copied"):
            origin = volume.ec2_backend.create_snapshot(volume.id, "")
            snapshot = resources.copy_snapshot(origin, self.ec2, kms_key_id=item.get("kms_key_id"))
            volume.ec2_backend.snapshots.pop(origin.id)  # only the copy is wanted
        else:
            snapshot = self.ec2.create_snapshot(volume.id, item.get("description", ""))
        snapshot.start_time = naive(item.get("started", "-1d"))
        snapshot.status = item.get("state", "completed")
        snapshot.encrypted = item.get("encrypted", snapshot.encrypted)
        snapshot.kms_key_id = item.get("kms_key_id", snapshot.kms_key_id)
        snapshot.storage_tier = item.get("tier", "standard")
        snapshot.add_tags(item.get("tags", {}))
        snapshot.create_volume_permission_userids.update(item.get("shared_with", []))
        if item.get("public"):
            snapshot.create_volume_permission_groups.add("all")
        fields = {k: v for k, v in item.items() if k[0].isupper()}
        if fields:
            shape = botocore_model("ec2").shape_for("Snapshot")
            won = self.names.aws(shape, fields, "Snapshot")
            snapshot.lastgood = {**getattr(snapshot, "lastgood", {}), **won}
        if "lock" in item:
            lock = dict(item["lock"])
            created = moment(lock.pop("created", "now"))
            if "ExpirationDate" in lock:
                lock["ExpirationDate"] = moment(lock["ExpirationDate"])
            locks = state.ec2_state(self.place.account, self.place.region).locks
            locks[snapshot.id] = new_lock(snapshot, created, lock)
        arn = resources.ec2_arn(self.place.region, "snapshot", snapshot.id)
        self.names.add(item.get("key"), snapshot.id, arn, snapshot)

    def instance(self, item: Item) -> None:
        instance = resources.launch(self.ec2, "ami-12345678", item.get("type", "t3.micro"))
        launched = naive(item.get("launched", "-400d"))
        if "volumes" in item:
            instance.teardown_defaults()  # moto's own root volume
        for index, key in enumerate(item.get("volumes", [])):
            device = instance.root_device_name if index == 0 else f"/dev/sd{chr(ord('f') + index)}"
            self.ec2.attach_volume(self.names.thing(key).id, instance.id, device)
        for block in instance.block_device_mapping.values():
            block.attach_time = launched
            attached = self.ec2.volumes[block.volume_id]
            attached.attachment.attach_time = launched
            if "volumes" not in item:
                attached.create_time = launched
        instance.launch_time = launched
        instance.add_tags(item.get("tags", {}))
        if item.get("state", "running") == "stopped":
            self.ec2.stop_instances([instance.id])
        arn = self.place.arn("ec2", f"instance/{instance.id}")
        self.names.add(item.get("key"), instance.id, arn, instance)

    def image(self, item: Item) -> None:
        instance = self.names.thing(item["instance"])
        image = resources.make_image(
            self.ec2,
            instance.id,
            item.get("name", item.get("key", "image")),
            item.get("description", ""),
            naive(item.get("created", "-1d")),
        )
        image.state = item.get("state", "available")
        image.launch_permissions += [{"UserId": user} for user in item.get("shared_with", [])]
        if item.get("public"):
            image.launch_permissions.append({"Group": "all"})
        image.add_tags(item.get("tags", {}))
        arn = resources.ec2_arn(self.place.region, "image", image.id)
        self.names.add(item.get("key"), image.id, arn, image)

    def encryption_by_default(self, on: bool) -> None:
        self.ec2.ebs_encryption_by_default = on

    def block_public_access(self, wanted: str) -> None:
        known = state.ec2_state(self.place.account, self.place.region)
        known.block_public_access = wanted

    # S3

    def bucket(self, item: Item) -> None:
        name = item["name"]
        backend = resources.s3(self.place.account, self.place.region)
        bucket = backend.create_bucket(name, self.place.region)
        bucket.creation_date = moment(item.get("created", "-400d"))
        bucket.versioning_status = item.get("versioning")
        documents = {
            "lifecycle": "BucketLifecycleConfiguration",
            "replication": "ReplicationConfiguration",
            "object_lock": "ObjectLockConfiguration",
            "encryption": "ServerSideEncryptionConfiguration",
        }
        kept = state.world().buckets.setdefault(name, {})
        for kind, shape_name in documents.items():
            if kind in item:
                shape = botocore_model("s3").shape_for(shape_name)
                kept[kind] = self.names.aws(shape, item[kind], kind)
        if "mfa_delete" in item:
            kept["mfa_delete"] = item["mfa_delete"]
        bucket.object_lock_enabled = "object_lock" in item
        if "public_access_block" in item:
            block = item["public_access_block"]
            bucket.public_access_block = PublicAccessBlock(
                block_public_acls=block.get("BlockPublicAcls", False),
                ignore_public_acls=block.get("IgnorePublicAcls", False),
                block_public_policy=block.get("BlockPublicPolicy", False),
                restrict_public_buckets=block.get("RestrictPublicBuckets", False),
            )
        if "policy" in item:
            bucket.policy = json.dumps(item["policy"]).encode()
        if "tags" in item:
            backend.put_bucket_tagging(name, item["tags"])
        arn = f"arn:{self.place.partition}:s3:::{name}"
        self.names.add(item.get("key", name), name, arn, bucket)

    # AWS Backup

    def vault(self, item: Item) -> None:
        fields = self.aws_fields("DescribeBackupVaultOutput", item)
        vault = new_vault(self.place, item["name"], **{"CreationDate": moment("-400d"), **fields})
        if "policy" in item:
            vault.policy = json.dumps(item["policy"])
        vault.notifications = item.get("notifications")
        arn = vault.fields["BackupVaultArn"]
        tag(self.place, arn, item.get("tags"))
        self.names.add(item.get("key"), item["name"], arn, vault)

    def plan(self, item: Item) -> None:
        created = {"CreationDate": moment(item.get("created", "-400d"))}
        fields = self.aws_fields("GetBackupPlanOutput", item)
        document = self.aws("BackupPlanInput", item["plan"])
        plan = backup_plans.add_plan(self.place, document, **created, **fields)
        for entry in item.get("selections", []):
            selection_document = self.aws("BackupSelection", self.with_role(entry["selection"]))
            selection = backup_plans.add_selection(plan, selection_document)
            selection["CreationDate"] = moment(entry.get("created", item.get("created", "-400d")))
            self.names.add(entry.get("key"), selection["SelectionId"], "", selection)
        if item.get("deleted"):
            plan.deleted_at = moment(item["deleted"])
        version = plan.current
        tag(self.place, version["BackupPlanArn"], item.get("tags"))
        self.names.add(item.get("key"), version["BackupPlanId"], version["BackupPlanArn"], plan)

    def with_role(self, document: Item) -> Item:
        return {"IamRoleArn": self.backup_role(), **document}

    def backup_role(self) -> str:
        return f"arn:{self.place.partition}:iam::{self.place.account}:role/{BACKUP_ROLE}"

    def vault_named(self, name: str) -> Vault:
        if name not in self.backup.vaults:
            raise BadSeed(f"there is no vault {name!r} in this account and Region")
        return self.backup.vaults[name]

    def recovery_point(self, item: Item) -> None:
        """A recovery point; for a volume or an instance of this estate a real backup, too.

        `plan` (a key) and `rule` (a name; the first by default) say what made it.
        """
        vault = self.vault_named(item["vault"])
        fields = self.aws_fields("DescribeRecoveryPointOutput", item)
        if "CreationDate" not in fields:
            fields["CreationDate"] = moment("-1d")
        resource = self.names.arn(item["resource"])
        fields.setdefault("ResourceName", split_arn(resource)[2])
        fields.setdefault("IamRoleArn", self.backup_role())
        if "plan" in item:
            rule = self.rule_of(item["plan"], item.get("rule"))
            fields.setdefault("CreatedBy", self.made_by(item["plan"], rule))
            fields.setdefault("Lifecycle", rule.get("Lifecycle"))
        arn = fields.pop("RecoveryPointArn", None)
        if arn is None:
            made = self.made_backup(item, resource, fields["CreationDate"])
            arn, fields = made.arn, {**made.fields, **fields}
        point = new_point(vault, arn, resource, **fields)
        if item.get("deletion_fails"):
            point["deletion_fails"] = True
        add_point(self.backup, vault, point)
        tag(self.place, arn, item.get("tags"))
        self.names.add(item.get("key"), arn.rpartition("/")[2], arn, point)

    def made_backup(self, item: Item, resource: str, created: datetime) -> resources.Made:
        """Make the backup that a recovery point is, with the recovery point's date."""
        if "copy_of" in item:
            original = self.names.thing(item["copy_of"])
            source = original["BackupVaultArn"].split(":")
            origin = Place(source[4], source[3])
            arn = resources.copy_backup(
                origin, original["RecoveryPointArn"], self.place.account, self.place.region
            )
            key = self.vault_named(item["vault"]).fields["EncryptionKeyArn"]
            fields = {"IsEncrypted": True, "EncryptionKeyArn": key}
            made = resources.Made(arn, {**fields, "SourceBackupVaultArn": original["BackupVaultArn"]})
        elif self.is_here(resource):
            made = resources.make_backup(self.place, resource, state.uuid().upper())
        else:
            made = resources.Made(self.place.arn("backup", f"recovery-point:{state.uuid()}"))
        self.backdate(made.arn, created.astimezone(timezone.utc).replace(tzinfo=None))
        return made

    def is_here(self, resource: str) -> bool:
        """Whether a backup of the resource can be made; volumes and instances must exist."""
        service, _, name = split_arn(resource)
        if service != "ec2":
            return True
        return name in self.ec2.volumes or resources.find_instance(self.ec2, name) is not None

    def backdate(self, arn: str, created: datetime) -> None:
        found = resources.backing(arn)
        if found is None:
            return
        if found[1] == "snapshot" and found[2] in self.ec2.snapshots:
            self.ec2.snapshots[found[2]].start_time = created
        elif found[1] == "image" and found[2] in self.ec2.amis:
            image = self.ec2.amis[found[2]]
            image.creation_date = created
            for _, snapshot in image.lastgood_members:
                snapshot.start_time = created

    def rule_of(self, key: str, rule_name: str | None) -> Item:
        for rule in self.names.thing(key).current["BackupPlan"]["Rules"]:
            if rule_name in (None, rule["RuleName"]):
                return rule
        raise BadSeed(f"the plan {key!r} has no rule {rule_name!r}")

    def made_by(self, key: str, rule: Item) -> Item:
        version = self.names.thing(key).current
        return {
            "BackupPlanId": version["BackupPlanId"],
            "BackupPlanArn": version["BackupPlanArn"],
            "BackupPlanName": version["BackupPlanName"],
            "BackupPlanVersion": version["VersionId"],
            "BackupRuleId": rule["RuleId"],
            "BackupRuleName": rule["RuleName"],
            "BackupRuleCron": rule["ScheduleExpression"],
            "BackupRuleTimezone": rule["ScheduleExpressionTimezone"],
        }

    def backup_job(self, item: Item) -> None:
        point = self.names.thing(item["recovery_point"]) if "recovery_point" in item else {}
        vault = self.vault_named(item.get("vault") or point["BackupVaultName"])
        resource = self.names.arn(item["resource"]) if "resource" in item else point["ResourceArn"]
        same = (
            "RecoveryPointArn", "CreationDate", "CompletionDate", "InitiationDate", "CreatedBy",
            "BackupSizeInBytes", "IsEncrypted", "IamRoleArn",
        )  # fmt: skip
        job = {
            "AccountId": self.place.account,
            "BackupJobId": state.uuid().upper(),
            "BackupVaultName": vault.fields["BackupVaultName"],
            "BackupVaultArn": vault.fields["BackupVaultArn"],
            "ResourceArn": resource,
            "ResourceType": resource_type(resource),
            "ResourceName": split_arn(resource)[2],
            "RecoveryPointLifecycle": point.get("Lifecycle"),
            "IamRoleArn": self.backup_role(),
            "State": "COMPLETED",
            "MessageCategory": "SUCCESS",
            "PercentDone": "100.0",
            "IsParent": False,
            **{name: point[name] for name in same if name in point},
            **self.aws_fields("BackupJob", item),
        }
        self.job(item, job, "BackupJobId", self.backup.backup_jobs)

    def job(self, item: Item, job: Item, id_member: str, jobs: dict[str, Item]) -> None:
        """Add a job; one that has ended has a completion date."""
        job.setdefault("CreationDate", moment("-1d"))
        if job.get("State", job.get("Status")) not in ("CREATED", "PENDING", "RUNNING", "ABORTING"):
            job.setdefault("CompletionDate", job["CreationDate"])
        jobs[job[id_member]] = job
        self.names.add(item.get("key"), job[id_member], "", job)

    def copy_job(self, item: Item) -> None:
        """`source` and `destination` are keys of recovery points."""
        source = self.names.thing(item["source"])
        target = self.names.thing(item["destination"]) if "destination" in item else {}
        job = {
            "AccountId": self.place.account,
            "CopyJobId": state.uuid().upper(),
            "SourceBackupVaultArn": source["BackupVaultArn"],
            "SourceRecoveryPointArn": source["RecoveryPointArn"],
            "ResourceArn": source["ResourceArn"],
            "ResourceType": source["ResourceType"],
            "IamRoleArn": self.backup_role(),
            "State": "COMPLETED",
            "MessageCategory": "SUCCESS",
            "IsParent": False,
        }
        if target:
            job |= {
                "DestinationBackupVaultArn": target["BackupVaultArn"],
                "DestinationRecoveryPointArn": target["RecoveryPointArn"],
                "DestinationRecoveryPointLifecycle": target.get("Lifecycle"),
                "CreationDate": target["CreationDate"],
            }
        job |= self.aws_fields("CopyJob", item)
        self.job(item, job, "CopyJobId", self.backup.copy_jobs)

    def restore_job(self, item: Item) -> None:
        """`testing_plan` is the key of the restore testing plan that started it."""
        point = self.names.thing(item["recovery_point"])
        job = {
            "AccountId": self.place.account,
            "RestoreJobId": state.uuid().upper(),
            "RecoveryPointArn": point["RecoveryPointArn"],
            "RecoveryPointCreationDate": point["CreationDate"],
            "SourceResourceArn": point["ResourceArn"],
            "BackupVaultArn": point["BackupVaultArn"],
            "ResourceType": point["ResourceType"],
            "IamRoleArn": self.backup_role(),
            "Status": "COMPLETED",
            "PercentDone": "100.00%",
            "IsParent": False,
        }
        if "testing_plan" in item:
            job["CreatedBy"] = {"RestoreTestingPlanArn": self.names.arn(item["testing_plan"])}
        job |= self.aws_fields("DescribeRestoreJobOutput", item)
        self.job(item, job, "RestoreJobId", self.backup.restore_jobs)
        if job["Status"] == "COMPLETED":
            point["LastRestoreTime"] = job["CompletionDate"]

    def testing_plan(self, item: Item) -> None:
        created = moment(item.get("created", "-400d"))
        plan = backup_assurance.add_plan(
            self.place, self.aws("RestoreTestingPlanForCreate", item["plan"])
        )
        plan |= {"CreationTime": created, **self.aws_fields("RestoreTestingPlanForGet", item)}
        for document in item.get("selections", []):
            wanted = self.aws("RestoreTestingSelectionForCreate", self.with_role(document))
            selection = backup_assurance.add_selection(self.place, plan, wanted)
            selection["CreationTime"] = created
        arn = plan["RestoreTestingPlanArn"]
        tag(self.place, arn, item.get("tags"))
        self.names.add(item.get("key"), plan["RestoreTestingPlanName"], arn, plan)

    def legal_hold(self, item: Item) -> None:
        fields = {"Title": "hold", "Description": "hold"}
        fields |= self.aws_fields("GetLegalHoldOutput", item)
        hold = backup_assurance.add_hold(self.place, **fields)
        self.names.add(item.get("key"), hold["LegalHoldId"], hold["LegalHoldArn"], hold)

    def region_settings(self, document: Item) -> None:
        wanted = self.aws("DescribeRegionSettingsOutput", document)
        self.backup.opt_in |= wanted.get("ResourceTypeOptInPreference", {})
        self.backup.management |= wanted.get("ResourceTypeManagementPreference", {})

    def global_settings(self, document: Item) -> None:
        settings = backup_plans.global_settings(self.place.account)
        settings["GlobalSettings"] = {**settings["GlobalSettings"], **document}


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
    place = Place(
        document.get("account", DEFAULT_ACCOUNT_ID), document.get("region", DEFAULT_REGION)
    )
    volumes = int(document.get("volumes", 0))
    names = Names()
    estate = Estate({"account": place.account, "region": place.region}, names)
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
