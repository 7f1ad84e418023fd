"""The life of a certificate, step by step, and what calls for attention on the way."""

from __future__ import annotations

import random
import tempfile
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from holdings_world import AGENCY, AN, NOW, SEAL, SERVER, World, world
from lienthong.base.clock import SystemClock
from lienthong.base.errors import Refused
from lienthong.signing.holdings.book import CertificateBook, Told
from lienthong.signing.holdings.events import Event, Step
from lienthong.signing.holdings.life import after, begin, possible
from lienthong.signing.holdings.model import Cause, State
from lienthong.signing.holdings.notices import NoticeKind, notices, urgency
from lienthong.signing.holdings.rules import rules_at
from lienthong.vocabulary.working_calendar import vietnam


@pytest.fixture
def place(tmp_path: Path) -> World:
    return world(tmp_path)


def seen(place: World) -> list[tuple[NoticeKind, int, int | None]]:
    found = notices(place.book.all().values(), place.clock.now(), place.book.rules, vietnam())
    return [(each.kind, each.number, urgency(each, place.book.rules)) for each in found]


def test_a_certificate_is_requested_approved_sent_issued_handed_over_and_activated(place: World) -> None:
    states = [place.book.request(Told("văn thư", holder=AN)).state]
    states += [place.go("1", step).state for step in (Step.APPROVE, Step.SEND)]
    states.append(place.go("1", Step.CERTIFICATE, certificate=place.certificate(AN)).state)
    states.append(place.go("1", Step.DELIVER, device="token-7", document=place.minutes).state)
    states.append(place.go("1", Step.ACTIVATE).state)
    assert states == [State.REQUESTED, State.APPROVED, State.SENT, State.ISSUED, State.DELIVERED, State.ACTIVE]
    [paper] = place.book.find("nguyen van an").documents
    assert paper.name == "biên bản.pdf" and place.book.document(paper.digest).read_bytes() == place.minutes.read_bytes()


def test_a_step_out_of_order_is_refused_with_the_steps_that_are_possible(place: World) -> None:
    place.book.request(Told("văn thư", holder=AN))
    with pytest.raises(Refused) as refused:
        place.go("1", Step.SEND)
    assert refused.value.code.name == "HOLDING_STEP_NOT_POSSIBLE"
    assert "yêu cầu cấp mới đã đề nghị" in refused.value.sentence("vi")
    assert "approve, refuse, withdraw" in refused.value.advice("vi")
    assert place.book.find("1").state is State.REQUESTED


def test_nothing_is_handed_over_without_minutes(place: World) -> None:
    place.book.request(Told("văn thư", holder=AN))
    place.go("1", Step.APPROVE, Step.SEND, Step.CERTIFICATE, certificate=place.certificate(AN))
    with pytest.raises(Refused, match="HOLDING_MINUTES_MISSING"):
        place.go("1", Step.DELIVER)


def test_somebody_elses_certificate_is_not_taken(place: World) -> None:
    place.book.request(Told("văn thư", holder=AN))
    with pytest.raises(Refused, match="CERTIFICATE_NOT_OF_HOLDER"):
        place.go("1", Step.APPROVE, Step.SEND, Step.CERTIFICATE, certificate=place.certificate(SERVER))
    with pytest.raises(Refused, match="CERTIFICATE_HELD_ALREADY"):
        made = place.certificate(SEAL)
        place.book.take_in(Told("văn thư", holder=SEAL, certificate=made))
        place.book.take_in(Told("văn thư", holder=SEAL, certificate=made))


def test_a_request_that_the_managing_agency_or_the_provider_refuses_ends_there(place: World) -> None:
    place.book.request(Told("văn thư", holder=AN))
    assert place.go("1", Step.REFUSE, note="thiếu quyết định bổ nhiệm").state is State.REFUSED
    assert possible(place.book.all()[1], NOW) == (Step.ATTACH,)
    place.active(SEAL)
    kept = place.go("2", Step.RENEW, Step.APPROVE, Step.SEND, Step.REFUSE)
    assert kept.state is State.ACTIVE and kept.request is None


