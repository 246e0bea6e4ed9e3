"""Tests of the test server itself, by boto3 over real HTTP.

    python selftest.py [NAME …]

Starts its own server, resets it before each test, and ends with `N passed, M failed`.
The tests are in the modules of `selftests`.
"""

from __future__ import annotations

import pathlib
import subprocess
import sys
import traceback

from selftests import (  # noqa: F401  each registers its tests
    kit,
    on_backup,
    on_backup_jobs,
    on_control,
    on_ec2,
    on_iam,
    on_managed,
    on_s3,
)

HERE = pathlib.Path(__file__).parent


def run(chosen: list[str]) -> int:
    command = [sys.executable, str(HERE / "server.py"), "--exit-with-stdin"]
    passed = failed = 0
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdin and server.stdout
        kit.endpoint = server.stdout.readline().decode().rpartition(" ")[2].strip()
        for function in kit.TESTS:
            if chosen and not any(name in function.__name__ for name in chosen):
                continue
            kit.http("POST", "/lastgood/reset")
            try:
                function()
                kit.equal(kit.http("GET", "/lastgood/problems"), [])
            except Exception:
                failed += 1
                print(f"FAILED {function.__name__}\n{traceback.format_exc()}")
            else:
                passed += 1
        server.stdin.close()
        server.wait(timeout=10)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed or server.returncode else 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
