"""A PDF as a verifier sees it: how it opened, the bytes that each signature covers, what stands behind the last.

Source: ISO 32000-2 clauses 7.5.5, 7.5.6, 12.8.1 (ByteRange); ETSI EN 319 142-1 clause 5.5. Signatures that were forged
by missing or odd entries, and files that go on after their end, are told here, before any cryptography.
"""

from __future__ import annotations

import io
import mmap
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from asn1crypto import parser
from pyhanko.pdf_utils import generic, misc
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel

from lienthong.base.text import one_line
from lienthong.trust.validation.indications import SubIndication as Sub
from lienthong.trust.validation.model import Finding, bad, good

DAMAGED = (
    misc.PdfError,
    SignatureValidationError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    RuntimeError,
    EOFError,
    OSError,
    struct.error,
    zlib.error,
)
"""How the PDF library shows that a file is damaged; it decodes late, so any part may raise any of these."""
MAXIMUM_SIGNATURES = 64
_MAXIMUM_GAP = 8 * 1024 * 1024
_TAIL = 256 * 1024
_END = re.compile(
    rb"(?:\s|endstream|endobj|trailer)*(?:<<(?:(?!startxref|%%EOF|\bobj\b|\bstream\b).)*>>)?"
    rb"(?:\s|endstream|endobj)*startxref\s+\d+\s+%%EOF[\r\n\s\x00]*\Z",
    re.DOTALL,
)
"""What may follow the last table: its trailer, its place and the mark of the end, once."""


_LARGE_FILE = 8 * 1024 * 1024
_LARGE_READ = 512 * 1024


class _Untouched:
    """A large file for the PDF library: what it reads in large pieces, images, is mapped and not loaded.

    The difference analysis walks over every object of a revision and keeps it, but looks at no picture; a scanned
    document of hundreds of megabytes would otherwise stand in memory as a whole.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._view = memoryview(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ))

    def read(self, size: int = -1) -> bytes | memoryview:
        if size < _LARGE_READ:
            return self._stream.read(size)
        at = self._stream.tell()
        piece = self._view[at : at + size]
        self._stream.seek(at + len(piece))
        return piece

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def for_library(stream: BinaryIO) -> Any:
    """For the PDF library: the stream itself, or its large pieces mapped when it is a large file on disk."""
    if stream.seek(0, 2) < _LARGE_FILE:
        return stream
    try:
        return _Untouched(stream)
    except (io.UnsupportedOperation, AttributeError, OSError):
        return stream


class NotReadable(Exception):
    """The file cannot be judged at all; ``finding`` says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.en)
        self.finding = finding


@dataclass(slots=True)
class Embedded:
    """One signature field with a value. ``signature``: None when its entries are damaged; ``problem`` says how."""

    name: str
    signature: EmbeddedPdfSignature | None
    problem: Finding | None
    revision: int
    ranges: tuple[tuple[int, int], ...] = ()
    contents: bytes = b""

    @property
    def is_timestamp(self) -> bool:
        return self.signature is not None and self.signature.sig_object_type == "/DocTimeStamp"

    @property
    def sub_filter(self) -> str:
        if self.signature is None or "/SubFilter" not in self.signature.sig_object:
            return ""
        return str(self.signature.sig_object["/SubFilter"])

    @property
    def end(self) -> int:
        """Where the signed bytes end."""
        return self.ranges[-1][0] + self.ranges[-1][1] if self.ranges else 0


def open_pdf(stream: BinaryIO) -> tuple[PdfFileReader, list[Finding]]:
    """Open strictly; what opens only leniently is read too, and told. Raises :class:`NotReadable`."""
    try:
        reader = PdfFileReader(for_library(stream), strict=True)
        _ = reader.root
    except DAMAGED as error:
        return _open_leniently(stream, error)
    return _usable(reader), [good("pdf.readable", "Tệp PDF đọc được đúng chuẩn.", "The PDF is well-formed.")]


