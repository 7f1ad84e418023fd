"""The manifest of a proof file: the digest of every entry, in the XML that readers of ASiC know.

Source: EN 319 162-1 clause A.4 (ASiCManifest), namespace of TS 102 918. The form is fixed to the byte, so it is checked
by making it again; no XML is parsed. ``SigReference`` names the axis's statement, a JWS. Our JWS covers the digests of
the evidence (see :mod:`lienthong.packages.evidence`), not this manifest: a reader of ASiC can open the container and
check the digests; conformance to the CAdES or XAdES profiles of ASiC is not claimed.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping

NAME = "META-INF/ASiCManifest.xml"
SIGNATURE = "META-INF/signature.jws"
MIMETYPE = "mimetype"
MIMETYPE_CONTENT = b"application/vnd.etsi.asic-e+zip"

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<a:ASiCManifest xmlns:a="http://uri.etsi.org/02918/v1.2.1#" xmlns:d="http://www.w3.org/2000/09/xmldsig#">\n'
    f'<a:SigReference URI="{SIGNATURE}" MimeType="application/jose"/>\n'
)
_ROW = (
    '<a:DataObjectReference URI="{name}"><d:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>'
    "<d:DigestValue>{digest}</d:DigestValue></a:DataObjectReference>\n"
)
_TAIL = "</a:ASiCManifest>\n"
_READ_ROW = re.compile(rb'URI="([^"]{1,80})"><d:DigestMethod [^>]*/><d:DigestValue>([^<]{44})<')


def make_manifest(digests: Mapping[str, bytes]) -> bytes:
    """The manifest over SHA-256 digests by entry name, in the order of the container."""
    rows = (_ROW.format(name=name, digest=base64.b64encode(digest).decode("ascii")) for name, digest in digests.items())
    return (_HEAD + "".join(rows) + _TAIL).encode("ascii")


def differing(manifest: bytes, digests: Mapping[str, bytes]) -> tuple[str, ...]:
    """Names whose digest is not the manifest's; for explanation only, the manifest is not trusted in any way."""
    listed = {name.decode("ascii", "replace"): digest for name, digest in _READ_ROW.findall(manifest)}
    return tuple(name for name, digest in digests.items() if listed.get(name) != base64.b64encode(digest))
