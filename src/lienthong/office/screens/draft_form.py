"""The form of a draft: what a person typed becomes :class:`DraftFields`, and is shown again as he typed it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import QueryDict

from lienthong.base.errors import Language, Refused
from lienthong.base.text import one_line
from lienthong.office.models import Document
from lienthong.office.services import signing_posts
from lienthong.office.services.draft_content import KINDS, ChainSigner, DraftFields, Recipient, tidy
from lienthong.office.states import Channel
from lienthong.vocabulary import agency as agency_codes
from lienthong.vocabulary.urgency import Urgency
from lienthong.webkit.door.faults import read_number
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.look.parts import Choice, Fault

SIGNERS = 4
"""Rows for signers; documents with more are rare and are signed outside."""
_BAR = "|"


@dataclass(frozen=True, slots=True)
class SignerRow:
    """One row of the form: the chosen person, the capacity, whether beside the one above."""

    place: int
    choices: list[Choice]
    capacity: str = ""
    beside: bool = False


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form: values by field, choices, faults."""

    values: Mapping[str, Any]
    kinds: list[Choice]
    urgencies: list[Choice]
    signers: list[SignerRow]
    recipients: list[Choice]
    faults: list[Fault] = field(default_factory=list)

    def fault(self, name: str) -> str:
        """The sentence for one field, empty when it is right."""
        return next((each.sentence for each in self.faults if each.field == name), "")


def read(visit: Visit, post: QueryDict) -> DraftFields:
    """The form's content; what cannot be read is left to the service to refuse."""
    offers = {each.value: each.signer for each in _offers(visit)}
    signers = []
    for place in range(1, SIGNERS + 1):
        chosen = offers.get(post.get(f"signer_{place}", ""))
        if chosen is not None:
            lines = tidy(post.get(f"capacity_{place}", "").split(";"))
            beside = bool(post.get(f"beside_{place}"))
            signers.append(replace(chosen, capacity=lines or tidy(chosen.capacity), beside=beside))
    return DraftFields(
        kind=post.get("kind", ""), abstract=" ".join(post.get("abstract", "").split()), body=post.get("body", ""),
        addressees=tidy(post.get("addressees", "").splitlines()), bases=tidy(post.get("bases", "").splitlines()),
        authority=" ".join(post.get("authority", "").split()), urgency=_urgency(post.get("urgency", "")),
        signers=tuple(signers), recipients=tuple(_recipients(post)), kept=" ".join(post.get("kept", "").split()),
        copies=read_number(post.get("copies", ""), 5),
        note=" ".join(post.get("note", "").split()), secret=bool(post.get("secret")),
    )  # fmt: skip


def typed(visit: Visit, given: DraftFields, refused: Refused | None = None) -> Typed:
    """The form filled with a draft's content, with the faults of a refusal."""
    axis = [each for each in given.recipients if each.channel == Channel.AXIS.value]
    others = [each for each in given.recipients if each.channel != Channel.AXIS.value]
    values = {
        "abstract": given.abstract, "body": given.body, "addressees": "\n".join(given.addressees),
        "bases": "\n".join(given.bases), "authority": given.authority, "kept": given.kept, "note": given.note,
        "copies": given.copies if given.copies is not None else "", "others": "\n".join(_line(each) for each in others),
        "secret": given.secret,
    }  # fmt: skip
    return Typed(
        values, [Choice(name, name, chosen=name == given.kind) for name in KINDS],
        [Choice(str(each.value), each.label(visit.language), chosen=each == given.urgency) for each in Urgency],
        _signer_rows(visit, given),
        [Choice(f"{each.code}{_BAR}{each.name}", each.name, each.code, chosen=True) for each in axis],
        faults_of(refused, visit.language) if refused is not None else [],
    )  # fmt: skip


def faults_of(refused: Refused, language: Language) -> list[Fault]:
    """The problems of a refusal, or the refusal itself as the one fault."""
    found = [Fault(each.path, getattr(each, language)) for each in refused.problems]
    return found or [Fault("abstract", f"{refused.sentence(language)} {refused.advice(language)}")]


def begun(answered: Document | None) -> DraftFields:
    """An empty form, or one that answers an incoming document."""
    if answered is None:
        return DraftFields("", "")
    recipients: tuple[Recipient, ...] = ()
    if answered.issuer_code:
        recipients = (Recipient(answered.issuer_name, Channel.AXIS.value, answered.issuer_code),)
    written = f" số {answered.number_and_symbol}" if answered.number else ""
    return DraftFields(
        "Công văn", f"Trả lời văn bản{written} của {answered.issuer_name}"[:500],
        body=f"Trả lời văn bản{written} của {answered.issuer_name} về việc {answered.abstract}, … có ý kiến như sau:\n",
        addressees=(answered.issuer_name,), recipients=recipients,
    )  # fmt: skip


