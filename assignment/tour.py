"""What the walkthrough does besides calling your five files. Given, not graded.

Nothing here imports your files when it is imported itself: each part of the notebook reads them
anew, so that it sees what you have just saved.
"""

from __future__ import annotations

import html
import importlib
import json
import os
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from IPython.display import display
from numpy.typing import NDArray
from torch import Tensor, nn

from . import sketches
from .trouble import describe, is_open_task

if TYPE_CHECKING:
    from datasets import ImageSet, Profile

    from .history import History, Progress
    from .model import OpenSetModel

FOLDER = Path(__file__).resolve().parent
RUNS = FOLDER.parent / "runs"
LASTING = ("tour", "sketches", "stand_ins", "trouble")  # they hold nothing of yours
NOT_DONE, WAITING = "Not done yet", "Waiting"
MOST = 1000  # images of a set
PNG_DPI, SCREEN_DPI = 130, 100
UNKNOWN = 10


class NotYetError(Exception):
    """A part of the notebook waits for something that is no fault: an earlier part, a training."""


@contextmanager
def when_done() -> Iterator[None]:
    """Run a part of the notebook as far as your files allow.

    An open task is said in one line, and the notebook goes on. Any other error is yours to see, and
    passes. On the way in, your files are forgotten, so that the part's own imports read them anew.
    (IPython's `%autoreload` would not do: a class that calls `super()` does not survive it.)
    """
    _forget()
    try:
        yield
    except NotYetError as error:
        _say(WAITING, str(error))
    except NotImplementedError as error:
        if not is_open_task(error):  # an operation that torch does not have
            raise
        _say(NOT_DONE, describe(error, FOLDER))


def needs(*things: object) -> None:
    """Go on only where the parts above have made what this one uses.

    Raises:
        NotYetError: one of the things is None.
    """
    if any(thing is None for thing in things):
        raise NotYetError("a part above has to be done first.")


def show(png: bytes, alt: str) -> None:
    """Show a picture.

    Args:
        png: the file.
        alt: what is to be seen on it, for those who do not see it.
    """
    data, metadata = _as_picture(png, alt)
    display(data, metadata=metadata, raw=True)


def to_tensor(images: NDArray[np.uint8]) -> Tensor:
    """Grey values (N, 28, 28) as the networks take them: float32 (N, 1, 28, 28) in [-1, 1]."""
    from .images import to_images

    return to_images(images)


def batches(*sets: ImageSet, size: int = 250) -> list[tuple[Tensor, Tensor]]:
    """Images and labels, a batch at a time: what `eval_model` calls a loader.

    Args:
        sets: at most 1,000 images of each are taken.
        size: of a batch; the last one may be smaller.

    Returns:
        Pairs of float32 (B, 1, 28, 28) in [-1, 1] and int64 (B,).
    """
    images = to_tensor(np.concatenate([some.images[:MOST] for some in sets]))
    labels = torch.from_numpy(np.concatenate([some.labels[:MOST] for some in sets]))
    return [(images[i : i + size], labels[i : i + size]) for i in range(0, len(images), size)]


def practise(
    network: nn.Module,
    loss: Callable[[Tensor, Tensor], Tensor],
    digits: ImageSet,
    epochs: int = 6,
    rate: float = 3e-3,
) -> list[float]:
    """Minimise a loss for a little while: enough to see what a network can do.

    Args:
        network: whose weights may change; it is in evaluation mode afterwards.
        loss: of a batch, from images (B, 1, 28, 28) and labels (B,).
        digits: what to practise on; 1,000 are enough.
        epochs: how often it sees each.
        rate: the learning rate.

    Returns:
        The mean loss of each epoch.
    """
    optimizer = torch.optim.Adam(network.parameters(), lr=rate)
    pieces = batches(digits, size=50)
    order = torch.Generator().manual_seed(0)
    means = []
    network.train()
    for _ in range(epochs):
        total = 0.0
        for place in torch.randperm(len(pieces), generator=order).tolist():
            value = loss(*pieces[place])
            optimizer.zero_grad()
            value.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            total += value.item()
        means.append(total / len(pieces))
    network.eval()
    return means


