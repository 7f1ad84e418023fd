"""Notes, checkpoints, cosignatures and the witness's rule."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from lienthong.base.errors import Refused
from lienthong.ledger import merkle
from lienthong.ledger.checkpoint import Checkpoint, open_checkpoint, parse_checkpoint, sign_checkpoint
from lienthong.ledger.cosignature import CosignatureKey, cosign, cosigned_at
from lienthong.ledger.notes import (
    Ed25519NoteKey,
    Signature,
    SignedNote,
    parse_note,
    parse_signatures,
    sign_text,
    verified_by,
)
from lienthong.ledger.witness import Submission, accept_checkpoint

VECTORS = json.loads((Path(__file__).parents[3] / "vectors/ledger/notes.json").read_text("utf-8"))
PETER, ENOCH = VECTORS["peter"], VECTORS["enoch"]
PETER_KEY, ENOCH_KEY = Ed25519NoteKey.from_text(PETER["key"]), Ed25519NoteKey.from_text(ENOCH["key"])
AT = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
ORIGIN = "axis.example/log"
LOG_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
LOG = Ed25519NoteKey(ORIGIN, LOG_KEY.public_key())
WITNESS_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64)))
WITNESS = CosignatureKey("province.example/witness", WITNESS_KEY.public_key())
LEAVES = [merkle.leaf_hash(bytes([i])) for i in range(20)]
NODES = merkle.MemoryNodes(LEAVES)


def note(*lines):
    return (PETER["text"] + "\n" + "".join(lines)).encode()


def checkpoint(size, root=None):
    return Checkpoint(ORIGIN, size, root or merkle.tree_root(NODES, size))


def signed(size, root=None, key=LOG_KEY):
    return sign_checkpoint(checkpoint(size, root), key).to_bytes()


def accept(old, new_note, path=(), **more):
    return accept_checkpoint(
        old,
        new_note,
        path,
        **{"origin": ORIGIN, "log_keys": [LOG], "witness_name": WITNESS.name, "witness_key": WITNESS_KEY, "at": AT}
        | more,
    )


def test_signing_gives_the_published_note_and_key():
    key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(PETER["private"])[1:])
    signature = sign_text(PETER["text"], "PeterNeumann", key)
    assert signature.line == PETER["line"]
    assert SignedNote(PETER["text"], (signature,)).to_bytes() == note(PETER["line"])
    assert Ed25519NoteKey("PeterNeumann", key.public_key()).to_text() == PETER["key"]


def test_known_signatures_are_verified_and_unknown_ones_ignored():
    parsed = parse_note(note(PETER["line"], ENOCH["line"]))
    assert parsed.text == PETER["text"]
    assert [key.name for key, _ in verified_by(parsed, [PETER_KEY])] == ["PeterNeumann"]
    assert [key.name for key, _ in verified_by(parsed, [ENOCH_KEY, PETER_KEY])] == ["PeterNeumann", "EnochRoot"]
    damaged = ENOCH["line"][:60] + "ABCD" + ENOCH["line"][60:]
    mixed = parse_note(note(PETER["line"], PETER["line"], ENOCH["line"], damaged))
    assert len(verified_by(mixed, [PETER_KEY])) == 1
    with pytest.raises(Refused, match="NOTE_UNSIGNED"):
        verified_by(parsed, [])


def test_a_wrong_signature_of_a_known_key_refuses_the_note():
    damaged = PETER["line"][:60] + "ABCD" + PETER["line"][60:]
    with pytest.raises(Refused, match="NOTE_SIGNATURE_WRONG"):
        verified_by(parse_note(note(damaged)), [PETER_KEY])
    other = parse_note(note(PETER["line"], ENOCH["line"]).replace(b"cryptography", b"Cryptography"))
    with pytest.raises(Refused, match="NOTE_SIGNATURE_WRONG"):
        verified_by(other, [PETER_KEY])


def test_a_name_alone_or_an_id_alone_does_not_make_a_key_known():
    for line in (PETER["line"].replace("PeterNeumann", "CarmenSandiego"), PETER["line"].replace("x08g", "xxxx")):
        with pytest.raises(Refused, match="NOTE_UNSIGNED"):
            verified_by(parse_note(note(line)), [PETER_KEY])


def test_two_different_keys_may_not_share_name_and_id():
    class Twin(Ed25519NoteKey):
        @property
        def key_id(self):
            return PETER_KEY.key_id

    with pytest.raises(ValueError, match="two keys"):
        verified_by(parse_note(note(PETER["line"])), [PETER_KEY, Twin("PeterNeumann", ENOCH_KEY.public_key)])


@pytest.mark.parametrize(
    "data",
    [
        PETER["text"].encode(),
        note(),
        note(PETER["line"][:-1]),
        b"\x01" + note(PETER["line"]),
        b"\xff" + note(PETER["line"]),
        note(PETER["line"].replace("PeterNeumann", "Bad Name")),
        note(PETER["line"].replace("PeterNeumann", "a+b")),
        note(PETER["line"].replace("PeterNeumann", "a\u00a0b")),
        note(PETER["line"], "Unexpected line.\n"),
        note(PETER["line"].replace("— ", "- ")),
        note(PETER["line"].replace("nAM=", "nAN=")),
        note(PETER["line"].replace("nAM=", "nAM")),
        note("— PeterNeumann x08gow==\n"),
        note(*[PETER["line"]] * 101),
        note(PETER["line"]).replace(b"\n\n", b"\r\n\r\n"),
        note(PETER["line"]) + b" " * 70_000,
        b"",
        b"\n",
    ],
)
def test_malformed_notes_are_refused(data):
    with pytest.raises(Refused, match="NOTE_MALFORMED"):
        parse_note(data)


def test_no_piece_or_mangling_of_a_key_line_is_a_key():
    text = PETER["key"]
    pieces = [text[i:j] for i in range(len(text) + 1) for j in range(i + 1, len(text) + 1) if j - i < len(text)]
    mangled = [text[:i] + chr(ord(text[i]) + 1) + text[i + 1 :] for i in range(len(text))]
    others = [
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        text.replace("c74f20a3", "C74F20A3"),
    ]
    for bad in [*pieces, *mangled, *others]:
        with pytest.raises(Refused, match="NOTE_KEY_MALFORMED"):
            Ed25519NoteKey.from_text(bad)


def test_texts_and_names_that_cannot_stand_in_a_note_are_not_signed():
    for text, name in (("no line feed", "n"), ("tab\there\n", "n"), ("fine\n", "two words"), ("fine\n", "")):
        with pytest.raises(Refused, match="NOTE_MALFORMED"):
            sign_text(text, name, LOG_KEY)


@given(st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]) | st.just("\n"), max_size=80))
def test_every_permitted_text_survives_signing_and_reading(text):
    signature = sign_text(text + "\n", "n", LOG_KEY)
    parsed = parse_note(SignedNote(text + "\n", (signature,)).to_bytes())
    assert parsed.text == text + "\n"
    assert verified_by(parsed, [Ed25519NoteKey("n", LOG_KEY.public_key())])


@settings(max_examples=200)
@given(
    st.binary(max_size=120)
    | st.builds(lambda a, b: note(PETER["line"])[:a] + b, st.integers(0, 250), st.binary(max_size=9))
)
def test_any_bytes_are_a_note_or_refused(data):
    try:
        assert parse_note(data).to_bytes() == data
    except Refused as refusal:
        assert refusal.code.name == "NOTE_MALFORMED"


def test_a_real_cosigned_checkpoint_verifies_with_the_witness_key():
    vector = VECTORS["cosigned"]
    witness = CosignatureKey.from_text(vector["witness_key"])
    assert witness.to_text() == vector["witness_key"]
    opened = open_checkpoint(vector["note"].encode(), [witness])
    assert opened.checkpoint.size == 1432088532
    ((_, signature),) = opened.signed_by
    assert cosigned_at(signature) == datetime.fromtimestamp(0x6A122120, UTC)
    assert opened.note.to_bytes() == vector["note"].encode()
    for old, new in (("1432088532", "1432088533"), ("2net5wAAAABq", "2net5wAAAABr"), ("DrAWfBw==", "DrAWfBg==")):
        with pytest.raises(Refused, match="NOTE_SIGNATURE_WRONG"):
            open_checkpoint(vector["note"].replace(old, new).encode(), [witness])


def test_the_specification_s_cosignature_states_its_time():
    line = (
        "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZ"
        "qhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
    )
    (signature,) = parse_signatures(line.encode())
    assert signature.key_id.hex() == "8d66cf3f"
    assert cosigned_at(signature) == datetime.fromtimestamp(1679315147, UTC)
    assert signature.line == line
    with pytest.raises(Refused, match="NOTE_MALFORMED"):
        parse_signatures(b"text\n\n" + line.encode())
    with pytest.raises(Refused, match="NOTE_MALFORMED"):
        cosigned_at(Signature("n", b"1234", b"\x00" * 64))


def test_a_cosignature_is_not_a_log_signature_and_covers_the_extensions():
    text = checkpoint(5).text + "extension\n"
    signature = cosign(text, WITNESS.name, WITNESS_KEY, AT)
    assert cosigned_at(signature) == AT
    assert WITNESS.verify(text, signature.value)
    assert not WITNESS.verify(text.replace("extension", "Extension"), signature.value)
    assert not WITNESS.verify(text, signature.value[8:])
    plain = Ed25519NoteKey(WITNESS.name, WITNESS.public_key)
    assert plain.key_id != WITNESS.key_id
    with pytest.raises(Refused, match="NOTE_UNSIGNED"):
        verified_by(SignedNote(text, (signature,)), [plain])
    with pytest.raises(Refused, match="CHECKPOINT_MALFORMED"):
        cosign("not a checkpoint\n", WITNESS.name, WITNESS_KEY, AT)
    with pytest.raises(Refused, match="NOTE_MALFORMED"):
        cosign(text, "two words", WITNESS_KEY, AT)


def test_a_checkpoint_survives_signing_and_reading():
    for size in (0, 1, 7, 20):
        opened = open_checkpoint(signed(size), [LOG], ORIGIN)
        assert opened.checkpoint == checkpoint(size)
    with pytest.raises(Refused, match="CHECKPOINT_OF_OTHER_LOG"):
        open_checkpoint(signed(5), [LOG], "other.example/log")


ROOT64 = base64.b64encode(LEAVES[0]).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "origin\n",
        f"origin\n5\n{ROOT64}",
        f"\n5\n{ROOT64}\n",
        f"origin\n05\n{ROOT64}\n",
        f"origin\n-5\n{ROOT64}\n",
        f"origin\n5 \n{ROOT64}\n",
        f"origin\n٥\n{ROOT64}\n",
        f"origin\n9223372036854775808\n{ROOT64}\n",
        f"origin\n0\n{ROOT64}\n",
        f"origin\n5\n{ROOT64[:-4]}\n",
        "origin\n5\n!\n",
        f"origin\n5\n{ROOT64}\n\n",
        f"origin\n5\n{ROOT64}\n\nextension\n",
        f"origin\r\n5\n{ROOT64}\n",
    ],
)
def test_malformed_checkpoints_are_refused(text):
    with pytest.raises(Refused, match=r"CHECKPOINT_MALFORMED|NOTE_MALFORMED"):
        parse_checkpoint(text)


@given(
    st.text(alphabet="origin0123456789\n=", max_size=60)
    | st.builds("o\n{}\n{}\n".format, st.integers(), st.just(ROOT64))
)
def test_any_text_is_a_checkpoint_or_refused(text):
    try:
        assert parse_checkpoint(text).text == text
    except Refused as refusal:
        assert refusal.code.name in {"CHECKPOINT_MALFORMED", "NOTE_MALFORMED"}


def test_an_origin_that_would_break_the_lines_is_not_signed():
    for origin in ("two\nlines", "", "tab\t"):
        with pytest.raises(Refused, match="MALFORMED"):
            sign_checkpoint(Checkpoint(origin, 1, LEAVES[0]), LOG_KEY)


def test_a_witness_cosigns_what_extends_the_last_checkpoint():
    first = accept(None, signed(3))
    assert first.checkpoint == checkpoint(3)
    second = accept(first.checkpoint, signed(9), merkle.consistency_path(NODES, 3, 9), old_size=3)
    again = accept(second.checkpoint, signed(9))
    assert again.signature == second.signature
    opened = open_checkpoint(second.note.to_bytes(), [LOG, WITNESS], ORIGIN)
    assert [key.name for key, _ in opened.signed_by] == [ORIGIN, WITNESS.name]
    assert accept(None, signed(0)).checkpoint.size == 0


def test_a_witness_refuses_a_log_that_went_back_or_forked():
    old = checkpoint(9)
    with pytest.raises(Refused, match="CHECKPOINT_ROLLED_BACK"):
        accept(old, signed(8), merkle.consistency_path(NODES, 8, 9))
    with pytest.raises(Refused, match="CHECKPOINT_FORKED"):
        accept(old, signed(9, LEAVES[3]))
    forked = merkle.MemoryNodes([LEAVES[1], *LEAVES[1:]])
    with pytest.raises(Refused, match="CHECKPOINT_NOT_CONSISTENT"):
        accept(old, signed(12, merkle.tree_root(forked, 12)), merkle.consistency_path(forked, 9, 12))
    with pytest.raises(Refused, match="CHECKPOINT_NOT_CONSISTENT"):
        accept(old, signed(12), [])
    with pytest.raises(Refused, match="CHECKPOINT_NOT_CONSISTENT"):
        accept(None, signed(12), [LEAVES[0]])


def test_a_witness_refuses_other_logs_other_keys_and_another_old_size():
    with pytest.raises(Refused, match="CHECKPOINT_OF_OTHER_LOG"):
        accept(None, signed(3), origin="other.example/log")
    with pytest.raises(Refused, match="NOTE_UNSIGNED"):
        accept(None, signed(3, key=WITNESS_KEY))
    with pytest.raises(Refused, match=r"CHECKPOINT_OLD_SIZE.*3 entries"):
        accept(checkpoint(3), signed(9), merkle.consistency_path(NODES, 2, 9), old_size=2)
    with pytest.raises(Refused, match="CHECKPOINT_MALFORMED"):
        accept(checkpoint(3), signed(9), old_size=10)


def test_published_requests_to_a_witness_are_read_and_answered():
    vector = VECTORS["witness"]
    log = Ed25519NoteKey(vector["origin"], Ed25519PublicKey.from_public_bytes(bytes.fromhex(vector["log_key_hex"])))
    last = None
    for name in ("first", "second"):
        submission = Submission.parse(vector[name].encode())
        assert submission.to_bytes() == vector[name].encode()
        more = {"origin": vector["origin"], "log_keys": [log], "old_size": submission.old_size}
        last = accept(last, submission.note, submission.path, **more).checkpoint
    assert last is not None
    assert last.size == 3
    wrong = vector["second"].replace("KgEAAAAA", "KgFAAAAA")
    submission = Submission.parse(wrong.encode())
    with pytest.raises(Refused, match="CHECKPOINT_NOT_CONSISTENT"):
        first = Checkpoint(vector["origin"], 1, b"\x2a" + b"\x00" * 31)
        accept(first, submission.note, submission.path, origin=vector["origin"], log_keys=[log])


@given(
    st.binary(max_size=80)
    | st.builds(lambda a, b: VECTORS["witness"]["second"].encode()[:a] + b, st.integers(0, 300), st.binary(max_size=5))
)
def test_any_request_to_a_witness_is_read_exactly_or_refused(body):
    try:
        assert Submission.parse(body).to_bytes() == body
    except Refused as refusal:
        assert refusal.code.name == "CHECKPOINT_MALFORMED"
