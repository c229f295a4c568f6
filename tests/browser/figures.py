"""The figures of docs/app.md that come from the App: checked, or written with the screenshots."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "app.md"


class Figures:
    """Figures in a page, each between ``<!-- its name -->`` and ``<!-- / -->``.

    Args:
        writing: replace what the page says instead of checking it.
    """

    def __init__(self, writing):
        self._writing = writing

    def tell(self, name, value):
        """Checks that the page says this, or makes it say so."""
        page = PAGE.read_text()
        place = re.compile(rf"(?<=<!-- {name} -->).*?(?=<!-- / -->)", re.DOTALL)
        (said,) = place.findall(page)
        if self._writing:
            PAGE.write_text(place.sub(value, page))
        else:
            assert said == value, f"docs/app.md is stale: make screenshots writes '{value}'"
