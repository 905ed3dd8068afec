"""People, addresses and organisations inside the sentences of a column, from its first texts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from muniment.classification.engine.text.tagger import find_entities

TEXTS: Final = 24
"""Texts of a column that are looked at."""
CHARACTERS: Final = 4_800
"""Of all of them together, which bounds the time; no clock does, so that results repeat."""
LONGEST: Final = 400
"""Characters of a text that are looked at."""
SHORTEST: Final = 40
"""Shorter texts are titles and names of things, where capitals say nothing."""
SHARE: Final = 0.15
"""Fewer of the texts that hold a name say nothing: product names look like people now and then."""
LEAST: Final = 3
SURE: Final = 0.9
BESIDE: Final = 20
"""Characters that must stand beside what is found."""
WORDS: Final = 6
LABELS: Final = frozenset(("person.full_name", "contact.street_address", "org.company"))
"""What patterns alone cannot find; the rest is found in every text by the packs' patterns."""
_DOCUMENT = ("{", "[", "<")


@dataclass(frozen=True, slots=True)
class Inside:
    """The places of the texts that were looked at, and by label of those that hold one."""

    looked: Sequence[int]
    found: Mapping[str, Sequence[int]]


def labels_inside(texts: Sequence[str], wanted: frozenset[str] = LABELS) -> Inside:
    """What sentences among the first texts name beside other words.

    A text that is nothing but the name is a value, and judged as one. Documents of JSON, XML and
    HTML are no sentences.
    """
    looked = _some(texts)
    found: dict[str, list[int]] = {}
    for place in looked:
        piece = texts[place][:LONGEST]
        entities = find_entities(piece, least=SURE)
        beside = (e.label for e in entities if len(piece) - (e.end - e.start) >= BESIDE)
        for label in wanted.intersection(beside):
            found.setdefault(label, []).append(place)
    least = max(LEAST, SHARE * len(looked))
    enough = {label: places for label, places in found.items() if len(places) >= least}
    return Inside(looked, enough)


def _some(texts: Sequence[str]) -> list[int]:
    looked: list[int] = []
    left = CHARACTERS
    for place, text in enumerate(texts):
        if left > 0 and len(looked) < TEXTS and _is_prose(text):
            looked.append(place)
            left -= min(len(text), LONGEST)
    return looked


def _is_prose(text: str) -> bool:
    return (
        len(text) >= SHORTEST
        and not text.startswith(_DOCUMENT)
        and len(text.split(None, WORDS)) > WORDS
    )
