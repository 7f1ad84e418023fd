"""Who signs when a draft names a post (chức danh), or somebody in place of another by a delegation in force.

A post is a duty in a unit with the position that is printed: whoever holds it when the document is signed signs it. A
signature in place of another prints its capacity («KT. GIÁM ĐỐC»); without a delegation in force it is not given.
Source: D30 art. 13.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lienthong.base.errors import Refused
from lienthong.office.errors import SIGNER_CHANGED
from lienthong.office.models import Document, SigningStep
from lienthong.office.services.draft_content import ChainSigner, DraftFields
from lienthong.trust.pdf.plan import person_field
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.people.in_force import appointed
from lienthong.webkit.people.models import Account, Appointment, Delegation
from lienthong.webkit.site.duties import Duty

MAY_SIGN = (Duty.LEADER, Duty.OFFICE_CHIEF, Duty.UNIT_HEAD)
"""Duties in which a document is signed, highest first."""


@dataclass(frozen=True, slots=True)
class Post:
    """A duty in a unit under the position that is printed: «CHÁNH VĂN PHÒNG» of the office."""

    unit: int
    duty: str
    position: str

    @property
    def text(self) -> str:
        """As a draft keeps it."""
        return f"{self.unit}:{self.duty}:{self.position}"

    @classmethod
    def of(cls, appointment: Appointment) -> Post:
        """The post of an appointment."""
        return cls(appointment.unit_id, appointment.duty, appointment.position.upper())


def signing_appointments(visit: Visit) -> list[Appointment]:
    """All appointments of today in which somebody may sign, leaders first."""
    wanted = [each.value for each in MAY_SIGN]
    rows = appointed(visit.agency, visit.today, MAY_SIGN).select_related("account", "unit")
    return sorted(rows, key=lambda row: (wanted.index(row.duty), row.pk))


def posts(visit: Visit) -> list[Appointment]:
    """The appointments whose post has one holder today; one that several hold says not who signs."""
    found = signing_appointments(visit)
    held: dict[str, set[int]] = {}
    for each in found:
        held.setdefault(Post.of(each).text, set()).add(each.account_id)
    return list({Post.of(each).text: each for each in found if len(held[Post.of(each).text]) == 1}.values())


def delegations(visit: Visit, principal: Account | None = None) -> list[Delegation]:
    """Delegations in force under which the substitute, who may sign himself, signs in place of the principal."""
    found = signing_appointments(visit)
    rows = Delegation.objects.filter(
        agency=visit.agency, starts_at__lte=visit.now, ends_at__gt=visit.now, revoked_at__isnull=True
    ).select_related("principal", "substitute")  # fmt: skip
    rows = rows.filter(principal=principal) if principal is not None else rows
    able = {each.account_id for each in found}
    lent = {(each.account_id, each.duty) for each in found}
    return [
        each
        for each in rows.order_by("pk")
        if each.substitute_id in able and any((each.principal_id, duty) in lent for duty in each.duties)
    ]


def by_person(appointment: Appointment) -> ChainSigner:
    """The signer when the draft names a person."""
    capacity = (appointment.capacity,) if appointment.capacity else ()
    return ChainSigner(
        appointment.account_id, appointment.position.upper(), appointment.account.full_name, capacity
    )  # fmt: skip


def by_post(appointment: Appointment) -> ChainSigner:
    """The signer when the draft names a post: for now its holder of today."""
    capacity = (appointment.capacity,) if appointment.capacity else ()
    name, post = appointment.account.full_name, Post.of(appointment).text
    return ChainSigner(appointment.account_id, appointment.position.upper(), name, capacity, post=post)


def by_delegation(visit: Visit, given: Delegation) -> ChainSigner:
    """The signer in place of another: his own position below «KT.» of equals, below «TUQ.» otherwise."""
    return by_delegations(visit, [given])[0]


def by_delegations(visit: Visit, given: Iterable[Delegation]) -> list[ChainSigner]:
    """The same for each of several."""
    found = signing_appointments(visit)
    return [_in_place(found, each) for each in given]


def _in_place(found: Sequence[Appointment], given: Delegation) -> ChainSigner:
    theirs = next(each for each in found if each.account_id == given.principal_id and each.duty in given.duties)
    own = next(each for each in found if each.account_id == given.substitute_id)
    deputy = own.duty == theirs.duty and (own.unit_id == theirs.unit_id or own.duty == Duty.LEADER.value)
    line = f"{'KT.' if deputy else 'TUQ.'} {theirs.position.upper()}"
    return ChainSigner(
        own.account_id, own.position.upper(), own.account.full_name, (line,), for_whom=given.principal_id
    )  # fmt: skip


def parties(document: Document) -> set[int]:
    """Accounts whose signature it is: of those who sign, and of those in whose place they do."""
    signers = DraftFields.from_json(document.content).signers
    return {each.account for each in signers} | {each.for_whom for each in signers if each.for_whom is not None}


def require_current(visit: Visit, document: Document) -> None:
    """Refuses SIGNER_CHANGED: a post has another holder than the draft prints, or a delegation is not in force."""
    for each in DraftFields.from_json(document.content).signers:
        _require(visit, each, each.account)


def require_in_force(visit: Visit, document: Document, step: SigningStep) -> None:
    """The same for one step, at the moment of its signature."""
    for place, each in enumerate(DraftFields.from_json(document.content).signers, 1):
        if person_field(place) == step.field:
            _require(visit, each, step.account_id)


def _require(visit: Visit, signer: ChainSigner, account: int) -> None:
    if signer.post:
        holders = {each.account_id for each in signing_appointments(visit) if Post.of(each).text == signer.post}
        if holders != {account}:
            raise Refused(
                SIGNER_CHANGED,
                reason_vi=f"{signer.name} không còn là người giữ chức danh {signer.position}",
                reason_en=f"{signer.name} is no longer the holder of the post {signer.position}",
            )
    if signer.for_whom is not None:
        pairs = {(each.principal_id, each.substitute_id) for each in delegations(visit)}
        if (signer.for_whom, account) not in pairs:
            raise Refused(
                SIGNER_CHANGED,
                reason_vi=f"ủy quyền để {signer.name} ký {' '.join(signer.capacity)} không còn hiệu lực",
                reason_en=f"the delegation by which {signer.name} signs {' '.join(signer.capacity)} is not in force",
            )
