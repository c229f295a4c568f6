"""What `mkdocs build` does besides reading docs/: pages from elsewhere in the repository.

The pages of docs/ link to files beside docs/, such as SECURITY.md, by relative paths, as code hosts
show them. The site has these files too, under the path that they have in the repository; the README
is its first page. Nothing is written twice, and a link to a file that is missing fails the build.

The page ``api.md`` is made of the docstrings of all public names, by `GROUPS`; a public name that
is in none of them fails the build.
"""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
DOCS = "docs"
FIRST = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")
"""Pages of the site that lie beside docs/; so do all that these and docs/ link to."""
PACKAGE = "fiftyone_e3m"
GROUPS = {
    "Ground": ("ground", "GroundingSummary", "VideoReport", "E3MConfig", "RayOptions"),
    "Stop, or watch while it runs": ("request_stop", "Job", "Request"),
    "Review and correct": (
        "correct_event",
        "restore_event",
        "Correction",
        "correct_tube",
        "choices_at",
        "Choice",
        "find_object",
        "follow_events",
        "FollowReport",
        "accept_tubes",
        "AcceptReport",
        "reject_tube",
        "reopen_tube",
        "save_review_views",
        "calibrate",
        "CalibrationReport",
        "delete_grounding",
        "DeleteReport",
    ),
    "Evaluate": ("evaluate", "load_evaluation", "EvaluationResults"),
    "Hand over": ("prepare_for_annotation", "HandoverReport"),
    "Models of your own": ("Encoder", "Detector"),
    "Errors": ("GroundingError", "EncoderError", "DetectorError"),
    "Datasets of benchmarks": ("importers.HCSTVGImporter", "importers.VidSTGImporter"),
    "A model of FiftyOne's zoo": (
        "VideoGrounder",
        "load_model",
        "download_model",
        "parse_parameters",
        "resolve_input",
    ),
}
"""The headings of the page of the interface, and the public names below each."""
PLACES = {"evaluate": "evaluation.evaluate.evaluate"}
"""Where a name is that mkdocstrings would take for the module of the same name."""
NOT_DESCRIBED = {"__version__"}
CODE = re.compile(r"(^```.*?^```|`+[^`\n]+`+)", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<=\]\()(?!\w+:|#|/)([^)#\s]+)(#[^)\s]+)?(?=\))")
"""Path and heading of a link or picture whose address is a path in the repository."""


def outside_code(text: str, change: Callable[[str], str]) -> str:
    """The text with all that is not code changed."""
    parts = CODE.split(text)
    parts[::2] = map(change, parts[::2])
    return "".join(parts)


def in_repository(page: str) -> str:
    """The path in the repository of a path on the site.

    Example:
        >>> in_repository("SECURITY.md"), in_repository("images/app/grid.jpg")
        ('SECURITY.md', 'docs/images/app/grid.jpg')
    """
    return f"{DOCS}/{page}" if (ROOT / DOCS / page).is_file() else page


def site_path(path: str) -> str:
    """The path on the site of a path in the repository, the reverse of `in_repository`."""
    return path.removeprefix(f"{DOCS}/")


def linked(path: str, text: str) -> Iterator[str]:
    """Files of the repository, by path, that a page of it links to."""
    outside = "".join(CODE.split(text)[::2])
    for link in LINK.finditer(outside):
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), link.group(1)))
        if (ROOT / target).is_file():
            yield target


def from_elsewhere() -> set[str]:
    """Files beside docs/ that the site has, by path: `FIRST`, and what pages link to."""
    found, left = set(FIRST), [*FIRST]
    left += [path.relative_to(ROOT).as_posix() for path in (ROOT / DOCS).glob("**/*.md")]
    while left:
        path = left.pop()
        if path.endswith(".md"):
            new = set(linked(path, (ROOT / path).read_text())) - found
            new = {name for name in new if not name.startswith(f"{DOCS}/")}
            found |= new
            left += new
    return found


def for_site(page: str, text: str) -> str:
    """A page with the links that hold on the site.

    Args:
        page: its path on the site.
        text: its Markdown, with links that hold in the repository.
    """
    path = in_repository(page)

    def moved(link: re.Match[str]) -> str:
        target, heading = link.groups()
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
        target = posixpath.relpath(site_path(target), posixpath.dirname(page) or ".")
        return target + (heading or "")

    return outside_code(text, lambda part: LINK.sub(moved, part))


def public_names() -> set[str]:
    """The names that the package hands out, without importing it."""
    tree = ast.parse((ROOT / PACKAGE / "__init__.py").read_text())
    listed = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    ]
    return set(ast.literal_eval(listed[0]))


def interface() -> str:
    """The page of the interface, for mkdocstrings.

    Raises:
        ValueError: a public name is in no group, or one of a group is not public.
    """
    here = {name for names in GROUPS.values() for name in names if "." not in name}
    if apart := here ^ (public_names() - NOT_DESCRIBED):
        raise ValueError(f"GROUPS of docs/hooks.py and __all__ differ in {sorted(apart)}.")
    lines = [
        "# Interface",
        "",
        "All that `import fiftyone_e3m as e3m` offers, from its docstrings.",
    ]
    for heading, names in GROUPS.items():
        lines += [
            "",
            f"## {heading}",
            "",
            *(f"::: {PACKAGE}.{PLACES.get(name, name)}\n" for name in names),
        ]
    return "\n".join(lines)


def on_files(files: Any, config: Any) -> Any:
    """Adds the files that lie elsewhere in the repository."""
    from mkdocs.structure.files import File

    for path in sorted(from_elsewhere()):
        files.append(File.generated(config, path, abs_src_path=str(ROOT / path)))
    files.append(File.generated(config, "api.md", content=interface()))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Makes the links of a page hold on the site."""
    return for_site(page.file.src_uri, markdown)


def on_page_content(html: str, page: Any, **_: Any) -> str:
    """Shows the two colons that docstrings have before an example, as Sphinx reads them, as one."""
    return html.replace("::</p>", ":</p>") if page.file.src_uri == "api.md" else html
