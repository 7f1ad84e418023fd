"""Every notice that the source writes is of a kind that is known, and a letter has words for each kind."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import fixtures_office  # noqa: F401 - configures Django before its models are imported
import lienthong.office
from lienthong.office.models import Notice
from lienthong.office.notice_kinds import WORDS, kinds_by_word
from lienthong.office.notice_words import LONGEST, SENTENCES, Said, both, read, sentence
from lienthong.office.states import NoticeKind, TaskKind

VIETNAMESE = re.compile(r"[đăơưĐĂƠƯẠ-ỹ]")
OFFICE = Path(lienthong.office.__file__).parent


def calls(name: str) -> Iterator[tuple[Path, ast.Call]]:
    for file in sorted(OFFICE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
                found = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
                if found == name:
                    yield file, node


def test_every_notice_is_given_a_kind_of_the_list() -> None:
    found = {}
    for file, call in calls("notify"):
        kind = ast.unparse(call.args[2])
        assert kind.startswith(("NoticeKind.", "NoticeKind(")), f"{file.name}:{call.lineno} {kind}"
        found[file.name] = kind
    assert len(found) > 10


def test_notices_made_without_that_function_take_their_kind_from_the_list() -> None:
    made = [(file, call) for file, call in calls("Notice")]
    seeded = [(file, call) for file, call in calls("add") if call.args and ast.unparse(call.args[0]) == "Notice"]
    assert {file.name for file, _ in made + seeded} == {"telling.py", "coming.py"}
    for file, call in made + seeded:
        (kind,) = [ast.unparse(each.value) for each in call.keywords if each.arg == "kind"]
        assert kind in {"kind.value", "NoticeKind.HANDLING.value"}, f"{file.name}:{call.lineno}"


def test_every_kind_is_written_by_something() -> None:
    source = "".join(file.read_text("utf-8") for file in OFFICE.rglob("*.py") if file.name != "notice_kinds.py")
    by_task = {f"task.{each.value}" for each in TaskKind}
    assert [each for each in NoticeKind if f"NoticeKind.{each.name}" not in source and each.value not in by_task] == []
    assert by_task <= {each.value for each in NoticeKind}


def test_a_letter_has_words_for_every_kind_and_the_table_has_room_for_it() -> None:
    assert set(WORDS) == set(NoticeKind)
    longest = Notice._meta.get_field("kind").max_length
    assert longest is not None
    assert max(len(each.value) for each in NoticeKind) <= longest


def test_every_sentence_has_the_same_values_in_both_languages() -> None:
    assert set(SENTENCES) == set(Said)
    for said, (vi, en) in SENTENCES.items():
        names = [re.findall(r"\{(\w+)\}", each) for each in (vi, en)]
        assert sorted(names[0]) == sorted(names[1]), said
        assert not VIETNAMESE.search(en), said


def test_a_reader_has_the_sentence_in_his_language_and_its_reason_too() -> None:
    said = sentence(Said.NOT_SENT, what=both("văn bản", "the document"), why=both("Hết chỗ.", "No room."))
    stored = json.loads(json.dumps(dict(said.values)))
    assert read(said.said.value, stored, "", "vi") == "Không gửi được văn bản: Hết chỗ."
    assert read(said.said.value, stored, "", "en") == "Could not send the document: No room."


def test_notices_of_earlier_releases_and_of_unknown_keys_keep_their_text() -> None:
    for key in ("", "of_a_later_release"):
        assert read(key, {}, "Giao xử lý: Về việc thử", "en") == "Giao xử lý: Về việc thử"


def test_braces_in_a_title_are_only_text_and_a_long_one_is_cut() -> None:
    assert sentence(Said.REVIEW, title="{name} {0}").text("vi") == "Chờ duyệt: {name} {0}"
    assert (
        len(sentence(Said.REVIEW, title="a" * 600).text("en")) == LONGEST == Notice._meta.get_field("text").max_length
    )


def test_each_kind_is_one_choice_of_a_person_and_kinds_of_one_word_are_chosen_together() -> None:
    choices = list(kinds_by_word().values())
    assert sorted(each.value for kinds in choices for each in kinds) == sorted(each.value for each in NoticeKind)
    assert [NoticeKind.SUBMISSION, NoticeKind.HANDLING, NoticeKind.REVIEW] in choices
