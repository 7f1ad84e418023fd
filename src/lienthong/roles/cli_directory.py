"""``lienthong directory``: the operator's verbs and everybody's look-ups, through the axis."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer
from cryptography.hazmat.primitives.serialization import Encoding

from lienthong.base.clock import SystemClock, from_text
from lienthong.base.errors import Problem, Severity
from lienthong.base.ids import AgencyCode, SystemId
from lienthong.base.text import one_line
from lienthong.connector.profile import connection_of
from lienthong.directory.importing import Imported, read_csv, read_json
from lienthong.directory.model import Agency, AgencyStatus, Scope, System, SystemKey, SystemStatus
from lienthong.directory.seed import seed as packaged_seed
from lienthong.infra.credentials import read_chain
from lienthong.roles.cli_output import REFUSED, answer, language, say, verb, working, wrong_use
from lienthong.roles.cli_profile import JsonOption, ProfileOption, open_profile
from lienthong.roles.directory_desk import open_desk
from lienthong.roles.moments import day, today
from lienthong.trust.certificates import load_certificate
from lienthong.trust.keys import key_id, load_public_key, public_pem
from lienthong.vocabulary.alias import Succession, SuccessionKind

Target = Annotated[str, typer.Argument(help="Mã cơ quan hoặc mã hệ thống · Agency code or system identifier.")]
SHOWN = 30


def register(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    app.command("import")(import_file)
    app.command("list")(list_agencies)
    for function in (seed, show, certificates, systems, register_system, suspend, resume, revoke, succeed):
        app.command(function.__name__.removesuffix("_system"))(function)


@verb
def import_file(
    file: Annotated[Path, typer.Argument(help="Tệp CSV hoặc JSON · CSV or JSON file.", exists=True, dir_okay=False)],
    dry_run: Annotated[bool, typer.Option(help="Chỉ kiểm tra, không ghi · Check only.")] = False,
    skip_bad: Annotated[bool, typer.Option(help="Bỏ qua dòng lỗi · Leave bad lines out.")] = False,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Nạp danh bạ cơ quan từ tệp; các cơ quan đã có được cập nhật · Import agencies from a file."""
    data = file.read_bytes()
    with open_desk(profile) as desk:
        known = {agency.code for agency in desk.state.agencies()}
        with working(say("Đang đọc và kiểm tra tệp", "Reading and checking the file")):
            read = read_json(data, known) if file.suffix.lower() == ".json" else read_csv(data, known)
        bad = [each for each in read.problems if each.problem.severity is Severity.ERROR]
        written: dict[str, Any] = {"version": desk.state.version, "changed": 0, "asked": 0}
        if not dry_run and (skip_bad or not bad):
            with working(say(f"Đang ghi {len(read.agencies)} cơ quan", f"Writing {len(read.agencies)} agencies")):
                written = desk.put(_kept(each, desk.state.agency(each.code)) for each in read.agencies)
    members = {"file": str(file), "read": len(read.agencies), "errors": len(bad), **written}
    members["problems"] = [{"line": p.line, **_problem(p.problem)} for p in read.problems]
    answer(as_json, members, lambda: _import_lines(read, members, dry_run))
    if bad and not skip_bad:
        raise typer.Exit(REFUSED)


@verb
def seed(profile: ProfileOption = None, as_json: JsonOption = False) -> None:
    """Nạp danh bạ cấp 1 có sẵn (bộ, ngành, tỉnh) · Load the packaged level-1 directory."""
    with open_desk(profile) as desk:
        written = desk.put(packaged_seed().rows)
    answer(as_json, written, lambda: _written_lines(written))


