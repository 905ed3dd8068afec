"""Compares what the product says of the demo estate with what is true of it by construction."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from muniment.catalog.quality.content import check_types
from muniment.demo.estate import Defect, DefectKind, Facts
from muniment.demo.observed import Observed
from muniment.kernel.paths import split_path
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import Dimension, Sensitivity

_NAMED_SCHEMA: Final = {"marketing": "main"}
"""Sources whose facts name a schema that is no part of an asset's path."""

_SHOWN_BY: Final[Mapping[DefectKind, frozenset[Dimension]]] = {
    DefectKind.VALIDITY: frozenset({Dimension.VALIDITY, Dimension.ACCURACY}),
    DefectKind.COMPLETENESS: frozenset({Dimension.COMPLETENESS}),
    DefectKind.UNIQUENESS: frozenset({Dimension.UNIQUENESS}),
    DefectKind.CONSISTENCY: frozenset({Dimension.CONSISTENCY}),
    DefectKind.FRESHNESS: frozenset({Dimension.TIMELINESS}),
    DefectKind.VOLUME: frozenset({Dimension.COMPLETENESS}),
}

_SHOWN_BY_CHECK: Final[Mapping[str, tuple[str, ...]]] = {
    "e-mail address missing": ("null_share", "not_null"),
    "telephone number missing": ("null_share", "not_null"),
    "rows with too many or too few fields": ("rows_readable",),
    "placeholders instead of telephone numbers": ("no_placeholder",),
    "country codes in several spellings": ("iso_country",),
    "consent taken over without an answer": ("null_share", "not_null"),
    "consent flag missing": ("null_share", "not_null"),
    "card numbers typed into ticket messages": (
        "no-personal-data-in-free-text",
        "card-number-in-clear",
    ),
    "card verification values stored": ("no-card-verification-code",),
    "whole card numbers stored in clear": ("card-number-in-clear",),
    "card data in an unprocessed feed": ("card-number-in-clear",),
    "production personal data in the test schema": ("no-personal-data-in-test",),
    "abandoned copy of customers": ("no-abandoned-copy",),
    "copy of customers readable by everyone": ("sensitive-not-public",),
    "salaries readable by everyone": ("sensitive-not-public",),
    "passwords and keys in clear": ("no-secrets-in-tables",),
    "passwords hashed with MD5": ("no-secrets-in-tables",),
    "applications kept long after rejection": ("retention-of-personal-data",),
    "diagnoses beside names": ("identity-not-beside-special-category",),
    "card numbers in an open file": ("card-number-in-clear",),
    "uploaded list left behind": ("no-personal-data-in-test", "no-abandoned-copy"),
}
"""Where the kind of a defect is not enough: the very checks that say what is wrong."""

_Place = tuple[AssetRef, str | None]

_TRUE_ALL_THE_SAME: Final = frozenset({"finance.masked_card", "privacy.pseudonym"})
"""Labels that say of a misleading column what it really holds."""


@dataclass(frozen=True, slots=True)
class KindScore:
    """How well one kind of label was found: columns that hold it, found, and called so wrongly."""

    label: str
    columns: int
    found: int
    wrong: int


@dataclass(frozen=True, slots=True)
class LabelScore:
    """How well sensitive columns were found.

    ``found`` of ``sensitive`` columns carry a label, ``right`` of them the true one. ``alarms``
    are sensitive labels on columns that hold nothing of the kind, ``misled`` those among them
    whose name misleads.
    """

    sensitive: int
    found: int
    right: int
    alarms: tuple[str, ...]
    misled: tuple[str, ...]
    missed: tuple[str, ...]
    kinds: tuple[KindScore, ...]

    @property
    def recall(self) -> float:
        return self.found / self.sensitive

    @property
    def precision(self) -> float:
        claimed = self.found + len(self.alarms)
        return self.found / claimed if claimed else 1.0

    @property
    def rightly_named(self) -> float:
        """Of all sensitive columns, the share that carries the true label."""
        return self.right / self.sensitive


@dataclass(frozen=True, slots=True)
class DefectOutcome:
    """One known defect and the checks that show it; none when it was missed."""

    defect: Defect
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    labels: LabelScore
    defects: tuple[DefectOutcome, ...]
    unexplained: tuple[str, ...]
    """Failed quality checks that no known defect explains."""
    views: int
    views_with_lineage: int

    @property
    def missed(self) -> tuple[str, ...]:
        return tuple(told(one.defect) for one in self.defects if not one.by)


def told(defect: Defect) -> str:
    """A defect in one line."""
    return f"{defect.name} ({defect.source}:{defect.at})"


