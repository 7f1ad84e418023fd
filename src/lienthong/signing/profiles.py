"""Signers by name (hồ sơ người ký): one small TOML file each says whose key it is and where it lies.

``DIR/signers/<name>.toml``; paths are relative to the file. A password or PIN never stands in it.

| member | for | meaning |
|---|---|---|
| ``kind`` | all | ``pem``, ``pkcs12``, ``pkcs11``, ``remote`` or ``agent`` |
| ``role`` | all | ``person`` or ``agency`` |
| ``name``, ``position`` | all | as they stand in the document; ``position`` and ``organization`` may be absent |
| ``certificate``, ``chain`` | all | PEM or DER; needed for ``pem``, else taken from where the key lies |
| ``image`` | all | PNG of the signature or seal |
| ``key`` | pem, pkcs12 | the file |
| ``token`` | pkcs11 | address after RFC 7512: ``pkcs11:token=…;object=…?module-path=…`` |
| ``url``, ``credential``, ``user`` | remote, agent | address of the service; the credential and the account there |
| ``password_file`` | all | file of the owner alone with the password or PIN; absent: it is asked for |
| ``tsa`` | all | ``tsa.toml``: where time stamps and revocation lists come from (:mod:`lienthong.signing.evidence`) |
| ``persons`` | agency | certificates of the persons, or of their issuer, whose signature must come first |
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, fields
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

from lienthong.base.errors import Refused
from lienthong.base.text import nfc, one_line
from lienthong.signing.errors import SIGNER_PROFILE_INVALID, SIGNER_UNKNOWN

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_PATHS = frozenset({"certificate", "key", "chain", "image", "password_file", "persons", "tsa"})
_MAXIMUM = 64 * 1024
W = TypeVar("W", bound=Enum)


class Kind(Enum):
    """Where a key lies."""

    PEM = "pem"
    PKCS12 = "pkcs12"
    PKCS11 = "pkcs11"
    REMOTE = "remote"
    AGENT = "agent"


class Role(Enum):
    """In whose name a signature is: the competent person's (người có thẩm quyền) or the agency's (cơ quan)."""

    PERSON = "person"
    AGENCY = "agency"


_NEEDED = {
    Kind.PEM: ("key", "certificate"),
    Kind.PKCS12: ("key",),
    Kind.PKCS11: ("token",),
    Kind.REMOTE: ("url", "credential"),
    Kind.AGENT: ("url",),
}


@dataclass(frozen=True, slots=True)
class SignerProfile:
    """One signer as its file describes it; nothing is opened yet. ``label``: the file's name without its ending."""

    label: str
    file: Path
    kind: Kind
    role: Role
    name: str
    position: str = ""
    organization: str = ""
    certificate: Path | None = None
    chain: Path | None = None
    image: Path | None = None
    key: Path | None = None
    token: str | None = None
    url: str | None = None
    credential: str | None = None
    user: str | None = None
    password_file: Path | None = None
    persons: Path | None = None
    tsa: Path | None = None


def read_profile(file: Path) -> SignerProfile:
    """Read one file. Refuses SIGNER_PROFILE_INVALID."""
    try:
        with file.open("rb") as opened:
            members = tomllib.loads(opened.read(_MAXIMUM).decode("utf-8"))
    except OSError as error:
        raise _invalid(file, f"không đọc được ({error.strerror})", f"it cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        why = one_line(str(error), 120)
        raise _invalid(file, f"không phải TOML ({why})", f"it is not TOML ({why})") from error
    return _profile(file, members)


def _profile(file: Path, members: dict[str, Any]) -> SignerProfile:
    known = {each.name for each in fields(SignerProfile)} - {"label", "file"}
    for name, value in members.items():
        if name not in known:
            raise _invalid(file, f"không biết mục “{name}”", f"“{name}” is not known")
        if not isinstance(value, str) or not value.strip():
            raise _invalid(file, f"“{name}” phải là chữ, không để trống", f"“{name}” must be text and not empty")
    kind, role = _word(file, members, "kind", Kind), _word(file, members, "role", Role)
    for name in ("name", *_NEEDED[kind]):
        if name not in members:
            raise _invalid(file, f"thiếu “{name}”", f"“{name}” is missing")
    given: dict[str, Any] = {
        name: file.parent / value if name in _PATHS else nfc(value.strip()) for name, value in members.items()
    }
    return SignerProfile(**(given | {"label": file.stem, "file": file, "kind": kind, "role": role}))


def _word(file: Path, members: dict[str, Any], name: str, words: type[W]) -> W:
    try:
        return words(members.get(name))
    except ValueError:
        allowed = ", ".join(each.value for each in words)
        raise _invalid(file, f"“{name}” phải là một trong: {allowed}", f"“{name}” must be one of: {allowed}") from None


def list_profiles(folder: Path) -> list[SignerProfile]:
    """Every signer of a folder, by name. Refuses SIGNER_PROFILE_INVALID."""
    return [read_profile(file) for file in sorted(folder.glob("*.toml")) if _NAME.fullmatch(file.stem)]


def find_profile(folder: Path, signer: str) -> SignerProfile:
    """The signer of that name. Refuses SIGNER_UNKNOWN, SIGNER_PROFILE_INVALID."""
    file = folder / f"{signer}.toml"
    if not _NAME.fullmatch(signer) or not file.is_file():
        present = ", ".join(sorted(each.stem for each in folder.glob("*.toml"))) or "-"
        raise Refused(SIGNER_UNKNOWN, signer=one_line(signer, 60), present=one_line(present, 300))
    return read_profile(file)


def _invalid(file: Path, vi: str, en: str) -> Refused:
    return Refused(SIGNER_PROFILE_INVALID, file=file, why_vi=vi, why_en=en)
