"""Drafts of all 29 kinds of an invented province, each with the content that its kind usually has."""

from __future__ import annotations

from dataclasses import replace

import official_wording as wording
from lienthong.office.form.model import (
    Appendix,
    Article,
    Block,
    Bullet,
    Capacity,
    CapacityLine,
    Chapter,
    Clause,
    Draft,
    Enclosed,
    Heading,
    Paragraph,
    Recipients,
    Signer,
    Table,
)
from lienthong.vocabulary.kinds import DECREE30, Kind
from lienthong.vocabulary.urgency import Urgency

KINDS = {kind.name: kind for kind in DECREE30}
DIRECTOR = Signer("Giám đốc", "Nguyễn Văn An")
DEPUTY = Signer("Phó Giám đốc", "Trần Thị Bưởi", (CapacityLine(Capacity.DEPUTY, "Giám đốc"),))
CHAIR = Signer(
    "Phó Chủ tịch",
    "Lê Quốc Đại",
    (CapacityLine(Capacity.COLLECTIVE, "Ủy ban nhân dân"), CapacityLine(Capacity.DEPUTY, "Chủ tịch")),
)
BASES = (
    "Căn cứ Luật Tổ chức chính quyền địa phương ngày 16 tháng 6 năm 2025",
    "Căn cứ Nghị định số 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020 của Chính phủ về công tác văn thư",
    "Theo đề nghị của Chánh Văn phòng",
)
LONG = (
    "Các phòng, đơn vị thuộc Sở rà soát văn bản đến hạn xử lý, cập nhật tiến độ trên hệ thống quản lý tài liệu điện tử "
    "và báo cáo Giám đốc Sở trước ngày 25 hằng tháng; trường hợp vướng mắc thì phản ánh về Văn phòng Sở để tổng hợp."
)
RECIPIENTS = Recipients(("Như Điều 3", "UBND tỉnh (để báo cáo)"), ("TCCB",), "PL", 30)
ADDRESS = (
    "Địa chỉ: Số 1 đường Thử Nghiệm, phường Ví Dụ, tỉnh Thử Nghiệm - Điện thoại: 0200 000 0000 - vanthu@snv.example"
)
PLAIN: tuple[Block, ...] = (
    Paragraph(LONG),
    Bullet("Văn phòng Sở: đầu mối;"),
    Bullet("Các phòng: phối hợp."),
    Paragraph("Đề nghị các đơn vị thực hiện"),
)
OUTLINED: tuple[Block, ...] = (
    Heading("Mục đích, yêu cầu"),
    Paragraph(LONG),
    Heading("Nội dung"),
    Heading("Công tác văn thư", 2),
    Paragraph(LONG),
    Heading("Công tác lưu trữ", 2),
    Heading("Chỉnh lý", 3),
    Paragraph(LONG),
    Heading("Nộp lưu", 3),
    Paragraph(LONG),
    Heading("Tổ chức thực hiện"),
    Table(
        ("TT", "Nội dung", "Đơn vị chủ trì", "Thời hạn"),
        (
            ("1", "Rà soát danh mục hồ sơ", "Văn phòng Sở", "Tháng 02"),
            ("2", "Tập huấn ký số", "Phòng Tổ chức", "Tháng 3"),
        ),
        (1, 6, 4, 3),
    ),
    Paragraph("Trong quá trình thực hiện, nếu có vướng mắc, các đơn vị báo cáo Giám đốc Sở xem xét, quyết định"),
)
ARTICLES: tuple[Block, ...] = (
    Article("Thành lập Tổ công tác chuyển đổi số của Sở Nội vụ, gồm các ông, bà có tên trong danh sách kèm theo."),
    Article(
        "Tổ công tác có nhiệm vụ:",
        (Clause("Tham mưu kế hoạch hằng năm;"), Clause("Theo dõi việc thực hiện.", ("đôn đốc;", "báo cáo."))),
    ),
    Article(
        "Quyết định này có hiệu lực kể từ ngày ký. Chánh Văn phòng và các phòng thuộc Sở chịu trách nhiệm thi hành Quyết định này"
    ),
)
RULES: tuple[Block, ...] = (
    Chapter("Quy định chung"),
    Article(
        "Phạm vi điều chỉnh",
        (Clause("Quy chế này quy định về công tác văn thư."), Clause("Quy chế không áp dụng với bí mật nhà nước.")),
        titled=True,
    ),
    Article("Đối tượng áp dụng", (Clause("Công chức, viên chức của Sở."),), titled=True),
    Chapter("Tổ chức thực hiện"),
    Article(
        "Trách nhiệm thi hành",
        (Clause("Chánh Văn phòng hướng dẫn việc thực hiện."), Clause("Quy chế được sửa đổi khi cần")),
        titled=True,
    ),
)
_SUBJECT = {
    "Nghị quyết (cá biệt)": "Về nhiệm vụ công tác văn thư, lưu trữ năm 2026", "Quyết định (cá biệt)": "Về việc thành lập Tổ công tác chuyển đổi số",
    "Chỉ thị": "Về việc tăng cường gửi, nhận văn bản điện tử", "Quy chế": "Công tác văn thư của Sở Nội vụ",
    "Quy định": "Về quản lý con dấu và khóa bí mật", "Công văn": "thực hiện báo cáo công tác văn thư, lưu trữ năm 2026", "Giấy giới thiệu": "",
    "Giấy nghỉ phép": "", "Thư công": "", "Công điện": "Về việc ứng phó mưa lũ", "Giấy mời": "Họp đánh giá công tác quý I năm 2026",
    "Biên bản": "Họp Tổ công tác chuyển đổi số",
}  # fmt: skip


