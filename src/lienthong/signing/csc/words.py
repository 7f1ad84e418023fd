"""Identifiers on the wire of the CSC API: object identifiers of digests and of signature algorithms.

Source: RFC 5754, RFC 8017 appendix A, RFC 5758 clause 3.2; CSC API v2 clauses 11.5 and 11.11.
"""

from __future__ import annotations

from lienthong.trust.keys import Algorithm

HASH_OIDS = {
    "sha256": "2.16.840.1.101.3.4.2.1",
    "sha384": "2.16.840.1.101.3.4.2.2",
    "sha512": "2.16.840.1.101.3.4.2.3",
}
"""By the names of ``hashlib``."""

SIGN_OIDS = {
    Algorithm.RS256: "1.2.840.113549.1.1.11",
    Algorithm.ES256: "1.2.840.10045.4.3.2",
    Algorithm.ES384: "1.2.840.10045.4.3.3",
}
"""What a credential of this service signs with; the digest is part of each."""

BASE = "/csc/v2/"
SPECS = "2.0.0.2"
AT_MOST = 200
"""Digests that one authorisation may cover (``multisign``)."""
