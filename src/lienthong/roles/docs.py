"""Documentation that is made from the code: the error page and the configuration reference.

``python -m lienthong.roles.docs`` writes both into ``docs/`` of the checkout; a test compares them with the code.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import lienthong
from lienthong.base.errors import ErrorCode, Retry, all_codes
from lienthong.infra.config_page import example_file, reference_rows
from lienthong.infra.role_config import ROLES

_RETRY = {
    Retry.PERMANENT: "vĩnh viễn · permanent",
    Retry.TRANSIENT: "tạm thời · transient",
    Retry.INDETERMINATE: "chưa rõ · indeterminate",
}


def import_every_code() -> None:
    """Import each module of the product whose name says that it defines codes, and the few that define their own."""
    root = Path(lienthong.__path__[0])
    for file in sorted(root.rglob("*.py")):
        # Found by name and not by walking packages: those of a web context can be imported only by its own process.
        module = ".".join(("lienthong", *file.relative_to(root).with_suffix("").parts))
        if module.endswith(("errors", ".roles.migrate")):
            importlib.import_module(module)


def errors_page() -> str:
    """``docs/errors.md``: every code of the closed list with its two sentences and what to do."""
    import_every_code()
    lines = [
        "# Mã lỗi · Error codes",
        "",
        "Sinh từ mã nguồn; không sửa tay. Made from the code; do not edit.",
        "",
        "* **vĩnh viễn · permanent**: gửi lại cùng dữ liệu không có ích · sending the same bytes again never helps.",
        "* **tạm thời · transient**: gửi lại sau · send again later.",
        "* **chưa rõ · indeterminate**: gửi lại với cùng mã định danh; câu trả lời là câu trả lời đầu tiên · "
        "repeat with the same identifiers, the answer will be the first one.",
        "",
    ]
    for name in sorted(all_codes()):
        lines += _error_entry(all_codes()[name])
    return "\n".join(lines)


def configuration_page() -> str:
    """``docs/operate/configuration.md``: every key of every role, and an example file for each."""
    lines = [
        "# Cấu hình · Configuration",
        "",
        "Sinh từ mã nguồn; không sửa tay. Made from the code; do not edit.",
        "",
        "Mỗi tệp TOML được kiểm tra toàn bộ trước khi khởi động; khoá lạ bị từ chối. Đường dẫn tương đối tính từ thư "
        "mục chứa tệp. Bí mật chỉ nằm trong tệp riêng (chmod 600).",
        "",
        "Each TOML file is checked whole before anything starts; unknown keys are refused. Relative paths start at "
        "the file's own folder. Secrets live only in files of their own (chmod 600).",
        "",
        "Sizes: `200 MB` (10⁶), `200 MiB` (2²⁰). Durations: `250 ms`, `30 s`, `5 min`, `12 h`, `7 d`.",
        "",
    ]
    for role in ROLES:
        lines += [f"## [{role.table}] — {role.file}.toml", ""]
        lines += ["| khoá · key | kiểu · type | mặc định · default | ý nghĩa | meaning |", "|---|---|---|---|---|"]
        lines += [
            f"| `{key}` | {kind} | `{default}` | {vi} | {en} |" for key, kind, default, vi, en in reference_rows(role)
        ]
        lines.append("")
    for name, role in {role.file: role for role in ROLES}.items():
        lines += [f"## Ví dụ · Example: {name}.toml", "", "```toml", example_file(role).rstrip(), "```", ""]
    return "\n".join(lines)


def pages() -> Iterator[tuple[str, str]]:
    """Each generated page: its path below the checkout, and its text."""
    yield "docs/errors.md", errors_page()
    yield "docs/operate/configuration.md", configuration_page()


def write(checkout: Path) -> list[Path]:
    """Write the pages; the paths that changed."""
    changed = []
    for name, text in pages():
        path = checkout / name
        if not path.exists() or path.read_text("utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
            changed.append(path)
    return changed


def _error_entry(code: ErrorCode) -> list[str]:
    return [
        f"## {code.name}",
        "",
        f"HTTP {code.http} · {_RETRY[code.retry]}",
        "",
        f"* {code.vi} → {code.do_vi}",
        f"* {code.en} → {code.do_en}",
        "",
    ]


if __name__ == "__main__":
    for each in write(Path.cwd()):
        sys.stdout.write(f"{each}\n")
