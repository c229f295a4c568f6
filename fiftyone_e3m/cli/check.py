"""One line of what `fiftyone-e3m doctor` finds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """The result of one check.

    Attributes:
        name: what was checked.
        ok: whether it is available.
        required: whether nothing works without it.
        detail: the finding, or what to do.
    """

    name: str
    ok: bool
    required: bool
    detail: str

    @property
    def mark(self) -> str:
        """One word on it, in Rich's markup."""
        if self.ok:
            return "[green]ok"
        return "[red]missing" if self.required else "[yellow]absent"
