"""Fonts for sentences in pictures: matplotlib's own knows neither Chinese nor Hindi."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

DEFAULT = "DejaVu Sans"
"""Comes with matplotlib."""
BOXES = "Last Resort"
"""Fonts whose name begins so have a box for every character there is."""
UNKNOWN = "\ufffd"


def drawable(text: str) -> tuple[str, list[str], int]:
    """A text as it can be drawn on this machine.

    Args:
        text: the text.

    Returns:
        The text with a replacement for each character that no font has, the names of the fonts that
        draw it, and the number of replaced characters.

    Example:
        >>> drawable("a man")
        ('a man', ['DejaVu Sans'], 0)
    """
    fonts, missing = _fonts(frozenset(filter(_is_drawn, text)))
    shown = "".join(UNKNOWN if c in missing else c for c in text)
    return shown, list(fonts), sum(c in missing for c in text)


@lru_cache(maxsize=64)
def _fonts(characters: frozenset[str]) -> tuple[tuple[str, ...], frozenset[str]]:
    """The fonts for some characters, as few as come first, and the characters that none has."""
    fonts, missing = [DEFAULT], set(characters)
    for name, path in _installed():
        if not missing:
            break
        try:
            known = {chr(code) for code in FT2Font(path).get_charmap()}
        except (OSError, RuntimeError):  # a broken font of the machine
            continue
        if missing & known:
            fonts.append(name)
            missing -= known
    return tuple(dict.fromkeys(fonts)), frozenset(missing)


def _installed() -> Iterator[tuple[str, str]]:
    """Names and paths of the fonts of this machine, the default first, upright ones next."""
    known = font_manager.fontManager
    listed = {entry.fname for entry in known.ttflist}
    for path in font_manager.findSystemFonts():
        if path not in listed:  # installed since matplotlib made its list
            try:
                known.addfont(path)
            except (OSError, RuntimeError):
                continue

    def order(entry: font_manager.FontEntry) -> tuple[bool, bool, str]:
        return entry.name != DEFAULT, entry.style != "normal", entry.name

    for entry in sorted(known.ttflist, key=order):
        if not entry.name.startswith(BOXES):
            yield entry.name, entry.fname


def _is_drawn(character: str) -> bool:
    """Whether a character has a picture: spaces and joiners have none."""
    return unicodedata.category(character) not in ("Zs", "Cf", "Cc", "Mn")
