"""Load from wrk, which takes little of the machine that it shares with the server."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from bench.arithmetic import percentile
from bench.databases import Database
from bench.portal import NotMeasured, Portal
from bench.processes import Watch
from bench.reads import Read, Request

LOOPBACK = ("127.0.0.1", "localhost", "::1")
LONGEST_SECONDS = 20
FEWEST = 5
SUMMARY = """
function done(summary, latency, requests)
  local failed = summary.errors
  local lost = failed.connect + failed.read + failed.write + failed.timeout
  print(table.concat({"figures", summary.requests, summary.duration, summary.bytes, failed.status + lost,
    latency:percentile(50), latency:percentile(95), latency:percentile(99)}, " "))
end
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """What one read took: latencies in milliseconds, and CPU of all the portal's processes for each request."""

    rate: float
    p50: float
    p95: float
    p99: float
    bytes: int
    failed: int
    cpu: float | None = None
    peak: float | None = None


def wrk() -> str:
    """Return the path of wrk. Raises ``NotMeasured`` if it isn't installed."""
    found = shutil.which("wrk")
    if found is None:
        raise NotMeasured(
            "The reads are measured with wrk, which isn't installed. On Debian: apt-get install wrk. "
            "A generator in Python would take more of the machine than the server."
        )
    return found


def measure(portal: Portal, read: Read, *, connections: int, seconds: int, rounds: int) -> Figures:
    """Ask for a while, in rounds, and return the median of each figure.

    A first, short round isn't counted. Rounds are longer where an answer is slow, so that some are finished in them.
    """
    if urlsplit(portal.base).hostname not in LOOPBACK:
        raise NotMeasured(f"{portal.base} isn't on this machine; load is only sent to loopback addresses.")
    began = time.monotonic()
    first = read.requests[0]
    portal.ask(first.path, body=first.body)
    seconds = min(LONGEST_SECONDS, max(seconds, math.ceil(3 * connections * (time.monotonic() - began))))
    _round(portal, read, connections, 1)
    return middle([_round(portal, read, connections, seconds) for _ in range(rounds)])


def middle(rounds: Sequence[Figures]) -> Figures:
    """Return the median of each figure; of failures the sum, and of memory the most."""

    def of(values: Sequence[float | None]) -> float | None:
        known = [value for value in values if value is not None]
        return median(known) if known else None

    peaks = [figures.peak for figures in rounds if figures.peak is not None]
    return Figures(
        rate=median(figures.rate for figures in rounds),
        p50=median(figures.p50 for figures in rounds),
        p95=median(figures.p95 for figures in rounds),
        p99=median(figures.p99 for figures in rounds),
        bytes=int(median(figures.bytes for figures in rounds)),
        failed=sum(figures.failed for figures in rounds),
        cpu=of([figures.cpu for figures in rounds]),
        peak=max(peaks) if peaks else None,
    )


def bare_p50(database: Database, read: Read, *, seconds: float) -> float:
    """Return the median time in milliseconds of the bare SQL of a read, on one connection, from here."""
    times: list[float] = []
    end = time.monotonic() + seconds
    database.close()
    while time.monotonic() < end or len(times) < FEWEST:
        request = read.requests[len(times) % len(read.requests)]
        began = time.perf_counter()
        for statement, parameters in request.bare:
            database.rows(statement, parameters)
        times.append((time.perf_counter() - began) * 1000)
    # The first ones fill caches and prepare statements.
    return percentile(times[len(times) // 5 :], 50)


def _round(portal: Portal, read: Read, connections: int, seconds: int) -> Figures:
    pids = portal.pids()
    before = portal.cpu_seconds()
    with tempfile.TemporaryDirectory() as folder, Watch(portal.roots) as watch:
        script = Path(folder) / "requests.lua"
        script.write_text(script_for(portal, read.requests), encoding="utf-8")
        command = [wrk(), "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "60s", "-s", str(script)]
        done = subprocess.run([*command, portal.base], capture_output=True, text=True, check=False)
    spent = portal.cpu_seconds() - before
    line = next((line for line in done.stdout.splitlines() if line.startswith("figures ")), None)
    if line is None:
        raise NotMeasured(f"wrk failed on {read.name}: {done.stdout.strip()} {done.stderr.strip()}")
    asked, took, received, failed, *latencies = map(float, line.split()[1:])
    if not asked:
        raise NotMeasured(f"{read.name}: no answer came within {seconds} s.")
    p50, p95, p99 = (microseconds / 1000 for microseconds in latencies)
    return Figures(
        rate=asked / (took / 1_000_000),
        p50=p50,
        p95=p95,
        p99=p99,
        bytes=int(received / asked),
        failed=int(failed),
        cpu=spent * 1000 / asked if pids else None,
        peak=watch.peak if pids else None,
    )


def script_for(portal: Portal, requests: Sequence[Request]) -> str:
    """Return wrk's script for requests that are asked in turn."""
    host = {"Host": urlsplit(portal.base).netloc}
    lines = ["local asked, requests = 0, {}", "function init(arguments)"]
    for request in requests:
        headers = host | portal.headers | ({"Content-Type": "application/json"} if request.body is not None else {})
        table = ", ".join(f"[{_lua(name)}] = {_lua(value)}" for name, value in headers.items())
        method, body = ("GET", "nil") if request.body is None else ("POST", _lua(json.dumps(request.body)))
        lines.append(f'  requests[#requests + 1] = wrk.format("{method}", {_lua(request.path)}, {{{table}}}, {body})')
    lines += ["end", "function request()", "  asked = asked + 1", "  return requests[(asked - 1) % #requests + 1]"]
    return "\n".join([*lines, "end", SUMMARY])


def _lua(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return f'"{escaped}"'
