"""``lienthong keys rotate | revoke | list``: a system changes its own keys at its axis."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from cryptography import x509

from lienthong.base.clock import to_text
from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.connector.book import AddressBook
from lienthong.connector.credentials import secret_of
from lienthong.connector.errors import INPUT_NOT_USABLE
from lienthong.connector.expiry import certificate_expiry, key_expiry
from lienthong.connector.http import AxisConnection
from lienthong.connector.profile import connection_of, credentials_of
from lienthong.connector.rotation import KeyDesk, KeyFile, new_key, taken_key, wait_until_known
from lienthong.connector.unsealing import key_files
from lienthong.directory.model import KeyPurpose, SystemKey
from lienthong.infra.connector_config import ConnectorConfig
from lienthong.infra.credentials import (
    MAXIMUM_BUNDLE,
    Credentials,
    check_chain,
    open_key_file,
    open_key_uri,
    read_chain,
)
from lienthong.infra.keys import KeyKind, create_key
from lienthong.infra.steps import arm_from
from lienthong.roles.cli_output import answer, say, verb, wrong_use
from lienthong.roles.cli_profile import JsonOption, ProfileOption, open_profile
from lienthong.trust.keys import load_public_key
from lienthong.trust.signer import Signer

KINDS: tuple[KeyKind, ...] = ("P-256", "P-384")


def register(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    app.command("rotate")(rotate)
    app.command("revoke")(revoke)
    app.command("list")(list_keys)


@verb
def rotate(
    profile: ProfileOption = None,
    purpose: Annotated[str, typer.Option(help="sign | encrypt")] = "sign",
    take: Annotated[
        Path | None, typer.Option(help="Tệp khoá mới có sẵn, thay vì tạo · A key file made elsewhere.", exists=True)
    ] = None,
    next_uri: Annotated[
        str | None, typer.Option(help="Khoá mới trên thiết bị ký (pkcs11:…) · The new key on a token.")
    ] = None,
    certificate: Annotated[
        Path | None, typer.Option(help="Chứng thư số của khoá mới · The new key's certificate.", exists=True)
    ] = None,
    kind: Annotated[str, typer.Option(help="P-256 | P-384")] = "P-256",
    as_json: JsonOption = False,
) -> None:
    """Thay khoá: tạo, đăng ký, thử rồi chuyển; khoá cũ vẫn có hiệu lực · Change the key; the old one still counts."""
    config = open_profile(profile)
    arm_from(config.kill_at)
    chosen = next((each for each in KINDS if each.lower() == kind.lower()), None)
    if chosen is None or purpose not in {"sign", "encrypt"}:
        wrong_use(
            "Dùng --kind P-256|P-384 và --purpose sign|encrypt.", "Use --kind P-256|P-384, --purpose sign|encrypt."
        )
    chain = read_chain(certificate) if certificate is not None else ()
    with connection_of(config) as connection:
        desk = KeyDesk(connection, config.axis_name, config.system_id)
        if purpose == "encrypt":
            members = _rotate_encryption(config, connection, desk, chosen)
        elif next_uri is not None:
            new = open_key_uri(next_uri, secret_of(config), chain)
            members = _registered(desk, new) | {"switched": False, "profile": f'key_uri = "{next_uri}"'}
        else:
            members = _rotate_file(config, connection.signer, desk, take, chosen, chain)

    def lines() -> Iterator[str]:
        yield say(f"✓ Đã đăng ký khoá {members['key_id']}", f"✓ Key {members['key_id']} is registered")
        if members.get("old_key"):
            yield say(
                f"  Khoá cũ vẫn có hiệu lực, giữ tại {members['old_file']}. Khi mọi máy đã dùng khoá mới: "
                f"lienthong keys revoke {members['old_key']}",
                f"  The old key still counts and lies at {members['old_file']}. When every machine uses the new one: "
                f"lienthong keys revoke {members['old_key']}",
            )
        if members.get("profile"):
            yield say(f"  Ghi vào cấu hình: {members['profile']}", f"  Set in the profile: {members['profile']}")

    answer(as_json, members, lines)


@verb
def revoke(
    key_id: Annotated[str, typer.Argument(help="Mã khoá cần thu hồi · Identifier of the key.")],
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Thu hồi một khoá của chính hệ thống; không khôi phục được · Revoke a key of this system, for ever."""
    config = open_profile(profile)
    with connection_of(config) as connection:
        members = KeyDesk(connection, config.axis_name, config.system_id).revoke(key_id)
    answer(as_json, members, lambda: iter([say(f"✓ Đã thu hồi {key_id}", f"✓ {key_id} is revoked")]))