def test_a_key_pair_is_renewed_once(place: World) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    place.active(AN, key=key)
    renewed = place.certificate(AN, days=3 * 365, key=key)
    found = place.go("1", Step.RENEW, Step.APPROVE, Step.SEND, Step.CERTIFICATE, certificate=renewed)
    assert found.state is State.ACTIVE and found.current == renewed and len(found.certificates) == 2
    with pytest.raises(Refused, match="HOLDING_STEP_NOT_POSSIBLE"):
        place.go("1", Step.RENEW)
    # A change of information brings a new key pair, which may be renewed again.
    place.go("1", Step.CHANGE, Step.APPROVE, Step.SEND, Step.CERTIFICATE, certificate=place.certificate(AN))
    assert place.go("1", Step.RENEW).request is not None


def test_a_change_of_information_counts_when_the_new_certificate_is_there(place: World) -> None:
    place.active()
    promoted = replace(AN, title="Phó Chủ tịch", agency="UBND tỉnh Mẫu")
    asked = place.go("1", Step.CHANGE, holder=promoted)
    assert asked.holder == AN
    done = place.go("1", Step.APPROVE, Step.SEND, Step.CERTIFICATE, certificate=place.certificate(promoted))
    assert done.holder == promoted and place.book.find("1").holder == promoted


def test_a_locked_device_is_recovered(place: World) -> None:
    place.active()
    assert place.go("1", Step.LOCK).state is State.LOCKED
    assert place.go("1", Step.RECOVER, Step.APPROVE, Step.SEND).state is State.LOCKED
    assert place.go("1", Step.UNLOCKED).state is State.ACTIVE


def test_a_revoked_certificate_waits_for_its_device(place: World) -> None:
    place.active()
    with pytest.raises(Refused, match="HOLDING_DEVICE_UNSETTLED"):
        place.go("1", Step.RETURN)
    ended = place.go("1", Step.REVOKE, cause=Cause.KEY_EXPOSED)
    assert ended.state is State.ACTIVE
    ended = place.go("1", Step.APPROVE, Step.SEND, Step.REVOKED)
    assert (ended.state, ended.cause) == (State.REVOKED, Cause.KEY_EXPOSED)
    assert seen(place) == [(NoticeKind.DEVICE_OUT, 1, None)]
    assert place.go("1", Step.RETURN).device_state == "returned"
    assert place.go("1", Step.DESTROY).device_state == "destroyed"
    assert seen(place) == []


def test_the_provider_may_revoke_without_being_asked_whatever_is_under_way(place: World) -> None:
    place.active()
    place.go("1", Step.RENEW)
    ended = place.go("1", Step.REVOKED, cause=Cause.AUTHORITY)
    assert ended.state is State.REVOKED and ended.request is None


@pytest.mark.parametrize(("left", "warned"), [(61, None), (60, 60), (31, 60), (30, 30), (8, 30), (7, 7), (1, 7)])
def test_the_end_is_announced_sixty_thirty_and_seven_days_before(place: World, left: int, warned: int | None) -> None:
    place.active(AN, days=1000)
    place.clock.move(timedelta(days=1000 - left))
    assert seen(place) == ([] if warned is None else [(NoticeKind.ENDING, 1, warned)])


def test_a_certificate_ends_by_time_without_anybody_writing_it(place: World) -> None:
    place.active(AN, days=100)
    place.clock.move(timedelta(days=100))
    assert place.book.all()[1].state_at(place.clock.now()) is State.EXPIRED
    assert [kind for kind, *_ in seen(place)] == [NoticeKind.DEVICE_OUT]
    with pytest.raises(Refused, match="HOLDING_STEP_NOT_POSSIBLE"):
        place.go("1", Step.RENEW)


def test_retirement_proposes_revocation_of_the_persons_certificates_and_a_merger_of_all(place: World) -> None:
    place.active(AN)
    place.active(SEAL)
    place.active(SERVER)
    assert [each.number for each in place.book.propose(Cause.RETIREMENT, "Nguyen Van An", Told("nhân sự"))] == [1]
    assert [each.number for each in place.book.propose(Cause.MERGER, AGENCY, Told("nhân sự", "sáp nhập"))] == [1, 2, 3]
    # Saying it again proposes nothing twice.
    place.book.propose(Cause.MERGER, AGENCY, Told("nhân sự"))
    assert [len(each.proposals) for each in place.book.all().values()] == [2, 1, 1]
    assert [kind for kind, *_ in seen(place)] == [NoticeKind.PROPOSED] * 4
    place.go("1", Step.DISMISS, note="được kéo dài")
    assert place.go("2", Step.REVOKE, cause=Cause.MERGER).proposals == ()
    with pytest.raises(Refused, match="HOLDING_UNKNOWN"):
        place.book.propose(Cause.DEATH, AGENCY, Told("nhân sự"))


