"""What the rules about the code base look at: source files, their trees, classes and functions."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "lienthong"
DIACRITICS = set("ăâđêôơưáàảãạắằẳẵặấầẩẫậéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ")


def names() -> list[str]:
    """Path below ``src/lienthong`` of every module of the product."""
    return sorted(str(path.relative_to(SOURCE)) for path in SOURCE.rglob("*.py"))


@cache
def modules() -> dict[str, ast.Module]:
    """Path below ``src/lienthong`` to syntax tree, for every module of the product."""
    return {name: ast.parse((SOURCE / name).read_text("utf-8")) for name in names()}


def functions(tree: ast.Module) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def vietnamese(text: str) -> bool:
    """Whether a text has letters that only Vietnamese words have."""
    return bool(DIACRITICS & set(text.casefold()))
