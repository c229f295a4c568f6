"""Shared by the plugin tests: a plugin folder, a small encoder, labelled videos."""

import copy
import json
from functools import partial
from pathlib import Path

import fiftyone as fo
import fiftyone.operators as foo
import pydash
import pytest
from fiftyone.operators.executor import ExecutionContext

N = 10
TINY = {
    "embed_dim": 32,
    "vision_cfg": {"image_size": 64, "layers": 1, "width": 32, "head_width": 16, "patch_size": 16},
    "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 1},
}


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory):
    """Name of an open_clip model with random weights, in a folder that operators may use."""
    import open_clip
    import torch

    folder = tmp_path_factory.mktemp("tiny")
    config = {"model_cfg": TINY, "preprocess_cfg": {}}
    (folder / "open_clip_config.json").write_text(json.dumps(config))
    torch.manual_seed(0)
    torch.save(open_clip.CLIP(**TINY).state_dict(), folder / "open_clip_pytorch_model.bin")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("E3M_WEIGHTS_DIRS", str(folder))
        yield f"local-dir:{folder}"


@pytest.fixture(scope="session")
def clip(tmp_path_factory, draw_video):
    """A one-second video: a red box moves above a blue one."""
    frames = [{"blue": (10, 70, 40, 100), "red": (8 * i, 10, 8 * i + 40, 50)} for i in range(N)]
    return draw_video(tmp_path_factory.mktemp("clips") / "clip.mp4", frames)


@pytest.fixture(scope="session")
def new_dataset(clip):
    """`new_dataset(2)`: a dataset of the clip, with boxes in `frames.gt` and a caption."""

    def new(n):
        dataset = fo.Dataset(persistent=True)  # survives the exit of a subprocess
        for _ in range(n):
            sample = fo.Sample(filepath=str(clip), caption="a blue box")
            for i in range(N):
                boxes = {"red": [i / 20, 0.1, 0.25, 0.3], "blue": [0.1, 0.6, 0.2, 0.25]}
                found = [fo.Detection(label=k, bounding_box=v) for k, v in boxes.items()]
                sample.frames[i + 1] = fo.Frame(gt=fo.Detections(detections=found))
            dataset.add_sample(sample)
        return dataset

    return new


@pytest.fixture
def dataset(new_dataset):
    """Two labelled videos."""
    dataset = new_dataset(2)
    yield dataset
    dataset.delete()


@pytest.fixture(scope="session")
def repository():
    """The root of the checkout."""
    return Path(__file__).parents[2]


@pytest.fixture
def open_panel(plugins_dir):
    """`open_panel("relevance_timeline", dataset, current_sample=id)`: an `OpenPanel`."""
    return OpenPanel


class OpenPanel:
    """A panel as held by the App: its state, its data and its last rendering.

    Attributes:
        request: sent with each event, besides state and parameters.
        properties: the last rendered properties by name, with stacked ones flattened.
        sent: operators that the last event triggered in the App, as (operator, parameters).
    """

    def __init__(self, name, dataset, **request):
        self._uri = f"@e3m/video-grounding/{name}"
        self._state, self._data = {}, {}
        self.request = {"dataset_name": dataset.name, "view": [], **request}
        self.event("on_load")

    def event(self, method, **params):
        """Sends an event and applies the response."""
        given = {"panel_id": "x", "panel_state": copy.deepcopy(self._state), "__method__": method}
        request = {**self.request, "params": {**params, **given}}
        ctx = ExecutionContext(request, foo.executor.Executor(), operator_uri=self._uri)
        foo.get_operator(self._uri).execute(ctx)
        self.sent = []
        before, data = copy.deepcopy(self._state), copy.deepcopy(self._data)
        for message in json.loads(json.dumps(ctx.executor.to_json()["requests"])):
            name, sent = message["operator_uri"], message["params"]
            if name == "patch_panel_state":
                _patch(self._state, sent["state"])
            elif name == "patch_panel_data":
                _patch(self._data, sent["data"])
            elif name == "show_panel_output":
                self.properties = dict(_properties(sent["output"]["type"]["properties"]))
            else:
                self.sent.append((name, sent))
        changed = {name for name, new in self._data.items() if new != data.get(name)}
        if any(self.properties[name]["view"]["name"] == "PlotlyView" for name in changed):
            self._state |= before  # like the App

    def choose(self, name, value):
        """Chooses from a menu: the App first copies all shown data into the state."""
        self._state = self._shown()
        path = f"choices.{name}" if "choices" in self.properties else name
        pydash.set_(self._state, path, value)
        self.event(f"on_{name}", path=path, value=value)

    def click_row(self, row):
        """Clicks the first frame of a sentence's curve."""
        self.event("on_click", x=0.0, trace_idx=row)

    def press(self, name, **params):
        """Presses a visible button."""
        assert name in self.properties
        self.event(f"on_{name}", **params)

    def carry_out(self):
        """Runs the operator that the last event asked for, as the App does without a form."""
        (prompt,) = (sent for name, sent in self.sent if name == "prompt_user_for_operation")
        assert prompt["skip_prompt"], "the user would see a form"
        uri, params = prompt["operator_uri"], prompt["params"]
        request = {**self.request, "params": params}
        ctx = ExecutionContext(request, foo.executor.Executor(), operator_uri=uri)
        try:
            result = foo.get_operator(uri).execute(ctx)
        except Exception as error:
            self.event(prompt["on_error"].split("#")[1], error=str(error))
        else:
            event = prompt["on_success"].split("#")[1]
            self.event(event, result=result, original_params=params)

    @property
    def toasts(self):
        """The messages that the last event showed."""
        return [sent["message"] for name, sent in self.sent if name == "notify"]

    def chosen(self, name):
        """The value that a menu shows."""
        return pydash.get(self._shown(), f"choices.{name}") or pydash.get(self._shown(), name)

    def data(self, name):
        """The data that a plot, table or picture shows."""
        return self._shown().get(name) or self.properties[name]["view"]["data"]

    @property
    def text(self):
        """All text of the panel."""
        shown = (
            p["default"] for p in self.properties.values() if p["view"]["name"] == "MarkdownView"
        )
        return "\n".join(map(str, shown))

    def _shown(self):
        """Merges like the App: data over state, lists element by element."""
        return pydash.merge({}, copy.deepcopy(self._state), copy.deepcopy(self._data))


def _patch(store, values):
    for path, value in values.items():
        pydash.set_(store, path, value)


def _properties(properties):
    for name, prop in properties.items():
        yield name, prop
        yield from _properties(prop["type"].get("properties", {}))


@pytest.fixture
def opened(plugins_dir):
    """`opened(uri, dataset, {"selected": ids}, query=...)`: a request as the App sends it."""

    def context(uri, dataset, request=None, **params):
        sent = {"dataset_name": dataset.name, "params": params, "query_performance": True}
        sent |= request or {}
        return ExecutionContext(sent, foo.executor.Executor(), operator_uri=uri)

    return context


@pytest.fixture
def form_of(plugins_dir):
    """`form_of(uri, dataset, query=...)`: the properties of a form, those folded among them."""

    def resolve(uri, dataset, **params):
        ctx = ExecutionContext({"dataset_name": dataset.name, "params": params}, operator_uri=uri)
        properties = foo.get_operator(uri).resolve_input(ctx).type.properties
        folded = properties.get("more")
        return {**properties, **(folded.type.properties if folded else {})}

    return resolve


@pytest.fixture
def form(form_of, request):
    """`form(dataset, query=...)`: that of the test module's `URI`."""
    return partial(form_of, request.module.URI)
