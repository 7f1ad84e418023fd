"""A signer with its certificate (người ký có chứng thư số), opened from a profile: file, token or remote service.

Every kind is a :class:`~lienthong.trust.signer.Signer`; what prepares and embeds a signature never asks which. A PIN is
offered to a token once an entry and never again: see :mod:`lienthong.infra.token_signer`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from lienthong.base.clock import SystemClock
from lienthong.base.errors import Refused
from lienthong.infra.credential_errors import KEY_SECRET_MISSING
from lienthong.infra.credentials import Credentials, check_chain, open_key_file, open_key_uri, read_chain
from lienthong.infra.keys import read_secret
from lienthong.infra.token_signer import TokenSigner, look_at_token
from lienthong.infra.token_uri import read_token_uri
from lienthong.signing.csc.client import open_remote
from lienthong.signing.errors import SIGNER_NEEDS_DOCUMENT, SIGNER_PROFILE_INVALID
from lienthong.signing.profiles import Kind, Role, SignerProfile
from lienthong.trust.keys import Algorithm, PublicKey
from lienthong.trust.signer import Signer


@dataclass(frozen=True, slots=True)
class CertifiedSigner:
    """A key that can sign, the certificate that says whose it is, and how its owner appears in a document.

    ``chain``: the certificates above it, as far as they are known; the signer's own is not among them.
    """

    profile: SignerProfile
    signer: Signer
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...] = ()

    @property
    def role(self) -> Role:
        return self.profile.role

    @property
    def key_id(self) -> str:
        return self.signer.key_id

    @property
    def algorithm(self) -> Algorithm:
        return self.signer.algorithm

    @property
    def public_key(self) -> PublicKey:
        return self.signer.public_key

    def sign(self, data: bytes) -> bytes:
        """As :meth:`Signer.sign`; a lost token is TOKEN_AWAY, and the same call may be repeated when it is back."""
        return self.signer.sign(data)

    def close(self) -> None:
        """Forget the session of a token, and with it the PIN; other kinds hold nothing open."""
        if isinstance(self.signer, TokenSigner):
            self.signer.close()


def open_certified(profile: SignerProfile, secret: bytes | None = None, at: datetime | None = None) -> CertifiedSigner:
    """Open a signer.

    ``secret``: password or PIN as entered; else the one of ``password_file``. ``at``: when the certificate must be
    valid, now by default. Refuses SIGNER_PROFILE_INVALID, SIGNER_NEEDS_DOCUMENT, KEY_SECRET_MISSING,
    KEY_PASSWORD_WRONG, CERTIFICATE_NOT_OF_KEY, CERTIFICATE_OUT_OF_TIME, what a token refuses (TOKEN_…) and
    REMOTE_SIGNING_FAILED.
    """
    found = _open(profile, secret_of(profile) if secret is None else secret)
    if not found.chain:
        why = "không có chứng thư số; khai “certificate”", "there is no certificate; set “certificate”"
        raise Refused(SIGNER_PROFILE_INVALID, file=profile.file, why_vi=why[0], why_en=why[1])
    check_chain(found, at or SystemClock().now())
    return CertifiedSigner(profile, found.signer, found.chain[0], found.chain[1:])


def secret_of(profile: SignerProfile) -> bytes | None:
    """The password or PIN of a profile's file, None when it names none. Refuses KEY_SECRET_MISSING, KEY_EXPOSED."""
    if profile.password_file is None:
        return None
    found = read_secret(profile.password_file).rstrip(b"\r\n")
    if not found:
        raise Refused(KEY_SECRET_MISSING, where=profile.password_file)
    return found


def certificates_of(profile: SignerProfile) -> tuple[x509.Certificate, ...]:
    """Certificate and chain as far as they can be known without a secret: the signer's own first, or none at all.

    Refuses CERTIFICATE_NOT_READABLE, KEY_MISSING, and what :func:`look_at_token` refuses.
    """
    above = read_chain(profile.chain) if profile.chain is not None else ()
    if profile.certificate is not None:
        return (*read_chain(profile.certificate), *above)
    if profile.token is not None:
        return (*look_at_token(read_token_uri(profile.token)).certificates[:1], *above)
    return ()


def _open(profile: SignerProfile, secret: bytes | None) -> Credentials:
    if profile.kind is Kind.AGENT:
        raise Refused(SIGNER_NEEDS_DOCUMENT, signer=profile.label)
    if profile.kind is Kind.REMOTE:
        return open_remote(profile, secret)
    above = read_chain(profile.chain) if profile.chain is not None else ()
    given = read_chain(profile.certificate) if profile.certificate is not None else ()
    if profile.token is not None and profile.kind is Kind.PKCS11:
        found = open_key_uri(profile.token, secret, given)
    elif profile.key is not None:
        found = open_key_file(profile.key, secret, given)
    else:
        raise Refused(SIGNER_PROFILE_INVALID, file=profile.file, why_vi="thiếu “key”", why_en="“key” is missing")
    own = found.chain
    return Credentials(found.signer, (*own, *(each for each in above if each not in own)))
