"""``lienthong sign``: one step of a document's signatures, in the order of Decree 30/2020."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer
from cryptography import x509

from lienthong.base.clock import VIETNAM, SystemClock
from lienthong.base.errors import Refused
from lienthong.roles.cli_output import answer, language, say, verb, wrong_use
from lienthong.roles.cli_profile import JsonOption
from lienthong.roles.cli_sign_files import Wish, is_pdf, sign_other
from lienthong.roles.moments import day, today
from lienthong.signing.custody import require_person, usual_inspection
from lienthong.signing.documents import Holder, Level, Signed, sign_document
from lienthong.signing.errors import SIGN_STEP_NOT_POSSIBLE
from lienthong.signing.evidence import Evidence, read_evidence
from lienthong.signing.profiles import Role, find_profile
from lienthong.signing.signers import CertifiedSigner, open_certified
from lienthong.signing.use_log import UseLog
from lienthong.trust.pdf import steps
from lienthong.trust.pdf.files import all_fields, open_reader, rewrite_if_needed
from lienthong.trust.pdf.images import Picture, load_picture
from lienthong.trust.pdf.plan import NUMBER, PERSON, Person, find_plan, write_plan
from lienthong.trust.pdf.signing import Step
from lienthong.trust.validation.model import Role as CertifiedRole
from lienthong.trust.validation.policy import DOCUMENT_POLICY
from lienthong.trust.validation.roles import read_signer

COPIES = {"sao-y": steps.Copy.TRUE_COPY, "sao-luc": steps.Copy.COPY_OF_COPY, "trich-sao": steps.Copy.EXTRACT}


def register(app: typer.Typer) -> None:
    """Add the verb of this module."""
    app.command()(sign)


@verb
def sign(
    file: Annotated[Path, typer.Argument(help="Văn bản PDF, XML hoặc tệp bất kỳ · A PDF, XML or any other file.")],
    out: Annotated[Path, typer.Option(help="Tệp kết quả (.p7s nếu không phải PDF, XML) · The file to write.")],
    signer: Annotated[str, typer.Option(help="Tên hồ sơ người ký · Name of the signer's profile.")],
    signers: Annotated[Path, typer.Option(help="Thư mục hồ sơ người ký · Folder of profiles.")] = Path("signers"),
    role: Annotated[Role | None, typer.Option(help="Người hay cơ quan, như trong hồ sơ · As in the profile.")] = None,
    level: Annotated[Level, typer.Option(help="Mức chữ ký · Level of the signature.")] = Level.T,
    number: Annotated[str | None, typer.Option(help="Số văn bản, ví dụ 15 · Number of the document.")] = None,
    symbol: Annotated[str, typer.Option(help="Ký hiệu, ví dụ QĐ-SNV · Symbol.")] = "",
    issued: Annotated[str | None, typer.Option("--date", help="Ngày văn bản; hôm nay nếu bỏ trống · Its date.")] = None,
    place: Annotated[str, typer.Option(help="Địa danh · Place.")] = "",
    others: Annotated[
        list[str] | None,
        typer.Option("--with", help="Người khác cùng ký, theo thứ tự: 'CHỨC VỤ;Họ tên' · Others who sign before."),
    ] = None,
    attachment: Annotated[
        str | None, typer.Option(help="Ký phụ lục của văn bản này, ví dụ 15/QĐ-SNV · Sign an attachment of it.")
    ] = None,
    copy: Annotated[str | None, typer.Option(help="Sao văn bản: sao-y, sao-luc, trich-sao · Kind of copy.")] = None,
    arrival: Annotated[
        str | None,
        typer.Option(help="Đóng dấu ĐẾN với số đến này vào chỗ trống · Stamp of arrival with this number."),
    ] = None,
    beside: Annotated[
        bool, typer.Option(help="Ký ra tệp .p7s riêng, kể cả với PDF, XML · A signature file beside any file.")
    ] = False,
    signed_by: Annotated[
        Path | None, typer.Option(help="Tệp .p7s đã có, để ký thêm · A signature file that gets a further signer.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Ký số một bước: người, số và dấu cơ quan, phụ lục, bản sao; XML, tệp khác · Sign one step of a document."""
    profile = find_profile(signers, signer)
    if role is not None and role is not profile.role:
        wrong_use(f"«{signer}» là {profile.role.value}, không phải {role.value}.",
                  f"“{signer}” is {profile.role.value}, not {role.value}.")  # fmt: skip
    if copy is not None and copy not in COPIES:
        wrong_use(f"--copy: {', '.join(COPIES)}.", f"--copy: {', '.join(COPIES)}.")
    clock = SystemClock()
    at = clock.now().astimezone(VIETNAM)
    evidence = read_evidence(profile.tsa, clock)
    beside = beside or signed_by is not None
    other = beside or not is_pdf(file)
    if other and any((number, symbol, issued, place, others, attachment, copy, arrival)):
        names = "--number, --symbol, --date, --place, --with, --attachment, --copy, --arrival"
        wrong_use(f"{names}: chỉ dùng khi ký vào PDF.", f"{names}: only when a PDF is signed inside.")
    held = open_certified(profile)
    if other:
        try:
            done = sign_other(Wish(file, out, level, at, beside, signed_by), held, evidence)
        finally:
            held.close()
        _tell(done, out, level, held.certificate, as_json)
        return
    work = _Work(file, out, held, evidence, level, at)
    try:
        if profile.role is Role.PERSON:
            done = work.person([_person(each) for each in others or []])
        elif attachment is not None:
            done = work.one(lambda source: steps.attachment(source, attachment, at))
        elif arrival is not None:
            name = profile.organization or profile.name
            done = work.one(lambda source: steps.arrival(source, name, arrival, at))
        elif copy is not None:
            done = work.one(lambda source: steps.copy(source, COPIES[copy], profile.organization or profile.name, at))
        else:
            done = work.issue(number, symbol, day("--date", issued) or today(), place)
    finally:
        held.close()
        work.close()
    _tell(done, out, level, held.certificate, as_json)


