"""``lienthong sign-upkeep``: a calendar of signed documents, completing their levels, renewing their timestamps."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from lienthong.base.clock import SystemClock
from lienthong.base.errors import Refused
from lienthong.roles.cli_output import REFUSED, answer, console, language, say, verb, wrong_use
from lienthong.roles.cli_profile import JsonOption
from lienthong.roles.cli_upkeep_calendar import in_order, look_at, summary
from lienthong.roles.cli_upkeep_text import action_line, outcome_members
from lienthong.signing.documents import Level
from lienthong.signing.evidence import Evidence, read_evidence
from lienthong.signing.profiles import find_profile
from lienthong.signing.upkeep.errors import DOCUMENT_NOT_SIGNED
from lienthong.signing.upkeep.keeping import Keeper, Outcome, documents_in
from lienthong.signing.upkeep.margins import read_margins
from lienthong.signing.upkeep.patience import PatientAuthority
from lienthong.signing.upkeep.running import Runner
from lienthong.signing.upkeep.watching import Watched
from lienthong.signing.use_log import UseLog

T = TypeVar("T")
_HOME = Path("~/.lienthong/sign-upkeep")
PlacesArgument = Annotated[
    list[Path] | None,
    typer.Argument(help="Tệp PDF, thư mục; bỏ trống: danh sách đã theo dõi · PDFs, folders; else what is watched."),
]
HomeOption = Annotated[
    Path, typer.Option("--home", help="Thư mục nhật ký và danh sách theo dõi · Folder of the log and the list.")
]
MarginsOption = Annotated[
    Path | None, typer.Option("--margins", help="Thời hạn gia hạn của riêng cơ quan, TOML · Margins of your own.")
]
SignersOption = Annotated[Path, typer.Option(help="Thư mục hồ sơ người ký · Folder of profiles.")]
SignerOption = Annotated[
    str | None, typer.Option(help="Người ký có nguồn dấu thời gian cần dùng · Signer whose sources are used.")
]
TsaOption = Annotated[Path | None, typer.Option("--tsa", help="Tệp tsa.toml · Sources of evidence.")]
LevelOption = Annotated[Level, typer.Option(help="Mức cần đạt · Level to reach.")]


def register(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    for function in (calendar, complete, run, watch, log):
        app.command()(function)


@verb
def calendar(
    places: PlacesArgument = None,
    within: Annotated[
        int | None, typer.Option(min=0, help="Chỉ văn bản phải gia hạn trong số ngày này · Only those due within days.")
    ] = None,
    home: HomeOption = _HOME,
    margins: MarginsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Lịch gia hạn: mức của từng văn bản, hạn và lý do · When each document has to be renewed, and why."""
    now = SystemClock().now()
    files = list(documents_in(_places(places, home)))
    rows = in_order(list(_progress(look_at(files, margins, now), len(files), say("Đọc văn bản", "Reading"))))
    until = now + timedelta(days=within or 0)
    shown = [row for row in rows if within is None or (row.renew_by is not None and row.renew_by <= until)]
    members = {"documents": [row.members for row in shown], **summary(rows)}

    def lines() -> Iterator[str]:
        yield from (row.line for row in shown)
        yield _summary_line(members)

    answer(as_json, members, lines)


