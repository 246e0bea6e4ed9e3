"""A local AWS for the tests of lastgood: moto, with a true AWS Backup in front of it.

    python server.py --port 5000 --seed demo
    AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test lastgood … --endpoint-url http://127.0.0.1:5000

Prints `listening on http://127.0.0.1:PORT` on standard output when it is ready.
See README.md for the endpoints by which tests control it.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import pathlib
import signal
import sys
import threading
from typing import Any

# Before moto is imported: its images of Amazon's would fill every estate with snapshots
# that nobody made, and take seconds to load for each Region.
os.environ.setdefault("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
# A name in a URL's host is never a bucket here.
os.environ.setdefault("S3_IGNORE_SUBDOMAIN_BUCKETNAME", "true")

from moto.moto_server.werkzeug_app import MotoRequestHandler  # noqa: E402
from werkzeug.serving import BaseWSGIServer, make_server  # noqa: E402

import seed  # noqa: E402
import wire  # noqa: E402
from app import Application  # noqa: E402


class Handler(MotoRequestHandler):
    """moto's handler, quiet and without Nagle's delay between headers and body."""

    disable_nagle_algorithm = True
    quiet = True

    def connection_dropped(self, error: BaseException, environ: Any = None) -> None:
        self.close_connection = True  # or it would wait for the next request of a closed socket

    def log_request(self, code: Any = "-", size: Any = "-") -> None:
        if not self.quiet:
            super().log_request(code, size)


def main() -> None:
    options = arguments()
    # A large estate is a large heap, which every answer would make the collector search.
    gc.set_threshold(200_000, 50, 50)
    Handler.quiet = not options.verbose
    wire.CHECK = not options.no_check
    application = Application()
    if options.seed:
        seed.sow(seed_document(options.seed))
    server = make_server(
        "127.0.0.1", options.port, application, threaded=True, request_handler=Handler
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop(server))
    if options.exit_with_stdin:
        threading.Thread(target=wait_for_end_of_input, args=(server,), daemon=True).start()
    print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)
    threading.Thread(target=warm_up, daemon=True).start()
    server.serve_forever()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="A local AWS (EC2, S3, Backup, STS, IAM, …) for the tests of lastgood.",
        epilog="Any credentials do: AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test.",
    )
    parser.add_argument(
        "--port", type=int, default=0, help="port on 127.0.0.1 (default: 0, a free one)"
    )
    parser.add_argument(
        "--seed",
        metavar="FILE",
        help="create an estate at the start: a seed document, or `demo` for the example estate",
    )
    parser.add_argument(
        "--exit-with-stdin",
        action="store_true",
        help="exit when standard input ends, so that a test that dies leaves no server behind",
    )
    parser.add_argument(
        "--no-check",
        action="store_true",
        help="do not prove the answers by botocore: for benchmarks, twice as fast",
    )
    parser.add_argument("--verbose", action="store_true", help="log every request on stderr")
    return parser.parse_args()


def seed_document(name: str) -> Any:
    beside = pathlib.Path(__file__).with_name("demo.json")
    return json.loads((beside if name == "demo" else pathlib.Path(name)).read_text())


def wait_for_end_of_input(server: BaseWSGIServer) -> None:
    while sys.stdin.buffer.read(4096):
        pass
    stop(server)


def stop(server: BaseWSGIServer) -> None:
    """`shutdown` waits for the serving loop, so it must not be called in that thread."""
    threading.Thread(target=server.shutdown, daemon=True).start()


def warm_up() -> None:
    """Load what the first requests need, while the caller is still preparing them."""
    from moto.backends import get_backend
    from moto.core.routing import get_service_router

    for service in ("ec2", "s3", "sts", "iam"):
        get_backend(service)
    for service in ("ec2", "s3", "backup", "sts"):
        get_service_router(service)
        wire.botocore_model(service)


if __name__ == "__main__":
    main()
