"""What a connector is told by its administrator: the connector itself, its local face and its shared folder."""

from __future__ import annotations

# ruff: noqa: RUF009  (key() returns dataclasses.field(), which is what a default must be)
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import ClassVar, Literal

from lienthong.infra.config import Entry, LogLevel, RoleConfig, SecretFile, Size, key
from lienthong.infra.config_checks import bad_address, bad_kill, bad_name, bad_networks, bad_url


@dataclass(frozen=True)
class AxisEntry(Entry):
    """One further axis of a connector. ``key_file``: its public key (PEM)."""

    name: str
    url: str
    key_file: Path


@dataclass(frozen=True)
class ConnectorConfig(RoleConfig):
    """The connector of one system: which axis, who we are, where documents wait."""

    table: ClassVar[str] = "connector"
    file: ClassVar[str] = "connector"

    axis_url: str = key(vi="Địa chỉ của trục.", en="Address of the axis.", example='"https://axis.example"')
    axis_name: str = key(
        vi="Tên của trục như ghi trong biên nhận.",
        en="Name of the axis as in its receipts.",
        example='"axis.example"',
    )
    axis_key_file: Path = key(
        vi="Khoá công khai của trục (PEM); biên nhận ký bằng khoá khác bị từ chối.",
        en="The axis's public key (PEM); receipts under any other key are refused.",
        example='"axis.pub.pem"',
    )
    system_id: str = key(
        vi="Mã hệ thống đã đăng ký trên trục.",
        en="Identifier under which the system is registered.",
        example='"so-tc"',
    )
    agencies: tuple[str, ...] = key(
        vi="Mã định danh các cơ quan mà hệ thống này đại diện.",
        en="Codes of the agencies that this system acts for.",
        example='["H99.01"]',
    )
    key_file: SecretFile | None = key(
        vi="Khoá riêng của hệ thống (PEM hoặc PKCS#12); bỏ trống khi dùng “key_uri”.",
        en="The system's private key (PEM or PKCS#12); left out with “key_uri”.",
        default=None,
        example='"system.key.pem"',
        live=True,
    )
    key_uri: str | None = key(
        vi="Khoá riêng trên thiết bị ký, theo RFC 7512; không ghi mã PIN ở đây.",
        en="The private key on a token, after RFC 7512; the PIN never stands here.",
        default=None,
        example='"pkcs11:token=so-tc;object=ky?module-path=/usr/lib/softhsm/libsofthsm2.so"',
    )
    key_password_file: SecretFile | None = key(
        vi="Tệp chứa mật khẩu của khoá riêng, hoặc mã PIN của thiết bị ký.",
        en="File that holds the key's password or the token's PIN.",
        default=None,
        example='"system.password"',
    )
    key_password_env: str | None = key(
        vi="Tên biến môi trường chứa mật khẩu hoặc mã PIN, thay cho tệp.",
        en="Name of the environment variable with the password or PIN, instead of the file.",
        default=None,
        example='"LIENTHONG_KEY_PIN"',
    )
    certificate_file: Path | None = key(
        vi="Chứng thư số của khoá riêng và các chứng thư số cấp trên (PEM), của mình đứng đầu.",
        en="The key's certificate and those above it (PEM), its own first.",
        default=None,
        example='"system.cert.pem"',
    )
    encrypt: Literal["never", "when_possible", "always"] = key(
        vi="Mã hoá tệp đính kèm cho nơi nhận: không, khi mọi nơi nhận mở được, hoặc luôn luôn.",
        en="Encrypt attachments for their recipients: never, when every one can open them, or always.",
        default="never",
    )
    encryption_keys_dir: Path = key(
        vi="Thư mục các khoá mở tệp mã hoá (PEM, PKCS#12), cả khoá cũ.",
        en="Directory of the keys that open encrypted files (PEM, PKCS#12), older ones too.",
        default=Path("encryption-keys"),
    )
    scan_address: str | None = key(
        vi="Bộ quét mã độc clamd; bỏ trống thì không quét.",
        en="The malware scanner clamd; left out, nothing is scanned.",
        default=None,
        example='"unix:/run/clamav/clamd.ctl"',
    )
    scan_when_unable: Literal["hold", "pass"] = key(
        vi="Khi không quét được: giữ văn bản lại, hay cho qua và ghi nhật ký.",
        en="When a file cannot be scanned: hold the document, or let it pass and log that.",
        default="hold",
    )
    further_axes: tuple[AxisEntry, ...] = key(
        vi="Các trục khác theo thứ tự ưu tiên, sau trục ở trên (ví dụ trục tỉnh trước, trục quốc gia sau).",
        en="Further axes in order of preference, after the one above (say provincial first, then national).",
        default=(),
        example='[{name = "axis2.example", url = "https://axis2.example", key_file = "axis2.pub.pem"}]',
    )
    failover_after: timedelta = key(
        vi="Trục mất liên lạc quá bấy lâu thì gửi qua trục tiếp theo có thể nhận thay.",
        en="After an axis has been away for so long, its work goes to the next one that can take it.",
        default=timedelta(minutes=1),
        minimum=1,
    )
    senders: int = key(
        vi="Số văn bản được gửi cùng lúc.",
        en="Documents on their way at one time.",
        default=4,
        minimum=1,
        maximum=32,
    )
    keep_content: bool = key(
        vi="Giữ lại tệp của văn bản đã có biên nhận.",
        en="Keep the files of documents after their receipt.",
        default=True,
    )
    spool_dir: Path = key(
        vi="Thư mục chờ gửi và đã nhận.",
        en="Directory of what waits and what was received.",
        default=Path("spool"),
    )
    wait: timedelta = key(
        vi="Thời gian chờ văn bản đến trong một lần hỏi trục.",
        en="How long one question to the axis waits for new documents.",
        default=timedelta(seconds=25),
        minimum=0,
        maximum=55,
    )
    timeout: timedelta = key(
        vi="Thời gian chờ tối đa cho một trả lời.",
        en="Longest wait for one answer.",
        default=timedelta(seconds=60),
        minimum=1,
    )
    part_size: Size = key(
        vi="Dung lượng mỗi phần khi tải tệp lớn lên.",
        en="Size of each part when a large file is uploaded.",
        default=Size(8 * 2**20),
        minimum=64 * 2**10,
        maximum=16 * 2**20,
    )
    log_level: LogLevel = key(vi="Mức ghi nhật ký.", en="Level of the log.", default="info")
    kill_at: str | None = key(
        vi="Chỉ để thử nghiệm: tự kết thúc đột ngột tại bước này, viết “bước:lần”.",
        en="Testing only: the process kills itself at this step, written “step:nth”.",
        default=None,
        example='"receive.stored:1"',
    )

    def contradictions(self) -> list[tuple[str, str, str]]:
        empty = [] if self.agencies else [("agencies", "“agencies” không được rỗng", "“agencies” must not be empty")]
        return [
            *bad_url("axis_url", self.axis_url),
            *bad_name("axis_name", self.axis_name),
            *self._bad_axes(),
            *empty,
            *_bad_key(self),
            *bad_kill(self.kill_at),
        ]

    def _bad_axes(self) -> list[tuple[str, str, str]]:
        found: list[tuple[str, str, str]] = []
        for axis in self.further_axes:
            wrong = (*bad_name("name", axis.name), *bad_url("url", axis.url))
            found += [("further_axes", vi, en) for _, vi, en in wrong]
        names = [self.axis_name, *(entry.name for entry in self.further_axes)]
        if len(set(names)) != len(names):
            found.append(("further_axes", "hai trục không được trùng tên", "two axes must not have one name"))
        return found


