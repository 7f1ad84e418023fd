"""The office of the demonstration: a ministry, a province, one of its departments and a commune on one host.

All people are invented. Their keys come from a local PKI that says of itself that it is for trying only.
"""

from __future__ import annotations

import json
import secrets
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from lienthong.base.clock import SystemClock
from lienthong.base.errors import Refused
from lienthong.infra.config import child_environment
from lienthong.infra.keys import create_key, generate, key_pem, write_new
from lienthong.roles.demo_errors import DEMO_CHILD_DIED
from lienthong.roles.demo_world import AXIS_NAME, World, free_port, lienthong_verb
from lienthong.signing.pki.demo import make_demo
from lienthong.signing.pki.register import Profile, Register
from lienthong.trust.keys import public_pem
from lienthong.trust.local_pki import distinguished_name

START_SECONDS = 90.0
DOCUMENTS = 2000
SYSTEM = "demo-van-phong"


@dataclass(frozen=True, slots=True)
class Body:
    """An agency of the office. ``short``: at the end of its people's logins. ``head``: position of its leader."""

    code: str
    short: str
    name: str
    abbreviation: str
    place: str
    level: str
    superior: str
    parent: str
    head: str


MINISTRY = Body("G09", "bnv", "Bộ Nội vụ", "BNV", "Hà Nội", "ministry", "", "", "THỨ TRƯỞNG")
PROVINCE = Body(
    "H05", "bn", "Ủy ban nhân dân tỉnh Bắc Ninh", "UBND", "Bắc Ninh", "province", "", "", "CHỦ TỊCH"
)  # fmt: skip
DEPARTMENT = Body(
    "H05.07", "snv", "Sở Nội vụ tỉnh Bắc Ninh", "SNV", "Bắc Ninh", "department", "UBND TỈNH BẮC NINH", "H05", "GIÁM ĐỐC"
)
COMMUNE = Body(
    "H05.61", "xa", "Ủy ban nhân dân xã Mẫu Sơn", "UBND", "Mẫu Sơn", "commune", "", "H05", "CHỦ TỊCH"
)  # fmt: skip
BODIES = (MINISTRY, PROVINCE, DEPARTMENT, COMMUNE)

ROLES = (
    ("vanthu", "registrar", "Văn thư", "Văn phòng"), ("lanhdao", "leader", "", "Ban lãnh đạo"),
    ("chanhvp", "office_chief", "CHÁNH VĂN PHÒNG", "Văn phòng"),
    ("truongphong", "unit_head", "TRƯỞNG PHÒNG", "Phòng Tổng hợp"),
    ("chuyenvien", "case_officer", "Chuyên viên", "Phòng Tổng hợp"),
    ("luutru", "archivist", "Lưu trữ viên", "Văn phòng"),
    ("quantri", "administrator", "Quản trị viên", "Văn phòng"), ("kiemsoat", "auditor", "Kiểm soát viên", "Văn phòng"),
)  # fmt: skip
"""Login, duty, position and unit of the people of each agency."""

_FAMILIES = ("Nguyễn Thị", "Trần Văn", "Lê Thị", "Phạm Văn", "Hoàng Thị", "Vũ Văn", "Đặng Thị", "Bùi Văn")
_GIVEN = {"bnv": "Mẫu An", "bn": "Mẫu Bình", "snv": "Mẫu Chi", "xa": "Mẫu Dung"}