@verb
def list_agencies(
    query: Annotated[str, typer.Option(help="Tên hoặc mã, không cần dấu · Name or code, accents not needed.")] = "",
    maximum: Annotated[int, typer.Option("--max", min=1, max=200)] = 50,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tìm cơ quan trong danh bạ · Search the directory."""
    with connection_of(open_profile(profile)) as connection:
        found = connection.get_json("/v1/directory/agencies", {"q": query, "max": str(maximum)})

    def lines() -> Iterator[str]:
        for row in found["agencies"]:
            mark = "" if row["status"] == "active" else f"  [{row['status']}]"
            yield f"{row['code']:<20} {row['name']}{mark}"
        shown = len(found["agencies"])
        yield say(f"{shown}/{found['total']} cơ quan", f"{shown} of {found['total']} agencies")

    answer(as_json, found, lines)


@verb
def show(
    code: Annotated[str, typer.Argument(help="Mã cơ quan, kể cả mã cũ · Any code of an agency, old ones too.")],
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Một cơ quan: vị trí, hệ thống đại diện, đơn vị kế thừa · One agency: its place, systems, successor."""
    with connection_of(open_profile(profile)) as connection:
        found = connection.get_json(f"/v1/directory/agencies/{quote(code)}")
    answer(as_json, found, lambda: _agency_lines(found))


@verb
def systems(profile: ProfileOption = None, as_json: JsonOption = False) -> None:
    """Các hệ thống đã đăng ký và khóa của chúng · Registered systems and their keys."""
    with connection_of(open_profile(profile)) as connection:
        found = connection.get_json("/v1/directory/systems")

    def lines() -> Iterator[str]:
        for row in found["systems"]:
            marks = [row["status"]] + (["operator"] if row["operator"] else [])
            yield f"{row['system_id']:<20} {row['name']}  [{', '.join(marks)}]"
            yield "    " + ", ".join(s["code"] + (" +" if s["subtree"] else "") for s in row["agencies"])
            for key in row["keys"]:
                ended = key["revoked_at"] or key["valid_to"]
                yield f"    {key['key_id']}  {key['valid_from']} → {ended or ''}"

    answer(as_json, found, lines)


@verb
def register_system(
    system: Annotated[str, typer.Option(help="Mã hệ thống · Identifier of the system.")],
    key: Annotated[Path, typer.Option(help="Khóa công khai PEM · Public key.", exists=True, dir_okay=False)],
    name: Annotated[str | None, typer.Option(help="Tên phần mềm · Name; needed for a new system.")] = None,
    agency: Annotated[list[str] | None, typer.Option(help="Mã cơ quan; lặp lại được · Agency; repeatable.")] = None,
    branch: Annotated[
        list[str] | None, typer.Option(help="Cơ quan cùng mọi đơn vị trực thuộc · Agency with all below it.")
    ] = None,
    operator: Annotated[bool, typer.Option(help="Quyền vận hành danh bạ · May change the directory.")] = False,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Đăng ký hệ thống, hoặc thêm khóa và cơ quan cho hệ thống đã có · Register a system, or add to one."""
    public = load_public_key(key.read_bytes())
    own = SystemKey(key_id(public), public_pem(public).decode(), SystemClock().now().replace(microsecond=0))
    scopes = {Scope(AgencyCode(c)) for c in agency or []} | {Scope(AgencyCode(c), True) for c in branch or []}
    with open_desk(profile) as desk:
        held = desk.state.system(system)
        if held is None and (not name or not scopes):
            wrong_use(
                "Hệ thống mới cần --name và ít nhất một --agency hoặc --branch.",
                "A new system needs --name and at least one --agency or --branch.",
            )
        before = held or System(SystemId(system), name or system)
        row = replace(
            before,
            name=name or before.name,
            agencies=tuple(sorted({*before.agencies, *scopes})),
            keys=before.keys if any(k.key_id == own.key_id for k in before.keys) else (*before.keys, own),
            operator=before.operator or operator,
        )
        written = desk.put([row])
    members = {**written, "system_id": system, "key_id": own.key_id}
    answer(as_json, members, lambda: _written_lines(written, f"{system}  {own.key_id}"))


@verb
def certificates(
    code: Annotated[str, typer.Argument(help="Mã cơ quan · Code of the agency.")],
    file: Annotated[Path, typer.Argument(help="Chứng thư số của cơ quan, PEM · Its certificates.", dir_okay=False)],
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Công bố chứng thư số của cơ quan thay cho các tờ cũ · Publish an agency's certificates in place of the old ones.

    Tệp do “lienthong certificates publish” lập · The file is made by “lienthong certificates publish”.
    """
    pems = tuple(each.public_bytes(Encoding.PEM).decode() for each in read_chain(file))
    with open_desk(profile) as desk:
        found = desk.state.agency(code)
        if found is None:
            desk.unknown(code)
        written = desk.put([replace(found, certificates=pems)])
    about = say(f"{found.code}: {len(pems)} chứng thư số", f"{found.code}: {len(pems)} certificates")
    members = {**written, "agency": found.code, "certificates": len(pems)}
    answer(as_json, members, lambda: _written_lines(written, about))


@verb
def suspend(target: Target, profile: ProfileOption = None, as_json: JsonOption = False) -> None:
    """Tạm ngừng một hệ thống hoặc cơ quan · Suspend a system or an agency."""
    _set_active(target, False, profile, as_json)


@verb
def resume(target: Target, profile: ProfileOption = None, as_json: JsonOption = False) -> None:
    """Cho một hệ thống hoặc cơ quan hoạt động lại · Let a system or an agency work again."""
    _set_active(target, True, profile, as_json)


@verb
def revoke(
    key: Annotated[str, typer.Argument(help="Mã khóa cần thu hồi · Identifier of the key.")],
    at: Annotated[str | None, typer.Option(help="Từ thời điểm (RFC 3339); mặc định: ngay · From when.")] = None,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Thu hồi một khóa; chữ ký trước đó vẫn kiểm được · Revoke a key; earlier signatures still count."""
    try:
        moment = from_text(at) if at is not None else SystemClock().now()
    except ValueError:
        wrong_use(f"--at: «{at}» không đúng; viết 2026-11-24T08:00:00+07:00.", f"--at: “{at}” is no time (RFC 3339).")
    with open_desk(profile) as desk:
        owner = desk.state.key_owner(key)
        if owner is None:
            desk.unknown(key)
        keys = tuple(replace(k, revoked_at=moment) if k.key_id == key else k for k in owner.keys)
        written = desk.put([replace(owner, keys=keys)])
    answer(as_json, {**written, "system_id": owner.system_id, "key_id": key}, lambda: _written_lines(written, key))


@verb
def succeed(
    old: Annotated[str, typer.Argument(help="Mã cơ quan cũ · Code that ends.")],
    new: Annotated[str, typer.Argument(help="Mã cơ quan kế thừa · Code that follows.")],
    kind: Annotated[str, typer.Option(help="merge | split | rename | code_change")] = "merge",
    since: Annotated[
        str | None, typer.Option("--from", help="Từ ngày, dd/mm/yyyy; mặc định: hôm nay · First day; default: today.")
    ] = None,
    note: Annotated[str, typer.Option(help="Căn cứ, ghi chú · Note, legal basis.")] = "",
    principal: Annotated[bool, typer.Option(help="Nơi nhận chính khi chia tách · Main receiver of a split.")] = False,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ghi nhận kế thừa: văn bản gửi mã cũ sẽ tới cơ quan mới · Record that one agency follows another."""
    kinds = {each.value: each for each in SuccessionKind}
    if kind not in kinds:
        names = ", ".join(kinds)
        wrong_use(f"--kind: «{kind}» không có; dùng {names}.", f"--kind: no “{kind}”; use {names}.")
    first = day("--from", since) or today()
    with open_desk(profile) as desk:
        ending = desk.state.agency(old)
        if desk.state.agency(new) is None:
            desk.unknown(new)
        rows: list[Agency | Succession] = [
            Succession(AgencyCode(old), AgencyCode(new), kinds[kind], first, note, principal)
        ]
        if ending is not None:
            status = AgencyStatus.CLOSED if first <= today() else ending.status
            rows.append(replace(ending, status=status, valid_to=first - timedelta(days=1)))
        written = desk.put(rows)
    answer(as_json, written, lambda: _written_lines(written, f"{old} → {new} ({first:%d/%m/%Y})"))


def _kept(read: Agency, known: Agency | None) -> Agency:
    """A row of a file with what no file tells: whether the agency works, what its systems understand, its seal."""
    if known is None:
        return read
    return replace(read, status=known.status, capabilities=known.capabilities, certificates=known.certificates)


def _set_active(target: str, active: bool, profile: Path | None, as_json: bool) -> None:
    with open_desk(profile) as desk:
        system, agency = desk.state.system(target), desk.state.agency(target)
        row: System | Agency
        if system is not None:
            row = replace(system, status=SystemStatus.ACTIVE if active else SystemStatus.SUSPENDED)
        elif agency is not None:
            row = replace(agency, status=AgencyStatus.ACTIVE if active else AgencyStatus.LOCKED)
        else:
            desk.unknown(target)
        written = desk.put([row])
    members = {**written, "target": target, "status": row.status.value}
    answer(as_json, members, lambda: _written_lines(written, f"{target}: {row.status.value}"))


def _written_lines(written: dict[str, Any], about: str = "") -> Iterator[str]:
    version, changed = written["version"], written["changed"]
    if not changed:
        yield say(f"✓ Không có gì thay đổi (phiên bản {version}).", f"✓ Nothing to change (version {version}).")
    else:
        yield say(f"✓ Đã ghi {changed} dòng, phiên bản {version}.", f"✓ {changed} rows written, version {version}.")
    if about:
        yield "  " + about


def _import_lines(read: Imported, members: dict[str, Any], dry_run: bool) -> Iterator[str]:
    for each in read.problems[:SHOWN]:
        sentence = each.problem.vi if language() == "vi" else each.problem.en
        yield say(f"  dòng {each.line}: {sentence}", f"  line {each.line}: {sentence}")
    if len(read.problems) > SHOWN:
        yield say(f"  … và {len(read.problems) - SHOWN} điều nữa", f"  … and {len(read.problems) - SHOWN} more")
    yield say(
        f"{len(read.agencies)} cơ quan đọc được, {members['errors']} lỗi.",
        f"{len(read.agencies)} agencies read, {members['errors']} errors.",
    )
    if members["asked"]:
        yield from _written_lines(members)
    elif not dry_run:
        yield say(
            "✗ Chưa ghi gì. Sửa tệp, hoặc dùng --skip-bad để bỏ qua dòng lỗi.",
            "✗ Nothing was written. Correct the file, or use --skip-bad.",
        )


def _agency_lines(found: dict[str, Any]) -> Iterator[str]:
    row = found["agency"]
    yield f"{row['code']}  {row['name']}  [{row['status']}]"
    codes = [code for code in (row["code102"], *row["old_codes"]) if code]
    if codes:
        yield say("  mã khác: ", "  other codes: ") + ", ".join(codes)
    if found["ancestors"]:
        yield say("  thuộc: ", "  below: ") + " < ".join(a["name"] for a in found["ancestors"])
    if found["children"]:
        yield say(f"  {len(found['children'])} đơn vị trực thuộc", f"  {len(found['children'])} agencies below")
    for note in found["notes_vi" if language() == "vi" else "notes_en"]:
        yield f"  → {note}"
    for pem in row.get("certificates", ()):
        certificate = load_certificate(pem.encode())
        name, end = one_line(certificate.subject.rfc4514_string(), 100), certificate.not_valid_after_utc
        yield say("  chứng thư số: ", "  certificate: ") + f"{name} → {end:%d/%m/%Y}"
    acting = ", ".join(s["system_id"] for s in found["systems"])
    yield say("  hệ thống: ", "  systems: ") + (acting or say("chưa có", "none"))


def _problem(problem: Problem) -> dict[str, str]:
    return {"code": problem.code, "vi": problem.vi, "en": problem.en, "severity": problem.severity.value}
