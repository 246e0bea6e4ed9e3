"""What all the tests use: clients, control requests and comparisons."""

from __future__ import annotations

import contextlib
import json
import urllib.request
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import boto3
import botocore.exceptions
from botocore.config import Config

MAIN, OTHER = "123456789012", "210987654321"
REGION, OTHER_REGION = "us-east-1", "eu-west-1"
ROLE = f"arn:aws:iam::{MAIN}:role/AWSBackup"

TESTS: list[Callable[[], None]] = []
endpoint = ""


def test(function: Callable[[], None]) -> Callable[[], None]:
    TESTS.append(function)
    return function


def client(service: str, region: str = REGION, keys: dict[str, str] | None = None) -> Any:
    keys = keys or {"access_key_id": "test", "secret_access_key": "test"}
    return boto3.client(
        service,
        region_name=region,
        endpoint_url=endpoint,
        aws_access_key_id=keys["access_key_id"],
        aws_secret_access_key=keys["secret_access_key"],
        aws_session_token=keys.get("session_token"),
        config=Config(
            retries={"max_attempts": 0},
            connect_timeout=5,
            read_timeout=60,
            s3={"addressing_style": "path"},
        ),
    )


def http(method: str, path: str, document: Any = None) -> Any:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    request = urllib.request.Request(
        endpoint + path,
        data=None if document is None else body,
        headers={"Content-Type": "application/octet-stream"},  # moto would not see a form's body
        method=method,
    )
    with urllib.request.urlopen(request) as response:
        return json.load(response)


def seed(**document: Any) -> dict[str, Any]:
    return http("POST", "/lastgood/seed", document)


def fault(**rule: Any) -> None:
    http("POST", "/lastgood/faults", [rule])


def ago(**parts: float) -> datetime:
    return datetime.now(timezone.utc) - timedelta(**parts)


def near(found: datetime, wanted: datetime) -> bool:
    return abs((found - wanted).total_seconds()) < 60


def equal(found: Any, wanted: Any) -> None:
    assert found == wanted, f"{found!r} is not {wanted!r}"


@contextlib.contextmanager
def refused(*codes: str, status: int | None = None) -> Iterator[None]:
    """The block must be refused with one of these error codes."""
    try:
        yield
    except botocore.exceptions.ClientError as error:
        code = error.response["Error"]["Code"]
        assert code in codes, f"{code} instead of {codes}: {error}"
        if status is not None:
            equal(error.response["ResponseMetadata"]["HTTPStatusCode"], status)
        return
    raise AssertionError(f"not refused with {codes}")


def pages(api: Any, operation: str, member: str, size: int, **arguments: Any) -> list[int]:
    """The lengths of the pages, followed by hand: NextToken until there is none."""
    call = getattr(api, operation)
    page = call(MaxResults=size, **arguments)
    lengths = [len(page[member])]
    while page.get("NextToken"):
        page = call(MaxResults=size, NextToken=page["NextToken"], **arguments)
        lengths.append(len(page[member]))
    return lengths


def volume(**fields: Any) -> dict[str, Any]:
    return {"key": "v", "size": 10, **fields}


def assumed(account: str = OTHER, role: str = "scan") -> dict[str, str]:
    arn = f"arn:aws:iam::{account}:role/{role}"
    found = client("sts").assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
    return {
        "access_key_id": found["AccessKeyId"],
        "secret_access_key": found["SecretAccessKey"],
        "session_token": found["SessionToken"],
    }
