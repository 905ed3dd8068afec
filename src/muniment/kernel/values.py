"""Small closed sets that every group shares."""

from collections.abc import Mapping, Sequence
from enum import IntEnum, StrEnum
from typing import TypeAlias

JsonValue: TypeAlias = (
    "bool | int | float | str | Sequence[JsonValue] | Mapping[str, JsonValue] | None"
)
JsonObject: TypeAlias = Mapping[str, JsonValue]


class Severity(StrEnum):
    """How bad it is. The weight is that of the published quality and compliance formulas."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def weight(self) -> int:
        return {"low": 1, "medium": 2, "high": 4, "critical": 8}[self.value]


class Sensitivity(IntEnum):
    """How much harm disclosure does; a higher level includes the care of the lower ones."""

    PUBLIC = 0
    INTERNAL = 1
    CONFIDENTIAL = 2
    RESTRICTED = 3

    @property
    def word(self) -> str:
        return self.name.lower()

    @classmethod
    def of(cls, word: str) -> "Sensitivity":
        return cls[word.upper()]


class Tier(StrEnum):
    """Who said that a column holds what a label claims."""

    RULE = "rule"
    MODEL = "model"
    ASSISTANT = "assistant"
    MANUAL = "manual"
    LINEAGE = "lineage"
    """Nobody looked here: the column is a copy of one that carries the label."""


class LabelState(StrEnum):
    SUGGESTED = "suggested"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"


class AssetKind(StrEnum):
    SOURCE = "source"
    SCHEMA = "schema"
    TABLE = "table"
    VIEW = "view"
    MATERIALIZED_VIEW = "materialized_view"
    DATASET = "dataset"
    FUNCTION = "function"
    PROCEDURE = "procedure"


class Dimension(StrEnum):
    """The dimensions of data quality."""

    COMPLETENESS = "completeness"
    VALIDITY = "validity"
    UNIQUENESS = "uniqueness"
    CONSISTENCY = "consistency"
    TIMELINESS = "timeliness"
    ACCURACY = "accuracy"
