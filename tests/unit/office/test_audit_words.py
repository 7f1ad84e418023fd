"""Every action that the office and its base write into the audit log has words in both languages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import fixtures_office  # noqa: F401 - configures Django before its models are imported
import lienthong.office
import lienthong.webkit
from lienthong.office import urls
from lienthong.office.audit_words import WORDS
from lienthong.office.services.reviewing import Check
from lienthong.office.states import Incoming, TaskState
from lienthong.webkit.audit.words import said

ACTION = re.compile(r"[a-z_]+\.[a-z_]+")
WRITERS = {"note", "_note", "change"}
"""Functions that take an action as a text."""

VIETNAMESE = re.compile(r"[đăơưĐĂƠƯẠ-ỹ]")


def written() -> Iterator[str]:
    """Actions named in the sources, those that a condition chooses included."""
    for package in (lienthong.office, lienthong.webkit):
        for path in Path(package.__file__).parent.rglob("*.py"):
            for call in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(call, ast.Call) and _name(call.func) in WRITERS:
                    for part in ast.walk(
                        ast.Tuple([each for each in call.args if not isinstance(each, ast.JoinedStr)])
                    ):
                        if (
                            isinstance(part, ast.Constant)
                            and isinstance(part.value, str)
                            and ACTION.fullmatch(part.value)
                        ):
                            yield part.value


def _name(function: ast.expr) -> str:
    return (
        function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    )


def test_every_action_has_words_in_both_languages() -> None:
    assert urls.ALL, "the office's addresses bring its words with them"
    actions = set(written())
    assert len(actions) > 100
    actions |= {f"task.{each.value}" for each in TaskState} | {f"draft.{each.value}_approved" for each in Check}
    actions |= {f"document.{each.value}" for each in Incoming}
    assert sorted(each for each in actions if not said(each, "vi") or not said(each, "en")) == []


def test_the_english_words_are_english_and_no_word_is_left_over() -> None:
    assert [each for each, (_, en) in WORDS.items() if VIETNAMESE.search(en)] == []
    families = ("opinion.", "task.", "document.", "draft.")
    known = set(written())
    assert [each for each in WORDS if each not in known and not each.startswith(families)] == []