def draft(kind: Kind, /, **changes: object) -> Draft:
    """A draft of this kind that is right in every respect."""
    letters = kind.abbreviation
    made = Draft(
        kind=kind,
        superior="UBND tỉnh Thử Nghiệm",
        issuer="Sở Nội vụ",
        symbol=f"{letters}-SNV" if letters else "SNV-VP",
        place="Thử Nghiệm",
        year=2026,
        abstract=_SUBJECT.get(kind.name, "Về công tác văn thư, lưu trữ của tỉnh Thử Nghiệm năm 2026"),
        body=_body(kind.name),
        signers=(DEPUTY if kind.name in {"Công văn", "Kế hoạch"} else DIRECTOR,),
        recipients=RECIPIENTS,
    )
    made = replace(made, **_special(kind.name))  # type: ignore[arg-type]
    return replace(made, **changes)  # type: ignore[arg-type]


def _body(name: str) -> tuple[Block, ...]:
    if name in {"Nghị quyết (cá biệt)", "Quyết định (cá biệt)"}:
        return ARTICLES
    if name in {"Quy chế", "Quy định"}:
        return RULES
    if name == "Công điện":
        return wording.telegram("Giám đốc Sở Nội vụ", ["Chủ tịch UBND các xã, phường", "Chánh Văn phòng Sở"], PLAIN)
    if name == "Giấy mời":
        return wording.invitation(
            "Sở Nội vụ", "đại diện lãnh đạo các phòng, đơn vị thuộc Sở", "Họp đánh giá công tác quý I năm 2026",
            "Ông Nguyễn Văn An, Giám đốc Sở", "08 giờ 00, ngày 05 tháng 02 năm 2026", "Phòng họp số 2, trụ sở Sở Nội vụ",
            ["Đề nghị các đại biểu dự họp đúng thành phần"],
        )  # fmt: skip
    if name == "Giấy giới thiệu":
        return wording.introduction(
            "Sở Nội vụ tỉnh Thử Nghiệm", "Phạm Ngọc Ưng", "Chuyên viên Phòng Tổ chức", "UBND phường Ví Dụ",
            "khảo sát công tác lưu trữ", "31 tháng 12 năm 2026",
        )  # fmt: skip
    if name == "Biên bản":
        return wording.minutes(
            "08 giờ 00, ngày 05 tháng 02 năm 2026", "Phòng họp số 2", ["Ông Nguyễn Văn An, Giám đốc Sở", "Bà Trần Thị Bưởi, Phó Giám đốc Sở"],
            "Ông Nguyễn Văn An", "Ông Phạm Ngọc Ưng", [Paragraph(LONG)], "11 giờ 00, ngày 05 tháng 02 năm 2026",
        )  # fmt: skip
    if name == "Giấy nghỉ phép":
        return wording.leave(
            "02 tháng 02 năm 2026", "Sở Nội vụ", "Phạm Ngọc Ưng", "Chuyên viên", "05 ngày, kể từ ngày 09 tháng 02 năm 2026 đến hết ngày 13 tháng 02 năm 2026",
            "xã Ví Dụ, tỉnh Thử Nghiệm", "ngày nghỉ hằng năm",
        )  # fmt: skip
    return OUTLINED if name in {"Kế hoạch", "Báo cáo", "Đề án", "Dự án", "Chương trình", "Phương án"} else PLAIN


