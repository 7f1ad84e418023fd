"""Pictures of handwritten signatures and seals: PNG, transparent, deflated once.

Source: Decree 30/2020 Appendix I (the person's signature blue, the seal red and of true size, both PNG with a
transparent background).
"""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass

from PIL import Image, UnidentifiedImageError
from pyhanko.pdf_utils.generic import IndirectObject, NumberObject, StreamObject, pdf_name
from pyhanko.pdf_utils.writer import BasePdfFileWriter

from lienthong.base.errors import Refused
from lienthong.trust.pdf.errors import IMAGE_NOT_USABLE

MAXIMUM_BYTES = 4 * 1024 * 1024
MAXIMUM_PIXELS = 4_000_000


@dataclass(frozen=True, slots=True)
class Picture:
    """An image as a PDF holds it: colour and opacity, each deflated. Size in pixels."""

    width: int
    height: int
    colour: bytes
    opacity: bytes

    def add(self, writer: BasePdfFileWriter) -> IndirectObject:
        mask = writer.add_object(self._stream(self.opacity, "/DeviceGray"))
        picture = self._stream(self.colour, "/DeviceRGB")
        picture[pdf_name("/SMask")] = mask
        return writer.add_object(picture)

    def _stream(self, data: bytes, space: str) -> StreamObject:
        members = {
            "/Type": pdf_name("/XObject"), "/Subtype": pdf_name("/Image"), "/Width": NumberObject(self.width),
            "/Height": NumberObject(self.height), "/ColorSpace": pdf_name(space), "/BitsPerComponent": NumberObject(8),
            "/Filter": pdf_name("/FlateDecode"),
        }  # fmt: skip
        return StreamObject({pdf_name(name): value for name, value in members.items()}, encoded_data=data)


def load_picture(png: bytes) -> Picture:
    """Read a PNG with a transparent background. Refuses: IMAGE_NOT_USABLE (not a PNG, too large, opaque, empty)."""
    if len(png) > MAXIMUM_BYTES:
        raise Refused(IMAGE_NOT_USABLE, reason=f"quá {MAXIMUM_BYTES // 1024 // 1024} MB (too large)")
    try:
        with Image.open(io.BytesIO(png), formats=["PNG"]) as opened:
            if opened.width * opened.height > MAXIMUM_PIXELS:
                raise Refused(IMAGE_NOT_USABLE, reason=f"{opened.width} × {opened.height} điểm ảnh (too many pixels)")
            drawn = opened.convert("RGBA")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise Refused(IMAGE_NOT_USABLE, reason="không phải PNG (not a PNG)") from error
    opacity = drawn.getchannel("A")
    _, darkest = opacity.getextrema()
    clear = sum(opacity.histogram()[:128])
    # A stray clear pixel makes no background; a full round seal leaves a fifth of its square clear.
    if clear < drawn.width * drawn.height / 10:
        raise Refused(IMAGE_NOT_USABLE, reason="nền không trong suốt (opaque background)")
    if darkest == 0:
        raise Refused(IMAGE_NOT_USABLE, reason="ảnh trống (nothing drawn)")
    colour = zlib.compress(drawn.convert("RGB").tobytes(), 6)
    return Picture(drawn.width, drawn.height, colour, zlib.compress(opacity.tobytes(), 6))
