"""The connector's local face (giao diện tại chỗ của đầu nối): REST, events, signed webhooks and the status page.

Stands on :mod:`lienthong.connector.courier` as the axis's api stands on its services: it reads a request, calls one
verb, renders. For the software and the registrar of one agency, on loopback unless configured otherwise; everything
but the sign-in page and the fonts needs a local token. The protocol: docs/protocols/connector-local.md.
"""
