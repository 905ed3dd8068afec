"""Entities in free text: what is found, where it stands, and what must not be found."""

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muniment.classification.engine.text.tagger import LONGEST, find_entities
from muniment.classification.engine.text.tokens import tokenise


def told(text: str) -> dict[str, str]:
    return {text[e.start : e.end]: e.label for e in find_entities(text)}


LETTER = (
    "Good afternoon, this is Rebecca Thornton calling from Halford & Pryce Solicitors in Leeds. "
    "I am acting for Mr Alan Whitcombe of 14 Beech Grove, Harrogate HG2 0LN. Whitcombe's card is "
    "4539 1488 0343 6467. Please ring me on +44 113 496 0182 or write to r.thornton@halford.co.uk."
)


def test_a_letter_is_told_with_whole_names_addresses_and_numbers() -> None:
    found = told(LETTER)
    assert found["Rebecca Thornton"] == "person.full_name"
    assert found["Alan Whitcombe"] == "person.full_name"
    assert found["Whitcombe"] == "person.last_name"
    assert found["Halford & Pryce Solicitors"] == "org.company"
    assert found["Leeds"] == "geo.city"
    assert found["14 Beech Grove, Harrogate HG2 0LN"] == "contact.street_address"
    assert found["4539 1488 0343 6467"] == "finance.credit_card"
    assert found["+44 113 496 0182"] == "contact.phone"
    assert found["r.thornton@halford.co.uk"] == "contact.email"


@pytest.mark.parametrize(
    ("text", "entity", "label"),
    [
        ("Ship it to 2290 Willow Creek Drive, Suite 210, Boise, ID 83702, USA today.",
         "2290 Willow Creek Drive, Suite 210, Boise, ID 83702, USA", "contact.street_address"),
        ("Write to P.O. Box 1234, Denver, CO 80201.", "P.O. Box 1234, Denver, CO 80201",
         "contact.street_address"),
        ("My social security number is 536-22-8726.", "536-22-8726", "us.ssn"),
        ("She was born on March 3, 1979.", "March 3, 1979", "person.birth_date"),
        ("Beneficiary: Van Dijk Installatietechniek BV, Utrecht.",
         "Van Dijk Installatietechniek BV", "org.company"),
        ("The passport number is X1234567.", "X1234567", "us.passport"),
        ("She moved to Germany in 2016.", "Germany", "geo.country"),
        ("hey can u call mike? he is in chicago till friday", "chicago", "geo.city"),
        ("Login from 185.22.14.9 failed.", "185.22.14.9", "net.ipv4"),
    ],
)  # fmt: skip
def test_an_entity_is_found_whole(text: str, entity: str, label: str) -> None:
    assert told(text)[entity] == label


@pytest.mark.parametrize(
    "text",
    [
        "The quarterly numbers look good. Next steps: finalize the Roadmap and the Handbook.",
        "Order number 4155550132 left on Monday, 3 March. Thanks for your patience.",
        "ERROR NullPointerException at com.shop.cart.Total(Total.java:88)",
        "Click Here to view our Privacy Policy. We'll reply within one Business Day.",
        "The temperature rose from 12.5 to 18.25 degrees between 2019 and 2021.",
        "4111 1111 1111 1112 fails its check digit, and so does 536-00-8726.",
    ],
)
def test_ordinary_words_and_numbers_are_nothing(text: str) -> None:
    assert told(text) == {}


@given(st.text(max_size=300))
@settings(max_examples=60, deadline=None)
def test_any_text_gives_ordered_spans_inside_of_it(text: str) -> None:
    found = find_entities(text)
    ends = [0, *(e.end for e in found)]
    assert all(
        before <= e.start < e.end <= len(text) for before, e in zip(ends, found, strict=False)
    )
    assert all(0.5 <= e.score <= 1 for e in found)
    assert all(text[t.start : t.end] == t.text for t in tokenise(text))


def test_long_text_is_looked_at_in_pieces_with_true_offsets() -> None:
    chance = random.Random(1)
    filler = " ".join(chance.choice(["some", "plain", "words", "here"]) for _ in range(LONGEST))
    text = filler + "\nKind regards,\nMaria Gonzalez\n" + filler
    [person] = find_entities(text)
    assert text[person.start : person.end] == "Maria Gonzalez"


def test_the_command_answers_line_by_line_and_goes_on_past_bad_ones(tmp_path: Path) -> None:
    lines = [
        json.dumps({"id": 7, "text": "Ask John Smith in Paris."}).encode(),
        b"not json",
        b'{"id": 8}',
        b'{"id": 9, "text": "\xff"}',
        json.dumps({"id": "x", "text": "Nothing here."}).encode(),
    ]
    file = tmp_path / "texts.jsonl"
    file.write_bytes(b"\n".join(lines))
    done = subprocess.run(
        [sys.executable, "-m", "muniment.cli.main", "classify", "--text", str(file)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [a["id"] for a in answers] == [7, "x"]
    assert [(e["label"], e["start"], e["end"]) for e in answers[0]["entities"]] == [
        ("person.full_name", 4, 14),
        ("geo.city", 18, 23),
    ]
    assert answers[1]["entities"] == []
    assert done.returncode == 1
    assert [f"line {n}" in done.stderr for n in (2, 3, 4)] == [True] * 3


def test_documents_in_a_folder_tell_what_is_in_them_and_where(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text(
        "Nothing here.\n\nMet Priya Sharma in Boston. Her card: 4539 1488 0343 6467."
    )
    (tmp_path / "page.html").write_text("<p>Plain words only.</p>")
    done = subprocess.run(
        [sys.executable, "-m", "muniment.cli.main", "classify", "--json", str(tmp_path)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    note, page = json.loads(done.stdout)
    labels = {label["label"]: label["evidence"] for label in note["labels"]}
    assert set(labels) == {"person.full_name", "geo.city", "finance.credit_card"}
    assert labels["finance.credit_card"]["where"] == ["paragraph 2"]
    assert labels["finance.credit_card"]["examples"] == ["9999 9999 9999 9999"]
    assert "4539" not in done.stdout
    assert page == {"file": "page.html", "column": "text", "labels": []}
