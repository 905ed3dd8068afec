"""What stewards' decisions are worth: labels of tables nobody decided about, before and after.

    python benchmarks/learning.py [SET ...]

First an organisation with a kind of its own: vessels' names, under ten names of columns, in a fleet
of tables of which half are decided about. Then sets of ``classification_quality.py``, where a
steward decides about every second table: confirms what is right, rejects what is wrong, and adds
what is missing. All tiers are asked about the other tables, with the shipped model and with the one
that learned; where the gate is shut, nobody would see the second line.
"""

import csv
import json
import random
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from _peers import home
from classification_quality import Report, compare
from muniment.classification.analyzer import ClassifyAnalyzer, settle
from muniment.classification.content import builtin
from muniment.classification.engine.classify import RULES, judge
from muniment.classification.engine.detectors import Detectors
from muniment.classification.engine.header import normalised
from muniment.classification.engine.model import frozen, network
from muniment.classification.engine.model.combine import left_open, says_something
from muniment.classification.engine.model.head import learned
from muniment.classification.engine.model.learning import Examples, learn
from muniment.classification.engine.state import ColumnState
from muniment.contracts.connectors import AssetMeta, ColumnMeta
from muniment.contracts.reading import AnalysisContext
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import AssetKind

OWN = "custom.vessel"
SETS = ("strange-4", "real", "real-hidden", "open-1-4")
CALLED = ("hull", "craft", "boat", "mv", "tender", "barge", "lead tug", "escort", "ferry", "feeder")
FIRST = ("Nordic", "Baltic", "Arctic", "Ocean", "Polar", "Coral", "Silver", "Golden", "Royal")
NUMBERS = ("I", "II", "III", "IV", "V")
REMARKS = ("late", "on time", "by rail", "waits for papers", "was sent back", "paid twice")
SECOND = ("Star", "Breeze", "Trader", "Pioneer", "Spirit", "Carrier", "Voyager", "Falcon", "Dawn")


@dataclass
class Estate:
    """Tables of settled columns, with what they hold."""

    key: Sequence[Mapping[str, Any]]
    tables: list[tuple[str, Sequence[ColumnState]]] = field(default_factory=list)

    def read(self, name: str, columns: Mapping[str, Sequence[str | None]]) -> None:
        """Look at a table as a scan does."""
        analyzer = ClassifyAnalyzer()
        table = pl.DataFrame([pl.Series(n, v, pl.String) for n, v in columns.items()]).to_arrow()
        meta = AssetMeta((name,), AssetKind.TABLE, tuple(ColumnMeta(n, "") for n in columns))
        context = AnalysisContext(AssetRef("bench", meta.path), meta, {})
        state = analyzer.start(context, table.schema)
        for batch in table.to_batches():
            state = analyzer.feed(state, batch)
        settle(state)
        self.tables.append((name, [*state.columns.values()]))


def fleet(chance: random.Random) -> Estate:
    """Forty tables with vessels, remarks and numbers."""
    tables = {}
    for at in range(40):
        names = [
            f"{chance.choice(FIRST)} {chance.choice(SECOND)} {chance.choice(NUMBERS)}"
            for _ in range(120)
        ]
        remarks = [" ".join(chance.choices(REMARKS, k=3)) for _ in range(120)]
        tons = [str(chance.randrange(10_000)) for _ in range(120)]
        tables[f"voyage{at}"] = {CALLED[at % 10]: names, "remark": remarks, "tons": tons}
    key = [
        {"file": table, "column": name, "labels": [OWN] if name in CALLED else [], "header": "own",
         "family": "fleet"}
        for table, columns in tables.items()
        for name in columns
    ]  # fmt: skip
    estate = Estate(key)
    for name, columns in tables.items():
        estate.read(name, columns)
    return estate


