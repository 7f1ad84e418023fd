"""Proof files: what a true one proves, and that no changed one passes."""

import io
import random
import tracemalloc
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lienthong.base.errors import Refused
from lienthong.ledger.checkpoint import Checkpoint, sign_checkpoint
from lienthong.ledger.notes import Ed25519NoteKey
from lienthong.packages.container import Container, write_container
from lienthong.packages.evidence import Level, LogProof, StatusEvidence
from lienthong.packages.manifest import NAME, make_manifest
from lienthong.packages.proof import build_proof, header_parts, upgrade
from lienthong.trust import local_pki
from lienthong.trust.certificates import load_certificate
from lienthong.trust.local_pki import distinguished_name
from lienthong.trust.verdict import Verdict
from lienthong.verifier.anchors import Anchors
from lienthong.verifier.explain import verify_proof
from lienthong.verifier.render import render
from lienthong.wire.acknowledgement import Outcome, Reason
from lienthong.wire.event import EventName
from unit.verifier.proof_story import (
    ANCHORS,
    ATTACHMENT,
    AXIS_SIGNER,
    LOG,
    LOG_KEY,
    RECIPIENT,
    START,
    STRANGER,
    TSA_PERIOD,
    WITNESS,
    Story,
    keys,
    logged,
    opened,
    stamped,
    stated,
)

PASSED, UNKNOWN, FAILED = Verdict.PASSED, Verdict.INDETERMINATE, Verdict.FAILED


def verify(data, anchors=ANCHORS):
    return verify_proof(io.BytesIO(data), anchors)


def names(report, verdict=FAILED):
    return {check.name for check in report.checks if check.verdict is verdict}


STORY = Story().whole()
EVIDENCE = stamped(logged(STORY.evidence(), witnessed=True))
FILE = STORY.file(EVIDENCE)


def repacked(entries):
    """A well-formed container over changed entries, with a manifest that fits them: the cleverest forger's."""
    digests = {name: sha256(data).digest() for name, data in entries.items() if name != NAME}
    return b"".join(
        write_container([*((n, d) for n, d in entries.items() if n != NAME), (NAME, make_manifest(digests))])
    )


def entries_of(data):
    box = Container(io.BytesIO(data))
    return {name: box.read(name, 1 << 30) for name in box.names}


def test_a_complete_proof_passes_at_the_highest_level():
    report = verify(FILE)
    assert report.verdict is PASSED, report.troubles
    assert report.level is Level.WITNESSED
    assert [fact.at for fact in report.facts] == sorted(fact.at for fact in report.facts)
    report.require_valid(Level.WITNESSED)


def test_a_file_given_out_earlier_still_verifies():
    vectors = Path(__file__).parents[3] / "vectors/proof"
    root = load_certificate((vectors / "v1-tsa-root.pem").read_bytes())
    report = verify((vectors / "v1.asice").read_bytes(), replace(ANCHORS, tsa_roots=(root,)))
    assert (report.verdict, report.level) == (PASSED, Level.WITNESSED)


def test_the_words_say_who_did_what_and_what_is_not_proven():
    text, english = render(verify(FILE)), render(verify(FILE), "en")
    for word in ("ĐẠT", "H01.03.05", "tiếp nhận", "trạng thái xử lý 03", "Chưa chứng minh", "24/11/2026 08:01:00"):
        assert word in text
    for word in ("PASSED", "accepted the envelope", "reported the status 03", "What is not proven"):
        assert word in english
    wrong = render(verify(FILE.replace(b"%PDF", b"%PDX")))
    assert "KHÔNG ĐẠT" in wrong
    assert "Đã chứng minh" not in wrong


def test_levels_grow_with_the_evidence():
    signed = STORY.evidence()
    steps = [signed, logged(signed), stamped(logged(signed)), stamped(logged(signed, witnessed=True))]
    for evidence, level in zip(steps, Level, strict=True):
        report = verify(STORY.file(evidence))
        assert (report.verdict, report.level) == (PASSED, level)
        with pytest.raises(Refused, match="PROOF_NOT_VALID"):
            verify(STORY.file(signed)).require_valid(Level.LOGGED)


