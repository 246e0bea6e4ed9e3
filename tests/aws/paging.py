"""Real pages: moto answers with everything at once, AWS never does."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Any

from wire import AwsError, Call

# What AWS answers to a token that it did not make.
BAD_TOKEN = {
    "ec2": ("InvalidNextToken", "The specified NextToken is not valid."),
    "s3": ("InvalidArgument", "The continuation token provided is incorrect"),
    "backup": ("InvalidParameterValueException", "Invalid NextToken."),
    "rds": ("InvalidParameterValue", "The marker is not valid."),
    "efs": ("BadRequest", "The marker is not valid."),
}


def cut(
    call: Call,
    items: Sequence[Any],
    *,
    size: str = "MaxResults",
    token: str = "NextToken",
    default: int | None = None,
    limits: tuple[int, int] = (1, 1000),
) -> tuple[list[Any], str | None]:
    """One page of `items` as the call asks for it, and the token of the next page."""
    wanted = call.input.get(size)
    if wanted is not None and not limits[0] <= wanted <= limits[1]:
        code = {"backup": "InvalidParameterValueException", "s3": "InvalidArgument"}
        message = f"Value ({wanted}) for parameter {size} is invalid. Expecting a value"
        raise AwsError(
            code.get(call.service, "InvalidParameterValue"),
            f"{message} from {limits[0]} to {limits[1]}.",
        )
    start = offset_of(call, call.input.get(token))
    end = len(items) if (wanted or default) is None else start + (wanted or default)
    following = token_for(call, end) if end < len(items) else None
    return list(items[start:end]), following


def token_for(call: Call, offset: int) -> str:
    """An opaque token, good for this operation of this account and Region only."""
    content = [call.name, call.account, call.region, offset]
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode()


def offset_of(call: Call, token: str | None) -> int:
    if not token:
        return 0
    try:
        name, account, region, offset = json.loads(base64.urlsafe_b64decode(token))
    except (ValueError, binascii.Error):
        raise AwsError(*BAD_TOKEN[call.service]) from None
    if (name, account, region) != (call.name, call.account, call.region):
        raise AwsError(*BAD_TOKEN[call.service])
    return int(offset)
