"""The description of the programming interface (OpenAPI 3.1); a test compares it with routes and answers."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from lienthong.office.api import forms
from lienthong.office.api.acting import ACTS
from lienthong.office.states import ArrivalState, Direction, Incoming, Outgoing, Role, Source, TaskKind, TaskState
from lienthong.webkit.door.access import PUBLIC, Route, api

_TEXT: dict[str, Any] = {"type": "string"}
_DAY: dict[str, Any] = {"type": ["string", "null"], "format": "date"}
_AT: dict[str, Any] = {"type": ["string", "null"], "format": "date-time"}
_WHOLE: dict[str, Any] = {"type": ["integer", "null"]}
_ID: dict[str, Any] = {"type": "integer"}
_YES: dict[str, Any] = {"type": "boolean"}


def _words(*enums: Any) -> dict[str, Any]:
    return {"type": "string", "enum": sorted({each.value for enum in enums for each in enum})}


def _object(**members: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": members, "required": sorted(members), "additionalProperties": False}


def _of(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _all(name: str) -> dict[str, Any]:
    return {"type": "array", "items": _of(name)}


_BRIEF = {
    "id": _ID, "direction": _words(Direction), "state": _words(Incoming, Outgoing), "kind": _TEXT, "number": _TEXT,
    "symbol": _TEXT, "issued_date": _DAY, "issuer_name": _TEXT, "abstract": _TEXT, "urgency": _ID,
    "arrival_number": _WHOLE, "arrival_date": _DAY, "due_date": _DAY,
}  # fmt: skip
SCHEMAS: dict[str, dict[str, Any]] = {
    "Document": _object(**_BRIEF),
    "WholeDocument": _object(
        **_BRIEF, identifier=_TEXT, issuer_code=_TEXT, language=_TEXT, pages=_WHOLE, note=_TEXT, signer_name=_TEXT,
        signer_position=_TEXT, source=_TEXT, to_places=_TEXT, copies=_WHOLE, paper=_YES, revision=_ID,
        register={"type": ["string", "null"]}, year=_WHOLE, received_at=_AT, signed_at=_AT, issued_at=_AT,
        finished_at=_AT, answers=_WHOLE, replaces=_WHOLE, files=_all("File"), tasks=_all("Task"),
        deliveries=_all("Delivery"),
    ),
    "File": _object(
        id=_ID, slot=_ID, version=_ID, role=_TEXT, name=_TEXT, media_type=_TEXT, size=_ID, sha256=_TEXT, href=_TEXT
    ),
    "Task": _object(
        id=_ID, document=_WHOLE, parent=_WHOLE, kind=_words(TaskKind), role=_words(Role), state=_words(TaskState),
        title=_TEXT, directive=_TEXT, giver=_WHOLE, account=_WHOLE, unit=_WHOLE, due_date=_DAY, given_at=_AT,
        ended_at=_AT, result=_TEXT,
    ),
    "Delivery": _object(
        code=_TEXT, name=_TEXT, channel=_TEXT, state=_TEXT, status={"type": ["string", "null"]}, status_text=_TEXT,
        status_at=_AT, delivered_at=_AT,
    ),
    "Arrival": _object(
        id=_ID, source=_words(Source), state=_words(ArrivalState), title=_TEXT, sender_code=_TEXT, sender_name=_TEXT,
        identifier=_TEXT, urgency=_ID, received_at=_AT, document=_WHOLE, reason=_TEXT, duplicates={"type": "array"},
    ),
    "Registration": {
        "type": "object", "required": ["kind", "issuer_name", "abstract"],
        "properties": {
            "kind": _TEXT, "number": _TEXT, "symbol": _TEXT, "issued_date": _DAY, "issuer_name": _TEXT,
            "abstract": _TEXT, "signer_name": _TEXT, "signer_position": _TEXT, "urgency": _ID, "secret": _YES,
            "pages": _WHOLE, "due_date": _DAY, "note": _TEXT, "paper": _YES,
        },
    },
    "Submission": {
        "type": "object", "required": ["to"], "properties": {"to": _ID, "proposal": _TEXT, "due_date": _DAY},
    },
    "Act": {
        "type": "object",
        "properties": {
            "result": _TEXT, "reason": _TEXT, "words": _TEXT, "no_answer": _YES, "due_date": _DAY, "several": _YES,
            "needs_answer": _YES, "targets": _all("Target"),
        },
    },
    "Target": {
        "type": "object", "required": ["role"],
        "properties": {"account": _ID, "unit": _ID, "role": _words(Role), "due_date": _DAY},
    },
    "Problem": _object(
        type=_TEXT, code=_TEXT, status=_ID, title=_TEXT, detail=_TEXT, title_vi=_TEXT, title_en=_TEXT, advice_vi=_TEXT,
        advice_en=_TEXT, retry=_TEXT, problems=_all("ProblemOfField"),
    ),
    "ProblemOfField": _object(code=_TEXT, path=_TEXT, severity=_TEXT, vi=_TEXT, en=_TEXT),
}  # fmt: skip


def _answers(schema: dict[str, Any], status: str = "200") -> dict[str, Any]:
    refused = {"description": "Refused (RFC 9457)", "content": {"application/problem+json": {"schema": _of("Problem")}}}
    return {status: {"description": "Done", "content": {"application/json": {"schema": schema}}}, "4XX": refused}


def _asked(*names: str) -> list[dict[str, Any]]:
    kinds = {"after": _ID, "limit": {"type": "integer", "maximum": 200}}
    return [{"name": each, "in": "query", "schema": kinds.get(each, _TEXT)} for each in names]


def _path(name: str) -> list[dict[str, Any]]:
    return [{"name": name, "in": "path", "required": True, "schema": _ID}]


def _sent(kind: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"required": True, "content": {kind: {"schema": schema}}}


_PARTS = {
    "type": "object",
    "properties": {"members": _TEXT, "file": {"type": "array", "items": {"type": "string", "format": "binary"}}},
}
_HEADERS = [
    {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "maxLength": 200},
     "description": "The same key and request within a day get the first answer"},
    {"name": "If-Match", "in": "header", "schema": _TEXT, "description": "ETag of the document that was decided upon"},
]  # fmt: skip
PATHS: dict[str, dict[str, Any]] = {
    "/documents": {"get": {
        "summary": "Documents", "parameters": _asked("direction", "state", "after", "limit"),
        "responses": _answers(_object(documents=_all("Document"), more=_YES))}},
    "/documents/{document}": {"get": {
        "summary": "One document", "parameters": _path("document"), "responses": _answers(_of("WholeDocument"))}},
    "/files/{file}": {"get": {
        "summary": "Bytes of a file", "parameters": _path("file"),
        "responses": {"200": {"description": "The bytes", "content": {"application/octet-stream": {}}}}}},
    "/tasks": {"get": {
        "summary": "What waits for the token's owner", "parameters": _asked("after", "limit"),
        "responses": _answers(_object(tasks=_all("Task"), more=_YES))}},
    "/arrivals": {
        "get": {"summary": "What waits for the registrar", "parameters": _asked("state"),
                "responses": _answers(_object(arrivals=_all("Arrival")))},
        "post": {"summary": "Hand something in; the same reference again is the same arrival",
                 "parameters": _HEADERS[:1],
                 "requestBody": _sent("multipart/form-data", _PARTS), "responses": _answers(_of("Arrival"), "201")}},
    "/arrivals/{arrival}/register": {"post": {
        "summary": "Register an arrival; repeating it changes nothing", "parameters": [*_path("arrival"), _HEADERS[0]],
        "requestBody": _sent("application/json", _of("Registration")),
        "responses": _answers(_of("WholeDocument"), "201")}},
    "/documents/{document}/submit": {"post": {
        "summary": "Submit a registered document", "parameters": [*_path("document"), *_HEADERS],
        "requestBody": _sent("application/json", _of("Submission")), "responses": _answers(_of("Task"), "201")}},
    **{f"/tasks/{{task}}/{name}": {"post": {
        "summary": summary, "parameters": [*_path("task"), *_HEADERS],
        "requestBody": _sent("application/json", _of("Act")), "responses": _answers(_object(tasks=_all("Task")))}}
       for name, (summary, _) in ACTS.items()},
    "/openapi.json": {"get": {
        "summary": "This description", "security": [], "responses": _answers({"type": "object"})}},
}  # fmt: skip


def description() -> dict[str, Any]:
    """The whole description."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Văn phòng liên thông · Lienthong Office", "version": "1"},
        "servers": [{"url": "/api/v1"}],
        "security": [{"token": []}],
        "paths": PATHS,
        "components": {"schemas": SCHEMAS, "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    }


def openapi(request: HttpRequest) -> HttpResponseBase:
    """The description as JSON."""
    return forms.reply(description())


ROUTES: list[Route] = [api("openapi.json", openapi, PUBLIC, "api_description")]
