"""The outgoing spool: whole or not there, whatever moment the process dies at."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from connector_axis import FakeAxis, letter, pdf

from lienthong.base.errors import Refused
from lienthong.connector.client import Client
from lienthong.connector.compose import Attachment
from lienthong.connector.errors import AxisRefused


class Crash(BaseException):
    """The process dies here."""


def test_a_crash_at_any_rename_leaves_the_whole_envelope_or_nothing(
    axis: FakeAxis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = axis.client(tmp_path)
    client.book.refresh()
    rename, whole = Path.rename, 0
    for die_at in range(1, 7):
        count = 0

        def dying(self: Path, target: Path) -> Path:
            nonlocal count
            count += 1
            if count == die_at:  # noqa: B023
                raise Crash
            return rename(self, target)

        with monkeypatch.context() as patched:
            patched.setattr(Path, "rename", dying)
            with suppress(Crash):
                client.prepare(letter(), [pdf(), pdf("hai.pdf")])
        found = list(axis.client(tmp_path).spool.unsent())
        whole = len(found)
        for spooled in found:
            assert [spooled.part(i).stat().st_size for i in range(3)] == [p.size for p in spooled.envelope.parts]
    assert die_at > count - 1
    assert whole == 0
    client.prepare(letter(), [pdf()])
    assert len(list(axis.client(tmp_path).spool.unsent())) == 1


def test_what_was_spooled_is_sent_with_the_same_bytes_by_the_next_process(axis: FakeAxis, tmp_path: Path) -> None:
    spooled = axis.client(tmp_path).prepare(letter(), [pdf()])
    sent = list(axis.client(tmp_path).resume())
    assert [s.envelope for s in sent] == [spooled.envelope]
    assert spooled.token in axis.posted()[0].body
    assert list(axis.client(tmp_path).resume()) == []


def test_an_envelope_that_was_receipted_is_not_sent_again(axis: FakeAxis, tmp_path: Path) -> None:
    client = axis.client(tmp_path)
    sent = client.send(letter(), [pdf()])
    spooled = client.spool.get(str(sent.envelope.id))
    assert spooled is not None
    assert client.transmit(spooled).receipt == sent.receipt
    assert len(axis.posted()) == 1


def test_a_file_that_changes_while_it_is_spooled_is_refused_before_anything_is_signed_for(
    axis: FakeAxis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.pdf"
    file.write_bytes(b"one")
    client = axis.client(tmp_path / "store")
    spool = client._spool

    def changed(*args: object) -> object:
        file.write_bytes(b"two, longer")
        return spool(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(client, "_spool", changed)
    with pytest.raises(Refused, match="FILE_NOT_USABLE"):
        client.prepare(letter(), [Attachment.of(file)])
    assert list(client.spool.unsent()) == []


def test_a_name_from_outside_never_leaves_the_spool(axis: FakeAxis, tmp_path: Path) -> None:
    client = axis.client(tmp_path / "store")
    (tmp_path / "envelope.jws").write_bytes(b"x")
    assert client.spool.get("../..") is None


def test_only_a_signed_rejection_of_this_envelope_ends_the_attempts(axis: FakeAxis, tmp_path: Path) -> None:
    from connector_axis import payload_in, problem

    from lienthong.wire.event import EventName

    client = axis.client(tmp_path)
    client.book.refresh()
    axis.script = lambda asked: problem("KEY_REVOKED", "permanent", 401)
    with pytest.raises(AxisRefused):
        client.send(letter(), [pdf()])
    axis.script = lambda asked: problem("X", "permanent", 422, evidence="forged")
    with pytest.raises(AxisRefused):
        list(client.resume())
    assert len(list(client.spool.unsent())) == 1
    axis.script = lambda a: problem(
        "X", "permanent", 422, evidence=axis.event(payload_in(a), EventName.SUBMISSION_REJECTION).decode()
    )
    with pytest.raises(AxisRefused):
        list(client.resume())
    assert list(client.spool.unsent()) == []


def test_one_refused_envelope_does_not_hold_up_those_behind_it(axis: FakeAxis, tmp_path: Path) -> None:
    from connector_axis import Answer, Asked, payload_in, problem

    client = axis.client(tmp_path)
    first, second = client.prepare(letter(), [pdf()]), client.prepare(letter(number="13/TB-VP"), [pdf()])

    def script(asked: Asked) -> Answer:
        bad = asked.path == "/v1/envelopes" and str(first.envelope.id).encode() in payload_in(asked)
        return problem("X", "permanent", 403) if bad else axis.honest(asked)

    axis.script = script
    sent = []
    with pytest.raises(AxisRefused):
        sent.extend(client.resume())
    assert second.receipt is not None


def test_a_client_of_an_unfinished_profile_needs_no_axis_to_look_at_its_spool(axis: FakeAxis, tmp_path: Path) -> None:
    client = axis.client(tmp_path)
    client.send(letter(), [pdf()])
    axis.stop()
    again: Client = axis.client(tmp_path)
    assert [s.envelope.document_id for s in again.spool.all()] == ["000.00.00.H29,2026/11/20,12/TB-VP"]
