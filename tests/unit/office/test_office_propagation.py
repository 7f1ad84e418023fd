"""What follows when tasks end: levels, leads, supporters, people to be informed, and trees of any shape."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lienthong.office.rules.propagation import ONLOOKERS, Item, below, settle, state_of, tree_of
from lienthong.office.states import Incoming, Role, TaskKind, TaskState

HANDLING, SUBMISSION = TaskKind.HANDLING, TaskKind.SUBMISSION
LEAD, SUPPORT, INFORM = Role.LEAD, Role.SUPPORT, Role.INFORM
NEW, OPEN, PASSED, REPORTED = TaskState.NEW, TaskState.OPEN, TaskState.PASSED, TaskState.REPORTED
FINISHED, WITHDRAWN, RETURNED = TaskState.FINISHED, TaskState.WITHDRAWN, TaskState.RETURNED


def task(id_: int, parent: int | None, role: Role, state: TaskState, **more: object) -> Item:
    kind = SUBMISSION if parent is None else HANDLING
    return Item(id_, parent, kind, role, state, **more)  # type: ignore[arg-type]


def test_giving_on_passes_the_giver_and_does_not_finish_him() -> None:
    assert settle([task(1, None, LEAD, OPEN), task(2, 1, LEAD, NEW)]) == {1: PASSED}


def test_the_last_of_several_leads_finishes_the_giver_and_closes_supporters_and_informed() -> None:
    tree = [task(1, None, LEAD, PASSED), task(2, 1, LEAD, FINISHED), task(3, 1, LEAD, OPEN), task(4, 1, SUPPORT, OPEN),
            task(5, 1, INFORM, NEW)]  # fmt: skip
    assert settle(tree) == {}
    done = [replace(each, state=FINISHED) if each.id == 3 else each for each in tree]
    assert settle(done) == {1: FINISHED, 4: FINISHED, 5: FINISHED}
    assert state_of([replace(each, state=FINISHED) for each in done]) is Incoming.FINISHED


def test_a_supporter_who_finishes_moves_nothing_upward() -> None:
    assert settle([task(1, None, LEAD, PASSED), task(2, 1, LEAD, OPEN), task(3, 1, SUPPORT, FINISHED)]) == {}


def test_a_chain_of_levels_finishes_from_the_officer_to_the_document() -> None:
    chain = [task(1, None, LEAD, PASSED), task(2, 1, LEAD, PASSED), task(3, 2, LEAD, FINISHED)]
    assert settle(chain) == {1: FINISHED, 2: FINISHED}


@pytest.mark.parametrize("out", [WITHDRAWN, RETURNED])
def test_what_was_taken_back_or_given_back_does_not_count(out: TaskState) -> None:
    tree = [task(1, None, LEAD, PASSED), task(2, 1, LEAD, FINISHED), task(3, 1, LEAD, out)]
    assert settle(tree) == {1: FINISHED}


def test_a_level_that_lost_its_lead_goes_back_to_the_giver() -> None:
    assert settle([task(1, None, LEAD, PASSED), task(2, 1, LEAD, WITHDRAWN), task(3, 1, SUPPORT, OPEN)]) == {1: OPEN}


def test_what_stands_below_a_task_that_was_taken_back_is_taken_back() -> None:
    tree = [task(1, None, LEAD, PASSED), task(2, 1, LEAD, WITHDRAWN), task(3, 2, LEAD, OPEN)]
    assert settle(tree) == {1: OPEN, 3: WITHDRAWN}


def test_a_directive_only_for_information_is_finished_when_all_have_read() -> None:
    tree = [task(1, None, LEAD, PASSED), task(2, 1, INFORM, OPEN, read=True), task(3, 1, INFORM, NEW)]
    assert settle(tree) == {}
    assert settle([*tree[:2], replace(tree[2], read=True, state=OPEN)]) == {1: FINISHED, 2: FINISHED, 3: FINISHED}
    assert settle([*tree[:2], replace(tree[2], state=WITHDRAWN)]) == {1: FINISHED, 2: FINISHED}


def test_telling_others_does_not_finish_whoever_has_to_do_it() -> None:
    assert settle([task(1, None, LEAD, PASSED), task(2, 1, LEAD, OPEN), task(3, 2, INFORM, OPEN, read=True)]) == {}


def test_a_giver_whose_answer_is_still_due_gets_his_task_back() -> None:
    assert settle([task(1, None, LEAD, PASSED, blocked=True), task(2, 1, LEAD, FINISHED)]) == {1: OPEN}


def test_the_document_follows_its_tasks() -> None:
    submission, unit = task(1, None, LEAD, PASSED), task(2, 1, LEAD, NEW)
    officer = task(3, 2, LEAD, NEW, personal=True)
    assert state_of([]) is Incoming.REGISTERED
    assert state_of([replace(submission, state=NEW)]) is Incoming.SUBMITTED
    assert state_of([submission, unit]) is Incoming.DIRECTED
    assert state_of([submission, unit, officer]) is Incoming.DIRECTED
    assert state_of([submission, unit, replace(officer, read=True, state=OPEN)]) is Incoming.IN_PROGRESS
    assert state_of([replace(submission, state=RETURNED)]) is Incoming.REGISTERED


@st.composite
def trees(draw: st.DrawFn) -> list[Item]:
    """Tasks of any shape and in any states, also such as no flow would make."""
    count = draw(st.integers(0, 12))
    items = []
    for number in range(1, count + 1):
        parent = draw(st.one_of(st.none(), st.integers(1, number - 1))) if number > 1 else None
        items.append(
            Item(
                number, parent, draw(st.sampled_from([SUBMISSION, HANDLING])), draw(st.sampled_from(list(Role))),
                draw(st.sampled_from(list(TaskState))), draw(st.booleans()), draw(st.booleans()), draw(st.booleans()),
            )
        )  # fmt: skip
    return draw(st.permutations(items))


SLOW_MACHINE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""Trees are small; what takes long is only a machine that is busy with other tests."""


