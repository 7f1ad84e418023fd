"""Trust stores on disk: a folder for one store, or a folder of such folders, each under the name of its store."""

from __future__ import annotations

from pathlib import Path

from lienthong.base.errors import Refused
from lienthong.trust.validation.errors import TRUST_STORE_NOT_USABLE
from lienthong.trust.validation.store_files import TOML, read_store
from lienthong.trust.validation.stores import STORE_NAMES, TrustStores

MAXIMUM_FILES = 512
_ENDINGS = (".pem", ".crt", ".cer", ".der", ".crl", ".ocsp", ".ors")


def load_stores(folders: list[Path]) -> TrustStores:
    """Every store in these folders. Refuses: TRUST_STORE_NOT_USABLE, also when a folder holds no anchor."""
    stores = TrustStores()
    for folder in folders:
        if not folder.is_dir():
            raise Refused(TRUST_STORE_NOT_USABLE, reason=f"{folder}: không phải thư mục (not a folder)")
        own = [folder / name for name in STORE_NAMES if (folder / name).is_dir()]
        found = TrustStores()
        for place in (folder, *own):
            found = found.merged(_folder(place))
        if not found.anchors:
            raise Refused(TRUST_STORE_NOT_USABLE, reason=f"{folder}: không có chứng thư số gốc (no root certificate)")
        stores = stores.merged(found)
    return stores


def _folder(folder: Path) -> TrustStores:
    paths = sorted(
        path for path in folder.iterdir() if path.is_file() and (path.name == TOML or path.suffix.lower() in _ENDINGS)
    )
    if len(paths) > MAXIMUM_FILES:
        raise Refused(TRUST_STORE_NOT_USABLE, reason=f"{folder}: {len(paths)} tệp (files)")
    return read_store({path.name: path.read_bytes() for path in paths}, folder.name)
