"""The report of a verification as one HTML page, without anything from outside, ready to print and to keep."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from lienthong.base.errors import Language
from lienthong.roles.cli_verify_text import ROLES, VERDICTS, clock, moment
from lienthong.webkit.look import inline_style

_STYLE = """
.sheet{max-inline-size:1080px;margin-inline:auto;padding:20px 16px 56px}
.top{border-block-start:3px solid var(--stripe)}.top .sheet{padding-block:16px}
.top h1{font-size:1.6rem;line-height:1.25;margin:0 0 2px}
.sheet h2{font-size:1.2rem;margin:28px 0 10px;overflow-wrap:anywhere}
.sheet h3{font-size:1.05rem;margin:0 0 8px}.sheet p{margin:4px 0}
.facts{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:6px 16px;margin:8px 0}
.facts dt{color:var(--muted)}.facts dd{margin:0;overflow-wrap:anywhere}
.signature{padding:14px 16px;margin-block:12px}.sheet .verdict{margin-block:4px 14px}
.verdict .chip{font-size:1.05rem;padding:4px 12px}
.sheet ul{margin:6px 0;padding-inline-start:20px}.sheet li{margin-block:6px}
.sheet summary{cursor:pointer;color:var(--primary);min-block-size:24px}
.sheet code{overflow-wrap:anywhere}
@media(max-width:560px){.facts{grid-template-columns:minmax(0,1fr);gap:0}.facts dd{margin-block-end:8px}}
@media print{.signature{break-inside:avoid}}
"""
_CHIPS = {"PASSED": "done", "INDETERMINATE": "waiting", "FAILED": "error"}


def render_page(files: Sequence[Mapping[str, Any]], language: Language) -> str:
    """The page over reports for programs, each with its ``file``."""
    at = 0 if language == "vi" else 1
    title = ("Báo cáo kiểm tra chữ ký số", "Report on digital signatures")[at]
    body = "".join(part for members in files for part in _file(members, at))
    return (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width,initial-scale=1"><title>{escape(title)}</title>'
        f"<style>{inline_style()}{_STYLE}</style>"
        f'<header class="top"><div class="sheet"><h1>{escape(title)}</h1></div></header>'
        f'<main class="sheet">{body}</main></html>\n'
    )


def _file(members: Mapping[str, Any], at: int) -> Iterator[str]:
    tongue = ("vi", "en")[at]
    yield f"<h2>{escape(members['file'])}</h2>"
    yield f'<p class="verdict">{_chip(members["verdict"], at)}</p>'
    if members["legalValue"]:
        yield f"<p>{escape(members['legalValue'][tongue])}</p>"
    yield _facts(
        [
            (("Thời điểm kiểm tra", "Verified at")[at], clock(members["validationTime"])),
            ("SHA-256", members["document"]["digest"]),
            (("Quy tắc", "Policy")[at], members["policy"]),
            (("Phần mềm", "Software")[at], members["software"]),
        ]
    )
    yield _checks(members["checks"], at)
    for signature in members["signatureValidationReports"]:
        yield from _signature(signature, at)
    rows = "".join(
        f"<li>{escape(row['type'])} · {escape(row['name'])} <code>{escape(row['digest'])}</code></li>"
        for row in members["signatureValidationObjects"]
    )
    label = ("Bằng chứng đã dùng", "Evidence that was used")[at]
    yield f"<details><summary>{escape(label)}</summary><ul>{rows}</ul></details>"


def _chip(verdict: str, at: int) -> str:
    return f'<span class="chip chip--{_CHIPS[verdict]}">{escape(VERDICTS[verdict][at])}</span>'


def _facts(rows: Sequence[tuple[str, str]]) -> str:
    inner = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in rows if value)
    return f'<dl class="facts">{inner}</dl>'


def _signature(signature: Mapping[str, Any], at: int) -> Iterator[str]:
    tongue = ("vi", "en")[at]
    signer = signature["signer"] or {}
    yield f'<section class="card signature"><h3>{escape(signature["signatureIdentifier"])} '
    yield f"{_chip(signature['verdict'], at)}</h3>"
    store = signature["trustStore"]
    yield _facts(
        [
            (("Người ký", "Signer")[at], str(signer.get("name", ""))),
            (("Chức vụ", "Title")[at], str(signer.get("title", ""))),
            (("Tổ chức", "Organisation")[at], str(signer.get("organization", ""))),
            (("Vai trò", "Role")[at], ROLES[signer["role"]][at] if signer else ""),
            (("Thời điểm", "Time")[at], moment(signature, at)),
            (("Dạng", "Format")[at], f"{signature['format']} {signature['level']}".strip()),
            (("Thuật toán", "Algorithm")[at], f"{signature['algorithm']} {signature['digestAlgorithm']}".strip()),
            (("Kho tin cậy", "Trust store")[at], store),
            (("Nội dung ký", "Reason")[at], signature["reason"]),
        ]
    )
    if signature["laterChanges"]:
        rows = "".join(f"<li>{escape(change[tongue])}</li>" for change in signature["laterChanges"])
        yield f"<p>{escape(('Thay đổi sau khi ký', 'Changes after signing')[at])}:</p><ul>{rows}</ul>"
    yield f"<p>{escape(('Các bước kiểm tra', 'Checks')[at])}:</p>{_checks(signature['checks'], at)}</section>"


def _checks(checks: Sequence[Mapping[str, Any]], at: int) -> str:
    """Every check with its «why?»; those with trouble first and open."""
    tongue, reason, label = (("vi", "whyVi", "Vì sao?"), ("en", "whyEn", "Why?"))[at]
    order = {"FAILED": 0, "INDETERMINATE": 1, "PASSED": 2}
    rows = []
    for check in sorted(checks, key=lambda row: order[row["verdict"]]):
        mark = {"PASSED": "✓", "INDETERMINATE": "?", "FAILED": "✗"}[check["verdict"]]
        opened = "" if check["verdict"] == "PASSED" else " open"
        why = f"<details{opened}><summary>{label}</summary>{escape(check[reason])}</details>" if check[reason] else ""
        rows.append(f"<li>{mark} {escape(check[tongue])}{why}</li>")
    return f"<ul>{''.join(rows)}</ul>"
