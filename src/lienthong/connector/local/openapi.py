"""The OpenAPI description, made from the route table so that it cannot lie about it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from lienthong.connector.local.forms import MULTIPART
from lienthong.connector.local.routes import Access, LocalRoute
from lienthong.webkit.edge.problems import MEDIA_TYPE

_PARAMETER = re.compile(r"\{(\w+)\}")
_TEXT: dict[str, Any] = {"type": "string"}
_DATE = {"type": "string", "description": "2026-11-25 | 25/11/2026"}
DOCUMENT: dict[str, Any] = {
    "type": "object",
    "required": ["number", "subject", "to", "issued_on"],
    "additionalProperties": False,
    "properties": {
        **dict.fromkeys(("agency", "number", "subject", "kind", "place", "document_id", "reason", "replaces"), _TEXT),
        "to": {"type": "array", "items": _TEXT, "minItems": 1},
        "to_places": {"type": "array", "items": _TEXT},
        "issued_on": _DATE,
        "due": _DATE,
        "urgency": {"type": "integer", "minimum": 0, "maximum": 4},
        "pages": {"type": "integer", "minimum": 1},
        "signer": {"type": "object", "properties": dict.fromkeys(("name", "position", "competence"), _TEXT)},
        "answers": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["agency"],
                "properties": {**dict.fromkeys(("agency", "number", "document_id"), _TEXT), "issued_on": _DATE},
            },
        },
        "descriptions": {"type": "object", "additionalProperties": _TEXT},
    },
}
"""What a submission says of its document; ``reason`` and ``replaces`` only where the route asks for them."""


def describe(routes: Iterable[LocalRoute], version: str) -> dict[str, Any]:
    """OpenAPI 3.1: every route for programs, the right that it needs, and the form of a refusal."""
    paths: dict[str, Any] = {}
    for each in routes:
        if not each.access.for_people and each.access is not Access.ANYONE:
            for method in sorted(each.methods or ()):
                paths.setdefault(each.path, {})[method.lower()] = _operation(each, method)
    problem = {
        "type": "object",
        "required": ["code", "title_vi", "title_en", "advice_vi", "advice_en", "retry"],
        "properties": {
            **dict.fromkeys(("type", "code", "title", "title_vi", "title_en", "advice_vi", "advice_en"), _TEXT),
            "status": {"type": "integer"},
            "retry": {"enum": ["permanent", "transient", "indeterminate"]},
            "problems": {"type": "array", "items": {"type": "object"}},
        },
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Đầu nối liên thông", "version": version},
        "paths": paths,
        "components": {
            "schemas": {"Problem": problem, "Document": DOCUMENT},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}],
    }


def _operation(each: LocalRoute, method: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operationId": f"{method.lower()}{re.sub(r'[^A-Za-z0-9]+', '_', each.path).rstrip('_')}",
        "summary": each.vi,
        "description": each.en,
        "x-access": each.access.value,
        "parameters": [*_parameters(each, method)],
        "responses": {
            **{str(status): {"description": each.en, "content": {kind: {}}} for status, kind in each.answers.items()},
            "default": {
                "description": "RFC 9457",
                "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            },
        },
    }
    if each.takes:
        made["requestBody"] = {"required": True, "content": {kind: _body(kind) for kind in each.takes}}
    return made


def _parameters(each: LocalRoute, method: str) -> Iterable[dict[str, Any]]:
    for name in _PARAMETER.findall(each.path):
        yield {"name": name, "in": "path", "required": True, "schema": _TEXT}
    for name, form in each.query.items():
        yield {"name": name, "in": "query", "schema": _TEXT, **({"description": form} if form else {})}
    if method == "POST" and 202 in each.answers:
        yield {"name": "Idempotency-Key", "in": "header", "schema": _TEXT}


def _body(kind: str) -> dict[str, Any]:
    if kind != MULTIPART:
        return {}
    binary = {"type": "string", "format": "binary"}
    parts = {
        "document": {"$ref": "#/components/schemas/Document"}, "file": {"type": "array", "items": binary},
        "packet": binary,
    }  # fmt: skip
    return {"schema": {"type": "object", "properties": parts}}
