"""Filling an office with invented documents: several processes, each writing whole agencies.

Small amounts get a page of their own for each document; beyond :data:`OWN_PAGES` documents share a pool of pages.
"""

from __future__ import annotations

import multiprocessing
import pickle
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.utils.module_loading import import_string

from lienthong.infra.database import connect, database_errors
from lienthong.infra.office_config import OfficeConfig
from lienthong.infra.orphans import end_with_parent
from lienthong.roles.office import set_up

NAME = "lienthong office seed"
WORK = "lienthong.roles.office_seed_work"
"""Has to do with tables, and can be imported only once Django is set up."""

OWN_PAGES = 5000
BEAT_SECONDS = 0.3


def seed(
    config: OfficeConfig, dsn: str, tell: Callable[[int, int], None] = lambda made, of: None, *, documents: int,
    agencies: int | None = None, seed: int = 1, until: date | None = None, axis: bool = True, processes: int = 2,
) -> dict[str, int]:  # fmt: skip
    """Write so many documents; how many agencies, documents and rows this run wrote.

    ``agencies``: how many invented ones; None: those that are there, or four invented ones. ``axis``: False: no
    document came over the axis, so that what people do with it tells no sender. ``tell``: documents made, and how many
    there will be, called several times a second. Each agency is one transaction: a run that ends early leaves whole
    agencies, and the same call does the rest. Django must be set up for this configuration. Refuses DATABASE_….
    """
    # The last day is one whose working hours are over: nothing invented lies in the future.
    until = until or (datetime.now(UTC) - timedelta(hours=10)).date()
    ready = import_string(f"{WORK}.prepared")(dsn, documents, agencies, seed, until, axis=axis)
    pool_of_pages = import_string(f"{WORK}.pool_of_pages")
    pages = pool_of_pages(config.data_dir / "blobs", seed, until) if documents > OWN_PAGES else None
    rows = _share_out(config, dsn, ready, pages, min(processes, max(1, len(ready))), tell)
    with connect(dsn, NAME, statement_seconds=0) as connection, database_errors():
        # Without figures about the new rows the database would choose slow ways until it looks by itself.
        connection.execute("vacuum (analyze)")
    return {"agencies": len(ready), "documents": sum(each.documents for each in ready), "rows": rows}


def _share_out(
    config: OfficeConfig, dsn: str, ready: Sequence[Any], pages: Sequence[Any] | None, processes: int,
    tell: Callable[[int, int], None],
) -> int:  # fmt: skip
    context = multiprocessing.get_context("spawn")
    made, whole, written = context.Value("q", 0), sum(each.documents for each in ready), 0
    # The largest first, so that the processes end at about the same time.
    queue = sorted(ready, key=lambda each: -each.documents)
    with ProcessPoolExecutor(processes, context, _begin, (config, dsn, pickle.dumps(pages), made)) as pool:
        waiting = {pool.submit(_one, each) for each in queue}
        try:
            while waiting:
                done, waiting = wait(waiting, BEAT_SECONDS, FIRST_COMPLETED)
                written += sum(each.result() for each in done)
                tell(made.value, whole)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return written


_write: list[Callable[[Any], int]] = []
"""In a writing process: what writes an agency."""


def _begin(config: OfficeConfig, dsn: str, pages: bytes, made: Any) -> None:
    end_with_parent()
    set_up(config, dsn)
    # The pages come as bytes, since their class belongs to what may be imported only now.
    write = import_string(f"{WORK}.writing")(dsn, config.data_dir / "blobs", pickle.loads(pages))  # noqa: S301 - our own

    def tick(documents: int) -> None:
        with made.get_lock():
            made.value += documents

    _write.append(lambda order: int(write(order, tick)))


def _one(order: Any) -> int:
    return _write[0](order)
