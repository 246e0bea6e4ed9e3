"""S3 operations that moto lacks or answers otherwise than AWS.

Configurations that moto reads back changed (lifecycle, replication, Object Lock, MFA
delete) are kept here exactly as they were put; moto still validates and applies them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import paging
import resources
import state
from registry import Forward, operation
from state import Item
from wire import AwsError, Call

DEFAULT_ENCRYPTION = {
    "Rules": [
        {
            "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
            "BucketKeyEnabled": False,
        }
    ]
}


def bucket_of(call: Call) -> Any:
    """moto's bucket; moto raises NoSuchBucket."""
    return resources.s3(call.account, call.region).get_bucket(call.input["Bucket"])


# What S3 answers in every Region.
ANYWHERE = {"CreateBucket", "GetBucketLocation", "ListBuckets"}


def refuse_other_region(call: Call) -> None:
    """A bucket answers in its own Region only; moto's answer everywhere.

    Who audits an account has to ask each bucket in the right Region, and would not learn
    it from a server that does not care.
    """
    name = call.uri_params.get("Bucket")
    bucket = resources.s3(call.account, call.region).buckets.get(name)
    if bucket is None or bucket.region_name == call.region or call.operation in ANYWHERE:
        return
    message = "The bucket you are attempting to access must be addressed using its own endpoint."
    headers = {"x-amz-bucket-region": bucket.region_name}
    raise AwsError("PermanentRedirect", message, 301, headers)


def kept(call: Call) -> dict[str, Any]:
    return state.world().buckets.setdefault(call.input["Bucket"], {})


@operation("s3:ListBuckets")
def list_buckets(call: Call) -> Item:
    wanted = call.input
    prefix, region = wanted.get("Prefix", ""), wanted.get("BucketRegion")
    found = [
        bucket
        for name, bucket in sorted(resources.s3(call.account, call.region).buckets.items())
        if name.startswith(prefix) and (not region or bucket.region_name == region)
    ]
    page, following = paging.cut(
        call, found, size="MaxBuckets", token="ContinuationToken", limits=(1, 10000)
    )
    return {
        "Buckets": [
            {
                "Name": bucket.name,
                "CreationDate": bucket.creation_date,
                "BucketRegion": bucket.region_name,
                "BucketArn": f"arn:{call.partition}:s3:::{bucket.name}",
            }
            for bucket in page
        ],
        "Owner": {"ID": f"owner-of-{call.account}"},
        "ContinuationToken": following,
        "Prefix": wanted.get("Prefix"),
    }


def remember(call: Call, kind: str, document: Any) -> Callable[[], None]:
    def keep() -> None:
        kept(call)[kind] = document

    return keep


@operation("s3:PutBucketVersioning")
def put_versioning(call: Call) -> None:
    document = call.input["VersioningConfiguration"]
    if "MFADelete" in document:
        raise Forward(remember(call, "mfa_delete", document["MFADelete"]))
    raise Forward


@operation("s3:GetBucketVersioning")
def get_versioning(call: Call) -> Item:
    status = bucket_of(call).versioning_status
    return {"Status": status, "MFADelete": kept(call).get("mfa_delete")}


@operation("s3:PutBucketLifecycleConfiguration")
def put_lifecycle(call: Call) -> None:
    rules = call.input.get("LifecycleConfiguration", {}).get("Rules", [])
    named = [{**rule, "ID": rule.get("ID") or state.token()} for rule in rules]
    raise Forward(remember(call, "lifecycle", {"Rules": named}))


@operation("s3:DeleteBucketLifecycle")
def delete_lifecycle(call: Call) -> None:
    raise Forward(remember(call, "lifecycle", None))


@operation("s3:GetBucketLifecycleConfiguration")
def get_lifecycle(call: Call) -> Item:
    bucket_of(call)
    found = kept(call).get("lifecycle")
    if not found:
        message = "The lifecycle configuration does not exist"
        raise AwsError("NoSuchLifecycleConfiguration", message, 404)
    return found


@operation("s3:PutBucketReplication")
def put_replication(call: Call) -> None:
    if bucket_of(call).versioning_status != "Enabled":
        message = "Versioning must be 'Enabled' on the bucket to apply a replication configuration"
        raise AwsError("InvalidRequest", message)
    raise Forward(remember(call, "replication", call.input["ReplicationConfiguration"]))


@operation("s3:DeleteBucketReplication")
def delete_replication(call: Call) -> None:
    raise Forward(remember(call, "replication", None))


@operation("s3:GetBucketReplication")
def get_replication(call: Call) -> Item:
    bucket_of(call)
    found = kept(call).get("replication")
    if not found:
        message = "The replication configuration was not found"
        raise AwsError("ReplicationConfigurationNotFoundError", message, 404)
    return {"ReplicationConfiguration": found}


@operation("s3:PutObjectLockConfiguration")
def put_object_lock(call: Call) -> None:
    raise Forward(remember(call, "object_lock", call.input["ObjectLockConfiguration"]))


@operation("s3:GetObjectLockConfiguration")
def get_object_lock(call: Call) -> Item:
    enabled = bucket_of(call).object_lock_enabled
    found = kept(call).get("object_lock") or ({"ObjectLockEnabled": "Enabled"} if enabled else None)
    if not found:
        message = "Object Lock configuration does not exist for this bucket"
        raise AwsError("ObjectLockConfigurationNotFoundError", message, 404)
    return {"ObjectLockConfiguration": found}


@operation("s3:PutBucketEncryption")
def put_encryption(call: Call) -> None:
    document = call.input["ServerSideEncryptionConfiguration"]
    raise Forward(remember(call, "encryption", document))


@operation("s3:DeleteBucketEncryption")
def delete_encryption(call: Call) -> None:
    raise Forward(remember(call, "encryption", None))


@operation("s3:GetBucketEncryption")
def get_encryption(call: Call) -> Item:
    """Every bucket has a default encryption since January 2023."""
    bucket_of(call)
    found = kept(call).get("encryption") or DEFAULT_ENCRYPTION
    return {"ServerSideEncryptionConfiguration": found}


@operation("s3:DeleteBucket")
def delete_bucket(call: Call) -> None:
    raise Forward(lambda: state.world().buckets.pop(call.input["Bucket"], None))
