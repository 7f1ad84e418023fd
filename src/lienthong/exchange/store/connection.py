"""The two kinds of connection that the store works on: the writer's and the worker's, and the API's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import psycopg

if TYPE_CHECKING:
    Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]
    AsyncConnection: TypeAlias = psycopg.AsyncConnection[tuple[Any, ...]]
else:
    Connection = psycopg.Connection
    AsyncConnection = psycopg.AsyncConnection
