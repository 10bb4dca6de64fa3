"""The runner sees what attacks reach; that they reach nothing is its own command to show."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from grader.record import CheckResult
from tests.submissions import watch
from tests.submissions.aftermath import what_changed
from tests.submissions.attacks import AIMS, Attack, read_attack, read_attacks, write_attack
from tests.submissions.attempt import Tap
from tests.submissions.canaries import Canaries, planted
from tests.submissions.packing import MARKER, PACKERS
from tests.submissions.patches import Patch, PatchError
from tests.submissions.siege import Row, judge
from tests.submissions.verdict import Verdict, as_markdown, build_verdict

ATTACKS = read_attacks()
WHOLE = """
why = "x"
aim = "points"
honest = 0
plain = "held"
[append]
"threshold.py" = "a = 1"
"""


def read(folder: Path, text: str) -> Attack:
    path = folder / "sample.toml"
    path.write_text(text, encoding="utf-8")
    return read_attack(path)


class TestFormat:
    """What an attack has to say."""

    @pytest.mark.parametrize(
        ("line", "instead", "complaint"),
        [
            ('aim = "points"', "", "aim is None"),
            ('aim = "points"', 'aim = "fame"', "aim is 'fame'"),
            ("honest = 0", "", "honest is None"),
            ("honest = 0", "honest = 81", "honest is 81"),
            ('plain = "held"', "", "plain is None"),
            ('plain = "held"', 'plain = "not held"', "plain is 'not held'"),
            ('plain = "held"', 'plain = "not held: "', "not held"),
            ('plain = "held"', 'plain = "held"\nbase = "air"', "base is 'air'"),
            ('plain = "held"', 'plain = "held"\ntools = ["lever"]', r"tools/lever\.py"),
            ('plain = "held"', 'plain = "held"\npacked = "rar"', "rar"),
            ('plain = "held"', 'plain = "held"\nfails = {}', "unknown key fails"),
            ('why = "x"', "", "say why"),
            ("[append]", "[fails]", "unknown key fails"),
            ('"threshold.py" = "a = 1"', "", "nothing is changed"),
        ],
    )
    def test_incomplete_attack_is_refused(
        self, tmp_path: Path, line: str, instead: str, complaint: str
    ) -> None:
        with pytest.raises(PatchError, match=complaint):
            read(tmp_path, WHOLE.replace(line, instead))

    def test_whole_attack_is_read_and_written(self, tmp_path: Path) -> None:
        attack = read(tmp_path, WHOLE.replace("honest = 0", 'honest = 0\nbase = "stubs"'))
        folder = write_attack(attack, tmp_path / "work")
        text = (folder / "threshold.py").read_text(encoding="utf-8")
        assert "NotImplementedError" in text
        assert text.endswith("\n\na = 1")

    def test_module_to_append_to_must_be_there(self, tmp_path: Path) -> None:
        with pytest.raises(PatchError, match=r"no nowhere\.py"):
            write_attack(read(tmp_path, WHOLE.replace("threshold", "nowhere")), tmp_path / "work")


@pytest.mark.parametrize("attack", ATTACKS, ids=[attack.name for attack in ATTACKS])
def test_attack_fits_what_it_patches(attack: Attack, tmp_path: Path) -> None:
    if attack.packed.startswith(("zip", "tar")):
        assert attack.packed in PACKERS  # packing a bomb takes seconds
    else:
        assert write_attack(attack, tmp_path / "work").exists()


def test_there_is_an_attack_for_every_aim() -> None:
    assert {attack.aim for attack in ATTACKS} == set(AIMS)
    assert len(ATTACKS) >= 45


def attack_for(points: float = 0, unheld: str = "") -> Attack:
    return Attack(Patch("sample", "why"), "points", points, unheld)


def result(**changes: Any) -> dict[str, Any]:
    """What an attempt writes where nothing went wrong, but for these."""
    checks = {"a.b": {"status": "failed", "score": 0.0, "message": ""}}
    passed = {"a.b": {"status": "passed", "score": 1.0, "message": ""}}
    graded = {"outcome": "graded", "score": 0.0, "record": {"checks": checks, "level": "bwrap"}}
    following = {"outcome": "graded", "record": {"checks": passed}}
    return {
        **graded,
        "leaked": [],
        "loot": [],
        "cold": [],
        "peak_mb": 300,
        "next": following,
        **changes,
    }


def faults(given: dict[str, Any] | None, seen: tuple[str, ...] = ()) -> str:
    return "; ".join(judge(attack_for(), "bwrap", given, list(seen), 1.0).faults)


class TestJudgement:
    """What counts as a fault."""

    def test_nothing_reached_is_held(self) -> None:
        row = judge(attack_for(), "bwrap", result(), [], 1.0)
        assert (row.verdict, row.faults) == ("held", ())

    def test_more_points_than_the_code_earns(self) -> None:
        assert "scored 3, its code earns 0" in faults(result(score=3.0))
        assert judge(attack_for(3), "bwrap", result(score=3.0), [], 1.0).verdict == "held"

    def test_check_that_blames_the_grader(self) -> None:
        checks = {"a.b": {"status": "grader_error", "score": 0.0, "message": "oh"}}
        record = {"checks": checks, "level": "bwrap"}
        assert "a.b is blamed on the grader: oh" in faults(result(record=record))

    def test_other_level_than_was_asked_for(self) -> None:
        assert "graded at plain" in faults(result(record={"checks": {}, "level": "plain"}))

    def test_secret_loot_and_memory(self) -> None:
        text = faults(result(leaked=["home"], loot=["root"], peak_mb=9000))
        assert "secret: home" in text
        assert "got hold of: root" in text
        assert "9000 MB" in text

    def test_worker_that_was_not_forked_where_it_was_to_be(self) -> None:
        assert "not forked: torch is ill" in faults(result(cold=["torch is ill"]))

    def test_grader_without_a_record(self) -> None:
        assert "no record" in faults(None)
        assert "code 1" in faults(None, ("the grader ended with code 1",))
        assert "failed: oh" in faults(result(outcome="grader error", message="oh"))

    def test_refused_submission_is_held(self) -> None:
        row = judge(attack_for(), "bwrap", result(outcome="refused", message="x"), [], 1.0)
        assert row.verdict == "held"

    def test_next_submission_that_loses_a_check(self) -> None:
        checks = {"a.b": {"status": "failed", "score": 0.0, "message": "5 is not 4"}}
        following = {"outcome": "graded", "record": {"checks": checks}}
        assert "next submission: a.b is failed (5 is not 4)" in faults(result(next=following))

    def test_what_plain_cannot_hold_is_known_there_alone(self) -> None:
        attack = attack_for(unheld="it can read")
        record = {"checks": {}, "level": "plain"}
        rows = [
            judge(attack, "plain", result(leaked=["home"], record=record), [], 1.0),
            judge(attack, "bwrap", result(leaked=["home"]), [], 1.0),
        ]
        assert [row.verdict for row in rows] == ["known", "NOT HELD"]
        assert [row.is_fault for row in rows] == [False, True]


def row(name: str, *seen: str) -> Row:
    return Row(name, "data", "why", 0, 0, 1.0, "graded", "", seen)


def test_one_fault_is_enough() -> None:
    assert build_verdict("bwrap", [row("b"), row("a")]).is_held
    assert not build_verdict("bwrap", [row("b"), row("a", "oh")]).is_held
    assert not Verdict("bwrap", (), ("contrastive.value was passed (8), is failed (0)",)).is_held


def test_table_says_what_was_reached() -> None:
    made = build_verdict("bwrap", [row("b"), row("a", "a | b")])
    text = as_markdown(made)
    assert "2 attacks at the level bwrap: 1 held, 1 NOT HELD" in text
    assert text.index("| a |") < text.index("| b |")
    assert "a \\| b" in text
    json.dumps(made.to_json({}))


def check(status: str) -> CheckResult:
    return CheckResult("a.b", "title", status, float(status == "passed"), 1.0, "", "", 0.0)


def test_reference_graded_otherwise_afterwards() -> None:
    assert what_changed({"a.b": check("passed")}, {"a.b": check("passed")}) == ()
    changed = what_changed({"a.b": check("passed")}, {"a.b": check("failed")})
    assert changed == ("a.b was passed (1), is failed (0)",)


class TestTap:
    """Everything that leaves the box is searched."""

    SECRET = "osr-canary-0123456789"

    def taps(self, content: bytes, size: int) -> Tap:
        tap = Tap(io.BytesIO(content), Canaries({"home": self.SECRET}))
        while tap.read(size):
            pass
        return tap

    @pytest.mark.parametrize("size", [1, 7, 100])
    def test_secret_and_loot_across_reads(self, size: int) -> None:
        content = b"x" * 95 + self.SECRET.encode() + b"\nLOOT: the moon\n"
        tap = self.taps(content, size)
        assert tap.leaked == {"home"}
        assert "the moon" in tap.loot

    def test_nothing_there_is_nothing_found(self) -> None:
        tap = self.taps(b"osr-canary-01234 LOOT\n" * 100, 50)
        assert (tap.leaked, tap.loot) == (set(), [])


def test_canaries_are_planted_and_removed(tmp_path: Path) -> None:
    with planted(tmp_path) as canaries:
        assert canaries.texts["hidden data"] in (tmp_path / "hidden/hidden.npz").read_text()
        beside = (tmp_path / "beside.txt").read_bytes()
        assert canaries.found_in(beside) == {"beside the submission"}
        planted_at_home = [
            file for file in Path.home().glob(".osr-canary-*")
            if file.is_file() and canaries.found_in(file.read_bytes()) == {"home"}
        ]  # fmt: skip
        assert len(planted_at_home) == 1
    assert not (tmp_path / "beside.txt").exists()
    assert not planted_at_home[0].exists()


def test_changed_new_and_removed_files_are_found(tmp_path: Path) -> None:
    for name in ("kept", "changed", "gone"):
        (tmp_path / name).write_text("x")
    before = watch.listing(tmp_path)
    (tmp_path / "changed").write_text("xy")
    (tmp_path / "gone").unlink()
    (tmp_path / "new").mkdir()
    found = watch.differences(before, watch.listing(tmp_path))
    assert [Path(name).name for name in found] == ["changed", "gone", "new"]


def test_marked_file_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "open_folders", lambda: [tmp_path])
    (tmp_path / f"x-{MARKER}").write_text("x")
    assert watch.marked_files() == [tmp_path / f"x-{MARKER}"]


# A grading that ends and leaves a process behind, which has left its session and its parents.
LEAVES = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(60)
    os._exit(0)
os.wait()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="orphans are adopted on Linux alone")
@pytest.mark.parametrize(("grading", "count"), [(LEAVES, 1), ("", 0)])
def test_process_left_behind_is_found_and_ended(grading: str, count: int) -> None:
    """In a process of its own, since it adopts what others leave behind."""
    code = f"""
