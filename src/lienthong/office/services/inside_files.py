"""What must not be inside a file that the office keeps: macros; and, when somebody hands it in, a password.

Only what every such file shows is looked at: names in a package, streams of a compound file, whether a PDF opens.
"""

from __future__ import annotations

import mmap
import zipfile
from pathlib import Path

import pikepdf

from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.infra.apart import Apart
from lienthong.infra.apart_errors import FILE_NOT_DIGESTED
from lienthong.office.errors import FILE_NOT_TAKEN
from lienthong.office.services.kinds_of_files import COMPOUND, PDF

PACKAGES = ("application/vnd.openxmlformats-officedocument.", "application/vnd.oasis.opendocument.")
_MACRO_PARTS = ("vbaproject.bin", "vbadata.xml")
_MACRO_FOLDERS = ("basic/", "scripts/")
"""Where OpenDocument keeps programs."""

_MACRO_STREAM = "_VBA_PROJECT".encode("utf-16-le")
_SECRET_STREAM = "EncryptedPackage".encode("utf-16-le")
"""Names of streams of a compound file (MS-OVBA 2.2.1; MS-OFFCRYPTO 2.3.4.4); its directory writes them in UTF-16."""

SECONDS = 20.0
_apart = Apart(SECONDS)


def may_hold_macros(media_type: str) -> bool:
    """Whether documents of this kind can carry programs at all."""
    return media_type == COMPOUND or media_type.startswith(PACKAGES)


def require_no_macros(path: Path, name: str, media_type: str) -> None:
    """Refuses FILE_NOT_TAKEN for a document that carries programs, whatever its name says."""
    found = (
        _holds(path, _MACRO_STREAM) if media_type == COMPOUND else any(_is_macro(each) for each in _members(path) or ())
    )
    if found:
        raise _refused(name, "tệp có macro; lưu lại không kèm macro", "it has macros; save it without them")


def require_open(path: Path, name: str, media_type: str) -> None:
    """Refuses FILE_NOT_TAKEN for a package that is damaged, and for a file that asks for a password before it shows
    anything. A PDF that only forbids changing or printing opens for everybody, and is taken."""
    if media_type.startswith(PACKAGES) and _members(path) is None:
        raise _refused(name, "tệp hỏng hoặc bị cắt, không mở được", "it is damaged or cut and does not open")
    if (media_type == COMPOUND and _holds(path, _SECRET_STREAM)) or (media_type == PDF and _asks_for_password(path)):
        raise _refused(
            name, "tệp có mật khẩu mở; lưu lại bản không đặt mật khẩu", "it asks for a password; save it without one"
        )


def _asks_for_password(path: Path) -> bool:
    try:
        return _apart.run(asks_for_password, str(path))
    except Refused as refused:
        # It could not be told in time; what reads the file later says what is wrong with it.
        if refused.code is not FILE_NOT_DIGESTED:
            raise
        return False


def asks_for_password(path: str) -> bool:
    """Whether a PDF opens only with a password. False for what is no sound PDF."""
    try:
        pikepdf.open(path).close()
    except pikepdf.PasswordError:
        return True
    except pikepdf.PdfError:
        return False
    return False


def _members(path: Path) -> list[str] | None:
    """Names in a package; None when it is damaged."""
    try:
        with zipfile.ZipFile(path) as package:
            return package.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return None


def _is_macro(member: str) -> bool:
    plain = member.replace("\\", "/").lower()
    return plain.endswith(_MACRO_PARTS) or plain.startswith(_MACRO_FOLDERS)


def _holds(path: Path, words: bytes) -> bool:
    with path.open("rb") as source, mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return data.find(words) >= 0


def _refused(name: str, vi: str, en: str) -> Refused:
    return Refused(FILE_NOT_TAKEN, name=one_line(name, 80), reason_vi=vi, reason_en=en)
