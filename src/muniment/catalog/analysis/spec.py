"""What is asked of an asset's data: the checks, parsed once from the analyzer's parameters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from muniment.kernel.errors import Invalid
from muniment.kernel.values import JsonObject, JsonValue, Severity


@dataclass(frozen=True, slots=True)
class CheckSpec:
    """One check of one asset; ``key`` is the same in every run as long as the check is the same."""

    key: str
    type: str
    columns: tuple[str, ...] = ()
    params: JsonObject = field(default_factory=dict)
    severity: Severity = Severity.MEDIUM
    origin: str = "declared"
    title: str = ""
    dimension: str = "validity"
    definition: str | None = None

    def to_json(self) -> JsonObject:
        return {
            "key": self.key,
            "type": self.type,
            "columns": list(self.columns),
            "params": self.params,
            "severity": self.severity.value,
            "origin": self.origin,
            "title": self.title,
            "dimension": self.dimension,
            "definition": self.definition,
        }

    @classmethod
    def of_json(cls, tree: JsonObject) -> "CheckSpec":
        definition = tree.get("definition")
        return cls(
            key=str(tree["key"]),
            type=str(tree["type"]),
            columns=tuple(str(one) for one in _sequence(tree.get("columns", ()))),
            params=cast(Mapping[str, JsonValue], tree.get("params") or {}),
            severity=Severity(str(tree.get("severity", "medium"))),
            origin=str(tree.get("origin", "declared")),
            title=str(tree.get("title") or tree["type"]),
            dimension=str(tree.get("dimension", "validity")),
            definition=None if definition is None else str(definition),
        )

    @property
    def column(self) -> str:
        """The only or first column; Invalid when the check names none."""
        if not self.columns:
            raise Invalid(f"The check {self.type} needs a column.")
        return self.columns[0]

    def number(self, name: str) -> float | None:
        """A parameter that is a number; Invalid when it is something else."""
        value = self.params.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Invalid(f"The parameter {name} of {self.type} must be a number.")
        return float(value)

    def text(self, name: str, default: str | None = None) -> str:
        """A parameter that is text; Invalid when it is missing and has no default."""
        value = self.params.get(name, default)
        if not isinstance(value, str):
            raise Invalid(f"The check {self.type} needs the parameter {name}, a text.")
        return value

    def values(self, name: str) -> list[Any]:
        """A parameter that is a list; Invalid when it is missing or empty."""
        value = self.params.get(name)
        if not isinstance(value, list | tuple) or not value:
            raise Invalid(f"The check {self.type} needs the parameter {name}, a list of values.")
        return list(value)

    @property
    def assumed(self) -> float:
        """The share below which the check was wrong to be asked, and says nothing."""
        return self.number("assumed") or 0.0

    @property
    def min_ratio(self) -> float:
        """The share of values that must hold, 1 unless said otherwise."""
        value = self.number("min_ratio")
        return 1.0 if value is None else value


@dataclass(frozen=True, slots=True)
class QualityPlan:
    """All checks of an asset and the moment that counts as now.

    ``keys`` are the columns, or sets of columns, whose values other tables of the scan refer to.
    """

    checks: tuple[CheckSpec, ...] = ()
    reference_time: datetime | None = None
    keys: tuple[tuple[str, ...], ...] = ()

    def to_json(self) -> JsonObject:
        moment = self.reference_time
        return {
            "reference_time": None if moment is None else moment.isoformat(),
            "checks": [check.to_json() for check in self.checks],
            "keys": [list(key) for key in self.keys],
        }

    @classmethod
    def of_json(cls, tree: JsonObject) -> "QualityPlan":
        """Read an analyzer's parameters; Invalid when they are not a plan of checks."""
        try:
            checks = [
                CheckSpec.of_json(cast(JsonObject, one))
                for one in _sequence(tree.get("checks", ()))
            ]
            keys = [
                tuple(str(name) for name in _sequence(key))
                for key in _sequence(tree.get("keys", ()))
            ]
            moment = tree.get("reference_time")
            when = None if moment is None else datetime.fromisoformat(str(moment))
        except (KeyError, TypeError, ValueError) as error:
            raise Invalid(
                "The parameters of the quality analyzer are not a list of checks."
            ) from error
        return cls(
            tuple({check.key: check for check in checks}.values()),
            when,
            tuple(dict.fromkeys(keys)),
        )


def _sequence(tree: object) -> Sequence[object]:
    if not isinstance(tree, list | tuple):
        raise TypeError("a list is expected")
    return tree
