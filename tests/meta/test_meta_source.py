"""Rules about the source: sizes, errors, the environment, time, sources of law."""

import ast
import re

import pytest

from meta.code_base import ROOT, SOURCE, functions, modules, names, vietnamese

MODULES = names()
BROAD = {
    "infra/jobs.py": 1,
    "exchange/api/app.py": 1,
    "exchange/api/errors.py": 1,
    "connector/poll.py": 1,
    "connector/local/edge.py": 1,
    "signing/agent/edge.py": 1,
    "signing/remote/server.py": 1,
}
"""The worker loop, the axis's HTTP edge (in whichever of two files it lives), the connector's poll and its local edge
(ADR 0018), the edges of the signing agent and of the remote signing service."""


@pytest.mark.parametrize("folder", ["src", "tests"])
def test_no_module_is_longer_than_600_lines(folder):
    sizes = {str(p): len(p.read_text("utf-8").splitlines()) for p in (ROOT / folder).rglob("*.py")}
    assert sizes
    # Made by a tool from the models, and read there (ADR 0022).
    assert {name: size for name, size in sizes.items() if size > 600 and not name.endswith("_initial.py")} == {}


def test_no_function_is_longer_than_80_lines():
    long = [
        (name, function.name)
        for name, tree in modules().items()
        for function in functions(tree)
        if (function.end_lineno or 0) - function.lineno >= 80
    ]
    assert long == []


def is_broad(handler: ast.ExceptHandler) -> bool:
    named = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    broad = {"Exception", "BaseException"}
    caught = any(each is None or (isinstance(each, ast.Name) and each.id in broad) for each in named)
    ends = handler.body[-1]
    return caught and not (isinstance(ends, ast.Raise) and ends.exc is None)


def test_everything_is_caught_in_three_named_places_only():
    """A handler that cleans up and raises the same error again catches nothing and may stand anywhere."""
    found: dict[str, int] = {}
    for name, tree in modules().items():
        count = sum(isinstance(node, ast.ExceptHandler) and is_broad(node) for node in ast.walk(tree))
        if count:
            found[name] = count
    assert found["infra/jobs.py"] == 1
    assert {name: count for name, count in found.items() if count > BROAD.get(name, 0)} == {}
    assert not {"exchange/api/app.py", "exchange/api/errors.py"} <= found.keys()


def test_the_environment_is_read_in_one_module():
    found = [
        name
        for name, tree in modules().items()
        if name != "infra/config.py"
        for node in ast.walk(tree)
        if (isinstance(node, ast.Attribute) and node.attr in {"environ", "environb", "getenv", "putenv"})
        or (isinstance(node, ast.alias) and node.name in {"environ", "getenv"})
    ]
    assert found == []


def is_naive(call: ast.Call) -> bool:
    if not isinstance(call.func, ast.Attribute):
        return False
    name, count = call.func.attr, len(call.args) + len(call.keywords)
    if name in {"utcnow", "utcfromtimestamp"}:
        return True
    owner = ast.unparse(call.func.value)
    if name == "now" and owner.endswith("datetime"):
        return count < 1
    return (name == "fromtimestamp" and owner.endswith("datetime") and count < 2) or (
        name == "today" and owner in {"datetime", "date", "datetime.datetime", "datetime.date"}
    )


def test_no_instant_is_without_its_zone():
    found = [
        (name, node.lineno)
        for name, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and is_naive(node)
    ]
    assert found == []


@pytest.mark.parametrize("code", ["datetime.now()", "datetime.utcnow()", "date.today()", "datetime.fromtimestamp(1)"])
def test_the_rule_about_zones_sees_naive_calls(code):
    assert is_naive(ast.parse(code, mode="eval").body)
    assert not is_naive(ast.parse("datetime.now(UTC)", mode="eval").body)


CITING = re.compile(
    r"RFC \d|C2SP|QCVN|Decree|Decision|Circular|Law |ISO|W3C|ETSI|XML 1\.0|docs/protocols|project decision"
    r"|exchange facts|Unicode|Source:",
)


@pytest.mark.parametrize("package", ["vocabulary", "edxml", "wire", "ledger"])
def test_every_module_of_a_format_cites_its_source(package):
    silent = [
        name for name, tree in modules().items()
        if name.startswith(f"{package}/") and not CITING.search(ast.get_docstring(tree) or "")
    ]  # fmt: skip
    assert silent == []


def test_every_module_and_package_says_what_it_is():
    assert [name for name, tree in modules().items() if not ast.get_docstring(tree)] == []


def test_imports_stand_at_the_top_of_the_module():
    """An import inside a function hides a cycle; only the command line defers heavy roles."""
    found = [
        (name, inner.lineno)
        for name, tree in modules().items()
        if not name.startswith("roles/")
        for function in functions(tree)
        for inner in ast.walk(function)
        if isinstance(inner, ast.Import | ast.ImportFrom) and "lienthong" in ast.unparse(inner)
    ]
    assert found == []


def test_migrations_are_numbered_in_one_line():
    folder = SOURCE / "roles" / "axis_schema" / "migrations"
    names = sorted(p.stem for p in folder.glob("*.py") if p.stem != "__init__")
    assert names
    for number, name in enumerate(names, 1):
        assert re.fullmatch(rf"{number:04d}_(pre|post)_[a-z0-9_]+", name)
    for before, name in zip(names, names[1:], strict=False):
        assert f'after="{before}"' in (folder / f"{name}.py").read_text("utf-8")


def test_terms_with_a_vietnamese_name_are_in_the_glossary():
    """A class whose docstring gives the Vietnamese term is a term of the domain."""
    glossary = (ROOT / "docs" / "glossary.md").read_text("utf-8")
    listed = set(re.findall(r"`([A-Za-z_]+)`", glossary))
    terms = {
        node.name
        for name, tree in modules().items()
        if name.split("/")[0] in {"base", "vocabulary", "wire", "ledger", "directory", "exchange", "packages"}
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and vietnamese((ast.get_docstring(node) or "").split("\n")[0])
    }
    assert len(terms) > 10
    assert sorted(terms - listed) == []