def test_without_content_the_digests_are_still_proven():
    data = STORY.file(EVIDENCE, header_parts(STORY.envelope))
    report = verify(data)
    assert (report.verdict, report.level) == (PASSED, Level.WITNESSED)
    assert any("tep-1.pdf" in limit.vi for limit in report.limits)
    assert ATTACHMENT not in data


def test_a_proof_file_is_at_most_20_kilobytes_larger_than_its_content():
    assert len(FILE) - sum(map(len, STORY.parts)) <= 20_000


def test_equal_evidence_gives_equal_bytes_and_reads_back():
    assert STORY.file(EVIDENCE) == FILE
    proof = opened(FILE)
    assert proof.evidence == EVIDENCE
    assert b"".join(proof.part(1)) == ATTACHMENT


def test_unknown_axis_keys_leave_it_undecided_and_first_use_says_so():
    report = verify(FILE, Anchors())
    assert report.verdict is UNKNOWN
    assert names(report, UNKNOWN) == {"anchor.axis", "anchor.log"}
    assert report.level is None
    with pytest.raises(Refused, match="PROOF_NOT_VALID"):
        report.require_valid()
    trusting = verify(FILE, Anchors(trust_on_first_use=True))
    assert trusting.verdict is PASSED
    assert trusting.level is Level.TIME_STAMPED
    assert AXIS_SIGNER.key_id in trusting.fingerprints
    assert LOG.to_text() in trusting.fingerprints
    assert "dấu vân tay" in render(trusting)


def test_a_pinned_event_key_vouches_for_the_log_key_of_its_axis():
    assert verify(FILE, replace(ANCHORS, log_keys=())).verdict is PASSED
    bare = logged(replace(STORY.evidence(), statement=None))
    assert names(verify(STORY.file(bare), replace(ANCHORS, log_keys=())), UNKNOWN) == {"statement", "anchor.log"}


def test_an_axis_that_changed_its_key_still_proves_its_older_events():
    both = replace(keys(), receipt=keys(STRANGER).receipt + keys().receipt)
    evidence = stated(STORY.evidence(keys=both), STORY.ref, STRANGER)
    newer = replace(ANCHORS, receipt_keys=(STRANGER.public_key,))
    assert verify(STORY.file(evidence), newer).verdict is PASSED
    assert verify(STORY.file(evidence)).verdict is UNKNOWN
    unstated = replace(evidence, statement=None)
    assert "anchor.axis" in names(verify(STORY.file(unstated), newer), UNKNOWN)


def test_the_checkpoint_of_another_log_of_the_same_key_fails():
    note = sign_checkpoint(Checkpoint("other.example", 1, b"r" * 32), LOG_KEY).to_bytes()
    key = Ed25519NoteKey("other.example", LOG_KEY.public_key()).to_text()
    evidence = STORY.evidence(keys=replace(keys(), note=key), checkpoint=note, proofs={})
    assert "log.checkpoint" in names(verify(STORY.file(evidence)))


def test_a_stamp_earlier_than_an_event_that_it_covers_fails():
    report = verify(STORY.file(stamped(logged(STORY.evidence()), minutes=-30)))
    assert "log.timestamp.order" in names(report)


def test_a_forger_with_keys_of_his_own_does_not_pass():
    forged = Story(axis=STRANGER).whole()
    report = verify(forged.file(logged(forged.evidence(), witnessed=True)))
    assert report.verdict is UNKNOWN
    assert "anchor.axis" in names(report, UNKNOWN)
    report = verify(STORY.file(logged(STORY.evidence(), key=Ed25519PrivateKey.from_private_bytes(b"x" * 32))))
    assert "log.checkpoint" in names(report)


def test_no_flipped_byte_anywhere_passes():
    rng = random.Random(20261124)
    places = {*rng.sample(range(len(FILE)), 150)}
    for entry in Container(io.BytesIO(FILE)).entries.values():
        inside = range(entry.start, entry.start + entry.size)
        places |= {inside[0], inside[-1], *rng.sample(inside, min(4, len(inside)))}
    for at in places:
        changed = FILE[:at] + bytes([FILE[at] ^ (1 << rng.randrange(8))]) + FILE[at + 1 :]
        assert verify(changed).verdict is FAILED, at


