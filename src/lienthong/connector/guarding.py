"""What every document passes on its way out and in: the malware scanner, and encryption for its recipients.

Out: scanned plain, then encrypted. In: opened, then scanned as it came and plain; malware is moved out of the inbox.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.connector.bodies import read_pieces
from lienthong.connector.compose import Attachment
from lienthong.connector.malware import Finding, Scanner
from lienthong.connector.malware_errors import MALWARE_FOUND
from lienthong.connector.receiving import Inbox, Received
from lienthong.connector.sealing import Encrypt, Sealer, decide, pieces_of
from lienthong.connector.sealing_errors import SEALED_FOR_EARLIER_RECIPIENTS
from lienthong.connector.spool import Spooled
from lienthong.connector.unsealing import Unsealer
from lienthong.directory.state import DirectoryState
from lienthong.infra import telemetry
from lienthong.trust.cms_encryption import MEDIA_TYPE

Notes = Mapping[str, bytes]
"""Files that lie beside an envelope in the spool, by name."""


class Guard:
    """Scanner, sealer and unsealer of one connector; each may be absent."""

    def __init__(self, folder: Path, sealer: Sealer, unsealer: Unsealer | None, scanner: Scanner | None) -> None:
        """``folder``: where documents with malware are kept, out of everybody's way."""
        self._held = folder
        self.sealer, self.unsealer, self.scanner = sealer, unsealer, scanner

    @staticmethod
    def of(
        store: Path, wanted: Encrypt = "never", unsealer: Unsealer | None = None, scanner: Scanner | None = None
    ) -> Guard:
        """The guard of a connector whose files are in ``store``."""
        return Guard(store / "held", Sealer(store / "sealing", wanted), unsealer, scanner)

    def require_ready(self) -> None:
        """Refuse SCANNER_AWAY before anything is leased that could not be taken."""
        if self.scanner is not None and self.scanner.when_unable == "hold":
            found = self.scanner.ready()
            if found.finding is not Finding.CLEAN:
                raise self.scanner.away(found)

    @contextmanager
    def outgoing(
        self,
        document: str,
        to: Sequence[str],
        attachments: Sequence[Attachment],
        directory: Callable[[], DirectoryState],
        at: datetime,
        encrypt: Encrypt | None = None,
    ) -> Iterator[tuple[Sequence[Attachment], Notes]]:
        """The attachments as they travel, and what is kept beside the envelope; ciphertexts last inside the block.

        ``document``: its number, for the log. ``directory``: asked only when something may be encrypted.

        Refuses MALWARE_FOUND, SCAN_TOO_LARGE, SCANNER_AWAY, RECIPIENTS_CANNOT_DECRYPT, FILE_NOT_USABLE, STORAGE_FULL.
        """
        notes: dict[str, bytes] = {}
        wanted = encrypt or self.sealer.wanted
        # Names the recipients first: that costs nothing, and reading 100 MB does.
        decision = decide(directory(), to, wanted, at) if attachments and wanted != "never" else None
        if self.scanner is not None and attachments:
            found = {
                a.name: self.scanner.require_clean(a.name, pieces_of(a.content)).finding.value for a in attachments
            }
            notes["scan.json"] = _json(found)
        if decision is None:
            yield attachments, notes
            return
        notes["sealing.json"] = _json(decision.members())
        if not decision.sealed:
            unable = ", ".join(each.code for each in decision.unable)
            telemetry.warning("sealing.left_plain", document=document, unable=one_line(unable, 300))
        sealed = self.sealer.seal(attachments, decision)
        try:
            yield sealed, notes
        finally:
            self.sealer.clear(sealed)

    def incoming(self, received: Received, inbox: Inbox) -> None:
        """Open and scan a document that was stored.

        Refuses what :meth:`Unsealer.unseal` and :meth:`Scanner.require_clean` refuse; a document with malware is moved
        to the folder of held ones before.
        """
        plain = self.unsealer.unseal(received) if self.unsealer is not None else ()
        if self.scanner is None:
            return
        files = [(file.name, file) for file in received.files]
        files += [(each.name, each.file) for each in plain]
        try:
            for name, file in files:
                self.scanner.require_clean(name, read_pieces(file))
        except Refused as refused:
            if refused.code is MALWARE_FOUND:
                inbox.hold(received, self._held)
            raise


def refuse_added_receivers(sent: Spooled | None, added: Sequence[str]) -> None:
    """Refuse SEALED_FOR_EARLIER_RECIPIENTS: the axis would deliver a ciphertext that the added ones cannot open."""
    if added and sent is not None and any(part.media_type == MEDIA_TYPE for part in sent.envelope.parts):
        raise Refused(SEALED_FOR_EARLIER_RECIPIENTS, document=sent.envelope.document_id)


def _json(members: object) -> bytes:
    return json.dumps(members, ensure_ascii=False, indent=1).encode()
