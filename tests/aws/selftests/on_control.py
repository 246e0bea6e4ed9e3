"""Faults, counts, seeds and the other control endpoints."""

from __future__ import annotations

import concurrent.futures
import json
import pathlib
import socket
import time
import urllib.error
import urllib.request
from typing import Any

import botocore.exceptions
from botocore.parsers import ResponseParserError

from selftests import kit
from selftests.kit import (
    MAIN,
    OTHER,
    OTHER_REGION,
    REGION,
    assumed,
    client,
    equal,
    fault,
    http,
    refused,
    seed,
    test,
)

HERE = pathlib.Path(__file__).parent.parent


@test
def faults_have_the_format_of_each_protocol() -> None:
    expected = {
        "AccessDenied": [("UnauthorizedOperation", 403), ("AccessDenied", 403), ("AccessDeniedException", 403), ("AccessDenied", 403)],
        "Throttling": [("RequestLimitExceeded", 503), ("SlowDown", 503), ("ThrottlingException", 429), ("Throttling", 400)],
        "InternalError": [("InternalError", 500), ("InternalError", 500), ("ServiceUnavailableException", 500), ("InternalFailure", 500)],
        "ExpiredToken": [("RequestExpired", 400), ("ExpiredToken", 400), ("ExpiredTokenException", 403), ("ExpiredToken", 403)],
        "UnrecognizedClient": [("AuthFailure", 401), ("InvalidAccessKeyId", 403), ("UnrecognizedClientException", 403), ("InvalidClientTokenId", 403)],
    }  # fmt: skip
    calls = [
        ("ec2:DescribeVolumes", client("ec2").describe_volumes),
        ("s3:ListBuckets", client("s3").list_buckets),
        ("backup:ListBackupVaults", client("backup").list_backup_vaults),
        ("sts:GetCallerIdentity", client("sts").get_caller_identity),
    ]
    for kind, codes in expected.items():
        for (name, call), (code, status) in zip(calls, codes):
            fault(operation=name, fault=kind, times=1)
            with refused(code, status=status):
                call()
            call()  # only once


@test
def faults_can_be_narrowed() -> None:
    seed(buckets=[{"name": "one"}, {"name": "two"}])
    api = client("s3")
    fault(operation="s3:GetBucketVersioning", resource="two", fault="AccessDenied")
    api.get_bucket_versioning(Bucket="one")
    with refused("AccessDenied"):
        api.get_bucket_versioning(Bucket="two")
    fault(operation="backup:*", region=OTHER_REGION, fault="Throttling")
    client("backup").list_backup_vaults()
    with refused("ThrottlingException"):
        client("backup", OTHER_REGION).list_backup_jobs()
    fault(operation="ec2:DescribeVolumes", account=OTHER, fault="AccessDenied")
    client("ec2").describe_volumes()
    with refused("UnauthorizedOperation"):
        client("ec2", keys=assumed()).describe_volumes()
    equal(len(http("GET", "/lastgood/faults")), 3)
    http("DELETE", "/lastgood/faults")
    api.get_bucket_versioning(Bucket="two")
    for bad in ({"operation": "x", "fault": "slow"}, {"operation": "s3:X", "fault": "nonsense"}, {"operation": "iam:ListUsers", "fault": "repeated-token"}, {"operation": "s3:X", "fault": "reset", "time": 1}):  # fmt: skip
        try:
            fault(**bad)
        except urllib.error.HTTPError as error:
            equal(error.code, 400)
        else:
            raise AssertionError(f"accepted {bad}")


@test
def faults_of_the_connection() -> None:
    api = client("backup")
    fault(operation="backup:ListBackupVaults", fault="slow", seconds=1, times=1)
    started = time.monotonic()
    api.list_backup_vaults()
    assert 1 <= time.monotonic() - started < 3
    for service, name, call in (
        ("backup", "ListBackupVaults", "list_backup_vaults"),
        ("ec2", "DescribeVolumes", "describe_volumes"),
        ("s3", "ListBuckets", "list_buckets"),
    ):
        fault(operation=f"{service}:{name}", fault="garbage", times=1)
        try:
            # botocore takes JSON that it cannot read for an empty answer.
            equal(getattr(client(service), call)().get("BackupVaultList"), None)
        except ResponseParserError:
            equal(service, "ec2")
        except botocore.exceptions.ClientError as error:
            # …and takes a 200 of S3 that it cannot read for a 500, to try again.
            equal((service, error.response["Error"]["Code"]), ("s3", "500"))
        fault(operation=f"{service}:{name}", fault="reset", times=1)
        try:
            getattr(client(service), call)()
        except (botocore.exceptions.ConnectionClosedError, botocore.exceptions.EndpointConnectionError, botocore.exceptions.HTTPClientError):  # fmt: skip
            pass
        else:
            raise AssertionError(f"{service} got an answer")
        getattr(client(service), call)()
    fault(operation="ec2:DescribeVolumes", fault="reset", times=1)
    with socket.create_connection(("127.0.0.1", int(kit.endpoint.rpartition(":")[2]))) as raw:
        body = b"Action=DescribeVolumes&Version=2016-11-15"
        head = f"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded; charset=utf-8\r\nContent-Length: {len(body)}\r\nAuthorization: AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/ec2/aws4_request, SignedHeaders=host, Signature=0\r\n\r\n"  # fmt: skip
        raw.sendall(head.encode() + body)
        try:
            got = raw.recv(1000)
        except ConnectionResetError:
            got = b""
        equal(got, b"")


