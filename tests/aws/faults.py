"""Faults on demand: what AWS does on a bad day, told by the test.

A rule is `{"operation": "s3:GetBucketVersioning", "fault": "AccessDenied"}`, and may be
narrowed by `resource` (part of the path, query or body), `region`, `account` and `times`.
"""

from __future__ import annotations

import fnmatch
import socket
import struct
import threading
import time
from typing import Any
from urllib.parse import unquote_plus

from registry import HANDLERS
from wire import AwsError, Call, Response, error

# fault -> protocol -> (error code, HTTP status), as the services of that protocol answer.
ERRORS: dict[str, dict[str, tuple[str, int]]] = {
    "AccessDenied": {
        "ec2": ("UnauthorizedOperation", 403),
        "query": ("AccessDenied", 403),
        "rest-xml": ("AccessDenied", 403),
        "rest-json": ("AccessDeniedException", 403),
        "json": ("AccessDeniedException", 400),
    },
    "Throttling": {
        "ec2": ("RequestLimitExceeded", 503),
        "query": ("Throttling", 400),
        "rest-xml": ("SlowDown", 503),
        "rest-json": ("ThrottlingException", 429),
        "json": ("ThrottlingException", 400),
    },
    "InternalError": {
        "ec2": ("InternalError", 500),
        "query": ("InternalFailure", 500),
        "rest-xml": ("InternalError", 500),
        "rest-json": ("ServiceUnavailableException", 500),
        "json": ("InternalServerError", 500),
    },
    "ExpiredToken": {
        "ec2": ("RequestExpired", 400),
        "query": ("ExpiredToken", 403),
        "rest-xml": ("ExpiredToken", 400),
        "rest-json": ("ExpiredTokenException", 403),
        "json": ("ExpiredTokenException", 400),
    },
    "UnrecognizedClient": {
        "ec2": ("AuthFailure", 401),
        "query": ("InvalidClientTokenId", 403),
        "rest-xml": ("InvalidAccessKeyId", 403),
        "rest-json": ("UnrecognizedClientException", 403),
        "json": ("UnrecognizedClientException", 400),
    },
}

MESSAGES = {
    "AccessDenied": "You are not authorized to perform this operation.",
    "Throttling": "Rate exceeded",
    "InternalError": "An internal error has occurred",
    "ExpiredToken": "The security token included in the request is expired",
    "UnrecognizedClient": "The security token included in the request is invalid.",
}

# Faults in the pages of a list, which need the page before it is serialised.
PAGE_FAULTS = {"truncated-page", "repeated-token"}
OTHER_FAULTS = {"slow", "reset", "garbage"}

# The token that a page fault hands out: it never leads anywhere.
TOKEN = "lastgood-token-of-a-fault-that-leads-nowhere"

FIELDS = {"operation", "resource", "region", "account", "times", "fault", "seconds"}


class BadRule(Exception):
    """A rule that cannot mean what its author hopes."""


class Faults:
    """The rules in force, in the order in which they were given: the first that fits wins."""

    def __init__(self) -> None:
        self._rules: list[dict[str, Any]] = []
        self._lock = threading.Lock()

    def add(self, rules: list[dict[str, Any]]) -> None:
        for rule in rules:
            check_rule(rule)
        with self._lock:
            self._rules += [{**rule, "left": rule.get("times")} for rule in rules]

    def clear(self) -> None:
        with self._lock:
            self._rules.clear()

    def listed(self) -> list[dict[str, Any]]:
        with self._lock:
            return [dict(rule) for rule in self._rules]

    def take(self, call: Call) -> dict[str, Any] | None:
        """The rule that this call meets, if any; uses up one of its times."""
        with self._lock:
            for rule in self._rules:
                if rule["left"] != 0 and fits(rule, call):
                    if rule["left"] is not None:
                        rule["left"] -= 1
                    return rule
        return None


def check_rule(rule: dict[str, Any]) -> None:
    unknown = set(rule) - FIELDS
    if unknown:
        raise BadRule(f"unknown field {', '.join(sorted(unknown))}: known are {sorted(FIELDS)}")
    fault, operation = rule.get("fault"), rule.get("operation", "")
    known = set(ERRORS) | PAGE_FAULTS | OTHER_FAULTS
    if fault not in known:
        raise BadRule(f"unknown fault {fault!r}: known are {sorted(known)}")
    if ":" not in operation:
        raise BadRule(f"an operation is spelt service:Operation, not {operation!r}")
    if fault in PAGE_FAULTS and "*" not in operation and operation not in HANDLERS:
        raise BadRule(f"{operation} is answered by moto: its pages cannot be spoilt")
    if fault == "slow" and "seconds" not in rule:
        raise BadRule("slow needs seconds")


def fits(rule: dict[str, Any], call: Call) -> bool:
    if not fnmatch.fnmatchcase(call.name, rule["operation"]):
        return False
    if rule.get("region") not in (None, call.region):
        return False
    if rule.get("account") not in (None, call.account):
        return False
    wanted = rule.get("resource")
    if wanted is None:
        return True
    query = call.request.query_string.decode("utf-8", "replace")
    body = call.body.decode("utf-8", "replace")
    asked = f"{call.request.path}?{query}\n{body}"
    return wanted in asked or wanted in unquote_plus(asked)


def before(rule: dict[str, Any], call: Call, environ: dict[str, Any]) -> Response | None:
    """The answer that a fault gives instead of the operation's; None to go on."""
    fault = rule["fault"]
    if fault in ERRORS:
        return error_answer(call, fault)
    if fault == "slow":
        time.sleep(rule["seconds"])
    if fault == "reset":
        reset_connection(environ)
    if fault == "garbage":
        return 200, {"Content-Type": "text/plain"}, b"\x00<<< { this is not an answer"
    return None


def error_answer(call: Call, fault: str, message: str | None = None) -> Response:
    code, status = ERRORS[fault][call.protocol]
    return error(call, code, message or MESSAGES[fault], status)


def reset_connection(environ: dict[str, Any]) -> None:
    """Send a TCP reset: the client gets no byte of an answer."""
    connection: socket.socket = environ["werkzeug.socket"]
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    # werkzeug and the buffered reader hold the descriptor, too: detach it for good.
    socket.close(connection.detach())
    raise ConnectionResetError("a fault asked for this reset")


# Where the token of the next page stands in the request and in the answer.
TOKEN_NAMES = {
    "s3": ("ContinuationToken", "ContinuationToken"),
    "rds": ("Marker", "Marker"),
    "efs": ("Marker", "NextMarker"),
    "dynamodb:ListTables": ("ExclusiveStartTableName", "LastEvaluatedTableName"),
    "dynamodb:ListBackups": ("ExclusiveStartBackupArn", "LastEvaluatedBackupArn"),
}


def token_names(call: Call) -> tuple[str, str]:
    either = TOKEN_NAMES.get(call.name) or TOKEN_NAMES.get(call.service)
    return either or ("NextToken", "NextToken")


def before_page(rule: dict[str, Any], call: Call) -> None:
    """Spoil the request of a page."""
    name, _ = token_names(call)
    if rule["fault"] == "repeated-token":
        call.input.pop(name, None)  # always the first page again
    elif call.input.get(name):
        code, status = ERRORS["InternalError"][call.protocol]
        raise AwsError(code, "The page is lost.", status)


def after_page(call: Call, result: dict[str, Any]) -> dict[str, Any]:
    """Promise another page: one that is lost, or this one again."""
    return {**result, token_names(call)[1]: TOKEN}
