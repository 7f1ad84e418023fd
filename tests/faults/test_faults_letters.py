"""The worker dies while it sends a document by e-mail: nothing is lost, and what comes twice is one letter by its name."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from axis_process import SOURCE
from fixtures_office import FOLDER, OfficeInstallation
from letter_server import LetterServer, letter_server
from lienthong.infra.office_config import OfficeConfig
from lienthong.office.models import Delivery
from lienthong.office.services.draft_content import Recipient
from lienthong.office.services.mail_documents import mail_documents
from lienthong.office.states import DeliveryState
from lienthong.roles.office_works import post_document
from lienthong.webkit.site.configure import site
from lienthong.webkit.site.tenancy import acting_for
from office_world import visit_of_worker
from outgoing_world import OutgoingAgency, make_outgoing

MAIL = {"mail_security": "tls", "mail_from": "van-phong@tinh.example"}


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LetterServer]:
    with letter_server(tmp_path) as found:
        monkeypatch.setenv("SSL_CERT_FILE", str(found.certificate))
        yield found


@pytest.fixture
def world(office_installation: object, agency_number: int, monkeypatch: pytest.MonkeyPatch) -> OutgoingAgency:
    monkeypatch.setitem(site().context, "mails", True)
    return make_outgoing(agency_number)


def work_until_death(folder: Path, installation: OfficeInstallation, server: LetterServer, step: str) -> None:
    """A worker of its own on the same database and files, which dies at a step."""
    config = folder / "office.toml"
    data = {"dsn": installation.owner_dsn, "data_dir": str(FOLDER), "kill_at": step,
            "mail_server": f"127.0.0.1:{server.port}", **MAIL}  # fmt: skip
    config.write_text("[office]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in data.items()))
    (FOLDER / "secret").write_bytes(b"t" * 32)
    (FOLDER / "secret").chmod(0o600)
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "PYTHONPATH": str(SOURCE),
           "SSL_CERT_FILE": str(server.certificate)}  # fmt: skip
    with (folder / "worker.log").open("wb") as log:
        worker = subprocess.Popen(
            [sys.executable, "-m", "lienthong.roles.cli", "office", "worker", "--config", str(config)],
            stdout=log, stderr=log, env=env,
        )  # fmt: skip
        try:
            assert worker.wait(120) == -signal.SIGKILL, (folder / "worker.log").read_text()
        finally:
            worker.kill()


@pytest.mark.parametrize(("step", "letters"), [("office.letter_begun", 0), ("office.letter_handed", 1)])
def test_a_letter_whose_worker_died_is_sent_under_the_same_name(
    world: OutgoingAgency, server: LetterServer, office_installation: OfficeInstallation, tmp_path: Path, step: str,
    letters: int,
) -> None:  # fmt: skip
    document = world.issued(recipients=(Recipient("Thư viện tỉnh", "email", address="a@tinh.example"),))
    work_until_death(tmp_path, office_installation, server, step)
    with acting_for(world.made.agency.pk):
        row = Delivery.objects.get(document=document)
        assert (row.state, row.tries, len(server.letters)) == (DeliveryState.SENDING.value, 1, letters)
        Delivery.objects.filter(pk=row.pk).update(next_at=row.document.issued_at)
    config = OfficeConfig(data_dir=tmp_path, mail_server=f"127.0.0.1:{server.port}", **MAIL)
    with visit_of_worker(world.made) as visit:
        assert [mail_documents(visit, partial(post_document, config)) for _ in range(2)] == [1, 0]
    assert len(server.letters) == letters + 1
    assert {each["Message-ID"] for each in server.letters} == {f"<document-{document}.{row.pk}.1@tinh.example>"}
    with acting_for(world.made.agency.pk):
        assert Delivery.objects.get(document=document).state == DeliveryState.DELIVERED.value
