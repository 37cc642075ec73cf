"""Work beside the request: in a process of its own where a server asks for one, else in threads of this process.

Probes are as much work as some dozen pages. In threads they would take turns with the pages of everybody, one
instruction at a time; in a process they have a processor of their own, if there is one, and leave it to pages, if not.
This module is imported by that process before Django is set up, so that it imports nothing of it.
"""

import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial

log = logging.getLogger("lab.training")

_THREADS = 2
_NICE = 5  # by how much the process steps back behind those that somebody waits for
Work = Callable[[int], bool | None]  # a function of a module, of a row's number: whether it is to be done once more
Failed = Callable[[int], None]

_lock = threading.Lock()
_executor: Executor | None = None
_in_a_process = False
_is_the_process = False  # whether this is the one
_under_way = 0


def in_a_process() -> None:
    """Have the work done by a process of its own from now on. It is started when it is first needed.

    For servers: a test's database is none that another process would find.
    """
    global _in_a_process
    _in_a_process = True


def get_ready() -> None:
    """Something will have to be done soon: start the process, which takes a second or two."""
    if _in_a_process:
        _submit(_nothing, 0, _nothing)


def done_within(seconds: float, work: Work, pk: int, *, failed: Failed) -> bool:
    """Have it done, and wait for it a moment where nothing is to be done before it; returns whether it is over.

    Work that is to be done once more waits for its turn again, behind what others have asked for meanwhile.

    Args:
        failed: called with `pk` where nobody knows how far it came, as the process that did it is gone.
    """
    future, first = _submit(work, pk, failed)
    if not first:
        return False
    try:
        return not future.result(timeout=seconds)
    except TimeoutError:
        return False
    except BrokenProcessPool:
        return True


def done_with_database() -> None:
    """What work does last: in the process the next piece has the same connection, a thread's is closed."""
    from django.db import close_old_connections, connections

    if _is_the_process:
        close_old_connections()
    else:
        connections.close_all()


def _submit(work: Work, pk: int, failed: Failed) -> tuple["Future[bool | None]", bool]:
    """The work's future, and whether it begins at once."""
    global _executor, _under_way
    with _lock:
        if _executor is None:
            _executor = _process() if _in_a_process else ThreadPoolExecutor(_THREADS, "beside")
        try:
            future = _executor.submit(work, pk)
        except BrokenProcessPool:
            _executor = _process()
            future = _executor.submit(work, pk)
        _under_way += 1
        first = _under_way == 1
    future.add_done_callback(partial(_ended, work, pk, failed))
    return future, first


def _ended(work: Work, pk: int, failed: Failed, future: "Future[bool | None]") -> None:
    global _under_way
    problem = future.exception()
    try:
        if problem is None and future.result():
            _submit(work, pk, failed)
    except RuntimeError as ending:  # of this process: nothing is begun any more
        problem = ending
    finally:
        with _lock:
            _under_way -= 1
    if problem is not None:
        log.error("Work on row %s was not done: %s", pk, type(problem).__name__)
        failed(pk)


def _process() -> ProcessPoolExecutor:
    # Not forked: threads of this process hold locks, and connections to the database are not shared.
    return ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), _begin)


def _begin() -> None:
    """What the process does first. It ends with the one that started it, however that one ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one that waits for it
    if hasattr(os, "nice"):
        os.nice(_NICE)
    parent = multiprocessing.parent_process()
    assert parent is not None

    def follow() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=follow, name="parent", daemon=True).start()
    import django  # here, as this module is imported before there is anything to set up

    django.setup()
    global _is_the_process
    _is_the_process = True
    _warm_up()


def _warm_up() -> None:
    """What the first piece of work would have to wait for: addresses of pages, clients of the sandbox."""
    from django.conf import settings
    from django.urls import get_resolver

    from flows.exchange.clients import anonymous_client

    _ = get_resolver().url_patterns
    if settings.APP_MODE == "sandbox":
        for service in ("cognito-identity", "sts"):
            anonymous_client(service, settings.AWS_REGION, "")


def _nothing(pk: int) -> None:
    """Have the process started."""
