"""From the JSON of a request to a job: every problem at once, each with the path of its member, nothing guessed."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, TypeVar

from lienthong.base.errors import Problem, ProblemKind, Refused
from lienthong.base.ids import AgencyCode, DocumentId
from lienthong.base.text import one_line
from lienthong.connector.compose import Attachment, OutgoingDocument
from lienthong.connector.courier.model import (
    ChangeAnswer,
    Content,
    ContentUpdate,
    FinishedPacket,
    Job,
    Recall,
    ReceivedId,
    ReceiverUpdate,
    ReplacingDocument,
)
from lienthong.connector.local.errors import LOCAL_FORM_NOT_USABLE, LOCAL_INPUT_NOT_VALID
from lienthong.connector.local.forms import Posted, PostedFile
from lienthong.connector.names import safe_name
from lienthong.edxml.model import ResponseFor
from lienthong.vocabulary.urgency import Urgency

T = TypeVar("T")
_LONGEST = 4000
_DATE = re.compile(r"(?:(\d{4})-(\d{2})-(\d{2})|(\d{1,2})/(\d{1,2})/(\d{4}))", re.ASCII)


class Members:
    """The members of one JSON object, taken one by one; what is left over at the end is a problem too."""

    def __init__(self, row: dict[str, Any], path: str = "", problems: list[Problem] | None = None) -> None:
        self._row, self._path = row, path
        self._asked: set[str] = set()
        self.problems = problems if problems is not None else []

    @staticmethod
    def of(text: str | bytes) -> Members:
        """The object in a text. Refuses LOCAL_INPUT_NOT_VALID when it is no object."""
        try:
            row = json.loads(text, object_pairs_hook=_once)
        except (ValueError, RecursionError) as error:
            raise _refused(
                [_problem(ProblemKind.FORMAT, "", "không phải JSON", f"not JSON: {one_line(str(error), 80)}")]
            ) from error
        if not isinstance(row, dict):
            raise _refused([_problem(ProblemKind.TYPE, "", "phải là một đối tượng JSON", "must be a JSON object")])
        return Members(row)

    def text(self, name: str, *, needed: bool = False, longest: int = _LONGEST) -> str:
        """A text; empty when it is not there."""
        found: str = self._take(name, str, "")
        if needed and not found.strip():
            self.say(ProblemKind.REQUIRED, name, "thiếu giá trị", "has no value")
        if len(found) > longest:
            self.say(ProblemKind.RANGE, name, f"dài quá {longest} ký tự", f"is longer than {longest} characters")
        return found

    def texts(self, name: str, *, needed: bool = False) -> tuple[str, ...]:
        """A list of texts."""
        found = self._take(name, list, [])
        if not all(isinstance(each, str) and each.strip() for each in found):
            self.say(ProblemKind.TYPE, name, "phải là danh sách chữ, không có mục rỗng", "must be a list of texts")
            return ()
        if needed and not found:
            self.say(ProblemKind.REQUIRED, name, "cần ít nhất một mục", "needs at least one entry")
        return tuple(each.strip() for each in found)

    def whole(self, name: str, least: int, most: int, usual: int | None = None) -> int | None:
        """A whole number within bounds."""
        found = self._take(name, int, usual)
        if found is None or (not isinstance(found, bool) and least <= found <= most):
            return found
        self.say(ProblemKind.RANGE, name, f"phải từ {least} đến {most}", f"must be from {least} to {most}")
        return usual

    def yes(self, name: str, usual: bool | None = None) -> bool:
        """A truth value; needed unless there is a usual one."""
        found = self._take(name, bool, usual)
        if found is None:
            self.say(ProblemKind.REQUIRED, name, "thiếu giá trị true hoặc false", "needs true or false")
        return bool(found)

    def day(self, name: str, *, needed: bool = False) -> date | None:
        """A date, ``2026-11-25`` or ``25/11/2026``."""
        found = self.text(name, needed=needed, longest=20)
        match = _DATE.fullmatch(found.strip())
        if not found:
            return None
        try:
            if match is None:
                raise ValueError
            year, month, day = (match[1], match[2], match[3]) if match[1] else (match[6], match[5], match[4])
            return date(int(year), int(month), int(day))
        except ValueError:
            self.say(
                ProblemKind.FORMAT, name, "ngày viết như 25/11/2026 hoặc 2026-11-25", "a date is written 2026-11-25"
            )
            return None

    def object(self, name: str) -> Members:
        """An object inside; empty when it is not there."""
        return Members(self._take(name, dict, {}), f"{self._path}{name}.", self.problems)

    def objects(self, name: str) -> list[Members]:
        """A list of objects."""
        rows = self._take(name, list, [])
        if not all(isinstance(row, dict) for row in rows):
            self.say(ProblemKind.TYPE, name, "phải là danh sách đối tượng", "must be a list of objects")
            return []
        return [Members(row, f"{self._path}{name}[{index}].", self.problems) for index, row in enumerate(rows)]

    def end(self) -> None:
        """Note members that nobody asked for, with the nearest one that exists."""
        for name in self._row.keys() - self._asked:
            near = difflib.get_close_matches(name, self._asked, 1)
            vi = f"không có mục này; có phải «{near[0]}»?" if near else "không có mục này"
            en = f"is unknown; did you mean “{near[0]}”?" if near else "is unknown"
            self.say(ProblemKind.FORMAT, one_line(name, 60), vi, en)

    def finish(self) -> None:
        """Refuses LOCAL_INPUT_NOT_VALID with everything noted."""
        self.end()
        if self.problems:
            raise _refused(self.problems)

    def say(self, kind: ProblemKind, name: str, vi: str, en: str) -> None:
        path = f"{self._path}{name}"
        self.problems.append(_problem(kind, path, f"{path}: {vi}", f"{path} {en}"))

    def _take(self, name: str, type_: type[T], usual: Any) -> Any:
        self._asked.add(name)
        found = self._row.get(name)
        if found is None:
            return usual
        if not isinstance(found, type_) or (type_ is int and isinstance(found, bool)):
            self.say(
                ProblemKind.TYPE,
                name,
                f"sai kiểu ({type(found).__name__})",
                f"has the wrong type ({type(found).__name__})",
            )
            return usual
        return found


# --- what may be posted -----------------------------------------------------------------------------------------------


def read_submission(posted: Posted, agencies: Sequence[str], key: str | None) -> Job:
    """A new document with its files, or a finished packet."""
    packets = [file for file in posted.files if file.part == "packet"]
    if packets:
        if len(packets) > 1 or len(posted.files) > 1:
            raise Refused(LOCAL_FORM_NOT_USABLE, part="packet", why="gói tin đi một mình (a packet travels alone)")
        members = Members.of(posted.fields.get("document", "{}"))
        agency = _agency(members, agencies)
        members.finish()
        return Job(agency, FinishedPacket(packets[0].path), key=key)
    return _with_files(posted, agencies, key, lambda _, document: document)


def read_update(posted: Posted, agencies: Sequence[str], key: str | None) -> Job:
    """Corrected content of an earlier document, or other receivers for it."""
    members = Members.of(_document_of(posted))
    if "added" not in members._row and "removed" not in members._row:
        return _with_files(
            posted, agencies, key, lambda m, d: ContentUpdate(d, d.document_id, m.text("reason", needed=True))
        )
    agency = _agency(members, agencies)
    content = ReceiverUpdate(
        members.text("document_id", needed=True), members.text("reason", needed=True), members.texts("added"),
        members.texts("removed"),
    )  # fmt: skip
    members.finish()
    return Job(agency, content, key=key)


def read_replacement(posted: Posted, agencies: Sequence[str], key: str | None) -> Job:
    """A document that takes the place of an earlier one."""
    return _with_files(
        posted, agencies, key,
        lambda m, d: ReplacingDocument(d, m.text("replaces", needed=True), m.text("reason", needed=True)),
    )  # fmt: skip


def read_recall(body: bytes, agencies: Sequence[str], key: str | None) -> Job:
    """Take a document back."""
    members = Members.of(body)
    agency = _agency(members, agencies)
    content = Recall(members.text("document_id", needed=True), members.text("reason", needed=True), members.texts("to"))
    members.finish()
    return Job(agency, content, key=key)


def read_answer(body: bytes, agency: str, received: str, key: str | None) -> Job:
    """The answer to a recall or update that came here."""
    members = Members.of(body)
    content = ChangeAnswer(ReceivedId(received), members.yes("agree"), members.text("description"))
    members.finish()
    return Job(agency, content, key=key)


def read_status(body: bytes, usual: int | None = None) -> tuple[int, str]:
    """Code and description of a status report."""
    members = Members.of(body or b"{}")
    code = members.whole("code", 1, 99, usual)
    if code is None:
        members.say(ProblemKind.REQUIRED, "code", "thiếu mã trạng thái", "needs a status code")
    description = members.text("description")
    members.finish()
    return code or 0, description


def _with_files(
    posted: Posted, agencies: Sequence[str], key: str | None, make: Callable[[Members, OutgoingDocument], Content]
) -> Job:
    members = Members.of(_document_of(posted))
    agency = _agency(members, agencies)
    document = _document(members)
    content = make(members, document)
    told = members.object("descriptions")
    files = [Attachment(_name(file), file.path, told.text(file.name), _type(file)) for file in _files(posted, members)]
    told.end()
    members.finish()
    return Job(agency, content, files, key)


def _document_of(posted: Posted) -> str:
    if "document" not in posted.fields:
        raise Refused(LOCAL_FORM_NOT_USABLE, part="document", why="thiếu phần này (missing)")
    return posted.fields["document"]


def _files(posted: Posted, members: Members) -> list[PostedFile]:
    for name in posted.fields.keys() - {"document"}:
        members.say(ProblemKind.FORMAT, one_line(name, 40), "không có phần này", "is not a known part")
    for file in posted.files:
        if file.part != "file":
            members.say(ProblemKind.FORMAT, one_line(file.part, 40), "tệp phải ở phần «file»", "must be named “file”")
        elif not file.path.exists() or file.path.stat().st_size == 0:
            members.say(ProblemKind.REQUIRED, one_line(file.name, 80), "tệp rỗng", "is empty")
    return posted.files


def _name(file: PostedFile) -> str:
    return safe_name(file.name.rsplit("\\", 1)[-1].rsplit("/", 1)[-1])


def _type(file: PostedFile) -> str:
    plain = re.fullmatch(r"[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,90}", file.media_type.lower())
    return file.media_type.lower() if plain and plain[0] != "application/octet-stream" else ""


def _agency(members: Members, agencies: Sequence[str]) -> str:
    found = members.text("agency", longest=60)
    if not found and len(agencies) > 1:
        vi, en = f"chọn một trong: {', '.join(agencies)}", f"needs one of: {', '.join(agencies)}"
        members.say(ProblemKind.REQUIRED, "agency", vi, en)
    return found or agencies[0]


def _document(members: Members) -> OutgoingDocument:
    signer = members.object("signer")
    issued_on = members.day("issued_on", needed=True)
    made = OutgoingDocument(
        number=members.text("number", needed=True, longest=200),
        subject=members.text("subject", needed=True),
        to=members.texts("to", needed=True),
        issued_on=issued_on or date.min,
        kind=members.text("kind", longest=100) or "Công văn",
        place=members.text("place", longest=200),
        signer_name=signer.text("name", longest=200),
        signer_position=signer.text("position", longest=200),
        signer_competence=signer.text("competence", longest=50),
        urgency=members.whole("urgency", min(u.value for u in Urgency), max(u.value for u in Urgency), 0) or 0,
        due=members.day("due"),
        to_places=members.texts("to_places"),
        responses_for=[_response(each) for each in members.objects("answers")],
        pages=members.whole("pages", 1, 100_000),
        document_id=members.text("document_id", longest=200),
    )
    signer.end()
    return made


def _response(members: Members) -> ResponseFor:
    made = ResponseFor(
        AgencyCode(members.text("agency", needed=True, longest=60)), members.text("number", longest=200),
        DocumentId(members.text("document_id", longest=200)), members.day("issued_on"),
    )  # fmt: skip
    members.end()
    return made


def _problem(kind: ProblemKind, path: str, vi: str, en: str) -> Problem:
    return Problem(kind, path, vi, en)


def _refused(problems: list[Problem]) -> Refused:
    return Refused(LOCAL_INPUT_NOT_VALID, tuple(problems), count=len(problems))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member twice")
    return found
