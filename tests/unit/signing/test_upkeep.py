"""Signatures are completed later and renewed in time; nothing that is signed is ever harmed or half-written."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pikepdf
import pytest
from cryptography import x509
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lienthong.base.errors import Refused
from lienthong.infra.timestamp_errors import TSA_AWAY
from lienthong.signing.documents import Level
from lienthong.signing.evidence import Evidence
from lienthong.signing.pki.register import Register
from lienthong.signing.upkeep.files import MAKING, hold
from lienthong.signing.upkeep.keeping import Outcome, documents_in
from lienthong.signing.upkeep.margins import Margins, read_margins
from lienthong.signing.upkeep.patience import PatientAuthority
from lienthong.signing.upkeep.running import Runner
from lienthong.signing.upkeep.standing import Cause
from lienthong.signing.upkeep.watching import Watched
from lienthong.signing.use_log import UseLog
from lienthong.trust.pdf.state import read_state
from lienthong.trust.validation.policy import DOCUMENT_POLICY, End
from lienthong.trust.verdict import Verdict
from official_document import decision
from signing_world import plain_pdf, plan_fields
from upkeep_world import BEGIN, UpkeepWorld


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> UpkeepWorld:
    return UpkeepWorld(tmp_path_factory.mktemp("upkeep"))


@pytest.fixture
def world(shared: UpkeepWorld) -> Iterator[UpkeepWorld]:
    shared.clock.at = BEGIN
    for cached in (shared.pki / "tsa" / "cache").glob("*"):
        cached.unlink()
    yield shared
    shared.clock.at = BEGIN


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "kho").mkdir()
    return tmp_path / "kho" / "văn bản.pdf"


def codes(outcome: Outcome) -> set[str]:
    return {each.code.name for each in outcome.missing}


def pdfsig(file: Path) -> list[str]:
    said = subprocess.run(["pdfsig", "-nocert", file], capture_output=True, text=True, check=False).stdout
    assert "Invalid" not in said, said
    return [line.split(":")[1].strip() for line in said.splitlines() if "Signature Validation" in line]


def stamps(pdf: bytes) -> int:
    return sum(each.is_timestamp for each in read_state(io.BytesIO(pdf)).signatures)


def test_a_dead_ocsp_costs_the_level_and_complete_raises_it_when_it_is_back(world: UpkeepWorld, file: Path) -> None:
    only_stamps = f'url = "http://127.0.0.1:{world.port}/tsa"\n[revocation]\nhosts = ["127.0.0.1:9"]\n'
    with world.served():
        dead = world.evidence(only_stamps + 'ocsp_urls = ["http://127.0.0.1:9/ocsp"]\n')
        pdf = world.signed(Level.LTA, dead)
    file.write_bytes(pdf)
    keeper = world.keeper(world.evidence(), file.parent / ".log")
    assert keeper.look(file).standing.level is Level.T  # type: ignore[union-attr]
    away = keeper.complete(file, Level.LTA)
    assert not away.changed and file.read_bytes() == pdf and "REVOCATION_SOURCE_AWAY" in codes(away)
    with world.served():
        done = world.keeper(world.evidence(), file.parent / ".log").complete(file, Level.LTA)
    assert done.changed and not done.missing and done.entry.standing.level is Level.LTA  # type: ignore[union-attr]
    after = file.read_bytes()
    assert after.startswith(pdf) and pdfsig(file)[0] == "Signature is Valid."
    state = read_state(io.BytesIO(after))
    assert len(state.data.revocation.ocsp) == 2  # the signer and the time stamping authority
    assert len(state.data.revocation.crls) == 1  # the issuing authority, of which the root keeps a list
    report = world.report(after)
    assert report.verdict is Verdict.PASSED and report.signatures[0].level == "B-LTA", report.troubles
    rows = list(UseLog(file.parent / ".log", world.clock).read())
    assert [row["event"] for row in rows] == ["upkeep.complete.missing", "upkeep.complete"]


def test_while_the_services_are_there_a_signature_reaches_b_lta_at_once(world: UpkeepWorld, file: Path) -> None:
    with world.served():
        file.write_bytes(world.signed(Level.LTA, world.evidence()))
    entry = world.keeper(Evidence()).look(file)
    assert entry.standing is not None and entry.standing.level is Level.LTA and entry.standing.newest is not None
    assert len(read_state(io.BytesIO(file.read_bytes())).archived.revocation.ocsp) == 2
    assert world.report(file.read_bytes()).verdict is Verdict.PASSED


def test_a_revoked_certificate_is_not_hidden_by_raising(tmp_path: Path) -> None:
    world = UpkeepWorld(tmp_path / "w")
    file = tmp_path / "a.pdf"
    file.write_bytes(world.signed(Level.B, Evidence()))
    Register(world.pki, world.clock).revoke("Nguyễn Văn An", x509.ReasonFlags.key_compromise, BEGIN - timedelta(days=1))
    with world.served():
        done = world.keeper(world.evidence()).complete(file, Level.LTA)
    assert codes(done) == {"REVOCATION_SAYS_REVOKED"} and done.entry.standing.level is Level.T  # type: ignore[union-attr]
    assert world.report(file.read_bytes()).verdict is not Verdict.PASSED


def test_a_list_takes_the_place_of_ocsp_when_that_is_switched_off(world: UpkeepWorld, file: Path) -> None:
    file.write_bytes(world.signed(Level.B, Evidence()))
    host = f"127.0.0.1:{world.port}"
    toml = f'url = "http://{host}/tsa"\n[revocation]\nocsp = false\nhosts = ["{host}"]\n'
    with world.served():
        Register(world.pki, world.clock).write_list()
        done = world.keeper(world.evidence(toml)).complete(file, Level.LTA)
    assert not done.missing and done.entry.standing.level is Level.LTA  # type: ignore[union-attr]
    data = read_state(io.BytesIO(file.read_bytes())).data.revocation
    assert (len(data.ocsp), len(data.crls)) == (0, 2)


def test_a_source_that_is_not_allowed_is_never_asked(world: UpkeepWorld, file: Path) -> None:
    file.write_bytes(world.signed(Level.T, world.local()))
    with world.served():
        done = world.keeper(world.evidence('[revocation]\nhosts = ["other.example"]\n')).complete(file, Level.LT)
    assert codes(done) == {"REVOCATION_HOST_NOT_ALLOWED"} and not done.changed


@pytest.mark.parametrize(
    "toml",
    ['[revocation]\nhosts = "a"\n', "[revocation]\nx = 1\n", "[revocation]\nocsp = 1\n", "revocation = 1\n",
     "[revocation]\nseconds = 0\n", 'certificates = ["none.pem"]\n', "[revocation]\nseconds = true\n"],
)  # fmt: skip
def test_a_wrong_configuration_of_sources_is_refused_in_words(world: UpkeepWorld, toml: str) -> None:
    with pytest.raises(Refused, match="SIGNER_PROFILE_INVALID"):
        world.evidence(toml)


def test_a_document_with_a_bare_signature_becomes_provable(world: UpkeepWorld, file: Path) -> None:
    file.write_bytes(pdf := world.signed(Level.B, Evidence()))
    entry = world.keeper(Evidence()).look(file)
    assert entry.standing is not None and entry.standing.limit is not None
    assert (entry.standing.level, entry.standing.limit.cause) == (Level.B, Cause.SIGNER)
    with world.served():
        done = world.keeper(world.evidence()).complete(file, Level.LTA)
    assert done.changed and done.entry.standing.level is Level.LTA and not done.missing  # type: ignore[union-attr]
    assert stamps(file.read_bytes()) == 2 and file.read_bytes().startswith(pdf)
    # Long after the signer's certificate ended, and while the authority's still holds:
    report = world.report(file.read_bytes(), datetime(2031, 2, 28, tzinfo=UTC))
    assert report.verdict is Verdict.PASSED, report.troubles


@pytest.mark.parametrize("level", list(Level))
def test_every_level_is_told_as_it_was_reached_and_only_raised(world: UpkeepWorld, file: Path, level: Level) -> None:
    evidence = world.local()
    file.write_bytes(world.signed(level, evidence))
    keeper = world.keeper(evidence)
    assert keeper.look(file).standing.level is level  # type: ignore[union-attr]
    for wanted in Level:
        done = keeper.complete(file, wanted)
        assert not done.missing and not done.entry.standing.is_below(wanted)  # type: ignore[union-attr]
    size = file.stat().st_size
    again = keeper.complete(file, Level.LTA)
    assert not again.changed and file.stat().st_size == size
    assert world.report(file.read_bytes()).verdict is Verdict.PASSED


def test_two_signatures_are_both_raised_and_the_level_is_that_of_the_lower(world: UpkeepWorld, file: Path) -> None:
    evidence = world.local()
    planned = plan_fields(plain_pdf(), {"Ky1": (50, 50, 150, 90), "Ky2": (250, 50, 350, 90)})
    first = world.signed(Level.LTA, evidence, planned)
    file.write_bytes(world.signed(Level.B, evidence, first, "Ky2"))
    entry = world.keeper(evidence).look(file)
    assert entry.standing is not None
    assert entry.standing.levels == {"Ky1": Level.LTA, "Ky2": Level.B} and entry.standing.level is Level.B
    done = world.keeper(evidence).complete(file, Level.LTA)
    assert set(done.entry.standing.levels.values()) == {Level.LTA}  # type: ignore[union-attr]
    assert pdfsig(file)[:1] == ["Signature is Valid."] and world.report(file.read_bytes()).verdict is Verdict.PASSED


def test_an_archive_timestamp_is_renewed_when_its_certificate_nears_its_end(world: UpkeepWorld, file: Path) -> None:
    file.write_bytes(pdf := world.signed(Level.LTA, world.local()))
    keeper = world.keeper(world.local())
    entry = keeper.look(file)
    assert entry.standing is not None and entry.standing.limit is not None
    limit = entry.standing.limit
    assert limit.cause is Cause.AUTHORITY and limit.until - limit.renew_by == timedelta(days=180)
    assert not keeper.renew(file).action
    world.clock.at = limit.renew_by + timedelta(days=1)
    assert world.keeper(Evidence()).look(file).is_due(world.clock.now())
    done = world.keeper(world.local(), file.parent / ".log").renew(file)
    assert done.changed and not done.missing and done.action == "renew"
    assert done.entry.renew_by is not None and done.entry.renew_by > limit.until
    renewed = file.read_bytes()
    assert renewed.startswith(pdf) and stamps(renewed) == 2
    after = limit.until + timedelta(days=400)  # the first authority's certificate ended more than a year ago
    assert world.report(pdf, after).verdict is Verdict.INDETERMINATE
    assert world.report(renewed, after).verdict is Verdict.PASSED, world.report(renewed, after).troubles
    assert pdfsig(file)[0] == "Signature is Valid."


def test_an_algorithm_that_ends_on_a_day_brings_the_renewal_forward(world: UpkeepWorld, file: Path) -> None:
    ends = datetime(2028, 1, 1, tzinfo=UTC)
    margins = Margins(read_margins().rows, DOCUMENT_POLICY.with_ends([End("RS256", ends, 3000)]))
    file.write_bytes(world.signed(Level.LTA, world.local("RSA-2048")))
    entry = world.keeper(Evidence(), margins=margins).look(file)
    assert entry.standing is not None and entry.standing.limit is not None
    assert (entry.standing.limit.cause, entry.standing.limit.what) == (Cause.ALGORITHM, "RS256 2048")
    assert entry.standing.limit.renew_by == ends - timedelta(days=365)
    world.clock.at = ends - timedelta(days=300)
    same = world.keeper(world.local("RSA-2048"), margins=margins).renew(file)
    assert not same.changed and codes(same) == {"RENEWAL_GAINS_NOTHING"}
    better = world.keeper(world.local("P-256"), margins=margins).renew(file)
    assert better.changed and better.entry.standing.limit.until > ends  # type: ignore[union-attr]


def test_a_renewal_that_would_hold_no_longer_leaves_the_file_as_it_is(world: UpkeepWorld, file: Path) -> None:
    evidence = world.local()
    file.write_bytes(pdf := world.signed(Level.LTA, evidence))
    world.clock.at = datetime(2030, 12, 1, tzinfo=UTC)
    lists = world.local().crl_files
    told = world.keeper(Evidence(evidence.authority, lists)).renew(file)
    assert codes(told) == {"RENEWAL_GAINS_NOTHING"} and file.read_bytes() == pdf


def test_without_revocation_data_a_renewal_waits_until_the_end_is_near(world: UpkeepWorld, file: Path) -> None:
    file.write_bytes(pdf := world.signed(Level.LTA, world.local()))
    world.clock.at = datetime(2030, 10, 1, tzinfo=UTC)
    bare = Evidence(world.local().authority)
    waiting = world.keeper(bare).renew(file)
    assert not waiting.changed and codes(waiting) == {"REVOCATION_AWAY"} and file.read_bytes() == pdf
    world.clock.at = datetime(2031, 2, 10, tzinfo=UTC)
    near = world.keeper(bare).renew(file)
    assert near.changed and codes(near) == {"REVOCATION_AWAY"}


def test_answers_on_disk_serve_while_the_responder_is_away_and_they_are_fresh(world: UpkeepWorld, file: Path) -> None:
    with world.served():
        world.keeper(world.evidence()).complete(_written(file, world.signed(Level.T, world.evidence())), Level.LT)
        pdf = world.signed(Level.T, world.evidence())
    done = world.keeper(world.evidence()).complete(_written(file, pdf), Level.LT)
    assert done.changed and not done.missing and done.entry.standing.level is Level.LT  # type: ignore[union-attr]
    world.clock.at = BEGIN + timedelta(hours=2)  # answers of the demo's responder hold for an hour
    late = world.keeper(world.evidence()).complete(_written(file, pdf), Level.LT)
    assert late.changed, "the certificates of the path are there"
    assert late.entry.standing.level is Level.LT or codes(late) == {"REVOCATION_SOURCE_AWAY"}  # type: ignore[union-attr]


def _written(file: Path, pdf: bytes) -> Path:
    file.write_bytes(pdf)
    return file


def encrypted() -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(plain_pdf())) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(owner="a", user="b"))
    return out.getvalue()


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda pdf: pdf[: len(pdf) // 2], {"PDF_NOT_READABLE", "DOCUMENT_NOT_SIGNED"}),
        (lambda pdf: pdf.replace(b"Tra 1.000.000", b"Tra 9.000.000"), {"DOCUMENT_SIGNATURE_BROKEN"}),
        (lambda pdf: plain_pdf(), {"DOCUMENT_NOT_SIGNED"}),
        (lambda pdf: encrypted(), {"PDF_ENCRYPTED"}),
        (lambda pdf: b"", {"PDF_NOT_READABLE"}),
    ],
)
def test_what_cannot_be_raised_is_told_skipped_and_left_as_it_is(
    world: UpkeepWorld, file: Path, make: object, code: set[str]
) -> None:
    evidence = world.local()
    bad = make(world.signed(Level.B, evidence))  # type: ignore[operator]
    file.write_bytes(bad)
    for outcome in (world.keeper(evidence).complete(file, Level.LTA), world.keeper(evidence).renew(file)):
        assert codes(outcome) <= code and outcome.missing and outcome.entry.standing is None
    assert file.read_bytes() == bad


_KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from lienthong.base.clock import FixedClock
from lienthong.signing.documents import Level
from lienthong.signing.evidence import read_evidence
from lienthong.signing.upkeep import files, keeping, margins
def die(self, target):
    target.flush()
    os.kill(os.getpid(), signal.SIGKILL)
files.Held.replace = die
clock = FixedClock(datetime.fromisoformat(sys.argv[3]))
keeper = keeping.Keeper(read_evidence(Path(sys.argv[2]), clock), margins.read_margins(), clock, None)
keeper.complete(Path(sys.argv[1]), Level.LTA)
"""


