"""What is found in free text: a label and where it stands."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entity:
    """``text[start:end]`` is what ``label`` says, as sure as ``score``."""

    label: str
    start: int
    end: int
    score: float


def without_overlaps(found: list[Entity]) -> list[Entity]:
    """The surer of entities that overlap, the longer of equally sure ones; in order of place."""
    kept: list[Entity] = []
    for each in sorted(found, key=lambda e: (-e.score, e.start - e.end, e.start)):
        if all(each.end <= other.start or each.start >= other.end for other in kept):
            kept.append(each)
    return sorted(kept, key=lambda e: e.start)
