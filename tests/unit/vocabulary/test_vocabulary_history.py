"""Statuses and the history of one delivery."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.base.errors import Refused
from lienthong.vocabulary.errors import STATUS_CODE_UNKNOWN
from lienthong.vocabulary.history import Event, History, Outcome, Request, State
from lienthong.vocabulary.status import Parties, StatusCode, addressee, normalise, parties

START = datetime(2026, 3, 2, 8, tzinfo=UTC)


def event(what, minute, arrival=None, **more):
    code = normalise(what) if isinstance(what, str) else what
    return Event(code, START + timedelta(minutes=minute), minute if arrival is None else arrival, **more)


def applied(*events):
    history = History()
    return history, [history.apply(e).outcome for e in events]


def test_codes_are_normalised_by_their_integer_value_and_unknown_ones_refused():
    assert [normalise(t) for t in ("1", "01", " 001", 13, "16")] == [
        StatusCode.ARRIVED,
        StatusCode.ARRIVED,
        StatusCode.ARRIVED,
        StatusCode.RECALL_ASKED,
        StatusCode.CHANGE_REFUSED,
    ]
    for text in ("", "07", "14", "999", "-1", "1.0", "x", "٣", "00001"):
        with pytest.raises(Refused) as refusal:
            normalise(text)
        assert refusal.value.code is STATUS_CODE_UNKNOWN


def test_the_direction_of_thirteen_is_reversed():
    assert parties(StatusCode.ACCEPTED, "R", "I") == Parties(issuer="I", receiver="R")
    assert parties(StatusCode.RECALL_ASKED, "I", "R") == Parties(issuer="I", receiver="R")
    for code in StatusCode:
        assert parties(code, *addressee(code, Parties("I", "R"))) == Parties("I", "R")


def test_the_usual_story_advances_step_by_step():
    history, outcomes = applied(*(event(code, n) for n, code in enumerate(["01", "03", "04", "05", "05", "06"])))
    assert history.state is State.COMPLETED
    assert outcomes == [Outcome.ADVANCED] * 4 + [Outcome.REPEATED, Outcome.ADVANCED]


def test_arrival_may_be_skipped_and_a_late_lower_code_does_not_move_back():
    history, outcomes = applied(event("03", 1), event("05", 2), event("01", 3), event("04", 4))
    assert outcomes == [Outcome.ADVANCED, Outcome.ADVANCED, Outcome.LATE, Outcome.LATE]
    assert history.state is State.PROCESSING
    assert len(history.entries) == 4


def test_an_older_status_that_arrives_later_is_recorded_as_late():
    history, outcomes = applied(event("03", 5, 1), event("01", 2, 2))
    assert outcomes == [Outcome.ADVANCED, Outcome.LATE]
    assert [entry.event.what for entry in history.entries] == [StatusCode.ARRIVED, StatusCode.ACCEPTED]


def test_a_duplicate_is_ignored_but_processing_may_repeat():
    history, outcomes = applied(event("03", 1), event("03", 2), event("05", 3), event("05", 4), event("05", 4, 5))
    assert outcomes[1] is Outcome.IGNORED_DUPLICATE
    assert outcomes[3] is Outcome.REPEATED
    assert outcomes[4] is Outcome.IGNORED_DUPLICATE
    assert history.state is State.PROCESSING


def test_a_status_before_its_predecessor_waits_and_then_counts():
    history, outcomes = applied(event("05", 1, 1), event("03", 1, 2))
    assert outcomes == [Outcome.ILLEGAL, Outcome.ADVANCED]
    assert history.state is State.PROCESSING


def test_refusal_ends_the_delivery_and_comes_too_late_after_acceptance():
    history, outcomes = applied(event("02", 1), event("03", 2), event("01", 3), event("13", 4))
    assert outcomes == [Outcome.ADVANCED, Outcome.ILLEGAL, Outcome.LATE, Outcome.ILLEGAL]
    assert history.state is State.REFUSED
    history, outcomes = applied(event("03", 1), event("02", 2))
    assert outcomes[1] is Outcome.ILLEGAL
    assert history.state is State.ACCEPTED


def test_an_agreed_recall_withdraws_and_a_refused_one_lets_processing_go_on():
    history, outcomes = applied(event("03", 1), event("13", 2), event("16", 3), event("05", 4))
    assert outcomes == [Outcome.ADVANCED] * 4
    assert (history.state, history.pending) == (State.PROCESSING, ())
    assert history.apply(event("13", 5)).outcome is Outcome.ADVANCED
    assert history.apply(event("13", 6)).outcome is Outcome.IGNORED_DUPLICATE
    assert history.apply(event("15", 7)).after is State.WITHDRAWN
    assert history.apply(event("06", 8)).outcome is Outcome.ILLEGAL
    assert history.apply(event("15", 9)).outcome is Outcome.IGNORED_DUPLICATE


def test_a_completed_document_can_still_be_recalled():
    history, _ = applied(event("03", 1), event("06", 2), event("13", 3), event("15", 4))
    assert history.state is State.WITHDRAWN


def test_both_recall_channels_are_one_request():
    history, outcomes = applied(event("03", 1), event(Request.RECALL, 2), event("13", 3), event("15", 4))
    assert outcomes == [Outcome.ADVANCED, Outcome.ADVANCED, Outcome.REPEATED, Outcome.ADVANCED]
    assert history.state is State.WITHDRAWN


def test_an_agreed_update_keeps_the_state():
    history, outcomes = applied(event("03", 1), event(Request.UPDATE, 2, reference="u1"), event("15", 3))
    assert outcomes[-1] is Outcome.ADVANCED
    assert (history.state, history.pending) == (State.ACCEPTED, ())


def test_an_answer_goes_to_the_request_that_its_sender_named():
    history, _ = applied(
        event("03", 1),
        event(Request.UPDATE, 2, reference="u1"),
        event("13", 3),
        event("16", 4, answers=Request.RECALL),
    )
    assert [asked.what for asked in history.pending] == [Request.UPDATE]


def test_an_answer_without_request_is_illegal_and_does_not_answer_a_later_one():
    history, outcomes = applied(event("03", 1), event("15", 2), event("13", 3))
    assert outcomes == [Outcome.ADVANCED, Outcome.ILLEGAL, Outcome.ADVANCED]
    assert history.state is State.ACCEPTED
    assert len(history.pending) == 1


def test_an_answer_whose_clock_is_behind_still_answers():
    history, _ = applied(event("03", 1, 1), event("13", 10, 2), event("15", 8, 3))
    assert history.state is State.WITHDRAWN


def test_every_reason_is_a_sentence_in_both_languages():
    history, _ = applied(event("05", 1), event("02", 2), event("03", 3), event("15", 4))
    for entry in history.entries:
        assert entry.reason.vi.endswith(".") and entry.reason.en.endswith(".")


whats = st.one_of(st.sampled_from(list(StatusCode)), st.sampled_from(list(Request)))
stories = st.lists(st.tuples(whats, st.integers(0, 6)), max_size=9).map(
    lambda story: [event(what, minute, arrival) for arrival, (what, minute) in enumerate(story)]
)


@given(st.data(), stories)
def test_any_order_of_arrival_ends_in_the_same_state(data, story):
    shuffled = data.draw(st.permutations(story))
    one_by_one = History()
    for one in shuffled:
        one_by_one.apply(one)
    straight = History(story)
    assert one_by_one.state is straight.state
    assert one_by_one.pending == straight.pending
    assert one_by_one.entries == straight.entries


@given(stories)
def test_sending_everything_twice_changes_nothing(story):
    once = History(story)
    twice = History([*story, *(event_again(e, len(story)) for e in story)])
    assert (twice.state, twice.pending) == (once.state, once.pending)


def event_again(one, shift):
    return Event(one.what, one.at, one.arrival + shift, one.answers, one.reference)


@given(stories)
def test_the_outcome_says_truly_whether_something_changed(story):
    history = History()
    for one in story:
        before = (history.state, history.pending)
        answer = history.apply(one)
        changed = (history.state, history.pending) != before
        assert answer.before is before[0] and answer.after is history.state
        if changed:
            assert answer.outcome is not Outcome.LATE
        if answer.outcome is Outcome.ADVANCED:
            assert changed
