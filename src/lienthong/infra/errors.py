"""Refusals of the machine underneath: configuration, storage, keys, jobs and request limits."""

from __future__ import annotations

from lienthong.base.errors import Retry, define

CONFIG_MISSING = define(
    "CONFIG_MISSING",
    Retry.PERMANENT,
    500,
    vi="Không tìm thấy tệp cấu hình {path}.",
    en="The configuration file {path} does not exist.",
    do_vi="Tạo tệp mẫu bằng lệnh “lienthong config show”, sửa cho đúng rồi khởi động lại.",
    do_en="Write an example with “lienthong config show”, adapt it and start again.",
)
CONFIG_INVALID = define(
    "CONFIG_INVALID",
    Retry.PERMANENT,
    500,
    vi="Tệp cấu hình {path} có {count} lỗi.",
    en="The configuration file {path} has {count} problem(s).",
    do_vi="Sửa tất cả các dòng nêu bên dưới; chưa thành phần nào được khởi động.",
    do_en="Correct every line listed below; nothing has been started.",
)
STORAGE_FULL = define(
    "STORAGE_FULL",
    Retry.TRANSIENT,
    507,
    vi="Kho lưu tệp đã đầy nên chưa nhận được dữ liệu.",
    en="The file store is full, the data was not taken.",
    do_vi="Gửi lại sau; quản trị viên cần giải phóng hoặc mở rộng dung lượng ổ đĩa.",
    do_en="Send again later; the operator must free or add disk space.",
)
STORAGE_AWAY = define(
    "STORAGE_AWAY",
    Retry.TRANSIENT,
    503,
    vi="Kho lưu tệp tạm thời không ghi hoặc đọc được ({reason}).",
    en="The file store cannot be written or read at present ({reason}).",
    do_vi="Gửi lại sau; quản trị viên cần kiểm tra ổ đĩa và quyền truy cập thư mục dữ liệu.",
    do_en="Send again later; the operator must check the disk and the rights of the data directory.",
)
BLOB_MISSING = define(
    "BLOB_MISSING",
    Retry.TRANSIENT,
    503,
    vi="Không có tệp mang mã băm {sha256} trong kho.",
    en="No file with digest {sha256} is in the store.",
    do_vi="Quản trị viên cần khôi phục tệp từ bản sao lưu; sau đó yêu cầu lại.",
    do_en="The operator must restore the file from a backup; then ask again.",
)
BLOB_CORRUPT = define(
    "BLOB_CORRUPT",
    Retry.TRANSIENT,
    503,
    vi="Tệp mang mã băm {sha256} trong kho đã bị hỏng nên không được giao.",
    en="The stored file with digest {sha256} is damaged and is not handed out.",
    do_vi="Quản trị viên cần khôi phục tệp từ bản sao lưu; sau đó yêu cầu lại.",
    do_en="The operator must restore the file from a backup; then ask again.",
)
BLOB_TOO_LARGE = define(
    "BLOB_TOO_LARGE",
    Retry.PERMANENT,
    413,
    vi="Tệp lớn hơn giới hạn {limit} byte.",
    en="The file is larger than the limit of {limit} bytes.",
    do_vi="Giảm dung lượng hoặc tách tệp rồi gửi lại.",
    do_en="Make the file smaller or split it, then send again.",
)
UPLOAD_OFFSET = define(
    "UPLOAD_OFFSET",
    Retry.INDETERMINATE,
    409,
    vi="Phần tải lên không nối tiếp phần đã nhận: vị trí đúng là {offset}.",
    en="The part does not continue what was received: the right offset is {offset}.",
    do_vi="Gửi tiếp từ byte thứ {offset}.",
    do_en="Continue from byte {offset}.",
)
UPLOAD_BUSY = define(
    "UPLOAD_BUSY",
    Retry.TRANSIENT,
    423,
    vi="Lượt tải lên này đang được một kết nối khác ghi.",
    en="Another connection is writing this upload.",
    do_vi="Đợi kết nối kia kết thúc, hỏi lại vị trí đã nhận rồi gửi tiếp.",
    do_en="Wait until the other connection ends, ask for the offset and continue.",
)
UPLOAD_UNKNOWN = define(
    "UPLOAD_UNKNOWN",
    Retry.PERMANENT,
    404,
    vi="Không có lượt tải lên này; có thể đã hết hạn.",
    en="There is no such upload; it may have expired.",
    do_vi="Bắt đầu một lượt tải lên mới.",
    do_en="Begin a new upload.",
)
UPLOAD_DIGEST = define(
    "UPLOAD_DIGEST",
    Retry.PERMANENT,
    422,
    vi="Dữ liệu nhận được không khớp mã băm đã khai báo: nhận {actual}.",
    en="The received data does not match the declared digest: received {actual}.",
    do_vi="Lượt tải lên đã bị huỷ; kiểm tra tệp nguồn rồi tải lên lại từ đầu.",
    do_en="The upload was dropped; check the source file and upload it again from the start.",
)
KEY_EXPOSED = define(
    "KEY_EXPOSED",
    Retry.PERMANENT,
    500,
    vi="Tệp khoá {path} cho phép người khác đọc nên không được dùng.",
    en="The key file {path} can be read by others and is not used.",
    do_vi="Chạy “chmod 600 {path}”. Nếu người khác đã có thể đọc tệp này, hãy thay khoá.",
    do_en="Run “chmod 600 {path}”. If others may have read it, replace the key.",
)
KEY_MISSING = define(
    "KEY_MISSING",
    Retry.PERMANENT,
    500,
    vi="Không có tệp khoá {path}.",
    en="The key file {path} does not exist.",
    do_vi="Tạo khoá bằng lệnh “lienthong keys create” hoặc sửa đường dẫn trong cấu hình.",
    do_en="Make one with “lienthong keys create” or correct the path in the configuration.",
)
KEY_PLACE_MISSING = define(
    "KEY_PLACE_MISSING",
    Retry.PERMANENT,
    500,
    vi="Không ghi được tệp {path}: thư mục {folder} không có hoặc không cho phép tạo tệp.",
    en="The file {path} cannot be made: the directory {folder} does not exist or takes no files.",
    do_vi="Tạo thư mục đó trước, hoặc chọn nơi khác.",
    do_en="Make that directory first, or choose another place.",
)
KEY_EXISTS = define(
    "KEY_EXISTS",
    Retry.PERMANENT,
    409,
    vi="Tệp khoá {path} đã có sẵn nên không bị ghi đè.",
    en="The key file {path} exists already and is not overwritten.",
    do_vi="Chọn tên tệp khác, hoặc tự chuyển tệp cũ đi nơi khác trước.",
    do_en="Choose another name, or move the old file away yourself.",
)
KEY_UNREADABLE = define(
    "KEY_UNREADABLE",
    Retry.PERMANENT,
    500,
    vi="Không đọc được khoá trong tệp {path}: {reason}.",
    en="The key in {path} cannot be read: {reason}.",
    do_vi="Kiểm tra tệp có đúng định dạng PEM PKCS#8 và mật khẩu có đúng không.",
    do_en="Check that the file is PEM PKCS#8 and that its password is right.",
)
JOB_UNKNOWN = define(
    "JOB_UNKNOWN",
    Retry.PERMANENT,
    404,
    vi="Không có công việc nền số {job}, hoặc công việc không ở trạng thái cho phép.",
    en="There is no background job {job}, or it is not in a state that allows this.",
    do_vi="Xem danh sách công việc đang treo rồi thử lại.",
    do_en="List the parked jobs and try again.",
)
TOO_MANY_REQUESTS = define(
    "TOO_MANY_REQUESTS",
    Retry.TRANSIENT,
    429,
    vi="Hệ thống gửi quá nhiều yêu cầu; hãy đợi {seconds} giây.",
    en="Too many requests from this system; wait {seconds} s.",
    do_vi="Gửi lại sau thời gian nêu trong tiêu đề Retry-After.",
    do_en="Send again after the time in the Retry-After header.",
)
BODY_TOO_SLOW = define(
    "BODY_TOO_SLOW",
    Retry.TRANSIENT,
    408,
    vi="Dữ liệu đến quá chậm nên kết nối bị đóng.",
    en="The body arrived too slowly and the connection was closed.",
    do_vi="Kiểm tra đường truyền; với tệp lớn hãy dùng cách tải lên tiếp nối.",
    do_en="Check the line; use the resumable upload for large files.",
)
SEAL_BROKEN = define(
    "SEAL_BROKEN",
    Retry.PERMANENT,
    500,
    vi="Không mở được bí mật đã niêm phong của «{about}»: tệp khóa niêm phong không đúng hoặc dữ liệu đã bị thay đổi.",
    en="The sealed secret of “{about}” does not open: the seal key is another one, or the value was changed.",
    do_vi="Đặt lại tệp seal.key của trục từ bản sao lưu, hoặc cấp bí mật mới cho kết nối này.",
    do_en="Put the axis's seal.key back from its backup, or issue a new secret for this connection.",
)
