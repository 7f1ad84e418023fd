"""The report and the certificate for people: one HTML file each, without anything from outside, ready to print."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from lienthong.base.errors import Language

_STYLE = """
:root{--primary:#0b5cad;--dark:#1a4f8b;--text:#1f2937;--muted:#5b6472;--line:#d7dde5;--page:#f5f7fa}
*{box-sizing:border-box}body{margin:0;background:var(--page);color:var(--text);font:16px/1.5 "Be Vietnam Pro",
"Segoe UI",Roboto,"Noto Sans",Arial,sans-serif}main{max-width:1080px;margin:0 auto;padding:24px 16px 64px}
header{border-top:3px solid #da251d;background:#fff;border-bottom:1px solid var(--line)}
header div{max-width:1080px;margin:0 auto;padding:20px 16px}h1{font-size:1.6rem;line-height:1.25;margin:0 0 4px}
h2{font-size:1.2rem;margin:32px 0 12px}p{margin:4px 0}.muted{color:var(--muted)}code,pre{font-family:ui-monospace,
"DejaVu Sans Mono",Consolas,monospace;font-size:.84rem;overflow-wrap:anywhere}
.sum{display:flex;flex-wrap:wrap;gap:12px;margin:20px 0}.sum div{background:#fff;border:1px solid var(--line);
border-radius:8px;padding:12px 16px;flex:1 1 130px}.sum b{display:block;font-size:1.7rem;line-height:1.2}
dl{display:grid;grid-template-columns:max-content 1fr;gap:6px 16px;background:#fff;border:1px solid var(--line);
border-radius:8px;padding:16px;margin:0}dt{color:var(--muted)}dd{margin:0;overflow-wrap:anywhere}
.chip{display:inline-block;border-radius:999px;padding:1px 10px;font-size:.84rem;font-weight:600;white-space:nowrap}
.passed{color:#166534;background:#dcfce7}.failed{color:#991b1b;background:#fee2e2}
.not_applicable,.not_run{color:#374151;background:#e5e7eb}
article{background:#fff;border:1px solid var(--line);border-radius:8px;padding:12px 16px;margin:8px 0}
article.bad{border-left:4px solid #991b1b}article h3{font-size:1rem;margin:4px 0;font-weight:600}
.top{display:flex;flex-wrap:wrap;gap:8px;align-items:center}details{margin-top:6px}
summary{cursor:pointer;color:var(--primary);min-height:24px}pre{background:#f1f4f8;border-radius:6px;padding:8px;
white-space:pre-wrap;margin:4px 0 10px}a{color:var(--primary)}.verdict{font-size:1.15rem;font-weight:700}
.verdict .chip{white-space:normal;border-radius:8px;padding:4px 12px;font-size:1rem}
@media(max-width:560px){dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:8px}}
@media print{body{background:#fff;font-size:11pt}details:not([open]){display:none}article,dl{break-inside:avoid}}
"""

_OUTCOMES = {
    "passed": ("✓", "Đạt", "Passed"),
    "failed": ("✗", "Chưa đạt", "Failed"),
    "not_applicable": ("–", "Không áp dụng", "Not applicable"),
    "not_run": ("○", "Chưa chạy", "Not run"),
}
_FACES = {"native": "Giao thức gốc · Native", "vxp": "VXP (SDK)", "lgsp": "LGSP (REST)"}


def render_report(members: Mapping[str, Any], language: Language) -> str:
    """The HTML of a report. ``members``: of its JSON."""
    vi = language == "vi"
    good = members["conforms"]
    verdict = ("Đạt mọi yêu cầu bắt buộc" if vi else "Every requirement is met") if good else (
        "Chưa đạt đủ yêu cầu bắt buộc" if vi else "Requirements are not all met"
    )  # fmt: skip
    facts = [
        ("Đối tượng" if vi else "Subject", members["subject"]["identity"]),
        ("Giao diện" if vi else "Faces", ", ".join(_FACES[face] for face in members["subject"]["faces"])),
        ("Người kiểm tra" if vi else "Tester", members["tester"]),
        ("Thời gian" if vi else "Time", f"{members['began']} – {members['ended']}"),
        ("Phiên bản bộ kiểm tra" if vi else "Version of the kit", members["version"]),
    ]
    body = [
        f'<p class="verdict"><span class="chip {"passed" if good else "failed"}">{"✓" if good else "✗"} '
        f"{escape(verdict)}</span></p>",
        f'<div class="sum">{"".join(_counts(members["counts"], vi))}</div>',
        _facts(facts),
    ]
    for face in members["subject"]["faces"]:
        body.append(f"<h2>{escape(_FACES[face])}</h2>")
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
        ("Giao diện" if vi else "Faces", ", ".join(_FACES[face] for face in members["subject"]["faces"])),
        ("Ngày cấp" if vi else "Issued at", members["issued_at"]),
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
        f'<p class="verdict"><span class="chip passed">✓ {escape(said)}</span></p>{_facts(facts)}'
        f"<p>{escape(how)}</p><details><summary>{'Chữ ký' if vi else 'Signature'}</summary>"
        f"<pre>{escape(token)}</pre></details>"
    )
    title = "Chứng nhận tuân thủ" if vi else "Certificate of conformity"
    return _page(title, str(members["subject"]["identity"]), body, language)


def _page(title: str, subtitle: str, body: str, language: Language) -> str:
    return (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width,initial-scale=1"><title>{escape(title)} – {escape(subtitle)}</title>'
        f"<style>{_STYLE}</style><header><div><h1>{escape(title)}</h1>"
        f'<p class="muted">{escape(subtitle)}</p></div></header><main>{body}</main></html>\n'
    )


def _facts(facts: list[tuple[str, str]]) -> str:
    return "<dl>" + "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts) + "</dl>"


def _counts(counts: Mapping[str, int], vi: bool) -> Iterator[str]:
    for name, (icon, in_vi, in_en) in _OUTCOMES.items():
        yield f"<div><b>{counts[name]}</b>{icon} {in_vi if vi else in_en}</div>"


def _check(row: Mapping[str, Any], language: Language) -> str:
    vi = language == "vi"
    icon, in_vi, in_en = _OUTCOMES[row["outcome"]]
    must = ("Bắt buộc" if vi else "Must") if row["severity"] == "must" else ("Nên có" if vi else "Should")
    bad = row["outcome"] == "failed"
    out = [
        f'<article class="{"bad" if bad else "good"}"><div class="top"><span class="chip {row["outcome"]}">{icon} '
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
