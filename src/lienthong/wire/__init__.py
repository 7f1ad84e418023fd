"""Native messages of the axis: envelope, packet framing, acknowledgement, events.

Source: docs/protocols, PR-NATIVE and PR-EVIDENCE.
"""
