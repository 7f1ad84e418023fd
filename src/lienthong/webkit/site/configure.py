"""Django's settings of a web context, made from the role's configuration: no settings module, no environment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import django
from django.conf import settings
from psycopg.conninfo import conninfo_to_dict

from lienthong.infra.database import conninfo
from lienthong.webkit.site.tenancy import ROLE

APPS = ("lienthong.webkit.people", "lienthong.webkit.audit")
"""The applications that every web context has."""

MIDDLEWARE = (
    "lienthong.webkit.door.entering.Entering",
    "django.middleware.csrf.CsrfViewMiddleware",
)


@dataclass(frozen=True, slots=True)
class SingleSignOn:
    """A provider of OpenID Connect, as ``context["sso"]``.

    ``issuer``: as in its discovery document, to the letter. ``secret``: empty for a public client. ``claim``: whose
    value is an account's subject. ``word``: what people call it, for the button.
    """

    issuer: str
    client: str
    secret: str = field(default="", repr=False)
    claim: str = "sub"
    word: str = ""


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """What a web context needs to know.

    ``name``: seen in ``pg_stat_activity``. ``hosts``: names under which it is reached. ``secure``: behind TLS, so
    cookies travel only there. ``secret``: 32 bytes or more, the same on every node. ``upload_limit``: bytes.
    ``context``: what the context itself wants to know of its configuration, such as its folders.
    """

    name: str
    dsn: str
    urls: str
    frame: str
    apps: Sequence[str]
    hosts: Sequence[str]
    secret: bytes
    secure: bool = True
    idle: timedelta = timedelta(minutes=60)
    session: timedelta = timedelta(hours=12)
    public_url: str = ""
    upload_limit: int = 2_000_000_000
    upload_folder: str | None = None
    context: Mapping[str, Any] = field(default_factory=dict)


def configure(site: SiteSettings) -> None:
    """Set Django up for this process; once."""
    settings.configure(**members(site))
    django.setup()


def members(site: SiteSettings) -> dict[str, Any]:
    """The settings as Django calls them."""
    return {
        "DATABASES": {"default": database(site.dsn, site.name, ROLE)},
        "INSTALLED_APPS": [*APPS, *site.apps],
        "MIDDLEWARE": list(MIDDLEWARE),
        "ROOT_URLCONF": site.urls,
        "SECRET_KEY": site.secret.hex(),
        "ALLOWED_HOSTS": list(site.hosts),
        "USE_TZ": True,
        "TIME_ZONE": "UTC",
        "USE_I18N": True,
        "LANGUAGE_CODE": "vi",
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "AUTH_USER_MODEL": "people.Account",
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.Argon2PasswordHasher"],
        "CSRF_COOKIE_SECURE": site.secure,
        "CSRF_COOKIE_HTTPONLY": False,
        "CSRF_COOKIE_SAMESITE": "Lax",
        "CSRF_COOKIE_NAME": "csrf",
        "CSRF_FAILURE_VIEW": "lienthong.webkit.door.failing.csrf",
        "CSRF_TRUSTED_ORIGINS": [site.public_url] if site.public_url else [],
        "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https") if site.secure else None,
        "DATA_UPLOAD_MAX_MEMORY_SIZE": 5_000_000,
        "DATA_UPLOAD_MAX_NUMBER_FIELDS": 5_000,
        "FILE_UPLOAD_MAX_MEMORY_SIZE": 1_000_000,
        "FILE_UPLOAD_TEMP_DIR": site.upload_folder,
        "APPEND_SLASH": False,
        "LIENTHONG": site,
        "LOGGING_CONFIG": None,
    }


def database(dsn: str, name: str, role: str | None) -> dict[str, Any]:
    """A DSN in Django's words; ``role``: what every connection becomes, the owner when None."""
    given = conninfo_to_dict(conninfo(dsn, name))
    if role is not None:
        given["options"] = f"{given.get('options', '')} -c role={role}".strip()
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": given.pop("dbname", None) or "",
        "USER": given.pop("user", None) or "",
        "PASSWORD": given.pop("password", None) or "",
        "HOST": given.pop("host", None) or "",
        "PORT": str(given.pop("port", None) or ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {**given},
    }


def site() -> SiteSettings:
    """The settings of this process."""
    found: SiteSettings = getattr(settings, "LIENTHONG")  # noqa: B009 - a setting of ours, unknown to Django's types
    return found