def place(source: str, name: str) -> tuple[AssetRef, str | None]:
    """The asset that a name of the facts means, and its column where it names one."""
    if ":" in name or source == "lake":
        data_set, _, field = name.partition(":")
        return AssetRef(source, tuple(data_set.split("/"))), field or None
    schema, _, rest = name.partition(".")
    table, _, column = rest.partition(".")
    path = (table,) if _NAMED_SCHEMA.get(source) == schema else (schema, table)
    return AssetRef(source, path), column or None


def compare(truth: Facts, seen: Observed) -> Comparison:
    """Hold what was seen against what is true."""
    outcomes = tuple(DefectOutcome(defect, tuple(_shown(defect, seen))) for defect in truth.defects)
    return Comparison(
        labels=_labels(truth, seen),
        defects=outcomes,
        unexplained=tuple(_unexplained(truth, seen)),
        views=len(seen.views),
        views_with_lineage=sum(seen.views.values()),
    )


def _labels(truth: Facts, seen: Observed) -> LabelScore:
    true = {place(*column): label for column, label in truth.labels.items()}
    given: dict[_Place, Mapping[str, Sensitivity]] = {
        (asset, name): labels
        for asset, columns in seen.labels.items()
        for name, labels in columns.items()
    }
    alarms = list(_alarms(truth, seen))
    misleading = {place(*column) for column in truth.misleading}
    wrong = Counter(
        label
        for where, labels in given.items()
        for label in labels
        if where in true and true[where] != label and true[where] not in labels
    )
    right = Counter(label for where, label in true.items() if label in given.get(where, ()))
    return LabelScore(
        sensitive=len(true),
        found=sum(1 for where in true if where in given),
        right=right.total(),
        alarms=tuple(_line(*where, labels) for where, labels in alarms),
        misled=tuple(_line(*where, labels) for where, labels in alarms if where in misleading),
        missed=tuple(
            sorted(f"{where[0]}.{where[1]}: {true[where]}" for where in true.keys() - given)
        ),
        kinds=tuple(
            KindScore(label, number, right[label], wrong[label])
            for label, number in sorted(Counter(true.values()).items())
        ),
    )


def _alarms(truth: Facts, seen: Observed) -> Iterator[tuple[_Place, Mapping[str, Sensitivity]]]:
    """Sensitive labels on columns of known tables that neither hold nor tolerate them."""
    known: set[AssetRef] = {place(*asset)[0] for asset in (*truth.rows, *truth.derived)}
    known |= {place(*column)[0] for column in truth.misleading}
    true: set[_Place] = {place(*column) for column in truth.labels}
    tolerated: set[_Place] = {place(*column) for column in truth.tolerated}
    for asset in sorted(known & seen.labels.keys()):
        for name, labels in sorted(seen.labels[asset].items()):
            grave = {
                one: level
                for one, level in labels.items()
                if level > Sensitivity.PUBLIC and one not in _TRUE_ALL_THE_SAME
            }
            column, path = split_path(name)
            holder = (asset, column.split("[")[0])
            within = path is not None and holder in true  # a path of a column that holds it
            fine = {(asset, name), holder} & tolerated
            if grave and (asset, name) not in true and not within and not fine:
                yield (asset, name), grave


def _line(asset: AssetRef, name: str | None, labels: Mapping[str, Sensitivity]) -> str:
    return f"{asset}.{name}: {', '.join(sorted(labels))}"


def _shown(defect: Defect, seen: Observed) -> Iterator[str]:
    """The checks and findings that say what is wrong."""
    asset, column = place(defect.source, defect.at)
    wanted = _SHOWN_BY_CHECK.get(defect.name)
    for check in seen.failed.get(asset, ()):
        about = column is None or column in check.columns
        if about and (_fits(defect, check.type) if wanted is None else check.type in wanted):
            yield check.type
    subject = str(asset) if column is None else str(asset.child(column))
    for name, where in seen.findings.get(asset, ()):
        if wanted is not None and name in wanted and where.split("#")[0] in (subject, str(asset)):
            yield name


def _fits(defect: Defect, type_: str) -> bool:
    return check_types()[type_].dimension in _SHOWN_BY.get(defect.kind, frozenset())


def _unexplained(truth: Facts, seen: Observed) -> Iterator[str]:
    """Failed checks of assets and columns without a defect that they would show."""
    flawed: dict[AssetRef, list[Defect]] = {}
    for defect in truth.defects:
        flawed.setdefault(place(defect.source, defect.at)[0], []).append(defect)
    for asset, checks in sorted(seen.failed.items()):
        for check in checks:
            columns = {place(one.source, one.at)[1] for one in flawed.get(asset, ())}
            if not columns & {*check.columns, None}:
                yield f"{asset}: {check.type} {', '.join(check.columns)}".rstrip()
