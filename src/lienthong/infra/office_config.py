"""What the office is told by its operator. Choices of an agency are its own settings in the database, not keys here."""

from __future__ import annotations

# ruff: noqa: RUF009  (key() returns dataclasses.field(), which is what a default must be)
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import ClassVar, Literal

from lienthong.infra.config import LogLevel, RoleConfig, SecretFile, Size, key
from lienthong.infra.config_checks import bad_address, bad_hosts, bad_kill, bad_networks, bad_url


@dataclass(frozen=True)
class OfficeConfig(RoleConfig):
    """One installation of the office (văn phòng): its place, its data, the agencies' way to the axis."""

    table: ClassVar[str] = "office"
    file: ClassVar[str] = "office"

    data_dir: Path = key(
        vi="Thư mục dữ liệu: tệp văn bản, khoá của hệ thống, cơ sở dữ liệu kèm theo.",
        en="Data directory: documents' files, the installation's secret, the embedded database.",
        default=Path("data"),
    )
    listen: str = key(
        vi="Địa chỉ và cổng nghe; để sau máy chủ TLS.",
        en="Address and port to listen on; a TLS terminator stands in front.",
        default="127.0.0.1:8090",
    )
    public_url: str | None = key(
        vi="Địa chỉ mà mọi người mở trong trình duyệt. Bỏ trống: địa chỉ nghe, không TLS, chỉ trên máy này.",
        en="Address that people open in their browsers. Absent: this machine only, without TLS.",
        default=None,
        example='"https://vanphong.example"',
    )
    dsn: str | None = key(
        vi="Chuỗi kết nối PostgreSQL (mật khẩu để trong passfile). Bỏ trống: dùng cơ sở dữ liệu kèm theo.",
        en="PostgreSQL connection string (without a password; use passfile). Absent: the embedded database.",
        default=None,
        example='"host=/run/postgresql dbname=office"',
    )
    postgres_bin: Path | None = key(
        vi="Thư mục chương trình PostgreSQL cho cơ sở dữ liệu kèm theo; bỏ trống: tự tìm.",
        en="Folder of the PostgreSQL programs for the embedded database; absent: found by itself.",
        default=None,
        example='"/usr/lib/postgresql/15/bin"',
    )
    workers: int = key(
        vi="Số tiến trình phục vụ trang.", en="Processes that serve pages.", default=2, minimum=1, maximum=64
    )
    threads: int = key(
        vi="Số luồng của mỗi tiến trình.", en="Threads of each process.", default=8, minimum=1, maximum=64
    )
    connector: Path | None = key(
        vi="Tệp cấu hình đầu nối (connector.toml) dùng để gửi, nhận qua trục. Bỏ trống: không nối trục.",
        en="Configuration of the connector (connector.toml) for sending and receiving. Absent: no axis.",
        default=None,
        example='"connector.toml"',
    )
    signers: Path = key(
        vi="Thư mục hồ sơ người ký; mỗi cơ quan một thư mục con mang mã của cơ quan.",
        en="Folder of signers' profiles; one folder for each agency, named by its code.",
        default=Path("signers"),
    )
    trust: Path | None = key(
        vi="Thư mục kho tin cậy để kiểm tra chữ ký của văn bản đến.",
        en="Folder of the trust stores for signatures of incoming documents.",
        default=None,
        example='"trust"',
    )
    scans: Path | None = key(
        vi="Thư mục nhận bản quét; mỗi cơ quan một thư mục con mang mã của cơ quan.",
        en="Folder into which scanners write; one folder for each agency, named by its code.",
        default=None,
        example='"scans"',
    )
    session: timedelta = key(
        vi="Phiên làm việc dài nhất.", en="Longest session.", default=timedelta(hours=12), minimum=600, maximum=86_400
    )
    idle: timedelta = key(
        vi="Không thao tác quá thời gian này thì phải đăng nhập lại.",
        en="Without activity for this long, people sign in again.",
        default=timedelta(minutes=60), minimum=60, maximum=43_200,
    )  # fmt: skip
    max_upload: Size = key(
        vi="Dung lượng lớn nhất của một tệp tải lên.",
        en="Largest file that can be uploaded.",
        default=Size(2_000_000_000), minimum=1_000_000, maximum=10_000_000_000,
    )  # fmt: skip
    mail_server: str | None = key(
        vi="Máy chủ gửi thư thông báo (SMTP). Bỏ trống: không gửi thư.",
        en="Server for notices and documents by e-mail (SMTP). Absent: no e-mail.",
        default=None,
        example='"mail.example:587"',
    )
    mail_security: Literal["starttls", "tls", "none"] = key(
        vi="Bảo vệ đường truyền tới máy chủ thư; “none” chỉ khi máy chủ ở trên máy này.",
        en="Protection of the line to the mail server; “none” only when it is on this machine.",
        default="starttls",
    )
    mail_from: str = key(
        vi="Địa chỉ gửi của thư thông báo và thư gửi văn bản.",
        en="Sender's address of notices and documents.",
        default="van-phong@localhost",
    )
    mail_user: str | None = key(
        vi="Tài khoản trên máy chủ thư.", en="Account at the mail server.", default=None, example='"van-phong"'
    )
    mail_password_file: SecretFile | None = key(
        vi="Tệp chứa mật khẩu của tài khoản gửi thư.",
        en="File that holds the password of the mail account.",
        default=None,
        example='"mail.password"',
    )
    sso_issuer: str | None = key(
        vi="Hệ thống đăng nhập một lần (OpenID Connect): địa chỉ của nơi cấp, đúng như trong tài liệu của nó.",
        en="Single sign-on (OpenID Connect): the issuer, exactly as its discovery document says it.",
        default=None,
        example='"https://dangnhap.example"',
    )
    sso_client: str | None = key(
        vi="Mã ứng dụng mà hệ thống đăng nhập một lần cấp cho văn phòng.",
        en="Client id that the provider of single sign-on gave to this office.",
        default=None,
        example='"van-phong"',
    )
    sso_secret_file: SecretFile | None = key(
        vi="Tệp chứa mật khẩu của ứng dụng đó. Bỏ trống: ứng dụng công khai, chỉ dùng PKCE.",
        en="File with the client's secret. Absent: a public client, with PKCE alone.",
        default=None,
        example='"sso.secret"',
    )
    sso_claim: str = key(
        vi="Mục trong thẻ danh tính (ID token) gắn với tài khoản; phải không bao giờ được cấp lại cho người khác.",
        en="Claim of the ID token that accounts are linked to; it must never be given to another person.",
        default="sub",
    )
    log_level: LogLevel = key(vi="Mức ghi nhật ký.", en="How much is logged.", default="info")
    kill_at: str | None = key(
        vi="Chỉ để thử nghiệm: dừng đột ngột ở bước này.",
        en="For tests only: die at this step.",
        default=None,
        example='"office.handed:1"',
    )

    @property
    def address(self) -> tuple[str, int]:
        """Host and port to listen on."""
        host, _, port = self.listen.rpartition(":")
        return host.strip("[]"), int(port)

    @property
    def url(self) -> str:
        """Where people find it, without a slash at the end."""
        return (self.public_url or f"http://{self.listen}").rstrip("/")

    def contradictions(self) -> list[tuple[str, str, str]]:
        mail = bad_address(self.mail_server, "mail_server") if self.mail_server is not None else []
        return [
            *mail, *bad_address(self.listen), *bad_url("public_url", self.public_url),
            *bad_url("sso_issuer", self.sso_issuer),
            *self._half_of_sso(), *bad_kill(self.kill_at),
        ]  # fmt: skip

    def _half_of_sso(self) -> list[tuple[str, str, str]]:
        if (self.sso_issuer is None) == (self.sso_client is None):
            return []
        return [("sso_client", "“sso_issuer” và “sso_client” phải đi cùng nhau",
                 "“sso_issuer” and “sso_client” belong together")]  # fmt: skip


