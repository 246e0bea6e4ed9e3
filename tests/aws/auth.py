"""Who calls, and whether they may.

moto enforces IAM if `POST /moto-api/reset-auth` with the body `0` says so. It asks for
the wrong action at many S3 operations, cannot know our own, and answers EC2 otherwise
than AWS; so the services that we answer are checked here, by `policies`, and moto's check is
skipped for them.
"""

from __future__ import annotations

import threading
from typing import Any, NoReturn

from botocore.auth import S3SigV4Auth, SigV4Auth
from moto import settings
from moto.core.authorization import ActionAuthenticatorMixin
from moto.core.responses import BaseResponse
from moto.iam.access_control import IAMRequestBase

import policies
from faults import ERRORS, MESSAGES
from wire import AwsError, Call

CHECKED_HERE = {
    "backup", "dlm", "dynamodb", "ebs", "ec2", "efs", "events", "kms", "rds", "s3", "sns", "ssm",
}  # fmt: skip

# S3 operations whose IAM action has another name (the Service Authorization Reference).
S3_ACTIONS = {
    "ListBuckets": "ListAllMyBuckets",
    "HeadBucket": "ListBucket",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "ListObjectVersions": "ListBucketVersions",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "ListParts": "ListMultipartUploadParts",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "GetBucketReplication": "GetReplicationConfiguration",
    "PutBucketReplication": "PutReplicationConfiguration",
    "DeleteBucketReplication": "PutReplicationConfiguration",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "PutObjectLockConfiguration": "PutBucketObjectLockConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "GetBucketInventoryConfiguration": "GetInventoryConfiguration",
    "ListBucketInventoryConfigurations": "GetInventoryConfiguration",
    "PutBucketInventoryConfiguration": "PutInventoryConfiguration",
    "GetBucketNotificationConfiguration": "GetBucketNotification",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
    "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
    "GetBucketCors": "GetBucketCORS",
    "PutBucketCors": "PutBucketCORS",
    "DeleteBucketCors": "PutBucketCORS",
    "DeleteBucketTagging": "PutBucketTagging",
    "HeadObject": "GetObject",
    "CopyObject": "PutObject",
    "CreateMultipartUpload": "PutObject",
    "UploadPart": "PutObject",
    "CompleteMultipartUpload": "PutObject",
    "DeleteObjects": "DeleteObject",
}

# Object operations that have an action of their own for a given version.
VERSION_ACTIONS = {
    "GetObject": "GetObjectVersion",
    "DeleteObject": "DeleteObjectVersion",
    "GetObjectTagging": "GetObjectVersionTagging",
    "GetObjectAttributes": "GetObjectVersionAttributes",
}

# Backup operations whose resource is the recovery point, not the vault.
ON_RECOVERY_POINT = {
    "DeleteRecoveryPoint",
    "DescribeRecoveryPoint",
    "DisassociateRecoveryPoint",
    "GetRecoveryPointRestoreMetadata",
    "StartCopyJob",
    "StartRestoreJob",
    "UpdateRecoveryPointLifecycle",
}

# The parameters that name a resource: of which service, and the end of the ARN.
NAMED_BY = (
    ("DBInstanceIdentifier", "rds", "db:{}"),
    ("DBClusterIdentifier", "rds", "cluster:{}"),
    ("TableName", "dynamodb", "table/{}"),
    ("FileSystemId", "efs", "file-system/{}"),
    ("ResourceId", "efs", "file-system/{}"),
)
ARN_SERVICE = {"efs": "elasticfilesystem"}

_checked = threading.local()


def resolve(call: Call) -> None:
    """The caller's account and access key, as moto resolves them."""
    response = BaseResponse()
    response.headers = call.request.headers
    response.querystring = {}
    call.access_key = response.get_access_key()
    call.account = response.get_current_account()


def enforced() -> bool:
    return ActionAuthenticatorMixin.request_count >= settings.INITIAL_NO_AUTH_ACTION_COUNT


def enforce(on: bool) -> None:
    """What moto's `POST /moto-api/reset-auth` does with the body `0` or `inf`."""
    settings.INITIAL_NO_AUTH_ACTION_COUNT = 0 if on else float("inf")
    ActionAuthenticatorMixin.request_count = 0