def _open_leniently(stream: BinaryIO, error: BaseException) -> tuple[PdfFileReader, list[Finding]]:
    reason = one_line(str(error), 160)
    try:
        reader = PdfFileReader(for_library(stream), strict=False)
        _ = reader.root
    except DAMAGED as second:
        vi = "Tệp PDF bị hỏng hoặc bị cắt cụt, không đọc được."
        en = f"The PDF is damaged or cut off and cannot be read: {one_line(str(second), 160)}"
        raise NotReadable(bad("pdf.readable", Sub.FORMAT_FAILURE, vi, en)) from second
    vi = "Tệp PDF sai chuẩn; các phần mềm có thể hiển thị khác nhau nên không kết luận được."
    en = f"The PDF is not well-formed ({reason}); programs may show it differently, so nothing is concluded."
    return _usable(reader), [bad("pdf.readable", Sub.GENERIC, vi, en)]


def _usable(reader: PdfFileReader) -> PdfFileReader:
    if reader.encrypted:
        vi, en = "Tệp PDF được mã hóa; cần bản không mã hóa để kiểm tra.", "The PDF is encrypted; it cannot be judged."
        raise NotReadable(bad("pdf.readable", Sub.GENERIC, vi, en))
    if reader.xrefs.hybrid_xrefs_present:
        vi = "Tệp PDF có hai bảng tham chiếu chồng nhau (hybrid); các phần mềm có thể hiển thị khác nhau."
        en = "The PDF has two cross-reference tables at once (hybrid); programs may show it differently."
        raise NotReadable(bad("pdf.readable", Sub.GENERIC, vi, en))
    return reader


def active_finding(reader: PdfFileReader) -> Finding | None:
    """Trouble when the document can show something else by itself: scripts, or a form of the old dynamic kind."""
    root = reader.root
    form, names, action = (_entry(root, name) for name in ("/AcroForm", "/Names", "/OpenAction"))
    runs = isinstance(action, generic.DictionaryObject) and "/S" in action and action["/S"] == "/JavaScript"
    if not (runs or "/AA" in root or "/XFA" in form or "/JavaScript" in names):
        return None
    vi = "Tệp PDF có mã lệnh hoặc biểu mẫu động, có thể tự thay đổi điều hiển thị."
    en = "The PDF holds scripts or a dynamic form, which can change what is shown."
    return bad("pdf.active", Sub.GENERIC, vi, en)


def _entry(holder: generic.DictionaryObject, name: str) -> Any:
    """The object behind an entry; the library's ``get`` would give the reference."""
    return holder[name] if name in holder else ()  # noqa: SIM401  # see above


def embedded_signatures(reader: PdfFileReader) -> list[Embedded]:
    """Every field with a value, in the order in which they were signed; damaged ones last. Raises NotReadable."""
    try:
        found = list(_fields(reader))
    except DAMAGED as error:
        vi, en = "Biểu mẫu của tệp PDF bị hỏng.", f"The form of the PDF is damaged: {one_line(str(error), 160)}"
        raise NotReadable(bad("pdf.readable", Sub.FORMAT_FAILURE, vi, en)) from error
    if len(found) > MAXIMUM_SIGNATURES:
        vi, en = "Tệp PDF có quá nhiều chữ ký.", "The PDF has too many signatures."
        raise NotReadable(bad("pdf.readable", Sub.FORMAT_FAILURE, vi, en))
    return sorted(found, key=lambda item: (item.signature is None, item.revision))


def _fields(reader: PdfFileReader) -> Iterator[Embedded]:
    for name, _, field in enumerate_sig_fields(reader, filled_status=True):
        shown = one_line(str(name), 80)
        try:
            signature = EmbeddedPdfSignature(reader, field, str(name))
            ranges, contents = _ranges(reader, signature)
        except DAMAGED as error:
            vi = f"Trường chữ ký «{shown}» thiếu hoặc sai dữ liệu chữ ký."
            en = f"The signature field “{shown}” lacks its signature or holds a wrong one: {one_line(str(error), 160)}"
            yield Embedded(shown, None, bad("pdf.byte_range", Sub.FORMAT_FAILURE, vi, en), reader.xrefs.total_revisions)
            continue
        yield Embedded(shown, signature, None, signature.signed_revision, ranges, contents)


