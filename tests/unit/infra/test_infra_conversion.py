"""What a conversion may use, with programs that use too much of it in place of the converter."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lienthong.base.errors import Refused
from lienthong.infra import conversion
from lienthong.infra.conversion import Limits, to_pdf


def program(folder: Path, text: str) -> Path:
    file = folder / "converter"
    file.write_text(f"#!/bin/sh\n{text}\n", "utf-8")
    file.chmod(0o755)
    return file


def refusal(folder: Path, does: str, limits: Limits) -> Refused:
    document = folder / "draft.rtf"
    document.write_bytes(rb"{\rtf1 x}")
    with pytest.raises(Refused) as refused:
        to_pdf(document, folder / "out.pdf", limits=limits, program=program(folder, does))
    assert not (folder / "out.pdf").exists()
    return refused.value


@pytest.mark.parametrize("does", ["while :; do :; done", "sh -c 'while :; do :; done'; exit $?"])
def test_a_converter_that_uses_up_the_processor_is_ended_by_the_machine_and_said_to_take_too_long(
    tmp_path: Path, does: str
) -> None:
    refused = refusal(tmp_path, does, Limits(seconds=120, cpu=1))
    assert (refused.code.name, refused.params["seconds"]) == ("CONVERSION_TIMED_OUT", "1")


@pytest.fixture
def asked_anew() -> Iterator[None]:
    conversion._without_network.cache_clear()
    yield
    conversion._without_network.cache_clear()


@pytest.mark.usefixtures("asked_anew")
def test_a_machine_too_busy_to_say_whether_the_network_can_be_taken_away_converts_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = program(tmp_path, "sleep 60")
    monkeypatch.setattr(conversion, "_TRIED_WITHIN", 0.2)
    monkeypatch.setattr(conversion.shutil, "which", lambda _: str(slow))
    with pytest.raises(Refused, match="CONVERSION_TIMED_OUT"):
        conversion._without_network()
