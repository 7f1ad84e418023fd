"""What the book of certificates shows: the list, one file with its history, and what calls for attention."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from lienthong.base.clock import VIETNAM, SystemClock, to_text
from lienthong.roles.cli_output import answer, say, verb
from lienthong.roles.cli_profile import JsonOption
from lienthong.roles.moments import local
from lienthong.signing.holdings.book import CertificateBook
from lienthong.signing.holdings.events import Event
from lienthong.signing.holdings.life import possible
from lienthong.signing.holdings.model import CAUSE_WORDS, REQUEST_WORDS, STATE_WORDS, Holding, State
from lienthong.signing.holdings.notices import notices, urgency
from lienthong.vocabulary.working_calendar import vietnam

FolderArgument = Annotated[Path, typer.Argument(help="Thư mục sổ chứng thư số · Folder of the book.")]


@verb
def show_all(
    folder: FolderArgument,
    state: Annotated[State | None, typer.Option(help="Chỉ trạng thái này · Only this state.")] = None,
    expiring: Annotated[int | None, typer.Option(min=0, help="Hết hạn trong số ngày này · Ends within days.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Danh sách chứng thư số · The certificates of the book."""
    now = SystemClock().now()
    found = [
        each for each in CertificateBook(folder, SystemClock()).all().values()
        if state in {None, each.state_at(now)} and (expiring is None or _ends_within(each, expiring))
    ]  # fmt: skip

    def rows() -> Iterator[str]:
        for each in found:
            yield _row(each)
        yield say(f"{len(found)} chứng thư số", f"{len(found)} certificates")

    answer(as_json, {"certificates": [members(each) for each in found]}, rows)


@verb
def show(
    folder: FolderArgument,
    which: Annotated[str, typer.Argument(help="Số trong sổ, số sê-ri hoặc tên · Number, serial or name.")],
    as_json: JsonOption = False,
) -> None:
    """Một chứng thư số: trạng thái, các bước đã qua, bước làm được · One certificate, its history, what is possible."""
    book = CertificateBook(folder, SystemClock())
    found = book.find(which)
    history = list(book.events(found.number))
    more = members(found) | {"history": [_event(each) for each in history]}
    answer(as_json, more, lambda: _whole(found, history))


@verb
def show_notices(folder: FolderArgument, as_json: JsonOption = False) -> None:
    """Việc cần làm: sắp hết hạn (60/30/7 ngày), đề xuất thu hồi, quá hạn, thiết bị chưa trả · What needs attention."""
    book, now = CertificateBook(folder, SystemClock()), SystemClock().now()
    found = notices(book.all().values(), now, book.rules, vietnam())

    def rows() -> Iterator[str]:
        for each in found:
            yield f"{each.due:%d/%m/%Y}  {each.number:>4}  {each.name}: {say(each.vi, each.en)}"
        if not found:
            yield say("✓ Không có việc nào cần làm.", "✓ Nothing needs attention.")

    listed = [
        {"kind": each.kind.value, "number": each.number, "name": each.name, "due": each.due.isoformat(),
         "days": each.days, "warning": urgency(each, book.rules), "vi": each.vi, "en": each.en}
        for each in found
    ]  # fmt: skip
    answer(as_json, {"notices": listed}, rows)


def members(holding: Holding) -> dict[str, object]:
    """A holding as JSON."""
    now, holder, request = SystemClock().now(), holding.holder, holding.request
    return {
        "number": holding.number, "state": holding.state_at(now).value, "kind": holder.kind.value, "name": holder.name,
        "title": holder.title, "agency": holder.agency, "email": holder.email,
        "serial": holding.certificates[-1].serial if holding.certificates else None,
        "not_after": to_text(holding.current.not_valid_after_utc) if holding.current is not None else None,
        "request": None if request is None else {"kind": request.kind.value, "progress": request.progress.value},
        "proposals": [each.cause.value for each in holding.proposals], "device": holding.device,
        "device_state": holding.device_state, "possible": [each.value for each in possible(holding, now)],
    }  # fmt: skip


def lines(holding: Holding) -> Iterator[str]:
    """A holding after a step, and what can be done next."""
    yield "✓ " + _row(holding)
    yield _next(holding)


def _row(holding: Holding) -> str:
    vi, en = STATE_WORDS[holding.state_at(SystemClock().now())]
    shown = f"{holding.number:>4}  {holding.holder.name}"
    shown += f", {holding.holder.title}" if holding.holder.title else ""
    shown += f"  [{say(vi, en)}]"
    if holding.current is not None:
        shown += say("  đến ", "  until ") + f"{holding.current.not_valid_after_utc.astimezone(VIETNAM):%d/%m/%Y}"
    if holding.request is not None and holding.certificates:
        words, progress = REQUEST_WORDS[holding.request.kind], STATE_WORDS[State(holding.request.progress.value)]
        shown += say(f"  ({words[0]}: {progress[0]})", f"  ({words[1]}: {progress[1]})")
    return shown + ("  !" if holding.proposals else "")


def _whole(holding: Holding, history: list[Event]) -> Iterator[str]:
    yield _row(holding)
    for proposal in holding.proposals:
        vi, en = CAUSE_WORDS[proposal.cause]
        yield say(
            f"! đề xuất thu hồi ({vi}) {proposal.why}", f"! revocation is proposed ({en}) {proposal.why}"
        ).rstrip()
    for held in holding.certificates:
        yield f"  {held.serial}"
    for each in history:
        paper = f"  [{each.document[0]}]" if each.document else ""
        yield f"  {local(to_text(each.at))}  {each.step.value:<12} {each.by}  {each.note}{paper}".rstrip()
    yield _next(holding)


def _next(holding: Holding) -> str:
    steps = ", ".join(each.value for each in possible(holding, SystemClock().now()))
    return say("→ bước làm được: ", "→ possible: ") + steps


def _event(event: Event) -> dict[str, object]:
    return {
        "at": to_text(event.at), "step": event.step.value, "by": event.by, "note": event.note,
        "document": None if event.document is None else {"name": event.document[0], "sha256": event.document[1]},
    }  # fmt: skip


def _ends_within(holding: Holding, days: int) -> bool:
    if holding.current is None:
        return False
    return 0 <= (holding.current.not_valid_after_utc - SystemClock().now()).days <= days
