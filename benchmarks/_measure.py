"""What a command costs: CPU of its processes and of a PostgreSQL server, and peak memory."""

import os
import resource
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

LOOK_SECONDS = 0.1
SETTLE_SECONDS = 1.0
"""Backends of closed connections end a moment later and are counted with their parent."""


@dataclass(frozen=True, slots=True)
class Cost:
    """``client`` and ``source`` in CPU seconds; ``peak_mb`` is the client's share (PSS)."""

    client: float
    source: float
    wall: float
    peak_mb: float
    printed: str

    @property
    def total(self) -> float:
        return self.client + self.source

    def __str__(self) -> str:
        return (
            f"client {self.client:6.2f} s, source {self.source:6.2f} s, "
            f"wall {self.wall:6.1f} s, peak {self.peak_mb:5.0f} MB"
        )


def cost_of(
    command: Sequence[str],
    *,
    server: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Cost:
    """Run a command to its end; RuntimeError with its last words when it fails.

    ``server`` is the data directory of the PostgreSQL whose work is counted too.
    """
    before = _server_seconds(server)
    mine = _children_seconds()
    began = time.monotonic()
    # Files, not pipes: a pipe that nobody empties would stop the command.
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        given = {**os.environ, **(environment or {})}
        with subprocess.Popen(command, env=given, stdout=output, stderr=errors) as process:
            peak = _watch(process)
        output.seek(0)
        errors.seek(0)
        printed, said = output.read(), errors.read()
    wall = time.monotonic() - began
    if process.returncode != 0:
        raise RuntimeError(f"{command[0]} failed: {said[-2000:]}")
    client = _children_seconds() - mine
    time.sleep(SETTLE_SECONDS)
    return Cost(client, _server_seconds(server) - before, wall, peak, printed)


def _watch(process: "subprocess.Popen[bytes]") -> float:
    """The largest memory of the process and its descendants until it ends, in MB."""
    peak = 0.0
    root = psutil.Process(process.pid)
    while True:
        try:
            family = [root, *root.children(recursive=True)]
        except psutil.NoSuchProcess:
            return peak
        peak = max(peak, sum(_pss(each) for each in family))
        try:
            process.wait(LOOK_SECONDS)
        except subprocess.TimeoutExpired:
            continue
        return peak


def _pss(process: psutil.Process) -> float:
    try:
        return float(process.memory_full_info().pss) / 1e6
    except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
        return 0.0


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _server_seconds(data: Path | None) -> float:
    """CPU of a postmaster, of its children, and of those that have ended."""
    if data is None:
        return 0.0
    postmaster = psutil.Process(int((data / "postmaster.pid").read_text().split()[0]))
    times = postmaster.cpu_times()
    total = times.user + times.system + times.children_user + times.children_system
    for child in postmaster.children():
        try:
            own = child.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += own.user + own.system
    return float(total)
