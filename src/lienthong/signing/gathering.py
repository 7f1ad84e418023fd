"""Certificates and revocation data that a signature needs to be judged later, from wherever they can be had.

Source: ETSI EN 319 142-1 clause 6.3 (B-LT: the full set for signer, authorities and time stamps). What the document
carries already is not fetched again; then come files, OCSP, revocation lists. What cannot be had is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509

from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.infra.revocation_errors import REVOCATION_ADDRESS_MISSING
from lienthong.signing.errors import REVOCATION_AWAY, REVOCATION_SAYS_REVOKED
from lienthong.signing.evidence import Evidence
from lienthong.trust.revocation import RevocationData, load_revocation, revoked_at
from lienthong.trust.validation.paths import Link, is_self_issued, is_shown, links, path_of


@dataclass(frozen=True, slots=True)
class Need:
    """A certificate that is to be judged for the instant ``at``: a signer's, or a time stamping authority's."""

    certificate: x509.Certificate
    at: datetime


@dataclass(slots=True)
class Gathered:
    """What was found that the document lacks, and a refusal for each thing that was not.

    ``certificates``: every certificate of every path. ``crls``, ``answers``: DER.
    """

    certificates: list[x509.Certificate] = field(default_factory=list)
    crls: list[bytes] = field(default_factory=list)
    answers: list[bytes] = field(default_factory=list)
    missing: list[Refused] = field(default_factory=list)


def gather(
    needs: Sequence[Need],
    pool: Sequence[x509.Certificate],
    present: RevocationData,
    evidence: Evidence,
) -> Gathered:
    """What ``needs`` want beyond ``present``. ``pool``: certificates at hand, from which paths are put together."""
    return _Gathering(pool, present, evidence).run(needs)


class _Gathering:
    def __init__(self, pool: Sequence[x509.Certificate], present: RevocationData, evidence: Evidence) -> None:
        self._evidence, self._data = evidence, present
        self._pool = [*pool, *evidence.certificates, *(evidence.authority.chain if evidence.authority else ())]
        self._found = Gathered()
        self._files: list[bytes] | None = None
        self._issuer_refused: dict[x509.Certificate, Refused] = {}

    def run(self, needs: Sequence[Need]) -> Gathered:
        for need in needs:
            path = self._path(need.certificate)
            self._found.certificates += [each for each in path if each not in self._found.certificates]
            for link in links(path):
                if not is_shown(link, need.at, self._data):
                    self._look_for(link, need.at)
        unique = {(each.code.name, each.sentence("en")): each for each in self._found.missing}
        self._found.missing = list(unique.values())
        return self._found

    def _path(self, certificate: x509.Certificate) -> tuple[x509.Certificate, ...]:
        """The path as far as it can be known; where it ends below a root, its authority is asked for the next one."""
        path = path_of(certificate, self._pool)
        while self._evidence.sources is not None and not is_self_issued(path[-1]) and len(path) < 8:
            try:
                self._pool.append(self._evidence.sources.issuer(path[-1]))
            except Refused as refused:
                # Files may still have the list of an issuer whose certificate nobody has.
                self._issuer_refused[path[-1]] = refused
                break
            longer = path_of(certificate, self._pool)
            if len(longer) == len(path):
                break
            path = longer
        return path

    def _look_for(self, link: Link, at: datetime) -> None:
        try:
            tried = self._from_files(link, at) or self._from_sources(link, at)
        except Refused as refused:
            self._found.missing.append(refused)
            return
        if not tried:
            self._found.missing.append(self._nothing(link))

    def _from_files(self, link: Link, at: datetime) -> bool:
        if self._files is None:
            self._files = self._evidence.crls()
        for der in self._files:
            if is_shown(link, at, load_revocation(crls=[der])):
                self._take(load_revocation(crls=[der]))
                self._found.crls.append(der)
                return True
        return False

    def _from_sources(self, link: Link, at: datetime) -> bool:
        """OCSP first: its answer is small and of this moment. Refuses what the last source refused."""
        certificate, issuer = link
        sources, refused = self._evidence.sources, None
        if sources is None or issuer is None:
            return False
        for ask, kept in ((sources.answer, self._found.answers), (sources.crl, self._found.crls)):
            try:
                der = ask(certificate, issuer)
            except Refused as error:
                # A certificate without such an address says less than one whose source is away.
                refused = error if refused is None or error.code is not REVOCATION_ADDRESS_MISSING else refused
                continue
            read = load_revocation(answers=[der]) if kept is self._found.answers else load_revocation(crls=[der])
            kept.append(der)
            self._take(read)
            if is_shown(link, at, self._data):
                return True
            if (when := revoked_at(certificate, issuer, read)) is not None:
                raise Refused(REVOCATION_SAYS_REVOKED, name=_name(certificate), at=f"{when:%d/%m/%Y %H:%M} UTC")
        if refused is not None:
            raise refused
        return False

    def _take(self, read: RevocationData) -> None:
        self._data = RevocationData((*self._data.crls, *read.crls), (*self._data.ocsp, *read.ocsp))

    def _nothing(self, link: Link) -> Refused:
        certificate, issuer = link
        if issuer is None and certificate in self._issuer_refused:
            return self._issuer_refused[certificate]
        if self._evidence.sources is None and not self._evidence.crl_files:
            reason = "hồ sơ người ký không khai nguồn nào (none configured)"
        elif issuer is None:
            reason = f"không có chứng thư số bên cấp «{_name(certificate, issuer=True)}» (its issuer is not at hand)"
        else:
            reason = f"không nguồn nào nói về «{_name(certificate)}» (no source speaks of it)"
        return Refused(REVOCATION_AWAY, reason=reason)


def _name(certificate: x509.Certificate, issuer: bool = False) -> str:
    return one_line((certificate.issuer if issuer else certificate.subject).rfc4514_string(), 120)
