"""Rules about what people read: error codes, configuration keys, generated pages, both languages."""

import ast
import re
import subprocess
import sys

import pytest

from lienthong.base.errors import all_codes
from lienthong.infra.config import fields_of
from lienthong.infra.role_config import ROLES
from lienthong.roles.docs import import_every_code, pages
from meta.code_base import ROOT, modules, vietnamese

import_every_code()
VIETNAMESE_DATA = {
    "signing/holdings/official_page.py",
    "roles/demo_pdf.py",
    "exchange/service/checking.py",
    "office/form/body.py",
    "office/form/check_content.py",
    "office/form/ending.py",
    "office/seeding/coming.py",
    # Remarks that are stored with a document, in the language of the office.
    "office/services/issuing.py",
    "office/services/recalling.py",
    "office/services/settling.py",
    "trust/pdf/plan.py",
    "trust/pdf/steps.py",
}
"""Where a Vietnamese sentence is content: a letter of the demonstration, the note in a signed receipt, what stands in a
signed document."""
ENGLISH = re.compile(r"\b(the|is|are|was|not|of|and|please|must|with|this|that|cannot|failed|missing)\b", re.IGNORECASE)


def test_the_generated_pages_are_those_of_the_code():
    """In a process of its own, so that codes of test modules do not count. Remedy: python -m lienthong.roles.docs."""
    check = (
        "from pathlib import Path; from lienthong.roles.docs import pages; "
        "print([n for n, t in pages() if Path(n).read_text('utf-8') != t])"
    )
    done = subprocess.run(
        [sys.executable, "-c", check], cwd=ROOT, env={"PYTHONPATH": "src"}, capture_output=True, text=True, check=False
    )
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_the_pages_name_every_code_and_every_key():
    text = dict(pages())
    for name in all_codes():
        assert f"## {name}\n" in text["docs/errors.md"]
    for role in ROLES:
        for field in fields_of(role):
            assert f"| `{field.name}` |" in text["docs/operate/configuration.md"]


def test_every_module_that_defines_codes_is_on_the_page():
    places = {
        name for name, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "define"
    }  # fmt: skip
    assert {p for p in places if not p.endswith("errors.py")} <= {"roles/migrate.py"}


def test_no_retired_code_is_defined_again():
    lines = (ROOT / "docs" / "errors.retired").read_text("utf-8").splitlines()
    retired = {line.split()[0] for line in lines if line.strip() and not line.startswith("#")}
    assert retired & all_codes().keys() == set()


@pytest.mark.parametrize("name", sorted(all_codes()))
def test_every_code_speaks_both_languages(name):
    code = all_codes()[name]
    assert re.fullmatch(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*", name)
    assert 400 <= code.http <= 599
    for vi, en in ((code.vi, code.en), (code.do_vi, code.do_en)):
        assert en.strip()
        assert en != vi
        assert vietnamese(vi)
        assert not ENGLISH.search(re.sub(r"\{[^}]*\}|“[^”]*”|`[^`]*`", "", vi)), vi
    vi_names, en_names = (set(re.findall(r"\{(\w+)\}", text)) for text in (code.vi, code.en))
    assert {n.removesuffix("_vi") for n in vi_names} == {n.removesuffix("_en") for n in en_names}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_has_at_most_25_keys_each_explained_in_both_languages(role):
    fields = fields_of(role)
    assert 0 < len(fields) <= 25
    for field in fields:
        assert vietnamese(field.metadata["vi"])
        assert field.metadata["en"].strip()
        assert not vietnamese(field.metadata["en"])


def calls_with_both_languages():
    for name, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                said = {k.arg: k.value for k in node.keywords if k.arg in {"vi", "en"}}
                if said and all(isinstance(v, ast.Constant) and isinstance(v.value, str) for v in said.values()):
                    yield name, node.lineno, {k: v.value for k, v in said.items() if isinstance(v, ast.Constant)}


def test_every_sentence_for_people_exists_in_both_languages():
    found = list(calls_with_both_languages())
    assert len(found) > 50
    poor = [
        (name, line) for name, line, said in found
        if set(said) != {"vi", "en"} or not all(str(text).strip() for text in said.values())
    ]  # fmt: skip
    assert poor == []


def spoken(node: ast.AST) -> str:
    """The fixed words of a text, whichever way it is put together; a call inside it speaks for itself."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.BinOp):
        return spoken(node.left) + spoken(node.right)
    return "".join(map(spoken, node.values)) if isinstance(node, ast.JoinedStr) else ""


def test_no_vietnamese_sentence_is_said_without_its_english_one():
    """A sentence given to a call is followed by the same in English, or bears it after a dot (``vi · en``)."""
    alone = []
    for name, tree in modules().items():
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            for place, given in enumerate(call.args):
                words = spoken(given)
                if not vietnamese(words) or not words.rstrip().endswith((".", ":", "…")) or "·" in words:
                    continue
                english = spoken(call.args[place + 1]) if place + 1 < len(call.args) else ""
                if not english.strip() or vietnamese(english):
                    alone.append((name, call.lineno, words[:40]))
    assert [each for each in alone if each[0] not in VIETNAMESE_DATA] == []


def job_names() -> set[str]:
    """Names given to ``enqueue`` as literals anywhere in the product."""
    return {
        node.args[1].value
        for tree in modules().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name | ast.Attribute)
        and (node.func.id if isinstance(node.func, ast.Name) else node.func.attr) in {"enqueue", "enqueue_async"}
        and len(node.args) > 1
        and isinstance(node.args[1], ast.Constant)
    }


def handler_names() -> set[str]:
    """Keys of the dictionaries whose declared type speaks of ``Handler``: annotated names and results."""
    places: list[ast.AST] = []
    for tree in modules().values():
        for node in ast.walk(tree):
            declared = node.annotation if isinstance(node, ast.AnnAssign) else getattr(node, "returns", None)
            if declared is not None and "Handler" in ast.unparse(declared):
                places.append(node)
    return {
        key.value
        for place in places
        for node in ast.walk(place)
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    }


def test_every_job_name_has_a_handler():
    assert job_names() - handler_names() == set()
