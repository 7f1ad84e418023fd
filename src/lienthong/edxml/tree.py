"""From bytes to elements: parse once, safely, and find envelope, header, body and attachments.

Source: exchange facts §1.2 (tree), §1.9 traps 10 (undeclared ``xlink:``) and 13 (other roots and namespaces).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from unicodedata import normalize

from lxml import etree

from lienthong.base.errors import ProblemKind, Refused
from lienthong.base.text import nfc
from lienthong.edxml.errors import EDXML_DOCTYPE, EDXML_NOT_EDXML, EDXML_NOT_XML, EDXML_TOO_DEEP
from lienthong.edxml.findings import WARNING, Findings
from lienthong.edxml.guard import guard, root_offset
from lienthong.edxml.limits import Limits
from lienthong.edxml.names import NAMESPACE, OLD_NAMESPACES, XLINK, canonical, split, usual_name

_XLINK_ELEMENT = re.compile(rb"</?xlink:")
_ROOT_NAME = re.compile(rb"<[^\s/>!?]+")
_BLANKS = " \t\r\n"


@dataclass(slots=True)
class Parts:
    """The places of a packet; ``None`` where the packet has none."""

    envelope: etree._Element
    header: etree._Element
    message: etree._Element
    trace: etree._Element | None = None
    signature: etree._Element | None = None
    manifests: list[etree._Element] = field(default_factory=list)
    attachments: list[etree._Element] = field(default_factory=list)


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )


def parse(data: bytes, limits: Limits, findings: Findings) -> etree._Element:
    """The root element of a packet that passed every refusal by bytes, by syntax and by depth."""
    guard(data, limits)
    try:
        root = etree.fromstring(data, _parser())
    except etree.XMLSyntaxError as error:
        root = _with_xlink(data, error, findings)
    if root.getroottree().docinfo.internalDTD is not None:
        raise Refused(EDXML_DOCTYPE)
    if _deeper_than(limits.depth)(root):
        raise Refused(EDXML_TOO_DEEP, limit=limits.depth)
    return root


@lru_cache(maxsize=8)
def _deeper_than(depth: int) -> etree.XPath:
    return etree.XPath("boolean(" + "/*" * (depth + 1) + ")")


def _with_xlink(data: bytes, error: etree.XMLSyntaxError, findings: Findings) -> etree._Element:
    """Read again with the prefix ``xlink`` declared, if attributes with it are the only thing wrong (trap
    10).
    """
    refusal = Refused(EDXML_NOT_XML, line=error.lineno or 1)
    if b"xlink:" not in data or b"xmlns:xlink" in data or _XLINK_ELEMENT.search(data):
        raise refusal from None
    start = _ROOT_NAME.match(data, root_offset(data))
    if start is None:
        raise refusal from None
    declared = b"%b xmlns:xlink=%b" % (data[: start.end()], b'"%b"' % XLINK.encode()) + data[start.end() :]
    try:
        root = etree.fromstring(declared, _parser())
    except etree.XMLSyntaxError:
        raise refusal from None
    findings.add(
        ProblemKind.FORMAT,
        "edXML",
        "Gói tin dùng tiền tố “xlink” mà không khai báo; phần mềm đã tự bổ sung khai báo khi đọc.",
        "The packet uses the prefix “xlink” without declaring it; it was read as if declared.",
        WARNING,
    )
    return root


def locate(root: etree._Element, findings: Findings) -> Parts:
    """Find the parts of a packet by name; refuse what is not an edXML packet at all."""
    _check_namespace(root, findings)
    if canonical(root.tag) == "edXMLEnvelope":
        envelope, attachments = root, []
    else:
        found = [child for child in root if canonical(child.tag) == "edXMLEnvelope"]
        envelope = _single(found, "edXMLEnvelope")
        attachments = [child for child in root if canonical(child.tag) == "AttachmentEncoded"]
    header = _single([child for child in envelope if canonical(child.tag) == "edXMLHeader"], "edXMLHeader")
    messages = [child for child in header if canonical(child.tag) in ("MessageHeader", "Status")]
    parts = Parts(envelope, header, _single(messages, "MessageHeader"), attachments=attachments)
    for child in header:
        name = split(child.tag)[1]
        if name == "TraceHeaderList" and canonical(child.tag):
            if parts.trace is not None:
                findings.repeated("TraceHeaderList")
            parts.trace = child
        elif name in ("Signature", "DigitalSignature"):
            parts.signature = parts.signature if parts.signature is not None else child
    for body in envelope:
        if canonical(body.tag) == "edXMLBody":
            parts.manifests += [child for child in body if canonical(child.tag) == "edXMLManifest"]
    if len(parts.manifests) > 1:
        findings.repeated("edXMLBody.edXMLManifest")
    if len(attachments) > 1:
        findings.repeated("AttachmentEncoded")
    return parts


def _check_namespace(root: etree._Element, findings: Findings) -> None:
    namespace, local = split(root.tag)
    if namespace == NAMESPACE:
        if local != "edXML":
            findings.bad("edXML", local, "phần tử gốc phải là edXML", "the root must be edXML", severity=WARNING)
        return
    if namespace not in OLD_NAMESPACES:
        raise _not_edxml("không gian tên XML không phải của edXML", "its XML namespace is not that of edXML")
    findings.bad(
        "edXML",
        namespace or local,
        "không gian tên XML cũ hoặc thiếu, cần dùng QCVN_102_2016",
        "old or missing XML namespace, QCVN_102_2016 is expected",
        severity=WARNING,
    )


def _single(found: list[etree._Element], name: str) -> etree._Element:
    """Exactly one: with two, different readers would act on different documents."""
    if len(found) == 1:
        return found[0]
    if not found:
        raise _not_edxml(f"thiếu phần tử {name}", f"the element {name} is missing")
    raise _not_edxml(f"phần tử {name} xuất hiện nhiều lần", f"the element {name} stands more than once")


def _not_edxml(reason_vi: str, reason_en: str) -> Refused:
    return Refused(EDXML_NOT_EDXML, reason_vi=reason_vi, reason_en=reason_en)


def text_of(element: etree._Element, path: str, findings: Findings) -> str:
    """The text of a simple element, composed and trimmed; elements inside it are a type error."""
    if len(element):
        findings.bad(path, element[0].tag, "chỉ được chứa văn bản", "only text may stand there", ProblemKind.TYPE)
    text = element.text
    if not text:
        return ""
    text = text.strip(_BLANKS)
    return text if text.isascii() else nfc(text)


class Group:
    """The children of one complex element by name, read in any order."""

    __slots__ = ("_children", "_findings", "path")

    def __init__(self, element: etree._Element | None, path: str, findings: Findings) -> None:
        children: dict[str, list[etree._Element]] = {}
        if element is not None:
            for child in element:
                tag = child.tag
                name = usual_name(tag) or canonical(tag)
                if name in children:
                    children[name].append(child)
                else:
                    children[name] = [child]
        self._children = children
        self._findings = findings
        self.path = path

    def __contains__(self, name: str) -> bool:
        return name in self._children

    def one(self, name: str) -> etree._Element | None:
        """The only child of that name; two are an error, and the first is used to go on."""
        found = self._children.get(name)
        if not found:
            return None
        if len(found) > 1:
            self._findings.repeated(f"{self.path}.{name}")
        return found[0]

    def every(self, name: str) -> list[etree._Element]:
        return self._children.get(name, [])

    def text(self, name: str) -> str:
        if name not in self._children:
            return ""
        found = self._children[name]
        if len(found) > 1:
            self._findings.repeated(f"{self.path}.{name}")
        element = found[0]
        if len(element):
            return text_of(element, f"{self.path}.{name}", self._findings)
        # As text_of does, without the call: packets are mostly such elements.
        text = (element.text or "").strip(_BLANKS)
        return text if text.isascii() else normalize("NFC", text)

    def group(self, name: str) -> Group:
        """A complex child; an absent one reads as one without children."""
        return Group(self.one(name), f"{self.path}.{name}", self._findings)

    def texts(self, name: str) -> tuple[str, ...]:
        """All texts of a repeated simple child; empty ones are left out."""
        path = f"{self.path}.{name}"
        found = (text_of(child, path, self._findings) for child in self._children.get(name, ()))
        return tuple(text for text in found if text)