@dataclass(frozen=True)
class LocalConfig(RoleConfig):
    """The connector's local face: REST, events, webhooks and the status page; it reads the connector's own file."""

    table: ClassVar[str] = "local"
    file: ClassVar[str] = "connector"

    enabled: bool = key(
        vi="Mở giao diện tại chỗ (REST, sự kiện, báo tin, trang tình trạng).",
        en="Open the local face (REST, events, webhooks, status page).",
        default=True,
    )
    listen: str = key(
        vi="Địa chỉ và cổng nghe; ngoài máy này thì phải để sau máy chủ TLS.",
        en="Address and port to listen on; beyond this machine only behind a TLS server.",
        default="127.0.0.1:8091",
    )
    hosts: tuple[str, ...] = key(
        vi="Các tên máy khác mà phần mềm hay trình duyệt được dùng để gọi đầu nối.",
        en="Further host names by which software or browsers may call the connector.",
        default=(),
        example='["connector.example"]',
    )
    max_upload: Size = key(
        vi="Dung lượng lớn nhất của một lần gửi lên, gồm mọi tệp.",
        en="Largest submission with all its files.",
        default=Size(2048 * 10**6),
        minimum=10**5,
    )
    webhook_targets: tuple[str, ...] = key(
        vi="Các địa chỉ hoặc dải mạng mà đầu nối được gọi để báo tin.",
        en="Addresses or networks that webhooks may go to.",
        default=("127.0.0.0/8", "::1/128"),
        example='["127.0.0.0/8", "10.1.2.0/24"]',
    )
    webhook_patience: timedelta = key(
        vi="Ngừng báo cho một nơi không trả lời suốt thời gian này.",
        en="Give up a webhook that has not answered for so long.",
        default=timedelta(days=7),
        minimum=60,
    )

    @property
    def address(self) -> tuple[str, int]:
        """Host and port to bind."""
        host, _, port = self.listen.rpartition(":")
        return host.strip("[]"), int(port)

    def contradictions(self) -> list[tuple[str, str, str]]:
        return [*bad_address(self.listen), *bad_networks("webhook_targets", self.webhook_targets)]


@dataclass(frozen=True)
class FolderConfig(RoleConfig):
    """The connector's shared folder; it reads the connector's own file."""

    table: ClassVar[str] = "folder"
    file: ClassVar[str] = "connector"

    dir: Path | None = key(
        vi="Thư mục trao đổi: thả tệp vào outbox để gửi, văn bản đến nằm trong inbox. Bỏ trống: không dùng.",
        en="Shared folder: drop files into outbox to send them, documents arrive in inbox. Absent: not used.",
        default=None,
        example='"trao-doi"',
    )
    report_arrival: bool = key(
        vi="Tự báo trạng thái 01 (đã đến) khi văn bản đã nằm trong inbox.",
        en="Report status 01 (arrived) by itself once a document lies in inbox.",
        default=True,
    )


def _bad_key(config: ConnectorConfig) -> list[tuple[str, str, str]]:
    found = []
    if (config.key_file is None) == (config.key_uri is None):
        why = "khai đúng một trong hai “key_file” và “key_uri”", "set exactly one of “key_file” and “key_uri”"
        found.append(("key_file", *why))
    if config.key_password_file is not None and config.key_password_env is not None:
        why = "chỉ khai “key_password_file” hoặc “key_password_env”", "set “key_password_file” or “key_password_env”"
        found.append(("key_password_env", *why))
    return found
