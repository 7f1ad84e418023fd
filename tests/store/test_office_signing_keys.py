"""The pages sign with every kind of key that the office opens itself: a PEM file, a token, a remote signing service."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import fixtures_office
from lienthong.base.clock import SystemClock
from lienthong.infra.keys import write_new
from lienthong.office.services.reviewing import hex_of
from lienthong.signing.agent.program import listen_on
from lienthong.signing.remote.accounts import Accounts
from lienthong.signing.remote.methods import Methods
from lienthong.signing.remote.server import RemoteSigning, serve
from lienthong.signing.use_log import UseLog
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for
from outgoing_world import LEADER, OutgoingAgency, make_outgoing
from signers_world import PIN
from softhsm_token import Tokens


@pytest.fixture
def world(office_installation: object, agency_number: int) -> OutgoingAgency:
    return make_outgoing(agency_number)


@pytest.fixture(scope="module")
def tokens() -> Iterator[Tokens]:
    made = Tokens()
    yield made
    made.remove()


@pytest.fixture
def service(world: OutgoingAgency, tmp_path: Path) -> Iterator[tuple[str, UseLog]]:
    """A remote signing service with the leader's key, and the log of its uses."""
    home = tmp_path / "home"
    accounts, log = Accounts(home / "users"), UseLog(home / "uses.jsonl", SystemClock())
    accounts.add("an", b"mat-khau-an")
    profile = world.pki.bundle("xa-an", world.pki.add(LEADER, "xa-an"), PIN.encode())
    profile.rename(home / "users" / "an" / "chinh.toml")
    listening, stop = listen_on(0), threading.Event()
    made = RemoteSigning(home, SystemClock(), Methods(accounts, log))
    serving = threading.Thread(target=serve, args=(made, listening, stop), daemon=True)
    serving.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}", log
    stop.set()
    serving.join(15)


def put_in_office(world: OutgoingAgency, label: str, profile: Path, role: str = "person") -> Path:
    """Let the office find this profile under a label, with picture and time stamps."""
    file = fixtures_office.FOLDER / "signers" / world.made.agency.code / f"{label}.toml"
    more = f"image = '{world.pki.folder / role}.png'\ntsa = '{world.pki.folder / 'tsa.toml'}'\n"
    file.write_text(profile.read_text("utf-8") + more, "utf-8")
    return file


def waiting(world: OutgoingAgency) -> int:
    document = world.draft()
    world.to_signers(document)
    return document


def signed_on_the_page(world: OutgoingAgency, document: int, secret: str) -> Any:
    with acting_for(world.made.agency.pk):
        seen = {f"seen_{document}": hex_of(world.get(document))}
    return world.made.client(Duty.LEADER).submit("/signing", row=[str(document)], secret=secret, **seen)


def valid_signatures(world: OutgoingAgency, document: int, folder: Path) -> int:
    file = folder / "signed.pdf"
    file.write_bytes(world.bytes_of(document))
    said = subprocess.run(["pdfsig", "-nocert", str(file)], capture_output=True, text=True, check=False).stdout
    return said.count("Signature Validation: Signature is Valid.")


def test_a_key_in_a_pem_file_signs_and_is_asked_for_no_password(world: OutgoingAgency, tmp_path: Path) -> None:
    document, login = waiting(world), world.account(Duty.LEADER).login
    put_in_office(world, login, world.pki.pem("pem-an", world.pki.add(LEADER, "pem-an")))
    page = world.made.client(Duty.LEADER).get("/signing").content.decode()
    assert 'name="secret"' in page and "required" not in page.partition('name="secret"')[2].partition(">")[0]
    signed_on_the_page(world, document, "")
    assert (world.look(document).state, valid_signatures(world, document, tmp_path)) == ("signed", 1)


def test_tokens_of_leader_and_agency_sign_number_and_seal(
    world: OutgoingAgency, tokens: Tokens, tmp_path: Path
) -> None:
    document, login, code = waiting(world), world.account(Duty.LEADER).login, world.made.agency.pk
    for label, name, role in ((login, LEADER, "person"), ("co-quan", world.made.agency.name, "agency")):
        holder = world.pki.add(name, f"hsm-{label}", bits=2048)
        profile = world.pki.token(f"hsm-{label}", holder, tokens, f"k{role}{code}", role)
        put_in_office(world, label, profile, role)
    wrong = signed_on_the_page(world, document, "999999")
    assert (wrong.status_code, world.look(document).state) == (422, "signing")
    assert "PIN" in wrong.content.decode()
    signed_on_the_page(world, document, PIN)
    assert (world.look(document).state, valid_signatures(world, document, tmp_path)) == ("signed", 1)
    registrar, page = world.made.client(Duty.REGISTRAR), f"/drafts/{document}"
    assert registrar.submit(f"{page}/number", page=page).status_code == 303
    assert registrar.submit(f"{page}/seal", page=page, secret=PIN).status_code == 303
    assert registrar.submit(f"{page}/issue", page=page).status_code == 303
    assert (world.look(document).state, valid_signatures(world, document, tmp_path)) == ("issued", 3)


def test_a_key_at_a_remote_service_signs_with_the_pin_of_its_credential(
    world: OutgoingAgency, service: tuple[str, UseLog], tmp_path: Path
) -> None:
    document, login, (url, log) = waiting(world), world.account(Duty.LEADER).login, service
    profile = world.pki.profile("xa", kind="remote", role="person", name=LEADER, url=url, credential="chinh", user="an")
    file = put_in_office(world, login, profile)
    write_new(file.with_suffix(".login"), b"mat-khau-an\n")
    wrong = signed_on_the_page(world, document, "0000")
    assert world.look(document).state == "signing"
    assert "Không ký được" in wrong.content.decode() or "PIN" in wrong.content.decode()
    signed_on_the_page(world, document, PIN)
    assert (world.look(document).state, valid_signatures(world, document, tmp_path)) == ("signed", 1)
    assert [row["event"] for row in log.read()] == ["pin-wrong", "authorize", "sign"]
