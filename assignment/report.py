"""Run the walkthrough on a finished training, and make one HTML file of it. Given, not graded.

The notebook itself is left as it is. The page asks for nothing from elsewhere: pictures and styles
are in it, formulas are pictures, and it tells the browser to load and to run nothing else.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat
from jinja2 import pass_context
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from .files import write_whole
from .formulas import as_image

FOLDER = Path(__file__).resolve().parent
RUNS = FOLDER.parent / "runs"
NOTEBOOK = FOLDER / "walkthrough.ipynb"
PARAMETERS = "parameters"  # the tag of the cell that chooses the data
# The template of JupyterLab without its scripts, which come from elsewhere.
TEMPLATE = """
{%- extends 'lab/index.html.j2' -%}
{%- block html_head_js -%}
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:">
{%- endblock -%}
{%- block html_head_js_mathjax -%}{%- endblock -%}
{%- block html_head_js_mermaidjs -%}{%- endblock -%}
{%- block html_head_css -%}
<style>
main { max-width: 60rem; margin: 0 auto; }
.jp-RenderedImage img, .jp-OutputArea-output img { max-width: 100%; height: auto; }
</style>
{%- endblock -%}
"""


class ReportError(Exception):
    """Why there is no report, and what to do; one line."""


@dataclass(frozen=True)
class Run:
    """What `python -m assignment.train` has left.

    Attributes:
        profile: the data that it was on.
        line: what it was, in words.
    """

    profile: str
    line: str


def find_run() -> Run:
    """Look for a finished training.

    Raises:
        ReportError: there is none, or its data are not here.
    """
    missing = [
        path
        for path in (RUNS / "history.json", FOLDER / "weights.safetensors")
        if not path.is_file()
    ]
    if missing:
        raise ReportError(
            f"no training run yet, {missing[0].relative_to(FOLDER.parent)} is not there: "
            "python -m assignment.train"
        )
    try:
        history = json.loads((RUNS / "history.json").read_text(encoding="utf-8"))
        profile, seed, seconds = history["profile"], history["seed"], float(history["seconds"])
        epochs, device = len(history["epochs"]), history["device"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ReportError(
            f"runs/history.json cannot be read ({error!r}): python -m assignment.train"
        ) from None
    _check_data(profile)
    words = f"{profile}, {epochs} epochs from seed {seed}, {seconds:.0f} s on {device}"
    return Run(profile, words)


def make_report(
    notebook: Path, run: Run, on_cell: Callable[[int, int], None], timeout: int
) -> tuple[bytes, list[str]]:
    """Execute a notebook and export it.

    Args:
        notebook: the file; it is not changed.
        run: the training that it shows.
        on_cell: is told which cell, from 1, of how many starts.
        timeout: seconds that one cell may take.

    Returns:
        The page, and a line for each cell that raised an error.

    Raises:
        ReportError: it is no notebook, or its Python did not live to its end.
    """
    cells = _read(notebook)
    _set_data(cells, run.profile)
    _execute(cells, on_cell, timeout)
    cells.cells.insert(0, _heading(run))
    return _export(cells).encode("utf-8"), _errors(cells)


def write_report(page: bytes, out: Path) -> None:
    """Write the page, whole or not at all.

    Raises:
        ReportError: it cannot be written.
    """
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        write_whole(out, page)
    except OSError as error:
        raise ReportError(f"{out}: cannot be written ({error.strerror}); try -o FILE") from None


def _check_data(profile: str) -> None:
    from datasets.mnist import missing_mnist_files
    from datasets.root import data_root

    if profile not in ("digits", "mnist"):
        raise ReportError("runs/history.json names no data: python -m assignment.train")
    if profile == "mnist" and missing_mnist_files(data_root()):
        raise ReportError(
            "your training was on mnist, which is not here: name its folder in OSR_DATA, "
            "or python -m datasets fetch mnist"
        )


def _read(notebook: Path) -> Any:
    try:
        text = notebook.read_text(encoding="utf-8")
        cells = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
        nbformat.validate(cells)
    except OSError as error:
        restore = "; git restore it" if notebook == NOTEBOOK else ""
        raise ReportError(f"{notebook}: cannot be read ({error.strerror}){restore}") from None
    except (ValueError, KeyError, TypeError, AttributeError, nbformat.ValidationError):
        raise ReportError(f"{notebook}: is no notebook that can be read") from None
    return cells


def _set_data(notebook: Any, profile: str) -> None:
    """Have the notebook use the data that the training was on, where it says which."""
    for cell in notebook.cells:
        if PARAMETERS in cell.metadata.get("tags", []):
            cell.source = f'DATA = "{profile}"  # what your training was on'


class _ThisPython(AsyncKernelManager):  # type: ignore[misc]
    """A kernel of the Python that runs this, whatever is installed as "python3" elsewhere."""

    def format_kernel_cmd(self, extra_arguments: list[str] | None = None) -> list[str]:
        start = [sys.executable, "-m", "ipykernel_launcher", "-f", self.connection_file]
        return [*start, *(extra_arguments or [])]


class _Client(NotebookClient):  # type: ignore[misc]
    """A client that can be interrupted.

    nbclient's own ends the kernel at Ctrl-C, tries so once more at its end, and fails there.
    """

    ended = 0

    async def _async_cleanup_kernel(self) -> None:
        self.ended += 1
        if self.km is not None:
            await super()._async_cleanup_kernel()


def _execute(notebook: Any, on_cell: Callable[[int, int], None], timeout: int) -> None:
    """Run all cells; an error is kept in its cell, and the rest goes on."""
    count = len(notebook.cells)

    def started(cell: Any, cell_index: int) -> None:
        on_cell(cell_index + 1, count)

    client = _Client(
        notebook,
        timeout=timeout,
        kernel_name="python3",
        kernel_manager_class=_ThisPython,
        allow_errors=True,
        resources={"metadata": {"path": str(FOLDER)}},
        on_cell_start=started,
    )
    # A kernel looks into its own folder last: another installed assignment would come before it.
    path = [str(FOLDER.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    try:
        client.execute(
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path)}, stderr=subprocess.DEVNULL
        )
    except CellTimeoutError:
        raise ReportError(
            f"a cell took more than {timeout} s, nothing was written; --timeout allows more"
        ) from None
    except (DeadKernelError, RuntimeError, AssertionError):
        if client.ended > 1:
            raise KeyboardInterrupt from None
        raise ReportError(
            "the notebook's Python ended before the notebook did (out of memory?), "
            "nothing was written"
        ) from None


def _errors(notebook: Any) -> list[str]:
    found = []
    for number, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                found.append(f"cell {number} ({cell.id}): {output.ename}: {output.evalue}")
    return found


def _heading(run: Run) -> Any:
    when = datetime.now().astimezone().strftime("%Y-%m-%d %H:%M")
    return nbformat.v4.new_markdown_cell(  # type: ignore[no-untyped-call]
        f"> The walkthrough, run on {when} by `python -m assignment report`.  \n"
        f"> The training it shows: {run.line}."
    )


class _Renderer(IPythonRenderer):  # type: ignore[misc]
    """Markdown with its formulas as pictures."""

    def block_math(self, body: str) -> str:
        return as_image(body, alone=True)

    def inline_math(self, body: str) -> str:
        return as_image(body, alone=False)


class _Exporter(HTMLExporter):  # type: ignore[misc]
    """A page that needs nothing but itself."""

    @pass_context
    def markdown2html(self, context: Any, source: str) -> str:
        attachments = context.get("cell", {}).get("attachments", {})
        renderer = _Renderer(
            escape=False,
            attachments=attachments,
            embed_images=True,
            path=str(FOLDER),
            exclude_anchor_links=True,
        )
        text: str = MarkdownWithMath(renderer=renderer).render(source)
        return text


def _export(notebook: Any) -> str:
    exporter = _Exporter(raw_template=TEMPLATE)
    resources = {"metadata": {"name": "Open-set recognition: my run"}}
    page: str
    page, _ = exporter.from_notebook_node(notebook, resources=resources)
    return page
