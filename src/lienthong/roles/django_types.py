"""Settings for the type checker alone, which wants a module of them; no process of ours runs with it."""

from __future__ import annotations

from lienthong.webkit.site.configure import SiteSettings, members

globals().update(
    members(
        SiteSettings(
            name="types", dsn="dbname=none", urls="lienthong.office.urls", frame="lienthong.office.shell.shell",
            apps=["lienthong.office"], hosts=[], secret=b"",
        )
    )
)  # fmt: skip
