"""Invented registers and forms, the same in unit tests and when somebody wants to look at them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

from lienthong.office.papers.copies_register import CopyUse, copies_register
from lienthong.office.papers.dossier_contents import ContainedDocument, DossierHead, dossier_contents
from lienthong.office.papers.file_plan import FilePlan, LargeHeading, PlannedDossier, SmallHeading, file_plan
from lienthong.office.papers.follow_up_register import FollowedRow, follow_up_register
from lienthong.office.papers.handling_slip import Charge, HandlingSlip, Opinion, handling_slip
from lienthong.office.papers.handover_minutes import Handover, Quantity, Side, handover_minutes
from lienthong.office.papers.incoming_register import IncomingRow, incoming_register
from lienthong.office.papers.inventory import DepositedDossier, Inventory, inventory
from lienthong.office.papers.outgoing_register import OutgoingRow, outgoing_register
from lienthong.office.papers.postal_register import PostedRow, postal_register
from lienthong.office.papers.register import Letterhead, Volume
from lienthong.webkit.papers.form import Form
from lienthong.webkit.papers.model import PrintMark, Signer, Table

HEAD = Letterhead("Sở Nội vụ", "Ủy ban nhân dân tỉnh Thử Nghiệm", "Thử Nghiệm")
MARK = PrintMark("Hệ thống văn bản Sở Nội vụ", "Trần Thị Bưởi", datetime(2026, 11, 26, 8, 5))
FIRST = date(2026, 1, 5)
VOLUME = Volume(2026, FIRST, date(2026, 6, 30), "01", "640", 1)


def outgoing_rows(count: int) -> Iterator[OutgoingRow]:
    for number in range(1, count + 1):
        day = FIRST + timedelta(days=number % 170)
        void = "đánh nhầm ký hiệu, văn bản không ban hành" if number % 7 == 3 else ""
        yield OutgoingRow(
            f"{number:02d}/QĐ-SNV", day, "Quyết định",
            f"Về việc phân bổ kinh phí thực hiện nhiệm vụ số {number} của Phòng Tổ chức cán bộ",
            "" if void else "Nguyễn Văn An", () if void else ("Sở Tài chính", "Kho bạc Nhà nước khu vực"),
            () if void else ("Văn thư", "Phòng Tổ chức"), None if void else number % 30 + 2, None if void else day,
            "", "", void,
        )  # fmt: skip


def outgoing(count: int = 12, mark: PrintMark | None = MARK) -> Table:
    return outgoing_register(HEAD, VOLUME, outgoing_rows(count), mark)


def incoming(count: int = 9) -> Table:
    rows = (
        IncomingRow(FIRST, number, "Văn phòng Chính phủ", f"{number * 11}/VPCP-TH", FIRST - timedelta(days=2), "Công văn",
                    f"V/v báo cáo tình hình gửi, nhận văn bản điện tử quý {number}", ("Văn phòng", "Phòng Công nghệ"), FIRST,
                    void_reason="đăng ký trùng" if number == 4 else "")
        for number in range(1, count + 1)
    )  # fmt: skip
    return incoming_register(HEAD, VOLUME, rows, MARK)


def postal() -> Table:
    return postal_register(
        HEAD, VOLUME, [PostedRow(FIRST, ("01/QĐ-SNV", "02/SNV-VP"), "Bưu điện tỉnh Thử Nghiệm", 1250)], MARK
    )


def copies() -> Table:
    use = CopyUse(FIRST, "Lê Quốc Đại", "15/QĐ-SNV", FIRST, "Quyết định", "Về việc cử công chức đi học", "01.TCCB",
                  returned_on=FIRST, allowed_by="Nguyễn Văn An")  # fmt: skip
    return copies_register(HEAD, VOLUME, [use], MARK)


def follow_up() -> Table:
    row = FollowedRow(7, "Công văn", "88/VPCP-TH", FIRST, "Văn phòng Chính phủ", ("Phòng Công nghệ",), date(2026, 1, 20),
                      "Đã trình dự thảo trả lời", ("12/SNV-VP",))  # fmt: skip
    return follow_up_register(HEAD, VOLUME, [row], MARK)


def plan() -> Table:
    def kept(code: str, title: str, retention: str) -> PlannedDossier:
        return PlannedDossier(code, title, retention, "Phạm Ngọc Ưng")

    staff = LargeHeading("TỔ CHỨC CÁN BỘ", (
        SmallHeading("Tuyển dụng", (kept("01.TCCB", "Hồ sơ tuyển dụng công chức năm 2026", "Vĩnh viễn"),
                                    kept("02.TCCB", "Hồ sơ nâng bậc lương năm 2026", "20 năm"))),
        SmallHeading("Thi đua", (kept("03.TCCB", "Hồ sơ khen thưởng đột xuất", "10 năm"),)),
    ))  # fmt: skip
    office = LargeHeading(
        "VĂN THƯ - LƯU TRỮ", (SmallHeading("", (kept("01.VTLT", "Tập lưu văn bản đi năm 2026", "Vĩnh viễn"),)),)
    )
    decided = "Quyết định số 02/QĐ-SNV ngày 05 tháng 01 năm 2026 của Sở Nội vụ"
    return file_plan(FilePlan(2026, (staff, office), decided, Signer("GIÁM ĐỐC", "Nguyễn Văn An", "")), HEAD, MARK)


def deposited(count: int = 25) -> Table:
    dossiers = [
        DepositedDossier(f"{n:02d}.TCCB", f"Hồ sơ công việc thứ {n}", FIRST, date(2026, 10, 1), "Vĩnh viễn", 1000 + n)
        for n in range(1, count + 1)
    ]
    return inventory(Inventory(2026, "Phòng Tổ chức cán bộ", dossiers, "Phạm Ngọc Ưng", date(2026, 11, 5)), HEAD, MARK)


def contents() -> Table:
    documents = [
        ContainedDocument(
            f"{n:02d}/QĐ-SNV", FIRST, "Quyết định", "Về việc thành lập tổ công tác", "Sở Nội vụ", f"{n:02d}"
        )
        for n in range(1, 4)
    ]
    return dossier_contents(DossierHead("01.TCCB", "Hồ sơ tuyển dụng công chức năm 2026", 2026), documents, HEAD, MARK)


def slip(filled: bool = True) -> Form:
    given = HandlingSlip("Công văn", "88/VPCP-TH", date(2026, 1, 3), "Văn phòng Chính phủ",
                         "V/v báo cáo tình hình gửi, nhận văn bản điện tử", "07", FIRST)  # fmt: skip
    if filled:
        given = HandlingSlip(
            given.kind, given.number, given.day, given.author, given.abstract, "07", FIRST,
            Charge("Phòng Công nghệ", date(2026, 1, 20)), (Charge("Văn phòng"), Charge("Thanh tra", date(2026, 1, 15))),
            Opinion("Giao chuẩn bị báo cáo, trình trước hạn 02 ngày", "Nguyễn Văn An", FIRST),
            Charge("Lê Quốc Đại", date(2026, 1, 18)), Opinion("Thu thập số liệu từ các phòng", "Trần Thị Bưởi", FIRST),
            Opinion("Đề nghị gia hạn đến ngày 22/01/2026", "Lê Quốc Đại", date(2026, 1, 6)),
        )  # fmt: skip
    return handling_slip(given, HEAD, MARK)


def minutes() -> Form:
    return handover_minutes(
        Handover("Hồ sơ, tài liệu của Phòng Tổ chức cán bộ", "Năm 2026", Quantity(3, 25, Decimal("1.25"), 40, 1215),
                 Side("Phòng Tổ chức cán bộ", "Phạm Ngọc Ưng", "Trưởng phòng"),
                 Side("Lưu trữ cơ quan", "Trần Thị Bưởi", "Lưu trữ viên"), date(2026, 11, 5),
                 ("Danh mục hồ sơ năm 2026", "Kế hoạch số 03/KH-SNV về thu thập hồ sơ, tài liệu"), "Nguyên vẹn, đầy đủ"),
        HEAD, MARK,
    )  # fmt: skip


TABLES = {
    "outgoing": outgoing, "incoming": incoming, "postal": postal, "copies": copies, "follow_up": follow_up, "plan": plan,
    "deposited": deposited, "contents": contents,
}  # fmt: skip
