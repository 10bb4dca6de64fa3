import builtins
import subprocess
import sys

import pytest

from datasets import DataError, torchvision_import


def test_a_torchvision_that_works_is_left_alone(monkeypatch):
    monkeypatch.setattr(torchvision_import, "_import", lambda: builtins)
    monkeypatch.setattr(torchvision_import, "declare_operators", pytest.fail)
    assert torchvision_import.import_torchvision_datasets() is builtins


def test_missing_operators_are_declared_and_it_is_imported_again(monkeypatch):
    declared = []

    def importing():
        if not declared:
            raise RuntimeError("operator torchvision::nms does not exist")
        return builtins

    monkeypatch.setattr(torchvision_import, "_import", importing)
    monkeypatch.setattr(torchvision_import, "declare_operators", lambda: declared.append(1))
    assert torchvision_import.import_torchvision_datasets() is builtins
    assert declared == [1]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ImportError("No module named 'torchvision'"), "pip install torchvision"),
        (RuntimeError("something else"), "something else"),
        (RuntimeError("operator torchvision::nms does not exist"), "does not fit"),
    ],
)
def test_any_other_failure_is_one_line(monkeypatch, error, words):
    def importing():
        raise error

    monkeypatch.setattr(torchvision_import, "_import", importing)
    monkeypatch.setattr(torchvision_import, "declare_operators", lambda: None)
    with pytest.raises(DataError, match=words):
        torchvision_import.import_torchvision_datasets()


@pytest.mark.slow
def test_the_installed_torchvision_can_be_imported():
    program = (
        "from datasets.torchvision_import import import_torchvision_datasets as get\n"
        "import gc; get(); gc.collect(); print(get().MNIST.__name__)"
    )
    run = [sys.executable, "-c", program]
    assert subprocess.run(run, capture_output=True, text=True, check=True).stdout == "MNIST\n"
