"""AWS wire protocols: which operation a request is, its input, and our answer as bytes.

The parsing and the serialising are moto's, driven by botocore's service models.
Every answer built here is then read back with *botocore's* parser and validated
with botocore's validator, so a wrong shape fails in code that we did not write.
"""

from __future__ import annotations

import json
from datetime import datetime, timezone
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

import botocore.exceptions
import botocore.loaders
import botocore.model
import botocore.parsers
import botocore.utils
import botocore.validate
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model
from moto.moto_api._internal import mock_random
from moto.utilities.utils import get_partition
from werkzeug.exceptions import HTTPException

# Name in a signature's credential scope -> name of botocore's service model.
MODEL_NAMES = {
    "elasticfilesystem": "efs",
    "tagging": "resourcegroupstaggingapi",
    "monitoring": "cloudwatch",
    "execute-api": "apigateway",
}

# Whether our answers are proved; `--no-check` is for benchmarks only.
CHECK = True

Response = tuple[int, dict[str, str], bytes]


class AwsError(Exception):
    """An error answer of an operation: `code` as AWS spells it, and the HTTP status."""

    def __init__(
        self, code: str, message: str, status: int = 400, headers: dict[str, str] | None = None
    ):
        super().__init__(message)
        self.code, self.message, self.status = code, message, status
        self.headers = headers or {}


class ShapeError(Exception):
    """Our own answer does not fit botocore's model: a bug of this server."""


class Place:
    """An account and a Region: where something is, or is done."""

    def __init__(self, account: str, region: str):
        self.account = account
        self.region = region

    @property
    def partition(self) -> str:
        return str(get_partition(self.region))

    def arn(self, service: str, resource: str) -> str:
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"


class Call(Place):
    """One request to an AWS operation, as far as it could be identified."""

    def __init__(self, service: str, operation: str, region: str, request: Request, body: bytes):
        super().__init__("", region)  # the account is resolved later, from the credentials
        self.service = service
        self.operation = operation
        self.request = request
        self.body = body
        self.access_key = ""
        self.uri_params: dict[str, str] = {}
        self._input: dict[str, Any] | None = None

    @property
    def name(self) -> str:
        return f"{self.service}:{self.operation}"

    @property
    def protocol(self) -> str:
        model = get_service_model(self.service)
        return determine_request_protocol(model, self.request.content_type)

    @property
    def input(self) -> dict[str, Any]:
        """The operation's input, with times as aware datetimes, checked against the model."""
        if self._input is None:
            self._input = parse_input(self)
        return self._input


@cache
def botocore_model(service: str) -> botocore.model.ServiceModel:
    loader = botocore.loaders.create_loader()
    return botocore.model.ServiceModel(loader.load_service_model(service, "service-2"), service)


def output_members(service: str, shape: str) -> tuple[str, ...]:
    """The member names of a structure of the model, for projecting our state on it."""
    return tuple(botocore_model(service).shape_for(shape).members)


def utc_time(text: str) -> datetime:
    return botocore.utils.parse_timestamp(text).astimezone(timezone.utc)


def signing_scope(authorization: str) -> tuple[str, str] | None:
    """(service, region) of an AWS signature version 4 Authorization header."""
    scope = authorization.partition("Credential=")[2].partition(",")[0].split("/")
    return (scope[3].lower(), scope[2]) if len(scope) == 5 else None


def identify(request: Request, body: bytes) -> Call | None:
    """The call that a signed request makes; None if it is not an AWS request.

    A request of a known service that fits no operation counts as `service:Unknown`.
    """
    scope = signing_scope(request.headers.get("Authorization", ""))
    if scope is None:
        return None
    service = MODEL_NAMES.get(scope[0], scope[0])
    call = Call(service, "Unknown", scope[1], request, body)
    try:
        operation, call.uri_params = get_service_router(service).match(request)
        call.operation = str(operation.name)
    except botocore.exceptions.UnknownServiceError:
        return None
    except (HTTPException, NotImplementedError):
        pass
    return call


def parse_input(call: Call) -> dict[str, Any]:
    model = get_service_model(call.service).operation_model(call.operation)
    parser = PROTOCOL_PARSERS[call.protocol](model, timestamp_parser=utc_time)
    parsed = parser.parse(
        {
            "method": call.request.method,
            "values": call.request.values,
            "headers": call.request.headers,
            "body": call.body,
            "url_path": call.request.path,
            "url_params": call.uri_params,
        }
    )
    shape = botocore_model(call.service).operation_model(call.operation).input_shape
    if shape is not None:
        report = botocore.validate.ParamValidator().validate(parsed, shape)
        if report.has_errors():
            code = {"backup": "InvalidParameterValueException", "s3": "MalformedXML"}
            raise AwsError(
                code.get(call.service, "InvalidParameterValue"), report.generate_report()
            )
    return parsed