@verb
def list_keys(profile: ProfileOption = None, as_json: JsonOption = False) -> None:
    """Các khoá của hệ thống theo danh bạ, và số ngày còn lại · This system's keys, and the days they have left."""
    config, now = open_profile(profile), datetime.now(UTC)
    credentials = credentials_of(config)
    with AxisConnection(config.axis_url, credentials.signer) as connection:
        axis_key = load_public_key(config.axis_key_file.read_bytes())
        system = AddressBook(connection, axis_key, config.spool_dir / "directory").newest().system(config.system_id)
    if system is None:
        raise Refused(INPUT_NOT_USABLE, field="system_id", why="không có trong danh bạ (not in the directory)")
    ends = [*certificate_expiry(credentials.chain, now), *key_expiry(system, now)]
    keys = [_key_members(key, credentials.signer, now) for key in system.keys]
    expiry = [{"name": e.name, "ends_at": to_text(e.ends_at), "days": e.days, "level": e.level.value} for e in ends]

    def lines() -> Iterator[str]:
        for row in keys:
            yield f"{row['key_id']}  {row['purpose']:8}{row['state']:8}{'◀' if row['in_use'] else ''}"
        for each in ends:
            yield say(*each.sentence())

    answer(as_json, {"system": config.system_id, "keys": keys, "expiry": expiry}, lines)


def _key_members(key: SystemKey, own: Signer, now: datetime) -> dict[str, Any]:
    state = "revoked" if key.revoked_at is not None else "counts" if key.holds(now) else "ended"
    return {
        "key_id": key.key_id,
        "purpose": key.purpose.value,
        "state": state,
        "valid_from": to_text(key.valid_from),
        "in_use": key.key_id == own.key_id,
    }


def _rotate_file(
    config: ConnectorConfig,
    old: Signer,
    desk: KeyDesk,
    take: Path | None,
    kind: KeyKind,
    chain: tuple[x509.Certificate, ...],
) -> dict[str, Any]:
    """Register the next key of a key file and put it in the place of the present one."""
    if config.key_file is None:
        wrong_use("Khoá nằm trên thiết bị ký: dùng --next-uri.", "The key is on a token: use --next-uri.")
    secret, place = secret_of(config), KeyFile(config.key_file.path)
    make = new_key(kind, secret) if take is None else taken_key(take, MAXIMUM_BUNDLE)
    new = open_key_file(place.prepare(make), secret, chain)
    if new.signer.key_id == old.key_id:
        wrong_use("Khoá mới trùng khoá đang dùng.", "The new key is the one in use.")
    members = _registered(desk, new)
    timeout = config.timeout.total_seconds()
    with AxisConnection(config.axis_url, new.signer, timeout=timeout) as connection:
        wait_until_known(connection)
    kept = place.switch(old.key_id)
    return members | {"switched": True, "old_key": old.key_id, "old_file": str(kept), "key_file": str(place.path)}


def _rotate_encryption(
    config: ConnectorConfig, connection: AxisConnection, desk: KeyDesk, kind: KeyKind
) -> dict[str, Any]:
    """Register an encryption key: one that an interrupted rotation left unregistered, or a new one."""
    folder, secret = config.encryption_keys_dir, secret_of(config)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    axis_key = load_public_key(config.axis_key_file.read_bytes())
    system = AddressBook(connection, axis_key, config.spool_dir / "directory").newest().system(config.system_id)
    known = {key.key_id for key in system.keys} if system is not None else set()
    for file in key_files(folder):
        held = open_key_file(file, secret)
        if held.signer.key_id not in known:
            return _registered(desk, held, KeyPurpose.ENCRYPT) | {"switched": True, "key_file": str(file)}
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    file = folder / f"{stamp}.key.pem"
    made = Credentials(create_key(file, kind, secret))
    return _registered(desk, made, KeyPurpose.ENCRYPT) | {"switched": True, "key_file": one_line(str(file), 300)}


def _registered(desk: KeyDesk, new: Credentials, purpose: KeyPurpose = KeyPurpose.SIGN) -> dict[str, Any]:
    check_chain(new, datetime.now(UTC))
    return desk.add(new.signer, purpose, new.chain[0] if new.chain else None)
