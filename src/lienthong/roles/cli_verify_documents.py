"""Signed documents on the command line: one or thousands, over all cores, told in words, as JSON or as a page."""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from lienthong import __version__
from lienthong.base.clock import SystemClock, from_text
from lienthong.base.errors import Refused
from lienthong.connector.errors import FILE_NOT_USABLE
from lienthong.infra.trust_stores import load_stores
from lienthong.roles.cli_output import console, language, say, wrong_use
from lienthong.roles.cli_verify_html import render_page
from lienthong.roles.cli_verify_text import render_document
from lienthong.trust.validation.judge import Context
from lienthong.trust.validation.machine import machine_report
from lienthong.trust.validation.policy import DOCUMENT_POLICY
from lienthong.trust.verdict import Verdict
from lienthong.verifier.documents import Kind, kind_of, validate_document

_MANY = 16
"""From so many files on, one line each and several processes: below, starting them costs more than it saves."""
_BATCH = 8
SOFTWARE = f"lienthong {__version__}"


@dataclass(frozen=True, slots=True)
class Given:
    """What the user gave to verify with; small, so that it can be handed to other processes."""

    folders: tuple[Path, ...]
    at: datetime
    content: Path | None = None
    require_revocation: bool = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdict on one file: for programs and, as text, for people."""

    file: str
    verdict: str
    members: dict[str, Any]
    text: str


def instant_of(text: str | None) -> datetime:
    """The time of verification; wrong use when it cannot be read."""
    if text is None:
        return SystemClock().now()
    try:
        return from_text(text)
    except ValueError:
        wrong_use(
            f"--at «{text}» không phải thời điểm có múi giờ, ví dụ 2026-07-12T09:00:00+07:00.",
            f"--at “{text}” is not an instant with its zone, such as 2026-07-12T09:00:00+07:00.",
        )


def require_file(path: Path) -> None:
    """Refuses FILE_NOT_USABLE unless there is a file."""
    if not path.is_file():
        why = "đây là thư mục (a directory)" if path.is_dir() else "không có tệp này (no such file)"
        raise Refused(FILE_NOT_USABLE, file=path, why=why)


def kind_of_file(path: Path) -> Kind:
    """The kind of a file, by its bytes."""
    with path.open("rb") as opened:
        return kind_of(opened)


@lru_cache(maxsize=4)
def context_of(given: Given) -> Context:
    """The stores read from disk once per process."""
    # What the PDF library has to say about bad files is said in the report.
    logging.getLogger("pyhanko").setLevel(logging.CRITICAL + 1)
    policy = replace(DOCUMENT_POLICY, require_revocation=given.require_revocation)
    return Context(load_stores(list(given.folders)), given.at.astimezone(UTC), policy)


def verify_document(path: Path, given: Given) -> Outcome:
    """The outcome of one document."""
    context = context_of(given)
    with path.open("rb") as opened:
        kind = kind_of(opened)
        if given.content is None:
            report = validate_document(opened, kind, context)
        else:
            require_file(given.content)
            with given.content.open("rb") as content:
                report = validate_document(opened, kind, context, content)
    members = machine_report(report, context, SOFTWARE)
    return Outcome(str(path), report.verdict.name, members, render_document(members, language()))


def _batch(paths: list[Path], given: Given) -> list[Outcome]:
    return [verify_document(path, given) for path in paths]


def verify_many(paths: list[Path], given: Given) -> Iterator[Outcome]:
    """The outcomes in order. Many files go to as many processes as there are cores, with progress on a terminal."""
    if len(paths) < _MANY:
        yield from (verify_document(path, given) for path in paths)
        return
    workers = max(1, min(os.cpu_count() or 1, 8))
    spawn = multiprocessing.get_context("spawn")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with (
        ProcessPoolExecutor(workers, mp_context=spawn) as pool,
        Progress(*columns, console=console(), transient=True, disable=not sys.stderr.isatty()) as progress,
    ):
        task = progress.add_task(say("Kiểm tra", "Verifying"), total=len(paths))
        for outcome in _in_order(pool, paths, given, workers):
            progress.advance(task)
            yield outcome


def _in_order(pool: ProcessPoolExecutor, paths: list[Path], given: Given, workers: int) -> Iterator[Outcome]:
    """A few batches ahead and no more, so that memory does not grow with the number of files."""
    batches = (paths[at : at + _BATCH] for at in range(0, len(paths), _BATCH))
    waiting = [pool.submit(_batch, batch, given) for batch in islice(batches, workers * 3)]
    while waiting:
        yield from waiting.pop(0).result()
        waiting += [pool.submit(_batch, batch, given) for batch in islice(batches, 1)]


def show(outcomes: Iterable[Outcome], count: int, as_json: bool, html: Path | None) -> bool:
    """Print outcomes as they come, and whether all have PASSED. ``count``: how many there will be."""
    good, kept = True, []
    out = Console(highlight=False, soft_wrap=True)
    for rank, outcome in enumerate(outcomes):
        good = good and outcome.verdict == Verdict.PASSED.name
        if html is not None:
            kept.append({"file": outcome.file, **outcome.members})
        if as_json:
            _write_json(outcome, rank, count)
        elif count >= _MANY:
            out.print(
                f"{outcome.verdict:14} {outcome.members.get('subIndication') or '':34} {outcome.file}", markup=False
            )
        else:
            out.print(outcome.file, markup=False)
            out.print(outcome.text, markup=False)
    if html is not None:
        html.write_text(render_page(kept, language()), encoding="utf-8")
    return good


def _write_json(outcome: Outcome, rank: int, count: int) -> None:
    """One member of ``{"files": [...]}``, written at once: thousands of reports are never held together."""
    body = json.dumps({"file": outcome.file, **outcome.members}, ensure_ascii=False, indent=2)
    sys.stdout.write(('{"files": [\n' if rank == 0 else ",\n") + body + ("\n]}\n" if rank == count - 1 else ""))
