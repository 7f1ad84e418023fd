"""Attachments encrypted from one agency's connector to another's, through a real axis that sees ciphertext only."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa

from axis_process import AGENCIES, KEYS_SINCE, Party, agency_row, document, system_row, text_of, wait_for
from clamd_server import EICAR, FakeClamd
from fixtures_axis import Town
from lienthong.base.errors import Refused
from lienthong.connector.client import Original
from lienthong.connector.compose import Attachment
from lienthong.connector.errors import AxisRefused
from lienthong.connector.guarding import Guard
from lienthong.connector.malware import Scanner
from lienthong.connector.receiving import Received
from lienthong.connector.sealing import Sealer
from lienthong.connector.unsealing import Unsealer, open_decryptors
from lienthong.infra.keys import key_pem
from lienthong.trust.cms_decryption import MemoryDecryptor
from lienthong.trust.cms_encryption import MEDIA_TYPE
from lienthong.trust.keys import key_id, public_pem
from lienthong.trust.signer import MemorySigner

SENDER, FIRST, SECOND, PLAIN_ONE = AGENCIES
OLD, NEW, SECONDS = generate_private_key(SECP256R1()), generate_private_key(SECP256R1()), generate_rsa(65537, 2048)
TEXT = "Nội dung mẫu cần giữ kín trên đường đi. ".encode() * 1000


def register(town: Town, agency: str, *keys: object) -> None:
    """Give an agency's system encryption keys, and the agency the word that it decrypts."""
    party = town.parties[agency]
    row = system_row(party.system_id, [agency], party.signer)
    row["keys"] += [
        {"purpose": "encrypt", "valid_from": text_of(KEYS_SINCE), "revoked_at": None,
         "key_id": key_id(key.public_key()), "public_key_pem": public_pem(key.public_key()).decode()}
        for key in keys
    ]  # fmt: skip
    town.axis.change_directory([agency_row(agency, f"Cơ quan {agency}", capabilities=["cms-encrypt"]), row])
    refreshed(town, agency, len(keys))


def refreshed(town: Town, agency: str, count: int) -> None:
    book = town.parties[SENDER].client.book
    at = KEYS_SINCE.replace(year=2027)
    wait_for(lambda: len(book.newest().encryption_keys(agency, at)) == count, "the directory with the keys", 10)


@pytest.fixture(scope="module")
def sealing(town: Town) -> Town:
    register(town, FIRST, OLD)
    register(town, SECOND, SECONDS)
    return town


def receive(party: Party) -> list[Received]:
    return list(party.client.receive(wait=10))


def test_every_recipient_reads_the_document_and_the_axis_cannot(sealing: Town) -> None:
    sender, first, second = (sealing.parties[code] for code in (SENDER, FIRST, SECOND))
    sent = sender.client.send(document([FIRST, SECOND]), [Attachment("tờ trình.pdf", TEXT)], encrypt="always")
    part = sent.envelope.parts[1]
    assert (part.name, part.media_type) == ("tờ trình.pdf.p7m", MEDIA_TYPE)
    assert json.loads((sent.folder / "sealing.json").read_bytes()) == {"wanted": "always", "sealed": True, "unable": []}
    assert list((sender.store / "sealing").iterdir()) == []
    held = [f.read_bytes() for f in sealing.axis.blobs.rglob("*") if f.is_file()]
    assert held and not any(TEXT[:60] in data for data in held)
    for party, key in ((first, OLD), (second, SECONDS)):
        party.client.guard.unsealer = Unsealer([MemoryDecryptor(key)])
        [received] = receive(party)
        [plain] = party.client.guard.unsealer.unseal(received)
        assert (plain.name, plain.media_type, plain.file.read_bytes()) == ("tờ trình.pdf", "application/pdf", TEXT)
        assert plain.file.parent == received.folder / "plain"
        assert received.files[1].name == "tờ trình.pdf.p7m" and TEXT[:40] not in received.files[1].read_bytes()
        party.client.take(received)


def test_who_cannot_decrypt_is_named_before_anything_leaves(sealing: Town) -> None:
    sender = sealing.parties[SENDER]
    before = len(list((sender.store / "outgoing").iterdir()))
    with pytest.raises(Refused) as caught:
        sender.client.send(document([FIRST, PLAIN_ONE]), [Attachment("a.pdf", TEXT)], encrypt="always")
    assert caught.value.code.name == "RECIPIENTS_CANNOT_DECRYPT"
    assert PLAIN_ONE in caught.value.sentence("vi") and FIRST not in caught.value.sentence("vi")
    assert len(list((sender.store / "outgoing").iterdir())) == before


def test_when_possible_is_decided_for_each_document_and_written_down(sealing: Town) -> None:
    sender, first = sealing.parties[SENDER], sealing.parties[FIRST]
    sender.client.guard.sealer = Sealer(sender.store / "sealing", "when_possible")
    try:
        plain = sender.client.send(document([FIRST, PLAIN_ONE]), [Attachment("a.pdf", TEXT)])
        sealed = sender.client.send(document([FIRST]), [Attachment("b.pdf", TEXT)])
    finally:
        sender.client.guard.sealer = Sealer(sender.store / "sealing", "never")
    assert plain.envelope.parts[1].media_type == "application/pdf"
    said = json.loads((plain.folder / "sealing.json").read_bytes())
    assert not said["sealed"] and [row["code"] for row in said["unable"]] == [PLAIN_ONE]
    assert sealed.envelope.parts[1].media_type == MEDIA_TYPE
    for received in receive(first):
        first.client.take(received)