@verb
def complete(
    places: PlacesArgument = None,
    signers: SignersOption = Path("signers"),
    signer: SignerOption = None,
    tsa: TsaOption = None,
    level: LevelOption = Level.LTA,
    home: HomeOption = _HOME,
    margins: MarginsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Nâng mức các văn bản còn thấp; mã thoát 0 khi tất cả đã đạt · Raise what is below; exit 0 when all reached."""
    keeper = _keeper(_evidence(signers, signer, tsa), margins, home)
    files = list(documents_in(_places(places, home)))
    outcomes: list[Outcome] = []
    for file in _progress(files, len(files), say("Bổ sung", "Completing")):
        outcomes.append(keeper.complete(file, level))
        if not as_json:
            console_line(outcomes[-1], level)
    outcomes = [each for each in outcomes if not _is_beside(each, places or [])]
    reached = [each for each in outcomes if each.entry.standing is not None and not each.entry.standing.is_below(level)]
    members = {
        "wanted": level.value, "documents": [outcome_members(each) for each in outcomes], "reached": len(reached),
        "changed": sum(each.changed for each in outcomes), "total": len(outcomes),
    }  # fmt: skip
    vi = f"{members['reached']}/{members['total']} văn bản đạt {level.value}; {members['changed']} vừa được bổ sung."
    en = f"{members['reached']} of {members['total']} documents are {level.value}; {members['changed']} were changed."
    answer(as_json, members, lambda: iter([say(vi, en)]))
    if len(reached) < len(outcomes):
        raise typer.Exit(REFUSED)


@verb
def run(
    places: PlacesArgument = None,
    signers: SignersOption = Path("signers"),
    signer: SignerOption = None,
    tsa: TsaOption = None,
    level: LevelOption = Level.LTA,
    every: Annotated[int, typer.Option(min=1, max=7 * 24 * 60, help="Số phút giữa hai lượt · Minutes.")] = 60,
    once: Annotated[bool, typer.Option("--once", help="Chỉ một lượt, cho bộ hẹn giờ · One pass, for a timer.")] = False,
    home: HomeOption = _HOME,
    margins: MarginsOption = None,
) -> None:
    """Chạy liên tục: nâng mức, gia hạn khi đến hạn · Complete and renew again and again until stopped."""
    clock, stop = SystemClock(), threading.Event()
    evidence = _evidence(signers, signer, tsa)
    keeper = _keeper(evidence, margins, home)
    _places(places, home)  # so that nothing to watch is said at once
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    out = console()
    if not once:
        out.print(
            say(f"✓ Đang giữ chữ ký, mỗi {every} phút một lượt.", f"✓ Keeping signatures, every {every} minutes.")
        )

    def told(file: Path | None, what: Outcome | Refused) -> None:
        if isinstance(what, Outcome):
            out.print(action_line(what, level), markup=False)
        else:
            out.print("! " + what.sentence(language()), markup=False)

    runner = Runner(keeper, lambda: documents_in(_places(places, home)), level, clock, told)
    if once:
        if not runner.one_pass(stop):
            raise typer.Exit(REFUSED)
        return
    runner.run(every * 60.0, stop)
    out.print(say("✓ Đã dừng.", "✓ Stopped."))


@verb
def watch(
    places: PlacesArgument = None,
    remove: Annotated[bool, typer.Option("--remove", help="Thôi theo dõi · Watch no longer.")] = False,
    home: HomeOption = _HOME,
    as_json: JsonOption = False,
) -> None:
    """Theo dõi thư mục, tệp; không có tham số: xem danh sách · Watch folders and files, or see what is watched."""
    watched = Watched(home.expanduser())
    if not places:
        kept = watched.all()
    elif remove:
        kept = watched.remove(places)
    else:
        for each in places:
            if not each.exists():
                raise FileNotFoundError(2, say("không có tệp hay thư mục này", "there is no such file"), str(each))
        kept = watched.add(places)
    answer(as_json, {"watched": [str(each) for each in kept]}, lambda: iter([str(each) for each in kept] or ["–"]))


@verb
def log(home: HomeOption = _HOME, as_json: JsonOption = False) -> None:
    """Đọc và kiểm tra nhật ký · Read and check the log of what was done."""
    uses = _log(home)
    rows, (count, head) = list(uses.read()), uses.head()

    def lines() -> Iterator[str]:
        for row in rows:
            what = f"{row['from']} → {row['to']}" if "to" in row else ", ".join(row.get("codes", []))
            yield f"{row['seq']:>5}  {row['at']}  {row['event']:<24} {what}  {row['file']}"
        yield say(f"✓ {count} dòng, chuỗi nguyên vẹn: {head}", f"✓ {count} lines, chain intact: {head}")

    answer(as_json, {"count": count, "head": head, "actions": rows}, lines)


def _is_beside(outcome: Outcome, named: list[Path]) -> bool:
    """An unsigned file that merely lies in a folder has no level to reach; one that was named has."""
    refused = outcome.entry.refused
    return refused is not None and refused.code is DOCUMENT_NOT_SIGNED and outcome.entry.file not in named


def console_line(outcome: Outcome, wanted: Level) -> None:
    """Tell one document while the others wait."""
    console().print(action_line(outcome, wanted), markup=False)


def _places(places: list[Path] | None, home: Path) -> list[Path]:
    found = places or Watched(home.expanduser()).all()
    if not found:
        wrong_use(
            "Thiếu tệp hoặc thư mục, và chưa theo dõi gì; xem “lienthong sign-upkeep watch --help”.",
            "No file or folder is given and nothing is watched; see “lienthong sign-upkeep watch --help”.",
        )
    for each in places or []:
        if not each.exists():
            raise FileNotFoundError(2, say("không có tệp hay thư mục này", "there is no such file"), str(each))
    return found


def _evidence(signers: Path, signer: str | None, tsa: Path | None) -> Evidence:
    if (signer is None) == (tsa is None):
        wrong_use("Cần một trong hai: --signer hoặc --tsa.", "Give one of the two: --signer or --tsa.")
    file = tsa if signer is None else find_profile(signers, signer).tsa
    evidence = read_evidence(file, SystemClock())
    if evidence.authority is None:
        return evidence
    # Thousands of documents must not each wait for an authority that is away.
    return replace(evidence, authority=PatientAuthority(evidence.authority))


def _keeper(evidence: Evidence, margins: Path | None, home: Path) -> Keeper:
    return Keeper(evidence, read_margins(margins), SystemClock(), _log(home))


def _log(home: Path) -> UseLog:
    place = home.expanduser()
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    return UseLog(place / "actions.log", SystemClock())


def _progress(items: Iterable[T], total: int, title: str) -> Iterator[T]:
    """The items, with progress on a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console(), transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task(title, total=total)
        for item in items:
            yield item
            progress.advance(task)


def _summary_line(members: dict[str, Any]) -> str:
    levels = " · ".join(f"{level} {count}" for level, count in members["levels"].items() if count) or "–"
    vi = f"{members['total']} văn bản: {levels}; {members['due']} đến hạn, {members['skipped']} bỏ qua."
    en = f"{members['total']} documents: {levels}; {members['due']} due, {members['skipped']} skipped."
    return say(vi, en)
