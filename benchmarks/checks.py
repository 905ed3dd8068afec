"""Twenty quality checks on TPC-H's lineitem: against Soda 4 and against Great Expectations.

    python benchmarks/checks.py [scale]

All three answer the same twenty, all of which hold. CPU seconds of the client and of the source.
"""

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from psycopg.conninfo import conninfo_to_dict

from _measure import Cost, cost_of
from _peers import environment_of, home
from _tpch import load
from muniment.platform.embedded import EmbeddedPostgres

TIMES = 3
MUNIMENT = str(Path(sys.executable).parent / "muniment")
GREAT = """
import json, sys
import great_expectations as gx
from great_expectations import expectations as told
context = gx.get_context(mode="ephemeral")
source = context.data_sources.add_postgres("pg", connection_string=sys.argv[1])
table = source.add_table_asset("lineitem", table_name="lineitem")
batch = table.add_batch_definition_whole_table("all")
suite = context.suites.add(gx.ExpectationSuite(name="twenty"))
for name, given in json.load(open(sys.argv[2])):
    suite.add_expectation(getattr(told, name)(**given))
wanted = gx.ValidationDefinition(name="v", data=batch, suite=suite)
answer = context.validation_definitions.add(wanted).run()
print(sum(bool(each.success) for each in answer.results))
"""


@dataclass(frozen=True, slots=True)
class Check:
    """One check in the words of each of the three."""

    type: str
    columns: tuple[str, ...] = ()
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def soda(self) -> dict[str, Any]:
        given = self.params
        match self.type:
            case "row_count_between":
                return {"row_count": {"threshold": {"must_be_greater_than_or_equal": given["min"]}}}
            case "composite_unique":
                return {"duplicate": {"columns": list(self.columns)}}
            case "not_null":
                return {"missing": {}}
            case "in_set":
                return {"invalid": {"valid_values": given["values"]}}
            case "in_range":
                return {"invalid": {"valid_min": given["min"], "valid_max": given["max"]}}
            case "length_between":
                ends = {"valid_min_length": given["min"], "valid_max_length": given["max"]}
                return {"invalid": ends}
            case "regex":
                return {"invalid": {"valid_format": {"regex": given["pattern"], "name": "form"}}}
            case _:
                ends = {"greater_than_or_equal": given["min"], "less_than_or_equal": given["max"]}
                return {"aggregate": {"function": "avg", "threshold": {"must_be_between": ends}}}

    @property
    def great(self) -> tuple[str, dict[str, Any]]:
        given = self.params
        column = {"column": self.columns[0]} if self.columns else {}
        ends = {f"{end}_value": given[end] for end in ("min", "max") if end in given}
        match self.type:
            case "row_count_between":
                return "ExpectTableRowCountToBeBetween", ends
            case "composite_unique":
                return "ExpectCompoundColumnsToBeUnique", {"column_list": list(self.columns)}
            case "not_null":
                return "ExpectColumnValuesToNotBeNull", column
            case "in_set":
                return "ExpectColumnValuesToBeInSet", {**column, "value_set": given["values"]}
            case "in_range":
                return "ExpectColumnValuesToBeBetween", {**column, **ends}
            case "length_between":
                return "ExpectColumnValueLengthsToBeBetween", {**column, **ends}
            case "regex":
                return "ExpectColumnValuesToMatchRegex", {**column, "regex": given["pattern"]}
            case _:
                return "ExpectColumnMeanToBeBetween", {**column, **ends}


def twenty() -> Iterator[Check]:
    yield Check("row_count_between", (), {"min": 1})
    for name in ("l_orderkey", "l_partkey", "l_suppkey", "l_quantity", "l_shipdate"):
        yield Check("not_null", (name,))
    for name, values in (
        ("l_returnflag", ["A", "N", "R"]),
        ("l_linestatus", ["F", "O"]),
        ("l_shipmode", ["AIR", "FOB", "MAIL", "RAIL", "REG AIR", "SHIP", "TRUCK"]),
        ("l_shipinstruct", ["COLLECT COD", "DELIVER IN PERSON", "NONE", "TAKE BACK RETURN"]),
    ):
        yield Check("in_set", (name,), {"values": values})
    for name, low, high in (
        ("l_quantity", 1, 50),
        ("l_discount", 0, 0.1),
        ("l_tax", 0, 0.08),
        ("l_extendedprice", 1, 200_000),
        ("l_linenumber", 1, 7),
        ("l_partkey", 1, 200_000_000),
    ):
        yield Check("in_range", (name,), {"min": low, "max": high})
    yield Check("length_between", ("l_comment",), {"min": 1, "max": 44})
    yield Check("regex", ("l_comment",), {"pattern": "^[^0-9]"})
    yield Check("mean_between", ("l_quantity",), {"min": 25, "max": 26})
    yield Check("composite_unique", ("l_orderkey", "l_linenumber"))