def follow(
    loss: Callable[[Tensor, Tensor], Tensor],
    points: Tensor,
    labels: Tensor,
    steps: int = 120,
    rate: float = 0.5,
) -> tuple[NDArray[np.floating], NDArray[np.floating], tuple[float, float]]:
    """Let points go where a loss pulls them.

    Args:
        loss: of points (N, 2) and labels (N,).
        points: where they start.
        labels: their classes.
        steps: how often they move.
        rate: how far at first; the steps grow shorter.

    Returns:
        The points after each step (steps + 1, N, 2), the direction of the first one (N, 2), and the
        loss before and after.
    """
    path = [points.clone()]
    pulls: list[Tensor] = []
    losses: list[float] = []
    for step in range(steps + 1):
        here = path[-1].clone().requires_grad_()
        value = loss(here, labels)
        losses.append(value.item())
        (gradient,) = torch.autograd.grad(value, here)
        pulls.append(-gradient)
        if step < steps:
            path.append(path[-1] - rate * (1 - step / steps) * gradient)
    return torch.stack(path).numpy(), pulls[0].numpy(), (losses[0], losses[-1])


def trade_off(
    heldout: Tensor, known: Tensor, unknown: Mapping[str, Tensor], zs: NDArray[np.floating]
) -> tuple[NDArray[np.floating], dict[str, NDArray[np.floating]]]:
    """Try many thresholds with your `adaptive_threshold` and `reject`.

    Args:
        heldout: errors of the digits that the threshold is fitted on, (n,).
        known: errors of other digits.
        unknown: errors of each unknown family.
        zs: the z of each threshold, (Z,).

    Returns:
        Of each threshold, the fraction of known digits accepted (Z,), and of each family rejected.
    """
    from .threshold import adaptive_threshold, reject

    thresholds = [adaptive_threshold(heldout, z=float(z)) for z in zs]

    def rejected(errors: Tensor) -> NDArray[np.floating]:
        digits = torch.zeros(len(errors), dtype=torch.int64)
        said = [reject(digits, errors, threshold) == UNKNOWN for threshold in thresholds]
        return np.array([float(each.float().mean()) for each in said])

    return 1 - rejected(known), {name: rejected(errors) for name, errors in unknown.items()}


def train(profile: Profile, epochs: int, seed: int = 0) -> tuple[OpenSetModel, History]:
    """Train your model by the given loop, with curves that grow meanwhile.

    Args:
        profile: the data.
        epochs: how often each training digit is seen.
        seed: what random numbers start from.
    """
    from .fit import train_model
    from .recipe import recipe_for

    return train_model(
        profile.name,
        profile.train.images,
        profile.train.labels,
        profile.heldout.images,
        profile.heldout.labels,
        seed=seed,
        recipe=recipe_for(profile.name, epochs),
        on_step=LiveCurves(),
    )


class LiveCurves:
    """The curves of a training that is going on, drawn over and over in one place.

    Args:
        every: seconds between two pictures: drawing one takes longer than a step.
    """

    def __init__(self, every: float = 1.5) -> None:
        self._every = every
        self._due = 0.0
        self._handle: Any = None
        self._steps: list[int] = []
        self._losses: dict[str, list[float]] = {}

    def __call__(self, now: Progress) -> None:
        """Take note of a step, and draw if it is time."""
        self._steps.append(now.step)
        for name, value in (
            ("cross-entropy", now.losses.classification),
            ("mean squared error", now.losses.reconstruction),
            ("contrastive loss, weighted", now.losses.contrastive),
        ):
            self._losses.setdefault(name, []).append(value)
        done = now.step == now.steps
        if done or time.monotonic() >= self._due:
            self._draw(f"epoch {now.epoch} of {now.epochs}" + (", done" if done else ""))
            self._due = time.monotonic() + self._every

    def _draw(self, title: str) -> None:
        png = sketches.draw_live(self._steps, self._losses, title)
        data, metadata = _as_picture(png, f"The three losses while the model trains, {title}.")
        if self._handle is None:
            self._handle = display(data, metadata=metadata, raw=True, display_id=True)
        else:
            self._handle.update(data, metadata=metadata, raw=True)


