"""The agency's side of the axis: a typed, synchronous library, and what the command line and connectors build on.

Start with :class:`Client`; ``from lienthong.connector import Client`` and the names below are the public library. A
connector that runs by itself is :class:`lienthong.connector.courier.engine.Courier`. Imports nothing of the axis: the
two agree on bytes.
"""

from lienthong.connector.client import Client, Original, Sent
from lienthong.connector.compose import Attachment, OutgoingDocument
from lienthong.connector.errors import AxisRefused
from lienthong.connector.http import AxisConnection
from lienthong.connector.receiving import Received

__all__ = [
    "Attachment",
    "AxisConnection",
    "AxisRefused",
    "Client",
    "Original",
    "OutgoingDocument",
    "Received",
    "Sent",
]