@test
def faults_of_pages() -> None:
    http("POST", "/lastgood/seed/bulk", {"volumes": 12, "recovery_points": 12})
    seed(buckets=[{"name": f"b-{n}"} for n in range(3)])
    for api, method, arguments, operation in (
        (client("ec2"), "describe_volumes", {"MaxResults": 5}, "ec2:DescribeVolumes"),
        (client("backup"), "list_recovery_points_by_backup_vault", {"BackupVaultName": "bulk", "MaxResults": 5}, "backup:ListRecoveryPointsByBackupVault"),
    ):  # fmt: skip
        call = getattr(api, method)
        fault(operation=operation, fault="repeated-token")
        tokens = [call(**arguments)["NextToken"]]
        tokens += [call(**arguments, NextToken=tokens[0])["NextToken"]]
        equal(tokens[0], tokens[1])
        http("DELETE", "/lastgood/faults")
        fault(operation=operation, fault="truncated-page")
        lost = call(**arguments)["NextToken"]
        with refused("InternalError", "ServiceUnavailableException", status=500):
            call(**arguments, NextToken=lost)
        http("DELETE", "/lastgood/faults")
    fault(operation="s3:ListBuckets", fault="truncated-page")
    api = client("s3")
    token = api.list_buckets()["ContinuationToken"]
    with refused("InternalError", status=500):
        api.list_buckets(ContinuationToken=token)


@test
def paths_are_known_as_other_sdks_spell_them() -> None:
    """The SDKs differ in trailing slashes, in `x-id` and in what they percent-encode."""
    made = seed(buckets=[{"name": "docs", "versioning": "Enabled"}], vaults=[{"name": "main"}], recovery_points=[{"key": "r", "vault": "main", "resource": "docs"}])  # fmt: skip
    resource = made["arns"]["docs"]
    encoded = resource.replace(":", "%3A")
    for service, operation, path in (
        ("s3", "ListBuckets", "/?x-id=ListBuckets"),
        ("s3", "ListBuckets", "/?max-buckets=5&x-id=ListBuckets"),
        ("s3", "GetBucketVersioning", "/docs?versioning"),
        ("s3", "GetBucketVersioning", "/docs/?versioning"),
        ("s3", "GetBucketVersioning", "/docs/?versioning="),
        ("s3", "GetBucketEncryption", "/docs/?encryption"),
        ("s3", "GetBucketLifecycleConfiguration", "/docs/?lifecycle"),
        ("s3", "GetPublicAccessBlock", "/docs/?publicAccessBlock"),
        ("s3", "GetBucketPolicyStatus", "/docs/?policyStatus"),
        ("s3", "ListObjectsV2", "/docs/?list-type=2"),
        ("s3", "GetObject", "/docs/a/b?x-id=GetObject"),
        ("backup", "ListBackupVaults", "/backup-vaults"),
        ("backup", "ListBackupVaults", "/backup-vaults/?maxResults=5"),
        ("backup", "DescribeBackupVault", "/backup-vaults/main"),
        ("backup", "ListRecoveryPointsByBackupVault", "/backup-vaults/main/recovery-points"),
        ("backup", "ListRecoveryPointsByBackupVault", "/backup-vaults/main/recovery-points/?createdAfter=2020-01-01T00%3A00%3A00Z"),
        ("backup", "ListRecoveryPointsByResource", f"/resources/{encoded}/recovery-points/"),
        ("backup", "ListRecoveryPointsByResource", f"/resources/{resource}/recovery-points"),
        ("backup", "DescribeProtectedResource", f"/resources/{encoded}"),
        ("backup", "ListTags", f"/tags/{made['arns']['r'].replace(':', '%3A')}"),
    ):  # fmt: skip
        http("POST", "/lastgood/reset-requests")
        scope = f"AWS4-HMAC-SHA256 Credential=test/20260101/{REGION}/{service}/aws4_request, SignedHeaders=host, Signature=0"  # fmt: skip
        request = urllib.request.Request(kit.endpoint + path, headers={"Authorization": scope})
        try:
            status = urllib.request.urlopen(request).status
        except urllib.error.HTTPError as error:
            status = error.code
        equal((path, http("GET", "/lastgood/requests")), (path, {f"{service}:{operation}": 1}))
        assert status in (200, 404), (path, status)


