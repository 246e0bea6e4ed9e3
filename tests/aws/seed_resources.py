"""Seeding IAM, EC2 and S3: moto's own objects, with a past."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from moto.ebs.models import EBSSnapshot, ebs_backends
from moto.iam.models import iam_backends
from moto.s3.models import PublicAccessBlock

import resources
import state
from ec2 import new_lock
from seed_names import Section, moment, naive
from state import Item


# The size of AWS's own blocks.
BLOCK = 512 * 1024


class Resources(Section):
    """The sections of a seed document for what is backed up, and for who may look."""

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
        won = self.aws_fields("ec2", "Snapshot", item)
        if won:
            snapshot.lastgood = {**getattr(snapshot, "lastgood", {}), **won}
        if "lock" in item:
            lock = dict(item["lock"])
            created = moment(lock.pop("created", "now"))
            if "ExpirationDate" in lock:
                lock["ExpirationDate"] = moment(lock["ExpirationDate"])
            locks = state.ec2_state(self.place.account, self.place.region).locks
            locks[snapshot.id] = new_lock(snapshot, created, lock)
        if "image" in item:
            self.blocks(snapshot, item["image"], item.get("flipped", []))
        arn = resources.ec2_arn(self.place.region, "snapshot", snapshot.id)
        self.names.add(item.get("key"), snapshot.id, arn, snapshot)

    def blocks(self, snapshot: Any, path: str, flipped: list[int]) -> None:
        """The blocks of a file for the EBS direct APIs; those that are `flipped` have one bit
        that differs from what their checksum is of."""
        kept = EBSSnapshot(self.place.account, snapshot)
        kept.status = "completed"
        kept.block_size = BLOCK
        with open(path, "rb") as image:
            for index, data in enumerate(iter(lambda: image.read(BLOCK), b"")):
                if not any(data) and index not in flipped:
                    continue
                checksum = base64.b64encode(hashlib.sha256(data).digest()).decode()
                if index in flipped:
                    data = bytes([data[0] ^ 1]) + data[1:]
                kept.put_block(index, data, checksum, "SHA256", len(data))
        ebs_backends[self.place.account][self.place.region].snapshots[snapshot.id] = kept

    def instance(self, item: Item) -> None:
        # With its own volumes it does not get moto's root volume.
        own = {"block_device_mappings": []} if "volumes" in item else {}
        instance = resources.launch(self.ec2, "ami-12345678", item.get("type", "t3.micro"), **own)
        launched = naive(item.get("launched", "-400d"))
        for index, key in enumerate(item.get("volumes", [])):
            device = instance.root_device_name if index == 0 else f"/dev/sd{chr(ord('f') + index)}"
            resources.attach(self.names.thing(key), instance, device)
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
        for number, snapshot in enumerate(item.get("snapshots", [])):
            image.lastgood_members.append((f"/dev/sdx{number}", self.ec2.snapshots[snapshot]))
        image.add_tags(item.get("tags", {}))
        arn = resources.ec2_arn(self.place.region, "image", image.id)
        self.names.add(item.get("key"), image.id, arn, image)

    def commands_say(self, wanted: list[str]) -> None:
        """What commands on instances say, and how they end."""
        says, status = wanted
        state.world().commands_say = (says, status)

    def encryption_by_default(self, on: bool) -> None:
        self.ec2.ebs_encryption_by_default = on

    def block_public_access(self, wanted: str) -> None:
        known = state.ec2_state(self.place.account, self.place.region)
        known.block_public_access = wanted

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
        for kind, shape in documents.items():
            if kind in item:
                kept[kind] = self.aws("s3", shape, item[kind])
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
