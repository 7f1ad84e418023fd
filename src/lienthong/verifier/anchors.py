"""What the verifier trusts beforehand, and the keys that a proof file brings along.

A key in the file is a claim. It counts when the caller pinned it, or when a pinned key of the same axis vouches for it
in the axis's statement; else everything that rests on it stays INDETERMINATE.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509

from lienthong.base.errors import Refused
from lienthong.base.ids import AgencyCode
from lienthong.ledger.cosignature import CosignatureKey
from lienthong.ledger.notes import Ed25519NoteKey
from lienthong.packages.evidence import Keys, SystemKey
from lienthong.trust.keys import PublicKey, key_id, load_public_key
from lienthong.verifier.report import Findings

_PEM_BLOCK = re.compile(r"-----BEGIN ([A-Z ]{1,40})-----[^-]+-----END \1-----\n?")


@dataclass(frozen=True, slots=True)
class Anchors:
    """Keys that the caller got on another way than the proof file.

    ``receipt_keys``: the axis's event keys. ``log_keys``: its log's. ``witness_keys``: other axes that cosign.
    ``tsa_roots``: roots of time-stamping authorities. ``trust_on_first_use``: believe the axis keys of the file itself;
    for trying out only, the fingerprints are in the report.
    """

    receipt_keys: tuple[PublicKey, ...] = ()
    log_keys: tuple[Ed25519NoteKey, ...] = ()
    witness_keys: tuple[CosignatureKey, ...] = ()
    tsa_roots: tuple[x509.Certificate, ...] = ()
    trust_on_first_use: bool = False


@dataclass(slots=True)
class KeyRing:
    """The keys of one verification, of the axis and of systems, by thumbprint; and which of the axis's were used."""

    pinned: frozenset[str]
    axis: dict[str, PublicKey]
    systems: dict[str, tuple[SystemKey, PublicKey]]
    used: set[str] = field(default_factory=set)

    def axis_key(self, kid: str) -> PublicKey | None:
        """An event key of the axis."""
        key = self.axis.get(kid)
        if key is not None:
            self.used.add(kid)
        return key

    def system_key(self, kid: str) -> PublicKey | None:
        """A key of any system; whether it may speak is asked with :meth:`acts_for`."""
        found = self.systems.get(kid)
        return None if found is None else found[1]

    def acts_for(self, kid: str, agency: AgencyCode, at: datetime) -> bool:
        """Whether the directory let this key speak for the agency at that time."""
        key = self.systems[kid][0]
        in_time = key.valid_from <= at and (key.valid_to is None or at < key.valid_to)
        return in_time and agency in key.agencies


def pem_blocks(text: str) -> list[bytes]:
    """The PEM blocks of a text with nothing around them; empty when it holds anything else."""
    blocks = [found.group(0) for found in _PEM_BLOCK.finditer(text)]
    return [block.encode("ascii") for block in blocks] if "".join(blocks) == text else []


def key_ring(keys: Keys, anchors: Anchors, findings: Findings) -> KeyRing:
    """The keys of the file, read and named by ourselves; a key under a wrong name fails the file."""
    pinned = {key_id(key): key for key in anchors.receipt_keys}
    axis = dict(pinned)
    systems: dict[str, tuple[SystemKey, PublicKey]] = {}
    try:
        for block in pem_blocks(keys.receipt):
            key = load_public_key(block)
            axis[key_id(key)] = key
        for system in keys.systems:
            key = load_public_key(system.pem.encode("ascii"))
            if key_id(key) != system.kid or system.kid in systems:
                findings.failed(
                    "keys.names",
                    f"Khóa của hệ thống {system.system} mang tên sai hoặc trùng.",
                    f"A key of the system {system.system} has a wrong or doubled name.",
                )
            systems[system.kid] = (system, key)
    except Refused as refusal:
        findings.refused("keys.readable", refusal)
    return KeyRing(frozenset(pinned), axis, systems)


def judge_axis_keys(ring: KeyRing, anchors: Anchors, stated_by: str | None, findings: Findings) -> bool:
    """Whether the event keys that were used are the axis's, as far as the caller knows.

    ``stated_by``: key of the axis's statement. When that one is pinned, it vouches for the axis's earlier keys in the
    file: so an axis may change its key and old events stay provable.
    """
    findings.fingerprints += sorted(ring.used)
    unpinned = [] if stated_by in ring.pinned else sorted(ring.used - ring.pinned)
    if not unpinned:
        findings.passed(
            "anchor.axis",
            "Khóa của trục đúng là khóa mà người kiểm tra đã tin cậy từ trước.",
            "The axis's key is the one that the verifier trusted beforehand.",
        )
        return True
    names = ", ".join(unpinned)
    if anchors.trust_on_first_use:
        findings.passed(
            "anchor.axis",
            f"Khóa của trục lấy từ chính tệp này theo yêu cầu của người kiểm tra; dấu vân tay: {names}.",
            f"The axis's key was taken from this very file at the verifier's wish; fingerprint: {names}.",
        )
        findings.limit(
            "Khóa của trục chưa được đối chiếu bằng đường khác: ai cũng có thể tự lập một tệp như thế bằng khóa riêng.",
            "The axis's key was not compared on another way: anybody could make such a file with a key of his own.",
        )
        return True
    findings.unknown(
        "anchor.axis",
        f"Không biết khóa {names} có phải của trục hay không; cần khóa của trục nhận bằng đường khác.",
        f"It is not known whether the key {names} is the axis's; the axis's key is needed from another way.",
    )
    return False


def judge_log_key(key: Ed25519NoteKey, anchors: Anchors, vouched: bool, findings: Findings) -> bool:
    """Whether the log's key is the axis's: pinned, or named in the statement of a trusted event key (``vouched``)."""
    findings.fingerprints.append(key.to_text())
    if key in anchors.log_keys or vouched:
        findings.passed(
            "anchor.log",
            "Khóa của nhật ký chứng cứ đúng là của trục.",
            "The key of the evidence log is the axis's.",
        )
        return True
    findings.unknown(
        "anchor.log",
        f"Không biết khóa nhật ký {key.to_text()} có phải của trục hay không.",
        f"It is not known whether the log key {key.to_text()} is the axis's.",
    )
    return False
