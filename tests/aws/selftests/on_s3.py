"""S3: the list of buckets, and their configurations."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

from selftests import kit
from selftests.kit import (
    OTHER_REGION,
    REGION,
    ROLE,
    ago,
    client,
    equal,
    http,
    near,
    refused,
    seed,
    test,
)


@test
def s3_lists_buckets_in_pages_with_regions() -> None:
    names = [f"bucket-{n:02}" for n in range(7)]
    seed(buckets=[{"name": n, "created": "-100d"} for n in names])
    seed(region=OTHER_REGION, buckets=[{"name": "elsewhere"}])
    api = client("s3")
    page = api.list_buckets(MaxBuckets=3)
    equal(len(page["Buckets"]), 3)
    assert near(page["Buckets"][0]["CreationDate"], ago(days=100))
    seen = [b["Name"] for p in api.get_paginator("list_buckets").paginate(PaginationConfig={"PageSize": 3}) for b in p["Buckets"]]  # fmt: skip
    equal(seen, [*names, "elsewhere"])
    there = api.list_buckets(BucketRegion=OTHER_REGION)["Buckets"]
    equal([(b["Name"], b["BucketRegion"]) for b in there], [("elsewhere", OTHER_REGION)])
    equal(len(api.list_buckets(Prefix="bucket-0")["Buckets"]), 7)
    equal(api.get_bucket_location(Bucket="elsewhere")["LocationConstraint"], OTHER_REGION)
    with refused("InvalidArgument"):
        api.list_buckets(ContinuationToken="nonsense")


@test
def s3_buckets_answer_in_their_region_only() -> None:
    seed(region=OTHER_REGION, buckets=[{"name": "elsewhere", "versioning": "Enabled"}])
    url = f"{kit.endpoint}/elsewhere?versioning"
    for region, status in ((REGION, 301), (OTHER_REGION, 200)):
        scope = f"AWS4-HMAC-SHA256 Credential=test/20260101/{region}/s3/aws4_request, SignedHeaders=host, Signature=0"  # fmt: skip
        request = urllib.request.Request(url, headers={"Authorization": scope})
        try:
            equal(urllib.request.urlopen(request).status, status)
        except urllib.error.HTTPError as error:
            equal((error.code, error.headers["x-amz-bucket-region"]), (status, OTHER_REGION))
            assert b"<Code>PermanentRedirect</Code>" in error.read()
    # boto3 follows by itself, other SDKs do not.
    equal(client("s3").get_bucket_versioning(Bucket="elsewhere")["Status"], "Enabled")
    counts = http("GET", "/lastgood/requests?detail")
    assert [c["region"] for c in counts[-2:]] == [REGION, OTHER_REGION], counts


@test
def s3_reads_back_what_was_put() -> None:
    api = client("s3")
    api.create_bucket(Bucket="plain")
    api.create_bucket(Bucket="locked", ObjectLockEnabledForBucket=True)
    equal("Status" in api.get_bucket_versioning(Bucket="plain"), False)
    aes = api.get_bucket_encryption(Bucket="plain")["ServerSideEncryptionConfiguration"]
    equal(aes["Rules"][0]["ApplyServerSideEncryptionByDefault"], {"SSEAlgorithm": "AES256"})
    with refused("NoSuchLifecycleConfiguration", status=404):
        api.get_bucket_lifecycle_configuration(Bucket="plain")
    with refused("ReplicationConfigurationNotFoundError", status=404):
        api.get_bucket_replication(Bucket="plain")
    with refused("ObjectLockConfigurationNotFoundError", status=404):
        api.get_object_lock_configuration(Bucket="plain")
    with refused("NoSuchPublicAccessBlockConfiguration"):
        api.get_public_access_block(Bucket="plain")
    with refused("NoSuchTagSet"):
        api.get_bucket_tagging(Bucket="plain")
    with refused("NoSuchBucketPolicy"):
        api.get_bucket_policy(Bucket="plain")
    with refused("NoSuchBucket", status=404):
        api.get_bucket_versioning(Bucket="not-there")
    with refused("NoSuchBucket", status=404):
        api.get_bucket_encryption(Bucket="not-there")
    equal(api.get_object_lock_configuration(Bucket="locked")["ObjectLockConfiguration"], {"ObjectLockEnabled": "Enabled"})  # fmt: skip
    lock = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 35}}}  # fmt: skip
    api.put_object_lock_configuration(Bucket="locked", ObjectLockConfiguration=lock)
    equal(api.get_object_lock_configuration(Bucket="locked")["ObjectLockConfiguration"], lock)
    api.put_bucket_versioning(Bucket="plain", VersioningConfiguration={"Status": "Enabled", "MFADelete": "Disabled"})  # fmt: skip
    versioning = api.get_bucket_versioning(Bucket="plain")
    equal((versioning["Status"], versioning["MFADelete"]), ("Enabled", "Disabled"))
    rules = [
        {"ID": "a", "Status": "Enabled", "Filter": {"And": {"Prefix": "x/", "Tags": [{"Key": "k", "Value": "v"}]}}, "Transitions": [{"Days": 30, "StorageClass": "GLACIER"}]},
        {"ID": "b", "Status": "Disabled", "Filter": {"ObjectSizeGreaterThan": 500}, "NoncurrentVersionExpiration": {"NoncurrentDays": 35, "NewerNoncurrentVersions": 5}},
    ]  # fmt: skip
    api.put_bucket_lifecycle_configuration(Bucket="plain", LifecycleConfiguration={"Rules": rules})
    equal(api.get_bucket_lifecycle_configuration(Bucket="plain")["Rules"], rules)
    api.delete_bucket_lifecycle(Bucket="plain")
    with refused("NoSuchLifecycleConfiguration"):
        api.get_bucket_lifecycle_configuration(Bucket="plain")
    api.create_bucket(Bucket="target")
    api.put_bucket_versioning(Bucket="target", VersioningConfiguration={"Status": "Enabled"})
    replication = {
        "Role": ROLE,
        "Rules": [{"ID": "r", "Priority": 7, "Status": "Enabled", "Filter": {"Prefix": "docs/"}, "DeleteMarkerReplication": {"Status": "Enabled"}, "Destination": {"Bucket": "arn:aws:s3:::target", "StorageClass": "STANDARD"}}],
    }  # fmt: skip
    with refused("InvalidRequest"):
        api.create_bucket(Bucket="unversioned")
        api.put_bucket_replication(Bucket="unversioned", ReplicationConfiguration=replication)
    api.put_bucket_replication(Bucket="plain", ReplicationConfiguration=replication)
    equal(api.get_bucket_replication(Bucket="plain")["ReplicationConfiguration"], replication)
    kms = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/x"}, "BucketKeyEnabled": True}]}  # fmt: skip
    api.put_bucket_encryption(Bucket="plain", ServerSideEncryptionConfiguration=kms)
    equal(api.get_bucket_encryption(Bucket="plain")["ServerSideEncryptionConfiguration"], kms)
    api.delete_bucket_encryption(Bucket="plain")
    equal(api.get_bucket_encryption(Bucket="plain")["ServerSideEncryptionConfiguration"], aes)
    api.put_object(Bucket="plain", Key="a/b", Body=b"hello")
    equal(api.get_object(Bucket="plain", Key="a/b")["Body"].read(), b"hello")
    equal(api.head_object(Bucket="plain", Key="a/b")["ContentLength"], 5)
    api.put_bucket_lifecycle_configuration(Bucket="target", LifecycleConfiguration={"Rules": rules})
    api.delete_bucket(Bucket="target")
    api.create_bucket(Bucket="target")  # which knows nothing of the old one
    with refused("NoSuchLifecycleConfiguration"):
        api.get_bucket_lifecycle_configuration(Bucket="target")
    equal("Status" in api.get_bucket_versioning(Bucket="target"), False)


@test
def s3_seeded_configurations_are_read() -> None:
    rules = {"Rules": [{"ID": "a", "Status": "Enabled", "Filter": {"Prefix": ""}, "NoncurrentVersionExpiration": {"NoncurrentDays": 30}}]}  # fmt: skip
    block = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": False}  # fmt: skip
    lock = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Years": 1}}}  # fmt: skip
    policy = {"Version": "2012-10-17", "Statement": []}
    seed(buckets=[{"name": "full", "versioning": "Suspended", "mfa_delete": "Enabled", "lifecycle": rules, "object_lock": lock, "public_access_block": block, "policy": policy, "tags": {"team": "a&b <c>"}}])  # fmt: skip
    api = client("s3")
    versioning = api.get_bucket_versioning(Bucket="full")
    equal((versioning["Status"], versioning["MFADelete"]), ("Suspended", "Enabled"))
    equal(api.get_bucket_lifecycle_configuration(Bucket="full")["Rules"], rules["Rules"])
    equal(api.get_object_lock_configuration(Bucket="full")["ObjectLockConfiguration"], lock)
    equal(api.get_public_access_block(Bucket="full")["PublicAccessBlockConfiguration"], block)
    equal(json.loads(api.get_bucket_policy(Bucket="full")["Policy"]), policy)
    equal(api.get_bucket_tagging(Bucket="full")["TagSet"], [{"Key": "team", "Value": "a&b <c>"}])
