"""Sealed secrets open only with the key file, and only where they belong."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from lienthong.base.errors import Refused
from lienthong.infra.sealed import NAME, Sealer


def test_a_secret_opens_again_with_the_key_that_was_made_at_first_use(tmp_path: Path):
    sealed = Sealer.load_or_create(tmp_path).seal("bí mật".encode(), "secret of a")
    assert stat.S_IMODE((tmp_path / NAME).stat().st_mode) == 0o600
    assert "bí mật".encode() not in sealed
    assert Sealer.load_or_create(tmp_path).open(sealed, "secret of a").decode() == "bí mật"


def test_the_same_secret_is_never_sealed_alike(tmp_path: Path):
    sealer = Sealer.load_or_create(tmp_path)
    assert sealer.seal(b"x", "a") != sealer.seal(b"x", "a")


@pytest.mark.parametrize("damage", ["moved", "changed", "cut", "other key"])
def test_anything_else_does_not_open(tmp_path: Path, damage: str):
    sealer = Sealer.load_or_create(tmp_path)
    sealed, about = sealer.seal(b"secret", "secret of a"), "secret of a"
    if damage == "moved":
        about = "secret of b"
    elif damage == "changed":
        sealed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    elif damage == "cut":
        sealed = sealed[:5]
    else:
        (tmp_path / "other").mkdir()
        sealer = Sealer.load_or_create(tmp_path / "other")
    with pytest.raises(Refused) as caught:
        sealer.open(sealed, about)
    assert caught.value.code.name == "SEAL_BROKEN"


def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path):
    Sealer.load_or_create(tmp_path)
    (tmp_path / NAME).chmod(0o644)
    with pytest.raises(Refused) as caught:
        Sealer.load_or_create(tmp_path)
    assert caught.value.code.name == "KEY_EXPOSED"


def test_a_key_file_of_another_form_is_refused(tmp_path: Path):
    (tmp_path / NAME).write_bytes(b"not base64!\n")
    (tmp_path / NAME).chmod(0o600)
    with pytest.raises(Refused) as caught:
        Sealer.load_or_create(tmp_path)
    assert caught.value.code.name == "KEY_UNREADABLE"
