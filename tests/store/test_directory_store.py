"""The directory's changes on real PostgreSQL."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from fixtures_pg import Database
from lienthong.base.clock import FixedClock
from lienthong.base.errors import Refused
from lienthong.base.ids import AgencyCode, SystemId
from lienthong.directory import delta, snapshot
from lienthong.directory.model import (
    Agency,
    AgencyStatus,
    RowType,
    Scope,
    System,
    SystemKey,
    SystemStatus,
    canonical,
    row_key,
    row_type,
    to_object,
)
from lienthong.directory.state import DirectoryState
from lienthong.exchange.model.directory_rules import Wanted, wanted
from lienthong.exchange.service.directory import (
    HeldDirectory,
    Publisher,
    brought_up_to_date,
    change,
    change_lines,
    load_state,
)
from lienthong.exchange.service.directory_refresh import KeptConnection, Refresher
from lienthong.exchange.store import directory as store
from lienthong.infra.database import connect
from lienthong.infra.keys import generate
from lienthong.trust import jws
from lienthong.trust.keys import DEFAULT_POLICY, public_pem
from lienthong.trust.signer import MemorySigner
from lienthong.vocabulary.alias import Alias, Succession, SuccessionKind

AXIS = "axis.example"
NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)


@contextmanager
def opened(database: Database) -> Iterator[store.Connection]:
    with connect(database.dsn, "test") as connection:
        yield connection


def agency(code: str, parent: str | None = None, **more: object) -> Agency:
    return Agency(AgencyCode(code), f"Cơ quan Mẫu {code}", parent=AgencyCode(parent) if parent else None, **more)  # type: ignore[arg-type]


def system(name: str, signers: list[MemorySigner], *codes: str, operator: bool = False) -> System:
    keys = tuple(SystemKey(s.key_id, public_pem(s.public_key).decode(), NOW) for s in signers)
    return System(
        SystemId(name), f"Phần mềm {name}", tuple(Scope(AgencyCode(c)) for c in codes), keys=keys, operator=operator
    )


def rows_of(state: DirectoryState) -> list[dict[str, object]]:
    return [to_object(row) for row in state.rows()]


def empty() -> DirectoryState:
    return DirectoryState(AXIS, 0)


def test_rows_that_were_written_are_the_directory_that_every_node_loads(database: Database) -> None:
    rows = [
        agency("H99"),
        agency("H99.01", "H99", code102=AgencyCode("000.00.01.H99"), valid_from=date(2020, 1, 2)),
        Alias(AgencyCode("SO.TC"), AgencyCode("H99.01")),
        Succession(AgencyCode("H98"), AgencyCode("H99"), SuccessionKind.MERGE, date(2025, 7, 1), "sáp nhập"),
        system("so-tc", [MemorySigner(generate("P-256"))], "H99.01"),
    ]
    with opened(database) as connection:
        changed = change(connection, empty(), wanted(rows), NOW, "local")
        loaded = load_state(connection, AXIS)
    assert (changed.state.version, changed.rows) == (1, 5)
    assert loaded.version == 1
    assert rows_of(loaded) == rows_of(changed.state) == rows_of(DirectoryState(AXIS, 1, rows))


def test_one_bad_line_keeps_every_line_out_and_is_named_by_its_number(database18: Database) -> None:
    lines = [canonical(to_object(agency("H99"))), canonical(to_object(agency("H99.01", "H97"))), b"{"]
    with opened(database18) as connection:
        with pytest.raises(Refused) as unreadable:
            change_lines(connection, empty(), b"\n".join(lines), NOW, "op")
        with pytest.raises(Refused) as unplaced:
            change_lines(connection, empty(), b"\n".join(lines[:2]), NOW, "op")
        assert store.newest_version(connection) == 0
        assert store.all_rows(connection) == []
    assert [p.path for p in unreadable.value.problems] == ["line.3"]
    assert [p.path for p in unplaced.value.problems] == ["line.2"]
    assert "H97" in unplaced.value.problems[0].vi


def test_the_same_rows_again_make_no_new_version(database18: Database) -> None:
    signer = MemorySigner(generate("P-256"))
    rows = [agency("H99"), system("x", [signer], "H99"), Alias(AgencyCode("X9"), AgencyCode("H99"))]
    with opened(database18) as connection:
        first = change(connection, empty(), wanted(rows), NOW + timedelta(microseconds=17), "op")
        again = change(connection, empty(), wanted(rows), NOW, "op")
        gone = change(connection, empty(), [Wanted(1, RowType.AGENCY, "H55", None)], NOW, "op")
    assert (again.state.version, again.rows) == (first.state.version, 0)
    assert gone.rows == 0


def test_a_node_that_is_behind_catches_up_by_the_changes_alone(database: Database) -> None:
    with opened(database) as connection:
        old = change(connection, empty(), wanted([agency("H99"), agency("H98")]), NOW, "op").state
        change(connection, old, wanted([agency("H97"), replace(agency("H99"), name="Tên mới")]), NOW, "op")
        change(connection, old, [Wanted(1, RowType.AGENCY, "H98", None)], NOW, "op")
        new = brought_up_to_date(connection, old)
        assert rows_of(new) == rows_of(load_state(connection, AXIS))
        assert brought_up_to_date(connection, new) is new
    assert new.version == 3
    assert new.agency("H98") is None
    assert old.agency("H98") is not None
    held = new.agency("H99")
    assert held is not None
    assert held.name == "Tên mới"


def test_a_key_is_revoked_and_never_removed_nor_restored(database18: Database) -> None:
    first, second = MemorySigner(generate("P-256")), MemorySigner(generate("P-256"))
    both = system("so-tc", [first, second], "H99")
    with opened(database18) as connection:
        state = change(connection, empty(), wanted([agency("H99"), both]), NOW, "op").state
        assert state.key(first.key_id, NOW) is not None
        assert state.key(second.key_id, NOW) is not None
        with pytest.raises(Refused):
            change(connection, state, wanted([system("so-tc", [second], "H99")]), NOW, "op")
        with pytest.raises(Refused):
            change(connection, state, [Wanted(1, RowType.SYSTEM, "so-tc", None)], NOW, "op")
        revoked = replace(both, keys=(replace(both.keys[0], revoked_at=NOW + timedelta(hours=1)), both.keys[1]))
        state = change(connection, state, wanted([revoked]), NOW, "op").state
        assert state.key(first.key_id, NOW) is not None
        assert state.key(first.key_id, NOW + timedelta(hours=1)) is None
        with pytest.raises(Refused):
            change(connection, state, wanted([both]), NOW, "op")


def test_a_suspended_system_may_not_act_until_it_is_resumed(database18: Database) -> None:
    row = system("so-tc", [MemorySigner(generate("P-256"))], "H99")
    with opened(database18) as connection:
        state = change(connection, empty(), wanted([agency("H99"), row]), NOW, "op").state
        assert state.may_act("so-tc", "H99")
        state = change(connection, state, wanted([replace(row, status=SystemStatus.SUSPENDED)]), NOW, "op").state
        assert not state.may_act("so-tc", "H99")
        state = change(connection, state, wanted([row]), NOW, "op").state
        assert state.may_act("so-tc", "H99")


def test_a_document_to_a_merged_agency_reaches_its_successor(database18: Database) -> None:
    merged = Succession(AgencyCode("H98"), AgencyCode("H99"), SuccessionKind.MERGE, date(2025, 7, 1))
    closed = agency("H98", status=AgencyStatus.CLOSED)
    with opened(database18) as connection:
        state = change(connection, empty(), wanted([agency("H99"), closed, merged]), NOW, "op").state
        resolved = state.resolve("H98", date(2026, 1, 1))
        with pytest.raises(Refused) as circle:
            back = Succession(AgencyCode("H99"), AgencyCode("H98"), SuccessionKind.MERGE, date(2025, 7, 1))
            change(connection, state, wanted([back]), NOW, "op")
    assert resolved.agency is not None
    assert resolved.agency.code == "H99"
    assert resolved.resolution.notes_vi
    assert circle.value.code.name == "SUCCESSION_CYCLE"


def test_the_last_operator_cannot_lock_everybody_out(database18: Database) -> None:
    row = system("van-hanh", [MemorySigner(generate("P-256"))], operator=True)
    with opened(database18) as connection:
        state = change(connection, empty(), wanted([row]), NOW, "local").state
        with pytest.raises(Refused) as refused:
            change(connection, state, wanted([replace(row, status=SystemStatus.SUSPENDED)]), NOW, "van-hanh")
    assert refused.value.code.name == "DIRECTORY_NO_OPERATOR"


def test_one_key_under_two_systems_is_refused_with_its_line(database18: Database) -> None:
    signer = MemorySigner(generate("P-256"))
    with opened(database18) as connection:
        state = change(connection, empty(), wanted([agency("H99"), system("a", [signer], "H99")]), NOW, "op").state
        with pytest.raises(Refused) as refused:
            change(connection, state, wanted([agency("H98"), system("b", [signer], "H99")]), NOW, "op")
    assert [p.path for p in refused.value.problems] == ["line.2"]


def test_text_that_the_database_cannot_hold_is_refused_by_line(database18: Database) -> None:
    signer = MemorySigner(generate("P-256"))
    row = system("a", [signer], "H99")
    spoilt = replace(row, keys=(replace(row.keys[0], certificate_pem="\0"),))
    with opened(database18) as connection:
        for bad in (spoilt, agency("H98\0"), replace(agency("H98"), name="A\0B"), replace(agency("H98"), email="\0")):
            with pytest.raises(Refused) as refused:
                change(connection, empty(), wanted([agency("H99"), bad]), NOW, "op")
            assert {p.path for p in refused.value.problems} == {"line.2"}


def test_two_operators_at_once_lose_nothing(database: Database) -> None:
    def work(prefix: str) -> None:
        with opened(database) as connection:
            state = empty()
            for number in range(10):
                state = change(connection, state, wanted([agency(f"{prefix}{number:02d}")]), NOW, prefix).state

    threads = [threading.Thread(target=work, args=(prefix,)) for prefix in ("A", "B", "C")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with opened(database) as connection:
        state = load_state(connection, AXIS)
        changes = store.changes_between(connection, 0, state.version)
    assert state.version == len(changes) == len(state) == 30


def test_the_published_directory_is_what_clients_verify_and_read(database18: Database) -> None:
    signer = MemorySigner(generate("P-256"))
    publisher = Publisher(signer, FixedClock(NOW))
    with opened(database18) as connection:
        old = change(connection, empty(), wanted([agency("H99"), agency("H98")]), NOW, "op").state
        whole = publisher.whole(old)
        assert publisher.whole(old) is whole
        new = change(connection, old, wanted([agency("H97")]), NOW, "op").state
        part = publisher.changes(connection, AXIS, old.version)
        nothing = publisher.changes(connection, AXIS, new.version)
        with pytest.raises(Refused):
            publisher.changes(connection, AXIS, new.version + 1)
    state = snapshot.decode(*read_signed_snapshot(whole.data, signer))
    assert rows_of(state) == rows_of(old)
    header, body = read_signed(part.data, signer)
    assert rows_of(delta.apply(state, delta.decode_delta(header + b"\n" + body))) == rows_of(new)
    header, body = read_signed(nothing.data, signer)
    assert delta.decode_delta(header + b"\n" + body).changes == ()
    assert whole.etag != publisher.whole(new).etag


def read_signed(data: bytes, signer: MemorySigner) -> tuple[bytes, bytes]:
    token, _, body = data.partition(b"\n")
    verified = jws.verify(token, {signer.key_id: signer.public_key}.get, "lt-directory", DEFAULT_POLICY, NOW)
    return verified.payload, body


def read_signed_snapshot(data: bytes, signer: MemorySigner) -> tuple[snapshot.SnapshotHeader, bytes]:
    header, body = read_signed(data, signer)
    return snapshot.decode_header(header), body


def test_the_refresher_sees_changes_survives_a_cut_line_and_notices_a_restored_database(database18: Database) -> None:
    held = HeldDirectory(empty())
    kept = KeptConnection(lambda: connect(database18.dsn, "lienthong refresh"))
    refresher = Refresher(held, kept)
    with opened(database18) as connection:
        change(connection, empty(), wanted([agency("H99")]), NOW, "op")
        refresher.refresh()
        assert held.state.version == 1
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'lienthong refresh'"
        )
        change(connection, held.state, wanted([agency("H98")]), NOW, "op")
        with pytest.raises(Refused) as cut:
            refresher.refresh()
        assert cut.value.code.name == "DATABASE_AWAY"
        refresher.refresh()
        assert held.state.version == 2
        connection.execute("DELETE FROM directory_change WHERE version = 2")
        connection.execute("DELETE FROM directory_row WHERE version = 2")
        refresher.refresh()
        assert held.state.version == 1
        assert held.state.agency("H98") is None
    kept.close()


def test_the_history_of_a_row_names_who_changed_it(database18: Database) -> None:
    with opened(database18) as connection:
        state = change(connection, empty(), wanted([agency("H99")]), NOW, "local").state
        change(connection, state, wanted([agency("H99", status=AgencyStatus.LOCKED)]), NOW, "van-hanh")
        told = store.history(connection, RowType.AGENCY, ["H99"])
    assert [(c.version, by) for c, _, by in told] == [(1, "local"), (2, "van-hanh")]


def test_rows_keep_their_kind_and_key_in_the_database(database18: Database) -> None:
    rows = [agency("H99"), Alias(AgencyCode("X9"), AgencyCode("H99"))]
    with opened(database18) as connection:
        change(connection, empty(), wanted(rows), NOW, "op")
        stored = connection.execute("SELECT row_type, key, row FROM directory_row ORDER BY 1").fetchall()
    assert [(kind, key) for kind, key, _ in stored] == [(row_type(r).value, row_key(r)) for r in rows]
    assert [json.loads(canonical(row)) for _, _, row in stored] == [to_object(r) for r in rows]
