"""What is kept of columns judges as the scan did and holds no hash; groups merge exactly."""

import base64
import random
from dataclasses import replace
from typing import Any

import pyarrow as pa

from muniment.classification.analyzer import ClassifyAnalyzer
from muniment.classification.asked import digest, reads_anew
from muniment.classification.content import builtin
from muniment.classification.engine.state import shape_of as engine_shape
from muniment.classification.groups_analyzer import GroupsAnalyzer, quasi_identifiers
from muniment.classification.shapes import differences, shape_of, why_read
from muniment.contracts.connectors import AssetMeta, ColumnMeta
from muniment.contracts.reading import AnalysisContext
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import AssetKind

REF = AssetRef("crm", ("main", "people"))


def context(table: pa.Table, params: dict[str, object] | None = None) -> AnalysisContext:
    columns = tuple(ColumnMeta(name, "text") for name in table.column_names)
    meta = AssetMeta(REF.path, AssetKind.TABLE, columns)
    return AnalysisContext(REF, meta, params or {})  # type: ignore[arg-type]  # plain JSON


def people(rows: int) -> pa.Table:
    chance = random.Random(7)
    return pa.table(
        {
            "email": [f"p{n}@mail{n % 40}.example" for n in range(rows)],
            "city": [chance.choice(["Berlin", "Paris", "Rome", "Oslo"]) for _ in range(rows)],
            "birth_date": [
                f"{chance.randrange(1950, 2000)}-{chance.randrange(1, 13):02}-01"
                for _ in range(rows)
            ],
            "gender": [chance.choice("fm") for _ in range(rows)],
            "note": ["wrote to x@y.example, will call" for _ in range(rows)],
        }
    )


def test_kept_values_are_judged_as_the_scan_judged_and_are_small() -> None:
    table = people(15_000)
    analyzer = ClassifyAnalyzer()
    state = analyzer.start(context(table), table.schema)
    for batch in table.to_batches(max_chunksize=4_000):
        state = analyzer.feed(state, batch)
    told: Any = analyzer.finish(state, context(table, {"keep": True, "made_by": "x"}))
    kept = told["kept"]
    assert isinstance(kept, dict)
    raw = base64.b64decode(str(kept["state"]))
    again = analyzer.finish(analyzer.load(raw), context(table))
    assert again["columns"] == told["columns"]
    assert kept["params"] == {"made_by": "x"}
    assert len(raw) < len(analyzer.dump(state)) / 10
    hashes = state.columns["email"].marked.hashes
    for column in analyzer.load(raw).columns.values():
        assert not set(column.marked.hashes.tolist()) & set(hashes.tolist())
    [email] = [each for each in kept["columns"] if each["column"] == "email"]
    assert "contact.email" in email["marks"]


def test_groups_count_the_same_however_the_rows_are_cut() -> None:
    table, analyzer = people(6_000), GroupsAnalyzer()
    assert set(quasi_identifiers(table.column_names)) == {"city", "birth_date", "gender"}
    whole = analyzer.start(context(table), table.schema)
    for batch in table.to_batches():
        whole = analyzer.feed(whole, batch)
    parts = []
    for at in (0, 1_000, 3_500):
        end = {0: 1_000, 1_000: 2_500, 3_500: 2_500}[at]
        part = analyzer.start(context(table), table.schema)
        for batch in table.slice(at, end).to_batches():
            part = analyzer.feed(part, batch)
        parts.append(analyzer.load(analyzer.dump(part)))
    merged = analyzer.merge(parts[2], analyzer.merge(parts[0], parts[1]))
    ask = context(table)
    told: Any = analyzer.finish(whole, ask)
    assert analyzer.finish(merged, ask) == told
    sets = {tuple(each["columns"]): each for each in told["sets"]}
    exact: dict[tuple[object, ...], int] = {}
    for row in table.select(["city", "birth_date", "gender"]).to_pylist():
        exact[tuple(row.values())] = exact.get(tuple(row.values()), 0) + 1
    found = sets["city", "birth_date", "gender"]
    alone = sum(count == 1 for count in exact.values()) / table.num_rows
    assert abs(found["unique"] - alone) < 0.05
    assert abs(found["groups"] - len(exact)) / len(exact) < 0.2
    assert sets[("gender",)]["exact"]
    assert sets[("gender",)]["groups"] == 2


def test_a_version_that_asks_the_same_of_values_needs_no_reading() -> None:
    email = builtin().classifiers["contact.email"]
    assert digest(replace(email, title="Mail", min_share=0.9)) == digest(email)
    assert not reads_anew(email, replace(email, min_share=0.9))
    other = replace(email, patterns=(*email.patterns, "x@[a-z]+"))
    assert reads_anew(email, other)
    for shape, hinted in (("x@x.x", True), ("9", False)):
        why = why_read(other, frozenset({shape}), name="c7", kind="text", seen=["x@x.x"], marks=[])
        assert (why is not None) is hinted
    assert shape_of("Anna@mail.example") == engine_shape("Anna@mail.example")
    before, after = {("a", "x"): 0.9, ("b", "x"): 0.8}, {("a", "x"): 0.7, ("c", "x"): 0.6}
    assert {key: change for key, (change, *_) in differences(before, after, 0.03).items()} == {
        ("a", "x"): "changed",
        ("b", "x"): "lost",
        ("c", "x"): "gained",
    }
