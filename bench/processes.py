"""What processes cost, as Linux's ``/proc`` tells: CPU time, and memory resident (RSS) and proportional (PSS)."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")
MIB = 1024.0
SAMPLE_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Memory:
    """Memory of one process, in MiB. ``pss`` shares out what several processes have in common; None: not readable."""

    pid: int
    rss: float
    pss: float | None
    command: str


def tree(root: int) -> list[int]:
    """Return ``root`` and everything that it started and that still runs."""
    children: dict[int, list[int]] = {}
    for entry in PROC.iterdir():
        if entry.name.isdecimal() and (fields := _stat(int(entry.name))):
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found = [root]
    for pid in found:
        found += children.get(pid, [])
    return found


def trees(roots: Iterable[int]) -> list[int]:
    """Return every process of several trees."""
    return [pid for root in roots for pid in tree(root)]


def parent_of(pid: int) -> int:
    """Return the process that started this one; 0 if that can't be seen."""
    fields = _stat(pid)
    return int(fields[1]) if fields else 0


def cpu_seconds(pids: Iterable[int]) -> float:
    """Return the CPU time that these processes, and their children that have ended, took so far."""
    return sum(sum(map(int, fields[11:15])) for pid in pids if (fields := _stat(pid))) / TICKS


def others_cpu_seconds() -> float:
    """Return the CPU time that everything on the machine took so far but this process and what it started."""
    user, nice, system, _, _, interrupts, soft_interrupts, *_ = (PROC / "stat").read_text().split()[1:]
    busy = sum(map(int, (user, nice, system, interrupts, soft_interrupts))) / TICKS
    return busy - cpu_seconds(tree(os.getpid()))


def memory(pids: Iterable[int]) -> list[Memory]:
    """Return the memory of each of these processes that still runs."""
    found = []
    for pid in pids:
        rss = rss_of(pid)
        if rss:
            found.append(Memory(pid, rss, _pss(pid), _command(pid)))
    return found


def rss_of(pid: int) -> float:
    """Return the resident memory of a process in MiB; 0 if it has ended."""
    return _field(PROC / str(pid) / "status", "VmRSS:") or 0.0


class Watch:
    """Watch the memory of process trees while a block runs; ``peak`` is the most that they had together, in MiB."""

    def __init__(self, roots: Callable[[], Iterable[int]]) -> None:
        self.peak = 0.0
        self._roots = roots
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._done.set()
        self._thread.join()

    def _sample(self) -> None:
        while True:
            self.peak = max(self.peak, sum(map(rss_of, trees(self._roots()))))
            if self._done.wait(SAMPLE_SECONDS):
                return


def _stat(pid: int) -> list[str]:
    """Return what ``/proc/<pid>/stat`` says after the command, the state first; nothing if there is no such process."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _pss(pid: int) -> float | None:
    return _field(PROC / str(pid) / "smaps_rollup", "Pss:")


def _field(path: Path, name: str) -> float | None:
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) / MIB for line in lines if line.startswith(name)), None)


def _command(pid: int) -> str:
    """Return how a process was started, without where this machine keeps its programs."""
    try:
        words = (PROC / str(pid) / "cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return ""
    return " ".join(word.rpartition("/")[2] for word in words[:4]).strip()
