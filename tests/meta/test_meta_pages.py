"""Rules about pages: every sentence can be translated and is, nothing is inline, nothing comes from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from lienthong.webkit.catalogue import parse
from meta.code_base import ROOT, SOURCE, vietnamese

PACKAGES = sorted(path.parent for path in SOURCE.rglob("en.po"))
TEMPLATES = sorted([*SOURCE.rglob("templates/*.html"), *SOURCE.rglob("macros/*.html")])


def said_in(template: Path) -> set[str]:
    """What a template asks the catalogue for, where that is written out in the template."""
    calls = Environment(autoescape=True).parse(template.read_text("utf-8")).find_all(nodes.Call)
    return {
        argument.value
        for call in calls
        if isinstance(call.node, nodes.Name) and call.node.name == "_"
        for argument in call.args[:1]
        if isinstance(argument, nodes.Const)
    }


def words_of(package: Path) -> set[str]:
    found = set[str]()
    for template in TEMPLATES:
        if template.parent.parent == package:
            found |= said_in(template)
    return found


def test_there_are_pages():
    assert len(PACKAGES) >= 1
    assert {template.parent.parent for template in TEMPLATES} == set(PACKAGES)


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_every_sentence_of_a_page_has_its_english_and_none_is_left_over(package):
    catalogue = parse((package / "en.po").read_text("utf-8"))
    words = words_of(package)
    assert sorted(words - catalogue.keys()) == []
    assert [text for text, english in catalogue.items() if not english.strip() or vietnamese(english)] == []
    sources = "".join(path.read_text("utf-8") for path in package.rglob("*.py"))
    assert [text for text in catalogue.keys() - words if f'"{text}"' not in sources] == []


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_translation_fills_in_the_same_values(package):
    for text, english in parse((package / "en.po").read_text("utf-8")).items():
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", english)), text


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_vietnamese_word_of_a_template_bypasses_the_catalogue(template):
    """The one exception is the name of the language on its own link."""
    text = template.read_text("utf-8").replace(">Tiếng Việt<", "><")
    outside = re.sub(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", "", text, flags=re.DOTALL)
    assert [line for line in outside.splitlines() if vietnamese(line)] == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_template_holds_no_inline_script_or_style_and_trusts_no_value(template):
    text = template.read_text("utf-8")
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)|\|\s*safe\b", text)
    assert not re.search(r"(?:src|href|action)=[\"']?(?:https?:)?//", text)


def test_the_fonts_of_the_look_carry_their_licence():
    folder = SOURCE / "webkit/look/fonts"
    assert "SIL OPEN FONT LICENSE" in (folder / "OFL.txt").read_text("utf-8")
    assert sum(path.stat().st_size for path in folder.glob("*.woff2")) < 90_000
    assert "OFL" in (ROOT / "NOTICE").read_text("utf-8")


def test_what_is_carried_along_for_the_look_has_its_licence_beside_it_and_is_told():
    folder, notice = SOURCE / "webkit/look/vendor", (ROOT / "NOTICE").read_text("utf-8")
    for name in ("htmx-LICENSE.txt", "tabler-icons-LICENSE.txt"):
        assert (folder / name).stat().st_size > 300
        assert name in notice
