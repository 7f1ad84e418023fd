"""Work on untrusted files in a process of its own: what crashes or hangs there harms no page and no other file."""

from __future__ import annotations

import multiprocessing
import resource
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar, cast

from lienthong.base.errors import Refused, all_codes
from lienthong.infra import telemetry
from lienthong.infra.apart_errors import FILE_NOT_DIGESTED
from lienthong.infra.orphans import end_with_parent

MEMORY = 1_500_000_000
"""Address space of the process; a file that wants more is refused."""

TASKS = 500
"""Works after which the process is replaced, so that leaks do not grow."""

T = TypeVar("T")


class Apart:
    """Runs functions of modules in one child process, one after another; pdfium and others allow no two threads.

    Safe for several threads. ``seconds``: until a work is given up and the process replaced.
    """

    def __init__(self, seconds: float = 20.0) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None

    def run(self, work: Callable[..., T], *values: Any) -> T:
        """The result of ``work``; both it and the values travel to the process. Refuses FILE_NOT_DIGESTED, also when
        the work fails over the file in a way that nobody foresaw, and what the work itself refuses."""
        with self._lock:
            try:
                started = self._begin(work, values)
                failure = started.exception(self._seconds)
            except TookTooLong as reason:
                self._replace()
                raise Refused(FILE_NOT_DIGESTED, why=f"{self._seconds:.0f} s") from reason
            except BrokenProcessPool as reason:
                self._replace()
                raise Refused(FILE_NOT_DIGESTED, why=type(reason).__name__) from reason
            if failure is None:
                result, refusal = started.result()
                if refusal is not None:
                    name, problems, params = refusal
                    raise Refused(all_codes()[name], problems, **params)
                return cast(T, result)
            if isinstance(failure, BrokenProcessPool | MemoryError):
                self._replace()
            else:
                telemetry.fault("apart.failed", failure)
            raise Refused(FILE_NOT_DIGESTED, why=type(failure).__name__) from failure

    def _begin(self, work: Callable[..., T], values: tuple[Any, ...]) -> Future[tuple[T | None, Any]]:
        """Hand a work to the process; one that died while it had nothing to do is replaced, and no file blamed."""
        self._pool = self._pool or _new_pool()
        try:
            return self._pool.submit(_done, work, values)
        except BrokenProcessPool:
            self._replace()
            self._pool = _new_pool()
            return self._pool.submit(_done, work, values)

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._replace()

    def _replace(self) -> None:
        pool, self._pool = self._pool, None
        if pool is None:
            return
        for child in list((pool._processes or {}).values()):
            child.kill()
        pool.shutdown(wait=False, cancel_futures=True)


def _done(work: Callable[..., T], values: tuple[Any, ...]) -> tuple[T | None, Any]:
    """The result, or a refusal in parts: an exception with a code of its own does not travel between processes."""
    try:
        return work(*values), None
    except Refused as refused:
        return None, (refused.code.name, refused.problems, refused.params)


def _new_pool() -> ProcessPoolExecutor:
    # Not forked: a fork of a threaded process may inherit a lock that nobody will release.
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(1, mp_context=context, initializer=_bound, max_tasks_per_child=TASKS)


def _bound() -> None:
    end_with_parent()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
