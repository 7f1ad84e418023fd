"""Where a key lies on a token, written as a PKCS #11 URI. Source: RFC 7512 clause 2.3."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, unquote_to_bytes

from lienthong.base.errors import Refused
from lienthong.infra.credential_errors import KEY_SOURCE_INVALID

_KNOWN = frozenset({"token", "serial", "slot-id", "object", "id", "type"})


@dataclass(frozen=True, slots=True)
class TokenKey:
    """One key on one token. ``token``, ``serial``, ``slot_id``: which token; ``label``, ``key``: which key on it."""

    module: Path
    token: str | None = None
    serial: str | None = None
    slot_id: int | None = None
    label: str | None = None
    key: bytes | None = None

    @property
    def token_name(self) -> str:
        """The token as people know it."""
        slot = None if self.slot_id is None else f"slot {self.slot_id}"
        return self.token or self.serial or slot or "?"

    @property
    def key_name(self) -> str:
        """The key as people know it."""
        return self.label or (self.key.hex() if self.key is not None else "?")


def read_token_uri(uri: str) -> TokenKey:
    """Read ``pkcs11:token=…;object=…;id=%01?module-path=…``.

    The PIN never stands in it: it comes from the file or variable of the configuration. Refuses KEY_SOURCE_INVALID.
    """
    scheme, _, rest = uri.partition(":")
    path, _, query = rest.partition("?")
    if scheme != "pkcs11":
        raise _invalid("“key_uri” phải bắt đầu bằng “pkcs11:”", "“key_uri” must begin with “pkcs11:”")
    where, how = _pairs(path, ";"), _pairs(query, "&")
    if "pin-value" in how or "pin-source" in how:
        raise _invalid("không được ghi mã PIN trong “key_uri”", "the PIN must not stand in “key_uri”")
    strange = sorted((set(where) - _KNOWN) | (set(how) - {"module-path"}))
    if strange:
        raise _invalid(f"không biết “{strange[0]}” trong “key_uri”", f"“{strange[0]}” is not known in “key_uri”")
    module, slot = how.get("module-path"), where.get("slot-id")
    if module is None:
        raise _invalid("“key_uri” thiếu “module-path”", "“key_uri” lacks “module-path”")
    if slot is not None and not (slot.isascii() and slot.isdigit() and len(slot) < 20):
        raise _invalid("“slot-id” phải là số", "“slot-id” must be a number")
    if where.keys().isdisjoint({"token", "serial", "slot-id"}) or where.keys().isdisjoint({"object", "id"}):
        raise _invalid("“key_uri” cần “token” và “object” hoặc “id”", "“key_uri” needs “token” and “object” or “id”")
    return TokenKey(
        Path(unquote(module)),
        _text(where, "token"),
        _text(where, "serial"),
        int(slot) if slot is not None else None,
        _text(where, "object"),
        unquote_to_bytes(where["id"]) if "id" in where else None,
    )


def _pairs(text: str, separator: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in filter(None, text.split(separator)):
        name, equals, value = each.partition("=")
        if not equals or not value or name in found:
            raise _invalid(f"không hiểu “{each}” trong “key_uri”", f"“{each}” in “key_uri” is not understood")
        found[name] = value
    return found


def _text(pairs: dict[str, str], name: str) -> str | None:
    return unquote(pairs[name]) if name in pairs else None


def _invalid(vi: str, en: str) -> Refused:
    return Refused(KEY_SOURCE_INVALID, why_vi=vi, why_en=en)
