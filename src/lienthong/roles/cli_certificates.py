"""``lienthong certificates``: an agency's book of certificates, from the request to the end of the device."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time
from pathlib import Path
from typing import Annotated

import typer
from cryptography.hazmat.primitives.serialization import Encoding

from lienthong.base.clock import VIETNAM, SystemClock
from lienthong.base.errors import Refused
from lienthong.connector.errors import FILE_NOT_USABLE
from lienthong.infra.credentials import read_chain
from lienthong.infra.keys import write_new
from lienthong.roles import cli_certificates_text as text
from lienthong.roles.cli_certificates_import import import_certificates
from lienthong.roles.cli_output import answer, say, verb, wrong_use
from lienthong.roles.cli_profile import JsonOption
from lienthong.roles.moments import day, today
from lienthong.signing.holdings.book import CertificateBook, Told
from lienthong.signing.holdings.events import Step
from lienthong.signing.holdings.forms import MINUTES, fill, read_forms, require_complete
from lienthong.signing.holdings.model import Cause, Holder, HolderKind, Holding, State
from lienthong.signing.holdings.official_page import Page, draw

FolderArgument = Annotated[Path, typer.Argument(help="Thư mục sổ chứng thư số · Folder of the book.")]
WhichArgument = Annotated[str, typer.Argument(help="Số trong sổ, số sê-ri hoặc tên · Number, serial or name.")]
ByOption = Annotated[str | None, typer.Option(help="Người thực hiện; mặc định tên đăng nhập · Who does it.")]
NoteOption = Annotated[str, typer.Option(help="Lý do, ghi chú · Reason, note.")]
DetailOption = Annotated[
    list[str] | None, typer.Option(help="Mục của mẫu: MÃ=giá trị, lặp lại được · Row of the form: KEY=VALUE.")
]
FormsOption = Annotated[Path | None, typer.Option(help="Tệp mẫu của đơn vị, thay mẫu đi kèm · Own file of forms.")]
_NOT_ASKED = (Step.REQUEST, Step.IMPORT, Step.PROPOSE)


def register(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    verbs = (
        ("init", init), ("request", request), ("step", step), ("import", import_certificates), ("event", event),
        ("list", text.show_all), ("show", text.show), ("notices", text.show_notices), ("form", form),
        ("publish", publish),
    )  # fmt: skip
    for name, made in verbs:
        app.command(name)(made)


@verb
def init(
    folder: FolderArgument,
    agency: Annotated[str, typer.Option(help="Tên cơ quan · Name of the agency.")],
    by: ByOption = None,
    as_json: JsonOption = False,
) -> None:
    """Lập sổ chứng thư số · Begin the book."""
    book = CertificateBook.create(folder, agency, SystemClock(), _who(by))
    lines = [say(f"✓ Đã lập sổ chứng thư số của {book.agency}.", f"✓ Began the book of {book.agency}."),
             f"→ lienthong certificates request {folder} --kind person --name …"]  # fmt: skip
    answer(as_json, {"folder": str(folder), "agency": book.agency}, lambda: iter(lines))


@verb
def request(
    folder: FolderArgument,
    kind: Annotated[HolderKind, typer.Option(help="Cấp cho ai · For whom.")],
    name: Annotated[str, typer.Option(help="Họ tên, tên cơ quan hoặc tên thiết bị · Name.")],
    title: Annotated[str, typer.Option(help="Chức vụ · Position of a person.")] = "",
    agency: Annotated[str, typer.Option(help="Cơ quan; mặc định cơ quan của sổ · Agency, else the book's.")] = "",
    email: Annotated[str, typer.Option(help="Thư điện tử công vụ · Official e-mail.")] = "",
    detail: DetailOption = None,
    note: NoteOption = "",
    by: ByOption = None,
    forms: FormsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Đề nghị cấp chứng thư số mới (mẫu 01, 02, 03) · Ask for a new certificate (forms 01, 02, 03)."""
    book, all_forms = CertificateBook(folder, SystemClock()), read_forms(forms)
    holder = Holder(kind, name, agency or book.agency, title, email, _details(detail, set(all_forms.labels)))
    require_complete(all_forms, holder)
    _told(book.request(Told(_who(by), note, holder)), as_json)


