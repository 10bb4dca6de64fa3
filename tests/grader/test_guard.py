"""Student code that reaches for the worker: what is refused, what is seen, what stays allowed."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent, indent

import numpy as np
import pytest

from grader.errors import Crashed, Raised, Tampered
from tests.grader.boxes import LIMITS, student_of

ERRORS = np.array([1.0, 2.0, 4.0], np.float32)
HONEST = "def adaptive_threshold(errors, z=3.0):\n    return errors.mean()\n"

REPLACED = {
    "torch.is_grad_enabled": "torch.is_grad_enabled = lambda: False",
    "torch.equal": "torch.equal = lambda *_: True",
    "torch.Tensor.backward": "torch.Tensor.backward = lambda *_: None",
    "torch.nn.Module.train": "torch.nn.Module.train = lambda self, mode=True: self",
    "builtins.print": "import builtins; builtins.print = lambda *_: None",
    "importlib.import_module": "import importlib; importlib.import_module = None",
    "json.dumps": "import json; json.dumps = torch._disable_dynamo(json.dumps)",
    "json.loads": "import json; json.loads = torch.no_grad()(json.loads)",
    "safetensors.torch.save": "import safetensors.torch as s; del s.save",
}

REFUSED = {
    "the frame": "import sys; sys._getframe()",
    "a frame above": "import sys; list(map(sys._getframe, [2]))",
    "inspect's frame": "import inspect; inspect.currentframe()",
    "inspect's stack": "import inspect; inspect.stack()",
    "logging's frame": "import logging; logging.currentframe()",
    "traceback's walk": "import traceback; list(traceback.walk_stack(None))",
    "a traceback's frame": """
        try:
            1 / 0
        except ZeroDivisionError as error:
            error.__traceback__.tb_frame
    """,
    "the frame, where another function answers the guard": """
        import collections, sys, types
        file = collections.__file__
        made = compile(open(file).read(), file, "exec", dont_inherit=True).co_consts
        codes = [each for each in made if isinstance(each, types.CodeType)]
        (code,) = [each for each in codes if each.co_name == "namedtuple"]
        real, fake = sys._getframe, types.SimpleNamespace(f_code=code, f_back=None)
        sys._getframe = lambda depth=0: fake
        try:
            real()
        finally:
            sys._getframe = real
    """,
    "the frame, where another compiler answers the guard": """
        import builtins, wave
        borrowed, true = {}, builtins.compile
        made = compile("import sys\\ndef look(): return sys._getframe()", wave.__file__, "exec")
        exec(made, borrowed)
        builtins.compile = lambda *_, **__: made
        try:
            borrowed["look"]()
        finally:
            builtins.compile = true
    """,
    "a walk by code that borrows a file's name": """
        import traceback
        borrowed = {"traceback": traceback}
        text = "def look(trace): return next(traceback._walk_tb_with_full_positions(trace))"
        exec(compile(text, traceback.__file__, "exec"), borrowed)
        try:
            1 / 0
        except ZeroDivisionError as error:
            borrowed["look"](error.__traceback__)
    """,
    "a frame while the guard asks for one": """
        import sys
        found = []
        def hook(event, arguments):
            if event == "sys._getframe" and not found:
                found.append(sys._getframe(1))
        sys.addaudithook(hook)
        sys._getframe()
    """,
    "all threads' frames": "import sys; sys._current_frames()",
    "the garbage collector": "import gc; gc.get_objects()",
    "what refers to it": "import gc; gc.get_referrers(torch)",
    "a trace function": "import sys; sys.settrace(lambda *_: None)",
    "a profile function": "import sys; sys.setprofile(lambda *_: None)",
    "a function's code": "torch.no_grad.__init__.__code__ = (lambda self: None).__code__",
    "code under another name": "compile('1', 'x', 'eval').replace(co_filename='torch')",
    "code that borrows a file's name": """
        borrowed = {}
        text = "import sys\\ndef look(): return sys._getframe()"
        exec(compile(text, torch.__file__, "exec"), borrowed)
        borrowed["look"]()
    """,
    "a generator's frame": "(1 for _ in ()).gi_frame",
    "a generator's locals": "import inspect; inspect.getgeneratorlocals(1 for _ in ())",
    "a function that maps": """
        import sys
        from torch.utils._pytree import tree_map
        tree_map(sys._getframe, 0)
    """,
    "a function that goes through a generator": """
        import heapq, traceback
        next(heapq.merge(traceback.walk_stack(None)))
    """,
    "a walk of traceback's own": """
        import traceback
        try:
            1 / 0
        except ZeroDivisionError as error:
            next(traceback._walk_tb_with_full_positions(error.__traceback__))
    """,
    "locals as text": """
        import traceback
        traceback.StackSummary.extract(traceback.walk_stack(None), capture_locals=True)
    """,
    "a debugger": "import bdb; bdb.Bdb().set_trace()",
    "a scripted function's names": """
        import torch._jit_internal as jit
        jit.createResolutionCallbackFromFrame(1)("sealed")
    """,
    "text run as code": "exec('import sys; sys._getframe()')",
}

ALLOWED = {
    "a named tuple": "import collections; collections.namedtuple('Pair', 'a b')(1, 2)",
    "a data class": """
        import dataclasses
        @dataclasses.dataclass
        class Pair:
            a: int
        Pair(1)
    """,
    "an enumeration": "import enum; enum.Enum('Colour', 'RED')",
    "a type variable": "import typing; typing.TypeVar('T'); typing.NewType('N', int)",
    "a log entry": "import logging; logging.getLogger('mine').warning('here')",
    "a warning": "import warnings; warnings.warn('here', stacklevel=2)",
    "a printed traceback": """
        import traceback
        try:
            1 / 0
        except ZeroDivisionError:
            traceback.print_exc()
            traceback.format_stack()
    """,
    "a collection of garbage": "import gc; gc.collect()",
    "a new method": "torch.nn.Module.count = lambda self: 1",
    "a warning of matplotlib's": """
        from matplotlib import _api
        _api.warn_external("here")
    """,
    "a scripted function": """
        @torch.jit.script
        def twice(x):
            return 2 * x
        twice(torch.ones(1))
    """,
    "a tensor without data": "torch.ones(1, device='meta') + 1",
    "an optimiser, which imports what renews a function": "torch.optim.SGD([torch.ones(1)], lr=1)",
    "a mapped function": "torch.func.vmap(torch.sin)(torch.ones(2))",
}


def module(text: str, *, inside: bool) -> str:
    """A threshold module that runs the text when it is imported, or in each call."""
    text = dedent(text).strip("\n")
    if not inside:
        return f"import torch\n{text}\n{HONEST}"
    return HONEST.replace("    return", f"    import torch\n{indent(text, '    ')}\n    return")


@pytest.mark.parametrize("inside", [False, True], ids=["at import", "in a call"])
@pytest.mark.parametrize("name", REPLACED)
def test_replaced_functions_are_seen(tmp_path: Path, name: str, inside: bool) -> None:
    with (
        student_of(tmp_path / "box", threshold=module(REPLACED[name], inside=inside)) as (it, _),
        pytest.raises(Tampered if inside else Raised, match=f"{name} is replaced"),
    ):
        it.adaptive_threshold(ERRORS)


def test_a_tampered_worker_is_not_asked_again(tmp_path: Path) -> None:
    text = module(REPLACED["torch.equal"], inside=True)
    with student_of(tmp_path / "box", threshold=text, contrastive="") as (student, channel):
        with pytest.raises(Tampered):
            student.adaptive_threshold(ERRORS)
        with pytest.raises(Raised, match="defines no contrastive_loss"):
            student.contrastive_loss(np.ones((2, 2), np.float32), np.array([0, 1]))
        assert channel.starts == 2


@pytest.mark.parametrize(
    "text",
    [
        "import builtins; builtins.len = lambda _: 1",
        "import json; json.dumps = lambda *_, **__: '{\"value\": 1}'",
        "import os; os.getpid = lambda: 1",
    ],
)
def test_what_the_worker_itself_needs_fails_closed(tmp_path: Path, text: str) -> None:
    with (
        student_of(tmp_path / "box", threshold=module(text, inside=True)) as (student, _),
        pytest.raises((Tampered, Crashed)),
    ):
        student.adaptive_threshold(ERRORS)


@pytest.fixture(scope="module")
def trying(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], float]]:
    """A function that runs one of the texts in a worker that they share: none of them harms it."""
    texts = {**REFUSED, **ALLOWED}
    cases = [
        f"def case_{number}():\n    import torch\n{indent(dedent(text).strip(), '    ')}\n"
        for number, text in enumerate(texts.values())
    ]
    chosen = (
        "def adaptive_threshold(errors, z=3.0):\n"
        "    globals()[f'case_{int(z)}']()\n"
        "    return errors.mean()\n"
    )
    limits = dataclasses.replace(LIMITS, cpu_s=30.0)  # the first tensor without data takes one
    root = tmp_path_factory.mktemp("shared") / "box"
    with student_of(root, limits=limits, threshold="".join([*cases, chosen])) as (student, _):
        yield lambda name: student.adaptive_threshold(ERRORS, z=list(texts).index(name))


@pytest.mark.parametrize("name", REFUSED)
def test_ways_into_the_worker_are_refused(trying: Callable[[str], float], name: str) -> None:
    with pytest.raises(Raised, match="not to be looked into"):
        trying(name)


def test_no_handler_of_a_signal_gets_a_frame(tmp_path: Path) -> None:
    text = module("import signal; signal.signal(signal.SIGUSR1, print)", inside=True)
    with (
        student_of(tmp_path / "box", threshold=text) as (student, _),
        pytest.raises(Raised, match="main thread"),
    ):
        student.adaptive_threshold(ERRORS)


@pytest.mark.parametrize(
    "text",
    [
        "errors.nan_to_num = lambda: torch.zeros(1)",
        "torch.Tensor.nan_to_num = lambda self: torch.zeros(1)",
        "errors.clone = errors.detach",
    ],
)
def test_inputs_do_not_answer_for_themselves(tmp_path: Path, text: str) -> None:
    text = module(f"{text}; errors += 1", inside=True)
    with student_of(tmp_path / "box", threshold=text) as (student, _):
        assert student.changed_inputs("adaptive_threshold", {"errors": ERRORS}) == ("errors",)


def test_a_function_called_at_each_collection_is_seen(tmp_path: Path) -> None:
    text = module("import gc; gc.callbacks.append(lambda *_: None)", inside=True)
    with (
        student_of(tmp_path / "box", threshold=text) as (student, _),
        pytest.raises(Tampered, match=r"gc\.callbacks"),
    ):
        student.adaptive_threshold(ERRORS)


@pytest.mark.parametrize("name", ALLOWED)
def test_ordinary_code_is_let_be(trying: Callable[[str], float], name: str) -> None:
    assert trying(name) == pytest.approx(7 / 3)


def test_the_worker_is_not_there_to_be_imported(tmp_path: Path) -> None:
    text = """
        import sys
        def adaptive_threshold(errors, z=3.0):
            main = sys.modules["__main__"]
            assert not hasattr(main, "serve"), vars(main)
            assert not [name for name in sys.modules if name.split(".")[0] == "worker"]
            import worker.probes  # a copy that nobody uses
            worker.probes.evaluate = None
            return errors.mean()
    """
    with student_of(tmp_path / "box", threshold=text) as (student, _):
        assert student.adaptive_threshold(ERRORS) == pytest.approx(7 / 3)


def test_frames_that_student_code_writes_are_no_answer(tmp_path: Path) -> None:
    text = """
        import json, os, struct
        def adaptive_threshold(errors, z=3.0):
            value = {"value": {"kind": "plain", "value": 1}, "changed_inputs": []}
            for number in range(1, 9):
                header = json.dumps({"number": number, "value": value}).encode()
                for descriptor in range(3, 64):
                    try:
                        os.write(descriptor, struct.pack("!IQ", len(header), 0) + header)
                    except OSError:
                        pass
            return errors.mean()
    """
    with (
        student_of(tmp_path / "box", threshold=text) as (student, _),
        pytest.raises(Crashed, match="made without the key"),
    ):
        student.adaptive_threshold(ERRORS)


def test_code_that_rewrites_its_box_meets_a_new_one(tmp_path: Path) -> None:
    text = """
        import os, pathlib
        def adaptive_threshold(errors, z=3.0):
            for file in pathlib.Path(__file__).parents[1].rglob("*.py"):
                file.write_text("raise SystemExit('rewritten')")
            os._exit(0)
    """
    contrastive = (
        "def contrastive_loss(embeddings, labels, margin=1.0):\n    return labels.sum() * 0.5"
    )
    with student_of(tmp_path / "box", threshold=text, contrastive=contrastive) as (student, _):
        with pytest.raises(Crashed):
            student.adaptive_threshold(ERRORS)
        loss = student.contrastive_loss(np.ones((2, 2), np.float32), np.array([0, 1]))
        assert loss == 0.5


def test_an_answer_that_is_too_large_is_said(tmp_path: Path) -> None:
    text = """
        import torch
        def adaptive_threshold(errors, z=3.0):
            return torch.zeros(20_000_000)
    """
    with student_of(tmp_path / "box", threshold=text) as (student, channel):
        with pytest.raises(Raised, match="what it returned is too large"):
            student.adaptive_threshold(ERRORS)
        assert channel.starts == 1, "the worker lives on"
