"""The report and the certificate for people: one HTML file each, without anything from outside, ready to print."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from lienthong.base.clock import VIETNAM, from_text
from lienthong.base.errors import Language
from lienthong.webkit.look import inline_style

_STYLE = """
.sheet{max-inline-size:1080px;margin-inline:auto;padding:20px 16px 56px}
.sheet h2{font-size:1.2rem;margin:28px 0 10px}.top .sheet{padding-block:16px}
.top{border-block-start:3px solid var(--stripe)}
.top h1{font-size:1.6rem;line-height:1.25;margin:0 0 2px}.sheet p{margin:4px 0}.figures{margin-block:16px}
.facts{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:6px 16px;padding:16px;margin:0}
.facts dt{color:var(--muted)}.facts dd{margin:0;overflow-wrap:anywhere}
.check{padding:10px 16px;margin-block:8px}.check h3{font-size:1rem;margin:4px 0}
.check--bad{border-inline-start:4px solid var(--error)}
.row{display:flex;flex-wrap:wrap;gap:8px;align-items:center}.sheet code{overflow-wrap:anywhere}
.sheet summary{cursor:pointer;color:var(--primary);min-block-size:24px}
.sheet .verdict{margin-block:4px 14px}.verdict .chip{font-size:1.05rem;padding:4px 12px}
.sheet pre{background:var(--page);border-radius:var(--radius);padding:8px;margin:4px 0 10px;
font:0.84rem/1.5 var(--mono);
white-space:pre-wrap;overflow-wrap:anywhere}
@media(max-width:560px){.facts{grid-template-columns:minmax(0,1fr);gap:0}.facts dd{margin-block-end:8px}}
@media print{details:not([open]){display:none}.check,.facts{break-inside:avoid}}
"""
"""What the report has besides the shared look."""

_CHIPS = {"passed": "done", "failed": "error"}
_OUTCOMES = {
    "passed": ("✓", "Đạt", "Passed"),
    "failed": ("✗", "Chưa đạt", "Failed"),
    "not_applicable": ("–", "Không áp dụng", "Not applicable"),
    "not_run": ("○", "Chưa chạy", "Not run"),
}
_FACES = {"native": ("Giao thức gốc", "Native"), "vxp": ("VXP (SDK)",) * 2, "lgsp": ("LGSP (REST)",) * 2}


def render_report(members: Mapping[str, Any], language: Language) -> str:
    """The HTML of a report. ``members``: of its JSON."""
    vi = language == "vi"
    good = members["conforms"]
    verdict = ("Đạt mọi yêu cầu bắt buộc" if vi else "Every requirement is met") if good else (
        "Chưa đạt đủ yêu cầu bắt buộc" if vi else "Requirements are not all met"
    )  # fmt: skip
    facts = [
        ("Đối tượng" if vi else "Subject", members["subject"]["identity"]),
        ("Giao diện" if vi else "Faces", _faces(members, language)),
        ("Người kiểm tra" if vi else "Tester", members["tester"]),
        ("Thời gian" if vi else "Time", f"{_clock(members['began'])} – {_clock(members['ended'])} (GMT+7)"),
        ("Phiên bản bộ kiểm tra" if vi else "Version of the kit", members["version"]),
    ]
    body = [
        f'<p class="verdict"><span class="chip chip--{"done" if good else "error"}">{"✓" if good else "✗"} '
        f"{escape(verdict)}</span></p>",
        f'<div class="figures">{"".join(_counts(members["counts"], vi))}</div>',
        _facts(facts),
    ]
    for face in members["subject"]["faces"]:
        body.append(f"<h2>{escape(_FACES[face][0 if vi else 1])}</h2>")
        body += [_check(row, language) for row in members["checks"] if row["face"] == face]
    title = "Báo cáo kiểm tra tuân thủ" if vi else "Conformance report"
    return _page(title, str(members["subject"]["identity"]), "\n".join(body), language)


def render_certificate(members: Mapping[str, Any], token: str, language: Language) -> str:
    """The HTML of a certificate. ``members``: of its signed payload; ``token``: the signature that proves them."""
    vi = language == "vi"
    kinds = {"axis": ("Trục liên thông", "Axis"), "system": ("Hệ thống của cơ quan", "Agency's system")}
    facts = [
        ("Cấp cho" if vi else "Issued for", members["subject"]["identity"]),
        ("Loại" if vi else "Kind", kinds[members["subject"]["kind"]][0 if vi else 1]),
        ("Giao diện" if vi else "Faces", _faces(members, language)),
        ("Ngày cấp" if vi else "Issued at", f"{_clock(members['issued_at'])} (GMT+7)"),
        ("Người kiểm tra" if vi else "Tester", members["tester"]),
        ("Số yêu cầu đạt" if vi else "Checks passed", str(members["passed"])),
        ("Phiên bản bộ kiểm tra" if vi else "Version of the kit", members["version"]),
        ("SHA-256 của báo cáo" if vi else "SHA-256 of the report", members["report_sha256"]),
        ("Dấu vân tay khóa ký" if vi else "Thumbprint of the signing key", members["key_id"]),
    ]  # fmt: skip
    said = (
        "Mọi yêu cầu bắt buộc của bộ kiểm tra đều đạt tại thời điểm kiểm tra." if vi else
        "Every requirement of the kit was met at the time of the run."
    )  # fmt: skip
    how = (
        "Kiểm tra chứng nhận, không cần mạng: lienthong conform verify CHUNG-NHAN.json" if vi else
        "Check this certificate offline: lienthong conform verify CERTIFICATE.json"
    )  # fmt: skip
    body = (
        f'<p class="verdict"><span class="chip chip--done">✓ {escape(said)}</span></p>{_facts(facts)}'
        f"<p>{escape(how)}</p><details><summary>{'Chữ ký' if vi else 'Signature'}</summary>"
        f"<pre>{escape(token)}</pre></details>"
    )
    title = "Chứng nhận tuân thủ" if vi else "Certificate of conformity"
    return _page(title, str(members["subject"]["identity"]), body, language)


def _faces(members: Mapping[str, Any], language: Language) -> str:
    return ", ".join(_FACES[face][0 if language == "vi" else 1] for face in members["subject"]["faces"])


def _clock(instant: str) -> str:
    """An instant of the JSON as a clock in Vietnam shows it."""
    return f"{from_text(instant).astimezone(VIETNAM):%d/%m/%Y %H:%M:%S}"


def _page(title: str, subtitle: str, body: str, language: Language) -> str:
    return (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width,initial-scale=1"><title>{escape(title)} – {escape(subtitle)}</title>'
        f"<style>{inline_style()}{_STYLE}</style>"
        f'<header class="top"><div class="sheet"><h1>{escape(title)}</h1>'
        f'<p class="muted">{escape(subtitle)}</p></div></header><main class="sheet">{body}</main></html>\n'
    )


def _facts(facts: list[tuple[str, str]]) -> str:
    return (
        '<dl class="card facts">'
        + "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts)
        + "</dl>"
    )


def _counts(counts: Mapping[str, int], vi: bool) -> Iterator[str]:
    for name, (icon, in_vi, in_en) in _OUTCOMES.items():
        yield f"<div><b>{counts[name]}</b>{icon} {in_vi if vi else in_en}</div>"


def _check(row: Mapping[str, Any], language: Language) -> str:
    vi = language == "vi"
    icon, in_vi, in_en = _OUTCOMES[row["outcome"]]
    must = ("Bắt buộc" if vi else "Must") if row["severity"] == "must" else ("Nên có" if vi else "Should")
    bad = row["outcome"] == "failed"
    tint = f" chip--{_CHIPS[row['outcome']]}" if row["outcome"] in _CHIPS else ""
    out = [
        f'<article class="card check{" check--bad" if bad else ""}"><div class="row">'
        f'<span class="chip{tint}">{icon} '
        f'{in_vi if vi else in_en}</span><code>{escape(row["id"])}</code><span class="muted">{must} · '
        f"{row['milliseconds']} ms</span></div><h3>{escape(row['title'][language])}</h3>"
    ]
    if row["reason"] is not None:
        out.append(f"<p>{escape(row['reason'][language])}</p>")
    if bad:
        out.append(f"<p><b>{'Cách sửa' if vi else 'What to fix'}:</b> {escape(row['remedy'][language])}</p>")
    source = "Căn cứ" if vi else "Source"
    out.append(f'<p class="muted">{source}: {escape(row["source"])}</p>')
    if row["evidence"]:
        label = "Chứng cứ" if vi else "Evidence"
        out.append(f"<details><summary>{label} ({len(row['evidence'])})</summary>")
        out += [_evidence(each) for each in row["evidence"]]
        out.append("</details>")
    return "".join(out) + "</article>"


def _evidence(each: Mapping[str, Any]) -> str:
    head = f"{each['at']} · {each['what']} → HTTP {each['status']} · {each['milliseconds']} ms"
    digests = (
        f"SHA-256 → {each['request_sha256']} ({each['request_size']} B)\n"
        f"SHA-256 ← {each['response_sha256']} ({each['response_size']} B)"
    )
    text = f"{digests}\n\n{each['request_excerpt']}\n\n{each['response_excerpt']}"
    return f"<p><code>{escape(head)}</code></p><pre>{escape(text)}</pre>"
