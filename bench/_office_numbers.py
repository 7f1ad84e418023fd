"""Registrars in one register at once, in as many processes as an office runs; imported before Django is set up."""

from __future__ import annotations

import importlib
import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

from lienthong.infra.config import load
from lienthong.infra.office_config import OfficeConfig
from lienthong.roles.office import set_up

PROCESSES = 2
"""As many as an office has on two cores."""

_start: Barrier


def at_once(file: Path, agency: int, account: int, people: Any, registrars: int, each: int) -> dict[str, Any]:
    """So many registrars register at the same moment in one register: numbers a second, gaps and doubles.

    ``file``: configuration of the office, with its database; ``people``: the module, imported in this process already.
    """
    waiting = people.arrivals(agency, registrars * each)
    shares = [waiting[n::registrars] for n in range(registrars)]
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(PROCESSES + 1)
    with ProcessPoolExecutor(PROCESSES, mp_context=context, initializer=_ready, initargs=(file, start)) as pool:
        jobs = [pool.submit(_register, agency, account, shares[n::PROCESSES]) for n in range(PROCESSES)]
        start.wait(120)
        begun = time.perf_counter()
        late = sum(each.result() for each in jobs)
        seconds = time.perf_counter() - begun
    return {"per_s": round((len(waiting) - late) / seconds, 1), "timed_out": late, **people.balance(agency, waiting)}


def _ready(file: Path, start: Barrier) -> None:
    global _start  # noqa: PLW0603 - a process of the pool is told once what all its work shares
    _start = start
    config = load(file, OfficeConfig)
    set_up(config, config.dsn)


def _register(agency: int, account: int, shares: list[list[int]]) -> int:
    people = importlib.import_module("bench._office_people")
    return int(people.register_all(agency, account, shares, lambda: _start.wait(120)))
