"""The wording that the sample forms 1.6–1.10 of Decree 30/2020/NĐ-CP Appendix III give to some kinds, as content.

Only what every such document says is worded here; what is said in it comes from the draft.
"""

from __future__ import annotations

from collections.abc import Sequence

from lienthong.office.form.model import Block, Bullet, Heading, Paragraph


def telegram(sender: str, receivers: Sequence[str], content: Sequence[Block]) -> tuple[Block, ...]:
    """Công điện (1.6): «Chủ tịch … điện:», to whom, and what."""
    to = tuple(Bullet(f"{name.rstrip(' ;.')};") for name in receivers[:-1])
    return (Paragraph(f"{sender} điện:"), *to, Bullet(f"{receivers[-1].rstrip(' ;.')}."), *content)


def invitation(
    inviter: str, invited: str, occasion: str, chair: str, time: str, venue: str, notes: Sequence[str] = ()
) -> tuple[Block, ...]:
    """Giấy mời (1.7)."""
    return (
        Paragraph(f"{inviter} trân trọng kính mời: {invited}."),
        Paragraph(f"Tới dự: {occasion}."),
        Paragraph(f"Chủ trì: {chair}."),
        Paragraph(f"Thời gian: {time}."),
        Paragraph(f"Địa điểm: {venue}."),
        *(Paragraph(note) for note in notes),
    )


def introduction(agency: str, person: str, position: str, sent_to: str, matter: str, until: str) -> tuple[Block, ...]:
    """Giấy giới thiệu (1.8). ``until``: the last day it is good for, «31 tháng 12 năm 2026»."""
    return (
        Paragraph(f"{agency} trân trọng giới thiệu:"),
        Paragraph(f"Ông (bà): {person}."),
        Paragraph(f"Chức vụ: {position}."),
        Paragraph(f"Được cử đến: {sent_to}."),
        Paragraph(f"Về việc: {matter}."),
        Paragraph("Đề nghị quý cơ quan tạo điều kiện để người có tên nêu trên hoàn thành nhiệm vụ."),
        Paragraph(f"Giấy này có giá trị đến hết ngày {until}."),
    )


def minutes(
    begun: str, venue: str, present: Sequence[str], chair: str, secretary: str, content: Sequence[Block], ended: str
) -> tuple[Block, ...]:
    """Biên bản (1.9) of a meeting. ``ended``: «11 giờ 00, ngày 05 tháng 02 năm 2026»."""
    return (
        Paragraph(f"Thời gian bắt đầu: {begun}."),
        Paragraph(f"Địa điểm: {venue}."),
        Paragraph("Thành phần tham dự:"),
        *(
            Bullet(f"{name.rstrip(' ;.')}{'.' if place == len(present) else ';'}")
            for place, name in enumerate(present, 1)
        ),
        Paragraph(f"Chủ trì: {chair}."),
        Paragraph(f"Thư ký: {secretary}."),
        Heading("Nội dung", 1),
        *content,
        Paragraph(f"Cuộc họp kết thúc vào {ended}."),
    )


def leave(
    request_date: str, agency: str, person: str, position: str, period: str, venue: str, counted: str
) -> tuple[Block, ...]:
    """Giấy nghỉ phép (1.10). ``period``: «05 ngày, kể từ ngày … đến hết ngày …»; ``counted``: against what leave."""
    return (
        Paragraph(f"Xét đơn xin nghỉ phép ngày {request_date} của ông (bà) {person};"),
        Paragraph(f"{agency} cấp cho:"),
        Paragraph(f"Ông (bà): {person}."),
        Paragraph(f"Chức vụ: {position}."),
        Paragraph(f"Được nghỉ phép trong thời gian {period} tại {venue}."),
        Paragraph(f"Số ngày nghỉ phép nêu trên được tính vào {counted}."),
    )
