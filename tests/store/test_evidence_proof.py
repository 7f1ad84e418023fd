"""Proof files from the rows of a real PostgreSQL, judged by the offline verifier."""

import io
from hashlib import sha256

import pytest
from test_evidence_log import make_log

from lienthong.base.errors import Refused
from lienthong.directory.model import System, SystemKey
from lienthong.exchange.errors import NOT_FOUND
from lienthong.exchange.service import anchoring, sequencing
from lienthong.exchange.service.proving import Viewer, proof_stream
from lienthong.infra.blobs import BlobStore
from lienthong.infra.database import connect
from lienthong.packages.evidence import Level
from lienthong.trust.keys import public_pem
from lienthong.verifier.anchors import Anchors
from lienthong.verifier.explain import verify_proof
from unit.verifier.proof_story import AXIS, RECIPIENT, RECIPIENT_SIGNER, SENDER, SENDER_SIGNER, START, Story


class Directory:
    """Two systems; ``state`` is itself."""

    def __init__(self):
        self.state = self

    def key_owner(self, kid):
        for signer, name in ((SENDER_SIGNER, "so"), (RECIPIENT_SIGNER, "xa")):
            if signer.key_id == kid:
                pem = public_pem(signer.public_key).decode()
                return System(name, name, keys=(SystemKey(kid, pem, START.replace(year=2025)),))
        return None


@pytest.fixture
def conn(database18):
    with connect(database18.dsn, "test") as connection:
        yield connection


@pytest.fixture
def log(tmp_path, database18):
    log = make_log(tmp_path, database18.dsn, AXIS)
    log.axis.directory = Directory()
    log.axis.blobs = BlobStore(tmp_path / "blobs")
    return log


@pytest.fixture
def story(conn, log):
    """One document, delivered, in the rows as the axis writes them."""
    story = Story(axis=log.axis.receipt_signer).accepted().consigned().handed_over()
    conn.execute(
        """INSERT INTO envelope VALUES (1, %s, %s, %s, 'document', 0, 'x', 'x', NULL, 's', 0, 1, 1, %s, %s, NULL,
           %s, %s, %s)""",
        (SENDER, story.envelope.id, story.ref.digest, START, START, story.token, story.parts[0], story.tokens[0]),
    )
    for index, data in enumerate(story.parts[1:], 1):
        conn.execute("INSERT INTO part VALUES (1, %s, %s, %s)", (index, log.axis.blobs.put(data).sha256, len(data)))
    conn.execute(
        """INSERT INTO delivery (delivery_no, envelope_no, addressed_to, agency, state, urgency, created_at,
           available_at, expires_at, last_event, last_event_at) VALUES (7, 1, %s, %s, 'delivered', 0, %s, %s, %s, '', %s)""",
        (RECIPIENT, RECIPIENT, START, START, START, START),
    )
    for number, token in enumerate(story.tokens, 1):
        delivery = 7 if number == 3 else None
        conn.execute("INSERT INTO event VALUES (%s, 1, %s, 'x', %s, %s)", (number, delivery, START, token))
        conn.execute("INSERT INTO leaf_pending VALUES (%s, %s)", (number, sha256(token).digest()))
    return story


def seen_by(agency):
    return Viewer(False, lambda code: code == agency)


def judged(conn, log, reader, content=True):
    data = b"".join(proof_stream(conn, log, 1, reader, content=content))
    anchors = Anchors((log.axis.receipt_signer.public_key,), (log.note_public,), (), (log.authority.chain[-1],))
    return data, verify_proof(io.BytesIO(data), anchors)


@pytest.mark.parametrize("agency", [SENDER, RECIPIENT])
def test_sender_and_recipient_get_a_proof_that_grows_to_a_timestamp(conn, log, story, agency):
    _, report = judged(conn, log, seen_by(agency))
    assert report.level is Level.SIGNED, report.troubles
    sequencing.sequence(conn, log)
    anchoring.anchor(conn, log)
    data, report = judged(conn, log, seen_by(agency))
    report.require_valid(Level.TIME_STAMPED)
    assert len(data) <= len(story.token) + sum(map(len, story.parts)) + 20_000
    short, report = judged(conn, log, seen_by(agency), content=False)
    report.require_valid(Level.TIME_STAMPED)
    assert story.parts[1] not in short


def test_nobody_else_learns_that_the_envelope_exists(conn, log, story):
    with pytest.raises(Refused) as refusal:
        judged(conn, log, seen_by("H01.99"))
    assert refusal.value.code is NOT_FOUND
    assert judged(conn, log, Viewer(True, lambda code: False))[1].level is Level.SIGNED
