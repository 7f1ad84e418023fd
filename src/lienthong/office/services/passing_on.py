"""A signer passes his signature on (giao ký thay) to the substitute of a delegation in force.

What is printed under a signature names who signs and in what capacity (D30 art. 13), so the document is laid out anew
and approved again; signatures that were given on the old file are void, as when it is returned.
"""

from __future__ import annotations

from dataclasses import replace

from lienthong.base.errors import Refused
from lienthong.office.errors import NOT_YOURS, impossible
from lienthong.office.models import Document
from lienthong.office.notice_words import Said
from lienthong.office.services import drafting, signing_posts
from lienthong.office.services.draft_content import DraftFields
from lienthong.office.states import Outgoing
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.people.models import Delegation


def choices(visit: Visit, document: Document) -> list[Delegation]:
    """The delegations by which this person may pass his signature on, without those whose substitute signs already."""
    signers = DraftFields.from_json(document.content).signers
    return [
        each
        for each in signing_posts.delegations(visit, visit.who.account)
        if each.substitute_id not in {signer.account for signer in signers}
    ]


def pass_on(visit: Visit, document: int, delegation: int) -> Document:
    """Let the substitute sign in one's place: the draft names him and his capacity, and its drafter is told.

    States: signing -> draft. Refuses NOT_YOURS unless one is its signer in one's own right and has not signed,
    STEP_NOT_POSSIBLE at another step, or without such a delegation of one's own in force.
    """
    found = drafting.lock(visit, document)
    if found.state != Outgoing.SIGNING.value:
        raise impossible("văn bản không ở bước ký", "the document is not being signed")
    given = DraftFields.from_json(found.content)
    me = visit.who.account.pk
    waits = found.signing_steps.filter(account_id=me, for_whom__isnull=True, signed_at__isnull=True).exists()
    if not waits or me not in {each.account for each in given.signers}:
        why = "chỉ người còn phải ký giao người khác ký thay, và không giao lại"
        raise Refused(NOT_YOURS, reason_vi=why, reason_en="only who still has to sign in his own right passes it on")
    chosen = next((each for each in choices(visit, found) if each.pk == delegation), None)
    if chosen is None:
        raise impossible(
            "không có ủy quyền đang hiệu lực cho người này, hoặc người này đã là người ký",
            "no delegation to this person is in force, or he signs already",
        )
    substitute = signing_posts.by_delegation(visit, chosen)
    signers = tuple(
        replace(substitute, beside=each.beside) if each.account == me else each for each in given.signers
    )  # fmt: skip
    drafting.rewrite(visit, found, replace(given, signers=signers))
    capacity = " ".join(substitute.capacity)
    drafting.tell_drafter(visit, found, Said.DRAFT_PASSED_ON, name=visit.who.account.full_name, to=substitute.name,
                          capacity=capacity)  # fmt: skip
    visit.note("draft.passed_on", f"document:{found.pk}", delegation=chosen.pk, to=substitute.account,
               capacity=capacity)  # fmt: skip
    return found
