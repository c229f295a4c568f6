"""Pins the ways to install the plugin: linked, copied, downloaded as a zip of the repository.

A downloaded plugin runs without a pip-installed package: it must find its own modules.
"""

import http.server
import json
import subprocess
import sys
import threading
import zipfile
from functools import partial

import fiftyone.operators as foo
import fiftyone.plugins as fop
import pytest
import yaml

from fiftyone_e3m.cli.install import install_plugin
from fiftyone_e3m.plugin import OPERATORS, PANELS, GroundVideos

NAME = "@e3m/video-grounding"
URI = f"{NAME}/ground_videos"
DEADLINE = 120

WITHOUT_THE_PACKAGE = """
import sys
sys.modules["fiftyone_e3m"] = None  # as if it were not installed
import json
import fiftyone as fo
import fiftyone.operators as foo
import fiftyone.plugins as fop

url, plugins_dir, name, params = sys.argv[1:]
fo.config.plugins_dir = plugins_dir
fop.download_plugin(url)
uri = "@e3m/video-grounding/ground_videos"
result = foo.execute_operator(uri, {"dataset": name}, params=json.loads(params))
print("RESULT", json.dumps({
    "module": type(foo.get_operator(uri)).__module__,
    "plugins": [plugin.name for plugin in fop.list_plugins(builtin=False)],
    "error": result.error,
}))
"""


MODEL_WITHOUT_THE_PACKAGE = """
import sys
sys.modules["fiftyone_e3m"] = None
import json
import fiftyone as fo
import fiftyone.zoo as foz

url, zoo_dir, encoder = sys.argv[1:]
fo.config.model_zoo_dir = zoo_dir
foz.register_zoo_model_source(url)
model = foz.load_zoo_model("e3m-video-grounding", encoder=encoder)
print("RESULT", json.dumps({
    "module": type(model).__module__,
    "sources": foz.list_zoo_model_sources(),
    "media": model.media_type,
}))
"""


def run_without_the_package(url, plugins_dir, dataset, encoder):
    """Downloads the plugin and runs its operator in another process."""
    params = {"query": "a red box", "boxes_field": "gt", "encoder": encoder}
    found = run(WITHOUT_THE_PACKAGE, url, str(plugins_dir), dataset.name, json.dumps(params))
    dataset.reload()
    return found


def run(program, *arguments):
    """Runs a program in another process and returns its result."""
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        timeout=DEADLINE,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    assert lines, done.stdout + done.stderr
    return json.loads(lines[0].removeprefix("RESULT "))


@pytest.fixture
def archive(repository, tmp_path):
    """A zip of all files of the repository in a folder, as code hosts make it."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=repository,
        capture_output=True,
        text=True,
        check=True,
    )
    path = tmp_path / "served" / "main.zip"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w") as archive:
        for name in listed.stdout.splitlines():
            if (repository / name).is_file():
                archive.write(repository / name, f"fiftyone-e3m-main/{name}")
    return path


@pytest.fixture
def url(archive):
    """Address of the zip on this machine."""
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=archive.parent)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/{archive.name}"
        server.shutdown()


@pytest.mark.slow
def test_a_downloaded_zip_of_the_repository_runs_without_the_package(
    url, tmp_path, dataset, tiny_encoder
):
    found = run_without_the_package(url, tmp_path / "plugins", dataset, tiny_encoder)
    assert found["error"] is None
    assert found["plugins"] == [NAME]
    assert found["module"].startswith("fiftyone.plugins.")
    assert dataset.values("e3m_status") == ["ok", "ok"]
    (key,) = dataset.list_runs()
    assert dataset.get_run_info(key).config.state == "finished"


@pytest.mark.slow
def test_a_downloaded_zip_of_the_repository_is_a_source_of_models(url, tmp_path, tiny_encoder):
    found = run(MODEL_WITHOUT_THE_PACKAGE, url, str(tmp_path / "models"), tiny_encoder)
    assert found["sources"] == [url]
    assert found["media"] == "video"
    assert found["module"] == "e3m-video-grounding.zoo.model"


def test_the_linked_plugin_is_found_with_all_its_operators_and_panels(plugins_dir):
    (plugin,) = [p for p in fop.list_plugins(builtin=False) if p.name == NAME]
    shells = {shell().config.name for shell in (*OPERATORS, *PANELS)}
    assert set(plugin.operators) == shells, "FiftyOne passes over a name that is not declared"
    assert foo.operator_exists(URI)
    assert type(foo.get_operator(URI)) is GroundVideos, "the code is that of the package"


@pytest.mark.parametrize("copy", [False, True])
def test_installing_again_replaces_what_is_there(tmp_path, copy):
    install_plugin(tmp_path, copy=not copy)
    folder = install_plugin(tmp_path, copy=copy)
    assert (folder / "fiftyone.yml").is_file()
    assert (folder / "fiftyone_e3m" / "__init__.py").is_file()
    script = yaml.safe_load((folder / "fiftyone.yml").read_text())["js_bundle"]
    assert (folder / script).is_file()
    assert (folder / "skills" / "ground-videos" / "SKILL.md").is_file()
    assert (folder / "fiftyone_e3m" / "grounding.py").exists() is copy
    assert any(path.is_symlink() for path in folder.rglob("*")) is not copy


def test_a_folder_of_somebody_else_is_left_alone(tmp_path):
    (tmp_path / NAME).mkdir(parents=True)
    (tmp_path / NAME / "notes.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="is not a plugin"):
        install_plugin(tmp_path)
    assert (tmp_path / NAME / "notes.txt").read_text() == "mine"
