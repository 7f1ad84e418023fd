"""The key by which push services know this installation (VAPID): made once, sealed like every small secret here."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import ec

from lienthong.office.models import PushKey
from lienthong.webkit.door.visit import now
from lienthong.webkit.signin.sealing import seal, unseal

_ROW = 1


def push_key() -> ec.EllipticCurvePrivateKey:
    """The installation's key; made when somebody asks for the first time, the same one whoever asks at that moment."""
    found = PushKey.objects.filter(pk=_ROW).first()
    if found is None:
        scalar = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
        made = {"sealed": seal(scalar.to_bytes(32, "big")), "made_at": now()}
        found = PushKey.objects.get_or_create(pk=_ROW, defaults=made)[0]
    return ec.derive_private_key(int.from_bytes(unseal(bytes(found.sealed)), "big"), ec.SECP256R1())
