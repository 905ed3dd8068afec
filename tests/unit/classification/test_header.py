"""What column names say, in any spelling and language."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muniment.classification.content import builtin
from muniment.classification.engine.detectors import Detectors
from muniment.classification.engine.header import (
    normalised,
    read_header,
    tokens,
)
from muniment.classification.model import HeaderWords

EMAIL = builtin().classifiers["contact.email"].header


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("customerFirst_name2", ("customer", "first", "name")),
        ("HTTPServerURL", ("http", "server", "url")),
        ("E-Mail Adresse", ("e", "mail", "adresse")),
        ("prénom", ("prenom",)),
        ("生年月日", ("生年月日",)),
    ],
)
def test_names_are_split_into_words(name: str, words: tuple[str, ...]) -> None:
    assert tokens(name) == words


@pytest.mark.parametrize(
    "name",
    ["email", "EMAIL_ADDR", "custEmail", "e_mail", "kundenemail", "メールアドレス", "a.b.Email"],
)
def test_an_email_header_is_heard(name: str) -> None:
    assert read_header(name, EMAIL).strong


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("email_verified", "verified"),
        ("is_email_valid", "is"),
        ("email_sent_count", "count"),
        ("emailTemplateId", "template"),
    ],
)
def test_a_word_beside_it_turns_the_meaning(name: str, word: str) -> None:
    said = read_header(name, EMAIL)
    assert said.odds < 0
    assert word in said.against


def test_a_denied_phrase_speaks_against() -> None:
    words = HeaderWords(strong=("name",), never=("product name",))
    assert read_header("product_name", words).odds < read_header("colour", words).odds == 0


@settings(deadline=None)
@given(st.text(max_size=40))
def test_the_index_of_phrases_finds_what_reading_every_classifier_finds(name: str) -> None:
    detectors = Detectors(builtin().classifiers)
    slow = {
        each.id: said
        for each in builtin().classifiers.values()
        if (said := read_header(name, each.header)).odds
    }
    assert detectors.headers(name) == slow


@pytest.mark.parametrize(
    "name", ["cust_phone_no", "kundenTelefonnummer", "IBAN", "dateOfBirth", "PAN"]
)
def test_the_index_agrees_on_real_names(name: str) -> None:
    detectors = Detectors(builtin().classifiers)
    slow = {c.id for c in builtin().classifiers.values() if read_header(name, c.header).odds}
    assert set(detectors.headers(name)) == slow


def test_look_alike_names_are_one() -> None:
    assert normalised("CUST_EMAIL_2") == normalised("custEmail") == "customer_email"
