"""The agency's side of the axis: a typed, synchronous library, and what the command line and connectors build on.

Start with :class:`lienthong.connector.client.Client`. Imports nothing of the axis itself: the two agree on bytes.
"""
