"""The manifest as a reader of ASiC sees it."""

import base64
import io
from hashlib import sha256

from lxml import etree

from lienthong.packages.container import Container
from lienthong.packages.manifest import NAME, SIGNATURE, differing, make_manifest
from unit.verifier.proof_story import Story

STORY = Story().whole()
BOX = Container(io.BytesIO(STORY.file(STORY.evidence())))
MANIFEST = BOX.read(NAME, 1 << 20)
SPACES = {"asic": "http://uri.etsi.org/02918/v1.2.1#", "ds": "http://www.w3.org/2000/09/xmldsig#"}


def test_an_xml_reader_finds_every_entry_with_its_digest():
    root = etree.fromstring(MANIFEST)
    assert root.tag == "{http://uri.etsi.org/02918/v1.2.1#}ASiCManifest"
    assert [row.get("URI") for row in root.findall("asic:SigReference", SPACES)] == [SIGNATURE]
    rows = root.findall("asic:DataObjectReference", SPACES)
    found = {row.get("URI"): base64.b64decode(row.findtext("ds:DigestValue", namespaces=SPACES)) for row in rows}
    assert found == {name: sha256(BOX.read(name, 1 << 20)).digest() for name in BOX.names if name != NAME}
    methods = {row.find("ds:DigestMethod", SPACES).get("Algorithm") for row in rows}
    assert methods == {"http://www.w3.org/2001/04/xmlenc#sha256"}


def test_a_differing_entry_is_named():
    digests = {"a": sha256(b"a").digest(), "b": sha256(b"b").digest()}
    made = make_manifest(digests)
    assert differing(made, digests) == ()
    assert differing(made, digests | {"b": sha256(b"c").digest()}) == ("b",)
    assert differing(b"rubbish", digests) == ("a", "b")
