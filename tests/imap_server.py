"""A mailbox server for tests (IMAP4rev1, RFC 3501) over TLS: it only lets read, and can be cut off in the middle."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tls_server import Line, server_context, serving, write_certificate

SIZE, BODY = "RFC822.SIZE", "BODY.PEEK[]"


@dataclass
class MailboxServer:
    """``letters`` by UID. ``cuts``: what is asked of which letter when the connection breaks, each once. ``refusals``:
    the same, and the code of an answer NO. ``bodies``: UIDs whose whole letter was handed out."""

    certificate: Path
    port: int = 0
    user: str = "van-thu"
    password: str = 'mat "khau" \\ dai'
    place: str = "INBOX"
    validity: int = 7
    letters: dict[int, bytes] = field(default_factory=dict)
    cuts: set[tuple[int, str]] = field(default_factory=set)
    refusals: dict[tuple[int, str], str] = field(default_factory=dict)
    bodies: list[int] = field(default_factory=list)
    verbs: list[str] = field(default_factory=list)


@contextmanager
def mailbox_server(folder: Path) -> Iterator[MailboxServer]:
    """One that is served on 127.0.0.1 until the end of the block."""
    made = MailboxServer(write_certificate(folder))
    with serving(partial(_converse, made), server_context(folder)) as made.port:
        yield made


def _converse(made: MailboxServer, line: Line) -> None:
    signed_in = chosen = False
    line.say("* OK IMAP4rev1")
    while said := line.rfile.readline().decode().rstrip("\r\n"):
        tag, verb, rest = (*said.split(" ", 2), "")[:3]
        made.verbs.append(verb)
        if verb == "CAPABILITY":
            line.say(f"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n{tag} OK done")
        elif verb == "LOGOUT":
            line.say(f"* BYE bye\r\n{tag} OK done")
            return
        elif verb in {"LOGIN", "AUTHENTICATE"}:
            given = _words(rest) if verb == "LOGIN" else _plain(line)
            signed_in = given == [made.user, made.password]
            line.say(f"{tag} OK done" if signed_in else f"{tag} NO [AUTHENTICATIONFAILED] Sai mật khẩu")
        elif not signed_in:
            line.say(f"{tag} BAD sign in first")
        elif verb in {"SELECT", "EXAMINE"}:
            chosen = _words(rest) == [made.place]
            found = (
                f"* {len(made.letters)} EXISTS\r\n* OK [UIDVALIDITY {made.validity}] valid\r\n{tag} OK [READ-ONLY] done"
            )
            line.say(found if chosen else f"{tag} NO [NONEXISTENT] no such mailbox")
        elif verb == "UID" and chosen and rest.startswith("SEARCH UID "):
            _search(made, line, tag, int(rest.removeprefix("SEARCH UID ").removesuffix(":*")))
        elif verb == "UID" and chosen and rest.startswith("FETCH "):
            _, uid, what = rest.split(" ", 2)
            if not _fetch(made, line, tag, int(uid), what.strip("()")):
                return
        else:
            line.say(f"{tag} BAD unknown")


def _words(text: str) -> list[str]:
    found = re.findall(r'"((?:[^"\\]|\\.)*)"|(\S+)', text)
    return [plain or re.sub(r"\\(.)", r"\1", quoted) for quoted, plain in found]


def _plain(line: Line) -> list[str]:
    line.say("+ ")
    return base64.b64decode(line.rfile.readline()).decode().split("\0")[1:]


def _search(made: MailboxServer, line: Line, tag: str, first: int) -> None:
    # The star is the newest letter, and a range goes both ways: the newest is always in it.
    newest = max(made.letters, default=0)
    found = [uid for uid in made.letters if uid >= min(first, newest)]
    line.say(f"* SEARCH {' '.join(str(each) for each in found)}".rstrip() + f"\r\n{tag} OK done")


def _fetch(made: MailboxServer, line: Line, tag: str, uid: int, what: str) -> bool:
    """False: the connection breaks, in the middle of the letter when that was asked for."""
    data, cut = made.letters.get(uid), (uid, what) in made.cuts
    made.cuts.discard((uid, what))
    if cut and what == SIZE:
        return False
    if (uid, what) in made.refusals:
        line.say(f"{tag} NO [{made.refusals.pop((uid, what))}] no")
    elif data is None:
        line.say(f"{tag} OK done")
    elif what == SIZE:
        line.say(f"* {uid} FETCH (UID {uid} RFC822.SIZE {len(data)})\r\n{tag} OK done")
    else:
        line.wfile.write(f"* {uid} FETCH (UID {uid} BODY[] {{{len(data)}}}\r\n".encode())
        line.wfile.write(data[: len(data) // 2] if cut else data)
        if cut:
            return False
        line.say(f")\r\n{tag} OK done")
        made.bodies.append(uid)
    return True