def main() -> None:
    scale = float(sys.argv[1] if len(sys.argv) > 1 else "0.1")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = EmbeddedPostgres(folder, durable=False)
        server.ensure_running()
        data = folder / "postgres" / "data"
        try:
            url = load(server, home(), scale)
            ours = best(lambda: muniment(url, data, folder))
            peers = {
                "Soda": (best(lambda: soda(url, data, folder)), 3),
                "Great Expectations": (best(lambda: great_expectations(url, data, folder)), 5),
            }
        finally:
            server.stop()
    print(f"scale {scale}, Muniment: {ours}")
    for peer, (cost, bar) in peers.items():
        print(f"scale {scale}, {peer}: {cost}")
        print(f"{peer} over Muniment: source {cost.source / ours.source:.1f}x (bar {bar}x), "
              f"total {cost.total / ours.total:.1f}x")  # fmt: skip


def best(run: Callable[[], Cost]) -> Cost:
    """The cheapest of a few runs: other work on the machine only ever adds."""
    return min((run() for _ in range(TIMES)), key=lambda cost: cost.source)


def muniment(url: str, data: Path, folder: Path) -> Cost:
    checks = [
        {"type": each.type, "columns": list(each.columns), "params": each.params}
        for each in twenty()
    ]
    file = folder / "checks.yaml"
    file.write_text(yaml.safe_dump({"public.lineitem": checks}))
    found = cost_of([MUNIMENT, "check", url, str(file), "--json"], server=data)
    [asset] = json.loads(found.printed)["assets"]
    _twenty(sum(each["status"] == "passed" for each in asset["checks"]))
    return found


def soda(url: str, data: Path, folder: Path) -> Cost:
    at = conninfo_to_dict(url)
    columns: dict[str, list[Any]] = {}
    of_table = []
    for each in twenty():
        if each.type in ("row_count_between", "composite_unique"):
            of_table.append(each.soda)
            continue
        [(kind, body)] = each.soda.items()
        of_column = columns.setdefault(each.columns[0], [])
        same = sum(kind in other for other in of_column)
        of_column.append({kind: {**body, **({"qualifier": f"q{same}"} if same else {})}})
    contract = {
        "dataset": f"pg/{at['dbname']}/public/lineitem",
        "checks": of_table,
        "columns": [{"name": name, "checks": checks} for name, checks in columns.items()],
    }
    named = {"host": "host", "port": "port", "user": "user", "password": "password"}
    connection = {ours: at[theirs] for ours, theirs in named.items()} | {"database": at["dbname"]}
    connection["port"] = int(connection["port"])
    source = {"type": "postgres", "name": "pg", "connection": connection}
    (folder / "contract.yaml").write_text(yaml.safe_dump(contract))
    (folder / "source.yaml").write_text(yaml.safe_dump(source))
    found = cost_of(
        [
            str(environment_of("soda") / "soda"),
            *("contract", "verify", "-ds", str(folder / "source.yaml")),
            *("-c", str(folder / "contract.yaml")),
        ],
        server=data,
        environment={"SODA_CORE_TELEMETRY_ENABLED": "false"},
    )
    _twenty(found.printed.count("PASSED"))
    return found


def great_expectations(url: str, data: Path, folder: Path) -> Cost:
    file = folder / "expectations.json"
    file.write_text(json.dumps([each.great for each in twenty()]))
    # It wants a host in the URL; the one of the query is used.
    address = url.replace("postgresql://", "postgresql+psycopg2://").replace("@/", "@localhost/")
    found = cost_of(
        [str(environment_of("great_expectations") / "python"), "-c", GREAT, address, str(file)],
        server=data,
        environment={"GX_ANALYTICS_ENABLED": "false"},
    )
    _twenty(int(found.printed.split()[-1]))
    return found


def _twenty(passed: int) -> None:
    if passed != 20:
        raise RuntimeError(f"Of 20 checks {passed} passed.")


if __name__ == "__main__":
    main()
