"""The redirect with its click on disk, beside a bare callable under the same server and nginx's `return 302`.

    .venv/bin/python benchmarks/redirect.py [--seconds 5] [--rounds 3]

One run, one machine: compare the ratios. Each round measures every set-up once, in turn; the table has the medians.
Afterwards the clicks in the spool are counted: there must be one for each 302 of ours. Needs `wrk`; `nginx` is left
out when missing. On Debian: apt-get install -y nginx-light wrk
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tracking.spool.records import decode  # noqa: E402
from tracking.spool.segments import segments_in  # noqa: E402

SLUGS = 10_000
CONNECTIONS = 64
WORKERS = 2
BARE = """
def application(environ, start_response):
    start_response("302 Found", [("Location", "https://shop.example/spring"), ("Content-Length", "0")])
    return ()
"""
NGINX = """
worker_processes 2; daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{ worker_connections 1024; }}
http {{
    access_log off; keepalive_requests 100000000;
    client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
    uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
    server {{ listen 127.0.0.1:{port} reuseport; location / {{ return 302 https://shop.example/spring; }} }}
}}
"""
WRK = f"""
local n = 0
request = function()
    n = (n + 7919) % {SLUGS}
    return wrk.format("GET", "/r/creator-" .. n, {{["User-Agent"] =
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile/15E148"}})
end
done = function(summary, latency, requests)
    io.write(string.format("RESULT %d %d %f %f %d\\n", summary.requests, summary.duration, latency:percentile(50),
        latency:percentile(99), summary.errors.status + summary.errors.read + summary.errors.timeout))
end
"""


class Result(NamedTuple):
    """Requests a second, milliseconds at the median and at the 99th percentile, the server's CPU time a request in
    µs (which other load on the machine moves least), answers, errors."""

    rate: float
    p50: float
    p99: float
    cpu: float
    requests: int
    errors: int


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(
    command: list[str], folder: Path, port: int, env: dict[str, str] | None = None
) -> Iterator[tuple[int, int]]:
    """A server that answers on its port, ended afterwards; gives port and process id."""
    with (folder / "server.log").open("ab") as log:
        server = subprocess.Popen(command, cwd=folder, env={**os.environ, **(env or {})}, stdout=log, stderr=log)
    try:
        wait_for(port)
        yield port, server.pid
    finally:
        server.terminate()
        server.wait(10)


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), 1):
                return
        except OSError:
            time.sleep(0.05)
    raise SystemExit("a server did not start; run again and read server.log")


def granian(target: str, port: int) -> list[str]:
    fixed = ["--interface", "wsgi", "--workers", str(WORKERS), "--blocking-threads", "1", "--no-ws"]
    return [sys.executable, "-m", "granian", *fixed, "--host", "127.0.0.1", "--port", str(port), target]


def ours(folder: Path) -> tuple[list[str], int, dict[str, str]]:
    """Our redirect as its own service, with a snapshot of 10,000 links and no PostgreSQL to ask."""
    spool, port = folder / "spool", free_port()
    spool.mkdir()
    rows = [
        [
            pk,
            f"creator-{pk}",
            "https://shop.example/spring?a=1",
            "instagram",
            "influencer",
            "spring",
            f"c{pk}",
            True,
            "",
        ]
        for pk in range(SLUGS)
    ]
    (spool / "links.json").write_text(json.dumps({"rows": rows, "hosts": {"go.shop.example": True}}))
    nowhere = "postgresql://nobody@127.0.0.1:1/none"
    env = {"SPOOL_DIR": str(spool), "DATABASE_URL": nowhere, "PYTHONPATH": str(ROOT)}
    return granian("tracking.redirect:application", port), port, env


def bare(folder: Path) -> tuple[list[str], int, dict[str, str]]:
    (folder / "bare.py").write_text(BARE)
    port = free_port()
    return granian("bare:application", port), port, {"PYTHONPATH": str(folder)}


def nginx(folder: Path) -> tuple[list[str], int, dict[str, str]]:
    port = free_port()
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=port))
    return [shutil.which("nginx") or "/usr/sbin/nginx", "-c", str(folder / "nginx.conf"), "-p", str(folder)], port, {}


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and its children that run."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") + sum(map(cpu_seconds, map(int, children)))


def measure(server: tuple[int, int], folder: Path, seconds: float) -> Result:
    port, pid = server
    script = folder / "slugs.lua"
    script.write_text(WRK)
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(script), f"http://127.0.0.1:{port}"]
    before = cpu_seconds(pid)
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    used = cpu_seconds(pid) - before
    found = re.search(r"RESULT (\d+) (\d+) ([\d.]+) ([\d.]+) (\d+)", output)
    if not found:
        raise SystemExit(output)
    requests, micros, p50, p99, errors = map(float, found.groups())
    return Result(requests / micros * 1e6, p50 / 1000, p99 / 1000, used / requests * 1e6, int(requests), int(errors))


def spooled(folder: Path) -> int:
    """Clicks in the spool; every line must be readable and no id may repeat."""
    lines = [line for one in segments_in(folder / "spool") for line in one.path.read_bytes().split(b"\n")[:-1]]
    ids = {decode(line).id for line in lines}
    if len(ids) != len(lines):
        raise SystemExit(f"{len(lines) - len(ids)} click ids repeat")
    return len(ids)


def answered(port: int) -> None:
    """One request by hand, to see that it is a 302 with a click id."""
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("HEAD", "/r/creator-7")
    answer = connection.getresponse()
    if answer.status != 302 or "icid=" not in (answer.getheader("Location") or ""):
        raise SystemExit(f"unexpected answer: {answer.status} {answer.headers}")
    connection.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if not shutil.which("wrk"):
        print("wrk is missing, so nothing can be measured. On Debian: apt-get install -y nginx-light wrk")
        return
    setups: dict[str, Callable[[Path], tuple[list[str], int, dict[str, str]]]] = {
        "nginx return 302": nginx,
        "bare WSGI callable": bare,
        "our redirect, click on disk": ours,
    }
    if not (shutil.which("nginx") or Path("/usr/sbin/nginx").exists()):
        print("nginx is missing; its row is left out. On Debian: apt-get install -y nginx-light")
        del setups["nginx return 302"]
    results: dict[str, list[Result]] = {name: [] for name in setups}
    with tempfile.TemporaryDirectory(dir="/var/tmp") as place, ExitStack() as stack:
        folder = Path(place)
        ports = {}
        for name, make in setups.items():
            command, port, env = make(folder)
            ports[name] = stack.enter_context(running(command, folder, port, env))
        answered(ports["our redirect, click on disk"][0])
        warm = [measure(port, folder, 1) for port in ports.values()][-1].requests
        for _ in range(options.rounds):
            for name, port in ports.items():
                results[name].append(measure(port, folder, options.seconds))
        time.sleep(0.5)
        show(results)
        reconcile(1 + warm + sum(one.requests for one in results["our redirect, click on disk"]), spooled(folder))


def show(results: dict[str, list[Result]]) -> None:
    floor = {name: median(one.rate for one in runs) for name, runs in results.items()}
    base, tail = floor["bare WSGI callable"], median(one.p99 for one in results["bare WSGI callable"])
    print(f"\nwrk -t1 -c{CONNECTIONS}, {SLUGS:,} distinct links, {WORKERS} workers, {os.cpu_count()} cores, medians\n")
    print("| set-up | req/s | p50 ms | p99 ms | rate, bare = 1 | p99, bare = 1 | CPU µs a request | errors |")
    print("|---|---|---|---|---|---|---|---|")
    for name, runs in results.items():
        p50, p99 = median(one.p50 for one in runs), median(one.p99 for one in runs)
        errors, rate = sum(one.errors for one in runs), floor[name]
        cpu = median(one.cpu for one in runs)
        ratios = f"{rate / base:.2f} | {p99 / tail:.2f}"
        print(f"| {name} | {rate:,.0f} | {p50:.2f} | {p99:.2f} | {ratios} | {cpu:.1f} | {errors} |")


def reconcile(answers: int, clicks: int) -> None:
    """wrk stops counting when its time is up; up to one answer a connection and run is then still on its way."""
    unseen = clicks - answers
    verdict = "every answer is recorded" if 0 <= unseen <= CONNECTIONS * 50 else "THIS IS WRONG"
    print(f"\n302 answers counted by wrk: {answers:,}; clicks on disk: {clicks:,} ({unseen:+,}: {verdict})")
    if unseen < 0:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
