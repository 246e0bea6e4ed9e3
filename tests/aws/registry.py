"""The operations that this server answers itself, instead of moto."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wire import Call

Handler = Callable[[Call], Any]

HANDLERS: dict[str, Handler] = {}


class Forward(Exception):
    """Raised by a handler that has done its part: moto answers the call.

    `then` is done if moto's answer is a success.
    """

    def __init__(self, then: Callable[[], object] | None = None):
        super().__init__()
        self.then = then


def operation(name: str) -> Callable[[Handler], Handler]:
    """Register a function as the answer to `service:Operation`."""

    def register(handler: Handler) -> Handler:
        HANDLERS[name] = handler
        return handler

    return register
