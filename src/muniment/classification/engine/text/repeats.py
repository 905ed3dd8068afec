"""What a text says once for certain holds where it repeats: names and organisations."""

from collections.abc import Sequence
from typing import Final

from muniment.classification.engine.text import words
from muniment.classification.engine.text.look import Look
from muniment.classification.engine.text.model import Entity
from muniment.classification.engine.text.tokens import Token

CERTAIN: Final = 0.7
REPEATED: Final = 0.8
_SHORTEST = 3


def with_repeats(
    text: str, tokens: Sequence[Token], looks: Sequence[Look], names: Sequence[Entity]
) -> list[Entity]:
    """The names with single words that were part of a certain name elsewhere in the text."""
    known = _parts_of_names(text, names)
    if not known:
        return list(names)
    kept = [e for e in names if not _outvoted(text, e, known)]
    taken = [(e.start, e.end) for e in kept]
    for token, look in zip(tokens, looks, strict=True):
        label = known.get(token.text)
        inside = any(start < token.end and token.start < end for start, end in taken)
        if label is not None and look.candidate and look.capital and not inside:
            kept.append(Entity(label, token.start, token.end, REPEATED))
    return kept


def _parts_of_names(text: str, names: Sequence[Entity]) -> dict[str, str]:
    """Words that stand for a person or an organisation named whole in the text."""
    known: dict[str, str] = {}
    for each in names:
        if each.score < CERTAIN:
            continue
        name = text[each.start : each.end]
        if each.label == "org.company" and name.isalpha() and not words.common(name.lower()):
            known.setdefault(name, each.label)
        if each.label == "person.full_name":
            parts = [p for p in name.split() if p.isalpha() and p[0].isupper()]
            for place, part in enumerate(parts):
                if len(part) >= _SHORTEST and words.common(part.lower()) is None:
                    label = "person.first_name" if place == 0 else "person.last_name"
                    known[part] = label
    return known


def _outvoted(text: str, entity: Entity, known: dict[str, str]) -> bool:
    """A doubtful single word that another mention says to be something else."""
    label = known.get(text[entity.start : entity.end])
    other = label is not None and label.partition(".")[0] != entity.label.partition(".")[0]
    return other and entity.score < REPEATED
