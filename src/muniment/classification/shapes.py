"""Which columns a classifier could concern, told without values: by shape, name and old marks."""

import re
from collections.abc import Mapping, Sequence

from muniment.classification.engine.header import read_header
from muniment.classification.model import Classifier
from muniment.kernel.masking import mask

LENGTH = 16


def shape_of(text: str) -> str:
    """The masked form with runs of letters folded, as kept columns tell theirs."""
    return re.sub(r"X+", "X", re.sub(r"x+", "x", mask(text)))[:LENGTH]


def example_shapes(classifier: Classifier) -> frozenset[str]:
    """The shapes of the values that a classifier says it hits."""
    return frozenset(shape_of(value) for value in classifier.examples.hit)


def why_read(
    classifier: Classifier,
    shapes: frozenset[str],
    *,
    name: str,
    kind: str,
    seen: Sequence[str],
    marks: Sequence[str],
) -> str | None:
    """Why a column has to be read to know; None where nothing hints at the classifier."""
    if kind not in {each.value for each in classifier.kinds}:
        return None
    if classifier.id in marks:
        return "Values were found there by the version before."
    header = read_header(name, classifier.header)
    if header.strong:
        return f"The name says “{', '.join(header.words)}”."
    if shapes.intersection(seen):
        return "Its values have the shape of an example."
    return None


def differences(
    before: Mapping[tuple[str, str], float], after: Mapping[tuple[str, str], float], least: float
) -> dict[tuple[str, str], tuple[str, float | None, float | None]]:
    """By column and label: gained, lost or changed, with both confidences."""
    found: dict[tuple[str, str], tuple[str, float | None, float | None]] = {}
    for key in {*before, *after}:
        then, now = before.get(key), after.get(key)
        if then is None:
            found[key] = ("gained", None, now)
        elif now is None:
            found[key] = ("lost", then, None)
        elif abs(then - now) >= least:
            found[key] = ("changed", then, now)
    return found
