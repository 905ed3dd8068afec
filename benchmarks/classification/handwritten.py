"""Texts written by hand, with the places of what they name; measured against the tagger.

    python benchmarks/classification/handwritten.py [--errors]

A find is right when it is of the right kind and half of both spans agree. Precision and recall are
told by kind and over all, and so is how many spans agree to the letter.
"""

import argparse
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from muniment.classification.engine.text.tagger import find_entities

MARKED = re.compile(r"\[\[([paoci])\|(.+?)\]\]", re.DOTALL)
KINDS = {"p": "person", "a": "address", "o": "organisation", "c": "contact", "i": "identifier"}
OTHERS = ("person.birth", "person.date", "person.age", "geo.", "date", "secret.")
"""What the texts are not marked with: neither right nor wrong."""

Span = tuple[str, int, int]


def documents() -> Iterator[tuple[str, list[Span]]]:
    """Each text without its marks, with the spans that were marked."""
    raw = Path(__file__).with_name("handwritten.txt").read_text("utf-8")
    body = raw.split("\n", 2)[2]
    for marked in body.split("\n---\n"):
        text, spans, at = "", [], 0
        for mark in MARKED.finditer(marked):
            text += marked[at : mark.start()]
            spans.append((KINDS[mark[1]], len(text), len(text) + len(mark[2])))
            text, at = text + mark[2], mark.end()
        yield (text + marked[at:]).strip("\n"), spans


def kind_of(label: str) -> str | None:
    """The kind of a label; None where the texts are not marked with it."""
    if label.startswith(OTHERS):
        return None
    if label.startswith(("contact.street_address", "address.", "contact.address")):
        return "address"
    if label.startswith("org."):
        return "organisation"
    if label.startswith("person."):
        return "person"
    return "contact" if label.startswith("contact.") else "identifier"


def _agree(one: Span, other: Span) -> bool:
    both = min(one[2], other[2]) - max(one[1], other[1])
    return one[0] == other[0] and 2 * both >= max(one[2] - one[1], other[2] - other[1])


def measured(errors: bool) -> tuple[Counter[tuple[str, str]], Sequence[str]]:
    """Counts of right, missed and wrong by kind; and the errors in words."""
    counts: Counter[tuple[str, str]] = Counter()
    told: list[str] = []
    for text, spans in documents():
        found = [
            (kind, entity.start, entity.end)
            for entity in find_entities(text)
            if (kind := kind_of(entity.label)) is not None
        ]
        for span in spans:
            if span in found:
                counts["exact", span[0]] += 1
            if any(_agree(span, each) for each in found):
                counts["right", span[0]] += 1
            else:
                counts["missed", span[0]] += 1
                told.append(f"missed {span[0]}: {text[span[1] : span[2]]!r}")
        for each in found:
            if not any(_agree(span, each) for span in spans):
                counts["wrong", each[0]] += 1
                told.append(f"wrong {each[0]}: {text[each[1] : each[2]]!r}")
    return counts, told if errors else ()


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--errors", action="store_true")
    counts, told = measured(asked.parse_args().errors)
    for kind in (*KINDS.values(), "all"):
        right, missed, wrong, exact = (
            sum(n for (what, k), n in counts.items() if what == name and kind in (k, "all"))
            for name in ("right", "missed", "wrong", "exact")
        )
        precision, recall = right / max(right + wrong, 1), right / max(right + missed, 1)
        print(f"{kind:13} P {precision:.3f}  R {recall:.3f}  exact {exact}/{right + missed}")
    print("\n".join(told))


if __name__ == "__main__":
    main()
