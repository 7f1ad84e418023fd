"""A small serif font for demonstration documents: DejaVu Serif cut down to Vietnamese, renamed as its licence asks.

``serif.ttf``: 239 characters. ``serif.json``: character to [glyph number, width in thousandths]. ``LICENCE``: terms.
"""
