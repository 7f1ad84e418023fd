"""The shared look: colours that can be read, names that change with their content, nothing from elsewhere."""

from __future__ import annotations

import re

import pytest

from lienthong.webkit import look
from lienthong.webkit.catalogue import parse, translate
from lienthong.webkit.templates import Templates, in_units, language_of

STYLE = look.inline_style()
COLOURS = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", STYLE))


def luminance(colour: str) -> float:
    """WCAG 2.2, definition of relative luminance."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(COLOURS[one]), luminance(COLOURS[other])))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("tone", ["waiting", "work", "done", "error", "neutral"])
def test_the_text_of_a_chip_is_read_easily_on_its_tint(tone: str) -> None:
    assert contrast(tone, f"{tone}-tint") >= 6
    assert contrast(tone, "surface") >= 6


@pytest.mark.parametrize("ground", ["surface", "page", "hover"])
def test_text_is_read_on_every_ground(ground: str) -> None:
    assert contrast("text", ground) >= 12
    for name in ("muted", "primary", "primary-dark"):
        assert contrast(name, ground) >= 4.5, name


def test_edges_of_what_can_be_filled_in_are_seen() -> None:
    assert contrast("line-strong", "surface") >= 3


def test_every_colour_of_the_base_is_a_token() -> None:
    body = STYLE.split(":root {")[1].split("}", 1)[1]
    assert set(re.findall(r"#[0-9a-fA-F]{3,6}\b", body)) <= {"#fff", "#fafbfd", "#999"}


def test_a_resource_is_named_after_its_content_and_only_resources_are_found() -> None:
    name = look.stylesheet().removeprefix(look.PREFIX)
    sheet = look.find(name)
    assert sheet is not None
    assert re.fullmatch(r"look\.[0-9a-f]{12}\.css", name)
    for font in re.findall(r'url\("([^"]+)"\)', sheet.content.decode()):
        found = look.find(font)
        assert found is not None
        assert found.content.startswith(b"wOF2")
    for wrong in ("tokens.css", "../catalogue.py", "look.css", "", "icons.json", "OFL.txt"):
        assert look.find(wrong) is None


def test_nothing_of_the_look_leads_elsewhere() -> None:
    sheet = look.find(look.stylesheet().removeprefix(look.PREFIX))
    assert sheet is not None
    assert b"//" not in sheet.content.replace(b"/*", b"").replace(b"*/", b"")
    assert "url(" not in look.inline_style()


def test_an_icon_is_hidden_from_readers_unless_it_has_a_title_and_a_title_is_escaped() -> None:
    assert "aria-hidden='true'" in look.icon("check")
    said = look.icon("check", "<b>")
    assert "&lt;b&gt;" in said
    assert "aria-hidden" not in said


def test_a_catalogue_is_read_with_continued_lines_and_comments_and_nonsense_is_refused() -> None:
    text = '# x\nmsgid ""\nmsgstr "head"\n\n#: a\nmsgid "một "\n"hai"\nmsgstr "one "\n"two"\n'
    assert parse(text) == {"một hai": "one two"}
    with pytest.raises(ValueError, match="not understood"):
        parse('msgid "a"\nmsgctxt "b"\n')


def test_what_has_no_translation_stays_vietnamese() -> None:
    assert translate("lienthong.exchange.api", "chưa dịch {n}", "en", n=1) == "chưa dịch 1"
    assert translate("lienthong.exchange.api", "{count} cơ quan", "en", count=3) == "3 agencies"


def test_a_page_escapes_what_it_shows() -> None:
    page = Templates("lienthong.exchange.api").render(
        "page.html", "vi", axis="<script>", version="1", now="25/11/2026 08:00", directory=1, agencies=2,
        routes=[{"method": "GET", "path": "/<b>", "access": "mọi người", "vi": "<i>", "en": "x"}], degraded=False, troubles=[],
    )  # fmt: skip
    assert "<script>" not in page
    assert "<b>" not in page.split("<tbody>")[1].split("<b>GET</b>")[1]


@pytest.mark.parametrize(
    ("size", "said"), [(0, "0 B"), (999, "999 B"), (1000, "1 KB"), (1400, "1,4 KB"), (200_000, "200 KB"), (999_600, "1 MB"), (77 * 10**9, "77 GB")]
)  # fmt: skip
def test_sizes_are_written_as_in_vietnam(size: int, said: str) -> None:
    assert in_units(size) == said


def test_the_language_is_vietnamese_unless_english_is_asked_for() -> None:
    assert [language_of(asked, kept) for asked, kept in ((None, None), ("en", None), ("vi", "en"), (None, "en"), ("x", None))] == [
        "vi", "en", "vi", "en", "vi",
    ]  # fmt: skip
