"""Proposes classifiers from columns without a label: what values share, measured elsewhere."""

import itertools
import math
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from muniment.classification.engine.header import normalised, tokens
from muniment.classification.engine.rules import check_pattern
from muniment.classification.engine.validators import validator
from muniment.classification.model import Kind

LEAST_VALUES = 6
"""Different values of a column that a form may be concluded from."""
AGREE = 0.95
"""Of the values, so many must have the form."""
CHECKS = (
    "luhn",
    "verhoeff",
    "stdnum:ean",
    "stdnum:iso7064.mod_97_10",
    "stdnum:iso7064.mod_11_10",
    "stdnum:iso7064.mod_11_2",
)
CHANCE = 1e-5
"""Check digits are believed where so many passing values would be chance less often than this."""
LONGEST = 60
EXAMPLES = 5
TRIES = 4_000

_RUN = re.compile(r"[0-9]+|[A-Z]+|[a-z]+|[^A-Za-z0-9]")
_KEY = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class MinedColumn:
    """A column as mining sees it; ``values`` in clear stay in memory."""

    asset: str
    name: str
    kind: Kind
    values: tuple[str, ...]
    shapes: tuple[tuple[str, float], ...]
    """Masked shapes with their shares of all values."""
    labels: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        return self.asset, self.name


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a form: fixed text, or so many signs of one set."""

    text: str = ""
    signs: str = ""
    least: int = 0
    most: int = 0

    @property
    def pattern(self) -> str:
        if not self.signs:
            return re.escape(self.text)
        count = f"{{{self.least}}}" if self.least == self.most else f"{{{self.least},{self.most}}}"
        return f"[{self.signs}]{count}"


@dataclass(frozen=True, slots=True)
class Form:
    """What values have in common, as a pattern that ends in linear time."""

    parts: tuple[Part, ...]
    validator: str | None = None

    @property
    def pattern(self) -> str:
        return "".join(part.pattern for part in self.parts)

    def takes(self, value: str) -> bool:
        """Whether a value has the form and passes the check."""
        if re.fullmatch(self.pattern, value.strip(), re.ASCII) is None:
            return False
        return self.validator is None or validator(self.validator).check(value.strip())


@dataclass(frozen=True, slots=True)
class Measured:
    """What a form takes in the rest of the estate.

    ``precision`` is the lower Wilson bound (95 %) of the share of columns with the form that
    either are those it was found in or share a word of their names and have no other label.
    """

    columns: int
    taken: int
    wrong: int
    other_labels: tuple[str, ...]
    precision: float


@dataclass(frozen=True, slots=True)
class Proposal:
    """A classifier that could be: its form, where it was found, and how it does elsewhere."""

    name: str
    title: str
    form: Form
    members: tuple[tuple[str, str], ...]
    headers: tuple[str, ...]
    values: int
    """Different values that the form was concluded from."""
    examples: tuple[str, ...]
    """Made up from the form: no value of the data."""
    measured: Measured


def mine(estate: Sequence[MinedColumn]) -> list[Proposal]:
    """Classifiers for what unlabelled columns hold, the surest first."""
    found: dict[Form, list[MinedColumn]] = {}
    for column in estate:
        if column.labels or column.kind not in (Kind.TEXT, Kind.INTEGER):
            continue
        form = form_of(column)
        if form is not None:
            found.setdefault(form, []).append(column)
    made = [_proposal(form, members, estate) for form, members in found.items()]
    return sorted(made, key=lambda p: (-p.measured.precision, -len(p.members), p.form.pattern))


def form_of(column: MinedColumn) -> Form | None:
    """What the values of a column share; None where it would be too plain to tell anything."""
    values = [value.strip() for value in dict.fromkeys(column.values)]
    values = [value for value in values if 0 < len(value) <= LONGEST]
    if len(values) < LEAST_VALUES:
        return None
    runs = [_RUN.findall(value) for value in values]
    common = max(runs, key=lambda each: sum(_like(each, other) for other in runs))
    alike = [each for each in runs if _like(common, each)]
    if len(alike) < AGREE * len(values) or not _pure(column, common):
        return None
    parts = tuple(_part(stretch) for stretch in zip(*alike, strict=True))
    parts = _joined(parts)
    texts = ["".join(each) for each in alike]
    form = Form(parts, _check(texts))
    if not _tells(form):
        return None
    check_pattern(form.pattern)
    return form


def measure(form: Form, members: Sequence[MinedColumn], estate: Sequence[MinedColumn]) -> Measured:
    """Where else values have the form, and whether those columns are the same kind of thing."""
    own = {column.key for column in members}
    words = {word for column in members for word in tokens(column.name)}
    taken = wrong = 0
    others: set[str] = set()
    looked = [column for column in estate if column.values]
    for column in looked:
        hits = sum(form.takes(value) for value in column.values)
        if hits < AGREE * len(column.values):
            continue
        taken += 1
        alike = bool(words & set(tokens(column.name)))
        if column.key not in own and (column.labels or not alike):
            wrong += 1
            others.update(column.labels)
    return Measured(
        len(looked), taken, wrong, tuple(sorted(others)[:10]), _lower(taken - wrong, taken)
    )


def made_up(form: Form, count: int, *, seed: int = 7) -> tuple[str, ...]:
    """Values of a form that come from no data; fewer where the check is hard to meet."""
    chance = random.Random(seed)
    found: dict[str, None] = {}
    for _ in range(TRIES):
        value = "".join(_any(part, chance) for part in form.parts)
        if form.takes(value):
            found[value] = None
        if len(found) == count:
            break
    return tuple(found)


def _proposal(form: Form, members: list[MinedColumn], estate: Sequence[MinedColumn]) -> Proposal:
    headers = tuple(dict.fromkeys(normalised(column.name) for column in members))
    slug = _KEY.sub("_", headers[0].lower()).strip("_")[:40] or "form"
    return Proposal(
        name=f"custom.{slug}" if slug[0].isalpha() else f"custom.f_{slug}",
        title=headers[0].replace("_", " ").strip().capitalize() or "Found form",
        form=form,
        members=tuple(column.key for column in members),
        headers=headers,
        values=len({value for column in members for value in column.values}),
        examples=made_up(form, EXAMPLES),
        measured=measure(form, members, estate),
    )


def _class(run: str) -> str:
    if run[0].isdigit():
        return "0-9"
    return "A-Z" if run[0].isupper() else "a-z" if run[0].isalpha() else run


def _like(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two values have the same kinds of stretches in the same order."""
    return len(one) == len(other) and all(
        _class(a) == _class(b) for a, b in zip(one, other, strict=True)
    )


