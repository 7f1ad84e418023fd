"""Trusted lists in the XML of the standard, as public authorities publish them: signed, with services and their dates.

Source: ETSI TS 119 612 V2.2.1 clauses 5.3 to 5.7. Only what makes an anchor is read: the certificate of a service that
issues certificates or time stamps, from when its status counts, until when. The publisher's certificate is known
beforehand; the signature must be its, over the whole list.
"""

from __future__ import annotations

import binascii
from collections.abc import Iterator
from datetime import UTC, datetime

from cryptography import x509
from lxml import etree

from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.trust.certificates import SIGNING, TIMESTAMPING, load_certificate
from lienthong.trust.validation.errors import TRUST_LIST_NOT_VALID
from lienthong.trust.validation.stores import Anchor
from lienthong.trust.validation.trust_list import MAXIMUM_ANCHORS, TrustList
from lienthong.trust.validation.xml_core import Wrong, identifiers, read_signature, signatures_in
from lienthong.trust.xml_signature import MAXIMUM_XML_BYTES, Stopped, parse_xml

_TSL = "{http://uri.etsi.org/02231/v2#}"
_PURPOSES = {"/CA/QC": SIGNING, "/CA/PKC": SIGNING, "/TSA/QTST": TIMESTAMPING, "/TSA": TIMESTAMPING}
_GOOD = ("/granted", "/undersupervision", "/accredited", "/recognisedatnationallevel", "/setbynationallaw")


def read_national_list(
    xml: bytes, publisher: x509.Certificate, store: str, at: datetime, newer_than: int = -1
) -> TrustList:
    """The anchors of a list. Refuses: TRUST_LIST_NOT_VALID.

    ``newer_than``: the sequence number of the list in use. A list whose next update is past is refused too.
    """
    try:
        root = parse_xml(xml, MAXIMUM_XML_BYTES)
        identifiers(root)
        _require_signed(root, publisher)
        sequence, issued, following = _scheme(root)
        anchors = tuple(dict.fromkeys(_anchors(root, store)))
    except Stopped as stopped:
        raise _refused(stopped.check.en) from stopped
    except Wrong as wrong:
        raise _refused(wrong.finding.en) from wrong
    except (ValueError, TypeError, binascii.Error) as error:
        raise _refused(str(error)) from error
    if sequence <= newer_than:
        raise _refused(f"sequence {sequence} is not newer than {newer_than}")
    if issued > at or (following is not None and following < at):
        raise _refused("issued in the future, or its next update is past")
    if not 0 < len(anchors) <= MAXIMUM_ANCHORS:
        raise _refused("no service that counts, or too many")
    return TrustList(store, issued, sequence, anchors)


def _require_signed(root: etree._Element, publisher: x509.Certificate) -> None:
    found = list(signatures_in(root))
    if len(found) != 1 or found[0].getparent() is not root:
        raise ValueError("not exactly one signature of the whole list")
    signature = read_signature(found[0])
    for finding in signature.findings:
        if finding.sub is not None:
            raise Wrong(finding)
    if root not in signature.covered or signature.certificate != publisher:
        raise ValueError("not signed by the publisher over the whole list")


def _scheme(root: etree._Element) -> tuple[int, datetime, datetime | None]:
    scheme = f"{_TSL}SchemeInformation/{_TSL}"
    sequence, issued = root.findtext(f"{scheme}TSLSequenceNumber"), root.findtext(f"{scheme}ListIssueDateTime")
    following = root.findtext(f"{scheme}NextUpdate/{_TSL}dateTime")
    if sequence is None or issued is None:
        raise ValueError("no sequence number or date of issue")
    return int(sequence), _instant(issued), _instant(following) if following else None


def _anchors(root: etree._Element, store: str) -> Iterator[Anchor]:
    """One for each period in which a service counted; the present period has no end."""
    for service in root.iter(f"{_TSL}TSPService"):
        present = service.find(f"{_TSL}ServiceInformation")
        periods = [] if present is None else [present]
        periods += service.findall(f"{_TSL}ServiceHistory/{_TSL}ServiceHistoryInstance")
        end: datetime | None = None
        for period in periods:
            begin = _instant(period.findtext(f"{_TSL}StatusStartingTime") or "")
            kind = period.findtext(f"{_TSL}ServiceTypeIdentifier") or ""
            purpose = next((purpose for name, purpose in _PURPOSES.items() if kind.strip().endswith(name)), None)
            good = (period.findtext(f"{_TSL}ServiceStatus") or "").strip().endswith(_GOOD)
            if purpose is not None and good and present is not None:
                for certificate in _certificates(present):
                    yield Anchor(certificate, store, frozenset({purpose}), begin, end)
            end = begin


def _certificates(service: etree._Element) -> Iterator[x509.Certificate]:
    place = f"{_TSL}ServiceDigitalIdentity/{_TSL}DigitalId/{_TSL}X509Certificate"
    for element in service.findall(place):
        yield load_certificate(binascii.a2b_base64("".join((element.text or "").split())))


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text.strip())
    if instant.tzinfo is None:
        raise ValueError("a date without its zone")
    return instant.astimezone(UTC)


def _refused(reason: str) -> Refused:
    return Refused(TRUST_LIST_NOT_VALID, reason=one_line(reason, 160))
