"""Seeding AWS Backup: vaults, plans, recovery points, jobs, tests and holds."""

from __future__ import annotations

import json
from datetime import datetime, timezone

import backup_assurance
import backup_plans
import resources
import state
from backup_common import add_point, resource_type, split_arn
from backup_jobs import new_point
from backup_vaults import new_vault, tag
from seed_names import BadSeed, Section, moment
from state import Item, Vault
from wire import Place

BACKUP_ROLE = "service-role/AWSBackupDefaultServiceRole"


class Backup(Section):
    """The sections of a seed document for AWS Backup."""

    def vault(self, item: Item) -> None:
        fields = self.aws_fields("backup", "DescribeBackupVaultOutput", item)
        vault = new_vault(self.place, item["name"], **{"CreationDate": moment("-400d"), **fields})
        if "policy" in item:
            vault.policy = json.dumps(item["policy"])
        vault.notifications = item.get("notifications")
        arn = vault.fields["BackupVaultArn"]
        tag(self.place, arn, item.get("tags"))
        self.names.add(item.get("key"), item["name"], arn, vault)

    def plan(self, item: Item) -> None:
        created = {"CreationDate": moment(item.get("created", "-400d"))}
        fields = self.aws_fields("backup", "GetBackupPlanOutput", item)
        document = self.aws("backup", "BackupPlanInput", item["plan"])
        plan = backup_plans.add_plan(self.place, document, **created, **fields)
        for entry in item.get("selections", []):
            wanted = self.aws("backup", "BackupSelection", self.with_role(entry["selection"]))
            selection = backup_plans.add_selection(plan, wanted)
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
        fields = self.aws_fields("backup", "DescribeRecoveryPointOutput", item)
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
            vault_arn = original["BackupVaultArn"]
            fields = {"SourceBackupVaultArn": vault_arn, "EncryptionKeyArn": key}
            made = resources.Made(arn, {**fields, "IsEncrypted": True})
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
            **self.aws_fields("backup", "BackupJob", item),
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
        job |= self.aws_fields("backup", "CopyJob", item)
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
        job |= self.aws_fields("backup", "DescribeRestoreJobOutput", item)
        self.job(item, job, "RestoreJobId", self.backup.restore_jobs)
        if job["Status"] == "COMPLETED":
            point["LastRestoreTime"] = job["CompletionDate"]

    def testing_plan(self, item: Item) -> None:
        created = moment(item.get("created", "-400d"))
        plan = backup_assurance.add_plan(
            self.place, self.aws("backup", "RestoreTestingPlanForCreate", item["plan"])
        )
        plan["CreationTime"] = created
        plan |= self.aws_fields("backup", "RestoreTestingPlanForGet", item)
        for document in item.get("selections", []):
            shape = "RestoreTestingSelectionForCreate"
            wanted = self.aws("backup", shape, self.with_role(document))
            selection = backup_assurance.add_selection(self.place, plan, wanted)
            selection["CreationTime"] = created
        arn = plan["RestoreTestingPlanArn"]
        tag(self.place, arn, item.get("tags"))
        self.names.add(item.get("key"), plan["RestoreTestingPlanName"], arn, plan)

    def legal_hold(self, item: Item) -> None:
        fields = {"Title": "hold", "Description": "hold"}
        fields |= self.aws_fields("backup", "GetLegalHoldOutput", item)
        hold = backup_assurance.add_hold(self.place, **fields)
        self.names.add(item.get("key"), hold["LegalHoldId"], hold["LegalHoldArn"], hold)

    def region_settings(self, document: Item) -> None:
        wanted = self.aws("backup", "DescribeRegionSettingsOutput", document)
        self.backup.opt_in |= wanted.get("ResourceTypeOptInPreference", {})
        self.backup.management |= wanted.get("ResourceTypeManagementPreference", {})

    def global_settings(self, document: Item) -> None:
        settings = backup_plans.global_settings(self.place.account)
        settings["GlobalSettings"] = {**settings["GlobalSettings"], **document}