def answer(call: Call, result: dict[str, Any] | None) -> Response:
    """Serialise an operation's result, and prove the bytes with botocore."""
    result = without_none(result)
    model = get_service_model(call.service).operation_model(call.operation)
    serializer = get_serializer_class(call.service, call.protocol)(operation_model=model)
    out = serializer.serialize(result)
    body = out["body"].encode() if isinstance(out["body"], str) else out["body"]
    body = with_s3_root(call, body)
    response = (out["status_code"], dict(out["headers"]), body)
    if CHECK:
        check(call, result, response)
    return response


# The root elements of S3's answers that are not the name of the operation. botocore does not look at
# them, so its service model does not have them; stricter clients refuse any other.
S3_ROOTS = {
    "GetBucketLifecycleConfiguration": "LifecycleConfiguration",
    "GetBucketVersioning": "VersioningConfiguration",
    "ListBuckets": "ListAllMyBucketsResult",
}


def with_s3_root(call: Call, body: bytes) -> bytes:
    """The same document under the root element that S3 gives it."""
    root = S3_ROOTS.get(call.operation) if call.service == "s3" else None
    if root is None:
        return body
    for generic in (f"{call.operation}Response", f"{call.operation}Output"):
        body = body.replace(f"<{generic}".encode(), f"<{root}".encode())
        body = body.replace(f"</{generic}>".encode(), f"</{root}>".encode())
    return body


def without_none(value: Any) -> Any:
    """A None member means "absent" everywhere in AWS's answers."""
    if isinstance(value, dict):
        return {k: without_none(v) for k, v in value.items() if v is not None}
    if isinstance(value, list):
        return [without_none(v) for v in value]
    return value


def parse_output(call: Call, response: Response) -> dict[str, Any]:
    """What a botocore client would read from this response."""
    status, headers, body = response
    shape = botocore_model(call.service).operation_model(call.operation).output_shape
    parser = botocore.parsers.create_parser(call.protocol)
    parsed = parser.parse({"status_code": status, "headers": headers, "body": body}, shape)
    parsed.pop("ResponseMetadata", None)
    return parsed


def check(call: Call, result: Any, response: Response) -> None:
    shape = botocore_model(call.service).operation_model(call.operation).output_shape
    parsed = parse_output(call, response)
    if shape is None:
        return
    validator = botocore.validate.ParamValidator()
    for subject in (parsed, result):
        report = validator.validate(subject, shape)
        if report.has_errors():
            raise ShapeError(f"{call.name}: {report.generate_report()}")
    difference = first_difference(result, parsed, call.operation)
    if difference:
        raise ShapeError(f"{difference} (what we meant, what botocore reads)")


def first_difference(meant: Any, read: Any, path: str) -> str | None:
    """Where botocore reads something else than we meant. Times may lose their fraction."""
    if isinstance(meant, dict) and isinstance(read, dict):
        for key in meant.keys() | read.keys():
            if key in meant and key not in read and meant[key] in ({}, []):
                continue  # an empty list or map may vanish in XML
            if key in read and key not in meant and read[key] in ({}, []):
                continue
            found = first_difference(meant.get(key), read.get(key), f"{path}.{key}")
            if found:
                return found
        return None
    if isinstance(meant, (list, tuple)) and isinstance(read, list) and len(meant) == len(read):
        for index, (left, right) in enumerate(zip(meant, read)):
            found = first_difference(left, right, f"{path}[{index}]")
            if found:
                return found
        return None
    if isinstance(meant, datetime) and isinstance(read, datetime):
        aware = meant if meant.tzinfo else meant.replace(tzinfo=timezone.utc)
        return None if abs((aware - read).total_seconds()) < 1 else f"{path}: {meant} {read}"
    return None if meant == read else f"{path}: {meant!r} {read!r}"


def error(call: Call, code: str, message: str, status: int) -> Response:
    """An error in the wire format of the call's protocol."""
    request_id = str(mock_random.uuid4())
    text = escape(message)
    protocol = call.protocol
    if protocol == "ec2":
        body = (
            '<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error>'
            f"<Code>{code}</Code><Message>{text}</Message></Error></Errors>"
            f"<RequestID>{request_id}</RequestID></Response>"
        )
    elif protocol == "query":
        kind = "Sender" if status < 500 else "Receiver"
        body = (
            f"<ErrorResponse><Error><Type>{kind}</Type><Code>{code}</Code>"
            f"<Message>{text}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
        )
    elif protocol == "rest-xml":
        body = (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f"<Error><Code>{code}</Code><Message>{text}</Message>"
            f"<RequestId>{request_id}</RequestId><HostId>lastgood</HostId></Error>"
        )
    else:
        headers = {
            "Content-Type": "application/json",
            "x-amzn-ErrorType": code,
            "x-amzn-RequestId": request_id,
        }
        return status, headers, json.dumps({"__type": code, "message": message}).encode()
    headers = {"Content-Type": "text/xml", "x-amz-request-id": request_id}
    # An answer to HEAD has no body, whatever went wrong.
    return status, headers, b"" if call.request.method == "HEAD" else body.encode()
