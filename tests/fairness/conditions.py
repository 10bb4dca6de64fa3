"""Other machines, as far as this one can play them: settings of the worker's process.

The grader fixes what it can (one thread, float32 and products in it, no autocast); what it cannot
fix is the processor, and which kernels the libraries choose on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from unittest import mock

from grader import staging
from grader.sandbox import environment

SERVE = "from worker import serve\n"


@dataclass(frozen=True)
class Condition:
    """One way in which another machine may compute.

    Attributes:
        name: what tables call it.
        why: whose machine that is.
        environment: variables that the worker gets besides its own.
        preamble: Python that the worker runs before it serves.
        has_to_hold: whether the same marks are promised; else it is measured for information.
    """

    name: str
    why: str
    environment: dict[str, str] = field(default_factory=dict)
    preamble: str = ""
    has_to_hold: bool = True


AS_GRADED = Condition("as graded", "one thread, the libraries' own choice of kernels")
CONDITIONS = (
    AS_GRADED,
    Condition(
        "two threads",
        "sums are split otherwise",
        {"OMP_NUM_THREADS": "2", "OMP_WAIT_POLICY": "passive"},
    ),
    Condition(
        "no oneDNN",
        "a build of torch without it, as on other processors",
        preamble="import torch\ntorch.backends.mkldnn.set_flags(False)\n",
    ),
    Condition(
        "old processor",
        "no vector instructions beyond SSE 4",
        {
            "ATEN_CPU_CAPABILITY": "default",
            "ONEDNN_MAX_CPU_ISA": "SSE41",
            "MKL_ENABLE_INSTRUCTIONS": "SSE4_2",
            "MKL_CBWR": "COMPATIBLE",
        },
    ),
    Condition(
        "bf16 autocast",
        "layers compute in bfloat16: the grader never asks for it, so it promises nothing",
        preamble="import torch\ntorch.set_autocast_dtype('cpu', torch.bfloat16)\n"
        # Outside of a `with`, the cache would keep the weights of before an optimiser's step.
        "torch.set_autocast_cache_enabled(False)\n"
        # A setting of the thread that it is made in.
        "from worker import serve as server\nplainly = server._serve\n"
        "def with_autocast(box):\n"
        "    torch.set_autocast_enabled('cpu', True)\n"
        "    plainly(box)\n"
        "server._serve = with_autocast\n",
        has_to_hold=False,
    ),
)


def condition(name: str) -> Condition:
    """The condition of that name.

    Raises:
        KeyError: there is none.
    """
    return {entry.name: entry for entry in CONDITIONS}[name]


@contextmanager
def under(chosen: Condition) -> Iterator[None]:
    """Every worker that is started meanwhile gets the condition's settings."""
    with (
        mock.patch.dict(environment.SETTINGS, chosen.environment),
        mock.patch.object(staging, "START", with_preamble(staging.START, chosen.preamble)),
    ):
        yield


def with_preamble(start: str, preamble: str) -> str:
    """The worker's start with other lines before it serves: by then torch is on the path."""
    before, serve, after = start.partition(SERVE)
    assert serve, "the worker starts in another way now"
    return before + preamble + serve + after
