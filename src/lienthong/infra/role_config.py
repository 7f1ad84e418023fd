"""What each role of the axis and the connector is told by its operator. At most 25 keys a role.

Deadlines of the law, retention periods and code lists are dated data, not keys.
"""

from __future__ import annotations

# ruff: noqa: RUF009  (key() returns dataclasses.field(), which is what a default must be)
import re
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import ClassVar, Literal

from lienthong.base.clock import Clock, OffsetClock, SystemClock
from lienthong.base.errors import Problem, ProblemKind, Refused
from lienthong.infra.config import Entry, RoleConfig, SecretFile, Size, key
from lienthong.infra.errors import CONFIG_INVALID

LogLevel = Literal["debug", "info", "warning", "error"]
_PASSWORD = re.compile(r"password\s*=|://[^/@]*:[^/@]*@", re.IGNORECASE)


@dataclass(frozen=True)
class AxisConfig(RoleConfig):
    """One node of the axis (trục liên thông): its place, its data, its limits."""

    table: ClassVar[str] = "axis"
    file: ClassVar[str] = "axis"

    name: str = key(
        vi="Tên của trục, ghi trong biên nhận và nhật ký bằng chứng; không đổi sau khi chạy.",
        en="Name of the axis in receipts and in the evidence log; never changes once in use.",
        example='"axis.example"',
    )
    data_dir: Path = key(
        vi="Thư mục dữ liệu: tệp, khoá, cơ sở dữ liệu kèm theo.",
        en="Data directory: files, keys, the embedded database.",
        default=Path("data"),
    )
    listen: str = key(
        vi="Địa chỉ và cổng nghe; để sau máy chủ TLS.",
        en="Address and port to listen on; a TLS terminator stands in front.",
        default="127.0.0.1:8080",
    )
    public_url: str | None = key(
        vi="Địa chỉ mà các hệ thống bên ngoài dùng.",
        en="Address that other systems use.",
        default=None,
        example='"https://axis.example"',
    )
    dsn: str | None = key(
        vi="Chuỗi kết nối PostgreSQL (mật khẩu để trong passfile). Bỏ trống: dùng cơ sở dữ liệu kèm theo.",
        en="PostgreSQL connection string (without a password; use passfile). Absent: the embedded database.",
        default=None,
        example='"host=/run/postgresql dbname=axis"',
    )
    postgres_bin: Path | None = key(
        vi="Thư mục chương trình PostgreSQL cho cơ sở dữ liệu kèm theo; bỏ trống: tự tìm.",
        en="Directory of the PostgreSQL programs for the embedded database; absent: found by itself.",
        default=None,
        example='"/usr/lib/postgresql/15/bin"',
    )
    key_dir: Path | None = key(
        vi="Thư mục khoá của trục; bỏ trống: “keys” trong thư mục dữ liệu.",
        en="Directory of the axis's keys; absent: “keys” in the data directory.",
        default=None,
        example='"/etc/lienthong/keys"',
    )
    key_password_file: SecretFile | None = key(
        vi="Tệp chứa mật khẩu mở khoá của trục.",
        en="File that holds the password of the axis's keys.",
        default=None,
        example='"/etc/lienthong/keys.password"',
    )
    trusted_certificates: Path | None = key(
        vi="Thư mục chứng thư số gốc (PEM) mà dịch vụ cấp dấu thời gian bên ngoài phải dẫn tới.",
        en="Directory of root certificates (PEM) to which an external time-stamping authority must lead.",
        default=None,
        example='"/etc/lienthong/trust"',
    )
    tsa_url: str | None = key(
        vi="Địa chỉ dịch vụ cấp dấu thời gian (RFC 3161); bỏ trống: trục tự cấp.",
        en="Address of a time-stamping authority (RFC 3161); absent: the axis's own.",
        default=None,
        example='"https://tsa.example"',
    )
    witnesses: tuple[str, ...] = key(
        vi="Các trục làm chứng cho trục này: “khoá địa_chỉ/log”; các nhật ký mà trục này làm chứng: chỉ “khoá”.",
        en="Axes that witness this one, each “key address/log”; logs that this one witnesses, each “key” alone.",
        default=(),
        example='["other.example+1a2b3c4d+AbCd… https://other.example/log"]',
    )
    deadline: timedelta = key(
        vi="Thời hạn giao nếu bên gửi không nêu.",
        en="Delivery deadline when the sender names none.",
        default=timedelta(days=30),
        minimum=60,
    )
    max_document: Size = key(
        vi="Dung lượng lớn nhất của một văn bản kèm phụ lục.",
        en="Largest document with its attachments.",
        default=Size(2048 * 10**6),
        minimum=10**5,
    )
    max_packet: Size = key(
        vi="Dung lượng lớn nhất của một gói tin edXML có tệp mã hoá base64 bên trong.",
        en="Largest edXML packet with base64 files inside.",
        default=Size(300 * 10**6),
        minimum=10**5,
    )
    quota_per_second: float = key(
        vi="Số yêu cầu mỗi giây mà một hệ thống được gửi đều đặn.",
        en="Requests a second that one system may sustain.",
        default=200.0,
        minimum=0.1,
    )
    quota_burst: int = key(
        vi="Số yêu cầu mà một hệ thống được gửi dồn một lúc.",
        en="Requests that one system may send at once.",
        default=1000,
        minimum=1,
    )
    max_connections: int = key(
        vi="Số kết nối đồng thời tối đa.", en="Most connections at one time.", default=4096, minimum=8
    )
    upload_keep: timedelta = key(
        vi="Giữ lượt tải lên dở dang trong bao lâu.",
        en="How long an unfinished upload is kept.",
        default=timedelta(days=7),
        minimum=60,
    )
    spare_disk: Size = key(
        vi="Ngừng nhận văn bản khi ổ đĩa còn trống ít hơn mức này.",
        en="Stop accepting documents when less disk space than this is free.",
        default=Size(10**9),
        minimum=0,
    )
    compatible_faces: bool = key(
        vi="Mở thêm hai giao diện tương thích VXP và LGSP.",
        en="Open the VXP- and LGSP-compatible faces as well.",
        default=True,
    )
    metrics: bool = key(
        vi="Mở trang số đo /metrics (chỉ cho máy nội bộ).",
        en="Open the figures page /metrics (for local machines only).",
        default=True,
    )
    log_level: LogLevel = key(vi="Mức ghi nhật ký.", en="Level of the log.", default="info")
    clock_offset: float = key(
        vi="Chỉ để thử nghiệm: đồng hồ của trục và của tiến trình nền lệch bấy nhiêu giây.",
        en="Testing only: the clock of the axis and its worker is wrong by so many seconds.",
        default=0.0,
        example="-86400.0",
    )
    kill_at: str | None = key(
        vi="Chỉ để thử nghiệm: tự kết thúc đột ngột tại bước này, viết “bước:lần”; “bước:lần@database”: kết thúc CSDL.",
        en="Testing only: the process kills itself at this step, “step:nth” or “step:nth@database”.",
        default=None,
        example='"accept.committed:1"',
    )

    @property
    def clock(self) -> Clock:
        """The clock of this axis: the machine's, unless a test set it wrong."""
        return OffsetClock(timedelta(seconds=self.clock_offset)) if self.clock_offset else SystemClock()

    @property
    def keys(self) -> Path:
        """Where the axis's own keys are."""
        return self.key_dir or self.data_dir / "keys"

    @property
    def address(self) -> tuple[str, int]:
        """Host and port to bind."""
        host, _, port = self.listen.rpartition(":")
        return host.strip("[]"), int(port)

    @property
    def certificate_files(self) -> tuple[Path, ...]:
        """The files in ``trusted_certificates``, in the order of their names; empty when the key is absent."""
        return _certificate_files(self.trusted_certificates)

    def contradictions(self) -> list[tuple[str, str, str]]:
        return [
            *_bad_name("name", self.name),
            *_bad_address(self.listen),
            *_bad_url("public_url", self.public_url),
            *_bad_url("tsa_url", self.tsa_url),
            *_no_certificates(self.trusted_certificates),
            *_bad_dsn(self.dsn),
            *_bad_kill(self.kill_at),
        ]


