"""The command `fiftyone-e3m install-plugin`: registers the package as a FiftyOne plugin."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer

from .console import refuse, say

PLUGIN_NAME = "@e3m/video-grounding"
PACKAGE = Path(__file__).resolve().parents[1]
ENTRY = '''"""Leads FiftyOne to the installed package."""

from fiftyone_e3m import register

__all__ = ["register"]
'''
"""FiftyOne rejects an entry point that links to a path outside the plugin folder."""

MODEL_SOURCE = "e3m-video-grounding"
"""Folder in FiftyOne's model zoo: the name in the model manifest. FiftyOne makes a module of it, of
which Python would import the parents if it had a slash."""
MODEL_ENTRY = '''"""Leads FiftyOne's model zoo to the installed package."""

from fiftyone_e3m import download_model, load_model, parse_parameters, resolve_input

__all__ = ["download_model", "load_model", "parse_parameters", "resolve_input"]
'''

SCRIPT = Path("plugin") / "browser.js"
"""The script that the App loads in the browser; the manifest names it."""

EXTRAS = ("assets", "skills")
"""Folders of a plugin beside its manifest: icons, and instructions for agents."""


def manifest() -> Path:
    """The plugin manifest: at the root of a checkout, or inside an installed package."""
    beside = PACKAGE.parent / "fiftyone.yml"
    return beside if beside.is_file() else PACKAGE / "fiftyone.yml"


def install_plugin(plugins_dir: Path, copy: bool = False) -> Path:
    """Installs the plugin in a plugins folder: the manifest, and a link to the package.

    An earlier installation of the same plugin is replaced.

    Args:
        plugins_dir: FiftyOne's plugins folder (`fiftyone.config.plugins_dir`).
        copy: copy the package, so that it works where the package is not installed.

    Returns:
        The plugin folder.

    Raises:
        FileExistsError: the folder exists and is not a plugin.
    """
    folder = plugins_dir / PLUGIN_NAME
    if folder.is_symlink():
        folder.unlink()
    elif folder.exists():
        if not (folder / "fiftyone.yml").is_file():
            raise FileExistsError(f"{folder} exists and is not a plugin. Move it away first.")
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    if copy:
        shutil.copy(manifest(), folder / "fiftyone.yml")
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(PACKAGE, folder / PACKAGE.name, ignore=ignore)
    else:
        (folder / "fiftyone.yml").symlink_to(manifest())
        (folder / PACKAGE.name / "plugin").mkdir(parents=True)
        (folder / PACKAGE.name / "__init__.py").write_text(ENTRY)
        shutil.copy(PACKAGE / SCRIPT, folder / PACKAGE.name / SCRIPT)
    for extra in EXTRAS:
        shutil.copytree(manifest().parent / extra, folder / extra)
    return folder


def install_model(models_dir: Path) -> Path:
    """Adds the package to FiftyOne's model zoo, from where ``load_zoo_model`` loads it.

    A source of the same name that was downloaded, by `register_zoo_model_source`, is kept.

    Args:
        models_dir: FiftyOne's model folder (`fiftyone.config.model_zoo_dir`).

    Returns:
        The folder of the source.
    """
    folder = models_dir / MODEL_SOURCE
    entry = folder / "__init__.py"
    if not entry.is_file() or entry.read_text() == MODEL_ENTRY:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(PACKAGE / "manifest.json", folder)
        entry.write_text(MODEL_ENTRY)
    return folder


def install(
    copy: Annotated[bool, typer.Option(help="Copy the package instead of linking it.")] = False,
) -> None:
    """Makes the operators appear in the FiftyOne App, and the model in its model zoo."""
    import fiftyone as fo

    try:
        folder = install_plugin(Path(fo.config.plugins_dir), copy)
    except FileExistsError as error:
        refuse(str(error))
    say(f"The plugin is in {folder}. Reload the App to see 'Ground videos'.")
    model = install_model(Path(fo.config.model_zoo_dir))
    say(f"The zoo model 'e3m-video-grounding' is in {model}.")