def authorise(call: Call) -> None:
    """Raise the service's own error unless the caller's policies allow the call."""
    _checked.here = call.service in CHECKED_HERE
    if _checked.here and enforced():
        request = Authorisation(call)
        request.check_signature()
        request.check_permitted(resource_of(call))


def action_of(call: Call) -> str:
    if call.service != "s3":
        return call.operation
    action = S3_ACTIONS.get(call.operation, call.operation)
    if "versionId" in call.request.args:
        return VERSION_ACTIONS.get(action, action)
    return action


def resource_of(call: Call) -> str:
    """The ARN that a policy's Resource has to match; `*` where AWS knows no finer one."""
    if call.service not in ("ec2", "s3", "backup", "rds", "dynamodb", "efs"):
        return "*"  # only lists and descriptions are answered
    given = call.input
    for member, service, kind in NAMED_BY:
        if call.service == service and member in given:
            return call.arn(ARN_SERVICE.get(service, service), kind.format(given[member]))
    if call.service in ("rds", "dynamodb", "efs"):
        return str(given.get("ResourceName", given.get("ResourceArn", "*")))
    if call.service == "s3":
        name = given.get("Bucket")
        key = given.get("Key")
        path = f"{name}/{key}" if key else name
        return f"arn:{call.partition}:s3:::{path}" if name else "*"
    if call.service == "backup":
        if call.operation in ON_RECOVERY_POINT:
            return str(given["RecoveryPointArn"])
        for member, kind in (("BackupVaultName", "backup-vault"), ("BackupPlanId", "backup-plan")):
            if member in given:
                return call.arn("backup", f"{kind}:{given[member]}")
        return "*"
    if call.operation.startswith(("Describe", "Get", "List")):
        return "*"
    for member, kind in (("SnapshotId", "snapshot"), ("ImageId", "image")):
        if member in given:
            return f"arn:{call.partition}:ec2:{call.region}::{kind}/{given[member]}"
    for member, kind in (("VolumeId", "volume"), ("InstanceId", "instance")):
        if member in given:
            return call.arn("ec2", f"{kind}/{given[member]}")
    return "*"


class Authorisation(IAMRequestBase):
    """moto's check of the signature and ours of the policies, with errors in our call's protocol."""

    def __init__(self, call: Call):
        self._call = call
        query = call.request.query_string.decode()
        super().__init__(
            account_id=call.account,
            method=call.request.method,
            path=call.request.raw_path + (f"?{query}" if query else ""),
            data={},
            body=call.body,
            headers=call.request.headers,  # type: ignore[arg-type]
            action=action_of(call),
        )

    def check_permitted(self, resource: str) -> None:
        documents = self._access_key.collect_policies()
        for need in policies.needs(self._call, self._action, resource):
            if not policies.permitted(documents, need):
                self._action = need.action
                self._raise_access_denied()

    def _create_auth(self, credentials: Any) -> SigV4Auth:
        kind = S3SigV4Auth if self._call.service == "s3" else SigV4Auth
        return kind(credentials, self._service, self._region)

    def _raise(self, fault: str, message: str) -> NoReturn:
        code, status = ERRORS[fault][self._call.protocol]
        raise AwsError(code, message, status)

    def _raise_signature_does_not_match(self) -> NoReturn:
        message = "The request signature we calculated does not match the signature you provided."
        if self._call.protocol == "ec2":
            self._raise("UnrecognizedClient", message)
        raise AwsError("SignatureDoesNotMatch", message, 403)

    def _raise_invalid_access_key(self, reason: str) -> NoReturn:
        self._raise("UnrecognizedClient", MESSAGES["UnrecognizedClient"])

    def _raise_access_denied(self) -> NoReturn:
        who, what = self._access_key.arn, self._action
        self._raise("AccessDenied", f"User: {who} is not authorized to perform: {what}")


_motos_check = ActionAuthenticatorMixin._authenticate_and_authorize_action


def skip_if_checked(self: Any, iam_request_cls: type, resource: str = "*") -> None:
    if not getattr(_checked, "here", False):
        _motos_check(self, iam_request_cls, resource)


ActionAuthenticatorMixin._authenticate_and_authorize_action = skip_if_checked  # type: ignore[method-assign]
