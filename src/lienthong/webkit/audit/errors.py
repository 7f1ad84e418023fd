"""What is said of a log that is not intact."""

from __future__ import annotations

from lienthong.base.errors import Retry, define

AUDIT_BROKEN = define(
    "AUDIT_BROKEN", Retry.PERMANENT, 500,
    vi="Nhật ký của cơ quan không còn nguyên vẹn từ mục số {number}.",
    en="The agency's audit log is not intact from entry {number} on.",
    do_vi="Giữ nguyên cơ sở dữ liệu, báo người phụ trách an toàn thông tin, đối chiếu với bản sao lưu.",
    do_en="Keep the database as it is, tell whoever is in charge of security, compare with a backup.",
)  # fmt: skip
