"""How words look to the model: case, lists, neighbours, the run of capitals they stand in."""

from muniment.classification.engine.dictionaries import BIT, lists_of
from muniment.classification.engine.text import words
from muniment.classification.engine.text.candidates import mark_candidates, mark_code, mark_shouting
from muniment.classification.engine.text.look import Look
from muniment.classification.engine.text.model import Entity
from muniment.classification.engine.text.tokens import Token
from muniment.classification.engine.text.words import common, mask, plain

_FLAGS = (
    ("given_common", "G"), ("given_names", "g"), ("family_common", "F"), ("family_names", "f"),
    ("cities_large", "C"), ("cities", "c"), ("countries", "N"), ("us_states", "R"),
    ("regions", "r"), ("companies", "O"), ("banks", "B"), ("nationalities", "n"),
    ("languages", "l"), ("occupation_heads", "o"), ("everyday_words", "E"),
)  # fmt: skip
_BITS = tuple((BIT[name], letter) for name, letter in _FLAGS)
_MANY = (
    (BIT["countries"], "N"), (BIT["us_states"] | BIT["regions"], "R"), (BIT["cities_large"], "C"),
    (BIT["cities"], "c"), (BIT["universities"], "U"), (BIT["banks"], "B"), (BIT["companies"], "O"),
)  # fmt: skip
_SPECIAL = (
    (words.TITLES, "t"), (words.LEGAL_FORMS, "L"), (words.ORG_HEADS, "H"), (words.PLACE_HEADS, "P"),
    (words.STREETS, "S"), (words.CALENDAR, "M"), (words.PEOPLES, "n"), (words.NAME_ENDINGS, "j"),
    (words.PLACE_OPENERS, "p"), (words.REGIONS, "r"),
)  # fmt: skip
LONGEST = 4


def look_at(tokens: list[Token], known: list[Entity]) -> list[Look]:
    """The looks of all tokens; those inside of entities already known are no candidates."""
    looks: list[Look] = []
    spans = iter(sorted(known, key=lambda e: e.start))
    span = next(spans, None)
    for token in tokens:
        while span is not None and span.end <= token.start:
            span = next(spans, None)
        if span is not None and span.start < token.end:
            looks.append(Look(key="<" + span.label.partition(".")[0] + ">"))
        else:
            looks.append(_look(token))
    mark_shouting(tokens, looks)
    mark_code(tokens, looks)
    mark_candidates(tokens, looks)
    _mark_places(looks)
    _mark_runs(looks)
    return looks


def _shape(token: Token) -> str:
    text = token.text
    if token.kind == "initial":
        return "init"
    if text.isupper():
        return "AA" if len(text) > 1 else "A"
    if text[0].isupper():
        return "Aa" if text[1:].islower() else "AaA"
    return "aa" if text.islower() else "aA"


def _flags(token: Token, lower: str) -> str:
    lists = mask(token.text)
    told = "".join(letter for bit, letter in _BITS if lists & bit)
    said = common(lower)
    if said is not None:
        told += f"{said[0]}{said[1]}"
    return told + "".join(letter for known, letter in _SPECIAL if lower in known)


def _look(token: Token) -> Look:
    if token.kind in ("mark", "number", "tail"):
        return Look(key="#" if token.kind == "number" else token.text)
    lower = plain(token.text)
    shape = _shape(token)
    latin = token.text[0] < "\u0250"
    capital = latin and shape != "aa" and token.kind != "mixed"
    capital = capital and token.text != token.text.lower()
    said = common(lower)
    known = said is not None and said[1] <= 1
    special = any(lower in group for group, letter in _SPECIAL if letter in "tLHSMn")
    flags = _flags(token, lower)
    name = "G" in flags or "g" in flags or "f" in flags or "F" in flags
    lexical = special or (known and not (capital and name)) or (not capital and said is not None)
    key = lower if lexical else ("Xx" if capital else "xx")
    return Look(key, flags, shape, lower, capital)


def _mark_places(looks: list[Look]) -> None:
    """Names of several words that lists know: places, universities, banks, companies."""
    count = len(looks)
    i = 0
    while i < count:
        step = 1
        if looks[i].candidate:
            for size in range(min(LONGEST, count - i), 1, -1):
                piece = looks[i : i + size]
                if (
                    not all(each.candidate and each.shape for each in piece)
                    or not piece[-1].capital
                ):
                    continue
                lists = lists_of(" ".join(each.lower for each in piece))
                letter = next((letter for bit, letter in _MANY if lists & bit), "")
                if not letter and " ".join(e.lower for e in piece) in words.LONG_REGIONS:
                    letter = "R"
                if letter:
                    for place, each in enumerate(piece):
                        each.place = f"{'I' if place else 'B'}{letter}"
                    step = size
                    break
        i += step


def _mark_runs(looks: list[Look]) -> None:
    start = None
    for i in range(len(looks) + 1):
        inside = i < len(looks) and looks[i].candidate
        if inside and start is None:
            start = i
        elif not inside and start is not None:
            for each in looks[start:i]:
                each.run = (start, i)
            start = None


def features(tokens: list[Token], looks: list[Look], i: int) -> list[str]:
    """What is said of a candidate, whatever was decided before it."""
    here = looks[i]
    b1 = looks[i - 1] if i > 0 else _EDGE
    b2 = looks[i - 2] if i > 1 else _EDGE
    n1 = looks[i + 1] if i + 1 < len(looks) else _EDGE
    n2 = looks[i + 2] if i + 2 < len(looks) else _EDGE
    start, end = here.run
    before = looks[start - 1].key if start else "<s>"
    before2 = looks[start - 2].key if start > 1 else "<s>"
    after = looks[end].key if end < len(looks) else "</s>"
    last = looks[end - 1]
    begins = tokens[i].begins
    place = (
        "only" if end - start == 1 else "first" if i == start else "last" if i == end - 1 else "mid"
    )
    said = [
        f"k={here.key}", f"s={here.shape}{begins}", f"f={here.flags}",
        f"sf={here.shape}|{here.flags}", f"k-1={b1.key}", f"k+1={n1.key}",
        f"k-2={b2.key}|{b1.key}", f"k+2={n1.key}|{n2.key}", f"f-1={b1.flags}", f"f+1={n1.flags}",
        f"ff={here.flags}|{n1.flags}", f"bf={b1.flags}|{here.flags}",
        f"s1={b1.shape}|{here.shape}|{n1.shape}", f"p={here.place}", f"pp={here.place}|{before}",
        f"r={place}|{min(end - start, 6)}", f"rb={before}|{place}", f"ra={after}|{place}",
        f"rb2={before2}|{before}", f"rba={before}|{after}", f"rl={last.key}",
        f"rlf={last.flags}|{place}", f"bg={begins}|{here.flags}|{place}",
        f"fb={here.flags}|{before}",
    ]  # fmt: skip
    said += [f"0{letter}" for letter in here.flags]
    said += [f"+{letter}" for letter in n1.flags]
    said += [f"-{letter}" for letter in b1.flags]
    if here.key == "Xx" and len(here.lower) > 4:
        said += [f"e={here.lower[-3:]}", f"e2={here.lower[-2:]}"]
    return said


_EDGE = Look(key="<s>")