import subprocess, sys
from tests.submissions.watch import Descendants
family = Descendants()
subprocess.run([sys.executable, "-c", {grading!r}], check=True)
print(len(family.left_behind()), len(Descendants().left_behind()))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=watch.ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [str(count), "0"]


def run(*options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.submissions", "hostile", *options],
        cwd=watch.ROOT, env={**os.environ, **environment}, capture_output=True, text=True,
    )  # fmt: skip


@pytest.mark.parametrize(("continuous", "code"), [("", 0), ("true", 1)])
def test_without_bubblewrap_it_says_so(tmp_path: Path, continuous: str, code: int) -> None:
    done = run("--only", "ends_at_import", PATH=str(tmp_path), OSR_REQUIRE_BWRAP=continuous)
    assert done.returncode == code, done.stderr
    assert "no level bwrap here" in done.stdout
    assert len(done.stdout.splitlines()) == 1


def test_wrong_name_is_one_line() -> None:
    done = run("--only", "no_such_name", "--sandbox", "plain")
    assert done.returncode == 2
    assert "no_such_name" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.slow
def test_command_attacks_and_writes(tmp_path: Path) -> None:
    out, markdown = tmp_path / "hostile.json", tmp_path / "hostile.md"
    options = ("--sandbox", "plain", "--jobs", "1", "--out", str(out), "--markdown", str(markdown))
    done = run("--only", "ends_at_import", *options)
    assert done.returncode == 0, done.stdout + done.stderr
    data = json.loads(out.read_text(encoding="utf-8"))
    assert [(r["name"], r["verdict"]) for r in data["rows"]] == [("ends_at_import", "held")]
    assert "ends_at_import" in markdown.read_text(encoding="utf-8")


def test_what_plain_cannot_hold_stands_in_the_documents() -> None:
    rows = (watch.ROOT / "SECURITY.md").read_text(encoding="utf-8").splitlines()
    for attack in read_attacks():
        listed = [row for row in rows if f"`{attack.name}`" in row]
        assert len(listed) == bool(attack.unheld), attack.name
        assert all(row.startswith(f"| {attack.unheld} |") for row in listed)
