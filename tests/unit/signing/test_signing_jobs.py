"""Prepared signatures on disk, the log of key uses, signers' profiles: what a kill, a hand or a typing error does."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pkcs11 import TokenFlag

from lienthong.base.clock import SystemClock
from lienthong.base.errors import Refused
from lienthong.infra.credential_errors import (
    CERTIFICATE_NOT_OF_KEY,
    CERTIFICATE_OUT_OF_TIME,
    KEY_PASSWORD_WRONG,
    TOKEN_AWAY,
    TOKEN_PIN_FINAL_TRY,
    TOKEN_PIN_LOCKED,
)
from lienthong.infra.token_signer import require_tries
from lienthong.signing.errors import (
    SIGN_CONTENT_MISMATCH,
    SIGN_JOB_CONFLICT,
    SIGN_JOB_UNKNOWN,
    SIGN_REQUEST_NOT_ATTRIBUTES,
    SIGNER_PROFILE_INVALID,
    SIGNER_UNKNOWN,
    USE_LOG_BROKEN,
)
from lienthong.signing.jobs import Entry, JobStore, State, finish_job, sign_job
from lienthong.signing.profiles import find_profile, list_profiles, read_profile
from lienthong.signing.request import read_request, require_same
from lienthong.signing.signers import open_certified
from lienthong.signing.use_log import UseLog
from lienthong.trust.keys import Algorithm, PublicKey
from lienthong.trust.local_pki import Period
from lienthong.trust.signer import MemorySigner, is_valid
from signers_world import People, letter, period, prepare

# --- jobs ------------------------------------------------------------------------------------------------------------


def behind(entry: Entry, signature: bytes, file: BinaryIO) -> None:
    """The simplest place for a signature: behind the document."""
    file.seek(0, 2)
    file.write(b"|" + entry.note.encode() + b"|" + signature)


def entries(count: int) -> list[Entry]:
    return [Entry(f"{n}.pdf", b"sign %d" % n, note=f"note {n}") for n in range(1, count + 1)]


def test_a_job_goes_from_prepared_to_result_and_nothing_twice(people: People, tmp_path: Path) -> None:
    store = JobStore(tmp_path / "jobs", SystemClock())
    job = store.make("an", "Lượt", entries(3))
    for number in (1, 2):
        job.put(number, job.entries[number - 1].to_sign)
    signer = MemorySigner(people.add("An", "an").key)
    assert sign_job(job, signer) == 2
    assert finish_job(job, behind) == 2
    assert [item.state for item in job.items()] == [State.FINISHED, State.FINISHED, State.WAITING]
    first = job.result(1)
    assert first is not None
    assert is_valid(signer.public_key, signer.algorithm, first.split(b"|", 2)[2], b"sign 1")
    assert first.startswith(b"sign 1|note 1|")
    assert (sign_job(job, signer), finish_job(job, behind)) == (0, 0)
    job.put(1, b"sign 1")
    with pytest.raises(Refused) as conflict:
        job.put(1, b"something else")
    assert conflict.value.code is SIGN_JOB_CONFLICT
    assert job.result(1) == first


def test_a_kill_while_embedding_leaves_no_half_document(people: People, tmp_path: Path) -> None:
    job = JobStore(tmp_path / "jobs", SystemClock()).make("an", "Lượt", entries(1))
    job.put(1, b"sign 1")
    sign_job(job, MemorySigner(people.add("An", "an").key))

    def dying(entry: Entry, signature: bytes, file: BinaryIO) -> None:
        file.write(b"half")
        file.flush()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        finish_job(job, dying)
    assert (job.result(1), job.item(1).state) == (None, State.SIGNED)
    job.file(1, "embedding").write_bytes(b"left by a kill")
    assert finish_job(job, behind) == 1
    assert (job.result(1) or b"").startswith(b"sign 1|note 1|")


class Failing:
    """A token that goes away after some signatures."""

    def __init__(self, signer: MemorySigner, after: int) -> None:
        self._signer, self._left = signer, after
        self.key_id: str = signer.key_id
        self.algorithm: Algorithm = signer.algorithm
        self.public_key: PublicKey = signer.public_key

    def sign(self, data: bytes) -> bytes:
        if not self._left:
            raise Refused(TOKEN_AWAY, token="t", reason="pulled")
        self._left -= 1
        return self._signer.sign(data)


def test_a_lost_token_leaves_what_was_signed_and_the_rest_goes_on(people: People, tmp_path: Path) -> None:
    job = JobStore(tmp_path / "jobs", SystemClock()).make("an", "Lượt", entries(5))
    for item in job.items():
        job.put(item.number, item.entry.to_sign)
    signer = MemorySigner(people.add("An", "an").key)
    with pytest.raises(Refused):
        sign_job(job, Failing(signer, 2))
    kept = [job.signature(1), job.signature(2)]
    assert sign_job(job, signer) == 3
    assert [job.signature(1), job.signature(2)] == kept


KILLED = """
import sys, time
from pathlib import Path
from lienthong.base.clock import SystemClock
from lienthong.infra.keys import read_key
from lienthong.signing.jobs import JobStore, sign_job
from lienthong.trust.signer import MemorySigner
job = JobStore(Path(sys.argv[1]), SystemClock()).find(sys.argv[2])
def after(item):
    print(item.number, flush=True)
    time.sleep(0.02)
