"""The OpenAPI description, made from the route table so that it cannot lie about it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from lienthong.exchange.api.problems import MEDIA_TYPE
from lienthong.exchange.api.routes import Access, ApiRoute

_PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")


def describe(routes: Iterable[ApiRoute], axis: str, version: str) -> dict[str, Any]:
    """OpenAPI 3.1: every route, who may call it, and the form of a refusal."""
    paths: dict[str, Any] = {}
    for each in routes:
        path = _PARAMETER.sub(r"{\1}", each.path)
        for method in sorted(each.methods or ()):
            paths.setdefault(path, {})[method.lower()] = _operation(each, path, method)
    problem = {
        "type": "object",
        "required": ["code", "title_vi", "title_en", "advice_vi", "advice_en", "retry"],
        "properties": {
            **{name: {"type": "string"} for name in ("type", "code", "title", "evidence")},
            **{f"{name}_{lang}": {"type": "string"} for name in ("title", "advice") for lang in ("vi", "en")},
            "status": {"type": "integer"},
            "retry": {"enum": ["permanent", "transient", "indeterminate"]},
            "problems": {"type": "array", "items": {"type": "object"}},
        },
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": f"Trục liên thông {axis}", "version": version},
        "paths": paths,
        "components": {
            "schemas": {"Problem": problem},
            "securitySchemes": {
                "signature": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Signature-Input",
                    "description": "RFC 9421, label sig1; RFC 9530 Content-Digest with every body.",
                },
                "secret": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "XroadVnpt-hash-header",
                    "description": "HMAC-SHA256 of XroadVnpt-sign-header under the shared secret (PR-VXP).",
                },
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "Token of auth/login, with X-SystemId and X-SecretKey (PR-LGSP).",
                },
            },
        },
    }


def _operation(each: ApiRoute, path: str, method: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operationId": f"{method.lower()}{re.sub(r'[^A-Za-z0-9]+', '_', path).rstrip('_')}",
        "summary": each.vi,
        "description": each.en,
        "x-access": each.access.value,
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in _PARAMETER.findall(path)
        ],
        "responses": {
            **{str(status): {"description": each.en, "content": {kind: {}}} for status, kind in each.answers.items()},
            "default": {
                "description": "RFC 9457",
                "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            },
        },
    }
    if each.access is not Access.ANYONE and each.scheme is not None:
        made["security"] = [{each.scheme: []}]
    return made
