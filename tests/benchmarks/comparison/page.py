"""`tests/benchmarks/README.md` from the committed figures."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from grader.errors import UsageError
from solutions.zoo.tables.markdown import table

from . import targets
from .parts import PARTS, SCHEMA
from .ratios import RATIOS

HERE = Path(__file__).parents[1]
DATA, README, PICTURE = HERE / "comparison.json", HERE / "README.md", HERE / "comparison.png"
NOTHING = "\u2013"
HEAD = """\
# Time and memory, beside others

Made by `python -m tests.benchmarks page` from [comparison.json](comparison.json), which
`make bench` measures, or a part of it anew; [../README.md](../README.md#the-comparison) says how.
Each line's two sides ran in turn in the same minutes: medians, lowest and highest of the rounds in
brackets. Seconds are one machine's; ratios are what to compare.
"""
QUICK = (
    "\n**Measured with `--quick`: it shows that everything works, and its figures mean little.**\n"
)


def read(path: Path = DATA) -> dict[str, Any] | None:
    """The figures; None where there are none yet.

    Raises:
        UsageError: The file holds something else.
    """
    if not path.is_file():
        return None
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UsageError(f"{path}: no JSON ({error}); measure again: make bench") from None
    if not isinstance(found, dict) or found.get("schema") != SCHEMA:
        raise UsageError(f"{path}: not of schema {SCHEMA}; measure again: make bench")
    return found


def rendered(comparison: Mapping[str, Any], why: Mapping[str, str] | None = None) -> str:
    """The page as it should be.

    Args:
        comparison: From `read`.
        why: Why targets are missed; by default what `why.toml` says.
    """
    parts = comparison["parts"]
    quick = any(part.get("quick") for part in parts.values())
    lines = [HEAD + (QUICK if quick else ""), "## Targets\n", _targets(parts, why)]
    lines.append(f"\n![ours beside others, times as fast]({PICTURE.name})")
    for name, part in parts.items():
        found = part["found"]
        body = f"Skipped: {found['skipped']}." if "skipped" in found else SECTIONS[name](found)
        lines.append(f"\n## {PARTS[name].title}\n\n{body}")
    lines.append(f"\n## Measured\n\n{_measured(parts)}")
    return "\n".join(lines) + "\n"


def _targets(parts: Mapping[str, Any], why: Mapping[str, str] | None) -> str:
    rows = []
    for judged in targets.judge(parts, why):
        target = judged.target
        verdict = {True: "met", False: "**missed**", None: NOTHING}[judged.met]
        limit = f"{'≤' if target.at_most else '≥'} {target.limit:g} {target.unit}".strip()
        value = NOTHING if judged.value is None else f"{_number(judged.value)} {target.unit}"
        rows.append([target.says, limit, value.strip(), verdict, judged.why.replace("|", "/")])
    return table(["target", "aim", "measured", "", "why"], rows)


def _measured(parts: Mapping[str, Any]) -> str:
    """When, by which command and on what; parts that were measured together share a line."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for name, part in parts.items():
        on = part["machine"]
        versions = ", ".join(f"{package} {version}" for package, version in on["versions"].items())
        about = (
            part["measured_at"], f"`{part['command']}`",
            f"{on['processor']}, {on['cores']} cores, {on['platform']}",
            f"Python {on['python']}, {versions}",
        )  # fmt: skip
        said = f"{PARTS[name].title} ({_number(part['load_before'])})"
        groups.setdefault(about, []).append(said)
    rows = [["; ".join(names), *about] for about, names in groups.items()]
    return table(["part (load of the machine before it)", "on", "by", "machine", "versions"], rows)


def _beside(found: Mapping[str, Any]) -> str:
    header = ["", "ours", "theirs", "who", "ours is", "note"]
    rows = [
        [
            row["what"], _seconds(row["ours_s"]), _seconds(row["peer_s"]), row["peer"],
            f"{_spread(row['times_as_fast'])} x as fast", row["note"],
        ]
        for row in found["rows"]
    ]  # fmt: skip
    return table(header, rows)


def _training(found: Mapping[str, Any]) -> str:
    rows = [
        [
            f"ours, {name}", _seconds(ours["seconds"]), f"measured, in {ours['precision']}",
            f"{100 * ours['known']:.2f} %", f"{100 * ours['unknown']:.2f} %", "", "",
        ]
        for name, ours in found["ours"].items()
    ]  # fmt: skip
    for name, system in found["systems"].items():
        published = system["published"]
        rows.append(
            [
                f"system {name}, as written", _seconds(system["seconds"]),
                f"**projected** to {system['projected_to']}",
                f"{100 * published['known']:.2f} %", f"{100 * published['unknown']:.2f} %",
                *(f"{_number(system['times_as_slow'][r])} x" for r in ("quick", "full")),
            ]
        )  # fmt: skip
    any_system = next(iter(found["systems"].values()))
    header = ["", "seconds", "how", "known", "unknown", "ours, quick: times as fast", "full"]
    return "\n".join(
        [
            table(header, rows),
            "",
            f"Projected from {any_system['projected_from']}. Accuracies of theirs as published; of "
            "ours, means over a seed a round, on the 10,000 test digits, and on 1,000 images each "
            "of Fashion-MNIST and CIFAR-10. Both run on tensors in memory: what the originals lose "
            "by loading images one by one is left out. "
            f"{found['threads']} threads, {found['rounds']} rounds.",
            "",
            f"Where ours spends its time: {'; '.join(found['profile'])}.",
        ]
    )


def _grade(found: Mapping[str, Any]) -> str:
    rows = [[name, way["how"], _seconds(way["seconds"])] for name, way in found["ways"].items()]
    lines = [
        f"Checks of {', '.join(found['tasks'])} on the reference.",
        "",
        table(["way", "", "seconds"], rows),
        "",
        *(f"- {name}: {_spread(ratio)}" for name, ratio in found["ratios"].items()),
    ]
    if "overhead_s" in found:
        lines.append(f"- bwrap, warm - bare, warm: {_seconds(found['overhead_s'])}")
    if "missing" in found:
        lines.append(f"- not measured: {found['missing']}")
    return "\n".join([*lines, "", f"Where a cold grade goes: {'; '.join(found['profile'])}."])


def _throughput(found: Mapping[str, Any]) -> str:
    rows = [
        [
            turn["name"], f"{turn['per_minute']:.1f}", f"{turn['wall_s_each']:.2f}",
            f"{turn['cpu_s_each']:.2f}", _times(found["ratios"].get(turn["name"])),
            f"{turn['right_passed']}/{turn['right']}", f"{turn['wrong_caught']}/{turn['wrong']}",
        ]
        for turn in found["graders"]
    ]  # fmt: skip
    header = ["grader", "a minute", "wall s each", "CPU s each", "ours is", "right", "wrong"]
    peers = ", ".join(f"{name} {version}" for name, version in found["peers"].items())
    who = f"the others ({peers})" if peers else "the others"
    return (
        f"{found['class']['submissions']} submissions, {found['jobs']} at a time, ours at the "
        f"level {found['sandbox']}, {who} without a sandbox.\n\n" + table(header, rows)
    )


def _memory(found: Mapping[str, Any]) -> str:
    rows = []
    for name, way in found["ways"].items():
        peaks = ", ".join(f"{kind} {size}" for kind, size in way["peaks_mb"].items())
        rows.append([name, str(way["total_mb"]), str(way["total_rss_mb"]), peaks])
    header = ["way", "all, shared pages once, MB", "all, shared pages each time, MB", "peaks, MB"]
    return (
        f"Highest at any moment, against {found['limit_mb']} MB, the box that Gradescope gives by "
        "default; it grades one submission, cold.\n\n" + table(header, rows)
    )


def _scaling(found: Mapping[str, Any]) -> str:
    rows = [
        [
            str(batch["submissions"]), str(batch["jobs"]), f"{batch['wall_s']:.1f}",
            f"{batch['wall_s_each']:.2f}", f"{batch['cpu_s_each']:.2f}",
        ]
        for batch in found["batches"]
    ]  # fmt: skip
    gains = ", ".join(f"{size}: {_times(gain)}" for size, gain in found["gain_of_cores"].items())
    header = ["submissions", "jobs", "wall s", "wall s each", "CPU s each"]
    return table(header, rows) + f"\n\nThe most jobs beside one, by submissions: {gains}."


def _inference(found: Mapping[str, Any]) -> str:
    rows = [
        [
            name, f"{rate['images_a_second']:,.0f}", _number(rate["products_gflops"]),
            f"{100 * rate['share_of_products']:.0f} %",
        ]
        for name, rate in found["rates"].items()
    ]  # fmt: skip
    header = ["precision", "images a second", "products of matrices, GFLOP/s", "share reached"]
    return (
        table(header, rows)
        + f"\n\n{found['images']:,} images, {found['chunk']} at a time, {found['threads']} "
        f"threads, {_number(found['megaflop_an_image'])} MFLOP an image."
    )


def _load(found: Mapping[str, Any]) -> str:
    lost = "; ".join(found["lost"]) or "none"
    return (
        f"{found['submissions']} correct submissions, graded while {found['busy_processes']} "
        f"other processes kept every core busy. Timed out: {len(found['timed_out'])}. "
        f"Checks lost: {lost}."
    )


def _startup(found: Mapping[str, Any]) -> str:
    rows = [[f"`{name}`", _seconds(seconds)] for name, seconds in found["rows"].items()]
    return (
        "Wall seconds of `python -m grader`; `watch` has been running for some seconds, as while "
        f"somebody reads. {found['rounds']} rounds.\n\n" + table(["", "seconds"], rows)
    )


def _guard(found: Mapping[str, Any]) -> str:
    rows = [
        [RATIOS[name].says, _spread(ratio), f"{RATIOS[name].bound:g} x"]
        for name, ratio in found["ratios"].items()
        if name in RATIOS
    ]
    return "`python -m tests.benchmarks guard` holds these.\n\n" + table(
        ["ratio", "measured", "may grow to"], rows
    )


def _seconds(spread: Mapping[str, float]) -> str:
    """Seconds, or their thousandths or hours, whichever is read without counting zeros."""
    for unit, size in (("h", 3600.0), ("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if spread["median"] >= (2 if unit == "h" else 1) * size:
            return f"{_spread({key: value / size for key, value in spread.items()})} {unit}"
    return f"{_spread(spread)} s"


def _spread(spread: Mapping[str, float]) -> str:
    low, high = _number(spread["low"]), _number(spread["high"])
    median = _number(spread["median"])
    return median if low == high else f"{median} ({low} to {high})"


def _times(value: float | None) -> str:
    return "" if value is None else f"{_number(value)} x"


def _number(value: float) -> str:
    """Three digits that count, without an exponent."""
    if abs(value) >= 1000:
        return f"{float(f'{value:.3g}'):,.0f}"
    return f"{float(f'{value:.3g}'):g}"


SECTIONS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "training": _training,
    "contrastive": _beside,
    "metrics": _beside,
    "grade": _grade,
    "throughput": _throughput,
    "memory": _memory,
    "scaling": _scaling,
    "inference": _inference,
    "load": _load,
    "startup": _startup,
    "guard": _guard,
}


def bars(parts: Mapping[str, Any]) -> Sequence[tuple[str, float]]:
    """What the picture shows: names, and how many times as fast ours is."""
    found = {name: part["found"] for name, part in parts.items() if "skipped" not in part["found"]}
    shown: list[tuple[str, float]] = []
    for name, system in found.get("training", {}).get("systems", {}).items():
        shown.append((f"training, beside {name}'s recipe", system["times_as_slow"]["quick"]))
    for part in ("contrastive", "metrics"):
        for row in found.get(part, {}).get("rows", []):
            peer = row["peer"].split()[0]
            shown.append((f"{row['what']}, beside {peer}", row["times_as_fast"]["median"]))
    for way, ratio in found.get("grade", {}).get("ratios", {}).items():
        shown.append((f"a grade, {way}".replace(" / bare, cold", ", beside bare pytest"),
                      1 / ratio["median"]))  # fmt: skip
    for peer, ratio in found.get("throughput", {}).get("ratios", {}).items():
        if peer in ("otter", "nbgrader"):
            shown.append((f"a class, beside {peer}", ratio))
    return shown
