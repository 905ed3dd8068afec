"""Whether a draft may be published: what it does to its examples and to what people decided."""

from collections.abc import Mapping, Sequence
from typing import Any

from muniment.kernel.values import LabelState


def judge_draft(
    decided: Sequence[tuple[str, str, str]],
    changes: Mapping[tuple[str, str], str],
    *,
    hits: int,
    misses: int,
    failed_assets: int,
) -> dict[str, Any]:
    """The gate as it is shown. ``decided`` are asset, column and state of past decisions.

    Precision and recall are those on decided columns, now and with the draft; columns that would
    have to be read first count for neither.
    """
    confirmed = [(a, c) for a, c, state in decided if state == LabelState.CONFIRMED]
    rejected = [(a, c) for a, c, state in decided if state == LabelState.REJECTED]
    unknown = sum(changes.get(place) == "to_read" for place in (*confirmed, *rejected))
    lost = sum(changes.get(place) == "lost" for place in confirmed)
    wrong = sum(changes.get(place) == "gained" for place in rejected)
    spared = sum(changes.get(place) == "lost" for place in rejected)
    reasons = []
    if lost:
        reasons.append(f"{lost} columns that people confirmed would not be found any more.")
    if wrong:
        reasons.append(f"{wrong} columns that people rejected would be labelled again.")
    if failed_assets:
        reasons.append(f"{failed_assets} assets could not be judged; scan them again first.")
    before = _rates(len(confirmed), len(confirmed), len(rejected))
    after = _rates(len(confirmed) - lost, len(confirmed), len(rejected) - spared + wrong)
    return {
        "passes": not reasons,
        "reasons": reasons,
        "examples": {"hits": hits, "misses": misses},
        "decisions": {
            "confirmed": len(confirmed),
            "rejected": len(rejected),
            "unknown": unknown,
            "lost": lost,
            "wrong": wrong,
            "spared": spared,
            "precision_before": before[0],
            "recall_before": before[1],
            "precision": after[0],
            "recall": after[1],
        },
    }


def _rates(right: int, of: int, wrong: int) -> tuple[float | None, float | None]:
    precision = round(right / (right + wrong), 4) if right + wrong else None
    return precision, round(right / of, 4) if of else None
