"""Numbers: given one after another in a register, in the transaction of what they number; never a gap, never twice."""

from __future__ import annotations

from datetime import date

from django.db import connection

from lienthong.base.errors import Refused
from lienthong.office.errors import NUMBER_IN_CLOSED_REGISTER, REGISTER_CLOSED, REGISTER_MISSING, STEP_NOT_POSSIBLE
from lienthong.office.models import Document, NumberEntry, Register
from lienthong.office.states import Direction
from lienthong.webkit.door.visit import Visit

MAIN = "chung"
"""Code of the register that every agency has for all kinds without one of their own."""


def incoming_register(agency: int, day: date) -> Register:
    """The one incoming register of a year (D30 art. 22.2), opened when the first document of the year comes."""
    found, _ = Register.objects.get_or_create(
        agency_id=agency, direction=Direction.INCOMING.value, year=day.year,
        defaults={"code": MAIN, "name": "Sổ đăng ký văn bản đến"},
    )  # fmt: skip
    return found


def outgoing_register(agency: int, kind: str, day: date) -> Register:
    """The register that numbers a kind in a year: its own one, else the common one, opened when first needed.

    Refuses REGISTER_MISSING when the year has registers but none takes this kind.
    """
    registers = list(Register.objects.filter(agency_id=agency, direction=Direction.OUTGOING.value, year=day.year))
    own = [each for each in registers if kind in each.kinds]
    common = [each for each in registers if not each.kinds]
    if own or common:
        return (own or common)[0]
    if registers:
        raise Refused(REGISTER_MISSING, direction="văn bản đi", year=day.year)
    return Register.objects.get_or_create(
        agency_id=agency, direction=Direction.OUTGOING.value, year=day.year, code=MAIN,
        defaults={"name": "Sổ đăng ký văn bản đi"},
    )[0]  # fmt: skip


def next_number(register: Register) -> int:
    """Take the next number of a register, which stays locked until the transaction ends. Refuses REGISTER_CLOSED.

    Whoever takes one writes its :func:`enter` in the same transaction, so that the register has no gaps.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """update office_register set next_number = next_number + 1 where id = %s and closed_at is null
               returning next_number - 1""",
            [register.pk],
        )
        taken = cursor.fetchone()
    if taken is None:
        raise Refused(REGISTER_CLOSED, register=str(register))
    return int(taken[0])


def enter(visit: Visit, register: Register, number: int, document: Document) -> NumberEntry:
    """Write into the register that a number is this document's (đăng ký). Source: D30 art. 15, 16, 22."""
    return NumberEntry.objects.create(
        agency_id=register.agency_id, register=register, number=number, document=document, given_at=visit.now,
        given_by=visit.who.account,
    )  # fmt: skip


def void_number(visit: Visit, entry: NumberEntry, reason: str) -> None:
    """Take a number out of use; it stays in the register with its reason and is never given again.

    Refuses STEP_NOT_POSSIBLE without a reason, NUMBER_IN_CLOSED_REGISTER: the paper of a closed register, which is kept
    and signed, shows the number in use.
    """
    text = " ".join(reason.split())
    if not text:
        raise Refused(STEP_NOT_POSSIBLE, reason_vi="hủy số phải có lý do", reason_en="voiding a number needs a reason")
    register = Register.objects.select_for_update().get(pk=entry.register_id)
    if register.closed_at is not None:
        raise Refused(NUMBER_IN_CLOSED_REGISTER, number=written(entry.number), register=str(register))
    NumberEntry.objects.filter(pk=entry.pk, void_at__isnull=True).update(
        void_at=visit.now, void_by=visit.who.account, void_reason=text[:500]
    )
    visit.note("number.void", f"register:{entry.register_id}", number=entry.number, reason=text[:200])


def written(number: int) -> str:
    """A number as written: below ten with a leading nought (D30 Appendix I)."""
    return f"{number:02d}"
