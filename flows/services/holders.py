"""Whoever has a lease, named so that others see when it is gone: a process of this machine, until that starts again.

A lease runs out by itself, wherever its holder was. Where the system tells (Linux), nobody has to wait for that: a name
says which process it is of, and one that was killed is there no more.
"""

import os
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from threading import Lock

_PROC = Path("/proc")
_LENGTH = 36  # of the column: place 8, process 7, its start 9, at random 12
_WHOLE = "0" * 12  # in place of what is at random
_lock = Lock()
_at_work: set[str] = set()  # of this process


def new_holder() -> str:
    """A name for one lease that this process takes; `rest` it when the lease is over."""
    process = this_process()
    if not process:
        return token_hex(16)
    holder = process[: -len(_WHOLE)] + token_hex(len(_WHOLE) // 2)
    with _lock:
        _at_work.add(holder)
    return holder


def this_process() -> str:
    """A name for leases that last as long as this process, if need be; empty where the system does not tell."""
    started = _started(os.getpid())
    return f"{_place()}{os.getpid():07x}{started:09x}{_WHOLE}" if _place() and started else ""


def rest(holder: str) -> None:
    """Nobody works under this name any more. If its lease is still there, writing that it is over did not succeed."""
    with _lock:
        _at_work.discard(holder)


def is_gone(holder: str) -> bool:
    """Whether nobody works under this name: True only where that is certain, which it is on the same machine."""
    if len(holder) != _LENGTH or not holder.startswith(_place() or "-"):
        return False
    try:
        process, started = int(holder[8:15], 16), int(holder[15:24], 16)
    except ValueError:
        return False
    if process == os.getpid() and started == _started(process):
        with _lock:
            return holder not in _at_work and not holder.endswith(_WHOLE)
    return _started(process) != started


@cache
def _place() -> str:
    """Where the numbers of processes mean what they mean here: this start of the system, in this container."""
    with suppress(OSError):
        boot = (_PROC / "sys/kernel/random/boot_id").read_text()
        return sha256(f"{boot}{(_PROC / 'self/ns/pid').readlink()}".encode()).hexdigest()[:8]
    return ""


def _started(process: int) -> int:
    """When a process started, in ticks since the system did; 0 where there is none, or none that is not dead already.

    https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: the fields behind the name, which may hold anything.
    """
    with suppress(OSError, ValueError, IndexError):
        state, *fields = (_PROC / str(process) / "stat").read_text().rpartition(")")[2].split()
        return 0 if state in "ZX" else int(fields[18])
    return 0
