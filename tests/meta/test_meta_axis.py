"""Rules about the axis as it runs: who may call, what its worker does, and what its operator can read about trouble."""

from __future__ import annotations

import ast
import dataclasses
import inspect
from pathlib import Path

import pytest

from lienthong.exchange.api import adopted, connections, downloads, envelopes, inbox, operator, outbox, trace, uploads
from lienthong.exchange.api.lgsp import face as lgsp
from lienthong.exchange.api.lgsp import routes as lgsp_routes
from lienthong.exchange.api.pages import Pages
from lienthong.exchange.api.routes import Access, ApiRoute
from lienthong.exchange.api.vxp import routes as vxp_routes
from lienthong.exchange.api.vxp.face import Face
from lienthong.infra.config import RoleConfig
from lienthong.infra.role_config import ROLES, WorkerConfig
from lienthong.roles import axis, worker
from meta.code_base import modules

ROOT = Path(__file__).resolve().parents[2]
OPEN = {
    "/", "/health", "/metrics", "/v1/openapi.json", "/tsa", "/log/checkpoint", "/log/add-checkpoint", "/look/{name}",
}  # fmt: skip
"""What anybody may call (PR-NATIVE §4), besides the tiles below ``/log/``."""


def _routes() -> list[ApiRoute]:
    found = [r for module in (envelopes, inbox, downloads, outbox, trace, operator) for r in module.routes()]
    found += uploads.routes(None)  # type: ignore[arg-type]  # only described, never called
    found += connections.ConnectionOrders(None, None).routes()  # type: ignore[arg-type]  # as above
    found += vxp_routes.routes(Face(None, None, None, None))  # type: ignore[arg-type]  # as above
    found += lgsp_routes.routes(lgsp.Face(None, None, None))  # type: ignore[arg-type]  # as above
    return [*found, *adopted.directory_routes(), *adopted.evidence_routes(), *Pages(None, None, {}, True).routes()]  # type: ignore[arg-type]  # as above


def test_every_route_declares_who_may_call_it() -> None:
    routes = _routes()
    assert len(routes) >= 20
    for route in routes:
        assert isinstance(route.access, Access), route.path
        assert route.vi, route.path
        assert route.en, route.path


def test_only_the_listed_routes_are_open_to_anybody() -> None:
    found = {route.path for route in _routes() if route.access is Access.ANYONE}
    assert {path for path in found if not path.startswith("/log/")} <= OPEN
    assert {path for path in OPEN if not path.startswith("/log/")} <= found


def test_what_is_named_after_the_operator_is_only_for_the_operator() -> None:
    guarded = [r for r in _routes() if "/operator/" in r.path or r.path == "/v1/directory/rows"]
    assert len(guarded) >= 4
    assert {r.access for r in guarded} == {Access.OPERATOR}


def test_every_operation_of_the_protocol_has_a_route() -> None:
    text = (ROOT / "docs/protocols/native.md").read_text("utf-8")
    paths = {r.path.split("{")[0].rstrip("/") for r in _routes()}
    for line in text.splitlines():
        if line.startswith("| `") and ("GET /" in line or "POST /" in line or "PATCH /" in line):
            for piece in line.split("|")[1].replace("`", " ").split():
                if piece.startswith("/"):
                    wanted = piece.split("?")[0].split("/ID")[0].split("/N")[0].removesuffix("/…").rstrip("/")
                    assert wanted in paths, wanted


def _names_of_enqueued_jobs() -> set[str]:
    found = set()
    for tree in modules().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) == "enqueue":
                found |= {str(a.value) for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)}
    return found


def _names_of_periodic_jobs() -> list[str]:
    found = []
    for tree in modules().values():
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "id", "") == "Periodic"
                and isinstance(node.args[0], ast.Constant)
            ):
                found.append(str(node.args[0].value))
    return found


def test_every_job_that_is_put_into_the_table_has_a_handler() -> None:
    source = inspect.getsource(worker)
    assert all(f'"{name}"' in source for name in _names_of_enqueued_jobs())


def test_what_comes_round_has_a_name_of_its_own() -> None:
    names = _names_of_periodic_jobs()
    assert len(names) == len(set(names))
    assert {"delivery.leases", "delivery.expiry", "delivery.conservation", "storage.sweep"} <= set(names)


def test_every_module_of_the_api_is_wired_into_the_axis() -> None:
    names = {node.id for node in ast.walk(ast.parse(inspect.getsource(axis))) if isinstance(node, ast.Name)}
    for module in (envelopes, inbox, downloads, outbox, trace, operator, uploads, adopted, connections):
        assert module.__name__.rsplit(".", 1)[-1] in names


def test_every_setting_of_the_worker_is_read() -> None:
    """A setting without effect is a promise that is not kept."""
    source = inspect.getsource(worker) + inspect.getsource(axis)
    assert [name for name in field_names(WorkerConfig) if f".{name}" not in source] == []


def test_every_setting_of_every_role_has_an_effect() -> None:
    read = {node.attr for tree in modules().values() for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    idle = [f"{role.table}.{name}" for role in ROLES for name in field_names(role) if name not in read]
    assert idle == []


def field_names(config: type[RoleConfig]) -> list[str]:
    return [field.name for field in dataclasses.fields(config)]  # type: ignore[arg-type]  # every role is a dataclass


@pytest.mark.parametrize(
    ("page", "words"),
    [("quarantine.md", ["/v1/operator/quarantine", "requeue", "BLOB_CORRUPT"]), ("time-stamp-debt.md", ["log.unstamped", "tsa_url"]),
     ("log-alarm.md", ["LOG_ROLLED_BACK", "LOG_FORKED", "log.alarm"]), ("faults.md", ["STORAGE_FULL", "CLOCK_WRONG"]), ("backup.md", ["BACKUP_NOT_OURS", "log.alarm"]), ("witness.md", ["log.unwitnessed_seconds", "witness.refused", "axis-keys.json"])],
)  # fmt: skip
def test_the_operator_finds_a_page_about_each_trouble_that_names_what_he_sees(page: str, words: list[str]) -> None:
    text = (ROOT / "docs/operate" / page).read_text("utf-8")
    source = "".join(path.read_text("utf-8") for path in (ROOT / "src/lienthong").rglob("*.py"))
    for word in words:
        assert word in text
        assert word.rsplit(".", 1)[-1].split("/")[-1] in source, f"{page} names {word}, which the axis does not know"
