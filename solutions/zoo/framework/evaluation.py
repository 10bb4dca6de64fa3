"""From scores to the numbers of `metrics.json`."""

from __future__ import annotations

from typing import Any

import numpy as np

from solutions.zoo.framework.results import Results, Scores


def evaluate(results: Results) -> dict[str, Any]:
    """Accuracies with rejection, and the AUROC of each unknown family.

    A known image counts as right where it is accepted and its class is right, an unknown one where
    it is rejected.

    Args:
        results: Of one run.

    Returns:
        Shares between 0 and 1 that JSON can hold; an infinite threshold is None.
    """
    right = results.predicted == results.labels
    accepted = results.known <= results.threshold
    every = np.concatenate(list(results.unknown.values()))
    hits = int((right & accepted).sum()) + int((every > results.threshold).sum())
    return {
        "threshold": results.threshold if np.isfinite(results.threshold) else None,
        "closed_set_accuracy": float(right.mean()),
        "known_accuracy": float((right & accepted).mean()),
        "unknown_accuracy": float((every > results.threshold).mean()),
        "total_accuracy": hits / (len(right) + len(every)),
        "known_rejected": float((~accepted).mean()),
        "auroc": auroc(results.known, every),
        "families": {
            name: {
                "images": len(scores),
                "unknown_accuracy": float((scores > results.threshold).mean()),
                "auroc": auroc(results.known, scores),
                "auroc_of_brightness": auroc(results.known_floor, results.unknown_floor[name]),
            }
            for name, scores in results.unknown.items()
        },
    }


def auroc(known: Scores, unknown: Scores) -> float:
    """The share of pairs in which the unknown image has the higher score; ties count half."""
    from sklearn.metrics import roc_auc_score

    truth = np.concatenate([np.zeros(len(known)), np.ones(len(unknown))])
    return float(roc_auc_score(truth, np.concatenate([known, unknown])))
