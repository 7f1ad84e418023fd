"""Two people, or one person twice, who do the same act at once on connections of their own."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TypeVar

from django.db import connections

from lienthong.base.errors import Refused
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.site.duties import Duty
from office_world import OfficeAgency, working_as

Answer = TypeVar("Answer")

WITHIN = 0.7
"""Seconds for which the first one keeps its transaction open after its act, while the second one acts."""


def at_once(
    made: OfficeAgency, duty: Duty, first: Callable[[Visit], Answer], second: Callable[[Visit], Answer]
) -> list[Answer | str]:
    """What both answer, or the names of their refusals: the second act begins before the first one is committed."""
    acted = Event()

    def before() -> Answer | str:
        with working_as(made, duty) as visit:
            answer = _said(first, visit)
            acted.set()
            time.sleep(WITHIN)
            return answer

    def after() -> Answer | str:
        assert acted.wait(30)
        with working_as(made, duty) as visit:
            return _said(second, visit)

    with ThreadPoolExecutor(2) as pool:
        return [each.result() for each in [pool.submit(_closing, before), pool.submit(_closing, after)]]


def _said(act: Callable[[Visit], Answer], visit: Visit) -> Answer | str:
    try:
        return act(visit)
    except Refused as refused:
        return refused.code.name


def _closing(run: Callable[[], Answer]) -> Answer:
    try:
        return run()
    finally:
        connections.close_all()
