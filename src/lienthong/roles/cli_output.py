"""How every verb of the command line speaks: language, JSON, exit codes and refusals in words people understand.

Exit codes: 0 done · 1 refused or not proven · 2 wrong use · 3 the axis cannot be reached · 130 interrupted.
"""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NoReturn, ParamSpec, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from lienthong.base.errors import Language, Refused, Retry
from lienthong.connector.errors import AXIS_UNREACHABLE, FILE_NOT_USABLE, AxisRefused
from lienthong.infra.config import preferred_language

P = ParamSpec("P")
R = TypeVar("R")

REFUSED, USAGE, UNREACHABLE, INTERRUPTED = 1, 2, 3, 130

_TRY_AGAIN = {
    Retry.PERMANENT: ("", ""),
    Retry.TRANSIENT: ("Có thể thử lại sau ít phút.", "It may be tried again in a few minutes."),
    Retry.INDETERMINATE: (
        "Chưa rõ kết quả; cứ thực hiện lại, văn bản không bị nhân đôi.",
        "The outcome is unknown; just repeat, nothing is doubled.",
    ),
}


def language() -> Language:
    """Vietnamese unless the user's environment asks for English."""
    return preferred_language()


def say(vi: str, en: str) -> str:
    """One sentence in the user's language."""
    return vi if language() == "vi" else en


def console() -> Console:
    """Where people read progress and refusals: standard error, so that standard output stays clean for data."""
    return Console(stderr=True, highlight=False, soft_wrap=True)


def told(vi: str, en: str) -> None:
    """Print what preparing a database does to the machine, and what it waits for."""
    console().print(say(vi, en), markup=False)


def answer(as_json: bool, data: Mapping[str, Any], lines: Callable[[], Iterator[str]]) -> None:
    """Print the result of a verb: one JSON object, or lines for people."""
    if as_json:
        sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=2) + "\n")
        return
    out = Console(highlight=False, soft_wrap=True)
    for line in lines():
        out.print(line, markup=False)


def verb(function: Callable[P, R]) -> Callable[P, R]:
    """Turns refusals of a verb into sentences and exit codes."""

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        as_json = bool(kwargs.get("as_json"))
        try:
            return function(*args, **kwargs)
        except AxisRefused as refused:
            explain_axis(refused, as_json)
        except Refused as refused:
            explain(refused, as_json)
        except OSError as error:
            file, why = error.filename or "?", error.strerror or type(error).__name__
            explain(Refused(FILE_NOT_USABLE, file=file, why=why), as_json)
        except KeyboardInterrupt:
            raise typer.Exit(INTERRUPTED) from None

    return run


def explain(refused: Refused, as_json: bool) -> NoReturn:
    """Print our own refusal and leave."""
    lang = language()
    problems = [{"code": p.code, "vi": p.vi, "en": p.en, "severity": p.severity.value} for p in refused.problems]
    if as_json:
        members = {
            "code": refused.code.name,
            "title_vi": refused.sentence("vi"),
            "title_en": refused.sentence("en"),
            "advice_vi": refused.advice("vi"),
            "advice_en": refused.advice("en"),
            "retry": refused.code.retry.value,
            "problems": problems,
        }
        sys.stdout.write(json.dumps({"error": members}, ensure_ascii=False, indent=2) + "\n")
    else:
        _print(refused.sentence(lang), refused.advice(lang), refused.code.retry, refused.code.name, problems)
    raise typer.Exit(UNREACHABLE if refused.code is AXIS_UNREACHABLE else REFUSED)


def explain_axis(refused: AxisRefused, as_json: bool) -> NoReturn:
    """Print a refusal of the axis in its own words and leave."""
    lang = language()
    if as_json:
        sys.stdout.write(json.dumps({"error": dict(refused.members)}, ensure_ascii=False, indent=2) + "\n")
    else:
        _print(refused.sentence(lang), refused.advice(lang), refused.retry, refused.code, refused.problems)
    raise typer.Exit(REFUSED)


def wrong_use(vi: str, en: str) -> NoReturn:
    """The command line itself is wrong: say why and leave with the code for usage."""
    console().print(say(vi, en), style="red", markup=False)
    raise typer.Exit(USAGE)


def _print(sentence: str, advice: str, retry: Retry, code: str, problems: list[Any] | list[Mapping[str, Any]]) -> None:
    out = console()
    lang = language()
    out.print("✗ " + sentence, style="red", markup=False)
    for problem in problems[:20]:
        out.print(f"  · {problem.get(lang) or problem.get('en')}  [{problem.get('code')}]", markup=False)
    if len(problems) > 20:
        out.print(say(f"  … và {len(problems) - 20} lỗi nữa", f"  … and {len(problems) - 20} more"), markup=False)
    again = _TRY_AGAIN[retry][0 if lang == "vi" else 1]
    out.print("→ " + " ".join(text for text in (advice, again) if text), markup=False)
    out.print(f"  ({code})", style="dim", markup=False)


@contextmanager
def transfer(title: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar for bytes; shown only on a terminal."""
    title_column = TextColumn("{task.description}")
    figures = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(
        title_column, *figures, console=console(), transient=True, disable=not sys.stderr.isatty()
    ) as progress:
        task = progress.add_task(title, total=None)

        def told(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        yield told


@contextmanager
def working(title: str) -> Iterator[None]:
    """Says that something longer is going on; shown only on a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    with console().status(title):
        yield