def correcting(wrong: Document) -> DraftFields:
    """A letter that corrects form or typing of an issued document, to all who received it (D30 art. 18.4)."""
    written = f"{wrong.kind.partition('(')[0].strip()} số {wrong.number_and_symbol}"
    given = DraftFields.from_json(wrong.content)
    return DraftFields(
        "Công văn", f"Đính chính {written}"[:500],
        body=f"Ngày {wrong.issued_date:%d/%m/%Y}, {wrong.issuer_name} đã ban hành {written}. Do sai sót về …, "
        f"{wrong.issuer_name} đính chính như sau:\n", addressees=tuple(each.name for each in given.recipients),
        recipients=given.recipients, signers=given.signers, note=f"Đính chính {wrong.number_and_symbol}",
    )  # fmt: skip


def _signer_rows(visit: Visit, given: DraftFields) -> list[SignerRow]:
    offers = _offers(visit)
    rows = []
    for place in range(1, SIGNERS + 1):
        chosen = given.signers[place - 1] if place <= len(given.signers) else None
        choices = [Choice(each.value, each.label, chosen=_same(each.signer, chosen)) for each in offers]
        capacity = "; ".join(chosen.capacity) if chosen is not None else ""
        rows.append(SignerRow(place, choices, capacity, chosen.beside if chosen is not None else False))
    return rows


@dataclass(frozen=True, slots=True)
class _Offer:
    """One line of the choice of a signer. ``value``: as the form sends it."""

    value: str
    label: str
    signer: ChainSigner


def _offers(visit: Visit) -> list[_Offer]:
    """Whoever may sign now, once each, leaders first; then posts; then those who sign in place of others."""
    people: dict[int, _Offer] = {}
    for each in signing_posts.signing_appointments(visit):
        label = f"{each.position} – {each.account.full_name}"
        people.setdefault(each.account_id, _Offer(str(each.account_id), label, signing_posts.by_person(each)))
    vi = visit.language == "vi"
    posts = [
        _Offer(
            f"post:{each.pk}",
            f"{each.position}, {each.unit.name} – "
            + (f"người giữ chức danh khi ký (nay là {each.account.full_name})" if vi
               else f"the holder when it is signed (now {each.account.full_name})"),
            signing_posts.by_post(each),
        )
        for each in signing_posts.posts(visit)
    ]  # fmt: skip
    lent = []
    delegations = signing_posts.delegations(visit)
    for given, signer in zip(delegations, signing_posts.by_delegations(visit, delegations), strict=True):
        principal = given.principal.full_name
        who = f"{signer.name} thay {principal}" if vi else f"{signer.name} for {principal}"
        lent.append(_Offer(f"for:{given.pk}", f"{' '.join(signer.capacity)} – {who}", signer))
    return [*people.values(), *posts, *lent]


def _same(offered: ChainSigner, chosen: ChainSigner | None) -> bool:
    if chosen is None or offered.post != chosen.post or offered.for_whom != chosen.for_whom:
        return False
    return bool(offered.post) or offered.account == chosen.account


def _recipients(post: QueryDict) -> Iterable[Recipient]:
    for chosen in post.getlist("recipients"):
        code, _, name = chosen.partition(_BAR)
        yield Recipient(one_line(name, 300) or code, Channel.AXIS.value, code.strip())
    for line in tidy(post.get("others", "").splitlines()):
        yield _other(line)


def _other(line: str) -> Recipient:
    """«Tên; mã định danh», «Tên; địa chỉ thư», «Tên; nơi nhận bản giấy» or only a name."""
    name, _, where = (part.strip() for part in line.partition(";"))
    if "@" in where:
        return Recipient(name[:300], Channel.EMAIL.value, address=where[:300])
    try:
        if where and any(letter.isdigit() for letter in where):
            return Recipient(name[:300], Channel.AXIS.value, agency_codes.parse(where).text)
    except Refused:
        pass  # an address on paper
    return Recipient(name[:300], Channel.PAPER.value, address=where[:300])


def _line(each: Recipient) -> str:
    return "; ".join(part for part in (each.name, each.code or each.address) if part)


def _urgency(text: str) -> int:
    return int(text) if text in {str(each.value) for each in Urgency} else 0
