"""A person's devices for pushed notices: switched on and off, tried, moved to a new subscription of the browser."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.office.errors import PUSH_NOT_POSSIBLE
from lienthong.office.models import PushSending
from lienthong.office.push import vapid
from lienthong.office.push.encryption import Keys, check
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.people.models import PushDevice, Session
from lienthong.webkit.people.push_devices import digest_of
from lienthong.webkit.site.configure import site
from lienthong.webkit.site.errors import NOT_FOUND_HERE

MOST = 10
"""Devices of one person; the oldest gives way."""

LONGEST_ENDPOINT = 2000

_BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("coc_coc", "Cốc Cốc"), ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"), ("FxiOS", "Firefox"), ("Chrome", "Chrome"), ("CriOS", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
"""Mark in the name that a browser gives itself, the most particular first; nearly all call themselves Safari."""

_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("CrOS", "ChromeOS"),
    ("Macintosh", "macOS"), ("Linux", "Linux"),
)  # fmt: skip


def push_hosts() -> tuple[str, ...]:
    """Push services that the operator allows; none: nothing is pushed here."""
    return tuple(site().context.get("push_hosts", ()))


def require_push_service(endpoint: str) -> None:
    """Refuses PUSH_NOT_POSSIBLE for an address that is no push service of the operator's list."""
    try:
        parts = urlsplit(endpoint)
        # A port that is none shows itself only when it is asked for.
        host, plain = parts.hostname or "", parts.scheme == "https" and parts.port != 0
    except ValueError:
        host, plain = "", False
    listed = any(host.endswith(each) if each.startswith(".") else host == each for each in push_hosts())
    if not listed or not plain or len(endpoint) > LONGEST_ENDPOINT or not endpoint.isascii():
        raise Refused(
            PUSH_NOT_POSSIBLE, reason_vi=f"máy chủ “{one_line(host, 60)}” không được phép",
            reason_en=f"the push service “{one_line(host, 60)}” is not allowed",
        )  # fmt: skip


def device_name(user_agent: str) -> str:
    """A browser in words that its owner knows: ``Chrome · Windows``."""
    browser = next((word for mark, word in _BROWSERS if mark in user_agent), "?")
    system = next((word for mark, word in _SYSTEMS if mark in user_agent), "?")
    return f"{browser} · {system}"


def switch_on(
    visit: Visit, endpoint: str, point: str, auth: str, user_agent: str, session: bytes
) -> tuple[PushDevice, str]:  # fmt: skip
    """Push to this browser from now on; the device, and the value of the cookie by which it is known again.

    ``session``: digest of the browser's session. Refuses PUSH_NOT_POSSIBLE.
    """
    keys = _keys(endpoint, point, auth)
    cookie, mine = secrets.token_urlsafe(32), PushDevice.objects.filter(account=visit.who.account)
    mine.filter(endpoint=endpoint).delete()
    mine.filter(pk__in=list(mine.order_by("-pk").values_list("pk", flat=True)[MOST - 1 :])).delete()
    made = PushDevice.objects.create(
        agency=visit.agency, account=visit.who.account, digest=digest_of(cookie), endpoint=endpoint, point=keys.point,
        auth=keys.auth, name=device_name(user_agent), made_at=visit.now,
        session=Session.objects.filter(digest=session).first(),
    )  # fmt: skip
    visit.note("push.switched_on", f"account:{visit.who.account.pk}", device=made.name)
    return made, cookie


def move(device: int, endpoint: str, point: str, auth: str) -> None:
    """The browser has a new subscription in place of its old one. Refuses PUSH_NOT_POSSIBLE."""
    keys = _keys(endpoint, point, auth)
    PushDevice.objects.filter(pk=device).update(
        endpoint=endpoint, point=keys.point, auth=keys.auth, trouble="", trouble_at=None
    )


def switch_off(visit: Visit, device: int) -> None:
    """Push to a device no longer. Refuses NOT_FOUND_HERE."""
    found = find(visit, device)
    visit.note("push.switched_off", f"account:{visit.who.account.pk}", device=found.name)
    found.delete()


def try_out(visit: Visit, device: int) -> None:
    """Send a notice that says nothing but that it arrives. Once until it is sent. Refuses NOT_FOUND_HERE."""
    found = find(visit, device)
    if not found.pushes.filter(notice=None).exists():
        PushSending.objects.create(agency=visit.agency, device=found, due_at=visit.now, next_at=visit.now)


def find(visit: Visit, device: int) -> PushDevice:
    """A device of this person. Refuses NOT_FOUND_HERE."""
    found = PushDevice.objects.select_for_update().filter(pk=device, account=visit.who.account).first()
    if found is None:
        raise Refused(NOT_FOUND_HERE)
    return found


def _keys(endpoint: str, point: str, auth: str) -> Keys:
    require_push_service(endpoint)
    try:
        keys = Keys(vapid.octets(point), vapid.octets(auth))
        check(keys)
    except ValueError:
        raise Refused(
            PUSH_NOT_POSSIBLE, reason_vi="khóa của trình duyệt không đúng", reason_en="the browser's keys are wrong"
        ) from None
    return keys