def _part(stretch: Sequence[str]) -> Part:
    if len(set(stretch)) == 1:
        return Part(text=stretch[0])
    sizes = [len(run) for run in stretch]
    return Part(signs=_class(stretch[0]), least=min(sizes), most=max(sizes))


def _joined(parts: Sequence[Part]) -> tuple[Part, ...]:
    """Neighbouring fixed texts as one."""
    joined: list[Part] = []
    for part in parts:
        if joined and not part.signs and not joined[-1].signs:
            joined[-1] = Part(text=joined[-1].text + part.text)
        else:
            joined.append(part)
    return tuple(joined)


def _tells(form: Form) -> bool:
    """Whether a form is more than words or plain numbers.

    A check digit tells; so do fixed letters beside digits, or three and more stretches of which
    some are digits of a fixed length and that are no date, time or amount.
    """
    if form.validator is not None:
        return True
    free = [part for part in form.parts if part.signs]
    digits = [part for part in free if part.signs == "0-9"]
    if not digits or any(part.most - part.least > 2 for part in free):
        return False
    lettered = any(part.text.strip().isalnum() and not part.text.isdigit() for part in form.parts)
    fixed_letters = any(re.search(r"[A-Za-z]", part.text) for part in form.parts)
    letters = any(part.signs in ("A-Z", "a-z") and part.most <= 4 for part in free)
    size = sum(part.least for part in free)
    spaced = any(" " in part.text for part in form.parts)
    return size >= 4 and (lettered or fixed_letters or letters) and not spaced


def _pure(column: MinedColumn, runs: Sequence[str]) -> bool:
    """Whether the shapes of all values agree with the form of the few that are known."""
    if not column.shapes:
        return True
    wanted = _skeleton("".join(runs))
    share = sum(part for shape, part in column.shapes if _skeleton(shape) == wanted)
    return share >= AGREE * sum(part for _, part in column.shapes)


def _skeleton(text: str) -> str:
    """Stretches without their lengths; masked shapes and values have the same."""
    plain = re.sub(r"[A-Za-z]+", "a", text)
    return re.sub(r"[0-9]+", "9", plain)


def _check(values: Sequence[str]) -> str | None:
    """The check digit that all values pass, where that cannot be chance."""
    for name in CHECKS:
        rule = validator(name)
        if rule.chance ** len(values) <= CHANCE and all(rule.check(value) for value in values):
            return name
    return None


def _any(part: Part, chance: random.Random) -> str:
    if not part.signs:
        return part.text
    first, last = part.signs[0], part.signs[-1]
    size = chance.randint(part.least, part.most)
    signs = [chr(code) for code in range(ord(first), ord(last) + 1)]
    return "".join(itertools.islice(iter(lambda: chance.choice(signs), None), size))


def _lower(hits: int, of: int, z: float = 1.96) -> float:
    if not of:
        return 0.0
    share = hits / of
    middle = share + z * z / (2 * of)
    spread = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return round(max((middle - spread) / (1 + z * z / of), 0.0), 4)


def entry_of(proposal: Proposal) -> Mapping[str, object]:
    """The proposal as an expert would write it, to be read like any other classifier."""
    checked = proposal.form.validator is not None
    return {
        "id": proposal.name,
        "title": proposal.title if len(proposal.title) >= 2 else f"Form {proposal.title}",
        "category": "business",
        "sensitivity": "internal",
        "kinds": ["text", "integer"] if checked else ["text"],
        "patterns": [proposal.form.pattern],
        "validator": proposal.form.validator,
        "strength": "strong" if checked else "medium",
        "header": {"strong": [name for name in proposal.headers if len(name) > 2][:10]},
        "examples": {"hit": list(proposal.examples)},
        "description": f"Found in {len(proposal.members)} columns that had no label.",
    }
