"""The word lists: one rule for a value and for a column, names of many scripts, honest misses."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muniment.classification.engine import lookups
from muniment.classification.engine.dictionaries import in_dictionary, lists_of, names, word_hash
from muniment.classification.engine.header import folded

VALUES = (
    "Anna Müller", "Weber, Thomas", "Dr. Sophie Martin", "Jean-Pierre Dubois", "J. Kowalski",
    "María García López", "Иванов Иван Иванович", "김민준", "田中太郎", "王小明", "محمد أحمد",
    "Ma Wei", "Nguyễn Văn An", "Seán O'Connor", "Łukasz Wójcik", "Γιώργος Παπαδόπουλος",
    "Oak Dining Table", "SKU-1234", "San Francisco", "Berlin", "Springfield, IL", "İstanbul",
    "Nordlicht Handels GmbH", "Metformin 500 mg", "E11.9", "Lindenstraße 12", "rue de la Paix",
    "Data Engineer", "Head of Sales", "Type 2 diabetes mellitus", "Deutschland", "ガス", "x", "",
)  # fmt: skip


@pytest.mark.parametrize("name", names())
def test_a_column_and_its_values_get_one_answer(name: str) -> None:
    plain = lookups.fold_all(pl.Series("v", VALUES))
    assert plain.to_list() == [folded(value) for value in VALUES]
    assert lookups.matches(name, plain).tolist() == [in_dictionary(name, v) for v in plain]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=30), min_size=1, max_size=8))
def test_words_of_any_script_hash_alike_alone_and_in_a_column(words: list[str]) -> None:
    column = pl.Series("v", words, pl.String)
    alone = [word_hash(w.encode()) if 0 < len(w.encode()) <= 64 else 0 for w in words]
    assert lookups.hashes(column).tolist() == alone
    assert lookups.masks(column).tolist() == [lists_of(word) for word in words]


@pytest.mark.parametrize("value", VALUES[:16])
def test_people_are_known_in_every_script_and_order(value: str) -> None:
    assert in_dictionary("full_names", folded(value))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("full_names", "Oak Dining Table"),
        ("full_names", "San Francisco"),
        ("full_names", "Project Manager"),
        ("given_names", "Table"),
        ("cities", "of"),
        ("companies", "Anna Müller"),
        ("companies", "04/10/2021 07:03 PM"),
        ("medications", "chair"),
        ("diseases", "delivery delayed"),
        ("streets", "Dr. Sophie Martin"),
        ("streets", "the ship moved from B 7 to its place in the rain of day 3"),
        ("icd10", "Z99.99.9"),
    ],
)
def test_near_misses_are_misses(name: str, value: str) -> None:
    assert not in_dictionary(name, folded(value))
