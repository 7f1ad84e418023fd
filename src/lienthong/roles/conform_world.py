"""The demo axis that the conformance kit is run against, or plays the axis with: native, VXP and LGSP identities."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from lienthong.conformance.axis_bench import AxisTarget, NativeIdentity, SharedIdentity
from lienthong.conformance.model import Face
from lienthong.connector.bodies import bytes_body
from lienthong.connector.client import Client
from lienthong.connector.profile import connection_of
from lienthong.infra.keys import FileSigner, write_new
from lienthong.roles.cli_profile import open_client, open_profile
from lienthong.roles.demo_world import AXIS_NAME, HANOI, HCM, World, lienthong_verb, open_world
from lienthong.trust.keys import load_public_key

VXP_AGENCIES, LGSP_AGENCIES = ("H01", "H53"), ("H56", "H57")


@contextlib.contextmanager
def open_demo_axis(where: Path | None = None) -> Iterator[tuple[World, AxisTarget]]:
    """A fresh axis with two identities of each face; everything is stopped, and removed unless ``where`` is given."""
    with contextlib.ExitStack() as stack:
        root = where
        if root is None:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="lienthong-conform-"))
            Path(folder).chmod(0o711)
            root = Path(folder) / "axis"
        world = stack.enter_context(open_world(root.absolute()))
        target = AxisTarget(
            world.url,
            native=tuple(_native(world, agency.short, agency.code) for agency in (HANOI, HCM)),
            vxp=tuple(connect(world, f"kiem-thu-vxp-{code}", code, "vxp") for code in VXP_AGENCIES),
            lgsp=tuple(connect(world, f"kiem-thu-lgsp-{code}", code, "lgsp") for code in LGSP_AGENCIES),
        )
        yield world, target


def connect(world: World, system: str, agency: str, face: str) -> SharedIdentity:
    """A connection that the operator of the world makes."""
    order = {"system_id": system, "face": face, "name": f"Bộ kiểm tra {agency}", "agencies": [agency]}
    with connection_of(open_profile(world.operator)) as operator:
        body = bytes_body(json.dumps(order).encode())
        found = operator.request("POST", "/v1/operator/connections", body=body).json()
    return SharedIdentity(system, agency, str(found["secret"]))


def _native(world: World, short: str, code: str) -> NativeIdentity:
    folder = world.root / short
    key = load_public_key((folder / "axis.pub.pem").read_bytes())
    return NativeIdentity(code, FileSigner(folder / "system.key.pem"), key)


@contextlib.contextmanager
def open_playground(
    face: Face, agency: str, system: str, public_key: Path | None, given: Path
) -> Iterator[tuple[World, Client, str]]:
    """An axis on which a system under test is registered; the tester's client, and the system's secret (or nothing).

    ``given``: folder that gets what the system needs: ``axis.pub.pem``, ``axis-name.txt`` and, for a shared secret,
    ``secret.txt``.
    """
    with tempfile.TemporaryDirectory(prefix="lienthong-conform-") as folder:
        Path(folder).chmod(0o711)
        with open_world(Path(folder) / "axis") as world:
            given.mkdir(parents=True, exist_ok=True)
            (given / "axis.pub.pem").write_bytes((world.data / "axis.pub.pem").read_bytes())
            (given / "axis-name.txt").write_text(AXIS_NAME + "\n", "utf-8")
            secret = ""
            if face is Face.NATIVE:
                lienthong_verb(
                    world, "directory", "register", "--profile", str(world.operator), "--system", system, "--name",
                    f"Hệ thống được kiểm tra {agency}", "--agency", agency, "--key", str(public_key),
                )  # fmt: skip
            else:
                secret = connect(world, system, agency, face.value).secret
                write_new(given / "secret.txt", secret.encode())
            with open_client(world.profile(HANOI)) as tester:
                yield world, tester, secret
