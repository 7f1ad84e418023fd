"""An office that trusts a device's root and knows where the agent is; and the leader signed in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from lienthong.office.services import device_certificates
from lienthong.webkit.site.configure import site
from lienthong.webkit.site.duties import Duty
from outgoing_world import OutgoingAgency
from signers_world import Holder, People


def trusting(monkeypatch: pytest.MonkeyPatch, folder: Path, people: People) -> None:
    """Let the office's trust stores hold the root of these people."""
    stores = folder / "trust"
    stores.mkdir()
    (stores / "root.crt").write_bytes(people.root.certificate.public_bytes(Encoding.PEM))
    _set(monkeypatch, "trust", stores)


def confirm(world: OutgoingAgency, holder: Holder, duty: Duty = Duty.LEADER) -> None:
    """The person asks about the certificate, and the administrator says that it is his."""
    with world.visit(duty) as visit:
        asked = device_certificates.ask(visit, holder.certificate)
    with world.visit(Duty.ADMINISTRATOR) as visit:
        device_certificates.decide(visit, asked.pk, confirmed=True)


def agent_at(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """Let the office's page look for the agent at an address."""
    _set(monkeypatch, "sign_agent", address)


def be_leader(page: Any, office: str, world: OutgoingAgency) -> None:
    """The browser is the leader's."""
    cookie = world.made.client(Duty.LEADER).cookies["lienthong"].value
    page.context.add_cookies([{"name": "lienthong", "value": cookie, "url": office}])


def _set(monkeypatch: pytest.MonkeyPatch, name: str, value: object) -> None:
    monkeypatch.setitem(site().context, name, value)
