"""Which mutants there are of a text."""

from __future__ import annotations

import ast

import pytest

from tests.mutants.difference import difference
from tests.mutants.mutate import mutants, reference_mutants

HEAD = "def f(a, b):\n    "


def names(source: str) -> list[str]:
    """Names of the mutants of a module `m`."""
    return [mutant.name for mutant in mutants("m", source)]


@pytest.mark.parametrize(
    ("body", "label", "expected"),
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
        ("if a:\n        b()", "never if a", "pass"),
        ("if a:\n        b()", "always if a", "b()"),
        ("if a:\n        b()", "if not a", "if not a:\n        b()"),
        ("for i in a:\n        b()", "for i: once", "for i in a:\n        b()\n        break"),
        ("with a():\n        b()", "no with a()", "b()"),
        ("try:\n        a()\n    finally:\n        b()", "no finally", "a()"),
        ("try:\n        a()\n    finally:\n        b()", "no try", "a()\n    b()"),
    ],
)
def test_what_becomes_of_a_body(body: str, label: str, expected: str) -> None:
    found = {mutant.name: mutant.text for mutant in mutants("m", f"{HEAD}{body}\n")}
    assert f"m.f: {label}" in found, f"there are {list(found)}"
    assert found[f"m.f: {label}"].rstrip() == f"{HEAD}{expected}"


def test_base_class_and_decorator() -> None:
    source = "class A(B):\n    @c\n    def f(self):\n        pass\n"
    assert names(source) == ["m: no base B", "m.A: no @c"]


def test_what_stays() -> None:
    source = 'from a import b\n\ndef f(x: "int" = b) -> "int | 3":\n    """Give 1."""\n'
    assert names(source) == []


def test_labels_that_repeat_are_numbered() -> None:
    found = names("def f():\n    return g(9, 9, h=9)\n")
    assert {"m.f: 9 -> 10", "m.f: 9 -> 10 #2", "m.f: 9 -> 10 #3"} < set(found)


def test_edits_elsewhere_leave_names_alone() -> None:
    source = f"{HEAD}return a - b\n"
    later = names(f"# new\n\ndef g():\n    return 1 - 2\n\n\n{source}")
    assert [name for name in later if name.startswith("m.f")] == names(source)


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
