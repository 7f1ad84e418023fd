"""What must hold after any fault: read from the axis's database, its files and the connectors' stores.

The numbers are those of the list of invariants of the exchange (design notes, "Invariants under faults"): 1 nothing
silent, 2 one effect, 3 one event a change, 4 the same receipt for ever, 5 the same bytes, 6 no evidence before its cause.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import psycopg

from axis_process import Installation, Party, rows
from lienthong.connector.bodies import packet_body
from lienthong.directory.model import KeyHolder
from lienthong.exchange.service.directory import load_state
from lienthong.infra.blobs import BlobStore
from lienthong.infra.database import connect
from lienthong.ledger.checkpoint import parse_checkpoint
from lienthong.ledger.merkle import leaf_hash, root
from lienthong.trust import jws
from lienthong.trust.keys import DEFAULT_POLICY, PublicKey, key_id, load_public_key
from lienthong.wire.acknowledgement import TYP as ACK_TYP
from lienthong.wire.acknowledgement import decode_acknowledgement
from lienthong.wire.event import TYP, Event, EventName, decode_event

PENDING = {"waiting", "available", "leased", "quarantined"}
FINAL = {"delivered", "refused", "expired", "recalled"}


@dataclass(frozen=True)
class Recorded:
    """One event as the axis keeps it."""

    number: int
    envelope_no: int | None
    delivery_no: int | None
    jws: bytes
    event: Event

    @property
    def digest(self) -> bytes:
        return hashlib.sha256(self.jws).digest()


class Invariants:
    """The state of one axis and its parties at one moment; every ``check_…`` is one promise."""

    def __init__(self, axis: Installation, parties: Iterable[Party]) -> None:
        self.axis = axis
        self.parties = list(parties)
        with psycopg.connect(axis.database) as connection:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            ask = connection.cursor(row_factory=psycopg.rows.dict_row).execute
            self.envelopes = {r["envelope_no"]: r for r in ask("SELECT * FROM envelope")}
            self.deliveries = {r["delivery_no"]: r for r in ask("SELECT * FROM delivery")}
            self.parts = ask("SELECT * FROM part").fetchall()
            self.statuses = ask("SELECT * FROM business_status").fetchall()
            self.events = [self._read(r) for r in ask("SELECT * FROM event ORDER BY event_no")]
            self.leaves = ask("SELECT * FROM leaf ORDER BY leaf_index").fetchall()
            self.pending_leaves = {r["event_no"]: bytes(r["entry"]) for r in ask("SELECT * FROM leaf_pending")}
            self.checkpoints = ask("SELECT * FROM checkpoint ORDER BY size").fetchall()
        self.keys_of_connections = held_keys(axis)

    def _read(self, row: dict[str, Any]) -> Recorded:
        """An event, its signature checked with the axis's key."""
        key = self.axis.keys.receipt.public_key
        token = bytes(row["jws"])
        verified = jws.verify(token, {key_id(key): key}.get, TYP, DEFAULT_POLICY, row["at"])
        event = decode_event(verified.payload)
        assert event.name.short == row["name"], f"event {row['event_no']} is filed as {row['name']}"
        assert event.axis == self.axis.name
        return Recorded(row["event_no"], row["envelope_no"], row["delivery_no"], token, event)

    def hold(self, *, settled: bool = False) -> None:
        """Check all of them. ``settled``: nothing is on its way any more, and everything is in the log."""
        self.check_receipts_are_kept()
        self.check_nothing_is_silent(settled)
        self.check_each_document_has_one_effect()
        self.check_one_event_for_each_change()
        self.check_log_is_whole(settled)
        self.check_bytes_are_the_same()
        self.check_no_evidence_before_its_cause()
        self.check_conservation()
        self.axis.held = True

    def check_receipts_are_kept(self) -> None:
        """4: every receipt that a sender holds is the one that the axis holds, and there is one for each envelope."""
        held = {(r["sender"], r["envelope_id"]): r for r in self.envelopes.values()}
        assert len(held) == len(self.envelopes)
        for party in self.parties:
            for spooled in party.client.spool.all():
                if spooled.receipt is None:
                    continue
                row = held.get((spooled.envelope.sender, spooled.envelope.id))
                assert row is not None, f"the axis lost {spooled.envelope.id}, for which {party.agency} has a receipt"
                assert bytes(row["receipt"]) == spooled.receipt
                assert bytes(row["digest"]) == hashlib.sha256(spooled.payload).digest()
        accepted = defaultdict(list)
        for each in self._named(EventName.SUBMISSION_ACCEPTANCE):
            accepted[each.envelope_no].append(each.jws)
        for number, row in self.envelopes.items():
            assert accepted[number] == [bytes(row["receipt"])], f"receipts of envelope {number}"

    def check_nothing_is_silent(self, settled: bool) -> None:
        """1: an accepted envelope has a delivery for each recipient, and each is somewhere, with evidence when final."""
        found = defaultdict(list)
        for delivery in self.deliveries.values():
            assert delivery["envelope_no"] in self.envelopes, f"delivery {delivery['delivery_no']} has no envelope"
            found[delivery["envelope_no"]].append(delivery)
        for number, row in self.envelopes.items():
            assert len(found[number]) >= row["recipients"], f"envelope {number} lost a recipient"
        last = {number: chain[-1].event.name for number, chain in self._chains().items() if chain}
        evidence = {
            "delivered": {EventName.CONTENT_HANDOVER, EventName.BUSINESS_STATUS, EventName.RECALL},
            "refused": {EventName.CONSIGNMENT_REJECTION, EventName.BUSINESS_STATUS},
            "expired": {EventName.EXPIRY},
            "recalled": {EventName.RECALL, EventName.BUSINESS_STATUS},
        }
        for number, delivery in self.deliveries.items():
            state = delivery["state"]
            assert state in PENDING | FINAL
            if state in FINAL:
                assert last[number] in evidence[state], f"delivery {number} is {state} after {last[number].short}"
            assert not (settled and state in PENDING), f"delivery {number} to {delivery['agency']} is still {state}"

    def check_each_document_has_one_effect(self) -> None:
        """2: no delivery was handed over twice, and no connector holds an envelope twice."""
        handed, taken_by = defaultdict(int), {}
        for each in self._named(EventName.CONTENT_HANDOVER):
            handed[each.delivery_no] += 1
            taken_by[each.delivery_no] = each.event.details.get("system")
        assert all(count == 1 for count in handed.values()), f"handed over more than once: {dict(handed)}"
        seen = {(r["envelope_no"], r["agency"]) for r in self.deliveries.values()}
        assert len(seen) == len(self.deliveries), "one recipient has two deliveries of an envelope"
        for number, delivery in self.deliveries.items():
            if delivery["state"] == "delivered":
                assert handed[number] == 1, f"delivery {number} is delivered without evidence"
        held: dict[tuple[str, object], set[str]] = defaultdict(set)
        for party in self.parties:
            folders = [p.name for p in self._inbox(party)]
            assert all(len(name) == 36 for name in folders), f"{party.agency} stored an envelope twice: {folders}"
            held[party.agency, party.system_id].update(folders)
        for number in handed:
            # What another system of the agency took, such as one that polls a compatible face, lies with that system.
            delivery, taker = self.deliveries[number], (self.deliveries[number]["agency"], taken_by[number])
            if taker in held:
                wanted = str(self.envelopes[delivery["envelope_no"]]["envelope_id"])
                assert wanted in held[taker], f"{delivery['agency']} does not have what it acknowledged"

    def check_one_event_for_each_change(self) -> None:
        """3: the events of a delivery form one chain from its consignment to its newest, without gap or branch."""
        for number, chain in self._chains().items():
            delivery = self.deliveries[number]
            receipt = hashlib.sha256(self.envelopes[delivery["envelope_no"]]["receipt"]).digest()
            if not chain:
                assert delivery["state"] == "waiting", f"delivery {number} has no event"
                assert bytes(delivery["last_event"]) == receipt
                continue
            first = chain[0].event
            assert first.name is EventName.CONTENT_CONSIGNMENT or first.previous == receipt, (
                f"delivery {number} begins so"
            )
            for earlier, later in pairwise(chain):
                assert later.event.previous == earlier.digest, f"the chain of delivery {number} has a gap"
            assert bytes(delivery["last_event"]) == chain[-1].digest, f"delivery {number} names another newest event"
        for each in self._named(EventName.CONTENT_HANDOVER):
            self._check_acknowledgement(each)

    def _check_acknowledgement(self, each: Recorded) -> None:
        """A hand-over carries what the recipient's system signed about exactly this envelope."""
        token = str(each.event.details["acknowledgement"]).encode()
        keys = {key_id(p.signer.public_key): p.signer.public_key for p in self.parties} | self.keys_of_connections
        ack = decode_acknowledgement(jws.verify(token, keys.get, ACK_TYP, DEFAULT_POLICY, each.event.at).payload)
        assert (ack.delivery, ack.digest) == (each.delivery_no, each.event.envelope.digest)

    def check_log_is_whole(self, settled: bool) -> None:
        """3: each event is in the log or waits for it, once; checkpoints only grow and their roots are right."""
        in_log = [r["event_no"] for r in self.leaves]
        assert [r["leaf_index"] for r in self.leaves] == list(range(len(in_log))), "the log has a gap"
        waiting = set(self.pending_leaves)
        numbers = [each.number for each in self.events]
        assert sorted([*in_log, *waiting]) == numbers, "an event is missing from the log, or in it twice"
        by_number = {each.number: each for each in self.events}
        for number, entry in self.pending_leaves.items():
            assert entry == by_number[number].digest
        assert not (settled and waiting), f"{len(waiting)} events are not in the log"
        hashes = [leaf_hash(by_number[number].digest) for number in in_log]
        sizes = [r["size"] for r in self.checkpoints]
        assert not sizes or sizes[-1] == len(hashes), "the newest checkpoint is not of the whole log"
        for row in self.checkpoints:
            assert bytes(row["root"]) == root(hashes[: row["size"]]), f"checkpoint {row['size']} has another root"
            text = row["note"].split("\n\n")[0] + "\n"
            assert parse_checkpoint(text).size == row["size"]
        for earlier, later in pairwise(self.checkpoints):
            assert earlier["at"] <= later["at"], "a later checkpoint claims an earlier time"

    def check_bytes_are_the_same(self) -> None:
        """5: what a recipient stored is what the sender spooled: every part, its bytes, its name, in order."""
        sent = {str(s.envelope.id): s for party in self.parties for s in party.client.spool.all()}
        for party in self.parties:
            for folder in self._inbox(party):
                index = json.loads((folder / "index.json").read_bytes())
                if folder.name not in sent:
                    # Made by hand: no spool to compare with, but the axis's own rows.
                    self._check_stored_digests(folder, index)
                    continue
                spooled = sent[folder.name]
                assert index["digest"] == hashlib.sha256(spooled.payload).hexdigest()
                assert len(index["parts"]) == len(spooled.envelope.parts)
                for number, (row, part) in enumerate(zip(index["parts"], spooled.envelope.parts, strict=True)):
                    data = (folder / row["file"]).read_bytes()
                    assert row["name"] == part.name
                    assert data == spooled.part(number).read_bytes(), f"part {number} of {folder.name} differs"
        for row in self.parts:
            digest = bytes(row["sha256"]).hex()
            header = bytes(self.envelopes[row["envelope_no"]]["header"])
            if header and hashlib.sha256(header).hexdigest() == digest:
                continue
            assert self.blob(digest).exists(), f"the blob {digest} of envelope {row['envelope_no']} is lost"

    def _check_stored_digests(self, folder: Path, index: dict[str, Any]) -> None:
        row = next(r for r in self.envelopes.values() if str(r["envelope_id"]) == folder.name)
        assert index["digest"] == bytes(row["digest"]).hex()
        known = {bytes(part["sha256"]) for part in self.parts if part["envelope_no"] == row["envelope_no"]}
        known.add(hashlib.sha256(bytes(row["header"] or b"")).digest())
        assert {hashlib.sha256((folder / each["file"]).read_bytes()).digest() for each in index["parts"]} <= known

    def check_no_evidence_before_its_cause(self) -> None:
        """6: no event claims a time before the one it follows, and no expiry comes before the deadline."""
        by_digest = {each.digest: each for each in self.events}
        accepted = {each.envelope_no: each.event.at for each in self._named(EventName.SUBMISSION_ACCEPTANCE)}
        for each in self.events:
            if each.event.previous is not None:
                cause = by_digest.get(each.event.previous)
                assert cause is not None, f"event {each.number} follows one that is not there"
                assert cause.event.at <= each.event.at, f"event {each.number} is earlier than its cause"
            if each.envelope_no in accepted:
                assert accepted[each.envelope_no] <= each.event.at, f"event {each.number} is before the acceptance"
        # Milliseconds on the wire, microseconds in the database.
        slack = timedelta(milliseconds=1)
        for each in self._named(EventName.EXPIRY):
            assert each.delivery_no is not None
            assert each.event.at + slack >= self.deliveries[each.delivery_no]["expires_at"]

    def check_conservation(self) -> None:
        """accepted = delivered + pending + refused + expired + recalled, from independent sides."""
        consigned = [
            to["delivery"] for each in self._named(EventName.CONTENT_CONSIGNMENT) for to in each.event.details["to"]
        ]  # type: ignore
        never = {n for n, d in self.deliveries.items() if d["state"] in {"waiting", "recalled", "expired"}}
        assert set(consigned) | never == set(self.deliveries), "consignments and deliveries differ"
        added = sum(1 for e in self._named(EventName.CONTENT_CONSIGNMENT) if "by" in e.event.details)
        promised = sum(row["recipients"] for row in self.envelopes.values())
        assert promised + added == len(self.deliveries), "recipients and deliveries differ"

    def counts(self) -> dict[str, int]:
        """Deliveries by state."""
        found: dict[str, int] = defaultdict(int)
        for delivery in self.deliveries.values():
            found[delivery["state"]] += 1
        return dict(found)

    def blob(self, digest: str) -> Path:
        return BlobStore(self.axis.blobs).path(bytes.fromhex(digest))

    def _inbox(self, party: Party) -> list[Path]:
        return sorted((party.store / "inbox").glob("*/*"))

    def _named(self, name: EventName) -> list[Recorded]:
        return [each for each in self.events if each.event.name is name]

    def _chains(self) -> dict[int, list[Recorded]]:
        """Events of each delivery in order: the consignment that names it, then its own."""
        chains: dict[int, list[Recorded]] = {number: [] for number in self.deliveries}
        for each in self._named(EventName.CONTENT_CONSIGNMENT):
            for to in each.event.details["to"]:  # type: ignore[union-attr]
                chains[to["delivery"]].append(each)  # type: ignore[call-overload,index]
        for each in self.events:
            if each.delivery_no is not None and each.event.name is not EventName.CONTENT_CONSIGNMENT:
                chains[each.delivery_no].append(each)
        return {number: sorted(chain, key=lambda each: each.number) for number, chain in chains.items()}