def test_a_kill_before_the_new_name_leaves_the_old_file_whole(world: UpkeepWorld, file: Path) -> None:
    file.write_bytes(pdf := world.signed(Level.B, Evidence()))
    file.chmod(0o640)
    with world.served():
        toml = world.pki / "tsa" / "tsa.toml"
        command = [sys.executable, "-c", _KILLED, str(file), str(toml), BEGIN.isoformat()]
        killed = subprocess.run(command, capture_output=True, check=False)
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        assert file.read_bytes() == pdf and list(file.parent.glob(f"{MAKING}*"))
        assert list(documents_in([file.parent])) == [file]
        done = world.keeper(world.evidence()).complete(file, Level.LTA)
    assert done.changed and not list(file.parent.glob(f"{MAKING}*"))
    assert file.stat().st_mode & 0o777 == 0o640 and world.report(file.read_bytes()).verdict is Verdict.PASSED


def test_a_file_that_another_process_works_on_is_told_busy(world: UpkeepWorld, file: Path) -> None:
    evidence = world.local()
    file.write_bytes(pdf := world.signed(Level.B, evidence))
    with hold(file):
        assert codes(world.keeper(evidence).complete(file, Level.LTA)) == {"DOCUMENT_BUSY"}
    assert file.read_bytes() == pdf


