"""The life of a certificate: which step is possible when, and what it makes of the holding.

requested → approved by the managing agency → sent to the provider → issued → delivered with minutes → active →
{renewal | change of information | device locked, recovery} → active … → revoked or expired; then the device is
returned or destroyed. Source: Decree 68/2024/NĐ-CP articles 10 to 17.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from cryptography import x509
from cryptography.x509.oid import NameOID

from lienthong.base.errors import Refused
from lienthong.base.text import fold, one_line
from lienthong.signing.holdings.errors import (
    CERTIFICATE_NOT_OF_HOLDER,
    HOLDING_DEVICE_UNSETTLED,
    HOLDING_STEP_NOT_POSSIBLE,
)
from lienthong.signing.holdings.events import Event, Step
from lienthong.signing.holdings.model import (
    REQUEST_WORDS,
    STATE_WORDS,
    Held,
    Holder,
    HolderKind,
    Holding,
    Progress,
    Proposal,
    Request,
    RequestKind,
    State,
)
from lienthong.signing.holdings.rules import Rules
from lienthong.trust.certificates import public_key_of
from lienthong.trust.keys import key_id

ASKS = {
    Step.REQUEST: RequestKind.ISSUE, Step.RENEW: RequestKind.RENEWAL, Step.CHANGE: RequestKind.CHANGE,
    Step.RECOVER: RequestKind.RECOVERY, Step.REVOKE: RequestKind.REVOCATION,
}  # fmt: skip
_ANSWERS = {
    RequestKind.ISSUE: Step.CERTIFICATE, RequestKind.RENEWAL: Step.CERTIFICATE, RequestKind.CHANGE: Step.CERTIFICATE,
    RequestKind.RECOVERY: Step.UNLOCKED, RequestKind.REVOCATION: Step.REVOKED,
}  # fmt: skip
_FIRST = {Progress.REQUESTED: State.REQUESTED, Progress.APPROVED: State.APPROVED, Progress.SENT: State.SENT}
_LIVING = (State.ISSUED, State.DELIVERED, State.ACTIVE, State.LOCKED)
_OWN_STEPS = {
    State.ISSUED: (Step.DELIVER, Step.REVOKE), State.DELIVERED: (Step.ACTIVATE, Step.REVOKE),
    State.ACTIVE: (Step.RENEW, Step.CHANGE, Step.LOCK, Step.REVOKE), State.LOCKED: (Step.RECOVER, Step.REVOKE),
}  # fmt: skip


def possible(holding: Holding, at: datetime) -> tuple[Step, ...]:
    """The steps that a holding can take at an instant, in the order in which people need them."""
    state, found = holding.state_at(at), list[Step]()
    if holding.request is not None:
        found += {
            Progress.REQUESTED: [Step.APPROVE, Step.REFUSE, Step.WITHDRAW],
            Progress.APPROVED: [Step.SEND, Step.WITHDRAW],
            Progress.SENT: [_ANSWERS[holding.request.kind], Step.REFUSE],
        }[holding.request.progress]
    else:
        found += _OWN_STEPS.get(state, ())
    if state in _LIVING and Step.REVOKED not in found:
        found.append(Step.REVOKED)
    if holding.proposals:
        found.append(Step.DISMISS)
    if state in {State.REVOKED, State.EXPIRED} and holding.device_state != "destroyed":
        found += [Step.RETURN, Step.DESTROY] if holding.device_state == "kept" else [Step.DESTROY]
    return (*found, Step.ATTACH)


def require(holding: Holding, event: Event, rules: Rules) -> None:
    """Refuse a step that the holding cannot take now.

    Refuses: HOLDING_STEP_NOT_POSSIBLE, HOLDING_DEVICE_UNSETTLED, CERTIFICATE_NOT_OF_HOLDER.
    """
    allowed = possible(holding, event.at)
    if event.step in {Step.RETURN, Step.DESTROY} and holding.state_at(event.at) in _LIVING:
        raise Refused(HOLDING_DEVICE_UNSETTLED, number=holding.number)
    if event.step is not Step.PROPOSE and event.step not in allowed:
        raise _not_possible(holding, event, allowed, *_why(holding, event.at))
    if event.step is Step.RENEW and _renewals(holding) >= rules.renewals_of_a_key:
        why = f"cặp khóa này đã gia hạn {rules.renewals_of_a_key} lần", "this key pair was renewed already"
        raise _not_possible(holding, event, tuple(each for each in allowed if each is not Step.RENEW), *why)
    if event.step is Step.CERTIFICATE and event.certificate is not None:
        wanted = holding.request.changed if holding.request is not None else None
        require_own(wanted or holding.holder, event.certificate)


def require_own(holder: Holder, certificate: x509.Certificate) -> None:
    """Refuse another holder's certificate; letter case and accents do not matter. CERTIFICATE_NOT_OF_HOLDER."""
    names = [one_line(str(each.value), 200) for each in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    if holder.kind is HolderKind.AGENCY:
        found = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
        names += [one_line(str(each.value), 200) for each in found]
    if fold(holder.name) not in {fold(each) for each in names}:
        raise Refused(CERTIFICATE_NOT_OF_HOLDER, found=", ".join(names) or "-", wanted=holder.name)


def begin(event: Event) -> Holding:
    """A new holding, of a request for issue or of a certificate that the agency has already."""
    if event.holder is None:
        raise ValueError("a holding begins with its holder")
    if event.step is Step.REQUEST:
        request = Request(RequestKind.ISSUE, Progress.REQUESTED, event.at, event.note)
        return Holding(event.number, event.holder, State.REQUESTED, event.at, request=request, documents=event.filed())
    if event.step is not Step.IMPORT or event.certificate is None:
        raise ValueError("a holding begins with a request or an import")
    held = Held(event.certificate, event.at)
    return Holding(
        event.number, event.holder, State.ACTIVE, event.at, (held,), device=event.device, documents=event.filed()
    )


def after(holding: Holding, event: Event) -> Holding:
    """What the step makes of the holding; the step is not judged again."""
    made = replace(holding, documents=holding.documents + event.filed())
    if event.step in ASKS:
        return replace(made, request=_asked(event), proposals=_left(made, event))
    return _TAKE[event.step](made, event)


def _asked(event: Event) -> Request:
    return Request(ASKS[event.step], Progress.REQUESTED, event.at, event.note, event.cause, event.holder)


def _left(holding: Holding, event: Event) -> tuple[Proposal, ...]:
    # Whoever asks for revocation has followed every proposal of it.
    return () if event.step is Step.REVOKE else holding.proposals


def _further(holding: Holding, event: Event) -> Holding:
    progress = Progress.APPROVED if event.step is Step.APPROVE else Progress.SENT
    request = _request(holding)
    moved = replace(holding, request=replace(request, progress=progress, since=event.at))
    return replace(moved, state=_FIRST[progress], since=event.at) if request.kind is RequestKind.ISSUE else moved


def _ended(holding: Holding, event: Event) -> Holding:
    first = _request(holding).kind is RequestKind.ISSUE
    ended = replace(holding, request=None)
    return replace(ended, state=State.REFUSED, since=event.at) if first else ended


def _certified(holding: Holding, event: Event) -> Holding:
    request = _request(holding)
    if event.certificate is None:
        raise ValueError("a certificate is missing")
    held = Held(event.certificate, event.at, request.kind is RequestKind.RENEWAL)
    # A new holding still has to be handed over; a renewal or change leaves the device where it is.
    state = State.ISSUED if request.kind is RequestKind.ISSUE else State.ACTIVE
    return replace(
        holding, certificates=(*holding.certificates, held), holder=request.changed or holding.holder, request=None,
        state=state, since=event.at,
    )  # fmt: skip


def _revoked(holding: Holding, event: Event) -> Holding:
    cause = event.cause or (holding.request.cause if holding.request is not None else None)
    since = event.since or event.at
    return replace(holding, request=None, proposals=(), state=State.REVOKED, since=since, cause=cause)


def _moved(state: State) -> Callable[[Holding, Event], Holding]:
    def move(holding: Holding, event: Event) -> Holding:
        return replace(holding, state=state, since=event.at, device=event.device or holding.device)

    return move


def _device(state: str) -> Callable[[Holding, Event], Holding]:
    return lambda holding, _: replace(holding, device_state=state)


def _unlocked(holding: Holding, event: Event) -> Holding:
    return replace(holding, request=None, state=State.ACTIVE, since=event.at)


def _proposed(holding: Holding, event: Event) -> Holding:
    if event.cause is None:
        raise ValueError("a proposal has a cause")
    return replace(holding, proposals=(*holding.proposals, Proposal(event.cause, event.note, event.at)))


_TAKE: dict[Step, Callable[[Holding, Event], Holding]] = {
    Step.APPROVE: _further,
    Step.SEND: _further,
    Step.REFUSE: _ended,
    Step.WITHDRAW: _ended,
    Step.CERTIFICATE: _certified,
    Step.DELIVER: _moved(State.DELIVERED),
    Step.ACTIVATE: _moved(State.ACTIVE),
    Step.LOCK: _moved(State.LOCKED),
    Step.UNLOCKED: _unlocked,
    Step.REVOKED: _revoked,
    Step.RETURN: _device("returned"),
    Step.DESTROY: _device("destroyed"),
    Step.PROPOSE: _proposed,
    Step.DISMISS: lambda holding, _: replace(holding, proposals=()),
    Step.ATTACH: lambda holding, _: holding,
}


def _request(holding: Holding) -> Request:
    if holding.request is None:
        raise ValueError("no request is under way")
    return holding.request


def _renewals(holding: Holding) -> int:
    """How often the present key pair was renewed."""
    if holding.current is None:
        return 0
    own = key_id(public_key_of(holding.current))
    return sum(each.renewal and key_id(public_key_of(each.certificate)) == own for each in holding.certificates)


def _why(holding: Holding, at: datetime) -> tuple[str, str]:
    if holding.request is not None:
        kind, progress = REQUEST_WORDS[holding.request.kind], STATE_WORDS[_FIRST[holding.request.progress]]
        return f"yêu cầu {kind[0]} {progress[0]}", f"a request ({kind[1]}) is {progress[1]}"
    vi, en = STATE_WORDS[holding.state_at(at)]
    return f"chứng thư số {vi}", f"it is {en}"


def _not_possible(holding: Holding, event: Event, allowed: tuple[Step, ...], vi: str, en: str) -> Refused:
    now = ", ".join(each.value for each in allowed)
    return Refused(
        HOLDING_STEP_NOT_POSSIBLE, step=event.step.value, number=holding.number,
        why_vi=vi, why_en=en, possible=now,
    )  # fmt: skip
