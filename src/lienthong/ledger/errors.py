"""Refusals of the evidence log. Source: C2SP tlog-tiles, signed-note, tlog-checkpoint and tlog-witness."""

from __future__ import annotations

from lienthong.base.errors import Retry, define

_KEEP_VI = "Giữ lại tệp này làm chứng cứ và báo ngay cho đơn vị vận hành trục."
_KEEP_EN = "Keep this file as evidence and tell the operator of the axis at once."

LEDGER_TILE_MISSING = define(
    "LEDGER_TILE_MISSING",
    Retry.TRANSIENT,
    503,
    vi="Nhật ký chứng cứ thiếu phần dữ liệu {path}.",
    en="The evidence log has no data at {path}.",
    do_vi="Thử lại sau ít phút; nếu vẫn thiếu, báo cho đơn vị vận hành trục.",
    do_en="Try again in a few minutes; if it is still missing, tell the operator of the axis.",
)
LEDGER_TILE_DAMAGED = define(
    "LEDGER_TILE_DAMAGED",
    Retry.PERMANENT,
    500,
    vi="Phần dữ liệu {path} của nhật ký chứng cứ bị hỏng.",
    en="The data of the evidence log at {path} is damaged.",
    do_vi="Báo cho đơn vị vận hành trục để khôi phục từ bản sao lưu.",
    do_en="Tell the operator of the axis to restore it from a copy.",
)
LEDGER_POSITION_INVALID = define(
    "LEDGER_POSITION_INVALID",
    Retry.PERMANENT,
    400,
    vi="Vị trí {index} không có trong nhật ký chứng cứ gồm {size} mục.",
    en="There is no position {index} in an evidence log of {size} entries.",
    do_vi="Kiểm tra lại vị trí và kích thước của nhật ký.",
    do_en="Check the position and the size of the log.",
)
LEDGER_PATH_MALFORMED = define(
    "LEDGER_PATH_MALFORMED",
    Retry.PERMANENT,
    404,
    vi="Đường dẫn «{path}» không phải là phần dữ liệu của nhật ký chứng cứ.",
    en='"{path}" does not name data of the evidence log.',
    do_vi="Dùng đường dẫn theo chuẩn của nhật ký chứng cứ.",
    do_en="Use a path of the log's published layout.",
)
NOTE_MALFORMED = define(
    "NOTE_MALFORMED",
    Retry.PERMANENT,
    400,
    vi="Bản ghi có chữ ký không đúng định dạng: {reason}.",
    en="The signed note is not well formed: {reason}.",
    do_vi="Lấy lại bản ghi từ trục.",
    do_en="Fetch the note from the axis again.",
)
NOTE_KEY_MALFORMED = define(
    "NOTE_KEY_MALFORMED",
    Retry.PERMANENT,
    400,
    vi="Khóa kiểm tra bản ghi không đúng định dạng: {reason}.",
    en="The key that verifies notes is not well formed: {reason}.",
    do_vi="Lấy lại khóa từ đơn vị vận hành trục.",
    do_en="Get the key from the operator of the axis again.",
)
NOTE_SIGNATURE_WRONG = define(
    "NOTE_SIGNATURE_WRONG",
    Retry.PERMANENT,
    403,
    vi="Chữ ký của {name} trên bản ghi không đúng.",
    en="The signature of {name} on the note is wrong.",
    do_vi=_KEEP_VI,
    do_en=_KEEP_EN,
)
NOTE_UNSIGNED = define(
    "NOTE_UNSIGNED",
    Retry.PERMANENT,
    403,
    vi="Bản ghi không có chữ ký của khóa nào được tin cậy.",
    en="The note has no signature of any trusted key.",
    do_vi="Kiểm tra danh sách khóa được tin cậy.",
    do_en="Check the list of trusted keys.",
)
CHECKPOINT_MALFORMED = define(
    "CHECKPOINT_MALFORMED",
    Retry.PERMANENT,
    400,
    vi="Điểm chốt của nhật ký chứng cứ không đúng định dạng: {reason}.",
    en="The checkpoint of the evidence log is not well formed: {reason}.",
    do_vi="Lấy lại điểm chốt từ trục.",
    do_en="Fetch the checkpoint from the axis again.",
)
CHECKPOINT_OF_OTHER_LOG = define(
    "CHECKPOINT_OF_OTHER_LOG",
    Retry.PERMANENT,
    404,
    vi="Điểm chốt thuộc nhật ký {found}, không phải {expected}.",
    en="The checkpoint belongs to the log {found}, not to {expected}.",
    do_vi="Kiểm tra lại địa chỉ và khóa của trục.",
    do_en="Check the address and the key of the axis.",
)
CHECKPOINT_OLD_SIZE = define(
    "CHECKPOINT_OLD_SIZE",
    Retry.PERMANENT,
    409,
    vi="Bên làm chứng đã thấy nhật ký gồm {known} mục, không phải {given}.",
    en="The witness has seen the log at {known} entries, not at {given}.",
    do_vi="Gửi lại kèm chứng minh kể từ {known} mục.",
    do_en="Send it again with a proof from {known} entries on.",
)
CHECKPOINT_ROLLED_BACK = define(
    "CHECKPOINT_ROLLED_BACK",
    Retry.PERMANENT,
    409,
    vi="Nhật ký chứng cứ bị lùi lại: trước đây gồm {known} mục, nay chỉ còn {given}.",
    en="The evidence log went back: it had {known} entries, now it has {given}.",
    do_vi=_KEEP_VI,
    do_en=_KEEP_EN,
)
CHECKPOINT_FORKED = define(
    "CHECKPOINT_FORKED",
    Retry.PERMANENT,
    409,
    vi="Nhật ký chứng cứ có hai nội dung khác nhau ở cùng kích thước {size} mục.",
    en="The evidence log has two different contents at the same size of {size} entries.",
    do_vi=_KEEP_VI,
    do_en=_KEEP_EN,
)
CHECKPOINT_NOT_CONSISTENT = define(
    "CHECKPOINT_NOT_CONSISTENT",
    Retry.PERMANENT,
    422,
    vi="Không chứng minh được nhật ký {size} mục là phần nối tiếp của nhật ký {known} mục.",
    en="It is not proven that the log of {size} entries extends the log of {known} entries.",
    do_vi=_KEEP_VI,
    do_en=_KEEP_EN,
)
