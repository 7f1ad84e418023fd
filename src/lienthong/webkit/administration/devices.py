"""What a browser calls itself, in words that its owner recognises."""

from __future__ import annotations

from lienthong.base.errors import Language

_BROWSERS = (
    ("CocCoc/", "Cốc Cốc"), ("coc_coc_browser/", "Cốc Cốc"), ("Edg", "Edge"), ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
"""The first sign that is there tells: most browsers also carry the names of those that they descend from."""
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Macintosh", "macOS"),
    ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip


def device_words(agent: str, language: Language) -> str:
    """“Chrome trên Windows”; a program that is no browser is called what it calls itself; empty: nothing was said."""
    browser = next((name for sign, name in _BROWSERS if sign in agent), "")
    system = next((name for sign, name in _SYSTEMS if sign in agent), "")
    if not browser:
        return agent[:60]
    return f"{browser} {'trên' if language == 'vi' else 'on'} {system}" if system else browser
