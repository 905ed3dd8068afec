"""How the packs of quality are read: the check types, and the checks that names promise."""

import re
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from fnmatch import translate
from functools import cache, cached_property
from importlib.resources import files
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from muniment.kernel.errors import Invalid
from muniment.kernel.values import Dimension, JsonObject, JsonValue, Severity

MAX_PATTERN = 1_000
MAX_LIST = 1_000
_GREATEST = 1e300
_NOT_LINEAR = re.compile(r"\(\?(?:[=!]|<[=!])|\\[1-9]|\(\?P=")


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Arity(StrEnum):
    """How many columns a check takes."""

    NONE = "none"
    ONE = "one"
    TWO = "two"
    SOME = "some"
    MANY = "many"

    def allows(self, count: int) -> bool:
        match self:
            case Arity.NONE:
                return count == 0
            case Arity.ONE:
                return count == 1
            case Arity.TWO:
                return count == 2
            case Arity.SOME:
                return 1 <= count <= 20
            case Arity.MANY:
                return 2 <= count <= 20


ParamKind = Literal["number", "number_or_date", "text", "boolean", "list", "pattern", "choice"]


class Param(Strict):
    """One parameter of a check type."""

    type: ParamKind
    description: str
    required: bool = False
    min: float | None = None
    max: float | None = None
    choices: tuple[str, ...] = ()

    def problem(self, value: JsonValue) -> str | None:
        """What is wrong with a value, as the end of a sentence; None when nothing is."""
        match self.type:
            case "number":
                return self._number(value)
            case "number_or_date":
                return None if isinstance(value, str) and _is_date(value) else self._number(value)
            case "boolean":
                return None if isinstance(value, bool) else "must be true or false"
            case "choice":
                good = isinstance(value, str) and value in self.choices
                return None if good else f"must be one of {', '.join(self.choices)}"
            case "list":
                return _list_problem(value)
            case "pattern":
                return _pattern_problem(value)
            case "text":
                good = isinstance(value, str) and 0 < len(value) <= MAX_PATTERN
                return None if good and "\0" not in str(value) else "must be a text"

    def _number(self, value: JsonValue) -> str | None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return "must be a number" + (" or a date" if self.type != "number" else "")
        if not -_GREATEST <= value <= _GREATEST:
            return "must be a finite number"
        if self.min is not None and value < self.min:
            return f"must be at least {self.min:g}"
        if self.max is not None and value > self.max:
            return f"must be at most {self.max:g}"
        return None


class Example(Strict):
    columns: tuple[str, ...] = ()
    params: dict[str, Any] = Field(default_factory=dict)


class CheckType(Strict):
    """One kind of check that people may ask for."""

    id: str
    title: str
    dimension: Dimension
    description: str
    columns: Arity
    severity: Severity
    params: dict[str, Param]
    one_of: tuple[str, ...] = ()
    example: Example
    passes: tuple[Any, ...] = ()
    fails: tuple[Any, ...] = ()

    def problems(self, columns: tuple[str, ...], params: JsonObject) -> list[str]:
        """Everything that does not fit, one sentence each."""
        found = []
        if not self.columns.allows(len(columns)):
            found.append(f"The check {self.id} takes {_count(self.columns)}.")
        if len(set(columns)) < len(columns):
            found.append("A column is named twice.")
        for name, value in params.items():
            known = self.params.get(name)
            if known is None:
                found.append(f"The check {self.id} has no parameter {name}.")
            elif value is not None and (problem := known.problem(value)):
                found.append(f"The parameter {name} {problem}.")
        given = {name for name, value in params.items() if value is not None}
        missing = [name for name, one in self.params.items() if one.required and name not in given]
        found += [f"The parameter {name} is required." for name in missing]
        if self.one_of and not given & set(self.one_of):
            found.append(f"At least one of {', '.join(self.one_of)} is required.")
        low, high = params.get("min"), params.get("max")
        if isinstance(low, int | float) and isinstance(high, int | float) and low > high:
            found.append("The parameter min is greater than max.")
        return found

    @model_validator(mode="after")
    def example_fits(self) -> Self:
        if found := self.problems(self.example.columns, self.example.params):
            raise ValueError(f"{self.id}: the example does not fit: {found[0]}")
        return self


class TypesPack(Strict):
    pack: str
    version: str
    title: str
    types: tuple[CheckType, ...]


