"""The OpenAPI description, made from the route table so that it cannot lie about it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from lienthong.signing.agent.routes import Access, AgentRoute
from lienthong.signing.jobs import State
from lienthong.webkit.edge.problems import MEDIA_TYPE

_TEXT: dict[str, Any] = {"type": "string"}
_NULL_TEXT: dict[str, Any] = {"type": ["string", "null"]}
_STATE: dict[str, Any] = {"enum": [each.value for each in State]}


def _object(required: str, **members: Any) -> dict[str, Any]:
    return {"type": "object", "required": required.split(), "properties": members}


def _list(of: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": of}


SCHEMAS: dict[str, Any] = {
    "Object": {"type": "object"},
    "Health": _object("agent version api", agent=_TEXT, version=_TEXT, api={"type": "integer"}),
    "Code": _object("code", code=_TEXT),
    "Token": _object("token", token=_TEXT),
    "Signers": _object(
        "signers",
        signers=_list(
            _object(
                "signer role kind name certificates algorithm", signer=_TEXT, role={"enum": ["person", "agency"]},
                kind=_TEXT, name=_TEXT, position=_TEXT, organization=_TEXT,
                certificates=_list(_TEXT | {"description": "DER, base64; the signer's own first"}),
                algorithm=_NULL_TEXT, problem={"type": ["object", "null"]},
            )
        ),
    ),
    "NewBatch": _object(
        "signer title documents", signer=_TEXT, title=_TEXT,
        documents=_list(
            _object(
                "name to_sign", name=_TEXT, number=_TEXT, abstract=_TEXT, purpose={"enum": ["document", "copy"]},
                to_sign=_TEXT | {"description": "SignedAttributes, DER (tag SET OF), base64"},
            )
        ),
    ),
    "Batch": _object(
        "batch signer title page running counts documents", batch=_TEXT, signer=_TEXT, title=_TEXT, made_at=_TEXT,
        page=_TEXT | {"description": "where the official signs"}, running={"type": "boolean"},
        counts={"type": "object", "additionalProperties": {"type": "integer"}}, stopped={"type": ["object", "null"]},
        documents=_list(_object("number name state", number={"type": "integer"}, name=_TEXT, state=_STATE,
                                reason=_NULL_TEXT)),
    ),
    "Signatures": _object(
        "signatures",
        signatures=_list(
            _object(
                "number state signature algorithm", number={"type": "integer"}, state=_STATE, reason=_NULL_TEXT,
                signature={"type": ["string", "null"], "description": "base64; ECDSA as DER, as CMS holds it"},
                algorithm=_NULL_TEXT,
            )
        ),
    ),
    "Problem": _object(
        "code title_vi title_en advice_vi advice_en retry", code=_TEXT, title_vi=_TEXT, title_en=_TEXT,
        advice_vi=_TEXT, advice_en=_TEXT, status={"type": "integer"},
        retry={"enum": ["permanent", "transient", "indeterminate"]},
    ),
}  # fmt: skip
"""Bodies by name."""


def describe(routes: Iterable[AgentRoute], version: str) -> dict[str, Any]:
    """OpenAPI 3.1 of every route for software."""
    paths: dict[str, Any] = {}
    for each in routes:
        if each.access.for_software:
            path = each.path.replace(":int", "")
            for method in sorted(each.methods or ()):
                paths.setdefault(path, {})[method.lower()] = _operation(each, method, path)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Trình ký trên máy (lienthong sign-agent)", "version": version},
        "paths": paths,
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(each: AgentRoute, method: str, path: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operationId": f"{method.lower()}{re.sub(r'[^A-Za-z0-9]+', '_', path).rstrip('_')}",
        "summary": each.vi,
        "description": each.en,
        "security": [] if each.access is Access.OPEN else [{"token": []}],
        "parameters": [
            {"name": name, "in": "path", "required": True,
             "schema": {"type": "integer", "minimum": 1} if name == "number" else _TEXT}
            for name in re.findall(r"\{(\w+)\}", path)
        ],
        "responses": {
            **{str(status): _answer(each.en, schema) for status, schema in each.answers.items()},
            "default": {"description": "RFC 9457", "content": {MEDIA_TYPE: {"schema": _reference("Problem")}}},
        },
    }  # fmt: skip
    if each.takes:
        kind, schema = ("application/json", _reference(each.takes)) if each.takes in SCHEMAS else (each.takes, {})
        made["requestBody"] = {"required": True, "content": {kind: {"schema": schema} if schema else {}}}
    return made


def _answer(description: str, schema: str) -> dict[str, Any]:
    if not schema:
        return {"description": description}
    return {"description": description, "content": {"application/json": {"schema": _reference(schema)}}}


def _reference(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}