def after(items: list[Item]) -> list[Item]:
    changed = settle(items)
    return [replace(each, state=changed.get(each.id, each.state)) for each in items]


@SLOW_MACHINE
@given(trees())
def test_settling_twice_changes_nothing_more(items: list[Item]) -> None:
    assert settle(after(items)) == {}


@SLOW_MACHINE
@given(trees())
def test_what_has_ended_never_changes(items: list[Item]) -> None:
    assert not {each.id for each in items if each.ended} & settle(items).keys()


@SLOW_MACHINE
@given(trees())
def test_nothing_goes_on_below_an_end(items: list[Item]) -> None:
    settled = {each.id: each for each in after(items)}
    tree = tree_of(settled.values())
    for each in settled.values():
        if each.ended:
            assert all(settled[one].ended for one in below(tree, each.id))


@SLOW_MACHINE
@given(trees())
def test_nobody_is_finished_by_others_while_one_of_his_leads_is_not_or_while_he_is_blocked(items: list[Item]) -> None:
    changed, settled = settle(items), {each.id: each for each in after(items)}
    ended_above = {
        one for each in items if changed.get(each.id, each.state) in {FINISHED, WITHDRAWN, RETURNED}
        for one in below(tree_of(items), each.id)[1:]
    }  # fmt: skip
    level_over = {
        one for level in tree_of(items).values() for one in level
        if (leads := [settled[each] for each in level if settled[each].role is LEAD and settled[each].counts])
        and all(each.state is FINISHED for each in leads)
    }  # fmt: skip
    for id_, state in changed.items():
        leads = [each for each in settled.values() if each.parent == id_ and each.role is LEAD and each.counts]
        if state is FINISHED and id_ not in ended_above | level_over:
            assert not settled[id_].blocked or settled[id_].role in ONLOOKERS
            assert all(each.state is FINISHED for each in leads)


@SLOW_MACHINE
@given(trees(), st.data())
def test_a_supporter_alone_changes_nothing_above_him(items: list[Item], data: st.DataObject) -> None:
    settled = after(items)
    supporters = [each for each in settled if each.role is SUPPORT and not each.ended]
    if supporters:
        chosen = data.draw(st.sampled_from(supporters))
        tree = tree_of(settled)
        changed = settle([replace(each, state=FINISHED) if each.id == chosen.id else each for each in settled])
        assert changed.keys() <= set(below(tree, chosen.id))


@SLOW_MACHINE
@given(trees())
def test_the_order_in_which_tasks_are_told_does_not_matter(items: list[Item]) -> None:
    assert settle(items) == settle(sorted(items, key=lambda each: each.id))
    assert state_of(after(items)) is state_of(sorted(after(items), key=lambda each: each.id))
