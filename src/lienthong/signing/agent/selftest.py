"""What an official or a helper looks at first when signing does not work: token, certificate, clock, folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import resources

from lienthong.base.errors import Refused
from lienthong.infra.token_signer import look_at_token
from lienthong.infra.token_uri import read_token_uri
from lienthong.signing.agent.desk import Desk
from lienthong.signing.profiles import Kind, SignerProfile
from lienthong.signing.signers import certificates_of
from lienthong.webkit.templates import local_day, local_time

SOON = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. ``tone``: ``done``, ``waiting`` (works, but look at it) or ``error``.

    ``subject``: what, in Vietnamese, for the catalogue. ``vi``/``en``: what was found; ``do_…``: what to do about it.
    """

    tone: str
    subject: str
    vi: str
    en: str
    do_vi: str = ""
    do_en: str = ""


def self_test(desk: Desk) -> list[tuple[SignerProfile | None, list[Check]]]:
    """Everything of this computer, then signer by signer. Uses no PIN."""
    found: list[tuple[SignerProfile | None, list[Check]]] = [(None, [_clock(desk), _log(desk)])]
    try:
        profiles = desk.profiles()
    except Refused as refused:
        return [*found, (None, [_refused("Hồ sơ người ký", refused)])]
    return [*found, *((each, list(_signer(each, desk.clock.now()))) for each in profiles)]


def _signer(profile: SignerProfile, now: datetime) -> Iterator[Check]:
    if profile.kind is Kind.PKCS11 and profile.token is not None:
        yield _token(profile.token)
    try:
        known = certificates_of(profile)
    except Refused as refused:
        yield _refused("Chứng thư số", refused)
        return
    if not known:
        yield Check("waiting", "Chứng thư số", "Chưa biết trước khi mở khoá.", "Not known before the key is opened.")
        return
    begin, end = known[0].not_valid_before_utc, known[0].not_valid_after_utc
    vi, en = f"Hiệu lực {local_day(begin)} – {local_day(end)}.", f"Valid {local_day(begin)} – {local_day(end)}."
    if not begin <= now <= end:
        yield Check(
            "error", "Chứng thư số", vi, en, "Xin gia hạn chứng thư số; kiểm tra cả đồng hồ của máy.",
            "Renew the certificate; check this computer's clock too.",
        )  # fmt: skip
    else:
        yield Check("waiting" if end - now < SOON else "done", "Chứng thư số", vi, en)


def _token(uri: str) -> Check:
    try:
        state = look_at_token(read_token_uri(uri))
    except Refused as refused:
        return _refused("Thiết bị ký", refused)
    vi, en = f"“{state.label}”, số {state.serial}.", f"“{state.label}”, serial {state.serial}."
    if state.locked:
        return Check(
            "error", "Thiết bị ký", vi + " Đã bị khoá.", en + " Locked.", "Liên hệ nơi cấp.", "Ask its issuer."
        )
    if state.final_try or state.tries_low:
        return Check(
            "waiting", "Thiết bị ký", vi + " Đã có lần nhập sai mã PIN.", en + " A wrong PIN was entered.",
            "Nhập mã PIN thật cẩn thận.", "Enter the PIN with great care.",
        )  # fmt: skip
    return Check("done", "Thiết bị ký", vi, en)


def _clock(desk: Desk) -> Check:
    """A computer without network cannot ask the time; that it is not before this program was made, it can know."""
    now = desk.clock.now()
    shown = local_time(now)
    made = datetime.fromtimestamp(resources.files("lienthong").joinpath("__init__.py").stat().st_mtime, UTC)  # type: ignore[attr-defined]  # a file of an installed package
    known = [made, *(job.made_at for job in desk.store.all())]
    if now < max(known) - timedelta(minutes=5):
        return Check(
            "error", "Đồng hồ", f"{shown} – chạy chậm so với việc đã ghi trên máy.",
            f"{shown} – behind what this computer has recorded.", "Chỉnh lại ngày giờ của máy trước khi ký.",
            "Set the computer's date and time before you sign.",
        )  # fmt: skip
    return Check("done", "Đồng hồ", f"{shown} (GMT+7). So với giờ thật trước khi ký.", f"{shown} (GMT+7).")


def _log(desk: Desk) -> Check:
    try:
        count, head = desk.log.head()
    except Refused as refused:
        return _refused("Nhật ký dùng khoá", refused)
    return Check("done", "Nhật ký dùng khoá", f"{count} dòng, nguyên vẹn ({head[:16]}…).",
                 f"{count} lines, intact ({head[:16]}…).")  # fmt: skip


def _refused(subject: str, refused: Refused) -> Check:
    return Check(
        "error", subject, refused.sentence("vi"), refused.sentence("en"), refused.advice("vi"), refused.advice("en")
    )
