"""The catalogue of translations: source text is Vietnamese, English is looked up. Form: the PO files of gettext."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import cache
from importlib import resources

from lienthong.base.errors import Language


@cache
def english(package: str) -> Mapping[str, str]:
    """Vietnamese to English for the pages of one package, from its ``en.po``."""
    return parse((resources.files(package) / "en.po").read_text("utf-8"))


def translate(package: str | tuple[str, ...], text: str, language: Language, **values: object) -> str:
    """A sentence in the reader's language, with its values filled in. Without a translation it stays Vietnamese.
    ``package``: whose catalogue; of several, the first that knows the sentence."""
    found = text
    if language != "vi":
        packages = (package,) if isinstance(package, str) else package
        found = next((said for said in (english(each).get(text) for each in packages) if said), text)
    return found.format(**values) if values else found


def parse(text: str) -> dict[str, str]:
    """Entries of a PO file: comments, ``msgid``, ``msgstr`` and continued strings; no plurals, no contexts."""
    found: dict[str, str] = {}
    field, source, said = "", "", {"msgid": "", "msgstr": ""}
    for line in [*text.splitlines(), 'msgid ""']:
        word, _, rest = line.strip().partition(" ")
        if word in said:
            if word == "msgid":
                if said["msgid"]:
                    found[said["msgid"]] = said["msgstr"]
                said["msgstr"] = ""
            field, source = word, rest
            said[field] = ast.literal_eval(source)
        elif word.startswith('"'):
            said[field] += ast.literal_eval(line.strip())
        elif word and not word.startswith("#"):
            raise ValueError(f"not understood in a catalogue: {line[:60]}")
    return found
