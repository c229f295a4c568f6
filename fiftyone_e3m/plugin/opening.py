"""What happens whenever a dataset is opened in the App."""

from __future__ import annotations

import fiftyone.core.media as fom
import fiftyone.operators as foo

from ..dataset.mending import mend
from ..dataset.runs import grounding_fields
from .shell import PLUGIN


class MendDataset(foo.Operator):
    """Mends what an earlier version left, before it makes the Annotate tab load for ever."""

    @property
    def config(self) -> foo.OperatorConfig:
        """The configuration of the operator in FiftyOne: it runs by itself."""
        return foo.OperatorConfig(
            name="mend_dataset",
            label="Mend what an earlier version left",
            description="Runs by itself when a dataset is opened, so that Annotate can load it.",
            risk_level="medium",
            unlisted=True,
            on_dataset_open=True,
        )

    def execute(self, ctx: foo.ExecutionContext) -> None:
        """Mends the dataset, if it needs that; nothing is shown."""
        if ctx.dataset is not None and ctx.dataset.media_type == fom.VIDEO:
            mend(ctx.dataset)


class PlaceTimeline(foo.Operator):
    """Places the relevance timeline beside the player, in a browser that does not know it yet."""

    @property
    def config(self) -> foo.OperatorConfig:
        """The configuration of the operator in FiftyOne: it runs by itself."""
        return foo.OperatorConfig(
            name="place_timeline",
            label="Open the relevance timeline beside videos",
            description="Runs by itself when a dataset with groundings is opened.",
            risk_level="low",
            unlisted=True,
            on_dataset_open=True,
        )

    def execute(self, ctx: foo.ExecutionContext) -> None:
        """Asks the browser for it, if anything in the dataset was grounded."""
        if ctx.dataset is not None and grounding_fields(ctx.dataset):
            ctx.trigger(f"{PLUGIN}/dock_timeline")
