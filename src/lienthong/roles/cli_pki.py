"""``lienthong pki``: a local PKI to try signatures with. Never the Government's, and every certificate says so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from lienthong.base.clock import SystemClock
from lienthong.base.errors import Refused
from lienthong.connector.errors import FILE_NOT_USABLE
from lienthong.roles.cli_connection import JsonOption
from lienthong.roles.cli_output import answer, say, verb, working
from lienthong.signing.demo_pki import AGENCY, SYMBOL, make_demo


def register(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    app.callback()(group)
    app.command("demo")(demo)


def group() -> None:
    """PKI nội bộ để đào tạo, thử nghiệm · A local PKI for training and tests."""


@verb
def demo(
    folder: Annotated[Path, typer.Argument(help="Thư mục mới · A new folder.")],
    as_json: JsonOption = False,
) -> None:
    """Lập PKI thử: cơ quan, hai người ký, dấu thời gian, danh sách thu hồi · Make a PKI to try signatures with."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refused(FILE_NOT_USABLE, file=folder, why="đã có nội dung; chọn thư mục khác (not empty; choose another)")
    with working(say("Tạo khóa và chứng thư số …", "Making keys and certificates …")):
        profiles = make_demo(folder, SystemClock().now())
    members = {
        "folder": str(folder), "agency": AGENCY, "signers": [each.stem for each in profiles],
        "trust_store": str(folder / "trust"),
    }  # fmt: skip
    answer(as_json, members, lambda: _next(folder))


def _next(folder: Path) -> Iterator[str]:
    """What to do now, ready to be copied."""
    sign, signers = "lienthong sign", f"--signers {folder / 'signers'}"
    yield say(f"✓ Đã lập PKI thử nghiệm trong {folder}; không dùng cho văn bản thật.",
              f"✓ Made a PKI for trials in {folder}; not for real documents.")  # fmt: skip
    yield say("→ Văn bản cần có dòng «GIÁM ĐỐC», bên dưới «Nguyễn Văn An», và «Số:      /…», «ngày    tháng    năm».",
              "→ The document needs the position, below it the name, and blanks for number and date.")  # fmt: skip
    yield f"  {sign} VAN-BAN.pdf --out DA-KY.pdf {signers} --signer an"
    yield (
        f"  {sign} DA-KY.pdf --out PHAT-HANH.pdf {signers} --signer co-quan --number 15 --symbol {SYMBOL} --level B-LTA"
    )
    yield f"  lienthong verify PHAT-HANH.pdf --trust-store {folder / 'trust'}"
