"""Office documents to PDF/A-2b by LibreOffice: one process per job, in a profile of its own that is thrown away.

A listener shared by jobs hangs and mixes them up, and a profile shared by two processes refuses the second; so each job
pays for its own start (some two seconds). The document is a stranger's: macros are off, nothing linked is fetched, the
process has limits of time, memory and file size, an environment of its own, no network where the machine can take it
away, and is killed with all its children.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import shutil
import signal
import subprocess
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from importlib import resources
from pathlib import Path
from typing import Literal

from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.infra.config import child_environment
from lienthong.infra.conversion_errors import CONVERSION_FAILED, CONVERSION_TIMED_OUT, CONVERTER_MISSING
from lienthong.infra.keys import replace_durably
from lienthong.trust.pdf.lines import page_count

Format = Literal["docx", "doc", "odt", "rtf"]

_PDF = {
    "SelectPdfVersion": ("long", "2"),  # PDF/A-2b
    "UseTaggedPDF": ("boolean", "true"),
    "ExportBookmarks": ("boolean", "true"),
    "ExportNotes": ("boolean", "false"),
    "ExportFormFields": ("boolean", "false"),
    "ReduceImageResolution": ("boolean", "true"),
    "MaxImageResolution": ("long", "300"),
}
_TARGET = "pdf:writer_pdf_Export:" + json.dumps(
    {key: {"type": kind, "value": value} for key, (kind, value) in _PDF.items()}
)

_TRIED_WITHIN = 10.0
_OUT_OF_PROCESSOR = {-signal.SIGXCPU, 128 + signal.SIGXCPU}
"""How the program ends when it has used up the processor, itself or what it started."""

_COMMON, _WRITER = "/org.openoffice.Office.Common", "/org.openoffice.Office.Writer"
_INET = "/org.openoffice.Inet/Settings"
_SETTINGS: tuple[tuple[str, str, str], ...] = (
    (f"{_COMMON}/Security/Scripting", "MacroSecurityLevel", "3"),
    (f"{_COMMON}/Security/Scripting", "DisableMacrosExecution", "true"),
    (f"{_COMMON}/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    (f"{_COMMON}/Security/Scripting", "DisableActiveContent", "true"),
    (f"{_COMMON}/Misc", "FirstRun", "false"),
    ("/org.openoffice.Office.Java/VirtualMachine", "Enable", "false"),
    (f"{_WRITER}/Content/Update", "Link", "0"),
    # A proxy that is not there: what would fetch something all the same does not leave the machine.
    (_INET, "ooInetProxyType", "1"),
    (_INET, "ooInetHTTPProxyName", "127.0.0.1"),
    (_INET, "ooInetHTTPProxyPort", "9"),
    (_INET, "ooInetHTTPSProxyName", "127.0.0.1"),
    (_INET, "ooInetHTTPSProxyPort", "9"),
    (_INET, "ooInetNoProxy", ""),
)
"""What the profile of a job is born with: path, name, value."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one conversion may use. ``seconds``: by the clock; ``cpu``: of the processor, for each process, so that one
    that outlives us ends all the same. ``memory``: address space in bytes of each process; ``output``: of each file."""

    seconds: float = 60
    cpu: int = 90
    memory: int = 4 << 30
    output: int = 200_000_000


def find_converter() -> Path:
    """The program. Refuses: CONVERTER_MISSING."""
    for name in ("soffice", "libreoffice"):
        found = shutil.which(name)
        if found is not None:
            return Path(found)
    raise Refused(CONVERTER_MISSING)


def to_pdf(document: Path, out: Path, *, limits: Limits = Limits(), program: Path | None = None) -> None:
    """Convert a docx, doc, odt or rtf file to a tagged PDF/A-2b at ``out``, which appears whole or not at all.

    The format is read from the content, whatever the name says. May run side by side with others. Refuses:
    CONVERTER_MISSING, CONVERSION_TIMED_OUT, CONVERSION_FAILED, STORAGE_FULL.
    """
    program = program or find_converter()
    kind = format_of(document)
    with tempfile.TemporaryDirectory(prefix="lienthong-convert-", ignore_cleanup_errors=True) as folder:
        job = Path(folder)
        # A name of our own: the file's may hold anything, and the result is named after it.
        source = job / f"document.{kind}"
        shutil.copyfile(document, source)
        _write_profile(job)
        said = _run(_command(program, job, source, limits), job, limits)
        made = job / "out" / "document.pdf"
        if not made.is_file():
            why = one_line(said, 120) or "không có kết quả (no output)"
            raise _failed(f"trình chuyển đổi không đọc được tệp ({why})", f"the converter could not read it ({why})")
        _require_pdf(made)
        replace_durably(out, made.read_bytes(), 0o640)


def format_of(document: Path) -> Format:
    """Which format a file has, by its content. Refuses: CONVERSION_FAILED for any other."""
    with document.open("rb") as stream:
        head = stream.read(8)
    if head.startswith(b"{\\rtf"):
        return "rtf"
    if head == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return "doc"
    if head.startswith(b"PK"):
        try:
            with zipfile.ZipFile(document) as parts:
                names = set(parts.namelist())
                if "word/document.xml" in names:
                    return "docx"
                if "mimetype" in names:
                    with parts.open("mimetype") as stream:
                        if stream.read(64) == b"application/vnd.oasis.opendocument.text":
                            return "odt"
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
            raise _failed("tệp bị hỏng", "the file is damaged") from error
    raise _failed("không phải tệp docx, doc, odt hoặc rtf", "it is no docx, doc, odt or rtf file")


def _command(program: Path, job: Path, source: Path, limits: Limits) -> list[str]:
    # The shell sets the limits before the program starts: a hook between fork and exec is not safe beside threads.
    memory, output = limits.memory // 1024, -(-limits.output // 512)
    # Between the two limits of the processor it ends with a signal that says why.
    processor = f"ulimit -S -t {limits.cpu} && ulimit -H -t {limits.cpu + 5}"
    limited = f'ulimit -c 0; {processor} && ulimit -v {memory} && ulimit -f {output} && exec "$@"'
    return [
        *_without_network(),
        "/bin/sh", "-c", limited, "convert",
        str(program), "--headless", "--invisible", "--norestore", "--nolockcheck", "--nodefault", "--nologo",
        f"-env:UserInstallation={(job / 'profile').as_uri()}",
        "--convert-to", _TARGET, "--outdir", str(job / "out"), str(source),
    ]  # fmt: skip


@functools.cache
def _without_network() -> Sequence[str]:
    """What starts a program in a network of its own with nothing in it, if this machine lets us.

    Refuses: CONVERSION_TIMED_OUT.
    """
    unshare = shutil.which("unshare")
    if unshare is None:
        return ()
    prefix = (unshare, "--net", "--map-root-user") if os.geteuid() != 0 else (unshare, "--net")
    try:
        tried = subprocess.run(
            [*prefix, "true"], check=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, timeout=_TRIED_WITHIN,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        # Not known is not "no": a stranger's file is not opened with the network there because the machine is busy.
        raise Refused(CONVERSION_TIMED_OUT, seconds=f"{_TRIED_WITHIN:g}") from error
    return prefix if tried.returncode == 0 else ()


def _run(command: list[str], job: Path, limits: Limits) -> str:
    """What the converter said. Refuses: CONVERSION_TIMED_OUT."""
    environment = {
        "HOME": str(job), "TMPDIR": str(job),
        "XDG_CACHE_HOME": str(job / "cache"), "XDG_CONFIG_HOME": str(job / "config"),
        "PATH": child_environment().get("PATH", "/usr/bin:/bin"), "LANG": "C.UTF-8", "SAL_USE_VCLPLUGIN": "svp",
        "FONTCONFIG_FILE": str(job / "fonts.conf"),
    }  # fmt: skip
    with (job / "said").open("w+b") as said:
        child = subprocess.Popen(
            command, cwd=job, env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
        try:
            child.wait(limits.seconds)
        except subprocess.TimeoutExpired as error:
            raise Refused(CONVERSION_TIMED_OUT, seconds=f"{limits.seconds:g}") from error
        finally:
            _kill(child)
        if child.returncode in _OUT_OF_PROCESSOR:
            raise Refused(CONVERSION_TIMED_OUT, seconds=f"{limits.cpu}")
        said.seek(0)
        return said.read(2000).decode("utf-8", "replace").replace(str(job), "")


def _kill(child: subprocess.Popen[bytes]) -> None:
    """End the child and whatever it started; those that ended already are no fault."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _write_profile(job: Path) -> None:
    user = job / "profile" / "user"
    user.mkdir(parents=True)
    items = "".join(
        f'<item oor:path="{escape(path)}"><prop oor:name="{escape(name)}" oor:op="fuse">'
        f"<value>{escape(value)}</value></prop></item>"
        for path, name, value in _SETTINGS
    )
    (user / "registrymodifications.xcu").write_text(
        '<?xml version="1.0" encoding="UTF-8"?><oor:items xmlns:oor="http://openoffice.org/2001/registry" '
        'xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"{items}</oor:items>",
        "utf-8",
    )
    # Times New Roman where the machine has it, else the face with its metrics: the machine's, at last our own.
    fonts = resources.files("lienthong.trust.pdf.fonts_data")
    for each in fonts.iterdir():
        if each.name.endswith(".ttf"):
            (job / "faces").mkdir(exist_ok=True)
            (job / "faces" / each.name).write_bytes(each.read_bytes())
    (job / "fonts.conf").write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        '<include ignore_missing="yes">/etc/fonts/fonts.conf</include>'
        f"<dir>{escape(str(job / 'faces'))}</dir><cachedir>{escape(str(job / 'cache'))}</cachedir>"
        '<alias binding="same"><family>Times New Roman</family>'
        "<accept><family>Liberation Serif</family></accept></alias>"
        "</fontconfig>",
        "utf-8",
    )


def _require_pdf(made: Path) -> None:
    try:
        with made.open("rb") as stream:
            page_count(stream)
    except Refused as refused:
        why_vi, why_en = refused.sentence("vi").rstrip("."), refused.sentence("en").rstrip(".")
        raise _failed(
            f"kết quả không phải tệp PDF dùng được ({why_vi})", f"the result is no usable PDF ({why_en})"
        ) from refused


def _failed(why_vi: str, why_en: str) -> Refused:
    return Refused(CONVERSION_FAILED, why_vi=why_vi, why_en=why_en)
