"""Which mutants there are of a text."""

from __future__ import annotations

import ast

import pytest

from tests.mutants.difference import difference
from tests.mutants.mutate import mutants, reference_mutants


def made(line: str) -> dict[str, str]:
    """Labels of the mutants of a function of one line, and what becomes of the line."""
    source = f"def f(a, b):\n    {line}\n"
    found = mutants("m", source)
    assert all(mutant.text.startswith("def f(a, b):\n    ") for mutant in found)
    texts = [mutant.text.removeprefix("def f(a, b):\n    ").strip() for mutant in found]
    return dict(zip([mutant.name.removeprefix("m.f: ") for mutant in found], texts, strict=True))


@pytest.mark.parametrize(
    ("line", "label", "expected"),
    [
        ("return 1", "1 -> 2", "return 2"),
        ("return 1", "1 -> 0", "return 0"),
        ("return 0.5", "0.5 -> 0.505", "return 0.505"),
        ("return 0.5", "0.5 -> 0.0", "return 0.0"),
        ("return True", "True -> False", "return False"),
        ("return float('nan')", "'nan' -> '0'", "return float('0')"),
        ("return a", "a -> b", "return b"),
        ("return a < b", "< -> <=", "return a <= b"),
        ("return a < b", "< -> >", "return a > b"),
        ("return a is b", "is -> is not", "return a is not b"),
        ("return a - b", "- -> +", "return a + b"),
        ("return a - b", "a and b swapped", "return b - a"),
        ("return a + b", "drop b", "return a"),
        ("return a & b", "& -> |", "return a | b"),
        ("return a and b", "and -> or", "return a or b"),
        ("return not a", "drop not", "return a"),
        ("return ~a", "drop ~", "return a"),
        ("return 1 if a else b", "always b", "return b"),
        ("return 1 if a else b", "1 and b swapped", "return b if a else 1"),
        ("return (a, b)", "a and b swapped", "return (b, a)"),
        ("return a[b]", "drop [b]", "return a"),
        ("return a[:b]", "drop b after :", "return a[:]"),
        ("return a.mean()", "mean -> sum", "return a.sum()"),
        ("return a.mean()", "drop .mean()", "return a"),
        ("return max(a, b)", "max -> min", "return min(a, b)"),
        ("return max(a, b)", "drop argument b", "return max(a)"),
        ("return abs(a)", "drop abs()", "return a"),
        ("return a.std(dim=1)", "drop dim=1", "return a.std()"),
        ("a.eval()", "drop a.eval()", "pass"),
        ("a.eval()", "eval -> train", "a.train()"),
        ("a.x = b", "drop a.x = b", "pass"),
        ("a += b", "a += b: overwrites", "a = b"),
        ("a += b", "a += b: subtracts", "a -= b"),
    ],
)
def test_line(line: str, label: str, expected: str) -> None:
    found = made(line)
    assert label in found, f"there are {list(found)}"
    assert found[label] == expected


@pytest.mark.parametrize(
    ("block", "label", "expected"),
    [
        ("if a:\n        b()", "never if a", "pass"),
        ("if a:\n        b()", "always if a", "b()"),
        ("if a:\n        b()", "if not a", "if not a:\n        b()"),
        ("for i in a:\n        b()", "for i: once", "for i in a:\n        b()\n        break"),
        ("with a():\n        b()", "no with a()", "b()"),
        ("try:\n        a()\n    finally:\n        b()", "no finally", "a()"),
        ("try:\n        a()\n    finally:\n        b()", "no try", "a()\n    b()"),
    ],
)
def test_block(block: str, label: str, expected: str) -> None:
    found = made(block)
    assert label in found, f"there are {list(found)}"
    assert found[label] == expected


def test_base_class_and_decorator() -> None:
    names = [
        mutant.name
        for mutant in mutants("m", "class A(B):\n    @c\n    def f(self):\n        pass\n")
    ]
    assert names == ["m: no base B", "m.A: no @c"]


def test_what_stays() -> None:
    source = 'from a import b\n\ndef f(x: "int" = b) -> "int | 3":\n    """Give 1."""\n'
    assert mutants("m", source) == []


def test_labels_that_repeat_are_numbered() -> None:
    names = [mutant.name for mutant in mutants("m", "def f():\n    return g(9, 9, h=9)\n")]
    assert {"m.f: 9 -> 10", "m.f: 9 -> 10 #2", "m.f: 9 -> 10 #3"} < set(names)


def test_edits_elsewhere_leave_names_alone() -> None:
    source = "def f(a, b):\n    return a - b\n"
    names = [mutant.name for mutant in mutants("m", source)]
    later = mutants("m", f"# new\n\ndef g():\n    return 1 - 2\n\n\n{source}")
    assert [mutant.name for mutant in later if mutant.name.startswith("m.f")] == names


def test_programs_of_the_reference_differ_and_compile() -> None:
    found = reference_mutants()
    originals = {mutant.module for mutant in found}
    assert originals == {"autoencoder", "classifier", "contrastive", "evaluation", "threshold"}
    assert len({mutant.name for mutant in found}) == len(found)
    programs = {(mutant.module, ast.dump(ast.parse(mutant.text))) for mutant in found}
    assert len(programs) == len(found)
    assert all(mutant.before != mutant.after for mutant in found)
    assert found == reference_mutants()


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("x\na = 1\ny", "x\na = 2\ny", ("a = 1", "a = 2")),
        ("x\nif a:\n    b()\ny", "x\nb()\ny", ("if a:; b()", "b()")),
        (f"{'a' * 50}1{'b' * 50}", f"{'a' * 50}{'b' * 50}", ("1", "")),
    ],
)
def test_difference(before: str, after: str, expected: tuple[str, str]) -> None:
    near = [f"…{'a' * 30}{text}{'b' * 30}…" for text in expected] if "aaa" in before else expected
    assert difference(before, after) == tuple(near)
