"""The refusals of an agency's book of certificates."""

from __future__ import annotations

from lienthong.base.errors import Retry, define

CERTIFICATE_BOOK_MISSING = define(
    "CERTIFICATE_BOOK_MISSING",
    Retry.PERMANENT,
    404,
    vi="Thư mục {folder} chưa có sổ chứng thư số.",
    en="The folder {folder} holds no book of certificates.",
    do_vi="Lập sổ bằng “lienthong certificates init THƯ-MỤC --agency «Tên cơ quan»”, hoặc kiểm tra đường dẫn.",
    do_en="Begin one with “lienthong certificates init FOLDER --agency NAME”, or check the path.",
)
CERTIFICATE_BOOK_EXISTS = define(
    "CERTIFICATE_BOOK_EXISTS",
    Retry.PERMANENT,
    409,
    vi="Thư mục {folder} đã có sổ chứng thư số của {agency}.",
    en="The folder {folder} already holds the book of certificates of {agency}.",
    do_vi="Dùng sổ đang có, hoặc chọn thư mục khác.",
    do_en="Use the book that is there, or choose another folder.",
)
HOLDING_UNKNOWN = define(
    "HOLDING_UNKNOWN",
    Retry.PERMANENT,
    404,
    vi="Sổ không có chứng thư số nào mang số, số sê-ri hay tên «{which}».",
    en="The book has no certificate with the number, serial number or name “{which}”.",
    do_vi="Xem “lienthong certificates list”; tên trùng nhau thì dùng số trong sổ.",
    do_en="See “lienthong certificates list”; use the number in the book when several share a name.",
)
HOLDING_AMBIGUOUS = define(
    "HOLDING_AMBIGUOUS",
    Retry.PERMANENT,
    409,
    vi="Có {count} chứng thư số mang tên «{which}»: số {numbers}.",
    en="{count} certificates bear the name “{which}”: numbers {numbers}.",
    do_vi="Gọi lại với số trong sổ.",
    do_en="Call again with the number in the book.",
)
HOLDING_STEP_NOT_POSSIBLE = define(
    "HOLDING_STEP_NOT_POSSIBLE",
    Retry.PERMANENT,
    409,
    vi="Chưa làm được bước «{step}» cho chứng thư số {number}: {why_vi}.",
    en="The step “{step}” is not possible for certificate {number}: {why_en}.",
    do_vi="Bước làm được lúc này: {possible}.",
    do_en="Possible now: {possible}.",
)
HOLDER_INCOMPLETE = define(
    "HOLDER_INCOMPLETE",
    Retry.PERMANENT,
    422,
    vi="Mẫu {form} còn thiếu: {missing_vi}.",
    en="Form {form} lacks: {missing_en}.",
    do_vi="Ghi thêm: {keys}.",
    do_en="Add: {keys}.",
)
CERTIFICATE_NOT_OF_HOLDER = define(
    "CERTIFICATE_NOT_OF_HOLDER",
    Retry.PERMANENT,
    422,
    vi="Chứng thư số này cấp cho «{found}», không phải «{wanted}».",
    en="This certificate is of “{found}”, not of “{wanted}”.",
    do_vi="Kiểm tra đúng tệp chứng thư số; nếu tên bị cấp sai, trả lại nhà cung cấp.",
    do_en="Check that it is the right file; a wrong name goes back to the provider.",
)
CERTIFICATE_HELD_ALREADY = define(
    "CERTIFICATE_HELD_ALREADY",
    Retry.PERMANENT,
    409,
    vi="Chứng thư số {serial} đã có trong sổ, số {number}.",
    en="The certificate {serial} is in the book already, number {number}.",
    do_vi="Không cần ghi lại.",
    do_en="There is nothing to add.",
)
CERTIFICATES_UNREADABLE = define(
    "CERTIFICATES_UNREADABLE",
    Retry.PERMANENT,
    422,
    vi="Không đọc được chứng thư số trong {file}: {why_vi}.",
    en="No certificate can be read from {file}: {why_en}.",
    do_vi="Dùng tệp PEM, DER, PKCS#12, hoặc CSV UTF-8 có tiêu đề loai, ho_ten, chuc_vu, co_quan, email, chung_thu_so.",
    do_en="Use PEM, DER, PKCS #12, or CSV in UTF-8 headed kind, name, title, agency, email, certificate.",
)
HOLDING_FORM_UNKNOWN = define(
    "HOLDING_FORM_UNKNOWN",
    Retry.PERMANENT,
    404,
    vi="Không có mẫu «{form}» cho {kind}.",
    en="There is no form “{form}” for {kind}.",
    do_vi="Các mẫu có: {present}.",
    do_en="There are: {present}.",
)
HOLDING_RULES_INVALID = define(
    "HOLDING_RULES_INVALID",
    Retry.PERMANENT,
    422,
    vi="Tệp quy tắc {file} không dùng được: {why}.",
    en="The file of rules {file} cannot be used: {why}.",
    do_vi="So với tệp rules.toml đi kèm phần mềm.",
    do_en="Compare it with the rules.toml that comes with the software.",
)
HOLDING_DEVICE_UNSETTLED = define(
    "HOLDING_DEVICE_UNSETTLED",
    Retry.PERMANENT,
    409,
    vi="Chứng thư số {number} chưa hết hiệu lực nên thiết bị chưa được thu hồi hay hủy.",
    en="The certificate {number} still counts, so its device cannot be returned or destroyed.",
    do_vi="Thu hồi chứng thư số trước.",
    do_en="Revoke the certificate first.",
)
HOLDING_MINUTES_MISSING = define(
    "HOLDING_MINUTES_MISSING",
    Retry.PERMANENT,
    422,
    vi="Bàn giao chứng thư số {number} cần biên bản đã ký.",
    en="The hand-over of certificate {number} needs its signed minutes.",
    do_vi="Lập biên bản bằng “lienthong certificates form … --form ban-giao”, ký rồi đưa vào bằng --document.",
    do_en="Make the minutes with “lienthong certificates form … --form ban-giao”, sign them, give them by --document.",
)