def posted_again(parties: Iterable[Party]) -> int:
    """4: every accepted envelope, posted once more, gets the receipt it got before; how many there were."""
    count = 0
    for party in parties:
        for spooled in party.client.spool.all():
            if spooled.receipt is None:
                continue
            inline = list(enumerate(spooled.envelope.parts))
            body = packet_body(spooled.token, inline, spooled.part)
            answer = party.client.connection.request("POST", "/v1/envelopes", body=body)
            assert answer.status_code == 200
            assert answer.content == spooled.receipt
            count += 1
    return count


TABLES = ("envelope", "part", "delivery", "business_status", "upload")


def stored(axis: Installation) -> tuple[tuple[int, ...], frozenset[str]]:
    """What an axis holds of documents: rows of each table, and names of blobs (not evidence of refusals)."""
    counted = tuple(rows(axis.database, f"SELECT count(*) FROM {table}")[0][0] for table in TABLES)
    files = frozenset(
        str(p.relative_to(axis.blobs)) for p in axis.blobs.rglob("*") if p.is_file() and p.name != "sweep.lock"
    )
    return counted, files


def held_keys(axis: Installation) -> dict[str, PublicKey]:
    """Keys that the axis holds for systems of the compatible faces, as its directory has published them."""
    with connect(axis.database, "test") as connection:
        state = load_state(connection, axis.name)
    found = [key for system in state.systems() for key in system.keys if key.held_by is KeyHolder.AXIS]
    return {key.key_id: load_public_key(key.public_key_pem.encode()) for key in found}
