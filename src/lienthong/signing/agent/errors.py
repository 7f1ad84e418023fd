"""What the signing agent refuses."""

from __future__ import annotations

from lienthong.base.errors import Retry, define

AGENT_HOST_FOREIGN = define(
    "AGENT_HOST_FOREIGN",
    Retry.PERMANENT,
    421,
    vi="Yêu cầu gọi trình ký bằng một tên máy khác máy này.",
    en="The request names the signing agent by a host other than this computer.",
    do_vi="Gọi trình ký bằng 127.0.0.1 hoặc localhost.",
    do_en="Call the signing agent as 127.0.0.1 or localhost.",
)
AGENT_ORIGIN_FOREIGN = define(
    "AGENT_ORIGIN_FOREIGN",
    Retry.PERMANENT,
    403,
    vi="Trang «{origin}» không được phép dùng trình ký trên máy này.",
    en="The page “{origin}” may not use the signing agent of this computer.",
    do_vi="Nếu đây đúng là phần mềm của cơ quan, khởi động lại trình ký với «--origin {origin}».",
    do_en="If this is the agency's software, start the agent again with “--origin {origin}”.",
)
AGENT_NOT_PAIRED = define(
    "AGENT_NOT_PAIRED",
    Retry.PERMANENT,
    401,
    vi="Phần mềm hoặc trình duyệt này chưa được ghép với trình ký.",
    en="This software or browser is not paired with the signing agent.",
    do_vi="Nhập mã ghép đang hiện ở cửa sổ trình ký.",
    do_en="Enter the pairing code that the agent's window shows.",
)
AGENT_CODE_WRONG = define(
    "AGENT_CODE_WRONG",
    Retry.PERMANENT,
    403,
    vi="Mã ghép không đúng.",
    en="The pairing code is wrong.",
    do_vi="Nhập lại mã đang hiện ở cửa sổ trình ký; mã thay đổi mỗi lần khởi động.",
    do_en="Enter the code that the agent's window shows; it changes at each start.",
)
AGENT_PAIRING_CLOSED = define(
    "AGENT_PAIRING_CLOSED",
    Retry.PERMANENT,
    429,
    vi="Mã ghép đã bị nhập sai quá nhiều lần nên trình ký không nhận ghép nữa.",
    en="The pairing code was wrong too often; the agent takes no more of them.",
    do_vi="Khởi động lại trình ký; nếu không phải bạn nhập sai, báo người phụ trách an toàn thông tin.",
    do_en="Start the agent again; if it was not you who erred, tell whoever is responsible for security.",
)
AGENT_PAGE_EXPIRED = define(
    "AGENT_PAGE_EXPIRED",
    Retry.PERMANENT,
    403,
    vi="Trang đã cũ hoặc không do trình ký này lập nên lệnh không được thực hiện.",
    en="The page is out of date or was not made by this agent, so nothing was done.",
    do_vi="Mở lại trang của trình ký rồi bấm lại.",
    do_en="Open the agent's page again and press once more.",
)
AGENT_ADDRESS_UNKNOWN = define(
    "AGENT_ADDRESS_UNKNOWN",
    Retry.PERMANENT,
    404,
    vi="Trình ký không có địa chỉ này.",
    en="The signing agent has no such address.",
    do_vi="Mở trang đầu của trình ký.",
    do_en="Open the agent's first page.",
)
AGENT_ADDRESS_TAKEN = define(
    "AGENT_ADDRESS_TAKEN",
    Retry.PERMANENT,
    503,
    vi="Không mở được địa chỉ {address}: chương trình khác đang giữ.",
    en="The address {address} cannot be opened: another program holds it.",
    do_vi="Dừng chương trình đó (có thể là lần chạy trước), hoặc chọn cổng khác.",
    do_en="Stop that program, which may be an earlier run, or choose another port.",
)
AGENT_NOT_ALL_SHOWN = define(
    "AGENT_NOT_ALL_SHOWN",
    Retry.PERMANENT,
    409,
    vi="Còn {count} văn bản chưa được mở xem nên chưa ký được.",
    en="{count} document(s) have not been opened yet, so nothing can be signed.",
    do_vi="Mở xem từng văn bản, hoặc từ chối ký văn bản không đồng ý.",
    do_en="Open each document, or decline the ones you do not agree with.",
)
AGENT_NOT_OPENED = define(
    "AGENT_NOT_OPENED",
    Retry.PERMANENT,
    409,
    vi="Nội dung văn bản thứ {number} chưa hiện hết trên trình duyệt này.",
    en="The content of document {number} has not been shown in this browser yet.",
    do_vi="Chờ văn bản hiện ra, hoặc bấm mở ở tab mới, rồi xác nhận lại.",
    do_en="Wait until it appears, or open it in a new tab, then confirm again.",
)
AGENT_PIN_WRONG = define(
    "AGENT_PIN_WRONG",
    Retry.PERMANENT,
    403,
    vi="Mã PIN không đúng (lần sai thứ {count} liên tiếp). Trình ký không tự thử lại.",
    en="The PIN is wrong ({count} time(s) in a row). The agent does not try it again by itself.",
    do_vi="Nhập lại cẩn thận: phần lớn thiết bị bị khoá sau vài lần sai liên tiếp.",
    do_en="Enter it again with care: most tokens lock after a few wrong PINs in a row.",
)
AGENT_PIN_RISK = define(
    "AGENT_PIN_RISK",
    Retry.PERMANENT,
    409,
    vi="Mã PIN đã sai {count} lần liên tiếp; sai nữa thiết bị có thể bị khoá. Lần này mã PIN chưa được dùng thử.",
    en="The PIN was wrong {count} times in a row; one more may lock the token. This time it was not tried.",
    do_vi="Kiểm tra lại mã PIN, rồi đánh dấu ô xác nhận nếu vẫn muốn thử; nếu quên, liên hệ nơi cấp thiết bị.",
    do_en="Check the PIN, then tick the box if you still want to try; if it is forgotten, ask the token's issuer.",
)
AGENT_BUSY = define(
    "AGENT_BUSY",
    Retry.TRANSIENT,
    409,
    vi="Trình ký đang ký một lượt khác.",
    en="The agent is signing another batch.",
    do_vi="Chờ lượt đó xong rồi ký tiếp.",
    do_en="Wait until it is done, then go on.",
)
AGENT_NOTHING_TO_SIGN = define(
    "AGENT_NOTHING_TO_SIGN",
    Retry.PERMANENT,
    409,
    vi="Lượt này không còn văn bản nào chờ ký.",
    en="Nothing in this batch waits to be signed.",
    do_vi="Xem kết quả từng văn bản ở trang của lượt ký.",
    do_en="See each document's outcome on the page of the batch.",
)
AGENT_FAULT = define(
    "AGENT_FAULT",
    Retry.INDETERMINATE,
    500,
    vi="Trình ký gặp lỗi ngoài dự kiến (mã tra cứu {trace}).",
    en="The signing agent met an unforeseen fault (reference {trace}).",
    do_vi="Thử lại; nếu lỗi lặp lại, báo mã tra cứu cho đơn vị hỗ trợ. Chữ ký đã tạo không mất.",
    do_en="Try again; if it fails again, report the reference. Signatures already made are not lost.",
)