@dataclass(frozen=True)
class ProgramsConfig(RoleConfig):
    """What programs an office and its pages may call; it reads the office's own file."""

    table: ClassVar[str] = "programs"
    file: ClassVar[str] = "office"

    webhook_targets: tuple[str, ...] = key(
        vi="Mạng riêng mà văn phòng được gọi tới để báo tin cho phần mềm; địa chỉ công cộng không cần ghi.",
        en="Private networks that webhooks may go to; public addresses need no entry.",
        default=("127.0.0.0/8", "::1/128"),
        example='["127.0.0.0/8", "10.1.2.0/24"]',
    )
    sign_agent: int = key(
        vi="Cổng của trình ký trên máy người dùng (127.0.0.1) mà trang Ký số được gọi; 0: không ký bằng thiết bị.",
        en="Port of the signing agent on people's computers (127.0.0.1) that the signing page may call; 0: none.",
        default=8093, minimum=0, maximum=65_535,
    )  # fmt: skip

    push_hosts: tuple[str, ...] = key(
        vi="Máy chủ thông báo đẩy được gọi tới: đúng tên, hoặc “.đuôi”. Bỏ trống: không đẩy (mạng kín không có).",
        en="Push services that may be called: a name, or a “.suffix”. Empty: no push (closed networks have none).",
        default=(),
        example='["fcm.googleapis.com", ".push.services.mozilla.com", ".push.apple.com", ".notify.windows.com"]',
    )

    def contradictions(self) -> list[tuple[str, str, str]]:
        return [*bad_networks("webhook_targets", self.webhook_targets), *bad_hosts("push_hosts", self.push_hosts)]
