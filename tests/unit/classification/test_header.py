"""What column names say, in any spelling and language."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muniment.classification.content import builtin
from muniment.classification.engine.header import (
    HeaderIndex,
    normalised,
    read_header,
    tokens,
)
from muniment.classification.model import HeaderWords

INDEX = HeaderIndex({c.id: c.header for c in builtin().classifiers.values()})
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


@settings(deadline=None, max_examples=40)
@given(st.text(max_size=40))
def test_the_index_finds_what_reading_every_classifier_finds(name: str) -> None:
    slow = {
        each.id for each in builtin().classifiers.values() if read_header(name, each.header).odds
    }
    together = INDEX.read(name)
    assert set(together) <= slow
    assert all(said.odds <= 4.5 for said in together.values())


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("cust_phone_no", "contact.phone"),
        ("kundenTelefonnummer", "contact.phone"),
        ("dateOfBirth", "person.birth_date"),
        ("PAN", "finance.credit_card"),
        ("waehrung", "finance.currency"),
        ("laengengrad", "geo.longitude"),
        ("CNTRY_CD", "geo.country_code"),
        ("SURNM", "person.last_name"),
        ("tbl_breedtegraad", "geo.latitude"),
        ("codigo_barras", "std.ean"),
        ("adrress", "contact.street_address"),
        ("顧客メールアドレス", "contact.email"),
        ("номер_телефона", "contact.phone"),
        ("nazwa_firmy", "org.company"),
        ("Emails", "contact.email"),
    ],
)
def test_names_are_heard_in_many_languages_and_spellings(name: str, label: str) -> None:
    said = INDEX.read(name)
    assert said[label].strong
    assert max(said.values(), key=lambda s: s.odds).odds == said[label].odds


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("country_code", "geo.country"),
        ("long_description", "geo.longitude"),
        ("created_by", "geo.city"),
        ("eta_port", "person.age"),
        ("bank_name", "person.full_name"),
    ],
)
def test_longer_phrases_take_their_words_from_shorter_ones(name: str, label: str) -> None:
    said = INDEX.read(name)
    assert label not in said or not said[label].strong


def test_look_alike_names_are_one() -> None:
    assert normalised("CUST_EMAIL_2") == normalised("custEmail") == "customer_email"


@pytest.mark.parametrize("name", ["altitude", "handler", "number", "portal", "warnings", "sender"])
def test_words_of_their_own_are_no_slips_of_others(name: str) -> None:
    assert not {label: said.words for label, said in INDEX.read(name).items() if said.odds > 1.5}