def your_run(profile: Profile) -> tuple[OpenSetModel, History]:
    """What `python -m assignment.train` has left: the trained model and its history.

    Raises:
        NotYetError: there is none that fits your files and these data.
    """
    from .model import build_model

    history = _read_history(RUNS / "history.json")
    if history.profile != profile.name:
        raise NotYetError(
            f"your training was on {history.profile}, this notebook has {profile.name}: "
            f'set DATA = "{history.profile}" at the top.'
        )
    model = build_model()
    try:
        model.load(FOLDER / "weights.safetensors")
    except (OSError, ValueError) as error:
        raise NotYetError(f"the weights of your training cannot be used: {error}.") from error
    return model.eval(), history


def grade(task: str) -> None:
    """Run the grader on one task, as the command does, and print what it says.

    Args:
        task: its id, such as "threshold".
    """
    command = ["-m", "grader", "grade", FOLDER.name, "--task", task]
    print("$", "python", *command, flush=True)
    done = subprocess.run(  # noqa: S603 (our own command, no shell)
        [sys.executable, *command],
        cwd=FOLDER.parent,
        env=_plain(os.environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    print(done.stdout)


def _read_history(path: Path) -> History:
    from .augment import Jitter
    from .history import History, Losses
    from .recipe import Recipe

    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        recipe: dict[str, Any] = {
            name: Jitter(**value) if name.endswith("_jitter") else value
            for name, value in stored.pop("recipe").items()
        }
        epochs = tuple(Losses(**losses) for losses in stored.pop("epochs"))
        return History(recipe=Recipe(**recipe), epochs=epochs, **stored)
    except FileNotFoundError:
        raise NotYetError("no training run yet: python -m assignment.train makes one.") from None
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise NotYetError(
            f"{path.name} of your training cannot be read ({error}): train again."
        ) from error


def _forget() -> None:
    """Make the next import read the package's files again, but those that hold nothing of yours."""
    package = __package__ or ""
    for name in [name for name in sys.modules if name.startswith(f"{package}.")]:
        if name.removeprefix(f"{package}.") not in LASTING:
            del sys.modules[name]
            # `from . import fit` would find it here, still as it was.
            vars(sys.modules[package]).pop(name.removeprefix(f"{package}."), None)
    importlib.invalidate_caches()


def _plain(environment: Mapping[str, str]) -> dict[str, str]:
    """Variables for a command whose output is shown as it is: Jupyter's ask for colours."""
    forced = ("FORCE_COLOR", "CLICOLOR_FORCE", "PY_COLORS")
    kept = {name: value for name, value in environment.items() if name not in forced}
    return {**kept, "NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "100"}


def _say(what: str, line: str) -> None:
    """Say a line that is no error."""
    text = f"{what}: {line}"
    style = "border-left: 4px solid #dd6b20; padding: 0.3em 0.8em; margin: 0.3em 0"
    shown = f'<div style="{style}"><b>{what}:</b> {html.escape(line)}</div>'
    display({"text/plain": text, "text/html": shown}, raw=True)


def _as_picture(png: bytes, alt: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A display bundle and its metadata: sharp on fine screens, as wide as it was drawn."""
    width, height = struct.unpack(">II", png[16:24])
    size = {"width": width * SCREEN_DPI // PNG_DPI, "height": height * SCREEN_DPI // PNG_DPI}
    return {"image/png": png, "text/plain": alt}, {"image/png": {**size, "alt": alt}}
