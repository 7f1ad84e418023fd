"""The parts of the look without a browser: what they are given is escaped, scripts are named after content, scales hold."""

from __future__ import annotations

import dataclasses
import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import look_gallery
from lienthong.webkit import look
from lienthong.webkit.look import charts, parts
from lienthong.webkit.templates import Templates

PAGES = ("list", "panes", "form", "pieces", "door", "offline")
HOSTILE = "\"'><b x=1>&lt;"
_WORDS = {"label", "more", "who", "what", "said", "sentence", "thing", "name", "position", "title", "value", "text", "abstract", "symbol", "sender", "owner", "why_not", "id"}  # fmt: skip


def poisoned(given: Any, field: str = "label") -> Any:
    """The same facts with markup in every text, as a hostile sender would put it there."""
    if isinstance(given, str):
        return HOSTILE + given if field in _WORDS else given
    if isinstance(given, (list, tuple)):
        return [poisoned(each, field) for each in given]
    if dataclasses.is_dataclass(given) and not isinstance(given, type):
        return dataclasses.replace(
            given, **{each.name: poisoned(getattr(given, each.name), each.name) for each in dataclasses.fields(given)}
        )
    return given


@pytest.mark.parametrize("name", PAGES)
def test_no_text_becomes_markup(name: str) -> None:
    facts = {key: poisoned(value, "title") for key, value in look_gallery.facts().items()}
    shell = poisoned(look_gallery.shell("/" + name), "")
    page = look_gallery.render(name, **facts, shell=shell)
    assert "<b x=1>" not in page
    assert name in ("door", "offline") or "&lt;b x=1&gt;" in page

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            assert "x" not in dict(attrs) or tag in ("rect", "text"), (tag, attrs)

    Reader().feed(page)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_nothing_of_a_part_is_inline_and_no_name_is_used_twice(name: str, language: str) -> None:
    page = look_gallery.render(name, language)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)", page)
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert sorted(each for each in set(ids) if ids.count(each) > 1) == []
    for wanted in re.findall(r'(?:\sfor|aria-labelledby|aria-controls)="([^"]+)"', page):
        assert wanted in ids, wanted


def test_scripts_are_found_under_names_that_change_with_what_they_import() -> None:
    scripts = look.scripts()
    for address in (scripts.early, scripts.htmx, scripts.start, *scripts.modules):
        found = look.find(address.removeprefix(look.PREFIX))
        assert found is not None
        assert found.media_type.startswith("text/javascript")
        for imported in re.findall(r'from "\./([^"]+)"', found.content.decode()):
            assert re.fullmatch(r"[a-z]+\.[0-9a-f]{12}\.js", imported)
            assert look.find(imported) is not None
            assert look.PREFIX + imported in scripts.modules


def test_our_scripts_call_no_compiler_of_text_and_write_no_markup() -> None:
    for address in (look.scripts().early, look.scripts().start, *look.scripts().modules):
        found = look.find(address.removeprefix(look.PREFIX))
        assert found is not None
        assert not re.search(rb"\beval\(|new Function|innerHTML|insertAdjacentHTML|document\.write", found.content)


def test_the_whole_look_stays_within_its_budget() -> None:
    scripts = look.scripts()
    names = [look.stylesheet(), scripts.early, scripts.htmx, scripts.start, *scripts.modules]
    found = [look.find(each.removeprefix(look.PREFIX)) for each in names]
    own = [each for each in found if each and each.name.endswith(".js") and not each.name.startswith("htmx")]
    assert sum(len(each.content) for each in found if each) + 67_000 < 250_000
    assert sum(len(each.content) for each in own) < 40_000


def test_every_colour_of_the_parts_is_a_token_or_white_or_black() -> None:
    sheet = look.find(look.stylesheet().removeprefix(look.PREFIX))
    assert sheet is not None
    body = sheet.content.decode().split("/* The frame:")[1]
    assert set(re.findall(r"#[0-9a-fA-F]{3,6}\b(?![^{]*\{)", body)) <= {"#fff", "#000", "#999"}


def test_the_worker_names_the_style_in_use_and_the_manifest_the_mark() -> None:
    assert look.stylesheet().encode() in look.service_worker()
    said = json.loads(json.dumps(look.manifest("Văn phòng", "VP")))
    assert [each["sizes"] for each in said["icons"]] == ["192x192", "512x512"]
    assert look.app_icon().startswith(b"<svg ")


def test_a_macro_speaks_the_language_of_the_page_that_imports_it() -> None:
    for language, word in (("vi", "còn 3 ngày làm việc"), ("en", "working days left: 3")):
        made = Templates("lienthong.exchange.api")._made[language]
        text = made.from_string('{% import "look/pieces.html" as p %}{{ p.deadline(facts) }}').render(
            facts=parts.Deadline(look_gallery.TODAY, 3)
        )
        assert word in text


@pytest.mark.parametrize(
    ("left", "met", "said"),
    [(-2, False, "quá hạn 2 ngày làm việc"), (0, False, "hạn hôm nay"), (1, False, "còn 1 ngày làm việc"), (None, True, "đúng hạn")],
)  # fmt: skip
def test_a_deadline_is_told_in_words(left: int | None, met: bool, said: str) -> None:
    made = Templates("lienthong.exchange.api")._made["vi"]
    text = made.from_string('{% import "look/pieces.html" as p %}{{ p.deadline(facts) }}').render(
        facts=parts.Deadline(look_gallery.TODAY, left, met)
    )
    assert said in text
    assert "26/11/2026" in text


@given(st.floats(min_value=0, max_value=1e12, allow_nan=False))
def test_a_scale_holds_its_highest_value_and_wastes_little(highest: float) -> None:
    end = charts.scale_end(highest)
    assert end >= highest
    assert highest <= 4 or end <= highest * 2.5


@given(st.lists(st.lists(st.integers(0, 10**7), min_size=1, max_size=30), min_size=1, max_size=3))
def test_columns_stay_inside_their_drawing(values: list[list[int]]) -> None:
    count = min(len(each) for each in values)
    chart = charts.Bars(
        "t", "a", [f"{at:02d}/2026" for at in range(count)], [parts.Series("s", each[:count]) for each in values]
    )
    for bar in chart.bars:
        assert chart.left <= bar.x
        assert bar.x + bar.width <= chart.width + 0.2
        assert bar.y >= 0
        assert bar.height >= 0
        assert bar.y + bar.height <= chart.height - 25.8
    assert len({word.x for word in chart.words}) == len(chart.words)


@pytest.mark.parametrize(("value", "said"), [(0, "0"), (1234, "1.234"), (2.5, "2,5"), (1234567.5, "1.234.567,5")])
def test_numbers_are_written_as_in_vietnam(value: float, said: str) -> None:
    assert charts.Bars.said(value) == said


def test_a_share_of_nothing_is_a_dash() -> None:
    assert charts.Share("x", 0, 0).percent == "–"
    assert charts.Share("x", 37, 40).percent == "92,5 %"
    assert charts.Share("x", 40, 40).percent == "100 %"
