"""The office's worker dies between any two steps: nothing is lost, nothing comes twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from axis_process import SOURCE, document
from faults_invariants import Invariants
from fixtures_axis import Town
from fixtures_office import FOLDER, OfficeInstallation
from fixtures_pg import make_directory
from lienthong.connector.compose import Attachment
from lienthong.office.models import Arrival, Delivery, Message, Notice, StatusEvent
from lienthong.office.states import ArrivalState
from lienthong.trust.keys import key_id
from lienthong.webkit.site.duties import Duty
from office_exchange_world import OfficeOnAxis, issued, put_on_axis, see, until
from official_document import decision

CODES = ("000.00.53.H26", "000.00.54.H26")
"""Other agencies than those of the journeys, which may share this process's database."""

SENDING = ("office.submitted", "office.handed")
RECEIVING = ("office.taking", "office.taken")


@pytest.fixture(scope="module")
def office(town: Town, office_installation: OfficeInstallation) -> Iterator[OfficeOnAxis]:
    yield put_on_axis(town, make_directory(), 3, CODES)


@pytest.fixture(autouse=True)
def invariants_hold_after_the_fault(office: OfficeOnAxis) -> Iterator[None]:
    """Those of the axis, which does not know the office's key from its parties."""
    yield
    invariants = Invariants(office.town.axis, office.town.parties.values())
    invariants.keys_of_connections[key_id(office.public_key)] = office.public_key
    invariants.hold()


def work_until_death(office: OfficeOnAxis, installation: OfficeInstallation, step: str) -> None:
    """A worker of its own on the same database and files, which dies at a step."""
    config = office.folder / "office.toml"
    data = {"dsn": installation.owner_dsn, "connector": str(office.config), "data_dir": str(FOLDER), "kill_at": step}
    config.write_text("[office]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in data.items()))
    (FOLDER / "secret").write_bytes(b"t" * 32)
    (FOLDER / "secret").chmod(0o600)
    log = (office.folder / "worker.log").open("wb")
    worker = subprocess.Popen(
        [sys.executable, "-m", "lienthong.roles.cli", "office", "worker", "--config", str(config)],
        stdout=log, stderr=log, env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "PYTHONPATH": str(SOURCE)},
    )  # fmt: skip
    try:
        code = worker.wait(60)
    finally:
        worker.kill()
    assert code == -signal.SIGKILL, (office.folder / "worker.log").read_text()[-3000:]


def take_over_cursor(office: OfficeOnAxis) -> None:
    """The round of the test goes on where the worker died."""
    theirs = FOLDER / "exchange.json"
    ours = office.folder / "exchange.json"
    if theirs.exists():
        ours.write_bytes(theirs.read_bytes())


@pytest.mark.parametrize("step", SENDING)
def test_a_worker_that_dies_while_it_sends_sends_once(
    office: OfficeOnAxis, office_installation: OfficeInstallation, step: str
) -> None:
    made, neighbour = office.agencies
    number = issued(made, str(50 + SENDING.index(step)), [CODES[1]])
    work_until_death(office, office_installation, step)
    take_over_cursor(office)

    def status() -> int:
        return int(see(made, lambda: Delivery.objects.get(document=number)).status)

    with office.exchanging() as round_:
        until(round_, lambda: status() == 1, "the recipient has it")
    delivery = see(made, lambda: Delivery.objects.select_related("document").get(document=number))
    identifier = delivery.document.identifier
    assert see(neighbour, lambda: Arrival.objects.filter(identifier=identifier).count()) == 1
    assert see(made, lambda: Message.objects.get(document=number)).state == "sent"
    assert see(made, lambda: StatusEvent.objects.filter(document=number, outward=False).count()) == 1


@pytest.mark.parametrize("step", RECEIVING)
def test_a_worker_that_dies_while_it_receives_has_it_once(
    office: OfficeOnAxis, office_installation: OfficeInstallation, step: str
) -> None:
    sender, made = office.others[0], office.agencies[0]
    pages = 4 + RECEIVING.index(step)
    sent = sender.client.send(document([CODES[0]]), [Attachment("a.pdf", decision(pages=pages))])
    work_until_death(office, office_installation, step)
    take_over_cursor(office)
    about = sent.envelope.document_id

    def found() -> list[Arrival]:
        return list(see(made, lambda: list(Arrival.objects.filter(identifier=about))))

    with office.exchanging() as round_:
        until(round_, lambda: [each.state for each in found()] == [ArrivalState.WAITING.value], "it waits")
        for _ in range(3):
            round_()
    (arrival,) = found()
    key = f"status-{arrival.pk}-01"
    assert see(made, lambda: Message.objects.filter(key=key).count()) == 1
    where = f"/arrivals/{arrival.pk}"
    told = see(made, lambda: list(Notice.objects.filter(where=where)))
    assert [each.account_id for each in told] == [made.people[Duty.REGISTRAR].pk]