def _ranges(reader: PdfFileReader, signature: EmbeddedPdfSignature) -> tuple[tuple[tuple[int, int], ...], bytes]:
    """The two ranges around the signature's own hexadecimal text; ``ValueError`` for anything else."""
    numbers = [int(number) for number in signature.byte_range]
    if len(numbers) != 4 or any(not isinstance(number, generic.NumberObject) for number in signature.byte_range):
        raise ValueError("ByteRange is not four numbers")
    first, length, second, rest = numbers
    stream = reader.stream
    size = stream.seek(0, 2)
    if first != 0 or length < 1 or rest < 1 or second <= length or second + rest > size:
        raise ValueError("ByteRange does not fit the file")
    if second - length > _MAXIMUM_GAP:
        raise ValueError("the gap of ByteRange is too large")
    stream.seek(length)
    gap = bytes(stream.read(second - length))
    if gap[:1] != b"<" or gap[-1:] != b">" or bytes.fromhex(gap[1:-1].decode("ascii")) != signature.pkcs7_content:
        raise ValueError("the gap of ByteRange is not the signature")
    contents = signature.pkcs7_content
    total = parser.peek(contents)
    if contents[total:].strip(b"\x00"):
        raise ValueError("data behind the signature")
    return ((0, length), (second, rest)), contents[:total]


def coverage_finding(item: Embedded, last_revision: int) -> tuple[Finding, bool]:
    """What the signature covers, and whether that is the whole file."""
    assert item.signature is not None  # noqa: S101  # damaged ones never come here
    level = item.signature.evaluate_signature_coverage()
    if level == SignatureCoverageLevel.ENTIRE_FILE:
        vi = "Chữ ký bao trùm toàn bộ tệp."
        return good("pdf.coverage", vi, "The signature covers the whole file."), True
    if level == SignatureCoverageLevel.ENTIRE_REVISION:
        count = last_revision - item.revision
        vi = f"Chữ ký bao trùm toàn bộ phiên bản được ký; sau đó tệp có thêm {count} phiên bản."
        en = f"The signature covers the whole revision that was signed; {count} revisions were added later."
        return good("pdf.coverage", vi, en), False
    vi = "Chữ ký không bao trùm trọn vẹn phiên bản được ký của tệp."
    en = "The signature does not cover the whole of the revision that was signed."
    return bad("pdf.coverage", Sub.FORMAT_FAILURE, vi, en), False


def end_finding(reader: PdfFileReader) -> Finding:
    """Whether the file ends where its last revision ends: anything behind could be read by a lenient program."""
    stream = reader.stream
    size = stream.seek(0, 2)
    start = reader.xrefs.get_xref_container_info(reader.xrefs.total_revisions - 1).end_location
    stream.seek(start)
    if 0 <= size - start <= _TAIL and _END.match(stream.read(size - start)):
        vi = "Tệp kết thúc đúng chỗ, không có dữ liệu thừa ở cuối."
        return good("pdf.end", vi, "The file ends where it should; nothing stands behind.")
    vi = "Cuối tệp có dữ liệu thừa nằm ngoài mọi chữ ký."
    return bad("pdf.end", Sub.FORMAT_FAILURE, vi, "There is data behind the end of the file, outside of any signature.")


def gap_finding(reader: PdfFileReader, items: list[Embedded]) -> Finding | None:
    """Trouble when unexplained bytes stand between a signed revision and the next one."""
    for item in items:
        following = item.revision + 1
        if item.signature is None or following >= reader.xrefs.total_revisions:
            continue
        starts = [
            place
            for ref in reader.xrefs.explicit_refs_in_revision(following)
            if isinstance(place := reader.xrefs.get_historical_ref(ref, following), int)
        ]
        starts.append(reader.xrefs.get_xref_container_info(following).start_location)
        begin = min((place for place in starts if place >= item.end), default=item.end)
        reader.stream.seek(item.end)
        between = reader.stream.read(min(begin - item.end, _TAIL))
        if between.strip(b"\r\n\t \x00\x0c") or min(starts) < item.end:
            vi = f"Có dữ liệu lạ giữa phần đã ký của «{item.name}» và phiên bản tiếp theo."
            en = f"Unexplained data stands between what “{item.name}” signed and the next revision."
            return bad("pdf.end", Sub.FORMAT_FAILURE, vi, en)
    return None
