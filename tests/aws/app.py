"""The WSGI application: faults, counting and our own operations in front of moto."""

from __future__ import annotations

import collections
import io
import json
import sys
import threading
import traceback
from collections.abc import Callable, Iterable
from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.request import Request
from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model
from moto.moto_api._internal.models import moto_api_backend
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.exceptions import HTTPException
from werkzeug.http import HTTP_STATUS_CODES

import auth
import backup_assurance  # noqa: F401  these register their operations
import backup_jobs  # noqa: F401
import backup_plans  # noqa: F401
import backup_vaults  # noqa: F401
import ec2  # noqa: F401
import faults
import managed  # noqa: F401
import managed_restored  # noqa: F401
import s3
import seed
import ssm  # noqa: F401
import state
from registry import HANDLERS, Forward
from wire import AwsError, Call, Response, ShapeError, answer, error, identify

Environ = dict[str, Any]
StartResponse = Callable[..., Any]


class Application:
    def __init__(self) -> None:
        self.moto = DomainDispatcherApplication(create_backend_app)
        self.faults = faults.Faults()
        self.requests: list[dict[str, Any]] = []
        self.problems: list[str] = []
        self._lock = threading.Lock()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(*body_size(environ))
        environ["CONTENT_LENGTH"] = str(len(body))
        request = Request({**environ, "wsgi.input": io.BytesIO(body)})
        status, headers, content = self.respond(environ, request, body)
        if request.method != "HEAD":  # whose length is that of the body it does not have
            headers["Content-Length"] = str(len(content))
        start_response(f"{status} {HTTP_STATUS_CODES.get(status, '')}", list(headers.items()))
        return [content]

    def respond(self, environ: Environ, request: Request, body: bytes) -> Response:
        path = request.path
        if path.startswith("/lastgood/"):
            return self.control(request, body)
        if path == "/moto-api/reset" and request.method == "POST":
            state.reset()
        call = identify(request, body)
        if call is None:
            return self.ask_moto(environ, body)
        auth.resolve(call)
        entry = {"operation": call.name, "account": call.account, "region": call.region}
        with self._lock:
            self.requests.append(entry)
        try:
            response = self.serve(environ, call)
        except AwsError as refused:
            status, headers, content = error(call, refused.code, refused.message, refused.status)
            response = (status, {**headers, **refused.headers}, content)
        except ConnectionResetError:
            raise
        except NotImplementedError as missing:
            response = self.problem(call, "NotImplemented", str(missing) or call.name, 501)
        except ShapeError as wrong:
            response = self.problem(call, "InternalError", f"test server: {wrong}", 500)
        except Exception as failed:
            traceback.print_exc()
            message = f"test server: {type(failed).__name__}: {failed}"
            response = self.problem(call, "InternalError", message, 500)
        entry["status"] = response[0]
        return response

    def problem(self, call: Call, code: str, message: str, status: int) -> Response:
        """A failure of this server itself, not one that a test asked for."""
        text = f"{call.name}: {message}"
        print(text, file=sys.stderr, flush=True)
        with self._lock:
            self.problems.append(text)
        return error(call, code, message, status)

    def serve(self, environ: Environ, call: Call) -> Response:
        rule = self.faults.take(call)
        if rule is not None:
            spoilt = faults.before(rule, call, environ)
            if spoilt is not None:
                return spoilt
        auth.authorise(call)
        if call.service == "s3":
            s3.refuse_other_region(call)
        handler = HANDLERS.get(call.name)
        if handler is None:
            return self.ask_moto(environ, call.body)
        paged = rule is not None and rule["fault"] in faults.PAGE_FAULTS
        if rule is not None and paged:
            faults.before_page(rule, call)
        try:
            with state.LOCK:
                result = handler(call)
                if paged:
                    result = faults.after_page(call, result)
                return answer(call, result)
        except Forward as forward:
            response = self.ask_moto(environ, call.body)
            if forward.then is not None and response[0] < 300:
                forward.then()
            return response
        except ServiceException as refused:
            return motos_error(call, refused)
        except HTTPException as refused:
            text = (refused.description or "").encode()
            return refused.code or 500, dict(refused.get_headers()), text

    def ask_moto(self, environ: Environ, body: bytes) -> Response:
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start(status: str, headers: list[tuple[str, str]], _: Any = None) -> None:
            started.append((status, headers))

        given = {**environ, "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        content = b"".join(self.moto(given, start))
        status, headers = started[-1]
        return int(status.split()[0]), dict(headers), content

    def control(self, request: Request, body: bytes) -> Response:
        """The endpoints under /lastgood/, for tests."""
        what = f"{request.method} {request.path.removeprefix('/lastgood/')}"
        try:
            document = json.loads(body) if body else None
            if what == "GET requests":
                return reply(self.counted("detail" in request.args))
            if what == "POST reset-requests":
                self.requests.clear()
            elif what == "GET faults":
                return reply(self.faults.listed())
            elif what == "POST faults":
                self.faults.add(document)
            elif what == "DELETE faults":
                self.faults.clear()
            elif what == "POST seed":
                with state.LOCK:
                    return reply(seed.sow(document))
            elif what == "POST seed/bulk":
                with state.LOCK:
                    return reply(seed.bulk(document))
            elif what == "POST enforce-iam":
                auth.enforce(bool(document))
            elif what == "GET problems":
                return reply(self.problems)
            elif what == "POST reset":
                self.reset()
            else:
                return reply({"error": f"no such endpoint: {what}"}, 404)
        except (faults.BadRule, seed.BadSeed, ValueError) as wrong:
            return reply({"error": str(wrong)}, 400)
        except Exception as failed:
            traceback.print_exc()
            return reply({"error": f"{type(failed).__name__}: {failed}"}, 500)
        return reply({})

    def counted(self, detail: bool) -> Any:
        with self._lock:
            if detail:
                return list(self.requests)
            return collections.Counter(entry["operation"] for entry in self.requests)

    def reset(self) -> None:
        """As new: no estate, no faults, no counts, no enforcement of IAM."""
        with state.LOCK:
            moto_api_backend.reset()
            state.reset()
        auth.enforce(False)
        self.faults.clear()
        self.requests.clear()
        self.problems.clear()


def body_size(environ: Environ) -> tuple[int, ...]:
    """What to give to `read`: nothing for a chunked body, which ends by itself."""
    if environ.get("wsgi.input_terminated"):
        return ()
    return (int(environ.get("CONTENT_LENGTH") or 0),)


def motos_error(call: Call, refused: ServiceException) -> Response:
    """An exception of moto's backends, as moto's own responses would serialise it."""
    model = get_service_model(call.service).operation_model(call.operation)
    serializer = get_serializer_class(call.service, call.protocol)(operation_model=model)
    out = serializer.serialize(refused)
    return out["status_code"], dict(out["headers"]), out["body"].encode()


def reply(document: Any, status: int = 200) -> Response:
    return status, {"Content-Type": "application/json"}, json.dumps(document).encode() + b"\n"
