"""A comparison that nobody measured, for the tests of what is made of one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.benchmarks.comparison import page, parts
from tests.benchmarks.comparison.row import row

MACHINE = {
    "platform": "a system",
    "processor": "a processor",
    "cores": 2,
    "python": "3.11.7",
    "versions": {"torch": "2.13.0"},
}
THROUGHPUT = Path(page.HERE / "throughput.json")


def times(value: float) -> dict[str, float]:
    return {"median": value, "low": value / 2, "high": value * 2}


def trained(seconds: float, known: float, unknown: float) -> dict[str, Any]:
    return {
        "recipe": {},
        "precision": "float32",
        "seconds": times(seconds),
        "known": known,
        "unknown": unknown,
    }


def beside(name: str) -> dict[str, Any]:
    return {"rows": [row(f"{name}, batch 3", [1.0, 2.0], "a library 1.0", [3.0, 8.0], "a note")]}


FOUND: dict[str, Any] = {
    "training": {
        "threads": 2,
        "rounds": 1,
        "ours": {"quick": trained(5, 0.97, 0.98), "full": trained(20, 0.985, 0.9949)},
        "systems": {
            name: {
                "seconds": times(50_000),
                "projected_from": "10 steps",
                "projected_to": "a network: 300 epochs of 275 steps",
                "published": {"known": 0.9661, "unknown": 0.9745},
                "times_as_slow": {"quick": 10_000, "full": 2500},
            }
            for name in ("b", "a")
        },
        "profile": ["convolution 40 %"],
    },
    "contrastive": beside("loss"),
    "metrics": beside("AUROC"),
    "grade": {
        "tasks": ["contrastive"],
        "ways": {"bare, cold": {"how": "pytest", "seconds": times(2)}},
        "ratios": {"plain, cold / bare, cold": times(1.25), "bwrap, cold / bare, cold": times(2)},
        "overhead_s": times(0.25),
        "profile": ["import torch 2 s"],
    },
    "memory": {
        "limit_mb": 768,
        "ways": {
            "plain, cold": {"total_mb": 300, "total_rss_mb": 400, "peaks_mb": {"worker": 200}}
        },
    },
    "scaling": {
        "batches": [
            {"submissions": 10, "jobs": 1, "wall_s": 20.0, "wall_s_each": 2.0, "cpu_s_each": 1.5}
        ],
        "gain_of_cores": {"10": 1.8},
    },
    "inference": {
        "images": 1000,
        "chunk": 500,
        "threads": 2,
        "megaflop_an_image": 2.482,
        "rates": {
            "float32": {
                "images_a_second": 12_345.6,
                "products_gflops": 100.0,
                "share_of_products": 0.28,
            }
        },
    },
    "load": {
        "busy_processes": 2,
        "submissions": 12,
        "timed_out": ["someone: contrastive.value"],
        "lost": [],
    },
    "startup": {
        "rounds": 5,
        "rows": {"watch, plain, threshold.py saved": times(0.5)},
        "threshold_s": 1.5,
        "watch_s": 0.5,
    },
    "guard": {"ratios": {"help": times(10)}, "rounds": 3, "threads": 1},
}


def comparison(quick: bool = False, **found: Any) -> dict[str, Any]:
    about = {
        "command": "python -m tests.benchmarks compare",
        "quick": quick,
        "measured_at": "2026-11-22",
        "machine": MACHINE,
        "load_before": 0.1,
        "took_s": 1.0,
    }
    every = {
        **FOUND,
        "throughput": json.loads(THROUGHPUT.read_text(encoding="utf-8")),
        **found,
    }
    return {
        "schema": parts.SCHEMA,
        "parts": {name: {**about, "found": every[name]} for name in parts.PARTS},
    }
