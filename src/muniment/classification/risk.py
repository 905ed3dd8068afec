"""Which columns together tell people apart, and how grave it is: words and thresholds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from muniment.contracts.classification import ColumnLabel
from muniment.kernel.values import JsonObject, LabelState

QUASI = (
    "person.birth_date",
    "person.birth_year",
    "person.age",
    "address.postcode",
    "address.postal_code",
    "address.zip",
    "geo.postcode",
    "person.gender",
    "geo.city",
    "address.city",
    "person.occupation",
    "person.nationality",
    "person.ethnicity",
    "person.marital_status",
    "person.education",
    "person.language",
    "person.religion",
    "person.children",
    "geo.country",
    "geo.country_code",
)
"""What others may know of a person, the most telling first; none of it is a name or a number."""
POSTAL = ("postcode", "postal_code", "zip", "plz")
"""Ends of ids that name a postal code of one country."""
MOST = 4
"""Columns that are combined: fifteen sets of them are counted."""
SMALL = 5
"""Groups of fewer people than this are small enough to point at somebody."""
HIGH, MEDIUM = 0.2, 0.05


class RiskLevel(StrEnum):
    """How far rows can be told apart."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Combination:
    """Columns taken together, over rows where all of them have a value."""

    columns: tuple[str, ...]
    rows: int
    groups: int
    unique: float
    """The share of rows that nobody shares their values with."""
    small: float
    """The share of rows in groups of fewer than five."""
    smallest: int
    exact: bool

    @property
    def level(self) -> RiskLevel:
        if self.unique >= HIGH:
            return RiskLevel.HIGH
        return RiskLevel.MEDIUM if self.small >= MEDIUM else RiskLevel.LOW


def rank(label: str) -> int | None:
    """How telling a label is among quasi-identifiers; None when it is none."""
    if label in QUASI:
        return QUASI.index(label)
    return QUASI.index("address.postcode") if label.endswith(POSTAL) else None


def about_people(labels: Sequence[ColumnLabel]) -> bool:
    """Whether rows stand for people: a place and a city alone do not make a person."""
    return any(label.personal and label.state is not LabelState.REJECTED for label in labels)


def measured(told: JsonObject, labels: Sequence[ColumnLabel]) -> list[Combination]:
    """The combinations that stand up to what the columns were found to hold, largest first."""
    quasi = {label.column for label in labels if rank(label.label) is not None}
    sets = told.get("sets")
    found = (
        [_combination(each) for each in sets if isinstance(each, Mapping)]
        if (isinstance(sets, Sequence) and not isinstance(sets, str))
        else []
    )
    return sorted(
        (each for each in found if quasi.issuperset(each.columns)),
        key=lambda each: (-len(each.columns), -each.unique, each.columns),
    )


def _combination(told: JsonObject) -> Combination:
    columns = told["columns"]
    return Combination(
        tuple(map(str, columns)) if isinstance(columns, Sequence) else (),
        int(str(told["rows"])),
        int(str(told["groups"])),
        float(str(told["unique"])),
        float(str(told["small"])),
        int(str(told["smallest"])),
        bool(told["exact"]),
    )