def test_no_byte_flipped_by_a_forger_who_mends_checksums_and_manifest_passes():
    rng = random.Random(7)
    original = entries_of(FILE)
    for name, data in original.items():
        if name == NAME:
            continue
        for at in {0, len(data) - 1, *(rng.randrange(len(data)) for _ in range(6))}:
            changed = data[:at] + bytes([data[at] ^ (1 << rng.randrange(7))]) + data[at + 1 :]
            report = verify(repacked(original | {name: changed}))
            assert report.verdict is not PASSED or harmless(name, data, changed), (name, at)


def harmless(name, data, changed):
    """A changed signature line of a witness unknown to us proves nothing and harms nothing."""
    return (
        name == "log/checkpoint"
        and WITNESS.name.encode() in data
        and data.split(b"\n\n")[0] == changed.split(b"\n\n")[0]
    )


def test_a_truncated_file_fails():
    for size in (0, 10, 100, len(FILE) // 2, len(FILE) - 1):
        assert verify(FILE[:size]).verdict is FAILED


def test_a_swapped_attachment_fails():
    report = verify(repacked(entries_of(FILE) | {"parts/001": ATTACHMENT.replace(b"PDF-1.7", b"PDF-1.6")}))
    assert "content.parts/001" in names(report)


@pytest.mark.parametrize("position", range(4))
def test_a_removed_event_fails(position):
    tokens = [token for i, token in enumerate(EVIDENCE.events) if i != position]
    evidence = replace(EVIDENCE, events=tuple(tokens), checkpoint=None, proofs=None, timestamp=None)
    report = verify(STORY.file(evidence))
    assert "statement" in names(report)


def test_a_removed_last_event_cannot_hide_even_when_the_statement_is_taken_out_too():
    evidence = replace(EVIDENCE, events=EVIDENCE.events[:-1], statuses=(), statement=None)
    evidence = replace(evidence, checkpoint=None, proofs=None, timestamp=None)
    report = verify(STORY.file(evidence))
    assert report.verdict is UNKNOWN
    assert names(report, UNKNOWN) == {"statement"}


def test_an_event_of_another_document_fails():
    other = Story(number=2).whole()
    evidence = STORY.evidence(events=(*STORY.tokens[:2], other.tokens[2]), statuses=())
    assert "events/0003.jws" in names(verify(STORY.file(evidence)))
    mixed = replace(other.evidence(), envelope=STORY.token)
    assert "statement" in names(verify(STORY.file(mixed)))


def test_an_event_signed_by_somebody_else_fails():
    stranger = Story(axis=STRANGER).whole()
    evidence = STORY.evidence(events=(*STORY.tokens[:2], stranger.tokens[2]), statuses=())
    report = verify(STORY.file(evidence))
    assert "events/0003.jws" in names(report)


def test_a_broken_chain_or_an_earlier_time_fails():
    gap = Story().accepted().consigned().handed_over()
    evidence = gap.evidence(events=(gap.tokens[0], gap.tokens[2]))
    assert "events/0002.jws" in names(verify(gap.file(evidence)))
    early = Story().accepted(minutes=90).consigned()
    assert "events/0002.jws" in names(verify(early.file(early.evidence())))
    headless = Story().accepted().consigned()
    evidence = headless.evidence(events=(headless.tokens[1],))
    assert "events/0001.jws" in names(verify(headless.file(evidence)))
    assert "events" in names(verify(headless.file(headless.evidence(events=()))))


def test_a_receipt_that_disagrees_with_its_envelope_fails():
    story = Story()
    story.event(EventName.SUBMISSION_ACCEPTANCE, 1, document_id="khác", kind="document", recipients=1, size=1)
    assert "events/0001.jws" in names(verify(story.file(story.evidence())))


@pytest.mark.parametrize(
    "changes",
    [
        {"signer": STRANGER},
        {"digest": sha256(b"other").digest()},
        {"agency": "H99"},
        {"delivery": 8},
        {"outcome": Outcome.REFUSED, "reason": Reason("R", "không nhận")},
    ],
    ids=["stranger", "digest", "agency", "delivery", "outcome"],
)
def test_a_hand_over_needs_the_recipient_s_own_word_for_it(changes):
    story = Story().accepted().consigned()
    story.handed_over(story.acknowledgement(**changes))
    assert "events/0003.jws" in names(verify(story.file(story.evidence())))


def test_a_consignment_to_somebody_who_was_not_addressed_fails():
    story = Story().accepted()
    story.event(EventName.CONTENT_CONSIGNMENT, 2, 0, to=[{"delivery": 1, "addressed_to": "X", "agency": "X"}])
    assert "events/0002.jws" in names(verify(story.file(story.evidence())))


def test_an_expiry_before_its_deadline_fails():
    story = Story().accepted().consigned()
    story.event(EventName.EXPIRY, 3, 1, delivery=7, agency=RECIPIENT, expires_at="2026-12-24T01:00:00.000Z")
    assert "events/0003.jws" in names(verify(story.file(story.evidence())))


def test_a_status_with_another_header_or_signer_fails_and_an_unnamed_one_stays_open():
    status = STORY.statuses[0]
    evidence = logged(STORY.evidence(statuses=(StatusEvidence(status.envelope, b"<edXML>06</edXML>"),)))
    assert "statuses.001" in names(verify(STORY.file(evidence)))
    unnamed = Story().accepted().consigned().handed_over()
    evidence = unnamed.evidence(statuses=(status,))
    assert "statuses.events" in names(verify(unnamed.file(evidence)), UNKNOWN)


def test_a_key_outside_its_time_or_its_agencies_fails():
    for change in ({"valid_from": START + timedelta(minutes=30)}, {"valid_to": START}, {"agencies": ("H77",)}):
        systems = tuple(replace(key, **change) for key in keys().systems)
        evidence = STORY.evidence(keys=replace(keys(), systems=systems))
        report = verify(STORY.file(evidence))
        assert "envelope" in names(report)
        assert any("G01.02" in check.vi for check in report.troubles)


def test_a_key_under_a_wrong_name_fails():
    first, second = keys().systems
    evidence = STORY.evidence(keys=replace(keys(), systems=(first, replace(second, pem=first.pem))))
    assert "keys.names" in names(verify(STORY.file(evidence)))
    broken = STORY.evidence(
        keys=replace(keys(), receipt="-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")
    )
    assert "keys.readable" in names(verify(STORY.file(broken)))


def test_a_forged_checkpoint_or_path_fails():
    longer = logged(STORY.evidence(), others=1001)
    mixed = replace(EVIDENCE, checkpoint=longer.checkpoint)
    assert "log.events/0001.jws" in names(verify(STORY.file(mixed)))
    proof = EVIDENCE.proofs[2]
    moved = replace(EVIDENCE, proofs=EVIDENCE.proofs | {2: replace(proof, index=proof.index + 1)})
    assert "log.events/0003.jws" in names(verify(STORY.file(moved)))


def test_events_not_in_the_log_yet_keep_the_level_down():
    partial = replace(EVIDENCE, proofs={i: p for i, p in EVIDENCE.proofs.items() if i < 3})
    report = verify(STORY.file(partial))
    assert (report.verdict, report.level) == (PASSED, Level.SIGNED)
    assert any("chưa có trong nhật ký" in limit.vi for limit in report.limits)


def test_a_timestamp_that_only_the_axis_vouches_for_does_not_raise_the_level():
    evidence = stamped(logged(STORY.evidence()))
    report = verify(STORY.file(evidence), replace(ANCHORS, tsa_roots=()))
    assert (report.verdict, report.level) == (PASSED, Level.LOGGED)
    assert any("lùi ngày" in limit.vi for limit in report.limits)
    assert any("Dấu thời gian mẫu" in fact.vi for fact in report.facts)


def test_a_timestamp_of_other_bytes_or_of_an_unknown_root_does_not_pass():
    evidence = logged(STORY.evidence())
    assert verify(STORY.file(stamped(evidence, text="other\n"))).verdict is FAILED
    damaged = replace(evidence, timestamp=stamped(evidence).timestamp[:-1] + b"!")
    assert verify(STORY.file(damaged)).verdict is FAILED
    assert verify(STORY.file(replace(evidence, timestamp=b"not a token"))).verdict is FAILED
    assert verify(STORY.file(stamped(STORY.evidence(), text="x\n"))).verdict is FAILED
    other = local_pki.make_root(derive_private_key(3001, SECP256R1()), distinguished_name("Gốc lạ"), TSA_PERIOD, 1)
    report = verify(STORY.file(stamped(evidence)), replace(ANCHORS, tsa_roots=(other.certificate,)))
    assert (report.verdict, report.level) == (UNKNOWN, Level.LOGGED)
    nameless = stamped(logged(STORY.evidence(keys=replace(keys(), tsa=None))))
    assert verify(STORY.file(nameless), replace(ANCHORS, tsa_roots=())).verdict is UNKNOWN


def test_upgrading_keeps_the_content_and_raises_the_level():
    old = opened(STORY.file(replace(EVIDENCE, checkpoint=None, proofs=None, timestamp=None)))
    newer = b"".join(upgrade(old, EVIDENCE))
    assert newer == FILE
    early = STORY.evidence(events=tuple(STORY.tokens[:1]), statuses=())
    grown = b"".join(upgrade(opened(STORY.file(early)), EVIDENCE))
    assert verify(grown).level is Level.WITNESSED


def test_upgrading_never_loses_what_was_proven():
    old = opened(FILE)
    other = Story(number=2).whole()
    lost = [
        logged(other.evidence(), witnessed=True),
        replace(EVIDENCE, events=EVIDENCE.events[:2], proofs={}),
        replace(EVIDENCE, proofs={}),
        replace(EVIDENCE, statement=None),
        replace(EVIDENCE, statuses=()),
        replace(EVIDENCE, timestamp=None),
        replace(EVIDENCE, checkpoint=logged(EVIDENCE).checkpoint),
    ]
    for newer in lost:
        with pytest.raises(Refused, match="PROOF_NOT_NEWER"):
            upgrade(old, newer)


def test_content_that_is_not_what_was_signed_is_not_packed():
    story = Story().accepted()
    story.parts[1] = ATTACHMENT[:-1] + b"!"
    with pytest.raises(Refused, match="PROOF_CONTENT_DAMAGED"):
        story.file(story.evidence())


def test_entries_that_do_not_belong_are_refused():
    entries = entries_of(FILE)
    for extra in ("events/0009.jws", "parts/002", "log/extra", "x"):
        assert verify(repacked(entries | {extra: b"x"})).verdict is FAILED
    for missing in ("README.txt", "envelope.jws", "keys.json", "log/proofs.json", "parts/000", "statuses/001.header"):
        assert verify(repacked({n: d for n, d in entries.items() if n != missing})).verdict is FAILED


def test_an_envelope_may_be_one_whole_packet_which_is_content():
    story = Story(packet=True).whole()
    assert [part.role.value for part in story.envelope.parts] == ["packet"]
    assert header_parts(story.envelope) == ()
    assert verify(story.file(story.evidence())).verdict is PASSED
    bare = verify(story.file(story.evidence(), header_parts(story.envelope)))
    assert bare.verdict is PASSED
    assert any("1 parts" in limit.en for limit in bare.limits)


def test_a_large_attachment_is_packed_and_verified_in_bounded_memory(tmp_path):
    size, piece = 24 * 1024 * 1024, b"0123456789abcdef" * 4096
    story = Story(attachments=(piece * (size // len(piece)),)).accepted()
    evidence = story.evidence()
    story.parts = story.parts[:1]
    target = tmp_path / "proof.asice"
    tracemalloc.start()
    with target.open("wb") as out:
        pieces = (piece for _ in range(size // len(piece)))
        for chunk in build_proof(evidence, (0, 1), lambda i: pieces if i else story.parts):
            out.write(chunk)
    with target.open("rb") as file:
        report = verify_proof(file, ANCHORS)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert report.verdict is PASSED
    assert target.stat().st_size > size
    assert peak < 4 * 1024 * 1024


def test_a_broadcast_with_many_recipients_is_one_file():
    story = Story().accepted()
    to = [{"delivery": 7, "addressed_to": RECIPIENT, "agency": RECIPIENT}]
    for _ in range(1500):
        story.event(EventName.CONTENT_CONSIGNMENT, 2, 0, to=to, directory=3)
    evidence = story.evidence()
    path = tuple(sha256(bytes([i])).digest() for i in range(20))
    proofs = {i: LogProof(i, 1_000_000, path) for i in range(1501)}
    proof = opened(story.file(replace(evidence, checkpoint=EVIDENCE.checkpoint, proofs=proofs)))
    assert proof.evidence.proofs == proofs
    assert verify(story.file(evidence)).verdict is PASSED
