"""The statement about a key: what is written is read, and nothing else is."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from lienthong.base.errors import Refused
from lienthong.wire.key_change import (
    Action,
    KeyChange,
    KeyProof,
    NewKey,
    decode_key_change,
    decode_key_proof,
    encode_key_change,
    encode_key_proof,
)

AT = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
WORDS = st.text("abcxyz-_0189", min_size=1, max_size=40)
NEW = st.builds(
    NewKey, st.sampled_from(["sign", "encrypt"]), st.binary(min_size=1, max_size=99),
    st.none() | st.binary(min_size=1, max_size=99), WORDS.map(str.encode),
)  # fmt: skip


@given(WORDS, WORDS, WORDS, NEW)
def test_a_statement_is_read_as_it_was_written(axis: str, system: str, key: str, new: NewKey) -> None:
    for change in (KeyChange(Action.ADD, axis, system, key, AT, new), KeyChange(Action.REVOKE, axis, system, key, AT)):
        assert decode_key_change(encode_key_change(change)) == change
    proof = KeyProof(axis, system, "sign", key, AT)
    assert decode_key_proof(encode_key_proof(proof)) == proof


GOOD = encode_key_change(KeyChange(Action.ADD, "a", "s", "k", AT, NewKey("sign", b"x", None, b"p")))


@given(st.integers(0, len(GOOD) - 1), st.integers(0, 255), st.binary(max_size=60))
def test_anything_else_is_refused_or_read_as_another_statement(at: int, octet: int, rubbish: bytes) -> None:
    changed = GOOD[:at] + bytes((octet,)) + GOOD[at + 1 :]
    for data in (changed, GOOD[:at], GOOD + rubbish[:5], rubbish):
        for read in (decode_key_change, decode_key_proof):
            try:
                found = read(data)
            except Refused as refused:
                assert refused.code.name == "KEY_CHANGE_MALFORMED"
            else:
                assert encode_key_change(found) == data if isinstance(found, KeyChange) else True