sign_job(job, MemorySigner(read_key(Path(sys.argv[3]))), after=after)
"""


def test_a_job_is_taken_up_again_after_a_kill_at_any_moment(people: People, tmp_path: Path) -> None:
    holder = people.add("An", "an")
    people.pem("an", holder)
    job = JobStore(tmp_path / "jobs", SystemClock()).make("an", "Lượt", entries(40))
    for item in job.items():
        job.put(item.number, item.entry.to_sign)
    arguments = [str(tmp_path / "jobs"), job.id, str(people.folder / "an.key")]
    seen: dict[int, bytes] = {}
    for told in (3, 9):
        child = subprocess.Popen([sys.executable, "-c", KILLED, *arguments], stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        for _ in range(told):
            child.stdout.readline()
        os.kill(child.pid, signal.SIGKILL)
        child.wait(10)
        child.stdout.close()
        for number, signature in seen.items():
            assert job.signature(number) == signature
        seen = {item.number: job.signature(item.number) or b"" for item in job.items() if item.state is State.SIGNED}
    assert 12 <= len(seen) < 40
    signer = MemorySigner(holder.key)
    sign_job(job, signer)
    for item in job.items():
        assert is_valid(signer.public_key, signer.algorithm, job.signature(item.number) or b"", item.entry.to_sign)


@pytest.mark.parametrize("name", ["", "..", "../x", "0" * 36, "a/b"])
def test_a_job_is_found_by_its_identifier_alone(tmp_path: Path, name: str) -> None:
    with pytest.raises(Refused) as unknown:
        JobStore(tmp_path / "jobs", SystemClock()).find(name)
    assert unknown.value.code is SIGN_JOB_UNKNOWN


# --- the log ---------------------------------------------------------------------------------------------------------


def test_the_log_shows_every_change_of_its_past(tmp_path: Path) -> None:
    log = UseLog(tmp_path / "uses.jsonl", SystemClock())
    heads = [log.add("sign", {"name": f"{n}.pdf"}) for n in range(5)]
    assert [row["seq"] for row in log.read()] == [1, 2, 3, 4, 5]
    assert log.head() == (5, heads[-1])
    lines = log.file.read_bytes().splitlines(keepends=True)
    altered = (
        [lines[0], lines[1].replace(b"1.pdf", b"9.pdf"), *lines[2:]],
        [*lines[:2], *lines[3:]],
        [lines[1], lines[0], *lines[2:]],
        lines[1:],
        [*lines[:4], lines[4][:-10]],
        [*lines, b"[]\n"],
    )
    for each in altered:
        log.file.write_bytes(b"".join(each))
        with pytest.raises(Refused) as broken:
            list(log.read())
        assert broken.value.code is USE_LOG_BROKEN


def test_a_line_that_a_crash_cut_off_is_replaced_by_the_next(tmp_path: Path) -> None:
    log = UseLog(tmp_path / "uses.jsonl", SystemClock())
    log.add("sign", {"name": "1.pdf"})
    with log.file.open("ab") as file:
        file.write(b'{"seq":2,"at":"2026')
    log.add("sign", {"name": "2.pdf"})
    assert [(row["seq"], row["name"]) for row in log.read()] == [(1, "1.pdf"), (2, "2.pdf")]


# --- profiles and signers --------------------------------------------------------------------------------------------


def test_every_kind_of_file_gives_the_same_kind_of_signer(people: People) -> None:
    holder = people.add("Nguyễn Văn An", "an")
    people.pem("mot", holder, position="Chánh Văn phòng")
    people.bundle("hai", holder, b"mat-khau")
    folder = people.folder / "signers"
    assert [each.label for each in list_profiles(folder)] == ["hai", "mot"]
    for label, secret in (("mot", None), ("hai", b"mat-khau")):
        signer = open_certified(find_profile(folder, label), secret)
        assert is_valid(holder.key.public_key(), signer.algorithm, signer.sign(b"x"), b"x")
        assert signer.certificate == holder.certificate
        assert signer.chain == (people.root.certificate,)
    with pytest.raises(Refused) as wrong:
        open_certified(find_profile(folder, "hai"), b"khac")
    assert wrong.value.code is KEY_PASSWORD_WRONG


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("kind = 'usb'\nrole = 'person'\nname = 'A'", "kind"), ("kind = 'pem'\nrole = 'chief'\nname = 'A'", "role"),
        ("kind = 'pem'\nrole = 'person'\nname = 'A'\nkey = 'k'", "certificate"), ("kind = [", "TOML"),
        ("kind = 'pkcs11'\nrole = 'person'\nname = 'A'", "token"), ("pin = '1234'", "pin"), ("name = ''", "name"),
        ("kind = 'pkcs12'\nrole = 'person'\nname = 5\nkey = 'k'", "name"),
    ],
)  # fmt: skip
def test_a_profile_that_is_wrong_says_where(tmp_path: Path, text: str, word: str) -> None:
    file = tmp_path / "an.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(Refused) as refused:
        read_profile(file)
    assert refused.value.code is SIGNER_PROFILE_INVALID
    assert word in refused.value.sentence("vi")


@pytest.mark.parametrize("name", ["khac", "../an", "An", ""])
def test_an_unknown_signer_is_told_with_those_there_are(people: People, name: str) -> None:
    people.pem("an", people.add("An", "an"))
    with pytest.raises(Refused) as refused:
        find_profile(people.folder / "signers", name)
    assert refused.value.code is SIGNER_UNKNOWN
    assert "an" in refused.value.sentence("vi")


def test_a_certificate_of_another_key_or_time_is_refused(people: People) -> None:
    an, binh = people.add("An", "an"), people.add("Bình", "binh")
    begin = period().begin
    old = people.add("Cũ", "cu", valid=Period(begin.replace(year=begin.year - 3), begin))
    people.pem("sai", type(an)(an.name, an.key, binh.certificate, binh.file))
    people.pem("cu", old)
    for label, code in (("sai", CERTIFICATE_NOT_OF_KEY), ("cu", CERTIFICATE_OUT_OF_TIME)):
        with pytest.raises(Refused) as refused:
            open_certified(find_profile(people.folder / "signers", label))
        assert refused.value.code is code


def test_the_last_try_of_a_pin_is_never_spent_by_program() -> None:
    require_tries(TokenFlag.USER_PIN_COUNT_LOW | TokenFlag.LOGIN_REQUIRED, "t")
    cases = {TokenFlag.USER_PIN_FINAL_TRY: TOKEN_PIN_FINAL_TRY, TokenFlag.USER_PIN_LOCKED: TOKEN_PIN_LOCKED}
    for flag, code in cases.items():
        with pytest.raises(Refused) as refused:
            require_tries(flag | TokenFlag.USER_PIN_COUNT_LOW, "t")
        assert refused.value.code is code


# --- what is asked for -----------------------------------------------------------------------------------------------


@given(st.binary(max_size=400))
@settings(max_examples=300, deadline=None)
def test_whatever_is_sent_is_signed_attributes_or_refused(data: bytes) -> None:
    for each in (data, b"\x31" + data):
        with pytest.raises(Refused) as refused:
            read_request(each)
        assert refused.value.code is SIGN_REQUEST_NOT_ATTRIBUTES


def test_every_damage_of_real_attributes_is_refused_or_changes_the_digest(people: People, tmp_path: Path) -> None:
    document = prepare(letter(tmp_path, "1/VP", "Thử"), people.add("An", "an").certificate)
    good = read_request(document.to_sign)
    for at in range(len(document.to_sign)):
        damaged = document.to_sign[:at] + bytes([document.to_sign[at] ^ 1]) + document.to_sign[at + 1 :]
        try:
            read_request(damaged)
        except Refused as refused:
            assert refused.code is SIGN_REQUEST_NOT_ATTRIBUTES
    assert good.attributes == document.to_sign


def test_no_byte_of_the_document_can_differ_from_what_is_signed(people: People, tmp_path: Path) -> None:
    document = prepare(letter(tmp_path, "1/VP", "Thử"), people.add("An", "an").certificate)
    request, file = read_request(document.to_sign), tmp_path / "shown.pdf"
    file.write_bytes(document.content)
    require_same("a.pdf", file, request)
    size = len(document.content)
    for at in [*range(0, size, 97), size - 1]:
        changed = bytearray(document.content)
        changed[at] ^= 1
        file.write_bytes(changed)
        with pytest.raises(Refused) as refused:
            require_same("a.pdf", file, request)
        assert refused.value.code is SIGN_CONTENT_MISMATCH
    for other in (b"", document.content[:-1], document.content + b"\n", b"x" + document.content):
        file.write_bytes(other)
        with pytest.raises(Refused):
            require_same("a.pdf", file, request)


def test_json_of_a_job_holds_no_secret(people: People, tmp_path: Path) -> None:
    job = JobStore(tmp_path / "jobs", SystemClock()).make("an", "Lượt", entries(1))
    assert set(json.loads((job.folder / "job.json").read_bytes())) == {
        "signer", "title", "owner", "made_at", "documents"
    }  # fmt: skip
    assert (job.folder.stat().st_mode & 0o077, time.time() - job.made_at.timestamp() < 60) == (0, True)