class Family(StrEnum):
    """What a declared type holds, whatever the source calls it."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    DATE = "date"
    DATETIME = "datetime"
    BOOLEAN = "boolean"
    OTHER = "other"


class ColumnDefault(Strict):
    """A check for columns whose name matches one of ``names`` and none of ``except``."""

    check: str
    names: tuple[str, ...]
    exempt: Annotated[tuple[str, ...], Field(alias="except")] = ()
    types: tuple[Family, ...]
    params: dict[str, Any] = Field(default_factory=dict)
    severity: Severity = Severity.MEDIUM

    @cached_property
    def _named(self) -> re.Pattern[str]:
        return _any_of(self.names)

    @cached_property
    def _exempted(self) -> re.Pattern[str]:
        return _any_of(self.exempt)

    def matches(self, name: str, family: Family) -> bool:
        if family not in self.types:
            return False
        plain = name.rsplit(".", 1)[-1].lower()
        return bool(self._named.match(plain)) and not self._exempted.match(plain)


class FormulaDefault(Strict):
    """What tables with these columns usually mean by ``result``."""

    result: str
    of: tuple[str, ...]
    formula: str


class Usual(Strict):
    """Parameters and severity of checks whose columns are found otherwise than by one name."""

    params: dict[str, Any] = Field(default_factory=dict)
    severity: Severity


class ReferenceDefaults(Strict):
    """How keys are told that refer to other tables of the same source."""

    declared: Usual
    likely: Usual
    plain_keys: tuple[str, ...]
    """Names of keys that say nothing alone; with the table's name before them they do."""


class DefaultsPack(Strict):
    pack: str
    version: str
    title: str
    columns: tuple[ColumnDefault, ...]
    natural_key_endings: tuple[str, ...]
    natural_key_severity: Severity
    pairs: tuple[tuple[str, str], ...]
    formulas: tuple[FormulaDefault, ...]
    formula: Usual
    references: ReferenceDefaults


@cache
def check_types() -> Mapping[str, CheckType]:
    """Every check type by its id; ValueError when the pack contradicts itself."""
    pack = TypesPack.model_validate(_read("check_types.yaml"))
    return {one.id: one for one in pack.types}


@cache
def defaults() -> DefaultsPack:
    """The checks that names promise."""
    return DefaultsPack.model_validate(_read("defaults.yaml"))


def check_type(id_: str) -> CheckType:
    """One check type; Invalid when there is none of that id."""
    known = check_types().get(id_)
    if known is None:
        raise Invalid(f"There is no check type {id_[:60]!r}. The list is at /quality/check-types.")
    return known


def validated(id_: str, columns: tuple[str, ...], params: JsonObject) -> CheckType:
    """The check type, once columns and parameters fit it; else Invalid with every problem."""
    kind = check_type(id_)
    if problems := kind.problems(columns, params):
        raise Invalid(
            problems[0], problems=[{"field": "params", "message": one} for one in problems]
        )
    return kind


_FAMILIES: tuple[tuple[str, Family], ...] = (
    (r"timestamp|datetime", Family.DATETIME),
    (r"^date", Family.DATE),
    (r"^bool|^bit$", Family.BOOLEAN),
    (r"interval|range|point|polygon|geo|\[\]|array|list|struct|json|xml", Family.OTHER),
    (r"bytea|blob|binary|uuid|inet|cidr|vector", Family.OTHER),
    (r"^u?int|integer|bigint|smallint|tinyint|mediumint|serial|^long", Family.INTEGER),
    (r"numeric|decimal|double|float|real|money|number", Family.NUMBER),
    (r"char|text|string|clob|enum|citext|^name$", Family.TEXT),
)  # fmt: skip


@cache
def family_of(type_: str) -> Family:
    """The family of a declared type such as ``character varying(40)``."""
    plain = type_.strip().lower()
    return next(
        (family for pattern, family in _FAMILIES if re.search(pattern, plain)), Family.OTHER
    )


def _any_of(globs: tuple[str, ...]) -> re.Pattern[str]:
    # Of no patterns at all, one that matches nothing.
    return re.compile("|".join(map(translate, globs)) or r"(?!)")


def _read(name: str) -> Any:
    text = files("muniment.packs").joinpath("quality", name).read_text("utf-8")
    return yaml.safe_load(text)


def _count(arity: Arity) -> str:
    return {
        Arity.NONE: "no column",
        Arity.ONE: "one column",
        Arity.TWO: "two columns",
        Arity.SOME: "one to twenty columns",
        Arity.MANY: "two to twenty columns",
    }[arity]


def _is_date(value: str) -> bool:
    try:
        date.fromisoformat(value[:10])
    except ValueError:
        return False
    return True


def _list_problem(value: JsonValue) -> str | None:
    if not isinstance(value, list | tuple) or not value:
        return "must be a list with at least one value"
    if len(value) > MAX_LIST:
        return f"must have at most {MAX_LIST} values"
    if not all(map(_plain, value)):
        return "must hold texts and numbers only"
    return None


def _plain(value: object) -> bool:
    if isinstance(value, str):
        return "\0" not in value
    return isinstance(value, int | float) and -_GREATEST <= value <= _GREATEST


def _pattern_problem(value: JsonValue) -> str | None:
    if not isinstance(value, str) or not 0 < len(value) <= MAX_PATTERN:
        return f"must be a pattern of at most {MAX_PATTERN} characters"
    if "\0" in value:
        return "must hold no NUL character"
    if _NOT_LINEAR.search(value):
        return "must do without look-around and back-references, which could run without end"
    return None
