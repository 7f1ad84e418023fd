"""Why the conformance kit refuses, in the words of whoever must act."""

from __future__ import annotations

from lienthong.base.errors import Retry, define

CERTIFICATE_NOT_EARNED = define(
    "CERTIFICATE_NOT_EARNED",
    Retry.PERMANENT,
    422,
    vi="Chưa cấp được chứng nhận: {count} yêu cầu bắt buộc chưa đạt ({checks}).",
    en="No certificate: {count} requirement(s) are not met ({checks}).",
    do_vi="Xem báo cáo, sửa từng mục theo hướng dẫn rồi kiểm tra lại.",
    do_en="See the report, correct each item as it advises, and run the checks again.",
)
CERTIFICATE_NOT_USABLE = define(
    "CERTIFICATE_NOT_USABLE",
    Retry.PERMANENT,
    422,
    vi="Tệp «{file}» không phải chứng nhận hoặc báo cáo dùng được: {why_vi}.",
    en="The file “{file}” is no usable certificate or report: {why_en}.",
    do_vi="Dùng tệp chứng nhận JSON do «lienthong conform» ghi ra, chưa bị sửa.",
    do_en="Use the JSON certificate that “lienthong conform” wrote, unchanged.",
)
CONFORM_RESUME_DIFFERS = define(
    "CONFORM_RESUME_DIFFERS",
    Retry.PERMANENT,
    409,
    vi="Báo cáo «{file}» thuộc đối tượng hoặc phiên bản khác, không tiếp tục được.",
    en="The report “{file}” is about another target or version; it cannot be resumed.",
    do_vi="Chạy lại từ đầu, không dùng --resume.",
    do_en="Run from the beginning, without --resume.",
)
CONFORM_IDENTITY_WRONG = define(
    "CONFORM_IDENTITY_WRONG",
    Retry.PERMANENT,
    400,
    vi="Tham số danh tính «{given}» viết chưa đúng: {why_vi}.",
    en="The identity “{given}” is not written properly: {why_en}.",
    do_vi="Viết HỆ-THỐNG,MÃ-CƠ-QUAN,TỆP-KHÓA cho --vxp và --lgsp; mỗi giao diện cần hai danh tính (gửi, nhận).",
    do_en="Write SYSTEM,AGENCY,SECRET-FILE for --vxp and --lgsp; a face needs two identities (sender, recipient).",
)
