"""How the end of one task ends others: what follows for the tasks of a document from how each of them stands.

A *level* is what one person or unit was given and gave on: the tasks under one parent. The tasks without a parent are
the level of the document itself. ``PASSED`` (đã chuyển) is not finished. Source: clerical-archive facts §6.3.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from lienthong.office.states import Incoming, Role, TaskKind, TaskState

ENDED = frozenset({TaskState.FINISHED, TaskState.WITHDRAWN, TaskState.RETURNED})
"""States after which a task never changes."""

OUT = frozenset({TaskState.WITHDRAWN, TaskState.RETURNED})
"""Tasks that count for nothing: taken back by the giver, or given back to him."""

ONLOOKERS = frozenset({Role.INFORM, Role.FOLLOW})
"""Who has nothing to complete: reading is all."""


@dataclass(frozen=True, slots=True)
class Item:
    """One task as the rules see it.

    ``blocked``: it must not finish yet, since an answer is due and not there, or since a reminder waits for a reply.
    ``personal``: its owner is a person and not a unit. ``read``: the owner has seen it.
    """

    id: int
    parent: int | None
    kind: TaskKind
    role: Role
    state: TaskState
    read: bool = False
    blocked: bool = False
    personal: bool = False

    @property
    def counts(self) -> bool:
        return self.state not in OUT

    @property
    def ended(self) -> bool:
        return self.state in ENDED


Tree = Mapping[int | None, Sequence[int]]
"""The tasks of each level in order; the level of the document under None."""


def settle(items: Iterable[Item]) -> dict[int, TaskState]:
    """The tasks that change, with their new states, until nothing follows any more.

    All leads of a level finished: the giver's task is finished, and so are the others of that level. Supporters alone
    move nothing upward. A level of people to be informed ends a submission when all have read. A level without anybody
    left who leads gives the task back to its giver. What stands below a finished task is finished, below one that was
    taken back it is taken back.
    """
    first = {each.id: each for each in items}
    now = dict(first)
    tree = tree_of(now.values())
    for level in _deepest_first(tree):
        _settle_level(now, tree, level)
    return {id_: each.state for id_, each in now.items() if each.state is not first[id_].state}


def tree_of(items: Iterable[Item]) -> Tree:
    """The levels of a document's tasks. A task whose parent is not among them stands at the level of the document."""
    known = list(items)
    ids = {each.id for each in known}
    tree = defaultdict[int | None, list[int]](list)
    for each in known:
        tree[each.parent if each.parent in ids else None].append(each.id)
    return tree


def _deepest_first(tree: Tree) -> list[int | None]:
    order: list[int | None] = [None]
    for level in order:
        order.extend(each for each in tree.get(level, ()) if each in tree)
    return order[::-1]


def _settle_level(now: dict[int, Item], tree: Tree, level: int | None) -> None:
    giver = now[level] if level is not None else None
    outcome = outcome_of(giver, [now[each] for each in tree[level]])
    for each in tree[level]:
        one = now[each]
        if outcome is TaskState.FINISHED and not one.ended:
            now[each] = replace(one, state=TaskState.FINISHED)
        if now[each].ended:
            _end_below(now, tree, each)
    if giver is None or giver.ended or outcome is None:
        return
    if outcome is TaskState.FINISHED and giver.blocked:
        outcome = TaskState.OPEN
    if outcome is not TaskState.OPEN or giver.state is TaskState.PASSED:
        now[giver.id] = replace(giver, state=outcome)


def outcome_of(giver: Item | None, members: Sequence[Item]) -> TaskState | None:
    """What one level means for the task of its giver: FINISHED, PASSED, or OPEN (to act again); None: nothing follows.

    ``giver``: None for the level of the document. Whoever has to complete something himself is not done because others,
    whom he told of it, have read.
    """
    counting = [each for each in members if each.counts]
    leads = [each for each in counting if each.role is Role.LEAD]
    if leads:
        return TaskState.FINISHED if all(each.state is TaskState.FINISHED for each in leads) else TaskState.PASSED
    if giver is not None and giver.kind is TaskKind.HANDLING and all(each.role in ONLOOKERS for each in members):
        return None
    if not counting or any(each.role is Role.SUPPORT for each in counting):
        return TaskState.OPEN if members else None
    return TaskState.FINISHED if all(each.read or each.ended for each in counting) else TaskState.PASSED


def _end_below(now: dict[int, Item], tree: Tree, id_: int) -> None:
    state = TaskState.FINISHED if now[id_].state is TaskState.FINISHED else TaskState.WITHDRAWN
    for each in below(tree, id_):
        if not now[each].ended:
            now[each] = replace(now[each], state=state)


def below(tree: Tree, id_: int) -> list[int]:
    """A task and all that was given on from it."""
    found = [id_]
    for each in found:
        found.extend(tree.get(each, ()))
    return found


def state_of(items: Iterable[Item]) -> Incoming:
    """Where the document itself stands, once its tasks are settled (§6.4)."""
    known = list(items)
    at_top = set(tree_of(known).get(None, ()))
    top = [each for each in known if each.id in at_top and each.counts]
    if not top:
        return Incoming.REGISTERED
    if outcome_of(None, top) is TaskState.FINISHED:
        return Incoming.FINISHED
    handling = [each for each in known if each.kind is TaskKind.HANDLING and each.counts]
    if any(worked_on(each) for each in handling):
        return Incoming.IN_PROGRESS
    return Incoming.DIRECTED if handling else Incoming.SUBMITTED


def worked_on(item: Item) -> bool:
    """Whether somebody has begun: a person who has to do something has opened it, or reported on it."""
    if item.role in ONLOOKERS or item.kind is not TaskKind.HANDLING:
        return False
    return item.state in {TaskState.REPORTED, TaskState.FINISHED} or (item.personal and item.read)
