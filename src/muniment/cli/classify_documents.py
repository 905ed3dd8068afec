"""Documents in ``muniment classify``: which entities they hold, how many, and where."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from muniment.classification.content import builtin
from muniment.classification.engine.text.tagger import find_entities
from muniment.contracts.connectors import AssetMeta
from muniment.contracts.reading import Connector, ReadPlan
from muniment.kernel.masking import mask
from muniment.kernel.values import JsonObject, Tier

FORMAT = "prose"
"""What connectors call the format of a document of text."""
_PLACES = 20
_EXAMPLES = 3


@dataclass(slots=True)
class Seen:
    """What was seen of one label in one document."""

    count: int = 0
    doubt: float = 1.0
    """How likely it is that all of the finds are wrong."""
    places: dict[str, None] = field(default_factory=dict)
    examples: dict[str, None] = field(default_factory=dict)


def is_document(meta: AssetMeta) -> bool:
    """Whether an asset is a document of text rather than a table."""
    return meta.properties.get("format") == FORMAT


def document_columns(
    connector: Connector, meta: AssetMeta, *, rows: int, least: float
) -> tuple[list[JsonObject], int]:
    """The one column of a document, its text, with labels; and the number of passages read."""
    found: defaultdict[str, Seen] = defaultdict(Seen)
    passages = 0
    for place, said in _passages(connector, meta, rows):
        passages += 1
        for entity in find_entities(said, least=least):
            seen = found[entity.label]
            seen.count += 1
            seen.doubt *= 1 - entity.score
            if len(seen.places) < _PLACES:
                seen.places[place] = None
            if len(seen.examples) < _EXAMPLES and not entity.label.startswith("secret."):
                seen.examples[mask(said[entity.start : entity.end])] = None
    labels = [_label(name, seen, passages) for name, seen in found.items()]
    labels.sort(key=lambda label: (-float(str(label["confidence"])), str(label["label"])))
    return [{"column": "text", "labels": labels}], passages


def _passages(connector: Connector, meta: AssetMeta, rows: int) -> Iterator[tuple[str, str]]:
    plan = ReadPlan(sample_rows=rows)
    for partition in connector.partitions(meta, plan):
        for batch in connector.read(meta, partition, plan):
            for row in batch.to_pylist():
                yield str(row.get("place") or ""), str(row.get("text") or "")


def _label(name: str, seen: Seen, passages: int) -> JsonObject:
    known = builtin().classifiers.get(name)
    return {
        "label": name,
        "confidence": round(min(1 - seen.doubt, 0.995), 4),
        "title": name if known is None else known.title,
        "category": name.partition(".")[0] if known is None else known.category,
        "sensitivity": "internal" if known is None else known.sensitivity.word,
        "personal": known is not None and known.personal,
        "special": known is not None and known.special,
        "tier": Tier.RULE.value,
        "evidence": {
            "mode": "inside_text",
            "matched": seen.count,
            "tested": passages,
            "where": list(seen.places),
            "examples": list(seen.examples),
        },
    }
