"""People and addresses inside of sentences: a bounded look at the first texts of a column."""

from collections.abc import Mapping, Sequence
from typing import Final

from muniment.classification.engine.text.tagger import find_entities

TEXTS: Final = 24
"""Texts of a column that are looked at; at about a millisecond each."""
LONGEST: Final = 400
"""Characters of a text that are looked at."""
SHARE: Final = 0.15
"""Fewer of the texts that hold a name say nothing: product names look like people now and then."""
SURE: Final = 0.9
_WORDS: Final = 5
LABELS: Final = frozenset(("person.full_name", "contact.street_address"))
"""What patterns alone cannot find; the rest is found in every text by the packs' patterns."""


def labels_inside(texts: Sequence[str]) -> Mapping[str, Sequence[int]]:
    """Label to the places of the texts that hold it beside other words.

    Only sentences count: a text that is nothing but the name is a value, and judged as one.
    """
    found: dict[str, list[int]] = {label: [] for label in LABELS}
    looked = 0
    for place, text in enumerate(texts[:TEXTS]):
        piece = text[:LONGEST]
        looked += 1
        for label in {
            e.label for e in find_entities(piece, least=SURE) if _beside(piece, e.end - e.start)
        }:
            if label in found:
                found[label].append(place)
    least = max(3, SHARE * looked)
    return {label: places for label, places in found.items() if len(places) >= least}


def _beside(text: str, taken: int) -> bool:
    """Whether enough is said beside the entity for it to stand in a sentence."""
    return len(text) - taken >= 20 and len(text.split()) >= _WORDS
