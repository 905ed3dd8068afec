"""What bytes pick is never less than what patterns find."""

import polars as pl
import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from muniment.catalog.analysis.letters import Letters
from muniment.catalog.analysis.text import PLACEHOLDERS, WORDS, facts

around = st.text(alphabet=" \t\u00a0\u3000", max_size=2)
cased = st.sampled_from(PLACEHOLDERS).map(lambda word: word.title())
telling = st.tuples(around, st.sampled_from(PLACEHOLDERS) | cased | st.just(""), around)
texts = telling.map("".join) | st.text(max_size=6)
# Unicode's White_Space; `str.strip` alone takes the separators U+001C to U+001F for white too.
WHITE = (
    "\t\n\x0b\x0c\r \x85\u00a0\u1680"
    + "".join(map(chr, range(0x2000, 0x200B)))
    + "\u2028\u2029\u202f\u205f\u3000"
)


@settings(max_examples=200, deadline=None)
@given(st.lists(texts, min_size=1, max_size=6), st.integers(0, 3), st.booleans())
@example(["", " "], 0, False)
@example(["\x1f", "\x1fn/a"], 0, False)
def test_no_blank_and_no_placeholder_is_missed(given_: list[str], skip: int, wide: bool) -> None:
    kind = pa.large_string() if wide else pa.string()
    array = pa.array(["é", *given_], kind).slice(min(skip, len(given_)))
    kept = [str(text) for text in array.to_pylist()]
    letters = Letters(array)
    blank = {at for at, text in enumerate(kept) if not text.strip(WHITE)}
    words = {at for at, text in enumerate(kept) if text.strip(WHITE).lower() in PLACEHOLDERS}
    assert blank <= set(letters.maybe_blank().tolist())
    assert words <= set(letters.maybe(WORDS).tolist())
    found = facts(pl.Series(kept, dtype=pl.String), None, 0, letters)
    assert (found.blanks, found.characters) == (len(blank), sum(map(len, kept)))
    assert found.placeholders >= len(words)


def test_a_long_text_is_no_candidate() -> None:
    array = pa.array(["none of these words", " none ", "nuts", "NONE", "an"])
    assert Letters(array).maybe(WORDS).tolist() == [1, 3]