def test_a_provider_that_does_not_answer_in_three_working_days_is_named(place: World) -> None:
    place.book.request(Told("văn thư", holder=AN))
    place.go("1", Step.APPROVE, Step.SEND)
    place.clock.move(timedelta(days=3))
    assert seen(place) == []
    place.clock.move(timedelta(days=1))
    assert seen(place) == [(NoticeKind.PROVIDER_LATE, 1, None)]


def test_a_certificate_without_a_title_or_with_another_is_told(place: World) -> None:
    place.active(AN, title=False)
    assert seen(place) == [(NoticeKind.FINDING, 1, None)]
    place.book.take_in(
        Told(
            "văn thư",
            holder=replace(AN, title="Giám đốc"),
            certificate=place.certificate(replace(AN, title="Chuyên viên")),
        )
    )
    said = [each.vi for each in notices(place.book.all().values(), NOW, rules_at(NOW.date()), vietnam())]
    assert "không ghi chức vụ" in said[0] and "«Chuyên viên»" in said[1]


def test_names_that_several_share_are_asked_for_by_number(place: World) -> None:
    place.active(AN)
    place.active(AN)
    with pytest.raises(Refused) as refused:
        place.book.find("Nguyễn Văn An")
    assert refused.value.code.name == "HOLDING_AMBIGUOUS" and "1, 2" in refused.value.sentence("en")
    serial = place.book.all()[2].certificates[0].serial
    assert place.book.find(serial).number == 2


def test_the_book_read_anew_says_the_same(place: World) -> None:
    place.active(AN)
    place.go("1", Step.RENEW)
    place.book.propose(Cause.TRANSFER, "1", Told("nhân sự", "điều động"))
    assert CertificateBook(place.book.folder, place.clock).all() == place.book.all()


def test_two_programs_at_one_book_see_what_the_other_wrote(tmp_path: Path) -> None:
    place = world(tmp_path)
    own = CertificateBook(place.book.folder, SystemClock())
    other = CertificateBook(place.book.folder, SystemClock())
    own.request(Told("văn thư", holder=AN))
    other.step("1", Step.APPROVE, Told("lãnh đạo"))
    own.step("1", Step.SEND, Told("văn thư"))
    assert own.all() == other.all() == CertificateBook(place.book.folder, SystemClock()).all()
    assert other.find("1").state is State.SENT


def test_taking_in_many_certificates_does_not_read_the_book_anew_each_time(
    place: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = []
    whole = CertificateBook.events
    monkeypatch.setattr(CertificateBook, "events", lambda self, number=None: read.append(1) or whole(self, number))
    for _ in range(20):
        place.book.take_in(Told("văn thư", holder=AN, certificate=place.certificate(AN)))
    assert len(place.book.all()) == 20 and len(read) <= 1


def test_a_book_that_another_hand_changed_is_refused(place: World) -> None:
    place.active(AN)
    file = place.book.folder / "book.jsonl"
    file.write_bytes(file.read_bytes().replace("Giám đốc".encode(), "Chủ tịch".encode(), 1))
    with pytest.raises(Refused, match="USE_LOG_BROKEN"):
        place.book.all()


@cache
def any_certificate() -> x509.Certificate:
    return world(Path(tempfile.mkdtemp())).certificate(AN, days=900)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**32), st.lists(st.integers(0, 400), min_size=1, max_size=40))
def test_whatever_is_possible_can_be_done_and_leaves_something_possible(seed: int, days: list[int]) -> None:
    chosen, certificate = random.Random(seed), any_certificate()
    holding, at = begin(Event(Step.REQUEST, 1, NOW, "x", holder=AN)), NOW
    for each in days:
        at += timedelta(days=each)
        step = chosen.choice(possible(holding, at))
        holding = after(holding, Event(step, 1, at, "x", certificate=certificate, cause=Cause.TRANSFER))
        assert Step.ATTACH in possible(holding, at)
        assert holding.state is not State.EXPIRED
