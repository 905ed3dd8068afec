"""All entities of a text: forms and addresses first, then names by the model, then what repeats."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from muniment.classification.engine.dictionaries import BIT, lists_of
from muniment.classification.engine.text import words
from muniment.classification.engine.text.addresses import find_addresses
from muniment.classification.engine.text.forms import find_forms
from muniment.classification.engine.text.look import Look
from muniment.classification.engine.text.looks import look_at
from muniment.classification.engine.text.model import Entity, without_overlaps
from muniment.classification.engine.text.repeats import with_repeats
from muniment.classification.engine.text.sequence import TAGS, Tagged, tag_all
from muniment.classification.engine.text.tokens import Token, tokenise

LOWEST: Final = 0.5
"""Names less sure than this are not told."""
SURE: Final = 0.85
SURE_ENOUGH: Final = 0.7
LONGEST: Final = 20_000
"""Characters that are looked at together."""


def find_entities(text: str, *, least: float = LOWEST) -> list[Entity]:
    """Labels with character offsets (end exclusive), in order, without overlaps."""
    found: list[Entity] = []
    for start, piece in _pieces(text):
        found += [
            Entity(e.label, e.start + start, e.end + start, e.score)
            for e in _entities_of(piece)
            if e.score >= least
        ]
    return found


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """Long text in pieces that end at a line or a word, so that work and memory stay bounded."""
    start = 0
    while len(text) - start > LONGEST:
        cut = text.rfind("\n", start + LONGEST // 2, start + LONGEST)
        cut = cut if cut > 0 else text.rfind(" ", start + LONGEST // 2, start + LONGEST)
        end = cut + 1 if cut > 0 else start + LONGEST
        yield start, text[start:end]
        start = end
    yield start, text[start:]


def _entities_of(text: str) -> list[Entity]:
    known = without_overlaps([*find_forms(text), *find_addresses(text)])
    tokens = tokenise(text)
    looks = look_at(tokens, known)
    names = [e for e in _names(tokens, looks, tag_all(tokens, looks)) if _enough(e, text)]
    names = [e for e in names if not _announces(text, e, known)]
    names = _cities(text, _joined(text, names))
    names = with_repeats(text, tokens, looks, names)
    return without_overlaps([*known, *names])


def _joined(text: str, names: Sequence[Entity]) -> list[Entity]:
    """A person's name that goes straight on as an organisation is part of its name."""
    kept: list[Entity] = []
    for each in names:
        last = kept[-1] if kept else None
        if (
            last is not None
            and each.label == "org.company"
            and last.label.startswith("person.")
            and text[last.end : each.start] == " "
        ):
            kept[-1] = Entity(each.label, last.start, each.end, each.score)
        else:
            kept.append(each)
    return kept


def _announces(text: str, entity: Entity, known: Sequence[Entity]) -> bool:
    """``MRN 123``, ``IBAN: DE..``: letters that say what the number after them is."""
    word = text[entity.start : entity.end]
    if not word.isupper() or len(word) > _LONGEST_SIGN or not entity.label.startswith("org."):
        return False
    gap = _GAP.match(text, entity.end)
    after = entity.end if gap is None else gap.end()
    return text[after : after + 1].isdigit() or any(e.start == after for e in known)


_LONGEST_SIGN = 6
_GAP = re.compile(r"(?:\s*(?:number|no\.?|is|was|code))?\s*[:#=(-]*\s*", re.IGNORECASE)


def _cities(text: str, names: Sequence[Entity]) -> list[Entity]:
    """``Paris, Texas``: a city that could be a person is a city before its region or country."""
    kept = list(names)
    for place, (each, after) in enumerate(pairwise(names)):
        named = text[each.start : each.end]
        goes_on = text[each.end : after.start] == ", " and after.label in _WIDER
        if goes_on and each.label.startswith("person.") and words.mask(named) & _CITY:
            kept[place] = Entity("geo.city", each.start, each.end, each.score)
    return kept


_WIDER = frozenset(("geo.country", "us.state"))
_CITY = BIT["cities"] | BIT["cities_large"]


def _enough(entity: Entity, text: str) -> bool:
    """Single words that are hardly names have to be surer."""
    word = text[entity.start : entity.end]
    if entity.score < LOWEST:
        return False
    if " " in word or entity.score >= SURE:
        return True
    lists = words.mask(word)
    if entity.label.startswith("org.") and not (word.istitle() or word.islower()):
        return bool(lists & _COMPANY) and entity.score >= SURE_ENOUGH
    said = words.common(words.plain(word))
    ordinary = said is not None and not lists & _NAMES
    return not ordinary or entity.score >= SURE_ENOUGH


def _names(tokens: list[Token], looks: list[Look], tagged: Sequence[Tagged]) -> list[Entity]:
    found: list[Entity] = []
    i = 0
    while i < len(tokens):
        if not tagged[i].tag:
            i += 1
            continue
        end = i + 1
        while end < len(tokens) and tagged[end].tag and tagged[end].tag % 2 == 0:
            end += 1
        made = _entity(tokens, looks, i, end, tagged)
        if made is not None:
            found.append(made)
        i = end
    return found


def _entity(
    tokens: list[Token], looks: list[Look], start: int, end: int, tagged: Sequence[Tagged]
) -> Entity | None:
    kind = TAGS[tagged[start].tag][2:]
    while end > start and (not looks[end - 1].shape or looks[end - 1].lower in _NO_END):
        end -= 1
    while end > start and (
        not looks[start].shape
        or (kind == "person" and looks[start].lower in words.TITLES and end - start > 1)
    ):
        start += 1
    if end <= start:
        return None
    score = round(sum(t.chance for t in tagged[start:end]) / (end - start), 3)
    lower = " ".join(look.lower for look in looks[start:end])
    return Entity(
        _label(kind, lower, looks[start:end]),
        tokens[start].start,
        tokens[end - 1].end,
        min(score, 0.99),
    )


_COMPANY = BIT["companies"] | BIT["banks"]
_NAMES = BIT["given_common"] | BIT["family_common"] | BIT["cities_large"] | BIT["countries"]
_NO_END = frozenset(["of", "the", "and", "&", "for", "at", "on"])


def _label(kind: str, lower: str, looks: Sequence[Look]) -> str:
    if kind == "person":
        return _label_of_person(looks)
    if kind == "org":
        return "org.company"
    place = words.kind_of_place(lower) or words.kind_of_place(lower.upper())
    if place == "country":
        return "geo.country"
    if place == "region":
        return "us.state" if lists_of(lower) & BIT["us_states"] else "geo.location"
    known = bool(place) or not set(lower.split()) & words.PLACE_HEADS
    return "geo.city" if known else "geo.location"


def _label_of_person(looks: Sequence[Look]) -> str:
    parts = [each for each in looks if each.shape and each.shape != "init"]
    if len(parts) > 1 or len(looks) > 1:
        return "person.full_name"
    flags = parts[0].flags if parts else ""
    given = 2 * ("G" in flags) + ("g" in flags)
    family = 2 * ("F" in flags) + ("f" in flags)
    return "person.first_name" if given >= family and given else "person.last_name"
