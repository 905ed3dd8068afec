"""A table in a lake: what its own log says of it. Light: no Arrow."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from muniment.contracts.connectors import AssetMeta, ColumnMeta
from muniment.contracts.figures import TableFigures
from muniment.kernel.errors import SourceDataUnreadable
from muniment.kernel.values import AssetKind


@dataclass(frozen=True, slots=True)
class LakeColumn:
    """A flat column as the log declares it."""

    name: str
    type: str
    plain: str
    """The Arrow type it is read as when no file says more."""
    nullable: bool = True
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class LakeTable:
    """One version of a table. Its live data files are the files of the data set."""

    kind: str
    columns: tuple[LakeColumn, ...]
    version: str
    """Identity and version: equal of equal content, and of nothing else; empty in doubt."""
    figures: TableFigures
    partition_columns: tuple[str, ...] = ()
    comment: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    ids: Mapping[int, str] = field(default_factory=dict)
    """Of formats that tell columns by number: the number of each flat column."""

    @property
    def plain(self) -> Mapping[str, str]:
        """What columns are read as when no file says more."""
        return {each.name: each.plain for each in self.columns}


def unsupported(what: str) -> SourceDataUnreadable:
    """The table uses what is not known here: its rows could be told wrongly, so they are not."""
    return SourceDataUnreadable(
        f"The table uses {what}, which Muniment does not read yet. Nothing of it is read.",
        remedy="Ask for it, or export the table as Parquet.",
    )


def broken(what: str) -> SourceDataUnreadable:
    return SourceDataUnreadable(f"The table's log cannot be followed: {what}.")


def asset(path: tuple[str, ...], table: LakeTable, files: int, size: int) -> AssetMeta:
    """The table as an asset; nothing but its log was read."""
    facts = {**table.facts, "format": table.kind, "files": str(files)}
    if table.partition_columns:
        facts["partition_columns"] = ",".join(table.partition_columns)
    return AssetMeta(
        path=path,
        kind=AssetKind.DATASET,
        columns=tuple(
            ColumnMeta(each.name, each.type, each.nullable, comment=each.comment)
            for each in table.columns
        ),
        comment=table.comment,
        row_estimate=table.figures.rows,
        size_bytes=size,
        properties=facts,
    )


def inside(base: str, relative: str) -> str:
    """A path of the table as a path of the store; SourceDataUnreadable when it leads out."""
    parts = [part for part in f"{base}/{relative}".split("/") if part not in ("", ".")]
    if ".." in parts:
        raise unsupported("data files outside of its folder")
    return "/".join(parts)


def under(facts: Mapping[str, object], prefix: str, most: int = 40) -> Iterator[tuple[str, str]]:
    """Properties of the table as people set them, some of them."""
    for name, value in sorted(facts.items())[:most]:
        yield f"{prefix}{name}", str(value)[:300]
