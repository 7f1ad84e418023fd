"""The refusals of keeping signed documents."""

from __future__ import annotations

from lienthong.base.errors import Retry, define

DOCUMENT_NOT_SIGNED = define(
    "DOCUMENT_NOT_SIGNED",
    Retry.PERMANENT,
    422,
    vi="Văn bản chưa có chữ ký số nào.",
    en="The document has no signature.",
    do_vi="Không cần làm gì; ký trước bằng “lienthong sign” nếu đây là văn bản phải ký.",
    do_en="Nothing needs to be done; sign it first with “lienthong sign” if it should be signed.",
)
DOCUMENT_SIGNATURE_BROKEN = define(
    "DOCUMENT_SIGNATURE_BROKEN",
    Retry.PERMANENT,
    422,
    vi="Chữ ký «{field}» không còn khớp với tệp; tệp không được động đến.",
    en="The signature “{field}” does not fit the file any more; the file is not touched.",
    do_vi="Kiểm tra bằng “lienthong verify”, lấy lại bản gốc từ nơi lưu trữ hoặc bản sao lưu.",
    do_en="Look at it with “lienthong verify”; take the original from the archive or a backup.",
)
DOCUMENT_BUSY = define(
    "DOCUMENT_BUSY",
    Retry.TRANSIENT,
    409,
    vi="Tiến trình khác đang xử lý tệp này.",
    en="Another process is working on this file.",
    do_vi="Chờ tiến trình kia xong; không cần làm lại nếu nó đã hoàn tất.",
    do_en="Wait for the other one; nothing needs repeating when it has finished.",
)
DOCUMENT_CHANGED_MEANWHILE = define(
    "DOCUMENT_CHANGED_MEANWHILE",
    Retry.TRANSIENT,
    409,
    vi="Tệp bị chương trình khác thay đổi trong khi đang được bổ sung; bản mới của tệp được giữ nguyên.",
    en="The file was changed by another program meanwhile; its new content is left as it is.",
    do_vi="Chạy lại lệnh.",
    do_en="Run the command again.",
)
RENEWAL_GAINS_NOTHING = define(
    "RENEWAL_GAINS_NOTHING",
    Retry.TRANSIENT,
    409,
    vi="Dấu thời gian mới cũng chỉ giữ được đến {until}, không lâu hơn dấu đang có; tệp được giữ nguyên.",
    en="A new timestamp would hold until {until} only, no longer than the present one; the file is left as it is.",
    do_vi="Dùng dịch vụ cấp dấu thời gian có chứng thư số dài hạn hơn hoặc thuật toán mạnh hơn, trước ngày đó.",
    do_en="Use an authority with a longer certificate or a stronger algorithm, before that day.",
)
RENEWAL_TOO_LATE = define(
    "RENEWAL_TOO_LATE",
    Retry.PERMANENT,
    409,
    vi="Bằng chứng về thời gian của văn bản đã hết hiệu lực từ {until}; dấu thời gian mới không khôi phục được.",
    en="The document's proof of time ended on {until}; a new timestamp cannot bring it back.",
    do_vi="Giữ nguyên tệp; tìm bản sao đã được gia hạn kịp thời hoặc bằng chứng khác (biên nhận của trục, hồ sơ lưu).",
    do_en="Leave the file as it is; look for a copy renewed in time, or other evidence (the axis's receipt, archives).",
)
UPKEEP_MARGINS_INVALID = define(
    "UPKEEP_MARGINS_INVALID",
    Retry.PERMANENT,
    500,
    vi="Tệp thời hạn gia hạn {file} chưa đúng: {why_vi}.",
    en="The file of renewal margins {file} is not right: {why_en}.",
    do_vi="Sửa tệp theo mẫu trong docs/guides/keep-signatures-valid.md.",
    do_en="Correct it after the example in docs/guides/keep-signatures-valid.en.md.",
)
