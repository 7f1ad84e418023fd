"""What the system finds out about an arrival before the registrar sees it; nothing that fails here holds it up.

The findings in ``Arrival.fields`` (next to what the packet said):

* ``number``, ``symbol``, ``kind``, ``issued_date`` … — what the form is filled with; the packet wins over the page.
* ``proposals`` — by field: ``value``, ``confidence``, ``reason_vi``, ``reason_en``, ``page``, ``box``, ``origin``
  (``packet`` or ``page``); when the page says something else than the packet, ``page_value`` too.
* ``cautions`` — ``name``, ``vi``, ``en``, ``page``. ``secret`` — a mark of secrecy was seen, or something like it.
* ``text`` — of all files, pages separated by form feeds.

``StoredFile.verdict``: as :func:`lienthong.office.services.file_checks.signatures_of_file` says. ``Arrival.verdict``:
``verdict`` (PASSED, INDETERMINATE, FAILED, UNSIGNED), ``at``, ``packet`` (``header_signature``, ``intact``, ``axes``;
only from the axis), ``sentences`` (``verdict``, ``vi``, ``en``), the gravest first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from django.db import transaction

from lienthong.base.clock import to_text
from lienthong.base.errors import Refused
from lienthong.infra.apart import Apart
from lienthong.office.models import Arrival, StoredFile
from lienthong.office.notice_words import Said, sentence
from lienthong.office.services.doubles import doubles_of
from lienthong.office.services.file_checks import UNSIGNED, reading_of_file, signatures_of_file
from lienthong.office.services.kinds_of_files import DOCX, PDF
from lienthong.office.services.page_words import keep_recognised
from lienthong.office.services.storing import store
from lienthong.office.services.telling import notify
from lienthong.office.states import ArrivalState, NoticeKind, Source
from lienthong.trust.verdict import Verdict
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.people.in_force import holders
from lienthong.webkit.site.configure import site
from lienthong.webkit.site.duties import Duty

SIGNED_KINDS = {PDF, DOCX, "application/xml", "application/pkcs7-signature"}
"""Media types that may hold signatures."""

LONGEST_TEXT = 3_000_000
"""Characters kept for the search."""

READING_SECONDS = 300.0
_PACKET = ("Theo gói tin của nơi gửi.", "From the packet of the sender.")
_RANKS = (Verdict.FAILED.name, Verdict.INDETERMINATE.name, UNSIGNED, Verdict.PASSED.name)
T = TypeVar("T")


@cache
def _apart() -> Apart:
    """Its own process: recognising a scan must not keep the pictures of pages waiting."""
    return Apart(READING_SECONDS)


@dataclass
class Found:
    """What was found out about an arrival, before any of it is written."""

    verdicts: dict[int, dict[str, Any]] = field(default_factory=dict)
    readings: dict[int, dict[str, Any]] = field(default_factory=dict)
    troubles: list[dict[str, str]] = field(default_factory=list)


def examine(visit: Visit, arrival: Arrival) -> None:
    """Check an arrival that came in and hand it to the registrars (CHECKING → WAITING); again does nothing.

    The work on files happens before the transaction. Refuses nothing on account of a file; STORAGE_… when the disk is
    away, and the arrival is checked later.
    """
    found = look(visit, arrival)
    with transaction.atomic():
        write(visit, arrival, found)
        visit.write_entries()


def look(visit: Visit, arrival: Arrival) -> Found:
    """Everything that takes time; nothing is written."""
    found = Found()
    at = to_text(visit.now)
    for file in StoredFile.objects.filter(arrival=arrival).order_by("slot"):
        path = str(store().path(bytes(file.sha256)))
        if file.media_type in SIGNED_KINDS:
            trust, stamp = _trust()
            verdict = _tried(found, file, lambda: _apart().run(signatures_of_file, path, trust, stamp, at))  # noqa: B023
            found.verdicts[file.pk] = verdict if verdict is not None else _unread(at, found.troubles[-1])
        if file.media_type == PDF:
            reading = _tried(found, file, lambda: _apart().run(reading_of_file, path))  # noqa: B023
            found.readings[file.pk] = reading or {"state": "failed", "text": "", "proposals": {}, "cautions": []}
    return found


def _tried(found: Found, file: StoredFile, work: Callable[[], T]) -> T | None:
    """The result, or a sentence for the registrar about what could not be found out."""
    try:
        return work()
    except Refused as refused:
        found.troubles.append(
            {
                "verdict": Verdict.INDETERMINATE.name, "code": refused.code.name,
                "vi": f"{file.name}: {refused.sentence('vi')}", "en": f"{file.name}: {refused.sentence('en')}",
            }
        )  # fmt: skip
        return None


def _unread(at: str, trouble: dict[str, str]) -> dict[str, Any]:
    sentence = {"name": trouble["code"], **trouble, "why_vi": "", "why_en": ""}
    verdict = Verdict.INDETERMINATE.name
    return {"verdict": verdict, "kind": "", "at": at, "legal": None, "sentences": [sentence], "signatures": []}


def _trust() -> tuple[str | None, str]:
    """The folder of the trust stores, and what changes when its files do."""
    folder: Path | None = site().context["trust"]
    if folder is None:
        return None, ""
    times = [path.stat().st_mtime_ns for path in Path(folder).rglob("*") if path.is_file()]
    return str(folder), f"{len(times)}-{max(times, default=0)}"


def write(visit: Visit, arrival: Arrival, found: Found) -> None:
    """Write the findings and tell the registrars, in the transaction that is open."""
    locked = Arrival.objects.select_for_update().get(pk=arrival.pk)
    if locked.state != ArrivalState.CHECKING.value:
        return
    files = list(StoredFile.objects.filter(arrival=locked).order_by("slot"))
    for file in files:
        _write_file(file, found)
    locked.fields = fields_of(locked, files, found)
    locked.verdict = verdict_of(visit, locked, files, found)
    locked.duplicates = doubles_of(locked, files)
    locked.state = ArrivalState.WAITING.value
    locked.save(update_fields=["fields", "verdict", "duplicates", "state"])
    arrival.state, arrival.fields, arrival.verdict = locked.state, locked.fields, locked.verdict
    arrival.duplicates = locked.duplicates
    notify(
        visit,
        registrars(visit),
        NoticeKind.ARRIVAL,
        sentence(Said.ARRIVED, title=locked.title),
        f"/arrivals/{locked.pk}",
    )
    visit.note("arrival.checked", f"arrival:{locked.pk}", verdict=locked.verdict["verdict"])


def _write_file(file: StoredFile, found: Found) -> None:
    reading = found.readings.get(file.pk)
    file.verdict = found.verdicts.get(file.pk, file.verdict)
    if reading is not None:
        file.text_state, file.pages = reading["state"], reading.get("pages", file.pages)
    file.save(update_fields=["verdict", "text_state", "pages"])
    if reading is not None:
        keep_recognised(file, reading.get("words", ()))


def fields_of(arrival: Arrival, files: list[StoredFile], found: Found) -> dict[str, Any]:
    """The fields of an arrival: those of its packet, then what its first page proposes for the others."""
    given = dict(arrival.fields)
    main = next((found.readings[each.pk] for each in files if each.slot == 0 and each.pk in found.readings), {})
    proposals: dict[str, Any] = dict(main.get("proposals", {}))
    for name in [name for name in PROPOSABLE if given.get(name) not in (None, "", [])]:
        seen = proposals.get(name)
        proposals[name] = {
            "value": given[name], "confidence": "certain", "reason_vi": _PACKET[0], "reason_en": _PACKET[1],
            "page": seen["page"] if seen else None, "box": seen["box"] if seen else None, "origin": "packet",
        }  # fmt: skip
        if seen and _differ(seen["value"], given[name]):
            proposals[name] |= {"page_value": seen["value"], "page_confidence": seen["confidence"]}
    for name, proposal in proposals.items():
        proposal.setdefault("origin", "page")
        if name in PROPOSABLE:
            given[name] = proposal["value"]
    texts = [found.readings[each.pk]["text"] for each in files if each.pk in found.readings]
    text = "\f".join(each for each in texts if each).replace("\x00", "")[:LONGEST_TEXT]
    return {
        **given, "proposals": proposals, "cautions": main.get("cautions", []), "secret": main.get("secret", False),
        "text": text,
    }  # fmt: skip


PROPOSABLE = (
    "kind", "number", "symbol", "issued_date", "issuer_name", "issuer_code", "abstract", "signer_position",
    "signer_name", "urgency", "pages", "due_date", "to_places", "identifier",
)  # fmt: skip
"""Fields of the registration form that may be filled in beforehand."""


def _differ(page: Any, packet: Any) -> bool:
    """Whether two writings mean something else; case, blanks and leading noughts do not count."""
    one, other = (" ".join(str(each).split()).casefold().lstrip("0") for each in (page, packet))
    return one != other


def verdict_of(visit: Visit, arrival: Arrival, files: list[StoredFile], found: Found) -> dict[str, Any]:
    """The verdict on the whole: the packet, the document itself, and what could not be found out."""
    packet = arrival.fields.get("packet", {}) if arrival.source == Source.AXIS.value else {}
    sentences = [*_packet_sentences(packet), *_file_sentences(files, found), *found.troubles]
    sentences += [
        {"verdict": Verdict.INDETERMINATE.name, "vi": f"Không nhận tệp kèm theo: {each['vi']}",
         "en": f"A file was left out: {each['en']}"}
        for each in arrival.fields.get("left_out", [])
    ]  # fmt: skip
    if not files:
        sentences.append({"verdict": Verdict.INDETERMINATE.name, "vi": "Không có tệp nào.", "en": "It has no file."})
    sentences.sort(key=lambda each: _RANKS.index(each["verdict"]))
    return {
        "verdict": sentences[0]["verdict"] if sentences else UNSIGNED, "at": to_text(visit.now), "packet": packet,
        "sentences": sentences,
    }  # fmt: skip


def _packet_sentences(packet: dict[str, Any]) -> list[dict[str, str]]:
    if not packet:
        return []
    said = [
        {"verdict": Verdict.PASSED.name, "vi": "Gói tin nguyên vẹn, do hệ thống đã đăng ký của cơ quan gửi ký.",
         "en": "The packet is intact and signed by the registered system of its sender."}
    ]  # fmt: skip
    header = packet.get("header_signature", "")
    if header == Verdict.FAILED.name:
        said.append({"verdict": header, "vi": "Chữ ký riêng của phần đầu gói tin không đúng; hỏi lại cơ quan gửi.",
                     "en": "The packet's own header signature is wrong; ask the sender."})  # fmt: skip
    return said


def _file_sentences(files: list[StoredFile], found: Found) -> list[dict[str, str]]:
    """One sentence for each file that can be signed; an attachment without a signature is nothing to tell."""
    said = []
    for file in files:
        report = found.verdicts.get(file.pk)
        if report is None or (file.slot and report["verdict"] == UNSIGNED):
            continue
        vi, en = _OF_FILE[report["verdict"]]
        said.append({"verdict": report["verdict"], "vi": f"{file.name}: {vi}", "en": f"{file.name}: {en}"})
    return said


_OF_FILE = {
    Verdict.PASSED.name: ("mọi chữ ký số hợp lệ.", "all signatures are valid."),
    Verdict.INDETERMINATE.name: ("chưa đủ căn cứ kết luận về chữ ký số.", "its signatures could not be decided on."),
    Verdict.FAILED.name: ("có chữ ký số không hợp lệ.", "a signature is not valid."),
    UNSIGNED: ("không có chữ ký số.", "it is not signed."),
}


def registrars(visit: Visit) -> list[int]:
    """Accounts of the agency's registrars in office today."""
    return holders(visit.agency, visit.today, Duty.REGISTRAR)