@dataclass
class DemoOffice:
    """Where the office of a running demonstration is, and who works there."""

    world: World
    port: int
    password: str = field(default_factory=lambda: f"trinh dien {secrets.token_hex(3)}")
    people: list[dict[str, str]] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        return self.world.root / "office"

    @property
    def config(self) -> Path:
        return self.folder / "office.toml"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def person(self, body: Body, duty: str) -> dict[str, str]:
        """The person with a duty in an agency."""
        return next(each for each in self.people if each["agency"] == body.code and each["duty"] == duty)

    def prepare(self) -> None:
        """Directory, keys, configuration, database, agencies, people; then pages and worker start."""
        self.folder.mkdir(mode=0o711)
        self.config.write_text(
            f'[office]\nlisten = "127.0.0.1:{self.port}"\nconnector = "connector/connector.toml"\n'
            'signers = "pki/signers"\ntrust = "pki/trust"\nscans = "scans"\n',
            "utf-8",
        )
        # The pages make the database while keys are made; people come into the running one.
        self._start("run")
        self._connect()
        self._make_keys()
        self._people()
        self._start("worker")

    def _start(self, role: str) -> None:
        self.world.start(f"office-{role}", "lienthong.roles.cli", "office", role, "--config", str(self.config))

    def wait(self) -> None:
        """Until the pages answer. Refuses DEMO_CHILD_DIED."""
        until = time.monotonic() + START_SECONDS
        while True:
            self.world.check()
            try:
                if httpx.get(self.url + "/sign-in", trust_env=False).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            if time.monotonic() > until:
                raise TimeoutError("the office does not answer")
            time.sleep(0.2)

    def _connect(self) -> None:
        """The agencies that the packaged directory lacks, the office's system with its key, and its connector."""
        world, folder = self.world, self.folder / "connector"
        folder.mkdir()
        rows = [{"code": b.code, "name": b.name, "parent": b.parent} for b in BODIES if b.parent]
        listed = folder / "agencies.json"
        listed.write_text(json.dumps(rows, ensure_ascii=False), "utf-8")
        lienthong_verb(world, "directory", "import", str(listed), "--profile", str(world.operator))
        signer = create_key(folder / "system.key.pem")
        (folder / "system.pub.pem").write_bytes(public_pem(signer.public_key))
        shutil.copy(world.data / "axis.pub.pem", folder / "axis.pub.pem")
        codes = [each.code for each in BODIES]
        (folder / "connector.toml").write_text(
            f'[connector]\naxis_url = "{world.url}"\naxis_name = "{AXIS_NAME}"\naxis_key_file = "axis.pub.pem"\n'
            f'system_id = "{SYSTEM}"\nagencies = {json.dumps(codes)}\nkey_file = "system.key.pem"\n'
            'spool_dir = "spool"\nwait = "3 s"\n',
            "utf-8",
        )
        agencies = [word for code in codes for word in ("--agency", code)]
        lienthong_verb(
            world, "directory", "register", "--profile", str(world.operator), "--system", SYSTEM, "--name",
            "Văn phòng liên thông trình diễn", *agencies, "--key", str(folder / "system.pub.pem"),
        )  # fmt: skip

    def _make_keys(self) -> None:
        """A signer for each leader and a seal for each agency, in ``signers/CODE``."""
        pki = self.folder / "pki"
        clock = SystemClock()
        make_demo(pki, clock)
        register = Register(pki, clock)
        for body in BODIES:
            folder = pki / "signers" / body.code
            folder.mkdir()
            leader = _people_of(body)[1]
            shown = {"name": leader["name"], "position": body.head, "organization": body.name}
            _add_signer(register, folder, leader["login"], Profile.PERSON, _name(body, shown), shown)
            shown = {"name": body.name, "organization": body.name}
            _add_signer(register, folder, "co-quan", Profile.AGENCY, distinguished_name(body.name, body.name), shown)
        register.write_list()

    def _people(self) -> None:
        task = self.folder / "people.json"
        agencies = [
            {
                "code": each.code, "name": each.name, "abbreviation": each.abbreviation, "place": each.place,
                "level": each.level, "superior": each.superior, "people": _people_of(each),
            }
            for each in BODIES
        ]  # fmt: skip
        task.write_text(json.dumps({"password": self.password, "agencies": agencies}, ensure_ascii=False), "utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "lienthong.roles.demo_office_people", str(self.config), str(task)],
            capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, env=child_environment(),
        )  # fmt: skip
        task.unlink()
        if done.returncode != 0:
            raise Refused(DEMO_CHILD_DIED, name="office people", log="-", lines=done.stderr.strip()[-600:])
        self.people = json.loads(done.stdout)
        self._fill()

    def _fill(self) -> None:
        """Two years of invented documents, so that lists, search and reports have something to show.

        The verb takes up what an earlier try left, so a database that is just then too busy is asked again.
        """
        verb = ("office", "seed", "--config", str(self.config), "--documents", str(DOCUMENTS), "--no-axis")
        for left in (2, 1, 0):
            try:
                lienthong_verb(self.world, *verb)
                return
            except Refused:
                if left == 0:
                    raise
                time.sleep(2)

    def table(self) -> list[tuple[str, str, str, str]]:
        """Login, name, position and agency of everybody, for the terminal."""
        names = {each.code: each.name for each in BODIES}
        return [(each["login"], each["name"], each["position"], names[each["agency"]]) for each in self.people]


def open_office(world: World) -> DemoOffice:
    """The office of a world, not prepared yet."""
    return DemoOffice(world, free_port(world.port + 1))


def _people_of(body: Body) -> list[dict[str, str]]:
    return [
        {
            "login": f"{login}.{body.short}", "duty": duty, "name": f"{_FAMILIES[n]} {_GIVEN[body.short]}",
            "position": position or body.head, "unit": unit,
        }
        for n, (login, duty, position, unit) in enumerate(ROLES)
    ]  # fmt: skip


def _name(body: Body, shown: dict[str, str]) -> x509.Name:
    parts = ((NameOID.COUNTRY_NAME, "VN"), (NameOID.ORGANIZATION_NAME, body.name),
             (NameOID.TITLE, shown["position"].capitalize()), (NameOID.COMMON_NAME, shown["name"]))  # fmt: skip
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in parts])


def _add_signer(
    register: Register, folder: Path, label: str, profile: Profile, subject: x509.Name, shown: dict[str, Any]
) -> None:
    key = generate("RSA-2048")
    certificate = register.issue(profile, subject, key.public_key())
    write_new(folder / f"{label}.key.pem", key_pem(key))
    write_new(folder / f"{label}.crt.pem", certificate.public_bytes(Encoding.PEM), 0o644)
    image = "handwriting" if profile is Profile.PERSON else "seal"
    members = {
        "kind": "pem", "role": profile.value, **shown, "certificate": f"{label}.crt.pem", "key": f"{label}.key.pem",
        "chain": "../chain.pem", "image": f"../{image}.png", "tsa": "../../tsa/tsa.toml",
    }  # fmt: skip
    text = "".join(f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in members.items())
    write_new(folder / f"{label}.toml", text.encode(), 0o644)
