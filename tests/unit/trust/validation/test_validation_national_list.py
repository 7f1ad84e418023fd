"""Trusted lists in the XML of ETSI TS 119 612, signed by xmlsec1."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from lienthong.base.errors import Refused
from lienthong.trust.certificates import SIGNING, TIMESTAMPING
from lienthong.trust.validation.national_list import read_national_list
from signing_world import NOW, World, cert_pem, key_pem

_DS = "http://www.w3.org/2000/09/xmldsig#"
_TYPE = "http://uri.etsi.org/TrstSvc/Svctype"
_STATUS = "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus"


@pytest.fixture(scope="module")
def world() -> World:
    return World.make()


def period(name: str, kind: str, status: str, days: int, certificate: str) -> str:
    identity = f"<DigitalId><X509Certificate>{certificate}</X509Certificate></DigitalId>"
    since = (NOW - timedelta(days=days)).isoformat().replace("+00:00", "Z")
    return (
        f"<{name}><ServiceTypeIdentifier>{_TYPE}{kind}</ServiceTypeIdentifier><ServiceDigitalIdentity>{identity}"
        f"</ServiceDigitalIdentity><ServiceStatus>{_STATUS}{status}</ServiceStatus>"
        f"<StatusStartingTime>{since}</StatusStartingTime></{name}>"
    )


def published(world: World, folder: Path, sequence: int = 5, following: int = 30) -> bytes:
    """The issuing authority counted until ten days ago; the root counts for time stamps."""
    ca, root = ("".join(cert_pem(item.certificate).decode().splitlines()[1:-1]) for item in (world.issuing, world.root))
    history = f"<ServiceHistory>{period('ServiceHistoryInstance', '/CA/QC', '/granted', 900, ca)}</ServiceHistory>"
    services = f"<TSPService>{period('ServiceInformation', '/CA/QC', '/withdrawn', 10, ca)}{history}</TSPService>"
    services += f"<TSPService>{period('ServiceInformation', '/TSA/QTST', '/granted', 50, root)}</TSPService>"
    dates = [(NOW + timedelta(days=days)).isoformat().replace("+00:00", "Z") for days in (-1, following)]
    xml = (
        '<TrustServiceStatusList xmlns="http://uri.etsi.org/02231/v2#" Id="list"><SchemeInformation>'
        f"<TSLSequenceNumber>{sequence}</TSLSequenceNumber><ListIssueDateTime>{dates[0]}</ListIssueDateTime>"
        f"<NextUpdate><dateTime>{dates[1]}</dateTime></NextUpdate></SchemeInformation>"
        f"<TrustServiceProviderList>{services}</TrustServiceProviderList>"
        f'<Signature xmlns="{_DS}"><SignedInfo><CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>'
        '<SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/><Reference URI=""><Transforms>'
        f'<Transform Algorithm="{_DS}enveloped-signature"/><Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>'
        '</Transforms><DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><DigestValue/></Reference>'
        "</SignedInfo><SignatureValue/><KeyInfo><X509Data/></KeyInfo></Signature></TrustServiceStatusList>"
    )
    (folder / "t.xml").write_text(xml)
    (folder / "key.pem").write_bytes(key_pem(world.agency.key))
    (folder / "cert.pem").write_bytes(cert_pem(world.agency.certificate))
    command = ["xmlsec1", "--sign", "--privkey-pem", "key.pem,cert.pem", "t.xml"]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True).stdout


def test_services_become_dated_anchors(world: World, tmp_path: Path) -> None:
    listed = read_national_list(published(world, tmp_path), world.agency.certificate, "national", NOW)
    assert listed.sequence == 5
    issuing, stamping = listed.anchors
    assert (issuing.certificate, issuing.purposes) == (world.issuing.certificate, frozenset({SIGNING}))
    assert issuing.trusted(SIGNING, NOW - timedelta(days=20))
    assert not issuing.trusted(SIGNING, NOW)
    assert (stamping.certificate, stamping.purposes) == (world.root.certificate, frozenset({TIMESTAMPING}))
    assert stamping.not_after is None


def test_a_list_that_is_changed_foreign_old_or_stale_is_refused(world: World, tmp_path: Path) -> None:
    good = published(world, tmp_path)
    stale = published(world, tmp_path, following=-1)
    attempts = [
        (good.replace(b"/withdrawn", b"/granted"), world.agency.certificate, -1),
        (good, world.person.certificate, -1),
        (good, world.agency.certificate, 5),
        (stale, world.agency.certificate, -1),
        (b"<x/>", world.agency.certificate, -1),
    ]
    for xml, publisher, newer in attempts:
        with pytest.raises(Refused) as refused:
            read_national_list(xml, publisher, "national", NOW, newer)
        assert refused.value.code.name == "TRUST_LIST_NOT_VALID"


def test_the_verb_imports_a_list_once_and_refuses_it_again(world: World, tmp_path: Path) -> None:
    (tmp_path / "list.xml").write_bytes(published(world, tmp_path))
    command = [
        sys.executable,
        "-m",
        "lienthong.roles.cli",
        "trust",
        "import",
        tmp_path / "store",
        tmp_path / "list.xml",
    ]
    command += ["--publisher", tmp_path / "cert.pem", "--store", "national", "--json"]
    first = subprocess.run(command, capture_output=True, text=True, check=False)
    assert [row["store"] for row in json.loads(first.stdout)["anchors"]] == ["national", "national"]
    again = subprocess.run(command, capture_output=True, text=True, check=False)
    assert json.loads(again.stdout)["error"]["code"] == "TRUST_LIST_NOT_VALID"
