"""Registers of a year (sổ đăng ký): opened with the kinds numbered in them, closed and signed at the year's end.

Closing freezes the register's paper of Appendix IV; the signature is put into exactly that paper, at once or later.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from typing import Any, BinaryIO

from lienthong.base.clock import VIETNAM
from lienthong.base.errors import Problem, ProblemKind, Refused
from lienthong.base.ids import Sha256
from lienthong.base.text import fold, nfc
from lienthong.office.errors import FIELDS_WRONG, NOT_YOURS, STEP_NOT_POSSIBLE
from lienthong.office.models import Register
from lienthong.office.services.draft_content import KINDS
from lienthong.office.services.numbering import MAIN
from lienthong.office.services.reporting import register_table
from lienthong.office.services.signing_chain import Key
from lienthong.office.services.storing import keep, store
from lienthong.office.states import Direction
from lienthong.signing.documents import Level, sign_document
from lienthong.trust.pdf.anchors import Box
from lienthong.trust.pdf.signing import Step
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.papers.pdf import write_pdf
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.errors import NOT_FOUND_HERE

CLOSERS = (Duty.REGISTRAR, Duty.OFFICE_CHIEF)
"""Who closes registers and signs them."""
FIELD = "KhoaSo"
"""Name of the field of the signature in a closed register."""


def open_register(visit: Visit, year: int, name: str, kinds: Sequence[str]) -> Register:
    """Open an outgoing register of a year. ``kinds``: none for the common one. The same name gives the same register.

    Refuses FIELDS_WRONG: no name, another year than this or the next, a kind that has a register already.
    """
    _require_registrar(visit)
    title = " ".join(nfc(name).split())[:200]
    code = re.sub(r"[^a-z0-9]+", "-", fold(title)).strip("-")[:40] if kinds else MAIN
    mine = Register.objects.filter(agency=visit.agency, direction=Direction.OUTGOING.value, year=year)
    found = mine.filter(code=code).first()
    if found is not None and sorted(found.kinds) == sorted(kinds):
        return found
    taken = {kind for each in mine for kind in each.kinds} & set(kinds)
    wrong = [
        (not title, "name", "Nhập tên sổ.", "Enter the name of the register."),
        (year not in {visit.today.year, visit.today.year + 1}, "year", "Chỉ mở sổ của năm nay hoặc năm sau.",
         "Only registers of this year or the next can be opened."),
        (bool(set(kinds) - set(KINDS)), "kinds", "Có loại văn bản không biết.", "A kind is not known."),
        (bool(taken), "kinds", f"Đã có sổ cho: {', '.join(sorted(taken))}.",
         f"There is one for: {', '.join(sorted(taken))}."),
        (found is not None, "name", "Đã có sổ tên này.", "There is a register of this name."),
    ]  # fmt: skip
    problems = tuple(Problem(ProblemKind.RANGE, where, vi, en) for bad, where, vi, en in wrong if bad)
    if problems:
        raise Refused(FIELDS_WRONG, problems, count=len(problems))
    made = Register.objects.create(
        agency=visit.agency, direction=Direction.OUTGOING.value, year=year, code=code or MAIN, name=title,
        kinds=sorted(kinds),
    )  # fmt: skip
    visit.note("register.opened", f"register:{made.pk}", year=year, name=title)
    return made


def close_register(visit: Visit, register: int, key: Key | None = None) -> Register:
    """Close a register, which takes nothing any more, keep its paper as it stands, and sign it with ``key``.

    Without a key it waits for its signature. Idempotent. Refuses NOT_YOURS, NOT_FOUND_HERE, PAPER_TOO_LONG, and what
    signing refuses.
    """
    found = lock_register(visit, register)
    if found.closed_at is None:
        found.closed_at, found.closed_by = visit.now, visit.who.account
        found.closed_sha256 = _printed(visit, found)
        found.save(update_fields=["closed_at", "closed_by", "closed_sha256"])
        visit.note(
            "register.closed", f"register:{found.pk}", last=found.next_number - 1, sha256=found.closed_sha256.hex()
        )
    if key is not None:
        _sign(visit, found, key)
    return found


def sign_register(visit: Visit, register: int, key: Key) -> Register:
    """Sign the paper of a closed register. A second call gives the signature that is there, whoever made it.

    Refuses NOT_YOURS, NOT_FOUND_HERE, STEP_NOT_POSSIBLE (not closed here), and what signing refuses.
    """
    found = lock_register(visit, register)
    _sign(visit, found, key)
    return found


def paper_of(visit: Visit, register: int) -> tuple[Register, Sha256]:
    """A closed register with the digest of its paper, signed if it is. Refuses NOT_FOUND_HERE."""
    found = Register.objects.filter(pk=register, agency=visit.agency).first()
    digest = (found.signed_sha256 or found.closed_sha256) if found is not None else None
    if found is None or digest is None or not visit.who.may(*CLOSERS):
        raise Refused(NOT_FOUND_HERE)
    return found, Sha256(bytes(digest))


def lock_register(visit: Visit, register: int) -> Register:
    """The register, locked: whoever takes a number waits. Refuses NOT_YOURS, NOT_FOUND_HERE."""
    if not visit.who.may(*CLOSERS):
        raise Refused(
            NOT_YOURS, reason_vi="chỉ văn thư, chánh văn phòng khóa và ký sổ",
            reason_en="only registrars and the office chief close and sign registers",
        )  # fmt: skip
    found = Register.objects.select_for_update().filter(pk=register, agency=visit.agency).first()
    if found is None:
        raise Refused(NOT_FOUND_HERE)
    return found


def _printed(visit: Visit, register: Register) -> Sha256:
    """Keep the register's paper, the same as its export."""
    with tempfile.TemporaryFile() as out:
        write_pdf(register_table(visit, register, "register"), out)
        out.seek(0)
        return keep(out, f"{register.direction}-{register.year}.pdf")[0]


