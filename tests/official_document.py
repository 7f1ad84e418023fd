"""A decision in the form of Decree 30/2020 with blanks for number, day and month, and whoever signs it."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from importlib import resources

from PIL import Image, ImageDraw
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from lienthong.trust.pdf.plan import Person

PERSONS = [
    Person("TRƯỞNG PHÒNG", "Phạm Ngọc Ưng"), Person("CHÁNH VĂN PHÒNG", "Lê Quốc Đại"), Person("PHÓ GIÁM ĐỐC", "Trần Thị Bưởi"),
    Person("GIÁM ĐỐC", "Nguyễn Văn An"),
]  # fmt: skip
"""In the order of signing, the competent person last."""


def decision(
    persons: int = 1, pages: int = 2, noise: int = 0, change: Callable[[str], str] = lambda text: text
) -> bytes:
    """The document; ``noise``: bytes of an incompressible picture in it, to reach a size. ``change``: of every line."""
    fonts = resources.files("lienthong.trust.pdf.fonts_data")
    for style in ("Regular", "Italic", "Bold"):
        pdfmetrics.registerFont(
            TTFont(f"VN-{style}", io.BytesIO((fonts / f"LiberationSerif-{style}.ttf").read_bytes()))
        )
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(595.28, 841.89), pageCompression=1, invariant=1)

    def say(x: float, y: float, text: str, style: str = "Regular", size: int = 13) -> None:
        canvas.setFont(f"VN-{style}", size)
        canvas.drawCentredString(x, y, change(text))

    say(180, 770, "UBND TỈNH THỬ NGHIỆM", size=12)
    say(180, 754, "SỞ NỘI VỤ", "Bold", 12)
    say(415, 770, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Bold", 12)
    say(415, 754, "Độc lập - Tự do - Hạnh phúc", "Bold")
    say(180, 726, "Số:" + " " * 13 + "/QĐ-SNV")
    say(415, 726, "Thử Nghiệm, ngày" + " " * 7 + "tháng" + " " * 7 + "năm 2026", "Italic")
    say(297, 690, "QUYẾT ĐỊNH", "Bold", 14)
    for page in range(pages):
        for row in range(20):
            canvas.setFont("VN-Regular", 13)
            line = f"Điều {page * 20 + row + 1}. Nguyễn Văn An, giám đốc, chịu trách nhiệm thi hành."
            canvas.drawString(85, 640 - 15 * row, change(line))
        if page < pages - 1:
            canvas.showPage()
    if noise:
        side = max(1, int((noise / 3) ** 0.5))
        picture = Image.frombytes("RGB", (side, side), random.Random(7).randbytes(side * side * 3))
        canvas.drawImage(ImageReader(picture), 60, 20, 20, 20)
    for place, person in enumerate(reversed(PERSONS[-persons:] if persons else [])):
        x, y = (420 if place % 2 == 0 else 190), (320 if place < 2 else 160)
        say(x, y, person.position, "Bold")
        say(x, y - 112, person.name, "Bold")
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def handwriting() -> bytes:
    """A blue line on nothing, 40 × 20 mm at 200 dpi, as PNG."""
    picture = Image.new("RGBA", (315, 157), (0, 0, 0, 0))
    ImageDraw.Draw(picture).line(
        [(20, 120), (80, 30), (120, 130), (200, 50), (300, 90)], fill=(10, 40, 190, 255), width=7
    )
    return _png(picture)


def seal_picture() -> bytes:
    """A red ring on nothing, 36 mm at 200 dpi, as PNG."""
    picture = Image.new("RGBA", (284, 284), (0, 0, 0, 0))
    ImageDraw.Draw(picture).ellipse((6, 6, 278, 278), outline=(215, 15, 25, 255), width=10)
    return _png(picture)


def _png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
