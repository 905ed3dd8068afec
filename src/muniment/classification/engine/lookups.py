"""The word lists over whole columns: the rules of ``dictionaries``, in numpy and Polars."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt
import polars as pl

from muniment.classification.engine.dictionaries import (
    BETWEEN,
    BIT,
    COMMON,
    COMPANY,
    EAST_ASIAN,
    EAST_ASIAN_CITY,
    EVERYDAY,
    FAMILY,
    FAMILY_COMMON,
    FAMILY_END,
    GIVEN,
    GIVEN_COMMON,
    LONGEST_STREET,
    NAME,
    NO_ADDRESS,
    NO_PERSON,
    NO_STREET,
    NOT_A_NAME,
    ORIGINS,
    PATRONYMIC,
    SEED,
    STIR,
    STIR_AGAIN,
    STREET,
    STREET_ENDS,
    STREET_SIGNS,
    TITLE,
    UNCLEAR,
    WIDEST,
    in_dictionary,
    is_full_name,
    table,
)
from muniment.classification.engine.header import MARKS, PLAIN_LETTERS

Flags = npt.NDArray[np.bool_]
Masks = npt.NDArray[np.uint32]
_AT_ONCE = 65_536


def fold_all(values: pl.Series) -> pl.Series:
    """``folded`` of every value: lower case without accents, single spaces."""
    text = values.str.to_lowercase()
    strange = text.str.contains(r"[^\x00-\x7f]")
    if strange.any():
        plain = text.str.replace_many(list(PLAIN_LETTERS), list(PLAIN_LETTERS.values()))
        plain = plain.str.normalize("NFKD").str.replace_all(MARKS, "").str.normalize("NFC")
        text = pl.select(pl.when(strange).then(plain).otherwise(text)).to_series()
    return text.str.replace_all(r"\s+", " ").str.strip_chars()


@lru_cache(maxsize=1)
def _columns() -> tuple[Masks, Masks]:
    known = table()
    return np.asarray(known.hashes, dtype=np.uint32), np.asarray(known.masks, dtype=np.uint32)


def hashes(words: pl.Series) -> Masks:
    """``word_hash`` of every word; words longer than ``WIDEST`` bytes get that of no word."""
    count = len(words)
    flat = np.frombuffer("".join(words.to_list()).encode(), np.uint8)
    lengths = words.str.len_bytes().to_numpy().astype(np.int64)
    offsets = np.concatenate(([0], np.cumsum(lengths)))
    found = np.zeros(count, np.uint32)
    blocks = np.minimum((lengths + 7) // 8, WIDEST // 8 + 1)
    for block in np.unique(blocks):
        places = np.flatnonzero(blocks == block)
        if 0 < block <= WIDEST // 8:
            for at in range(0, len(places), _AT_ONCE):
                some = places[at : at + _AT_ONCE]
                found[some] = _hash_block(flat, offsets[some], lengths[some], int(block))
    return found


def _hash_block(
    flat: npt.NDArray[np.uint8],
    starts: npt.NDArray[np.int64],
    lengths: npt.NDArray[np.int64],
    blocks: int,
) -> Masks:
    """Hashes of words that fill the same number of eight-byte blocks."""
    inside = np.arange(blocks * 8)
    at = np.minimum(starts[:, None] + inside, len(flat) - 1)
    letters = np.where(inside < lengths[:, None], flat[at], 0).astype(np.uint8)
    words = letters.view("<u8")
    state = np.uint64(SEED) ^ (lengths.astype(np.uint64) * np.uint64(STIR))
    for block in range(blocks):
        state = (state ^ words[:, block]) * np.uint64(STIR)
        state ^= state >> np.uint64(32)
    return ((state * np.uint64(STIR_AGAIN)) >> np.uint64(32)).astype(np.uint32)


def masks(words: pl.Series) -> Masks:
    """``lists_of`` every folded word: the lists it is in, as a mask of ``BIT``."""
    known, lists = _columns()
    wanted = hashes(words)
    places = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    found: Masks = np.where((known[places] == wanted) & (wanted != 0), lists[places], 0)
    return found.astype(np.uint32)


def words_of(name: str, said: Masks) -> Flags:
    """``is_word_of`` for columns of masks."""
    if name not in UNCLEAR:
        return carry(said, BIT[name])
    wide, sure = UNCLEAR[name]
    return carry(said, sure) | (carry(said, wide) & ~carry(said, EVERYDAY))


def carry(said: Masks, bits: int) -> Flags:
    """Which masks carry at least one of the bits."""
    flags: Flags = (said & np.uint32(bits)) != 0
    return flags


class _Pieces:
    """Values cut into pieces: the pieces, the value each is of, and its mask."""

    def __init__(self, values: pl.Series, between: str = BETWEEN) -> None:
        frame = pl.DataFrame({"v": values}).with_row_index("at")
        cut = frame.select(
            "at", pl.col("v").str.replace_all(between, " ").str.strip_chars().str.split(" ")
        ).explode("v")
        cut = cut.filter(pl.col("v").str.len_bytes() > 0)
        self.count = len(values)
        self.words = cut["v"]
        self.at = cut["at"].to_numpy()
        self.masks = masks(self.words)

    def keep(self, wanted: Flags) -> None:
        self.words, self.at = self.words.filter(pl.Series(wanted)), self.at[wanted]
        self.masks = self.masks[wanted]

    def per_value(self, flags: Flags) -> npt.NDArray[np.int64]:
        """How many pieces of each value carry a flag."""
        return np.bincount(self.at[flags], minlength=self.count)

    def last(self) -> Flags:
        """Which pieces are the last of their value."""
        flags = np.ones(len(self.at), np.bool_)
        flags[:-1] = self.at[1:] != self.at[:-1]
        return flags

    def first(self) -> Flags:
        flags = np.ones(len(self.at), np.bool_)
        flags[1:] = self.at[1:] != self.at[:-1]
        return flags


def _parts(pieces: _Pieces) -> None:
    """``part_mask`` for every piece: apostrophes closed, hyphenated halves taken together."""
    unknown = np.flatnonzero(pieces.masks == 0)
    if len(unknown):
        ended = pieces.words.gather(unknown).str.contains(f"^{FAMILY_END}$").to_numpy()
        pieces.masks[unknown[ended]] = FAMILY
    compound = pieces.words.str.contains(r"['’-]").to_numpy() & ~carry(pieces.masks, NAME)
    places = np.flatnonzero(compound)
    if not len(places):
        return
    some = pieces.words.gather(places)
    joined = masks(some.str.replace_all(r"['’-]", "")) & (NAME | COMMON)
    halves = _Pieces(some, r"-")
    both = np.full(len(places), 0xFFFFFFFF, np.uint32)
    np.bitwise_and.at(both, halves.at, halves.masks)
    said = pieces.masks.copy()
    said[places] |= joined | (both & (NAME | COMMON))
    pieces.masks = said


class _Folded:
    """Folded values, and what several lists ask of them, told once."""

    def __init__(self, values: pl.Series) -> None:
        self.values = values

    @cached_property
    def whole(self) -> Masks:
        """The lists that each value is in as it stands."""
        return masks(self.values)

    @cached_property
    def not_a_name(self) -> Flags:
        flags: Flags = self.values.str.contains(NOT_A_NAME).to_numpy()
        return flags

    @cached_property
    def streets(self) -> Flags:
        return _streets(self.values)


def _full_names(folded: _Folded) -> Flags:
    """Which values are names of persons; see ``is_full_name``."""
    values = folded.values
    size = values.str.len_chars().to_numpy()
    good = (size >= 2) & (size <= 60) & ~folded.not_a_name & ~carry(folded.whole, NO_PERSON)
    together = good & values.str.contains(f"^{EAST_ASIAN}$").to_numpy()
    result = np.zeros(len(values), np.bool_)
    places = np.flatnonzero(together)
    if len(places):
        # Few columns are written so, and each value is short: one by one is fast enough.
        said = [is_full_name(v) for v in values.gather(places).to_list()]
        result[places] = said
    places = np.flatnonzero(good & ~together)
    if len(places):
        result[places] = _spaced_names(values.gather(places))
    return result


def _spaced_names(values: pl.Series) -> Flags:
    pieces = _Pieces(values)
    short = (pieces.words.str.len_chars() == 1).to_numpy()
    initials = pieces.per_value(short)
    pieces.keep(~short)
    _parts(pieces)
    aside = carry(pieces.masks, TITLE) | pieces.words.str.contains(f"^{PATRONYMIC}$").to_numpy()
    all_parts = pieces.per_value(np.ones(len(aside), np.bool_))
    few = (pieces.per_value(~aside) < 2) & (all_parts >= 2)
    pieces.keep(~aside | few[pieces.at])
    said = pieces.masks
    count = pieces.per_value(np.ones(len(said), np.bool_))
    plain = carry(said, EVERYDAY) & ~carry(said, COMMON)
    ordinary = pieces.per_value(plain)
    first, last, rest = (np.zeros(len(values), np.uint32) for _ in range(3))
    first[pieces.at[pieces.first()]] = said[pieces.first()]
    last[pieces.at[pieces.last()]] = said[pieces.last()]
    later = ~pieces.first()
    np.bitwise_or.at(rest, pieces.at[later], said[later])

    def both(a: Masks, bit: int, b: Masks, other: int) -> Flags:
        return carry(a, bit) & carry(b, other)

    sure = both(first, GIVEN_COMMON, last, FAMILY_COMMON) | both(
        first, FAMILY_COMMON, last, GIVEN_COMMON
    )
    fair = both(first, GIVEN, rest, FAMILY) | both(first, FAMILY, last, GIVEN)
    tail = pieces.at[pieces.last()]
    strange = np.zeros(len(values), np.bool_)
    strange[tail] = ((said == 0) & (pieces.words.str.len_chars() >= 4).to_numpy())[pieces.last()]
    new = strange & (count <= 3) & carry(first, GIVEN_COMMON)
    fair |= new & ~carry(first, EVERYDAY)
    many = (count >= 2) & (count <= 5) & ((sure & (ordinary < count)) | (fair & (ordinary == 0)))
    alone = carry(first, FAMILY_COMMON)
    alone &= ~carry(first, EVERYDAY)
    flags: Flags = many | ((count == 1) & (initials > 0) & alone)
    return flags


def _one_name(name: str) -> Callable[[_Folded], Flags]:
    def flags(folded: _Folded) -> Flags:
        values = folded.values
        size = values.str.len_bytes()
        code = ((size < 3) & (size == values.str.len_chars())).to_numpy()
        whole: Flags = words_of(name, folded.whole) & ~code
        rest = np.flatnonzero(~whole & ~code & ~folded.not_a_name)
        if not len(rest):
            return whole
        pieces = _Pieces(values.gather(rest))
        pieces.keep((pieces.words.str.len_chars() > 1).to_numpy())
        _parts(pieces)
        pieces.keep(~carry(pieces.masks, TITLE))
        count = pieces.per_value(np.ones(len(pieces.masks), np.bool_))
        known = pieces.per_value(words_of(name, pieces.masks))
        sure = pieces.per_value(carry(pieces.masks, UNCLEAR[name][1]))
        whole[rest] = ((count == 1) & (known == 1)) | ((count == 2) & (sure == 2))
        return whole

    return flags


def _cities(folded: _Folded) -> Flags:
    values = folded.values
    whole: Flags = (
        words_of("cities", folded.whole) | values.str.contains(EAST_ASIAN_CITY).to_numpy()
    )
    rest = np.flatnonzero(~whole & values.str.contains(r"[,(/]").to_numpy())
    if len(rest):
        heads = values.gather(rest).str.replace(r"\s*[,(/].*$", "")
        whole[rest] = words_of("cities", masks(heads))
    return whole


def _one_by_one(name: str, likely: str, needed: str = "") -> Callable[[_Folded], Flags]:
    """Whole words in numpy; of the rest, those that look likely, by the scalar rule.

    ``needed`` is a plainer pattern for what every likely value holds: most values end there.
    """

    def flags(folded: _Folded) -> Flags:
        values = folded.values
        found = words_of(name, folded.whole) if name in BIT else np.zeros(len(values), np.bool_)
        rest = np.flatnonzero(~found)
        for pattern in (needed, likely):
            if pattern and len(rest):
                rest = rest[values.gather(rest).str.contains(pattern).to_numpy()]
        if len(rest):
            said = [in_dictionary(name, v) for v in values.gather(rest).to_list()]
            found[rest] = said
        return found

    return flags


def _streets(values: pl.Series) -> Flags:
    found = np.zeros(len(values), np.bool_)
    ending = np.flatnonzero(values.str.contains_any([*STREET_ENDS, *STREET_SIGNS]).to_numpy())
    found[ending] = values.gather(ending).str.contains(STREET).to_numpy()
    spaced = np.flatnonzero(~found & values.str.contains(BETWEEN).to_numpy())
    if len(spaced):
        pieces = _Pieces(values.gather(spaced))
        pieces.keep(~(pieces.first() & pieces.words.is_in(NO_STREET).to_numpy()))
        word = pieces.per_value(carry(pieces.masks, BIT["street_words"])) > 0
        several = pieces.per_value(np.ones(len(pieces.masks), np.bool_)) >= 2
        found[spaced] = word & several
    places = np.flatnonzero(found)
    if len(places):
        some = values.gather(places)
        words = np.bincount(_Pieces(some).at, minlength=len(some))
        found[places] = ~some.str.contains(NO_ADDRESS).to_numpy() & (words <= LONGEST_STREET)
    return found


def _undotted(values: pl.Series) -> pl.Series:
    return values.str.replace_all(".", "", literal=True)


def _icd10(folded: _Folded) -> Flags:
    found: Flags = folded.values.str.contains(".", literal=True).to_numpy().copy()
    places = np.flatnonzero(found)
    found[places] = words_of("icd10", masks(_undotted(folded.values.gather(places))))
    return found


def _addresses(folded: _Folded) -> Flags:
    values = folded.values
    numbered: Flags = (values.str.contains(r"[0-9]") & (values.str.len_chars() >= 5)).to_numpy()
    found: Flags = numbered & folded.streets
    rest = np.flatnonzero(numbered & ~found)
    # three words or more, a number first: what else makes an address is for the scalar rule
    rest = rest[
        values.gather(rest).str.contains(f"^{BETWEEN[:-1]}*\\d.*{BETWEEN}.+{BETWEEN}.").to_numpy()
    ]
    if len(rest):
        found[rest] = [in_dictionary("addresses", v) for v in values.gather(rest).to_list()]
    return found


_RULES: Mapping[str, Callable[[_Folded], Flags]] = {
    "full_names": _full_names,
    "given_names": _one_name("given_names"),
    "family_names": _one_name("family_names"),
    "cities": _cities,
    "streets": lambda folded: folded.streets,
    "occupations": _one_by_one("occupations", r"^[^\d]{3,60} [^\d]{2,40}$", " "),
    "companies": _one_by_one("companies", r"\S \S|" + COMPANY, r" |[^\x00-\x7f]"),
    "medications": _one_by_one("medications", r"^[^\W\d]{3,}[ ,]", "[ ,]"),
    "diseases": _one_by_one("diseases", r"[^\W\d_]{4,}", r"[a-z]{4}|[^\x00-\x7f]"),
    "icd10": _icd10,
    "origins": lambda folded: carry(folded.whole, ORIGINS),
    "addresses": _addresses,
}


def matches(name: str, values: pl.Series | Sequence[str]) -> Flags:
    """Which folded values are of a list: ``in_dictionary`` over a whole column.

    ``values`` are folded (``fold_all``) and hold no null.
    """
    text = values if isinstance(values, pl.Series) else pl.Series("v", list(values), pl.String)
    if not len(text):
        return np.zeros(0, np.bool_)
    return matches_of([name], text)[name]


def matches_of(names: Iterable[str], values: pl.Series) -> dict[str, Flags]:
    """``matches`` for several lists; whole words are looked up once for all of them."""
    found: dict[str, Flags] = {}
    folded = _Folded(values)
    whole: Masks | None = None
    for name in names:
        rule = _RULES.get(name)
        if rule is not None:
            found[name] = rule(folded)
            continue
        if whole is None:
            whole = masks(values.str.strip_chars(" ."))
        found[name] = words_of(name, whole)
    return found
