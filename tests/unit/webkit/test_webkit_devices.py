"""The names of browsers in the list of sessions."""

from __future__ import annotations

import pytest

from lienthong.webkit.administration.devices import device_words

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"
)


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        (CHROME, "Chrome trên Windows"),
        (f"{CHROME} Edg/141.0.0.0", "Edge trên Windows"),
        (CHROME.replace("Chrome/", "coc_coc_browser/141 Chrome/"), "Cốc Cốc trên Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari trên iPhone"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/141.0.0.0 Mobile Safari/537.36", "Chrome trên Android"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox trên Linux"),
        ("python-httpx/0.28.1", "python-httpx/0.28.1"),
        ("", ""),
    ],
)
def test_a_browser_is_named_as_its_owner_knows_it(agent: str, said: str) -> None:
    assert device_words(agent, "vi") == said


def test_the_name_is_said_in_english_too() -> None:
    assert device_words(CHROME, "en") == "Chrome on Windows"
