"""What each role of the axis and the connector is told by its operator. At most 25 keys a role.

Deadlines of the law, retention periods and code lists are dated data, not keys.
"""

from __future__ import annotations

# ruff: noqa: RUF009  (key() returns dataclasses.field(), which is what a default must be)
import re
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

from lienthong.base.clock import Clock, OffsetClock, SystemClock
from lienthong.base.errors import Problem, ProblemKind, Refused
from lienthong.infra.config import LogLevel, RoleConfig, SecretFile, Size, key
from lienthong.infra.config_checks import bad_address, bad_kill, bad_name, bad_url
from lienthong.infra.connector_config import ConnectorConfig, FolderConfig, LocalConfig
from lienthong.infra.errors import CONFIG_INVALID
from lienthong.infra.office_config import OfficeConfig, ProgramsConfig

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
            *bad_name("name", self.name),
            *bad_address(self.listen),
            *bad_url("public_url", self.public_url),
            *bad_url("tsa_url", self.tsa_url),
            *_no_certificates(self.trusted_certificates),
            *_bad_dsn(self.dsn),
            *bad_kill(self.kill_at),
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
        return bad_kill(self.kill_at)


ROLES: tuple[type[RoleConfig], ...] = (
    AxisConfig, WorkerConfig, ConnectorConfig, FolderConfig, LocalConfig, OfficeConfig, ProgramsConfig,
)  # fmt: skip
"""Every role that has a configuration, in the order of the documentation."""


def with_address(config: AxisConfig, listen: str) -> AxisConfig:
    """The same configuration at another address. Refuses CONFIG_INVALID when that is none."""
    problems = [Problem(ProblemKind.FORMAT, f"axis.{name}", vi, en) for name, vi, en in bad_address(listen)]
    if problems:
        raise Refused(CONFIG_INVALID, tuple(problems), path="--listen", count=len(problems))
    return replace(config, listen=listen)


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