def test_an_old_key_still_opens_what_was_encrypted_for_it(sealing: Town, tmp_path: Path) -> None:
    sender, first = sealing.parties[SENDER], sealing.parties[FIRST]
    sender.client.send(document([FIRST]), [Attachment("a.pdf", TEXT)], encrypt="always")
    folder = tmp_path / "keys"
    folder.mkdir()
    for name, key, password in (("2026.key.pem", OLD, None), ("2027.key.pem", NEW, b"mat khau")):
        (folder / name).write_bytes(key_pem(key, password))
        (folder / name).chmod(0o600)
    (folder / "2026.pub.pem").write_bytes(public_pem(OLD.public_key()))
    first.client.guard.unsealer = Unsealer(open_decryptors(folder, b"mat khau"))
    [received] = receive(first)
    assert first.client.guard.unsealer.unseal(received)[0].file.read_bytes() == TEXT
    first.client.take(received)


def test_what_no_key_of_ours_opens_is_kept_and_offered_again(sealing: Town) -> None:
    sender, second = sealing.parties[SENDER], sealing.parties[SECOND]
    sent = sender.client.send(document([SECOND]), [Attachment("a.pdf", TEXT)], encrypt="always")
    second.client.guard.unsealer = Unsealer([MemoryDecryptor(NEW)])
    assert receive(second) == []
    folder = second.store / "inbox" / SECOND / str(sent.envelope.id)
    assert (folder / "a.pdf.p7m").exists() and not (folder / "plain").exists()
    story = sender.client.trace(SENDER, envelope_id=str(sent.envelope.id))
    assert story["recipients"][0]["state"] in {"available", "leased"}


def test_an_added_receiver_of_an_encrypted_document_is_refused(sealing: Town) -> None:
    sender = sealing.parties[SENDER]
    sent = sender.client.send(document([FIRST]), [Attachment("a.pdf", TEXT)], encrypt="always")
    original = Original(sent.envelope.sender, sent.envelope.document_id, "1/TN-VP")
    with pytest.raises(Refused, match="SEALED_FOR_EARLIER_RECIPIENTS"):
        sender.client.update_receivers(original, [FIRST], [SECOND], [], "thêm nơi nhận")


def test_an_encryption_key_signs_for_nobody(sealing: Town) -> None:
    first = sealing.axis.party(FIRST, MemorySigner(OLD), sealing.axis.root / "as-encryption-key")
    with pytest.raises(AxisRefused) as caught:
        first.client.lease()
    assert caught.value.http_status in {401, 403}


def test_malware_is_stopped_on_its_way_out_and_in_also_inside_ciphertext(sealing: Town) -> None:
    sender, first = sealing.parties[SENDER], sealing.parties[FIRST]
    server = FakeClamd()
    scanner = Scanner(server.address, 10)
    sender.client.guard.scanner = scanner
    try:
        clean = sender.client.prepare(document([FIRST]), [Attachment("a.pdf", TEXT)])
        assert json.loads((clean.folder / "scan.json").read_bytes()) == {"a.pdf": "clean"}
        with pytest.raises(Refused, match="MALWARE_FOUND"):
            sender.client.send(document([FIRST]), [Attachment("a.pdf", EICAR)])
    finally:
        sender.client.guard.scanner = None
    sent = sender.client.send(document([FIRST]), [Attachment("a.pdf", EICAR)], encrypt="always")
    first.client.guard = Guard.of(first.store, "never", Unsealer([MemoryDecryptor(OLD)]), scanner)
    identifier = str(sent.envelope.id)
    try:
        assert identifier not in {str(r.lease.envelope.id) for r in receive(first)}
    finally:
        server.close()
    assert not (first.store / "inbox" / FIRST / identifier).exists()
    [held] = (first.store / "held").iterdir()
    assert held.name.endswith(identifier) and (held / "plain" / "a.pdf").read_bytes() == EICAR
    row = sender.client.trace(SENDER, envelope_id=identifier)["recipients"][0]
    assert row["state"] == "refused" and "MALWARE_FOUND" in json.dumps(row["reason"])


def test_nothing_is_leased_while_the_scanner_is_away(sealing: Town, tmp_path: Path) -> None:
    sender, first = sealing.parties[SENDER], sealing.parties[FIRST]
    sent = sender.client.send(document([FIRST]), [Attachment("a.pdf", TEXT)])
    first.client.guard = Guard.of(first.store, "never", None, Scanner(f"unix:{tmp_path}/none", 1))
    with pytest.raises(Refused, match="SCANNER_AWAY"):
        receive(first)
    first.client.guard = Guard.of(first.store, "never", None, Scanner(f"unix:{tmp_path}/none", 1, "pass"))
    received = receive(first)
    assert str(sent.envelope.id) in {str(r.lease.envelope.id) for r in received}
    assert {r.lease.attempt for r in received if r.lease.envelope.id == sent.envelope.id} == {1}
