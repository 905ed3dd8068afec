"""Finds the connectors and analyzers that are installed."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, entry_points, version
from typing import Any, cast

from muniment.contracts.reading import Analyzer, ConnectorFactory
from muniment.kernel.errors import Invalid
from muniment.kernel.values import JsonObject

ANALYZERS = "muniment.analyzers"
ENGINE = ("muniment", "numpy", "polars", "pyarrow")


@cache
def connector(kind: str) -> ConnectorFactory:
    """The factory of one kind of source; Invalid when none is installed."""
    for point in entry_points(group="muniment.connectors", name=kind):
        return cast(ConnectorFactory, point.load())
    raise Invalid(
        f"There is no connector for sources of the kind '{kind}' on this worker. Install its "
        "package, then run the scan again."
    )


@cache
def _analyzer(name: str) -> Analyzer[Any]:
    [point] = entry_points(group=ANALYZERS, name=name)
    return cast(Analyzer[Any], point.load()())


def analyzers(names: Collection[str] | None = None) -> Sequence[Analyzer[Any]]:
    """One of each analyzer, or of each of these that is installed, in the order they finish in.

    Only those are loaded: classification alone takes as long to load as a small file to profile.
    """
    installed = {point.name for point in entry_points(group=ANALYZERS)}
    wanted = installed if names is None else installed.intersection(names)
    return sorted((_analyzer(name) for name in wanted), key=lambda each: each.order)


def analyzers_by_name(names: Collection[str]) -> Mapping[str, Analyzer[Any]]:
    return {each.name: each for each in analyzers(names)}


@cache
def engine() -> str:
    """The versions on which dumped states depend: states of two engines are never merged."""
    names = [f"{each.name}:{each.version}" for each in analyzers()]
    return " ".join([*sorted(names), *(_version(each) for each in ENGINE)])


def _version(distribution: str) -> str:
    try:
        return f"{distribution}={version(distribution)}"
    except PackageNotFoundError:
        return f"{distribution}=?"


@cache
def relation_comparer() -> Callable[[JsonObject], JsonObject]:
    """The function that compares sketches of columns."""
    for point in entry_points(group="muniment.relations", name="compare"):
        return cast(Callable[[JsonObject], JsonObject], point.load())
    raise Invalid("There is no engine for relationships on this worker. Install Muniment again.")


@cache
def lineage_parser() -> Callable[[JsonObject], JsonObject]:
    """The function that parses one lineage job."""
    for point in entry_points(group="muniment.lineage", name="parse"):
        return cast(Callable[[JsonObject], JsonObject], point.load())
    raise Invalid("There is no lineage engine on this worker. Install Muniment again.")