@test
def an_answer_of_a_wrong_shape_is_an_error() -> None:
    """The check of our own answers bites: `Locked` is a boolean, not a word."""
    seed(vaults=[{"name": "main", "Locked": "perhaps"}])
    with refused("InternalError", status=500):
        client("backup").list_backup_vaults()
    [problem] = http("GET", "/lastgood/problems")
    assert "backup:ListBackupVaults" in problem and "Locked" in problem, problem
    http("POST", "/lastgood/reset")


@test
def requests_are_counted() -> None:
    http("POST", "/lastgood/reset-requests")
    client("ec2").describe_volumes()
    client("ec2", OTHER_REGION).describe_volumes()
    client("s3").list_buckets()
    fault(operation="backup:ListBackupVaults", fault="AccessDenied")
    with refused("AccessDeniedException"):
        client("backup").list_backup_vaults()
    equal(http("GET", "/lastgood/requests"), {"ec2:DescribeVolumes": 2, "s3:ListBuckets": 1, "backup:ListBackupVaults": 1})  # fmt: skip
    detail = http("GET", "/lastgood/requests?detail")
    equal(detail[1], {"operation": "ec2:DescribeVolumes", "account": MAIN, "region": OTHER_REGION, "status": 200})  # fmt: skip
    equal(detail[3]["status"], 403)
    http("POST", "/lastgood/reset-requests")
    equal(http("GET", "/lastgood/requests"), {})


@test
def bad_seeds_are_told() -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"volume": []}, "unknown sections"),
        ({"snapshots": [{"volume": "nothing"}]}, "nothing before this"),
        ({"vaults": [{"name": "x", "Lockt": True}]}, "no member ['Lockt']"),
        ({"volumes": [{"key": "v"}, {"key": "v"}]}, "two things"),
        ({"recovery_points": [{"resource": "v"}]}, "'vault' is missing"),
    ]
    for document, message in wrong:
        try:
            seed(**document)
        except urllib.error.HTTPError as error:
            text = json.load(error)["error"]
            assert error.code == 400 and message in text, text
        else:
            raise AssertionError(f"accepted {document}")


@test
def demo_estate_and_reset() -> None:
    made = http("POST", "/lastgood/seed", json.loads((HERE / "demo.json").read_text()))
    region = "eu-central-1"
    equal(len(client("ec2", region).describe_volumes()["Volumes"]), 3)
    equal(len(client("backup", region).list_backup_jobs()["BackupJobs"]), 3)
    [copy] = client("backup", "eu-west-1").list_recovery_points_by_backup_vault(BackupVaultName="copies")["RecoveryPoints"]  # fmt: skip
    equal(copy["ResourceArn"], made["arns"]["db-data"])
    http("POST", "/lastgood/reset")
    equal(client("ec2", region).describe_volumes()["Volumes"], [])
    equal(client("backup", region).list_backup_vaults()["BackupVaultList"], [])
    equal(client("s3").list_buckets()["Buckets"], [])


@test
def other_services_still_work() -> None:
    iam = client("iam")
    iam.create_user(UserName="someone")
    equal([u["UserName"] for u in iam.list_users()["Users"]], ["someone"])
    table = {"KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}], "AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}]}  # fmt: skip
    dynamodb = client("dynamodb")
    dynamodb.create_table(TableName="t", BillingMode="PAY_PER_REQUEST", **table)
    status = dynamodb.describe_continuous_backups(TableName="t")["ContinuousBackupsDescription"]
    equal(status["ContinuousBackupsStatus"], "ENABLED")
    regions = {r["RegionName"] for r in client("ec2").describe_regions()["Regions"]}
    assert {REGION, OTHER_REGION} <= regions
    counts = http("GET", "/lastgood/requests")
    equal(counts["dynamodb:DescribeContinuousBackups"], 1)


@test
def many_requests_at_once_are_answered_right() -> None:
    http("POST", "/lastgood/seed/bulk", {"volumes": 40, "recovery_points": 40})
    ec2, backup = client("ec2"), client("backup")

    def ask(number: int) -> int:
        if number % 2:
            return len(ec2.describe_volumes()["Volumes"])
        found = backup.list_recovery_points_by_backup_vault(BackupVaultName="bulk")
        return len(found["RecoveryPoints"])

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        equal(set(pool.map(ask, range(100))), {40})