class _Work:
    """One file on its way; what is half-done is never under the name that was asked for."""

    def __init__(
        self, file: Path, out: Path, held: CertifiedSigner, evidence: Evidence, level: Level, at: datetime
    ) -> None:
        self._out, self._held, self._evidence, self._level, self._at = out, held, evidence, level, at
        self._scratch = [out.with_name(f".{out.name}.{n}.making") for n in range(4)]
        self._file = self._current = file
        self._inspection = usual_inspection(held.profile, held.certificate)
        self._picture: Picture | None = None
        if held.profile.image is not None:
            self._picture = load_picture(held.profile.image.read_bytes())

    def close(self) -> None:
        for each in self._scratch:
            each.unlink(missing_ok=True)

    def person(self, others: list[Person]) -> list[Signed]:
        """The signer's own field; on an unsigned document the fields of everybody are planned first."""
        profile = self._held.profile
        with self._current.open("rb") as source, self._scratch[3].open("w+b") as target:
            if rewrite_if_needed(source, target):
                self._current = self._scratch[3]
        with self._current.open("rb") as source:
            fields = all_fields(open_reader(source))
            if not fields:
                everybody = [*others, Person(profile.position, profile.name)]
                plan = find_plan(source, everybody)
                with self._scratch[0].open("w+b") as target:
                    write_plan(source, target, plan)
                self._current = self._scratch[0]
        with self._current.open("rb") as source:
            field = steps.next_person(source)
        return self.one(lambda _: steps.person(field, self._picture))

    def issue(self, number: str | None, symbol: str, when: date, place: str) -> list[Signed]:
        """Number and date, then the seal, both by the agency's key."""
        with self._current.open("rb") as source:
            fields = all_fields(open_reader(source))
        require_person(self._current.name, self._current, "", self._inspection)
        waiting = ", ".join(name for name, done in fields.items() if name.startswith(PERSON) and not done)
        if waiting:
            why = f"còn ô chưa ký: {waiting}", f"unsigned: {waiting}"
            raise Refused(SIGN_STEP_NOT_POSSIBLE, why_vi=why[0], why_en=why[1])
        if not fields.get(NUMBER) and number is None:
            wrong_use("Thiếu --number: văn bản chưa có số.", "--number is missing: the document has no number yet.")
        if fields.get(NUMBER) and number is not None:
            wrong_use("Văn bản đã có số; bỏ --number.", "The document has its number already; leave --number out.")
        done: list[Signed] = []
        if number is not None:
            if not symbol:
                wrong_use(
                    "Thiếu --symbol, ví dụ QĐ-SNV.", "--symbol is missing: the part of the number behind the slash."
                )
            done += self._step(
                lambda source: steps.number(source, number, when, symbol, place), self._scratch[1], Level.B
            )
            self._current = self._scratch[1]
        reason = steps.numbered(number, symbol, when) if number else None
        return done + self.one(lambda source: steps.seal(source, self._picture, reason, place or None))

    def one(self, make: Any) -> list[Signed]:
        """The last step of this run, to the wanted level and under the wanted name."""
        done = self._step(make, self._scratch[2], self._level)
        os.replace(self._scratch[2], self._out)  # noqa: PTH105 - in one step
        return done

    def _step(self, make: Any, target: Path, level: Level) -> list[Signed]:
        holder = Holder(self._held.signer, (self._held.certificate, *self._held.chain))
        if self._held.role is Role.AGENCY:
            # Before the use: a use that cannot be written down does not happen.
            log = UseLog(self._held.profile.file.with_suffix(".uses.log"), SystemClock())
            log.add("agency.sign", {"file": self._file.name, "out": self._out.name, "key": self._held.key_id})
        with self._current.open("rb") as source, target.open("w+b") as written:
            step: Step = make(source)
            done = sign_document(_rewound(source), written, step, holder, level, self._evidence, self._at)
            written.flush()
            os.fsync(written.fileno())
        return [done]