@dataclass(frozen=True)
class WorkerConfig(RoleConfig):
    """The background worker of an axis; it reads the axis's own file."""

    table: ClassVar[str] = "worker"
    file: ClassVar[str] = "axis"

    threads: int = key(
        vi="Số công việc nền chạy cùng lúc.",
        en="Jobs that run at one time.",
        default=2,
        minimum=1,
        maximum=64,
    )
    poll: timedelta = key(
        vi="Khoảng thời gian giữa hai lần tìm việc khi đang rảnh.",
        en="Pause between two looks for work when idle.",
        default=timedelta(milliseconds=250),
        minimum=0.01,
        maximum=60,
    )
    lease: timedelta = key(
        vi="Thời gian giữ một công việc trước khi worker khác được nhận lại.",
        en="How long a job is held before another worker may take it.",
        default=timedelta(seconds=60),
        minimum=1,
    )
    max_attempts: int = key(
        vi="Số lần thử trước khi treo công việc lại.",
        en="Attempts before a job is parked.",
        default=12,
        minimum=1,
    )
    checkpoint_every: timedelta = key(
        vi="Khoảng thời gian giữa hai lần ký điểm kiểm của nhật ký bằng chứng.",
        en="Pause between two signed checkpoints of the evidence log.",
        default=timedelta(seconds=1),
        minimum=0.05,
    )
    conservation_every: timedelta = key(
        vi="Khoảng thời gian giữa hai lần kiểm cân đối: nhận = giao + chờ + từ chối + hết hạn + thu hồi.",
        en="Pause between two checks that accepted = delivered + pending + refused + expired + recalled.",
        default=timedelta(minutes=1),
        minimum=1,
    )
    sweep_every: timedelta = key(
        vi="Khoảng thời gian giữa hai lần dọn tệp tạm và tệp không còn ai dùng.",
        en="Pause between two sweeps of temporary and unreferenced files.",
        default=timedelta(hours=1),
        minimum=1,
    )
    log_level: LogLevel = key(vi="Mức ghi nhật ký.", en="Level of the log.", default="info")
    kill_at: str | None = key(
        vi="Chỉ để thử nghiệm: tự kết thúc đột ngột tại bước này, viết như ở phần [axis].",
        en="Testing only: the process kills itself at this step, written as under [axis].",
        default=None,
        example='"sequence.committed:1"',
    )

    def contradictions(self) -> list[tuple[str, str, str]]:
        return _bad_kill(self.kill_at)


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
    key_file: SecretFile = key(
        vi="Khoá riêng của hệ thống (PEM PKCS#8).",
        en="The system's private key (PEM PKCS#8).",
        example='"system.key.pem"',
    )
    key_password_file: SecretFile | None = key(
        vi="Tệp chứa mật khẩu của khoá riêng.",
        en="File that holds the key's password.",
        default=None,
        example='"system.password"',
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
    folder_dir: Path | None = key(
        vi="Thư mục trao đổi: thả tệp vào outbox để gửi, văn bản đến nằm trong inbox. Bỏ trống: không dùng.",
        en="Shared folder: drop files into outbox to send them, documents arrive in inbox. Absent: not used.",
        default=None,
        example='"trao-doi"',
    )
    folder_report_arrival: bool = key(
        vi="Tự báo trạng thái 01 (đã đến) khi văn bản đã nằm trong inbox.",
        en="Report status 01 (arrived) by itself once a document lies in inbox.",
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
            *_bad_url("axis_url", self.axis_url),
            *_bad_name("axis_name", self.axis_name),
            *self._bad_axes(),
            *empty,
            *_bad_kill(self.kill_at),
        ]

    def _bad_axes(self) -> list[tuple[str, str, str]]:
        found: list[tuple[str, str, str]] = []
        for axis in self.further_axes:
            wrong = (*_bad_name("name", axis.name), *_bad_url("url", axis.url))
            found += [("further_axes", vi, en) for _, vi, en in wrong]
        names = [self.axis_name, *(entry.name for entry in self.further_axes)]
        if len(set(names)) != len(names):
            found.append(("further_axes", "hai trục không được trùng tên", "two axes must not have one name"))
        return found


ROLES: tuple[type[RoleConfig], ...] = (AxisConfig, WorkerConfig, ConnectorConfig)
"""Every role that has a configuration, in the order of the documentation."""


def with_address(config: AxisConfig, listen: str) -> AxisConfig:
    """The same configuration at another address. Refuses CONFIG_INVALID when that is none."""
    problems = [Problem(ProblemKind.FORMAT, f"axis.{name}", vi, en) for name, vi, en in _bad_address(listen)]
    if problems:
        raise Refused(CONFIG_INVALID, tuple(problems), path="--listen", count=len(problems))
    return replace(config, listen=listen)


def _bad_name(name: str, value: str) -> list[tuple[str, str, str]]:
    if re.fullmatch(r"[a-z0-9]([a-z0-9.\-/]{0,98}[a-z0-9])?", value):
        return []
    return [
        (
            name,
            f"“{name}” chỉ gồm chữ thường không dấu, chữ số, dấu chấm, gạch nối",
            f"“{name}” may hold only lower-case letters, digits, dots and hyphens",
        )
    ]


def _bad_address(value: str) -> list[tuple[str, str, str]]:
    host, _, port = value.rpartition(":")
    if host and port.isascii() and port.isdigit() and int(port) < 65536:
        return []
    return [
        (
            "listen",
            "“listen” phải viết như “127.0.0.1:8080”",
            "“listen” must be written like “127.0.0.1:8080”",
        )
    ]


def _bad_url(name: str, value: str | None) -> list[tuple[str, str, str]]:
    if value is None or re.fullmatch(r"https?://[^\s@?#]+", value):
        return []
    return [
        (
            name,
            f"“{name}” phải là địa chỉ http(s), không kèm tài khoản hay tham số",
            f"“{name}” must be an http(s) address without account or query",
        )
    ]


def _certificate_files(folder: Path | None) -> tuple[Path, ...]:
    if folder is None or not folder.is_dir():
        return ()
    return tuple(sorted(path for path in folder.iterdir() if path.suffix in {".pem", ".crt"}))


def _no_certificates(folder: Path | None) -> list[tuple[str, str, str]]:
    """A folder that is empty by mistake must not mean that every authority is believed."""
    if folder is None or _certificate_files(folder):
        return []
    vi = f"“trusted_certificates”: thư mục {folder} không có chứng thư số nào (.pem, .crt)"
    en = f"“trusted_certificates”: the directory {folder} holds no certificate (.pem, .crt)"
    return [("trusted_certificates", vi, en)]


def _bad_dsn(value: str | None) -> list[tuple[str, str, str]]:
    if value is None or not _PASSWORD.search(value):
        return []
    return [
        (
            "dsn",
            "“dsn” không được chứa mật khẩu; hãy dùng passfile=…",
            "“dsn” must not hold a password; use passfile=…",
        )
    ]


def _bad_kill(value: str | None) -> list[tuple[str, str, str]]:
    if value is None or re.fullmatch(r"[a-z_.]+(:[1-9][0-9]*)?(@database)?", value):
        return []
    return [("kill_at", "“kill_at” phải viết như “bước:lần”", "“kill_at” must be written like “step:nth”")]
