"""Refusal codes of the vocabulary.

Source: project decision (closed list of codes); the sentences follow the duties of Decree 30/2020/NĐ-CP and
Decision 28/2018/QĐ-TTg named in each module.
"""

from __future__ import annotations

from lienthong.base.errors import Retry, define

AGENCY_CODE_MALFORMED = define(
    "AGENCY_CODE_MALFORMED",
    Retry.PERMANENT,
    400,
    vi="Mã định danh cơ quan “{agency}” không hợp lệ: {why_vi}.",
    en="The agency code “{agency}” is not valid: {why_en}.",
    do_vi=(
        "Kiểm tra lại mã trong danh bạ cơ quan; mã chỉ gồm chữ cái không dấu, chữ số, dấu chấm, gạch "
        "nối, tối đa 35 ký tự."
    ),
    do_en=("Check the code in the directory; a code holds unaccented letters, digits, dots and hyphens, 35 at most."),
)

SUCCESSION_CYCLE = define(
    "SUCCESSION_CYCLE",
    Retry.PERMANENT,
    409,
    vi="Chuỗi thay thế mã cơ quan quay vòng tại mã {agency}.",
    en="The succession of agency codes runs in a circle at {agency}.",
    do_vi="Sửa các dòng kế thừa mã trong danh bạ để không mã nào kế thừa chính mình.",
    do_en="Correct the succession rows in the directory so that no code succeeds itself.",
)

SUCCESSION_AMBIGUOUS = define(
    "SUCCESSION_AMBIGUOUS",
    Retry.PERMANENT,
    409,
    vi=("Mã {agency} có nhiều đơn vị kế thừa ({successors}) nhưng không xác định được đúng một đơn vị kế thừa chính."),
    en=("The code {agency} has several successors ({successors}) and not exactly one of them is declared principal."),
    do_vi="Gửi thẳng tới mã của đơn vị kế thừa, hoặc khai báo đơn vị kế thừa chính trong danh bạ.",
    do_en="Address the successor directly, or declare the principal successor in the directory.",
)

ALIAS_CONFLICT = define(
    "ALIAS_CONFLICT",
    Retry.PERMANENT,
    409,
    vi="Mã tương đương {agency} chỉ tới nhiều cơ quan trong cùng một thời gian ({codes}).",
    en="The alias {agency} names several agencies at the same time ({codes}).",
    do_vi="Sửa thời gian hiệu lực của các mã tương đương trong danh bạ, hoặc dùng mã hiện hành của cơ quan.",
    do_en="Correct the validity dates of the aliases in the directory, or use the agency's present code.",
)

DOCUMENT_NUMBER_MALFORMED = define(
    "DOCUMENT_NUMBER_MALFORMED",
    Retry.PERMANENT,
    400,
    vi="Số, ký hiệu văn bản “{text}” không hợp lệ: {why_vi}.",
    en="The document number and symbol “{text}” is not valid: {why_en}.",
    do_vi="Ghi theo mẫu số/ký hiệu, ví dụ 15/QĐ-BNV.",
    do_en="Write it as number/symbol, for example 15/QĐ-BNV.",
)

DOCUMENT_ID_MALFORMED = define(
    "DOCUMENT_ID_MALFORMED",
    Retry.PERMANENT,
    400,
    vi="Mã định danh văn bản “{text}” không hợp lệ: {why_vi}.",
    en="The document identifier “{text}” is not valid: {why_en}.",
    do_vi="Dùng mẫu: mã cơ quan, ngày ban hành, số/ký hiệu – ví dụ 000.00.00.G22,2015/09/30,7816/VPCP-TTĐT.",
    do_en="Use agency code, issue date, number/symbol – for example 000.00.00.G22,2015/09/30,7816/VPCP-TTĐT.",
)

SECRET_CONTENT = define(
    "SECRET_CONTENT",
    Retry.PERMANENT,
    422,
    vi="Văn bản có dấu chỉ độ mật ({level}) tại {field}; trục liên thông không nhận văn bản mật.",
    en="The document bears a secrecy marking ({level}) in {field}; the axis does not carry secret documents.",
    do_vi="Gửi văn bản này theo quy định về bảo vệ bí mật nhà nước, không gửi qua trục.",
    do_en="Send this document under the rules for state secrets, not through the axis.",
)

STATUS_CODE_UNKNOWN = define(
    "STATUS_CODE_UNKNOWN",
    Retry.PERMANENT,
    400,
    vi="Mã trạng thái “{status}” không có trong danh mục 01–06, 13, 15, 16.",
    en="The status code “{status}” is not in the list 01–06, 13, 15, 16.",
    do_vi="Dùng một mã trạng thái trong danh mục.",
    do_en="Use a status code of the list.",
)

URGENCY_UNKNOWN = define(
    "URGENCY_UNKNOWN",
    Retry.PERMANENT,
    400,
    vi="Độ khẩn “{value}” không có trong danh mục 0–4.",
    en="The urgency “{value}” is not in the list 0–4.",
    do_vi="Dùng 0 (thường), 1 (khẩn), 2 (thượng khẩn), 3 (hỏa tốc) hoặc 4 (hỏa tốc hẹn giờ).",
    do_en="Use 0 (normal), 1 (urgent), 2 (very urgent), 3 (immediate) or 4 (immediate at a set time).",
)

SECRECY_UNKNOWN = define(
    "SECRECY_UNKNOWN",
    Retry.PERMANENT,
    400,
    vi="Độ mật “{value}” không có trong danh mục.",
    en="The secrecy level “{value}” is not in the list.",
    do_vi="Dùng một trong bốn mức: thường, mật, tối mật, tuyệt mật.",
    do_en="Use one of the four levels: thường, mật, tối mật, tuyệt mật.",
)

CALENDAR_MALFORMED = define(
    "CALENDAR_MALFORMED",
    Retry.PERMANENT,
    422,
    vi="Tệp lịch làm việc không đọc được: {why_vi}.",
    en="The working calendar cannot be read: {why_en}.",
    do_vi="Sửa tệp lịch theo mẫu kèm theo phần mềm rồi nạp lại.",
    do_en="Correct the calendar after the packaged example and load it again.",
)
