import os
import subprocess
import sys

import numpy as np
import pytest
from typer.testing import CliRunner

from datasets import read_bundle
from datasets.cli import app


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Runs the command line with an empty data root."""
    (tmp_path / "data").mkdir()
    monkeypatch.setenv("OSR_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "120")

    def command(*words):
        return CliRunner().invoke(app, [str(word) for word in words])

    return command


def fails_with(result, *words):
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert line.startswith("error: ")
    for word in words:
        assert str(word) in line
    assert "Traceback" not in result.output


def test_list_shows_the_profiles_and_what_auto_takes(run, tmp_path):
    result = run("list")
    assert result.exit_code == 0
    for word in ("digits-train", "1,047", "lookalikes", "unknown, reported"):
        assert word in result.stdout
    assert f"auto takes digits: no MNIST under {tmp_path / 'data'}" in result.stdout
    assert "python -m datasets fetch mnist fashion_mnist kmnist" in result.stdout


def test_list_shows_what_is_under_the_root(run, monkeypatch, mnist_root):
    monkeypatch.setenv("OSR_DATA", str(mnist_root))
    images = np.zeros((2500, 28, 28), np.uint8)
    np.savez(mnist_root / "[red]runes.npz", images=images, labels=np.zeros(2500, int))
    np.savez(mnist_root / "usps.npz", images=images, labels=np.zeros(2500, int), known=True)
    result = run("list")
    assert result.exit_code == 0
    for word in ("mnist-train", "55,000", "[red]runes", "of 2,500", "known, other writers"):
        assert word in result.stdout
    assert "auto takes mnist" in result.stdout
    assert "mnist fashion_mnist" not in result.stdout.split("fetch")[-1]


def test_list_shows_sets_that_wait_for_mnist(run, tmp_path):
    images = np.zeros((3, 28, 28), np.uint8)
    np.savez(tmp_path / "data/runes.npz", images=images, labels=np.zeros(3, int))
    assert "no profile without MNIST" in run("list").stdout


def test_list_names_a_broken_file(run, tmp_path):
    (tmp_path / "data/broken.npz").write_bytes(b"no archive")
    fails_with(run("list"), "broken.npz")


def test_listed_counts_are_those_that_load_gives(mnist_root, digits_profile):
    from datasets import load
    from datasets.listing import list_sets

    images = np.zeros((2500, 28, 28), np.uint8)
    np.savez(mnist_root / "runes.npz", images=images, labels=np.zeros(2500, int))
    rows = {(row.profile, row.name): row for row in list_sets(mnist_root)}
    for profile in (digits_profile, load("mnist", mnist_root)):
        name = profile.name
        sets = (profile.train, profile.heldout, profile.test, *profile.unknowns)
        assert {key for key in rows if key[0] == name} == {(name, part.name) for part in sets}
        for part in sets:
            row = rows[name, part.name]
            assert row.count == len(part)
            if part.family != "digits":
                assert row.part == ("unknown, graded" if part.graded else "unknown, reported")


def test_a_bundle_is_built_and_shown(run, tmp_path):
    file = tmp_path / "hidden.npz"
    build = ("hidden", "build", "-o", file, "--seed", 5, "--known", 20, "--per-family", 4)
    result = run(*build)
    assert result.exit_code == 0, result.output
    assert "digits: no MNIST under" in result.stdout
    bundle = read_bundle(file)
    assert (len(bundle.known), len(bundle.unknowns)) == (20, 4)
    assert bundle.manifest["seed"] == 5
    assert bundle.manifest["created_by"].startswith("open-set-lab ")
    shown = run("hidden", "show", file)
    assert shown.exit_code == 0
    for word in ("osr-hidden/1", bundle.manifest["sha256"], "letters, 4 images", "are right"):
        assert word in shown.stdout
    fails_with(run(*build), "exists already; --force replaces it")
    first = file.read_bytes()
    assert run(*build, "--force").exit_code == 0
    assert file.read_bytes() == first


def test_without_a_seed_every_bundle_is_another(run, tmp_path):
    sizes = ("--known", 5, "--per-family", 1)
    seeds = set()
    for name in ("a.npz", "b.npz"):
        assert run("hidden", "build", "-o", tmp_path / name, *sizes).exit_code == 0
        seeds.add(read_bundle(tmp_path / name).manifest["seed"])
    assert len(seeds) == 2


def test_a_damaged_bundle_is_one_line(run, tmp_path):
    (tmp_path / "hidden.npz").write_bytes(b"no archive")
    fails_with(run("hidden", "show", tmp_path / "hidden.npz"), "hidden.npz")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--wrong"], "No such option: --wrong"),
        (["wrong"], "No such command 'wrong'"),
        (["list", "--wrong"], "No such option: --wrong"),
        (["list", "extra"], "extra"),
        (["fetch"], "Missing argument"),
        (["fetch", "wrong"], "no set 'wrong' to fetch: there are mnist, fashion_mnist"),
        (["hidden"], "Missing command"),
        (["hidden", "build"], "Missing option"),
        (["hidden", "build", "-o", "x.npz", "--seed", "-1"], "--seed"),
        (["hidden", "build", "-o", "x.npz", "--seed", "x"], "--seed"),
        (["hidden", "build", "-o", "x.npz", "--known", "0"], "--known"),
        (["hidden", "build", "-o", "x.npz", "--data", "wrong"], "no profile 'wrong'"),
        (["hidden", "build", "-o", "x.npz", "--data", "mnist"], "fetch mnist"),
        (["hidden", "build", "-o", "x.npz", "--known", "501"], "the public test has 500"),
        (["hidden", "build", "-o", "missing/x.npz"], "missing: no such folder"),
        (["hidden", "show", "missing.npz"], "missing.npz: no such hidden bundle"),
        (["hidden", "show"], "Missing argument"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_two(run, monkeypatch, tmp_path, words, expected):
    monkeypatch.chdir(tmp_path)
    fails_with(run(*words), expected)
    assert not (tmp_path / "x.npz").exists()


def test_fetch_passes_over_what_is_there(run, monkeypatch, mnist_root):
    monkeypatch.setenv("OSR_DATA", str(mnist_root))
    monkeypatch.setattr("datasets.torchvision_import.import_torchvision_datasets", pytest.fail)
    result = run("fetch", "mnist")
    assert result.exit_code == 0
    assert "already" in result.stdout


def test_fetch_without_a_network_is_one_line(run, monkeypatch, tmp_path):
    class Classes:
        @staticmethod
        def MNIST(*_, **__):  # noqa: N802
            raise RuntimeError("Error downloading:\nTried a, got:\nName or service not known")

    monkeypatch.setattr("datasets.torchvision_import.import_torchvision_datasets", lambda: Classes)
    for words in (["mnist"], ["all"]):
        fails_with(
            run("fetch", *words), "mnist", "Name or service not known", "nothing was written"
        )
    assert list((tmp_path / "data").iterdir()) == []


def test_help_is_there_and_no_command_means_help(run):
    for words in ([], ["--help"]):
        result = run(*words)
        assert result.exit_code == 0
        for command in ("list", "fetch", "hidden"):
            assert command in result.stdout


def test_the_module_runs_as_a_program(tmp_path):
    result = subprocess.run(
        [sys.executable, "-m", "datasets", "--wrnog"],
        env={**os.environ, "OSR_DATA": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 2
    assert result.stderr.splitlines() == [
        "error: No such option: --wrnog (--help shows what there is)"
    ]
