"""What stands beside an outgoing document: what to do now, opinions and approvals, signers, recipients, versions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from lienthong.office.incoming_words import pick
from lienthong.office.models import Delivery, Document, SigningStep, StoredFile, Task
from lienthong.office.outgoing_words import FILES, SEALED, SECTIONS, WAY, words_of
from lienthong.office.screens.sides import Section
from lienthong.office.services import drafting, issuing, passing_on, reviewing, sending, signing_chain, signing_posts
from lienthong.office.services.draft_content import DraftFields
from lienthong.office.services.storing import current, main_file
from lienthong.office.states import TO_DO, Outgoing, Role, TaskKind
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.look.parts import Choice, Step
from lienthong.webkit.people.in_force import appointed, in_force
from lienthong.webkit.people.models import Unit
from lienthong.webkit.site.duties import Duty


def outgoing_sides(visit: Visit, document: Document) -> Sequence[Section]:
    """The sections of an outgoing document; none for others."""
    if document.incoming:
        return []
    titles = words_of(SECTIONS, visit.language)
    sections = [Section("acts", titles["acts"], "outgoing_acts.html", acts(visit, document), 10)]
    if document.deliveries.exists():
        rows = list(Delivery.objects.filter(document=document).select_related("document").order_by("pk"))
        board = {"rows": sending.standings(visit, rows), "limits": sending.deadline_of(visit, document),
                 "mails": sending.mails()}  # fmt: skip
        sections.append(Section("deliveries", titles["deliveries"], "outgoing_deliveries.html", board, 20, len(rows)))
    approvals, opinions = reviewing.approvals(document), _opinions(document)
    said, count = {"approvals": approvals, "opinions": opinions}, len(approvals) + len(opinions)
    sections.append(Section("reviews", titles["reviews"], "outgoing_reviews.html", said, 30, count))
    sections.append(Section("versions", titles["versions"], "outgoing_versions.html", _versions(visit, document), 60))
    return sections


def acts(visit: Visit, document: Document) -> dict[str, Any]:
    """What this person may do with the document now, and what the forms need for it."""
    person, state = visit.who, document.state
    file = main_file(document)
    mine = drafting.may_change(visit, document)
    registrar = person.may(Duty.REGISTRAR)
    signers = reviewing.signer_accounts(document)
    asked = Task.objects.filter(
        document=document, kind=TaskKind.REVIEW.value, role=Role.SUPPORT.value, state__in=TO_DO,
        account__in=person.stands_for,
    ).first()  # fmt: skip
    reviewer = document.drafter_id != person.account.pk and (
        document.unit_id in person.units_as(Duty.UNIT_HEAD) or person.may(Duty.OFFICE_CHIEF, Duty.LEADER)
    )
    checker = person.may(*reviewing.FORM_CHECKERS) and person.account.pk not in signing_posts.parties(document)
    turn = [each.account_id for each in signing_chain.turn_of(document)]
    sealed = state == Outgoing.NUMBERED.value and issuing.is_sealed(document)
    return {
        "way": _way(visit, document, sealed), "file": file, "seen": bytes(file.sha256).hex() if file else "",
        "edit": mine and state in drafting.BEFORE_SIGNING and not any(_signed(document)),
        "submit": mine and state == Outgoing.DRAFT.value and file is not None,
        "withdraw": mine and state in drafting.BEFORE_SIGNING[1:] and not any(_signed(document)),
        "review": reviewer and state == Outgoing.CONTENT_REVIEW.value,
        "check": checker and state == Outgoing.FORM_CHECK.value,
        "sign": state == Outgoing.SIGNING.value and person.account.pk in turn,
        "return": state == Outgoing.SIGNING.value and person.account.pk in signers,
        "pass_on": _pass_on(visit, document),
        "number": registrar and state == Outgoing.SIGNED.value,
        "seal": registrar and state == Outgoing.NUMBERED.value and not sealed,
        "issue": registrar and sealed,
        "recall": registrar and state == Outgoing.ISSUED.value,
        "outdated": _outdated(document, file), "asked": asked, "signers": _signatures(document),
        "owners": _owners(visit, document) if mine and state in drafting.BEFORE_SIGNING else [],
        "recipients": DraftFields.from_json(document.content).recipients, "sealed": sealed,
    }  # fmt: skip


def _way(visit: Visit, document: Document, sealed: bool) -> list[Step]:
    order = [key for key, _ in WAY]
    at = order.index(document.state) if document.state in order else len(order)
    steps = []
    for place, (_, label) in enumerate(WAY):
        more = document.number_and_symbol if place == 4 and document.number else ""
        more = pick(SEALED, visit.language) if place == 5 and sealed else more
        steps.append(
            Step(pick(label, visit.language), "done" if place < at else "current" if place == at else "todo", more=more)
        )
    return steps


def _signed(document: Document) -> list[bool]:
    return [each.signed_at is not None for each in signing_chain.person_steps(document)]


def _signatures(document: Document) -> list[dict[str, Any]]:
    """Who has signed and who is waited for; before the chain begins, who is planned."""
    steps = list(SigningStep.objects.filter(document=document).select_related("account", "for_whom"))
    if not steps:
        return [
            {
                "name": each.name,
                "position": " ".join((*each.capacity, each.position)),
                "at": None,
                "field": "",
                "principal": "",
            }
            for each in DraftFields.from_json(document.content).signers
        ]
    return [
        {"name": each.account.full_name, "position": f"{each.capacity} {each.position}".strip(), "at": each.signed_at,
         "field": each.field, "principal": each.for_whom.full_name if each.for_whom is not None else ""}
        for each in steps
    ]  # fmt: skip


def _outdated(document: Document, file: StoredFile | None) -> bool:
    """Whether what was typed has changed since the PDF was made."""
    typed = current(document, slot=0, role=drafting.CONTENT)
    made_from_it = bool(current(document, slot=0, role=drafting.EDITABLE))
    return file is not None and made_from_it and bool(typed) and typed[0].added_at > file.added_at


def _opinions(document: Document) -> list[dict[str, Any]]:
    now = reviewing.digest_of(document)
    return [{"said": each, "stale": bytes(each.sha256 or b"") != now} for each in reviewing.opinions(document)]


def _versions(visit: Visit, document: Document) -> dict[str, Any]:
    """All versions of all files, newest first, with the neighbours that can be compared."""
    files = list(StoredFile.objects.filter(document=document).select_related("added_by").order_by("-version", "-pk"))
    groups = []
    for role, label in words_of(FILES, visit.language).items():
        mine = [each for each in files if each.role == role and each.slot == 0]
        pairs = {newer.pk: older.pk for newer, older in pairwise(mine)}
        if mine:
            groups.append({"label": label, "files": mine, "before": pairs})
    attachments = current(document, role=drafting.ATTACHMENT)
    changeable = drafting.may_change(visit, document) and document.state in drafting.BEFORE_SIGNING
    return {"groups": groups, "attachments": attachments, "edit": changeable and not any(_signed(document))}


def _pass_on(visit: Visit, document: Document) -> list[Choice]:
    """To whom the person may pass his own signature on; nothing when it is not his to give."""
    mine = [each for each in signing_chain.person_steps(document) if each.account_id == visit.who.account.pk]
    if document.state != Outgoing.SIGNING.value or not any(
        not each.for_whom_id and not each.signed_at for each in mine
    ):
        return []
    offers = passing_on.choices(visit, document)
    signers = signing_posts.by_delegations(visit, offers)
    return [
        Choice(str(each.pk), f"{' '.join(signer.capacity)} – {signer.name}")
        for each, signer in zip(offers, signers, strict=True)
    ]


def _owners(visit: Visit, document: Document) -> list[Choice]:
    units = [
        Choice(f"u{each.pk}", each.name)
        for each in Unit.objects.filter(in_force(visit.today), agency=visit.agency)
        if each.pk != document.unit_id
    ]
    people: dict[int, Choice] = {}
    for each in appointed(visit.agency, visit.today).select_related("account").order_by("pk"):
        if each.account_id != document.drafter_id:
            people.setdefault(each.account_id, Choice(f"a{each.account_id}", each.account.full_name, each.position))
    return [*units, *people.values()]
