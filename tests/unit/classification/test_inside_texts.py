"""Names inside of sentences: found in columns of prose, not in values, titles and documents."""

from typing import Any

import pyarrow as pa

from muniment.classification.direct import classify_table
from muniment.classification.engine.text import inside
from muniment.classification.engine.text.inside import labels_inside
from muniment.kernel.refs import AssetRef

PEOPLE = ("Anna Schmidt", "Oluwaseun Adeyemi", "Priya Nair", "Giulia Rossi", "Karl Lindqvist")
NOTES = [
    f"Spoke to {PEOPLE[n % 5]} about invoice {n}; the rest will be paid on Friday."
    for n in range(60)
]
DRY = [f"The delivery was late by {n} minutes and the box was wet again." for n in range(60)]


def labels(values: list[str]) -> dict[str, dict[str, object]]:
    table = pa.table({"notes": values})
    told = classify_table(table, AssetRef("desk", ("tickets",)), {"classifiers": ["person.*"]})
    columns: Any = told["columns"]
    return {each["label"]: each["evidence"] for each in columns[0]["labels"]}


def test_people_in_notes_are_told_with_how_many_texts_were_read() -> None:
    found = labels(NOTES)
    evidence = found["person.full_name"]
    assert evidence["mode"] == "inside_text"
    assert 0 < int(str(evidence["matched"])) <= int(str(evidence["tested"])) == inside.TEXTS
    assert "Adeyemi" not in str(found)


def test_nothing_is_told_of_texts_about_nobody() -> None:
    assert labels(DRY) == {}
    assert labels_inside(DRY).found == {}


def test_values_titles_and_documents_are_no_sentences() -> None:
    assert labels_inside(PEOPLE * 5).looked == []
    documents = [f'{{"note": "Spoke to {name} about the invoice of last week"}}' for name in PEOPLE]
    assert labels_inside(documents).looked == []


def test_what_few_texts_name_is_not_told() -> None:
    assert labels_inside([*NOTES[:2], *DRY[:20]]).found == {}
