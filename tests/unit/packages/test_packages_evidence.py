"""The JSON of a proof file: read exactly, or refused."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.base.errors import Refused
from lienthong.packages.evidence import (
    LogProof,
    decode_keys,
    decode_proofs,
    decode_statement,
    encode_keys,
    encode_proofs,
    stated_digest,
    unverified_payload,
)
from unit.verifier.proof_story import START, Story, keys, logged

STORY = Story().whole()
EVIDENCE = logged(STORY.evidence())
KEYS = replace(keys(), tsa="-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
STATEMENT = unverified_payload(EVIDENCE.statement)
SAMPLES = [encode_keys(KEYS), encode_proofs(EVIDENCE.proofs), STATEMENT]


def read_all(data):
    yield lambda: encode_keys(decode_keys(data)) == data
    yield lambda: encode_proofs(decode_proofs(data, 4)) == data
    yield lambda: decode_statement(data).axis != ""


def test_keys_and_proofs_survive_writing_and_reading():
    ended = tuple(replace(key, valid_to=START + timedelta(days=1)) for key in KEYS.systems)
    for made in (KEYS, keys(), replace(KEYS, systems=ended), replace(KEYS, systems=())):
        assert decode_keys(encode_keys(made)) == made
    assert decode_proofs(encode_proofs(EVIDENCE.proofs), 4) == EVIDENCE.proofs
    assert decode_proofs(encode_proofs({2: LogProof(0, 1, ())}), 4) == {2: LogProof(0, 1, ())}


def test_the_statement_counts_and_digests_what_was_given_out():
    statement = decode_statement(STATEMENT)
    entries = EVIDENCE.stated_entries()
    assert (statement.entries, statement.digest) == (len(entries), stated_digest(entries))
    assert set(entries) == {
        "envelope.jws",
        *(f"events/000{n}.jws" for n in (1, 2, 3, 4)),
        "statuses/001.jws",
        "statuses/001.header",
        "keys.json",
    }
    assert stated_digest({"a": b"", "b": b"x"}) != stated_digest({"b": b"x", "a": b""})


@pytest.mark.parametrize("sample", range(3))
@given(data=st.data())
def test_any_change_of_a_file_is_read_exactly_or_refused(sample, data):
    whole = SAMPLES[sample]
    at = data.draw(st.integers(0, len(whole)))
    changed = whole[:at] + data.draw(st.binary(max_size=4)) + whole[at + data.draw(st.integers(0, 3)) :]
    for read in read_all(changed):
        try:
            assert read()
        except Refused as refusal:
            assert refusal.code.name in {"PROOF_MALFORMED", "EVENT_MALFORMED"}


@given(st.binary(max_size=60))
def test_any_bytes_are_refused(noise):
    for read in read_all(noise):
        if noise != b"{}":
            with pytest.raises(Refused):
                read()
    for token in (noise, b"a." + noise + b".b", b"a.!.b"):
        try:
            assert isinstance(unverified_payload(token), bytes)
        except Refused as refusal:
            assert refusal.code.name == "PROOF_MALFORMED"


HASH = "q" * 42 + "s="
GOOD = f'{{"events":{{"events/0001.jws":{{"index":0,"path":[0]}}}},"hashes":["{HASH}"],"size":2,"v":1}}'


def test_hashes_that_several_events_share_are_written_once():
    text = encode_proofs(EVIDENCE.proofs).decode()
    shared = {part for proof in EVIDENCE.proofs.values() for part in proof.path}
    assert len(shared) < sum(len(proof.path) for proof in EVIDENCE.proofs.values())
    assert text.count('="') == len(shared)
    with pytest.raises(ValueError, match="different sizes"):
        encode_proofs({0: LogProof(0, 1, ()), 1: LogProof(0, 2, ())})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[0]", "[1]"),
        ("[0]", "[-1]"),
        ("[0]", "[true]"),
        ("[0]", "[" + ",".join(["0"] * 64) + "]"),
        ("[0]", "[]"),
        (HASH, HASH[:-4]),
        (HASH, "!" * 44),
        (f'"{HASH}"', "7"),
        (f'"{HASH}"', f'"{HASH}","{HASH}"'),
        ("events/0001", "events/0002"),
        ('"size":2', '"size":-1'),
        ('"size":2', '"extra":1,"size":2'),
    ],
)
def test_proofs_of_other_forms_are_refused(old, new):
    assert len(decode_proofs(GOOD.encode(), 1)) == 1
    with pytest.raises(Refused, match="PROOF_MALFORMED"):
        decode_proofs(GOOD.replace(old, new).encode(), 1)
