"""Refusals of hand-over, statuses, recall and tracing."""

from lienthong.base.errors import Retry, define

DELIVERY_UNKNOWN = define(
    "DELIVERY_UNKNOWN",
    Retry.PERMANENT,
    404,
    vi="Không có lượt giao số {delivery}, hoặc hệ thống này không được xem.",
    en="There is no delivery {delivery}, or this system may not see it.",
    do_vi="Kiểm tra số lượt giao và cơ quan mà hệ thống đang đại diện.",
    do_en="Check the delivery's number and the agency that the system acts for.",
)
LEASE_LOST = define(
    "LEASE_LOST",
    Retry.PERMANENT,
    409,
    vi="Lượt giao {delivery} đã được giao cho lần nhận khác (mã lượt {fence}).",
    en="Delivery {delivery} was leased again (fence {fence}).",
    do_vi="Bỏ bản đang nhận dở; văn bản sẽ được giao lại hoặc đã có bên khác nhận.",
    do_en="Drop the copy at hand; the document comes again, or another process took it.",
)
LEASE_RAN_OUT = define(
    "LEASE_RAN_OUT",
    Retry.PERMANENT,
    409,
    vi="Lượt giao {delivery} hiện không được giữ để nhận.",
    en="Delivery {delivery} is not on lease now.",
    do_vi="Xin nhận lại từ hộp thư đến.",
    do_en="Ask the inbox for it again.",
)
DELIVERY_RECALLED = define(
    "DELIVERY_RECALLED",
    Retry.PERMANENT,
    409,
    vi="Văn bản của lượt giao {delivery} đã bị nơi gửi thu hồi.",
    en="The document of delivery {delivery} was recalled by its sender.",
    do_vi="Không đăng ký, không sử dụng; xóa bản đã tải.",
    do_en="Do not register or use it; remove what was downloaded.",
)
DELIVERY_EXPIRED = define(
    "DELIVERY_EXPIRED",
    Retry.PERMANENT,
    409,
    vi="Lượt giao {delivery} đã quá hạn nhận.",
    en="Delivery {delivery} was not taken before its deadline.",
    do_vi="Đề nghị nơi gửi gửi lại.",
    do_en="Ask the sender to send it again.",
)
DELIVERY_FINISHED = define(
    "DELIVERY_FINISHED",
    Retry.PERMANENT,
    409,
    vi="Lượt giao {delivery} đã kết thúc với trạng thái khác ({state}).",
    en="Delivery {delivery} has ended otherwise ({state}).",
    do_vi="Xem lại nhật ký nhận của hệ thống; trục giữ kết quả đầu tiên.",
    do_en="Look at the system's own journal; the axis keeps the first outcome.",
)
DELIVERY_IN_QUARANTINE = define(
    "DELIVERY_IN_QUARANTINE",
    Retry.TRANSIENT,
    409,
    vi="Lượt giao {delivery} đang bị cách ly, chờ người vận hành trục xử lý.",
    en="Delivery {delivery} is in quarantine and waits for the operator of the axis.",
    do_vi="Báo cho người vận hành trục; văn bản sẽ được giao lại sau khi xử lý.",
    do_en="Tell the operator of the axis; the document comes again afterwards.",
)
ACKNOWLEDGEMENT_MISMATCH = define(
    "ACKNOWLEDGEMENT_MISMATCH",
    Retry.PERMANENT,
    422,
    vi="Xác nhận không khớp với lượt giao {delivery} ở mục «{member}».",
    en="The acknowledgement does not fit delivery {delivery} at “{member}”.",
    do_vi="Kiểm tra lại bản đã nhận; không xác nhận khi mã băm khác.",
    do_en="Check what was received; do not acknowledge another digest.",
)
ACKNOWLEDGEMENT_NOT_YOURS = define(
    "ACKNOWLEDGEMENT_NOT_YOURS",
    Retry.PERMANENT,
    403,
    vi="Hệ thống «{system}» không được xác nhận thay cơ quan {agency}.",
    en="The system “{system}” may not acknowledge for the agency {agency}.",
    do_vi="Dùng khóa của hệ thống được đăng ký cho cơ quan này.",
    do_en="Use the key of a system that is registered for this agency.",
)
PART_UNKNOWN = define(
    "PART_UNKNOWN",
    Retry.PERMANENT,
    404,
    vi="Gói tin không có phần số {part}.",
    en="The envelope has no part {part}.",
    do_vi="Các phần được đánh số từ 0 theo thứ tự ghi trong gói tin.",
    do_en="Parts are numbered from 0 in the order of the envelope.",
)
RANGE_NOT_POSSIBLE = define(
    "RANGE_NOT_POSSIBLE",
    Retry.PERMANENT,
    416,
    vi="Khoảng byte yêu cầu nằm ngoài nội dung ({size} byte).",
    en="The wanted range is outside the content ({size} bytes).",
    do_vi="Tải lại từ đầu phần này.",
    do_en="Download the part from its beginning.",
)
AGENCY_NOT_SERVED = define(
    "AGENCY_NOT_SERVED",
    Retry.PERMANENT,
    403,
    vi="Hệ thống «{system}» không đại diện cho cơ quan {agency}.",
    en="The system “{system}” does not act for the agency {agency}.",
    do_vi="Đề nghị người vận hành trục đăng ký cơ quan này cho hệ thống.",
    do_en="Ask the operator of the axis to register this agency for the system.",
)
STATUS_UNMATCHED = define(
    "STATUS_UNMATCHED",
    Retry.PERMANENT,
    422,
    vi="Không xác định được trạng thái này nói về văn bản nào: {why_vi}.",
    en="It cannot be told which document this status is about: {why_en}.",
    do_vi="Ghi đúng mã văn bản, số ký hiệu và ngày ban hành của văn bản gốc rồi gửi lại.",
    do_en="Give the original's identifier, number, symbol and date as they were, and send again.",
)
STATUS_NOT_PARTY = define(
    "STATUS_NOT_PARTY",
    Retry.PERMANENT,
    403,
    vi="Cơ quan {agency} không phải là bên được báo trạng thái {status} của văn bản này.",
    en="The agency {agency} is not the party that may report {status} on this document.",
    do_vi="Chỉ nơi nhận báo trạng thái xử lý; chỉ nơi phát hành yêu cầu lấy lại.",
    do_en="Only a recipient reports on its processing; only the issuer asks for a recall.",
)
STATUS_TOO_EARLY = define(
    "STATUS_TOO_EARLY",
    Retry.TRANSIENT,
    409,
    vi="Cơ quan {agency} chưa xác nhận đã nhận văn bản nên chưa thể báo trạng thái {status}.",
    en="The agency {agency} has not acknowledged the document yet and cannot report {status} on it.",
    do_vi="Xác nhận đã nhận trước, sau đó gửi lại trạng thái.",
    do_en="Acknowledge the delivery first, then send the status again.",
)
ORIGINAL_UNKNOWN = define(
    "ORIGINAL_UNKNOWN",
    Retry.PERMANENT,
    422,
    vi="Trục không có văn bản «{document}» của cơ quan {agency} gửi tới các nơi nhận này.",
    en="The axis has no document “{document}” of the agency {agency} to these recipients.",
    do_vi="Kiểm tra mã văn bản cần thu hồi hoặc cập nhật.",
    do_en="Check the identifier of the document to be recalled or updated.",
)
NOT_THE_ISSUER = define(
    "NOT_THE_ISSUER",
    Retry.PERMANENT,
    403,
    vi="Chỉ nơi phát hành ({issuer}) hoặc cơ quan kế thừa được thu hồi, cập nhật, thay thế văn bản này.",
    en="Only the issuer ({issuer}) or its successor may recall, update or replace this document.",
    do_vi="Liên hệ nơi phát hành.",
    do_en="Ask the issuer to do it.",
)
ADDED_RECEIVER_UNKNOWN = define(
    "ADDED_RECEIVER_UNKNOWN",
    Retry.PERMANENT,
    422,
    vi="Không có cơ quan {agency} đang hoạt động trong danh bạ để gửi bổ sung.",
    en="The directory has no active agency {agency} to add as a receiver.",
    do_vi="Tra danh bạ và sửa mã cơ quan.",
    do_en="Look the agency up in the directory and correct its code.",
)
NOT_IN_QUARANTINE = define(
    "NOT_IN_QUARANTINE",
    Retry.PERMANENT,
    409,
    vi="Lượt giao {delivery} không bị cách ly.",
    en="Delivery {delivery} is not in quarantine.",
    do_vi="Xem lại danh sách cách ly.",
    do_en="Look at the list of the quarantine again.",
)
