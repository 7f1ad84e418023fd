"""Faces for signature appearances: Times-metric, cut to a fixed set of characters, prepared once per process.

Scaled to 1000 units per em because PDF measures glyphs so (ISO 32000-2 clause 9.2.4): a library's way of writing widths
in font units sets digits twice too far apart with a 2048-unit face. Circular: Decree 30/2020 Appendix I wants Times New
Roman; Liberation Serif has its metrics and may be embedded by anybody.
"""

from __future__ import annotations

import hashlib
import io
import unicodedata
import zlib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

from fontTools import subset
from fontTools.ttLib.scaleUpem import scale_upem
from pyhanko.pdf_utils.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    IndirectObject,
    NumberObject,
    StreamObject,
    pdf_name,
    pdf_string,
)
from pyhanko.pdf_utils.writer import BasePdfFileWriter

Style = Literal["regular", "italic", "bold"]

DIGITS = "0123456789 /-.:+abcdđefgh"
_MARKED = "ĂÂĐÊÔƠƯăâđêôơưÀÁÃÈÉÌÍĨÒÓÕÙÚŨÝàáãèéìíĩòóõùúũý" + "".join(map(chr, range(0x1EA0, 0x1EFA)))
FULL = "".join(chr(n) for n in range(0x20, 0x7F)) + "«»–—…" + _MARKED
"""Everything that Vietnamese needs."""

_DROPPED = ["GPOS", "GDEF", "GSUB", "DSIG", "FFTM", "kern", "gasp", "hdmx", "VDMX", "LTSH"]


@dataclass(frozen=True, slots=True)
class Face:
    """One style, ready to be written into any number of files. Widths in thousandths of the size."""

    name: str
    program: bytes
    program_length: int
    unicodes: bytes
    glyphs: dict[str, int]
    widths: dict[str, int]
    box: tuple[int, int, int, int]
    ascent: int
    descent: int
    cap_height: int
    italic_angle: float
    flags: int

    def measure(self, text: str, size: float) -> float:
        """Width in points. ``KeyError``: a character that the face was not cut for."""
        return sum(self.widths[each] for each in text) * size / 1000

    def show(self, text: str) -> bytes:
        """The operator that paints the text."""
        return b"<" + "".join(f"{self.glyphs[each]:04x}" for each in text).encode() + b"> Tj"

    def covers(self, text: str) -> bool:
        return all(each in self.glyphs for each in text)

    def add(self, writer: BasePdfFileWriter) -> IndirectObject:
        """Write the face into a file, as a composite font with its Unicode map (PDF/A-2 clause 6.2.11)."""
        program = writer.add_object(_stream(self.program, {"/Length1": NumberObject(self.program_length)}))
        descriptor = _dictionary(
            Type=pdf_name("/FontDescriptor"), FontName=pdf_name(self.name), Flags=NumberObject(self.flags),
            FontBBox=ArrayObject(map(NumberObject, self.box)), ItalicAngle=FloatObject(self.italic_angle),
            Ascent=NumberObject(self.ascent), Descent=NumberObject(self.descent),
            CapHeight=NumberObject(self.cap_height), StemV=NumberObject(80), FontFile2=program,
        )  # fmt: skip
        widths = ArrayObject()
        for glyph, width in sorted((self.glyphs[each], self.widths[each]) for each in self.glyphs):
            widths += [NumberObject(glyph), ArrayObject([NumberObject(width)])]
        inner = _dictionary(
            Type=pdf_name("/Font"), Subtype=pdf_name("/CIDFontType2"), BaseFont=pdf_name(self.name),
            FontDescriptor=writer.add_object(descriptor), CIDToGIDMap=pdf_name("/Identity"), DW=NumberObject(0),
            W=widths, CIDSystemInfo=_dictionary(
                Registry=pdf_string("Adobe"), Ordering=pdf_string("Identity"), Supplement=NumberObject(0)
            ),
        )  # fmt: skip
        outer = _dictionary(
            Type=pdf_name("/Font"), Subtype=pdf_name("/Type0"), BaseFont=pdf_name(self.name),
            Encoding=pdf_name("/Identity-H"), DescendantFonts=ArrayObject([writer.add_object(inner)]),
            ToUnicode=writer.add_object(_stream(self.unicodes, {})),
        )  # fmt: skip
        return writer.add_object(outer)


@cache
def face(style: Style = "regular", characters: str = DIGITS) -> Face:
    """The face of a style cut to these characters."""
    options = subset.Options(layout_features=[], hinting=False, notdef_outline=True, glyph_names=False)
    options.drop_tables += _DROPPED
    source = resources.files("lienthong.trust.pdf.fonts_data") / f"LiberationSerif-{style.capitalize()}.ttf"
    font = subset.load_font(io.BytesIO(source.read_bytes()), options)
    cutter = subset.Subsetter(options)
    cutter.populate(text=characters)
    cutter.subset(font)
    scale_upem(font, 1000)
    cmap: dict[int, str] = font.getBestCmap()
    glyphs = {each: font.getGlyphID(cmap[ord(each)]) for each in sorted(set(characters))}
    widths = {each: int(font["hmtx"][cmap[ord(each)]][0]) for each in glyphs}
    tag = "".join(chr(65 + octet % 26) for octet in hashlib.sha256((style + characters).encode()).digest()[:6])
    out = io.BytesIO()
    font.save(out)
    head, line, measures = font["head"], font["hhea"], font["OS/2"]
    slope = float(font["post"].italicAngle)
    return Face(
        name=f"/{tag}+LiberationSerif-{style.capitalize()}",
        program=zlib.compress(out.getvalue(), 9),
        program_length=len(out.getvalue()),
        unicodes=zlib.compress(_unicode_map(glyphs), 9),
        glyphs=glyphs,
        widths=widths,
        box=(head.xMin, head.yMin, head.xMax, head.yMax),
        ascent=line.ascent,
        descent=line.descent,
        cap_height=getattr(measures, "sCapHeight", 0) or 660,
        italic_angle=slope,
        flags=4 | 2 | (64 if slope else 0),
    )


def normal(text: str) -> str:
    """Composed form: the faces hold composed letters only."""
    return unicodedata.normalize("NFC", text)


def _unicode_map(glyphs: dict[str, int]) -> bytes:
    """The CMap from glyph to character (ISO 32000-2 clause 9.10.3), so that text can be searched and read out."""
    rows = [f"<{glyph:04x}> <{each.encode('utf-16-be').hex()}>\n" for each, glyph in sorted(glyphs.items(), key=_glyph)]
    blocks = [rows[at : at + 100] for at in range(0, len(rows), 100)]
    body = "".join(f"{len(block)} beginbfchar\n{''.join(block)}endbfchar\n" for block in blocks)
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CIDSystemInfo <</Registry (Adobe) "
        "/Ordering (UCS) /Supplement 0>> def /CMapName /Adobe-Identity-UCS def /CMapType 2 def\n"
        f"1 begincodespacerange <0000> <ffff> endcodespacerange\n{body}"
        "endcmap CMapName currentdict /CMap defineresource pop end end"
    ).encode()


def _glyph(item: tuple[str, int]) -> int:
    return item[1]


def _dictionary(**entries: Any) -> DictionaryObject:
    return DictionaryObject({pdf_name(f"/{name}"): value for name, value in entries.items()})


def _stream(deflated: bytes, entries: dict[str, Any]) -> StreamObject:
    members = {pdf_name(name): value for name, value in entries.items()}
    return StreamObject({pdf_name("/Filter"): pdf_name("/FlateDecode"), **members}, encoded_data=deflated)
