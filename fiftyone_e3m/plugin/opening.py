"""What happens whenever a dataset is opened in the App."""

from __future__ import annotations

import fiftyone.core.media as fom
import fiftyone.operators as foo

from ..dataset.mending import mend


class MendDataset(foo.Operator):
    """Mends what an earlier version left, before it makes the Annotate tab load for ever."""

    @property
    def config(self) -> foo.OperatorConfig:
        """The configuration of the operator in FiftyOne: it runs by itself."""
        return foo.OperatorConfig(
            name="mend_dataset",
            label="Mend what an earlier version left",
            unlisted=True,
            on_dataset_open=True,
        )

    def execute(self, ctx: foo.ExecutionContext) -> None:
        """Mends the dataset, if it needs that; nothing is shown."""
        if ctx.dataset is not None and ctx.dataset.media_type == fom.VIDEO:
            mend(ctx.dataset)
