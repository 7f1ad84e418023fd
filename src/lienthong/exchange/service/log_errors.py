"""Refusals of the evidence log: going back, timestamps and witnesses."""

from __future__ import annotations

from lienthong.base.errors import Retry, define

_STOP_VI = "Không ký tiếp. Khôi phục bản sao lưu mới hơn hoặc mở nhật ký với tên mới, theo sổ tay vận hành."
_STOP_EN = "Nothing more is signed. Restore a newer copy or begin a log with a new name, as the operator's guide says."

LOG_ROLLED_BACK = define(
    "LOG_ROLLED_BACK",
    Retry.PERMANENT,
    503,
    vi="Nhật ký chứng cứ bị lùi: đã công bố {known} mục ({by}), nay cơ sở dữ liệu chỉ còn {size} mục.",
    en="The evidence log went back: {known} entries were published ({by}), the database has only {size}.",
    do_vi=_STOP_VI,
    do_en=_STOP_EN,
)
LOG_FORKED = define(
    "LOG_FORKED",
    Retry.PERMANENT,
    503,
    vi="Nhật ký chứng cứ không nối tiếp điều đã công bố ở {known} mục ({by}).",
    en="The evidence log does not extend what was published at {known} entries ({by}).",
    do_vi=_STOP_VI,
    do_en=_STOP_EN,
)
LOG_EMPTY = define(
    "LOG_EMPTY",
    Retry.TRANSIENT,
    404,
    vi="Nhật ký chứng cứ chưa có điểm chốt nào.",
    en="The evidence log has no checkpoint yet.",
    do_vi="Thử lại sau khi trục đã nhận văn bản đầu tiên.",
    do_en="Try again after the axis accepted its first document.",
)
LOG_UNKNOWN = define(
    "LOG_UNKNOWN",
    Retry.PERMANENT,
    404,
    vi="Trục này không làm chứng cho nhật ký «{origin}».",
    en="This axis is no witness of the log “{origin}”.",
    do_vi="Đề nghị đơn vị vận hành trục thêm khóa của nhật ký vào cấu hình.",
    do_en="Ask the operator of this axis to add the log's key to its configuration.",
)
WITNESS_AWAY = define(
    "WITNESS_AWAY",
    Retry.TRANSIENT,
    503,
    vi="Bên làm chứng {name} không trả lời ({reason}).",
    en="The witness {name} does not answer ({reason}).",
    do_vi="Trục tự thử lại; liên hệ bên làm chứng nếu kéo dài.",
    do_en="The axis tries again; ask the witness when it lasts.",
)
WITNESS_ANSWER_WRONG = define(
    "WITNESS_ANSWER_WRONG",
    Retry.TRANSIENT,
    502,
    vi="Trả lời của bên làm chứng {name} không dùng được ({reason}).",
    en="The answer of the witness {name} cannot be used ({reason}).",
    do_vi="Kiểm tra khóa và địa chỉ của bên làm chứng trong cấu hình.",
    do_en="Check the witness's key and address in the configuration.",
)
