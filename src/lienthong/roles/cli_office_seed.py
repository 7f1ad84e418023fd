"""``lienthong office seed``: fill an office with invented documents, for demonstrations, training and measurements."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from django.utils.module_loading import import_string
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from lienthong.infra.config import load, locate
from lienthong.infra.office_config import OfficeConfig
from lienthong.roles.cli_output import answer, console, say, told, verb
from lienthong.roles.office import opened

ConfigOption = Annotated[Path | None, typer.Option("--config", help="Tệp cấu hình office.toml · Configuration file.")]
MOST = 10_000_000
Tell = Callable[[int, int], None]
Fill = Callable[..., Mapping[str, int]]


def register(app: typer.Typer) -> None:
    """Add the verb to the group of the office."""
    app.command("seed")(seed)


@verb
def seed(
    config: ConfigOption = None,
    documents: Annotated[int, typer.Option(min=1, max=MOST, help="Số văn bản · How many documents.")] = 2000,
    agencies: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=5000,
            help="Số cơ quan giả định; bỏ trống: những cơ quan đang có · Invented agencies; absent: those there.",
        ),
    ] = None,
    number: Annotated[
        int, typer.Option("--seed", help="Cùng một số cho cùng dữ liệu · The same number gives the same data.")
    ] = 1,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Ngày cuối; bỏ trống: hôm nay · Last day.")
    ] = None,
    axis: Annotated[
        bool, typer.Option("--axis/--no-axis", help="Văn bản qua trục hay giấy, thư · By the axis, or paper and mail.")
    ] = True,
    processes: Annotated[int, typer.Option(min=1, max=16, help="Số tiến trình ghi · Writing processes.")] = 2,
    as_json: Annotated[bool, typer.Option("--json", help="In JSON · Print JSON.")] = False,
) -> None:
    """Ghi hai năm văn bản giả định; chạy lại thì làm tiếp · Two years of invented documents; repeating goes on."""
    file = locate(OfficeConfig, config)
    settings = load(file, OfficeConfig)
    with opened(settings, told) as dsn:
        # Tables can be imported only once Django is set up for a configuration.
        fill: Fill = import_string("lienthong.roles.office_seed.seed")
        wish = {"documents": documents, "agencies": agencies, "seed": number, "axis": axis, "processes": processes,
                "until": until.date() if until is not None else None}  # fmt: skip
        done = _with_progress(lambda tell: fill(settings, dsn, tell, **wish))

    def lines() -> Iterator[str]:
        yield say(
            f"✓ Đã ghi {done['documents']} văn bản của {done['agencies']} cơ quan trong {done['seconds']:.0f} giây.",
            f"✓ {done['documents']} documents of {done['agencies']} agencies written in {done['seconds']:.0f} seconds.",
        )

    answer(as_json, done, lines)


def _with_progress(work: Callable[[Tell], Mapping[str, int]]) -> dict[str, float]:
    """Do the work below a bar with its rate and the time that is left; what was done, and in how many seconds."""
    begun = time.monotonic()
    figures = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}/s"), TimeRemainingColumn())
    with Progress(
        TextColumn("{task.description}"), *figures, console=console(), transient=True, disable=not sys.stderr.isatty()
    ) as progress:
        bar = progress.add_task(say("Văn bản giả định", "Invented documents"), total=None, rate=0)

        def told(made: int, whole: int) -> None:
            rate = made / max(time.monotonic() - begun, 0.001)
            progress.update(bar, completed=made, total=whole, rate=round(rate))

        done = work(told)
    seconds = time.monotonic() - begun
    return {**done, "seconds": round(seconds, 1), "documents_per_second": round(done["documents"] / seconds, 1)}