def _special(name: str) -> dict[str, object]:
    if name == "Nghị quyết (cá biệt)":
        return {"authority": "Hội đồng nhân dân phường Ví Dụ", "bases": BASES, "issuer": "Hội đồng nhân dân", "superior": "Phường Ví Dụ",
                "symbol": "NQ-HĐND", "signers": (Signer("Chủ tịch", "Lê Quốc Đại", (CapacityLine(Capacity.COLLECTIVE, "Hội đồng nhân dân"),)),)}  # fmt: skip
    if name == "Quyết định (cá biệt)":
        return {"authority": "Giám đốc Sở Nội vụ", "bases": BASES}
    if name == "Công văn":
        return {"addressees": ("Các phòng, ban, trung tâm thuộc Sở", "UBND các xã, phường trong tỉnh"), "address": ADDRESS,
                "recipients": Recipients(("Như trên", "Giám đốc Sở (để báo cáo)"), ("VP",), "PL", 300)}  # fmt: skip
    if name in {"Tờ trình", "Báo cáo"}:
        return {"addressees": ("Ủy ban nhân dân tỉnh Thử Nghiệm",)}
    if name == "Công điện":
        return {"urgency": Urgency.IMMEDIATE}
    if name == "Biên bản":
        return {"signers": (Signer("Thư ký", "Phạm Ngọc Ưng"), Signer("Chủ trì", "Nguyễn Văn An"))}
    if name in {"Hợp đồng", "Bản ghi nhớ", "Bản thỏa thuận"}:
        return {
            "signers": (
                Signer("Giám đốc", "Lê Quốc Đại", party="Đại diện bên B"),
                Signer("Giám đốc Sở", "Nguyễn Văn An", party="Đại diện bên A"),
            )
        }
    if name == "Giấy nghỉ phép":
        return {"confirmation": "Xác nhận của chính quyền nơi nghỉ phép"}
    return {}


def issuing_decision() -> Draft:
    """A decision that issues rules of a council (sample form 1.3)."""
    body: tuple[Block, ...] = (
        Article("Ban hành kèm theo Quyết định này Quy chế công tác văn thư của Sở Nội vụ."),
        Article("Quyết định này có hiệu lực kể từ ngày ký."),
        Article("Chánh Văn phòng Sở chịu trách nhiệm thi hành Quyết định này"),
    )
    kind = KINDS["Quyết định (cá biệt)"]
    return draft(
        kind,
        abstract="Ban hành Quy chế công tác văn thư của Sở Nội vụ",
        body=body,
        enclosed=Enclosed("Quy chế", "Công tác văn thư của Sở Nội vụ", RULES),
    )


def plan_with_appendices() -> Draft:
    """A plan with two appendices."""
    table = Table(("TT", "Đơn vị", "Số hồ sơ"), (("1", "Văn phòng Sở", "120"), ("2", "Phòng Tổ chức", "85")), (1, 6, 3))
    return draft(
        KINDS["Kế hoạch"],
        appendices=(Appendix("Danh mục nhiệm vụ", (table,)), Appendix("Biểu số liệu", (Paragraph(LONG), table))),
    )


ALL = {kind.name: draft(kind) for kind in DECREE30}
