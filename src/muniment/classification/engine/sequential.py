"""When enough of a column was read: tests of shares that hold however often one looks. Pure.

The test is Robbins' mixture of Bernoulli likelihoods (1970): for any true share it exceeds
1 / error at any time with a probability of at most ``error`` (Ville's inequality), so looking again
after every sample costs nothing of its certainty. It takes the values looked at for a random
choice; where neighbouring rows are alike, a choice of whole blocks knows less than it counts.
"""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from math import lgamma, log
from typing import Final

from muniment.classification.engine.classify import Counter
from muniment.classification.engine.detectors import PART, PLAIN, SURE, Detectors, depth_of
from muniment.classification.engine.evaluate import MATCH
from muniment.classification.engine.sample import CHECKED
from muniment.classification.engine.state import ColumnState

LOW: Final = 0.05
"""A column of which a smaller share are hits does not hold what is looked for."""
HIGH: Final = 0.8
"""A column of which a larger share are hits does."""
ERROR: Final = 0.01
"""How often a column may be left on the wrong side of either, over all classifiers together."""
LOOKS: Final = (5_000, 20_000, 80_000, 320_000, 1_280_000)
"""Rows of the samples, each spread over the whole asset."""
_FEW_VALUES: Final = 250
_KNOWN: Final = 1_000
_EMPTY_ROWS: Final = 2_000


class Side(StrEnum):
    """What is certain of a share."""

    FEW = "few"
    SOME = "some"
    """Neither few nor most, and known within three points."""
    MOST = "most"
    OPEN = "open"


def evidence_against(share: float, hits: int, tested: int) -> float:
    """Log of how much better any other share explains the hits, all weighed by Beta(½, ½)."""
    a, b = 0.5, 0.5
    mixed = lgamma(a + hits) + lgamma(b + tested - hits) - lgamma(a + b + tested)
    mixed -= lgamma(a) + lgamma(b) - lgamma(a + b)
    return mixed - hits * log(share) - (tested - hits) * log(1 - share)


def side(hits: int, tested: int, error: float) -> Side:
    """On which side of the limits a share is, wrong with a probability of at most ``error``."""
    if not tested:
        return Side.OPEN
    enough = log(2 / error)  # two limits, each with half of the error
    share = hits / tested
    away = [evidence_against(limit, hits, tested) >= enough for limit in (LOW, HIGH)]
    if share < LOW and away[0]:
        return Side.FEW
    if share > HIGH and away[1]:
        return Side.MOST
    return Side.SOME if tested >= _KNOWN and LOW < share < HIGH and all(away) else Side.OPEN


def undecided(
    columns: Sequence[ColumnState], detectors: Detectors, *, error: float = ERROR
) -> list[str]:
    """Names of the settled columns of which more has to be read."""
    share = error / len(LOOKS) / max(len(detectors.classifiers), 1)
    return [column.name for column in columns if not _decided(column, detectors, share)]


def _decided(column: ColumnState, detectors: Detectors, error: float) -> bool:
    """Whether every classifier, those that found nothing included, is on one side for certain."""
    if column.rows == column.nulls:
        return column.rows >= _EMPTY_ROWS
    counter = Counter(column.marked)
    by_rows = column.distinct < _FEW_VALUES
    head = counter.tally(counter.real, CHECKED)
    of = head.rows if by_rows else head.distinct
    if side(0, of, error) is Side.OPEN:
        return False
    for name, inside, marks in _by_classifier(column):
        classifier = detectors.classifiers.get(name)
        depth = CHECKED if classifier is None or inside else min(depth_of(classifier), CHECKED)
        looked_at = counter.tally(counter.real, depth)
        tally = counter.tally(counter.any_of(marks), depth)
        hits, tested = (
            (tally.rows, looked_at.rows) if by_rows else (tally.distinct, looked_at.distinct)
        )
        told = side(hits, tested, error)
        # a check that looks at few values will not be surer for more of them
        if told is Side.OPEN and depth < CHECKED and len(column.marked.hashes) >= depth:
            continue
        # Text that holds something now and then is told by how often: it has to be read.
        if told is Side.OPEN or (inside and told is Side.FEW and hits):
            return False
    return True


def _by_classifier(column: ColumnState) -> Iterator[tuple[str, bool, Sequence[str]]]:
    """The marks of each classifier, those of whole values and those inside of text apart."""
    found: dict[tuple[str, bool], list[str]] = {}
    for key in column.marked.names():
        classifier, mark = key.split("|", 1)
        if classifier != "f" and mark in (MATCH, SURE, PLAIN, PART):
            found.setdefault((classifier, mark == PART), []).append(key)
    for (name, inside), marks in sorted(found.items()):
        yield name, inside, marks