@verb
def step(
    folder: FolderArgument,
    which: WhichArgument,
    what: Annotated[Step, typer.Argument(metavar="STEP", help="Bước; “show” cho biết bước nào làm được · The step.")],
    by: ByOption = None,
    note: NoteOption = "",
    certificate: Annotated[Path | None, typer.Option(help="Chứng thư số được cấp · The certificate.")] = None,
    document: Annotated[Path | None, typer.Option(help="Văn bản kèm theo, đã ký · The signed paper of it.")] = None,
    device: Annotated[str, typer.Option(help="Số hiệu thiết bị, khi bàn giao · Name of the key device.")] = "",
    cause: Annotated[Cause | None, typer.Option(help="Căn cứ thu hồi · Cause of a revocation.")] = None,
    since: Annotated[str | None, typer.Option(help="Thu hồi từ ngày · Day from which it is revoked.")] = None,
    name: Annotated[str | None, typer.Option(help="Tên mới, khi thay đổi thông tin · New name.")] = None,
    title: Annotated[str | None, typer.Option(help="Chức vụ mới · New position.")] = None,
    agency: Annotated[str | None, typer.Option(help="Cơ quan mới · New agency.")] = None,
    email: Annotated[str | None, typer.Option(help="Thư điện tử mới · New e-mail.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Ghi một bước: duyệt, gửi, nhận chứng thư số, bàn giao, gia hạn, thu hồi … · Record one step."""
    if what in _NOT_ASKED:
        wrong_use(f"«{what.value}» là lệnh riêng: lienthong certificates {_VERB_OF[what]}.",
                  f"“{what.value}” is a verb of its own: lienthong certificates {_VERB_OF[what]}.")  # fmt: skip
    _require_options(what, certificate, cause, document)
    book = CertificateBook(folder, SystemClock())
    found = book.find(which)
    changed = any((name, title, agency, email))
    if (what is Step.CHANGE) is not changed:
        wrong_use("“change” cần --name, --title, --agency hoặc --email; các bước khác thì không.",
                  "“change” needs --name, --title, --agency or --email; other steps take none of them.")  # fmt: skip
    now = found.holder
    new = replace(now, name=name or now.name, title=title or now.title, agency=agency or now.agency,
                  email=email or now.email)  # fmt: skip
    told = Told(
        _who(by), note, new if changed else None,
        None if certificate is None else read_chain(certificate)[0], cause, _instant("--since", since), device,
        _file(document),
    )  # fmt: skip
    _told(book.step(str(found.number), what, told), as_json)


@verb
def event(
    folder: FolderArgument,
    cause: Annotated[Cause, typer.Argument(help="Việc đã xảy ra · What happened.")],
    who: Annotated[str, typer.Argument(help="Người, cơ quan hay thiết bị · The person, agency or device.")],
    note: NoteOption = "",
    by: ByOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ghi điều động, nghỉ hưu, sáp nhập …: đề xuất thu hồi chứng thư số liên quan · Propose revocation after it."""
    found = CertificateBook(folder, SystemClock()).propose(cause, who, Told(_who(by), note))

    def lines() -> Iterator[str]:
        for each in found:
            yield say(f"! Đề xuất thu hồi số {each.number}: {each.holder.name}",
                      f"! Revocation of {each.number} is proposed: {each.holder.name}")  # fmt: skip
            yield f"→ lienthong certificates step {folder} {each.number} revoke --cause {cause.value}"

    answer(as_json, {"proposed": [each.number for each in found]}, lines)


@verb
def form(
    folder: FolderArgument,
    which: WhichArgument,
    out: Annotated[Path, typer.Option(help="Tệp PDF để ghi · The PDF to write.")],
    signer: Annotated[
        list[str], typer.Option(help="Người ký: 'CHỨC VỤ;Họ tên'; biên bản có hai người · Signers; minutes have two.")
    ],
    code: Annotated[
        str | None, typer.Option("--form", help="Mã mẫu; mặc định mẫu của yêu cầu · Code of the form.")
    ] = None,
    symbol: Annotated[str, typer.Option(help="Ký hiệu văn bản · Symbol of the document.")] = "",
    place: Annotated[str, typer.Option(help="Địa danh · Place.")] = "",
    superior: Annotated[str, typer.Option(help="Cơ quan cấp trên · Agency above.")] = "",
    forms: FormsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Lập giấy đề nghị hoặc biên bản từ dữ liệu, chờ ký số · Make the request form or minutes, ready to be signed."""
    if out.exists():
        raise Refused(FILE_NOT_USABLE, file=out, why="đã có; không ghi đè (exists already)")
    book, all_forms = CertificateBook(folder, SystemClock()), read_forms(forms)
    found = book.find(which)
    if code is not None:
        wanted = all_forms.find(code)
    elif found.request is not None:
        wanted = all_forms.of_request(found.request.kind, found.holder.kind)
    else:
        wrong_use("Không có yêu cầu nào đang mở; chọn mẫu bằng --form.", "No request is open; choose with --form.")
    signers = [_signer(each) for each in signer]
    if (wanted.request == MINUTES) is not (len(signers) == 2):
        wrong_use("Biên bản cần hai --signer (bên giao, bên nhận), giấy đề nghị cần một.",
                  "Minutes need two --signer (giver, receiver), a request needs one.")  # fmt: skip
    page = Page(
        agency=book.agency, symbol=symbol, place=place, year=today().year, title=wanted.title, about=wanted.about,
        rows=fill(all_forms, wanted, found), signers=signers, superior=superior,
        to="" if wanted.request == MINUTES else all_forms.to, receivers=("Như trên", "Lưu: VT"),
    )  # fmt: skip
    write_new(out, draw(page), 0o644)
    answer(as_json, {"file": str(out), "form": wanted.code, "number": found.number},
           lambda: iter([say(f"✓ Đã lập mẫu {wanted.code}: {out}", f"✓ Made form {wanted.code}: {out}")]))  # fmt: skip


@verb
def publish(
    folder: FolderArgument,
    out: Annotated[Path, typer.Option(help="Tệp PEM để ghi · The PEM file to write.")],
    as_json: JsonOption = False,
) -> None:
    """Xuất chứng thư số đang hiệu lực của cơ quan để công bố vào danh bạ · Write the agency's own for the directory."""
    if out.exists():
        raise Refused(FILE_NOT_USABLE, file=out, why="đã có; không ghi đè (exists already)")
    book, now = CertificateBook(folder, SystemClock()), SystemClock().now()
    found = [
        each for each in book.all().values()
        if each.holder.kind is HolderKind.AGENCY and each.state_at(now) is State.ACTIVE and each.current is not None
    ]  # fmt: skip
    pem = b"".join(each.current.public_bytes(Encoding.PEM) for each in found if each.current is not None)
    if not found:
        wrong_use("Sổ chưa có chứng thư số nào của cơ quan đang hiệu lực.",
                  "The book has no active certificate of the agency.")  # fmt: skip
    write_new(out, pem, 0o644)
    lines = [f"✓ {out} ({len(found)})", f"→ lienthong directory certificates MÃ-CƠ-QUAN {out}"]
    answer(as_json, {"file": str(out), "certificates": len(found)}, lambda: iter(lines))


_VERB_OF = {Step.REQUEST: "request", Step.IMPORT: "import", Step.PROPOSE: "event"}


def _require_options(what: Step, certificate: Path | None, cause: Cause | None, document: Path | None) -> None:
    if (what is Step.CERTIFICATE) is not (certificate is not None):
        wrong_use("Bước “certificate” cần --certificate; các bước khác thì không.",
                  "The step “certificate” needs --certificate; other steps do not take it.")  # fmt: skip
    if what is Step.REVOKE and cause is None:
        causes = ", ".join(each.value for each in Cause)
        wrong_use(f"Thu hồi cần --cause: {causes}.", f"A revocation needs --cause: {causes}.")
    if what is Step.ATTACH and document is None:
        wrong_use("“attach” cần --document.", "“attach” needs --document.")


def _details(given: list[str] | None, known: set[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in given or []:
        key, equals, value = each.partition("=")
        if not equals or key not in known:
            keys = ", ".join(sorted(known))
            wrong_use(f"--detail «{each}»: viết MÃ=giá trị, MÃ là một trong: {keys}.",
                      f"--detail “{each}”: write KEY=VALUE, KEY one of: {keys}.")  # fmt: skip
        found[key] = value
    return found


def _signer(given: str) -> tuple[str, str]:
    position, separator, name = given.partition(";")
    if not separator or not position.strip() or not name.strip():
        wrong_use(f"--signer «{given}»: viết 'CHỨC VỤ;Họ tên'.", f"--signer “{given}”: write 'POSITION;Name'.")
    return position.strip(), name.strip()


def _file(document: Path | None) -> Path | None:
    if document is not None and not document.is_file():
        raise Refused(FILE_NOT_USABLE, file=document, why="không có tệp này (no such file)")
    return document


def _instant(option: str, given: str | None) -> datetime | None:
    found = day(option, given)
    return None if found is None else datetime.combine(found, time(), VIETNAM)


def _who(by: str | None) -> str:
    return by or getpass.getuser()


def _told(holding: Holding, as_json: bool) -> None:
    answer(as_json, text.members(holding), lambda: text.lines(holding))
