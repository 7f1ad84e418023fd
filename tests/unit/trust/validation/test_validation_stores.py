"""Trust stores and signed lists: dated, separate, and refused in words when they are not what they should be."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from lienthong.base.clock import to_text
from lienthong.base.errors import Refused
from lienthong.trust import jws
from lienthong.trust.certificates import SIGNING, TIMESTAMPING
from lienthong.trust.pdf.validate import validate_pdf
from lienthong.trust.signer import MemorySigner
from lienthong.trust.validation.explanations import why
from lienthong.trust.validation.model import Role
from lienthong.trust.validation.policy import DOCUMENT_POLICY, RoleRule
from lienthong.trust.validation.roles import role_of
from lienthong.trust.validation.store_files import read_store
from lienthong.trust.validation.stores import Anchor, TrustStores
from lienthong.trust.validation.trust_list import TYPE, read_list, sign_list
from lienthong.trust.verdict import Verdict
from signing_world import NOW, World, cert_pem, plain_pdf


@pytest.fixture(scope="module")
def world() -> World:
    return World.make()


@pytest.fixture(scope="module")
def publisher() -> MemorySigner:
    return MemorySigner(ec.generate_private_key(ec.SECP256R1()))


def test_a_folder_without_dates_is_a_store_of_its_roots(world: World) -> None:
    files = {
        "a.pem": cert_pem(world.root.certificate),
        "b.crt": cert_pem(world.issuing.certificate),
        "c.crl": world.crl(),
    }
    store = read_store(files, "national")
    assert [(anchor.store, anchor.certificate) for anchor in store.anchors] == [("national", world.root.certificate)]
    assert store.intermediates == (world.issuing.certificate,)
    assert len(store.revocation.crls) == 1
    assert read_store(files, "anything").anchors[0].store == "test"


def test_dates_and_purposes_of_a_store_are_kept(world: World) -> None:
    toml = (
        'store = "official-duty"\n[[anchor]]\nfile = "a.pem"\npurposes = ["signing"]\n'
        "not_before = 2024-01-01T00:00:00+07:00\nnot_after = 2030-01-01T00:00:00+07:00\n"
    )
    anchor = read_store({"a.pem": cert_pem(world.root.certificate), "store.toml": toml.encode()}, "x").anchors[0]
    assert anchor.trusted(SIGNING, NOW)
    assert not anchor.trusted(TIMESTAMPING, NOW)
    assert not anchor.trusted(SIGNING, NOW + timedelta(days=3650))
    assert not anchor.trusted(SIGNING, NOW - timedelta(days=3650))


@pytest.mark.parametrize(
    "toml",
    ["store = 1", 'store = "mine"', 'store = "test"', 'store = "test"\n[[anchor]]\nfile = "z.pem"', "=",
     'store = "test"\n[[anchor]]\nfile = "a.pem"\npurposes = ["all"]',
     'store = "test"\n[[anchor]]\nfile = "a.pem"\nnot_after = 2030-01-01T00:00:00',
     'store = "test"\n[[anchor]]\nfile = "a.pem"\ncolour = 1'],
)  # fmt: skip
def test_a_store_that_is_not_understood_is_refused(world: World, toml: str) -> None:
    with pytest.raises(Refused) as refused:
        read_store({"a.pem": cert_pem(world.root.certificate), "store.toml": toml.encode()}, "x")
    assert refused.value.code.name == "TRUST_STORE_NOT_USABLE"


def test_a_root_that_is_no_longer_trusted_proves_nothing(world: World) -> None:
    pdf = world.sign_pdf(plain_pdf(), world.person, "A")
    context = world.context()
    ended = Anchor(world.root.certificate, "test", not_after=NOW - timedelta(days=1))
    stores = TrustStores((ended,), context.stores.intermediates, context.stores.revocation)
    assert validate_pdf(io.BytesIO(pdf), replace(context, stores=stores)).verdict is Verdict.INDETERMINATE
    stamping_only = replace(ended, not_after=None, purposes=frozenset({TIMESTAMPING}))
    stores = replace(stores, anchors=(stamping_only,))
    assert validate_pdf(io.BytesIO(pdf), replace(context, stores=stores)).verdict is Verdict.INDETERMINATE


def test_a_signed_list_comes_back_as_it_was_published(world: World, publisher: MemorySigner) -> None:
    anchors = (Anchor(world.root.certificate, "national", frozenset({SIGNING}), NOW, NOW + timedelta(days=9)),)
    token = sign_list(anchors, "national", 3, NOW, publisher)
    listed = read_list(token, publisher.public_key, NOW, newer_than=2)
    assert listed.anchors == anchors
    assert (listed.store, listed.sequence, listed.issued_at) == ("national", 3, NOW)


def test_a_list_that_is_old_foreign_changed_or_from_the_future_is_refused(
    world: World, publisher: MemorySigner
) -> None:
    token = sign_list((Anchor(world.root.certificate, "test"),), "test", 3, NOW, publisher)
    other = MemorySigner(ec.generate_private_key(ec.SECP256R1()))
    bad = json.dumps({"store": "test", "issued_at": to_text(NOW), "sequence": 9, "anchors": [{}]}).encode()
    attempts = [
        (token, publisher.public_key, NOW, 3),
        (token, other.public_key, NOW, -1),
        (token[:-4] + b"AAAA", publisher.public_key, NOW, -1),
        (token, publisher.public_key, NOW - timedelta(days=1), -1),
        (jws.sign(bad, publisher, TYPE), publisher.public_key, NOW, -1),
        (jws.sign(bad, publisher, "other+jwt"), publisher.public_key, NOW, -1),
    ]
    for given in attempts:
        with pytest.raises(Refused) as refused:
            read_list(*given)
        assert refused.value.code.name == "TRUST_LIST_NOT_VALID"


def test_the_role_is_read_from_the_certificate_by_the_rule_of_its_day(world: World) -> None:
    assert role_of(world.person.certificate, DOCUMENT_POLICY) is Role.PERSON
    assert role_of(world.agency.certificate, DOCUMENT_POLICY) is Role.AGENCY
    ended = replace(DOCUMENT_POLICY, roles=(RoleRule(not_after=NOW - timedelta(days=1000)),))
    assert role_of(world.person.certificate, ended) is Role.UNKNOWN
    nameless = replace(DOCUMENT_POLICY, roles=(RoleRule(default_person=False),))
    assert role_of(world.tsa.certificate, nameless) is Role.UNKNOWN


def test_every_check_of_a_report_says_why_it_is_made() -> None:
    for name in (
        "pdf.changes",
        "signature.value",
        "certificate.path",
        "timestamp.imprint",
        "xml.coverage",
        "cms.content",
    ):
        assert why(name, "vi") != why(name, "en") != ""
    assert why("unheard.of", "vi") == ""
