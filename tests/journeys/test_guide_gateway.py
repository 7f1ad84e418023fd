"""The guide of provincial gateways, followed word by word: only the reader's own values are put in."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from axis_process import SOURCE, Installation
from fixtures_axis import Town
from lienthong.infra.keys import key_pem

GUIDES = Path(__file__).resolve().parents[2] / "docs/guides"
MINE, OTHER = "000.00.00.H26", "000.00.00.H15"


def _operator(axis: Installation, folder: Path) -> Path:
    """The operator's profile, as ``axis init`` makes it."""
    key, public, profile = folder / "operator.key.pem", folder / "axis.pub.pem", folder / "operator.toml"
    key.touch(mode=0o600)
    key.write_bytes(key_pem(axis._operator._private_key))
    public.write_bytes(axis.keys.receipt.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    profile.write_text(
        f'[connector]\naxis_url = "{axis.url}"\naxis_name = "{axis.name}"\naxis_key_file = "{public}"\n'
        f'system_id = "operator"\nagencies = ["{OTHER}"]\nkey_file = "{key}"\nspool_dir = "{folder}/spool"\n'
    )
    return profile


@pytest.mark.parametrize(
    ("name", "system", "secret", "same"),
    [
        ("provincial-gateway.md", "HE_THONG", "KHOA", "GIỐNG HỆT"),
        ("provincial-gateway.en.md", "SYSTEM", "SECRET", "IDENTICAL"),
    ],
)
def test_the_commands_of_the_guide_do_what_it_says(
    town: Town, tmp_path: Path, name: str, system: str, secret: str, same: str
) -> None:
    blocks = re.findall(r"```sh\n(.*?)```", (GUIDES / name).read_text("utf-8"), re.DOTALL)
    values, add, login, send, receive, vxp, show, rotate, revoke = blocks
    values = re.sub(r"http://\S+", town.axis.url, values).replace("10.26.0.0/16", "127.0.0.0/8")
    values = values.replace("=H26 ", f"={MINE} ")
    read = "$(grep -o '[A-Za-z0-9+/]\\{43\\}=' added)"
    login = re.sub(rf"export {secret}='[^']*'", f'export {secret}="{read}"', login)
    other = (
        f"export {system}=vxp.guide\nlienthong connection add vxp.guide --face vxp --name V --agency {OTHER} > added"
    )
    script = [
        "set -e -o pipefail", values, f"{{\n{add}}} | tee added", login, send, receive, show, rotate, revoke,
        other, f'export {secret}="{read}"', vxp, "lienthong connection revoke vxp.guide",
    ]  # fmt: skip
    command = tmp_path / "bin" / "lienthong"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m lienthong.roles.cli "$@"\n')
    command.chmod(0o755)
    environment = {
        **os.environ, "PATH": f"{command.parent}:{os.environ['PATH']}", "PYTHONPATH": str(SOURCE), "LC_ALL": "C.UTF-8",
        "LIENTHONG_PROFILE": str(_operator(town.axis, tmp_path)), "NO_PROXY": "*",
    }  # fmt: skip
    done = subprocess.run(
        ["bash", "-c", "\n".join(script)], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, (done.stdout, done.stderr)
    said = done.stdout
    assert said.count('"success":true') == 4
    assert '"success":false' not in said
    assert same in said
    assert '"status":"OK"' in said
    assert re.search(r'"status":"done"\}\}\{[^{]*"data":\[\]\}', said), said
    assert not (tmp_path / "token.json").exists()
