"""What the agent does, apart from HTTP: take batches, show them, sign them with one PIN, keep the log of uses."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from lienthong.base.clock import Clock
from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.infra.blob_files import refusal
from lienthong.infra.credential_errors import KEY_PASSWORD_WRONG, TOKEN_PIN_WRONG
from lienthong.infra.keys import write_new
from lienthong.signing.agent.errors import (
    AGENT_BUSY,
    AGENT_NOT_ALL_SHOWN,
    AGENT_NOT_OPENED,
    AGENT_NOTHING_TO_SIGN,
    AGENT_PIN_RISK,
    AGENT_PIN_WRONG,
)
from lienthong.signing.agent.tries import WARN_AFTER, PinTries
from lienthong.signing.custody import Inspection, require_person, usual_inspection
from lienthong.signing.errors import SIGN_CONTENT_MISMATCH, SIGNER_PROFILE_INVALID
from lienthong.signing.jobs import Entry, Item, Job, JobStore, State, sign_job
from lienthong.signing.profiles import Role, SignerProfile, find_profile, list_profiles
from lienthong.signing.request import read_request, require_same
from lienthong.signing.signers import CertifiedSigner, certificates_of, open_certified
from lienthong.signing.use_log import UseLog
from lienthong.trust.certificates import load_certificate

Inspections = Callable[[SignerProfile, x509.Certificate], Inspection]


@dataclass(slots=True)
class Run:
    """One signing of one batch, while it goes on and after. ``refusal``: why it stopped before its end."""

    job: str
    total: int
    done: int = 0
    refusal: Refused | None = None
    running: bool = True


class Desk:
    """Everything of one agent. ``home``: its folder; ``signers``: the folder of profiles.

    ``inspections``: makes the question whether a competent person has signed, for the agency's key.
    """

    def __init__(self, home: Path, signers: Path, clock: Clock, inspections: Inspections | None = None) -> None:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.home, self.signers, self.clock = home, signers, clock
        self.store = JobStore(home / "batches", clock)
        self.log = UseLog(home / "uses.jsonl", clock)
        self.tries = PinTries(home / "pin-tries.json")
        self._inspections = inspections or usual_inspection
        self._lock = threading.Lock()
        self._opened: set[tuple[str, int]] = set()
        self._runs: dict[str, Run] = {}
        self._thread: threading.Thread | None = None

    # --- what software asks ----------------------------------------------------------------------------------------

    def profiles(self) -> list[SignerProfile]:
        """The signers of this computer."""
        return list_profiles(self.signers)

    def profile(self, signer: str) -> SignerProfile:
        """Refuses SIGNER_UNKNOWN."""
        return find_profile(self.signers, signer)

    def certificate(self, profile: SignerProfile) -> x509.Certificate:
        """The signer's certificate, known without a PIN. Refuses SIGNER_PROFILE_INVALID when there is none."""
        known = certificates_of(profile)
        if not known:
            why = "trình ký cần “certificate”", "the agent needs “certificate”"
            raise Refused(SIGNER_PROFILE_INVALID, file=profile.file, why_vi=why[0], why_en=why[1])
        return known[0]

    def make(self, signer: str, title: str, entries: Sequence[Entry], origin: str) -> Job:
        """Take a batch. Refuses SIGNER_UNKNOWN, SIGN_REQUEST_NOT_ATTRIBUTES, SIGN_CONTENT_MISMATCH."""
        certificate = self.certificate(self.profile(signer))
        for entry in entries:
            _require_certificate(entry, certificate)
        job = self.store.make(signer, title, entries, origin)
        write_new(job.folder / "certificate.der", certificate.public_bytes(Encoding.DER))
        return job

    def certificate_of(self, job: Job) -> x509.Certificate:
        """The certificate that a batch was made for; kept with it, so that signatures are fetched without the token."""
        kept = job.folder / "certificate.der"
        return load_certificate(kept.read_bytes()) if kept.exists() else self.certificate(self.profile(job.signer))

    def remove(self, job: Job) -> None:
        """Forget a batch. Refuses AGENT_BUSY while it is being signed."""
        run = self._runs.get(job.id)
        if run is not None and run.running:
            raise Refused(AGENT_BUSY)
        self.store.remove(job.id)

    def take(self, job: Job, number: int, content: Path) -> None:
        """Keep a prepared document once it has stood the check; the file is moved or deleted.

        Refuses SIGN_CONTENT_MISMATCH, AGENCY_KEY_NEEDS_PERSON, SIGN_JOB_CONFLICT.
        """
        try:
            self._check(job, job.item(number), content, self.certificate_of(job))
            job.put(number, content)
        finally:
            content.unlink(missing_ok=True)

    # --- what the official does ------------------------------------------------------------------------------------

    def opened(self, job: Job, number: int) -> None:
        """The content has gone to the official's browser, all of it."""
        with self._lock:
            self._opened.add((job.id, number))

    def seen(self, job: Job, number: int) -> None:
        """The official has looked at it. Refuses AGENT_NOT_OPENED."""
        with self._lock:
            known = (job.id, number) in self._opened
        if not known:
            raise Refused(AGENT_NOT_OPENED, number=number)
        if job.item(number).state is State.READY:
            job.mark(number, "shown")

    def decline(self, job: Job, number: int, reason: str) -> None:
        """The official will not sign it, and says why."""
        if not job.item(number).state.ended:
            job.mark(number, "declined", one_line(reason, 500).encode())

    def sign(self, job: Job, pin: bytes, *, knowing: bool = False) -> Run:
        """Begin to sign what was shown, with one PIN, which is tried once.

        ``knowing``: the official was told that the token may lock. Refuses AGENT_NOTHING_TO_SIGN, AGENT_NOT_ALL_SHOWN,
        AGENT_BUSY, AGENT_PIN_RISK, AGENT_PIN_WRONG, and what opening the signer refuses.
        """
        left = [item for item in job.items() if not item.state.ended]
        unseen = sum(item.state is not State.SHOWN for item in left)
        if not left:
            raise Refused(AGENT_NOTHING_TO_SIGN)
        if unseen:
            raise Refused(AGENT_NOT_ALL_SHOWN, count=unseen)
        with self._lock:
            if self._thread is not None and self._thread.is_alive():
                raise Refused(AGENT_BUSY)
            signer = self._open(self.profile(job.signer), pin, knowing)
            run = self._runs[job.id] = Run(job.id, len(left))
            self._thread = threading.Thread(target=self._sign, args=(job, signer, run), name="signing", daemon=True)
            self._thread.start()
        return run

    def run_of(self, job: str) -> Run | None:
        """How the newest signing of a batch stands; None when there was none since the agent started."""
        return self._runs.get(job)

    def wait(self, seconds: float) -> None:
        """Let a signing that goes on come to its end."""
        thread = self._thread
        if thread is not None:
            thread.join(seconds)

    # --- inside ------------------------------------------------------------------------------------------------------

    def _open(self, profile: SignerProfile, pin: bytes, knowing: bool) -> CertifiedSigner:
        wrong = self.tries.wrong(profile.label)
        if wrong >= WARN_AFTER and not knowing:
            raise Refused(AGENT_PIN_RISK, count=wrong)
        try:
            signer = open_certified(profile, pin, self.clock.now())
        except Refused as refused:
            if refused.code not in {TOKEN_PIN_WRONG, KEY_PASSWORD_WRONG}:
                raise
            self.log.add("pin-wrong", {"signer": profile.label, "role": profile.role.value})
            count = self.tries.note(profile.label, right=False)
            raise Refused(AGENT_PIN_WRONG, count=count) from refused
        self.tries.note(profile.label, right=True)
        return signer

    def _sign(self, job: Job, signer: CertifiedSigner, run: Run) -> None:
        def before(item: Item) -> None:
            content = job.file(item.number, "prepared")
            self._check(job, item, content, signer.certificate)
            self.log.add("sign", _use(job, item, content, signer))

        def after(item: Item) -> None:
            run.done += 1

        try:
            sign_job(job, signer, ready=lambda item: item.state is State.SHOWN, before=before, after=after)
        except Refused as refused:
            self._stopped(job, run, refused)
        except OSError as error:
            self._stopped(job, run, refusal(error))
        finally:
            signer.close()
            run.running = False

    def _stopped(self, job: Job, run: Run, refused: Refused) -> None:
        """Tell the official first, then the log, which may be what failed."""
        run.refusal = refused
        self.log.add("stopped", {"batch": job.id, "signer": job.signer, "code": refused.code.name})

    def _check(self, job: Job, item: Item, content: Path, certificate: x509.Certificate) -> None:
        entry, profile = item.entry, self.profile(job.signer)
        _require_certificate(entry, certificate)
        require_same(entry.name, content, read_request(entry.to_sign))
        if profile.role is Role.AGENCY:
            require_person(entry.name, content, entry.purpose, self._inspections(profile, certificate))


def _require_certificate(entry: Entry, certificate: x509.Certificate) -> None:
    if not read_request(entry.to_sign).names(certificate):
        raise Refused(
            SIGN_CONTENT_MISMATCH, name=entry.name, why_vi="chữ ký được chuẩn bị cho chứng thư số khác",
            why_en="the signature was prepared for another certificate",
        )  # fmt: skip


def _use(job: Job, item: Item, content: Path, signer: CertifiedSigner) -> dict[str, object]:
    with content.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    return {
        "batch": job.id, "document": item.number, "name": item.entry.name, "number": item.entry.number,
        "purpose": item.entry.purpose, "prepared_sha256": digest,
        "attributes_sha256": hashlib.sha256(item.entry.to_sign).hexdigest(), "signer": job.signer,
        "role": signer.role.value, "certificate": f"{signer.certificate.serial_number:x}", "origin": job.owner,
    }  # fmt: skip
