"""Real PDF files for the demonstration: an official letter in Vietnamese with its font inside, of any size.

Source: ISO 32000-1 clauses 7.5 (file structure), 9.7 (composite fonts), 9.10.3 (ToUnicode). Sizes beyond the text come
from a picture of noise, as in a scan, so that nothing can be compressed away.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

_FONT = files("lienthong.roles.demo_font")
_PIECE = 1 << 20
PAGE = (595, 842)


@dataclass(frozen=True, slots=True)
class Letter:
    """What a demonstration letter says."""

    agency: str
    number: str
    place_and_date: str
    subject: str
    to: str
    paragraphs: Sequence[str]
    signer: str


class _Font:
    """Glyph numbers and widths of the demonstration font."""

    def __init__(self) -> None:
        self.program = _FONT.joinpath("serif.ttf").read_bytes()
        self.glyphs: dict[str, list[int]] = json.loads(_FONT.joinpath("serif.json").read_text("utf-8"))

    def width(self, text: str, size: float) -> float:
        return sum(self.glyphs.get(c, self.glyphs["?"])[1] for c in text) * size / 1000

    def encode(self, text: str) -> str:
        return "".join(f"{self.glyphs.get(c, self.glyphs['?'])[0]:04x}" for c in text)

    def wrap(self, text: str, size: float, room: float) -> Iterator[str]:
        line = ""
        for word in text.split():
            longer = f"{line} {word}".strip()
            if line and self.width(longer, size) > room:
                yield line
                line = word
            else:
                line = longer
        yield line


class _Writer:
    """Appends objects to a file and remembers where they are."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._places: dict[int, int] = {}
        self._at = 0
        self._put(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")

    def object(self, number: int, body: bytes) -> None:
        self._places[number] = self._at
        self._put(b"%d 0 obj\n%s\nendobj\n" % (number, body))

    def stream(self, number: int, entries: bytes, length: int, pieces: Iterator[bytes]) -> None:
        self._places[number] = self._at
        self._put(b"%d 0 obj\n<< %s /Length %d >>\nstream\n" % (number, entries, length))
        for piece in pieces:
            self._put(piece)
        self._put(b"\nendstream\nendobj\n")

    def close(self, root: int) -> None:
        start, count = self._at, max(self._places) + 1
        rows = b"".join(b"%010d 00000 n \n" % self._places[n] for n in range(1, count))
        self._put(b"xref\n0 %d\n0000000000 65535 f \n%s" % (count, rows))
        self._put(b"trailer\n<< /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (count, root, start))
        self._file.close()

    def _put(self, data: bytes) -> None:
        self._file.write(data)
        self._at += len(data)


def write_pdf(path: Path, letter: Letter, size: int = 0) -> Path:
    """Write a letter as PDF; with ``size``, a second page with a picture brings the file to about that many bytes."""
    font, out = _Font(), _Writer(path)
    text = zlib.compress(_page(font, letter))
    base = len(font.program) + len(text) + 12_000
    side = max(0, int((max(0, size - base) / 3) ** 0.5))
    pages = 2 if side else 1
    out.object(1, b"<< /Type /Catalog /Pages 2 0 R /Lang (vi) >>")
    kids = b" ".join(b"%d 0 R" % n for n in (3, 10)[:pages])
    out.object(2, b"<< /Type /Pages /Kids [%s] /Count %d /MediaBox [0 0 %d %d] >>" % (kids, pages, *PAGE))
    out.object(3, b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>")
    out.stream(4, b"/Filter /FlateDecode", len(text), iter((text,)))
    _write_font(out, font)
    if side:
        _write_picture(out, side, letter.number)
    out.close(1)
    return path


def _page(font: _Font, letter: Letter) -> bytes:
    lines: list[str] = []

    def put(x: float, y: float, size: float, text: str) -> None:
        lines.append(f"BT /F {size} Tf {x:.1f} {y:.1f} Td <{font.encode(text)}> Tj ET")

    def centred(x: float, y: float, size: float, text: str) -> None:
        put(x - font.width(text, size) / 2, y, size, text)

    centred(170, 780, 11, letter.agency.upper())
    lines.append("0.6 w 130 774 m 210 774 l S")
    centred(170, 758, 11, f"Số: {letter.number}")
    centred(410, 780, 11, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")
    centred(410, 765, 11.5, "Độc lập - Tự do - Hạnh phúc")
    lines.append("0.6 w 340 760 m 480 760 l S")
    centred(410, 740, 11, letter.place_and_date)
    y = 705.0
    for row in font.wrap(letter.subject, 11, 420):
        centred(PAGE[0] / 2, y, 11, row)
        y -= 16
    centred(PAGE[0] / 2, y - 12, 12, f"Kính gửi: {letter.to}")
    y -= 42
    for paragraph in letter.paragraphs:
        for row in font.wrap(paragraph, 11.5, 460):
            put(72, y, 11.5, row)
            y -= 18
        y -= 6
    centred(410, y - 20, 11, "NGƯỜI KÝ (VĂN BẢN TRÌNH DIỄN)")
    centred(410, y - 90, 12, letter.signer)
    put(72, 60, 8, "Tài liệu trình diễn của phần mềm lienthong; mọi tên người và nội dung đều hư cấu.")
    return "\n".join(lines).encode("ascii")


def _write_font(out: _Writer, font: _Font) -> None:
    out.object(5, b"<< /Type /Font /Subtype /Type0 /BaseFont /LienthongDemoSerif /Encoding /Identity-H"
                  b" /DescendantFonts [6 0 R] /ToUnicode 9 0 R >>")  # fmt: skip
    widths = " ".join(f"{glyph} [{width}]" for glyph, width in font.glyphs.values())
    out.object(6, b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /LienthongDemoSerif /CIDToGIDMap /Identity"
                  b" /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >>"
                  b" /FontDescriptor 7 0 R /W [%s] >>" % widths.encode())  # fmt: skip
    out.object(7, b"<< /Type /FontDescriptor /FontName /LienthongDemoSerif /Flags 6 /FontBBox [-770 -347 2105 1109]"
                  b" /ItalicAngle 0 /Ascent 928 /Descent -236 /CapHeight 729"
                  b" /StemV 80 /FontFile2 8 0 R >>")  # fmt: skip
    program = zlib.compress(font.program)
    out.stream(8, b"/Filter /FlateDecode /Length1 %d" % len(font.program), len(program), iter((program,)))
    cmap = zlib.compress(_to_unicode(font))
    out.stream(9, b"/Filter /FlateDecode", len(cmap), iter((cmap,)))


def _to_unicode(font: _Font) -> bytes:
    rows = [f"<{glyph:04x}> <{ord(char):04x}>" for char, (glyph, _) in font.glyphs.items()]
    blocks = [rows[n : n + 100] for n in range(0, len(rows), 100)]
    body = "".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar\n" for block in blocks)
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /D def /CMapType 2 def\n"
        f"1 begincodespacerange <0000> <ffff> endcodespacerange\n{body}endcmap end end"
    ).encode("ascii")


def _write_picture(out: _Writer, side: int, seed: str) -> None:
    out.object(10, b"<< /Type /Page /Parent 2 0 R /Contents 11 0 R /Resources << /XObject << /I 12 0 R >> >> >>")
    place = b"q 480 0 0 480 57 180 cm /I Do Q"
    out.stream(11, b"", len(place), iter((place,)))
    entries = b"/Type /XObject /Subtype /Image /Width %d /Height %d" % (side, side)
    entries += b" /ColorSpace /DeviceRGB /BitsPerComponent 8"
    out.stream(12, entries, side * side * 3, _noise(side * side * 3, seed))


def _noise(length: int, seed: str) -> Iterator[bytes]:
    """Bytes that nothing compresses, the same for the same seed."""
    count = 0
    while length > 0:
        piece = hashlib.shake_128(f"{seed}/{count}".encode()).digest(min(_PIECE, length))
        yield piece
        length -= len(piece)
        count += 1
