"""What Linux tells of running processes, read from /proc: nothing cuts a long command short there, as `ps` does."""

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def children(pid: int) -> list[int]:
    """The processes that a process has started and that run."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def family(pid: int) -> list[int]:
    """A process, its children and theirs."""
    return [pid, *(one for child in children(pid) for one in family(child))]


def processor_seconds(pid: int, *, ended: bool = False) -> float:
    """What a process has used of the processors so far; with `ended`, its children that have ended as well."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(field) for field in fields[11 : 15 if ended else 13]) / _TICKS
