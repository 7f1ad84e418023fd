"""A mail server for tests: it takes letters over TLS, and refuses addresses as it is told to."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import partial
from pathlib import Path

from tls_server import Line, server_context, serving, write_certificate


@dataclass
class LetterServer:
    """What came. ``answers``: codes for addresses that are refused. ``certificate``: file to be trusted.

    ``login``: user and password without which no letter is taken. ``upgrades``: begins in the clear and offers
    STARTTLS. ``clear``: verbs that came in the clear. ``largest``: bytes of a letter, when there is a limit (RFC 1870).
    """

    certificate: Path
    port: int = 0
    login: tuple[str, str] | None = None
    upgrades: bool = True
    largest: int = 0
    answers: dict[str, int] = field(default_factory=dict)
    letters: list[EmailMessage] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    clear: list[str] = field(default_factory=list)


@contextmanager
def letter_server(folder: Path, *, clear: bool = False) -> Iterator[LetterServer]:
    """One that is served on 127.0.0.1 until the end of the context; ``clear``: TLS only after STARTTLS."""
    made = LetterServer(write_certificate(folder))
    converse = partial(_greet, made, folder) if clear else partial(_converse, made)
    with serving(converse, None if clear else server_context(folder)) as made.port:
        yield made


def _greet(made: LetterServer, folder: Path, line: Line) -> None:
    """RFC 3207: nothing is done before the line is protected, and all is said anew afterwards."""
    line.say("220 thu")
    while said := line.rfile.readline().decode().strip():
        verb = said.partition(" ")[0].upper()
        made.clear.append(verb)
        if verb == "EHLO":
            line.say("250-thu\r\n250 STARTTLS" if made.upgrades else "250-thu\r\n250 AUTH PLAIN")
        elif verb == "STARTTLS" and made.upgrades:
            line.say("220 go on")
            line.protect(server_context(folder))
            _converse(made, line, greeted=True)
            return
        elif verb == "QUIT":
            line.say("221 bye")
            return
        else:
            line.say("530 STARTTLS first")


def _converse(made: LetterServer, line: Line, *, greeted: bool = False) -> None:
    """RFC 5321, as far as a client sends one letter; RFC 4954 for the login."""
    signed_in = made.login is None
    if not greeted:
        line.say("220 thu")
    while said := line.rfile.readline().decode().strip():
        verb, address = said[:4].upper(), said.partition("<")[2].partition(">")[0]
        if verb == "EHLO":
            offers = [
                "thu",
                *(["AUTH PLAIN"] if made.login else []),
                *([f"SIZE {made.largest}"] if made.largest else []),
            ]
            line.say("\r\n".join([*(f"250-{each}" for each in offers[:-1]), f"250 {offers[-1]}"]))
        elif verb == "MAIL" and 0 < made.largest < int(said.lower().partition("size=")[2] or 0):
            line.say("552 too large")
        elif verb == "AUTH":
            given = base64.b64decode(said.split()[-1]).decode().split("\0")
            signed_in = tuple(given[1:]) == made.login
            line.say("235 OK" if signed_in else "535 no")
        elif verb == "QUIT":
            line.say("221 bye")
            return
        elif not signed_in:
            line.say("530 sign in first")
        elif verb == "RCPT":
            made.asked.append(address)
            code = made.answers.get(address, 250)
            line.say(f"{code} {'OK' if code == 250 else 'no'}")
        elif verb == "DATA":
            line.say("354 go on")
            made.letters.append(_letter(line))
            line.say("250 OK")
        else:
            line.say("250 OK")


def _letter(line: Line) -> EmailMessage:
    lines = []
    while (text := line.rfile.readline()) not in {b".\r\n", b""}:
        lines.append(text[1:] if text.startswith(b"..") else text)
    return message_from_bytes(b"".join(lines), policy=policy.default)