def to_sign(visit: Visit, register: int, seen: str) -> tuple[Register, Sha256]:
    """A closed register that has no signature yet, locked, with the digest of its paper. ``seen``: the digest that the
    person was shown, in hex. Refuses NOT_YOURS, NOT_FOUND_HERE, STEP_NOT_POSSIBLE."""
    found = lock_register(visit, register)
    if found.signed_sha256 is not None:
        raise Refused(STEP_NOT_POSSIBLE, reason_vi="sổ đã có chữ ký", reason_en="the register is signed")
    paper = _paper(found)
    if paper.hex() != seen:
        raise Refused(STEP_NOT_POSSIBLE, reason_vi="sổ đã xem không phải sổ này", reason_en="another paper was shown")
    return found, paper


def step_of(visit: Visit, register: Register) -> Step:
    """The signature of a closing: a field of no size, because the forms of Appendix IV leave no place for a picture,
    and full pages have no free room."""
    return Step(FIELD, reason=f"Khóa {register}", place=visit.agency.place or None, new=Box(0, 0, 0, 0, 0))


def keep_signed(visit: Visit, register: Register, signed: BinaryIO, **how: str | bool) -> None:
    """Keep the signed paper. Nothing is written before its bytes are kept, so whoever is interrupted signs again.
    ``how``: of the signature, for the log: ``key``, ``level``, ``device``."""
    signed.seek(0)
    digest = keep(signed, f"{register.direction}-{register.year}.pdf")[0]
    register.signed_sha256, register.signed_at, register.signed_by = digest, visit.now, visit.who.account
    register.save(update_fields=["signed_sha256", "signed_at", "signed_by"])
    detail: dict[str, Any] = {"sha256": digest.hex(), **how}
    visit.note("register.signed", f"register:{register.pk}", **detail)


def _sign(visit: Visit, register: Register, key: Key) -> None:
    """Put the signature into the paper of the closing."""
    if register.signed_sha256 is not None:
        return
    step = step_of(visit, register)
    with store().open(_paper(register)) as source, tempfile.TemporaryFile() as target:
        done = sign_document(source, target, step, key.holder, Level.T, key.evidence, visit.now.astimezone(VIETNAM))
        keep_signed(visit, register, target, key=key.held.key_id, level=done.level.value)


def _paper(register: Register) -> Sha256:
    if register.closed_sha256 is None:
        raise Refused(
            STEP_NOT_POSSIBLE, reason_vi="sổ chưa khóa, hoặc đã khóa ở hệ thống khác",
            reason_en="the register is not closed, or was closed in another system",
        )  # fmt: skip
    return Sha256(bytes(register.closed_sha256))


def _require_registrar(visit: Visit) -> None:
    if not visit.who.may(Duty.REGISTRAR):
        raise Refused(NOT_YOURS, reason_vi="chỉ văn thư mở sổ", reason_en="only registrars open registers")