def of_set(folder: Path) -> Estate:
    """A set of the evaluation."""
    key = json.loads((folder / "key.json").read_text("utf-8"))
    estate = Estate([{**row, "file": row["file"].rsplit("/", 1)[-1].split(".")[0]} for row in key])
    for file in sorted((folder / "data").glob("*.csv")):
        with file.open(newline="", encoding="utf-8") as read:
            head, *rows = csv.reader(read)
        estate.read(file.stem, {n: [row[at] or None for row in rows] for at, n in enumerate(head)})
    return estate


def decisions(estate: Estate, detectors: Detectors) -> Examples:
    """What a steward who knows the key says of every second table."""
    schema, rows, confirmed, rejected, groups, asked = network.shipped().schema, [], [], [], [], []
    key = {(row["file"], row["column"]): row for row in estate.key}
    for table, columns in estate.tables[::2]:
        ruled = judge(columns, table, detectors, tiers=(RULES,))
        for column, verdict, rule in zip(
            columns, judge(columns, table, detectors), ruled, strict=True
        ):
            row = key.get((table, column.name))
            if row is None or not len(column.marked.traits):
                continue
            told = {"file": table, "column": column.name, "labels": _json(verdict.labels)}
            wrong = [
                each.split()[0]
                for error in compare([row], [told]).errors
                for each in error["wrong"]
            ]
            if row["labels"] or wrong:
                rows.append(schema.row(column, column.name, detectors.headers(column.name)))
                confirmed.append(frozenset(row["labels"]))
                rejected.append(frozenset(wrong))
                groups.append(normalised(column.name) if says_something(column.name) else table)
                asked.append(left_open(rule.labels, column))
    return Examples(np.stack(rows), confirmed, rejected, groups, np.array(asked, np.bool_))


def _json(labels: Iterable[Any]) -> list[dict[str, Any]]:
    return [{"label": x.label, "score": x.confidence, "tier": x.tier.value} for x in labels]


def undecided(estate: Estate, detectors: Detectors, model: network.Model) -> Report:
    """How right all tiers are about the tables nobody decided about."""
    rest = estate.tables[1::2]
    told = [
        {"file": table, "column": verdict.column, "labels": _json(verdict.labels)}
        for table, columns in rest
        for verdict in judge(columns, table, detectors, model=model)
    ]
    names = {table for table, _ in rest}
    return compare([row for row in estate.key if row["file"] in names], told)


def main() -> None:
    known = dict(builtin().classifiers)
    vessel = replace(known["person.occupation"], id=OWN, title=OWN, dictionary=None, words=())
    for name in ("fleet", *(sys.argv[1:] or SETS)):
        own = name == "fleet"
        folder = home() / "classification-sets" / name
        if not own and not folder.exists():
            print(f"{name}: run benchmarks/classification_quality.py first to make this set")
            continue
        detectors = Detectors({**known, OWN: vessel} if own else known)
        estate = fleet(random.Random(5)) if own else of_set(folder)
        examples, shipped = decisions(estate, detectors), network.shipped()
        begun = time.process_time()
        got = learn(shipped, frozen.shipped(), examples, 1)
        print(
            f"\n## {name}: {got.report['columns']} decided columns of {got.report['names']} names,"
            f" learned in {time.process_time() - begun:.1f} CPU s"
        )
        print(f"  decisions held out {got.report.get('decisions')}")
        print(f"  frozen {got.report.get('frozen')}")
        print(f"  gate {'open' if got.report['passes'] else 'shut: ' + got.report['reasons'][-1]}")
        models = {"shipped": shipped}
        if got.head is not None:
            models["learned"] = learned(got.head.dump())
        for called, model in models.items():
            report = undecided(estate, detectors, model)
            print(
                f"  {called}: F1 {report.whole.f1:.3f}  right {report.whole.right}"
                f"  wrong {report.whole.wrong}  missed {report.whole.missed}"
                f"  false positives per 100 {report.per_hundred:.2f}"
            )


if __name__ == "__main__":
    main()
