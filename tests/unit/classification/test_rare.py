"""One value among many thousands is told, as a suggestion, and without the value."""

import json

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from muniment.classification.analyzer import ClassifyAnalyzer
from muniment.contracts.connectors import AssetMeta, ColumnMeta
from muniment.contracts.reading import AnalysisContext
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import AssetKind, JsonObject
from muniment.platform.settings import Settings

ANALYZER = ClassifyAnalyzer()
REF = AssetRef("shop", ("sales", "notes"))
META = AssetMeta(REF.path, AssetKind.TABLE, (ColumnMeta("note", "text"),))
CONTEXT = AnalysisContext(REF, META, {"cache_dir": str(Settings().pattern_cache)})
CARD = "4111 1111 1111 1111"
ROWS = 30_000


def read(values: list[str], parts: int = 3) -> JsonObject:
    """Learned in parts, merged through bytes as between workers, and judged."""
    schema = pa.schema([("note", pa.string())])
    whole = None
    size = -(-len(values) // parts)
    for at in range(0, len(values), size):
        batch = pa.RecordBatch.from_pydict({"note": values[at : at + size]}, schema=schema)
        part = ANALYZER.load(ANALYZER.dump(ANALYZER.feed(ANALYZER.start(CONTEXT, schema), batch)))
        whole = part if whole is None else ANALYZER.merge(whole, part)
    assert whole is not None
    return ANALYZER.finish(whole, CONTEXT)


def labels(result: JsonObject) -> dict[str, dict[str, object]]:
    [column] = json.loads(json.dumps(result))["columns"]
    return {label["label"]: label for label in column["labels"]}


@settings(max_examples=4, deadline=None)
@given(at=st.integers(0, ROWS - 1))
def test_one_card_number_is_told_wherever_it_is(at: int) -> None:
    notes = [f"called back about order {n}, all fine" for n in range(ROWS)]
    notes[at] = f"paid by phone, card {CARD}, thanks"
    result = read(notes)
    card = labels(result)["finance.credit_card"]
    evidence = card["evidence"]
    assert isinstance(evidence, dict)
    assert (evidence["mode"], evidence["matched_rows"], evidence["tested_rows"]) == (
        "rare",
        1,
        ROWS,
    )
    assert card["effective"] is False
    assert CARD not in json.dumps(result)


def test_a_number_that_fails_its_check_and_a_telephone_number_are_not_told() -> None:
    notes = [f"called back about order {n}, all fine" for n in range(ROWS)]
    notes[7] = "reference 4111 1111 1111 1112"
    notes[8] = "call +49 30 901820 after four"
    assert not labels(read(notes))


def test_a_key_is_told_without_even_a_mask() -> None:
    notes = [f"called back about order {n}, all fine" for n in range(ROWS)]
    notes[9] = "use ghp_" + "a1B2c3D4e5F6" * 3 + " for now"
    found = labels(read(notes))["secret.github_pat"]["evidence"]
    assert isinstance(found, dict)
    assert found["examples"] == [""] or found["examples"] == []


def test_of_values_that_come_often_every_row_counts() -> None:
    notes = ["nothing to be told here", "closed by the customer"] * (ROWS // 2)
    for at in (3, 9_000, ROWS - 1):
        notes[at] = f"paid by phone, card {CARD}, thanks"
    evidence = labels(read(notes))["finance.credit_card"]["evidence"]
    assert isinstance(evidence, dict)
    assert (evidence["matched_rows"], evidence["tested_rows"]) == (3, ROWS)