def _rewound(source: BinaryIO) -> BinaryIO:
    source.seek(0)
    return source


def _person(text: str) -> Person:
    position, separator, name = text.partition(";")
    if not separator or not position.strip() or not name.strip():
        wrong_use(f"--with «{text}»: viết 'CHỨC VỤ;Họ tên'.", f"--with “{text}”: write 'POSITION;Name'.")
    return Person(position.strip(), name.strip())


def _tell(done: list[Signed], out: Path, wanted: Level, own: x509.Certificate, as_json: bool) -> None:
    last, warnings = done[-1], list(_warnings(own))
    missing = [refused for each in done for refused in each.missing]
    members = {
        "file": str(out), "signatures": [{"field": each.field, "level": each.level.value} for each in done],
        "level": last.level.value, "wanted": wanted.value, "warnings": [{"vi": vi, "en": en} for vi, en in warnings],
        "missing": [{"code": each.code.name, "vi": each.sentence("vi"), "en": each.sentence("en")} for each in missing],
    }  # fmt: skip

    def lines() -> Iterator[str]:
        for each in done:
            yield say("✓ Đã ký ", "✓ Signed ") + f"{each.field} ({each.level.value})"
        for refused in missing:
            yield "! " + refused.sentence(language())
        for vi, en in warnings:
            yield "! " + say(vi, en)
        if last.level is not wanted:
            yield say(f"! Đạt mức {last.level.value}, chưa đến {wanted.value}; chữ ký vẫn có giá trị.",
                      f"! Reached {last.level.value}, not yet {wanted.value}; the signature stands.")  # fmt: skip
        yield f"→ {out}"

    answer(as_json, members, lines)


def _warnings(own: x509.Certificate) -> Iterator[tuple[str, str]]:
    """What receivers will miss in the certificate (Decree 23/2025/NĐ-CP article 14: a person's states the title)."""
    person = read_signer(own, DOCUMENT_POLICY)
    if person.role is CertifiedRole.PERSON and not person.title:
        yield (
            "Chứng thư số của người ký không ghi chức vụ; nơi nhận không thấy được thẩm quyền ký.",
            "The signer's certificate states no title, so receivers cannot see the competence to sign.",
        )
