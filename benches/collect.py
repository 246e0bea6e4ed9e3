"""Client CPU, peak memory and number of API calls of one scan over HTTP.

    cargo build --release
    .venv/bin/python benches/collect.py [N …]

For each N: an estate of N volumes, 2N snapshots, N/5 instances and N/10 buckets in the local AWS
server of the tests (`tests/aws`), scanned by the release binary with the shipped policy. Three runs
each; the figures are those of the client process alone. Prints, asserts nothing but that the scan ran.
"""

import json
import os
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BINARY = ROOT / "target" / "release" / "lastgood"
REGION = "eu-west-2"
RUNS = 3


def call(url, body=None):
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data=data), timeout=600) as answer:
        return json.load(answer)


def run(url):
    """One scan: (CPU seconds, wall seconds, peak MiB, requests)."""
    call(f"{url}/lastgood/reset-requests", {})
    environment = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "HOME": "/nonexistent",
        "PATH": os.environ["PATH"],
    }
    command = [BINARY, "scan", "--endpoint-url", url, "--region", REGION, "--format", "json=/dev/null"]
    start = time.monotonic()
    child = subprocess.Popen(command, env=environment, cwd="/tmp", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    complaint = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.monotonic() - start
    if os.waitstatus_to_exitcode(status) not in (0, 3, 4):
        sys.exit(f"the scan failed: {complaint.decode()}")
    requests = sum(call(f"{url}/lastgood/requests").values())
    return usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024, requests


def main():
    sizes = [int(size) for size in sys.argv[1:]] or [200, 1000, 3000]
    server = subprocess.Popen(
        [sys.executable, ROOT / "tests" / "aws" / "server.py", "--port", "0", "--exit-with-stdin"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    url = server.stdout.readline().split()[-1]
    print(f"{'N':>6} {'requests':>9} {'CPU s':>7} {'wall s':>7} {'peak MiB':>9}   (medians of {RUNS} runs)")
    for size in sizes:
        call(f"{url}/lastgood/reset", {})
        call(f"{url}/lastgood/seed/bulk", {
            "volumes": size, "snapshots_per_volume": 2, "instances": size // 5, "buckets": size // 10, "region": REGION})
        runs = [run(url) for _ in range(RUNS)]
        cpu, wall, memory, requests = (statistics.median(column) for column in zip(*runs))
        print(f"{size:>6} {requests:>9.0f} {cpu:>7.2f} {wall:>7.2f} {memory:>9.1f}", flush=True)
    server.stdin.close()
    server.wait(timeout=10)


if __name__ == "__main__":
    main()