def test_many_at_one_time_raise_a_document_once(world: UpkeepWorld, file: Path) -> None:
    evidence = world.local()
    file.write_bytes(world.signed(Level.T, evidence))
    outcomes: list[Outcome] = []
    threads = [
        threading.Thread(target=lambda: outcomes.append(world.keeper(evidence).complete(file, Level.LTA)))
        for _ in range(6)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sum(each.changed for each in outcomes) == 1 and stamps(file.read_bytes()) == 1
    assert world.report(file.read_bytes()).verdict is Verdict.PASSED
    assert not list(file.parent.glob(f"{MAKING}*"))


def test_a_file_changed_by_another_program_meanwhile_keeps_that_change(world: UpkeepWorld, file: Path) -> None:
    file.write_bytes(b"old")
    with pytest.raises(Refused, match="DOCUMENT_CHANGED_MEANWHILE"), hold(file) as held, held.new_content() as new:
        new.write(b"new")
        other = file.with_name("other")
        other.write_bytes(b"theirs")
        os.replace(other, file)
        held.replace(new)
    assert file.read_bytes() == b"theirs" and not list(file.parent.glob(f"{MAKING}*"))


def test_a_link_is_followed_and_stays_a_link(world: UpkeepWorld, file: Path) -> None:
    evidence = world.local()
    file.write_bytes(world.signed(Level.T, evidence))
    link = file.with_name("lien-ket.pdf")
    link.symlink_to(file)
    assert world.keeper(evidence).complete(link, Level.LTA).changed
    assert link.is_symlink() and stamps(file.read_bytes()) == 1
    assert list(documents_in([file.parent])) == [file], "in a folder the document itself is there already"


class _Dying:
    """An authority that is away until told otherwise."""

    def __init__(self, behind: object) -> None:
        self.behind, self.away, self.asked, self.chain = behind, True, 0, ()

    def stamp(self, digest: bytes) -> bytes:
        self.asked += 1
        if self.away:
            raise Refused(TSA_AWAY, reason="ConnectError")
        return self.behind.stamp(digest)  # type: ignore[attr-defined, no-any-return]


def test_a_dead_authority_is_told_once_and_asked_again_with_growing_pauses(world: UpkeepWorld, file: Path) -> None:
    evidence = world.local()
    for n in range(3):
        file.with_name(f"{n}.pdf").write_bytes(world.signed(Level.B, evidence))
    moment = [0.0]
    dying = _Dying(evidence.authority)
    patient = PatientAuthority(dying, lambda: moment[0])
    told: list[object] = []
    keeper = world.keeper(Evidence(patient, evidence.crl_files))
    runner = Runner(
        keeper, lambda: documents_in([file.parent]), Level.LTA, world.clock, lambda _, what: told.append(what)
    )
    stop = threading.Event()
    assert not runner.one_pass(stop) and dying.asked == 1 and len(told) == 1
    moment[0] = 31.0
    assert not runner.one_pass(stop) and dying.asked == 2 and len(told) == 1
    moment[0] = 62.0
    assert not runner.one_pass(stop) and dying.asked == 2, "the second pause is longer"
    dying.away, moment[0] = False, 200.0
    assert runner.one_pass(stop)
    assert [each.changed for each in told[1:]] == [True] * 3  # type: ignore[attr-defined]
    assert runner.one_pass(stop) and len(told) == 4, "nothing is due: nothing is said"


def test_a_runner_renews_what_became_due_and_stops_when_told(world: UpkeepWorld, file: Path) -> None:
    evidence = world.local()
    file.write_bytes(world.signed(Level.LTA, evidence))
    told: list[object] = []
    runner = Runner(
        world.keeper(evidence), lambda: documents_in([file.parent]), Level.LTA, world.clock, lambda _, what: told.append(what)
    )  # fmt: skip
    stop = threading.Event()
    assert runner.one_pass(stop) and not told
    world.clock.at = datetime(2030, 12, 1, tzinfo=UTC)
    later = world.local()
    runner._keeper = world.keeper(later)
    assert runner.one_pass(stop) and [each.action for each in told] == ["renew"]  # type: ignore[attr-defined]
    stop.set()
    runner.run(3600, stop)


def test_a_proof_that_ended_is_told_and_no_timestamp_pretends_to_mend_it(world: UpkeepWorld, file: Path) -> None:
    stamped, bare = file.with_name("a.pdf"), file.with_name("b.pdf")
    stamped.write_bytes(world.signed(Level.LTA, world.local()))
    bare.write_bytes(world.signed(Level.B, Evidence()))
    world.clock.at = datetime(2031, 6, 1, tzinfo=UTC)
    keeper = world.keeper(world.local())
    for outcome in (keeper.renew(stamped), keeper.complete(bare, Level.LTA), keeper.renew(bare)):
        assert codes(outcome) == {"RENEWAL_TOO_LATE"} and not outcome.changed
    told: list[object] = []
    runner = Runner(
        keeper, lambda: documents_in([file.parent]), Level.LTA, world.clock, lambda _, what: told.append(what)
    )
    assert runner.one_pass(threading.Event()) and runner.one_pass(threading.Event()) and len(told) == 2


def test_what_cannot_be_completed_is_renewed_all_the_same_when_its_end_is_near(world: UpkeepWorld, file: Path) -> None:
    bare = Evidence(world.local().authority)
    file.write_bytes(world.signed(Level.T, bare))
    told: list[object] = []
    world.clock.at = datetime(2031, 2, 10, tzinfo=UTC)
    keeper = world.keeper(Evidence(world.local().authority))
    runner = Runner(
        keeper, lambda: documents_in([file.parent]), Level.LTA, world.clock, lambda _, what: told.append(what)
    )
    runner.one_pass(threading.Event())
    entry = keeper.look(file)
    assert stamps(file.read_bytes()) == 1 and entry.standing is not None and entry.standing.limit is not None
    assert entry.standing.limit.until > datetime(2035, 1, 1, tzinfo=UTC)


def test_while_the_authority_is_away_a_due_document_does_not_grow(world: UpkeepWorld, file: Path) -> None:
    evidence = world.local()
    file.write_bytes(pdf := world.signed(Level.LTA, evidence))
    world.clock.at = datetime(2030, 12, 1, tzinfo=UTC)
    lists = world.local().crl_files
    for _ in range(3):
        away = world.keeper(Evidence(_Dying(evidence.authority), lists)).renew(file)
        assert codes(away) == {"TSA_AWAY"} and file.read_bytes() == pdf


_FULL = """
import resource, sys
from datetime import datetime
from pathlib import Path
from lienthong.base.clock import FixedClock
from lienthong.signing.documents import Level
from lienthong.signing.evidence import read_evidence
from lienthong.signing.upkeep import keeping, margins
size = Path(sys.argv[1]).stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 100, size + 100))
clock = FixedClock(datetime.fromisoformat(sys.argv[3]))
keeper = keeping.Keeper(read_evidence(Path(sys.argv[2]), clock), margins.read_margins(), clock, None)
print([each.code.name for each in keeper.complete(Path(sys.argv[1]), Level.LTA).missing])
"""


def test_a_full_disk_is_told_and_leaves_the_old_file(world: UpkeepWorld, file: Path) -> None:
    file.write_bytes(pdf := world.signed(Level.B, Evidence()))
    with world.served():
        command = [sys.executable, "-c", _FULL, str(file), str(world.pki / "tsa/tsa.toml"), BEGIN.isoformat()]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "['STORAGE_FULL']", done.stderr
    assert file.read_bytes() == pdf and [each.name for each in file.parent.iterdir()] == [file.name]


@given(at=st.integers(0, 10**6), what=st.binary(max_size=40), cut=st.booleans())
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_damage_makes_upkeep_fail_otherwise_than_by_a_refusal(
    world: UpkeepWorld, file: Path, at: int, what: bytes, cut: bool
) -> None:
    evidence = _ONCE.setdefault("evidence", world.local())
    pdf = _ONCE.setdefault("pdf", world.signed(Level.T, evidence))  # type: ignore[arg-type]
    place = at % len(pdf)  # type: ignore[arg-type]
    file.write_bytes(pdf[:place] + what + (b"" if cut else pdf[place + len(what) :]))  # type: ignore[index]
    outcome = world.keeper(evidence).complete(file, Level.LTA)  # type: ignore[arg-type]
    assert outcome.missing or outcome.entry.standing is not None


_ONCE: dict[str, object] = {}


def test_margins_are_dated_and_a_bad_file_is_refused_in_words(tmp_path: Path) -> None:
    own = tmp_path / "m.toml"
    row = "[[margins]]\nnot_before = {}-01-01T00:00:00+07:00\ncertificate_days = {}\nalgorithm_days = 1\nurgent_days = 1\n"
    own.write_text(
        row.format(2026, 10) + row.format(2030, 20) + '[[end]]\nname = "sha256"\nat = 2035-01-01T00:00:00+07:00\n'
    )
    margins = read_margins(own)
    assert margins.at(datetime(2027, 1, 1, tzinfo=UTC)).certificate == timedelta(days=10)
    assert margins.at(datetime(2031, 1, 1, tzinfo=UTC)).certificate == timedelta(days=20)
    assert margins.policy.digest_end("sha256") == datetime(2034, 12, 31, 17, tzinfo=UTC)
    assert margins.policy.digest_end("sha512") is None
    for bad in (
        "[[margins]]\n",
        "x = 1\n",
        '[[end]]\nname = "md4"\nat = 2030-01-01T00:00:00+07:00\n',
        "[[end]]\nname = 1\n",
        "?",
    ):
        own.write_text(bad)
        with pytest.raises(Refused, match="UPKEEP_MARGINS_INVALID"):
            read_margins(own)


def test_what_is_watched_is_kept(tmp_path: Path) -> None:
    watched = Watched(tmp_path / "home")
    assert watched.all() == []
    watched.add([tmp_path / "a", tmp_path / "b"])
    watched.add([tmp_path / "a"])
    assert Watched(tmp_path / "home").all() == [tmp_path / "a", tmp_path / "b"]
    assert watched.remove([tmp_path / "a"]) == [tmp_path / "b"]
    (tmp_path / "home" / "watched.json").write_text(json.dumps([]))
    with pytest.raises(OSError, match="watched"):
        watched.all()


_LARGE = """
import re, sys
from datetime import datetime
from pathlib import Path
from lienthong.base.clock import FixedClock
from lienthong.signing.documents import Level
from lienthong.signing.evidence import read_evidence
from lienthong.signing.upkeep import keeping, margins
clock = FixedClock(datetime.fromisoformat(sys.argv[3]))
keeper = keeping.Keeper(read_evidence(Path(sys.argv[2]), clock), margins.read_margins(), clock, None)
done = keeper.complete(Path(sys.argv[1]), Level.LTA)
peak = re.search("VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]
print(done.entry.standing.level.value, int(peak) // 1024)
"""


def test_memory_stays_flat_however_large_the_document_is(world: UpkeepWorld, file: Path) -> None:
    peaks = {}
    with world.served():
        for megabytes in (1, 40):
            file.write_bytes(world.signed(Level.B, Evidence(), decision(1, noise=megabytes << 20)))
            command = [sys.executable, "-c", _LARGE, str(file), str(world.pki / "tsa/tsa.toml"), BEGIN.isoformat()]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            assert done.stdout.startswith("B-LTA"), done.stderr
            peaks[megabytes] = int(done.stdout.split()[1])
    assert peaks[40] < peaks[1] + 20, peaks
