"""The parts of a seed document that all its sections share: times, keys and references."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Any

from botocore.model import Shape

import resources
import state
from state import Item
from wire import Place, botocore_model, utc_time

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class BadSeed(Exception):
    """The seed document is wrong; the message says where."""


def moment(text: str) -> datetime:
    """A time of the document: ISO 8601, `now`, or relative to now."""
    if text == "now":
        return state.now()
    found = re.fullmatch(r"([+-]\d+(?:\.\d+)?)([smhdw])", text)
    if found:
        return state.now() + timedelta(**{UNITS[found[2]]: float(found[1])})
    return utc_time(text)


def naive(text: str) -> datetime:
    """The same, as moto keeps its times: in UTC, without saying so."""
    return moment(text).astimezone(timezone.utc).replace(tzinfo=None)


class Names:
    """What the keys of a document have become, for later references and for the answer."""

    def __init__(self) -> None:
        self.ids: dict[str, str] = {}
        self.arns: dict[str, str] = {}
        self.credentials: dict[str, Item] = {}
        self.things: dict[str, Any] = {}

    def add(self, key: str | None, name: str, arn: str, thing: Any) -> None:
        if key is None:
            return
        if key in self.ids:
            raise BadSeed(f"two things have the key {key!r}")
        self.ids[key], self.arns[key], self.things[key] = name, arn, thing

    def thing(self, key: str) -> Any:
        if key not in self.things:
            raise BadSeed(f"nothing before this has the key {key!r}")
        return self.things[key]

    def arn(self, reference: str) -> str:
        """The ARN of a key; an ARN stands for itself."""
        if reference.startswith("arn:"):
            return reference
        self.thing(reference)
        return self.arns[reference]

    def aws(self, shape: Shape, value: Any, path: str) -> Any:
        """A value of one of AWS's structures: times and references resolved, names checked."""
        if shape.type_name == "structure":
            unknown = set(value) - set(shape.members)
            if unknown:
                raise BadSeed(f"{path}: {shape.name} has no member {sorted(unknown)}")
            return {k: self.aws(shape.members[k], v, f"{path}.{k}") for k, v in value.items()}
        if shape.type_name == "list":
            return [self.aws(shape.member, v, path) for v in value]
        if shape.type_name == "map":
            return {k: self.aws(shape.value, v, path) for k, v in value.items()}
        if shape.type_name == "timestamp":
            return moment(value)
        if isinstance(value, str) and value.startswith("@"):
            return self.arn(value[1:])
        return value


class Section:
    """One account and Region of a document, and the names of the whole document."""

    def __init__(self, place: Place, names: Names):
        self.place = place
        self.names = names
        self.ec2 = resources.ec2(place.account, place.region)
        self.backup = state.backup(place)

    def aws(self, service: str, shape: str, value: Any) -> Any:
        return self.names.aws(botocore_model(service).shape_for(shape), value, shape)

    def aws_fields(self, service: str, shape: str, item: Item) -> Item:
        """The members of AWS's structure in an item: the names that begin with a capital."""
        return self.aws(service, shape, {k: v for k, v in item.items() if k[0].isupper()})
