"""Pins what an operator may load: whoever reaches the App can call it with any parameter."""

import os

import fiftyone.operators as foo
import pytest
from fiftyone.operators.executor import ExecutionContext, ExecutionError

from fiftyone_e3m.plugin.ground.parameters import request_of
from fiftyone_e3m.plugin.ground.trust import WEIGHTS_DIRS, check_trust
from fiftyone_e3m.request import GroundingError, Request

URIS = ["@e3m/video-grounding/ground_videos", "@e3m/video-grounding/preview_grounding"]
REFUSED = r"only from folders that the administrator"


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """An allowed and a forbidden folder, both with weights that nobody reads."""
    made = []
    for name in ("allowed", "forbidden"):
        made.append(tmp_path / name)
        (made[-1] / "model").mkdir(parents=True)
        (made[-1] / "best.pt").write_text("weights")
    monkeypatch.setenv(WEIGHTS_DIRS, f"{made[0]}{os.pathsep}")
    monkeypatch.chdir(made[1])
    return made


def refuses(**models):
    with pytest.raises(GroundingError, match=REFUSED):
        check_trust(Request("a dog", **models))


@pytest.mark.parametrize(
    "encoder",
    [
        "bundled",
        "ViT-B-32/laion2b_s34b_b79k",
        "bf16:ViT-B-32/openai",
        "hf-hub:somebody/model",
        "local-dir:{allowed}/model",
        "bf16:local-dir:{allowed}/model",
        "ViT-B-32/{allowed}/best.pt",
    ],
)
def test_published_encoders_and_those_of_allowed_folders_are_let_through(folders, encoder):
    check_trust(Request("a dog", encoder=encoder.format(allowed=folders[0])))


@pytest.mark.parametrize(
    "detector",
    ["yolo11n.pt", "yolo11n", "zoo:yolov8n-coco-torch", "{allowed}/best.pt", "{allowed}/model"],
)
def test_published_detectors_and_those_of_allowed_folders_are_let_through(folders, detector):
    (folders[1] / "yolo11n.pt").touch()  # ultralytics downloads into the working folder
    check_trust(Request("a dog", detector=detector.format(allowed=folders[0])))


@pytest.mark.parametrize("before", ["local-dir:", "bf16:local-dir:", "ViT-B-32/", "bf16:RN50/", ""])
@pytest.mark.parametrize(
    "path",
    [
        "{forbidden}/best.pt",
        "{forbidden}/missing.pt",
        "{allowed}/../forbidden/best.pt",
        "{allowed}/link/best.pt",
        "{allowed}/link.pt",
        "{allowed}-more/best.pt",
        "../forbidden/best.pt",
        "./best.pt",
        "best.pt",
        "/",
        "{allowed}/loop",
        "{allowed}/a\0b",
    ],
)
def test_other_files_are_refused_whether_they_exist_or_not(folders, before, path):
    """Bare paths are detectors; the working folder is the forbidden one."""
    allowed, forbidden = folders
    (allowed / "link").symlink_to(forbidden)
    (allowed / "link.pt").symlink_to(forbidden / "best.pt")
    (allowed / "loop").symlink_to(allowed / "loop")
    spec = before + path.format(allowed=allowed, forbidden=forbidden)
    refuses(**{"encoder" if before else "detector": spec})


@pytest.mark.parametrize(
    "detector", ["yolo'11n.pt", " {forbidden}/best.pt", "'best.pt'", "best.pt "]
)
def test_what_ultralytics_strips_from_a_name_is_no_way_around(folders, detector):
    refuses(detector=detector.format(forbidden=folders[1]))


def test_without_the_variable_no_file_is_loaded(folders, monkeypatch):
    monkeypatch.delenv(WEIGHTS_DIRS)
    refuses(detector=str(folders[0] / "best.pt"))
    monkeypatch.setenv(WEIGHTS_DIRS, os.pathsep.join(["", ".", "model"]))
    refuses(detector="best.pt")


def test_a_detector_that_is_not_used_does_not_matter(folders):
    params = {"query": "a dog", "boxes_field": "gt", "detector": str(folders[1] / "best.pt")}
    check_trust(request_of({**params, "boxes_source": "field"}))


def test_a_run_that_trusted_code_is_not_continued(folders):
    with pytest.raises(GroundingError, match=r"from Python.*never runs such code"):
        check_trust(Request("a dog", trust_remote_code=True))


# Both operators


@pytest.fixture
def form(plugins_dir):
    """`form(uri, dataset, ...)`: the properties of an operator's form."""

    def of(uri, dataset, **params):
        ctx = ExecutionContext(
            {"dataset_name": dataset.name, "params": params}, foo.executor.Executor()
        )
        return foo.get_operator(uri).resolve_input(ctx).type.properties

    return of


@pytest.mark.parametrize("uri", URIS)
@pytest.mark.parametrize("kind", ["encoder", "detector"])
def test_operators_refuse_in_the_form_and_when_called(
    dataset, folders, form, tiny_encoder, uri, kind
):
    path = str(folders[1] / "best.pt")
    models = {"encoder": f"RN50/{path}"} if kind == "encoder" else {"detector": path}
    params = {"query": "a red box", "boxes_source": "detector", **models}
    assert "administrator" in form(uri, dataset, **params)["problem"].error_message
    with pytest.raises(ExecutionError, match=REFUSED):
        foo.execute_operator(uri, {"dataset": dataset}, params=params)
    assert dataset.list_runs() == []


@pytest.mark.parametrize("uri", URIS)
def test_trust_is_neither_offered_nor_accepted(dataset, form, tiny_encoder, uri, monkeypatch):
    from fiftyone_e3m.engines import one_video, worker

    one_video.release_kept_models()
    given = []
    for module in (worker, one_video):
        load = module.load_encoder
        monkeypatch.setattr(
            module, "load_encoder", lambda *a, load=load: given.append(a[1]) or load(*a)
        )
    params = {"query": "a red box", "boxes_field": "gt", "encoder": tiny_encoder}
    assert "trust" not in " ".join(form(uri, dataset, **params, advanced=True))
    for extra in ({"trust_remote_code": True}, {"config": {}, "trust_remote_code": "yes"}):
        foo.execute_operator(
            uri, {"dataset": dataset}, params={**params, **extra, "overwrite": True}
        )
    assert set(given) == {False}


def test_a_run_from_python_over_other_folders_is_not_continued_by_an_operator(
    dataset, tiny_encoder, monkeypatch, plugins_dir
):
    import fiftyone_e3m as e3m
    from fiftyone_e3m.dataset.signals import request_stop

    def stop(done, total, report):
        request_stop(dataset, dataset.list_runs()[0])

    e3m.ground(dataset, "a red box", boxes_field="gt", encoder=tiny_encoder, progress=stop)
    monkeypatch.delenv(WEIGHTS_DIRS)
    with pytest.raises(ExecutionError, match=REFUSED):
        foo.execute_operator(URIS[0], {"dataset": dataset}, params={"start": "continue"})
    dataset.reload()
    assert dataset.values("e3m_status") == ["ok", None]
