"""Which tables look like abandoned copies of others, by name, place and columns. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_MARK = (
    r"(?:backup|bak|bkp|old|orig|copy|kopie|copie|copia|archive|archived|arch|temp|tmp|test|"
    r"snapshot|snap|deprecated|legacy|save|saved|sav|prev|previous|export|extract|dump|stale)"
)
_WHEN = r"(?:(?:19|20)\d{2}(?:[_-]?(?:0[1-9]|1[0-2])(?:[_-]?[0-3]\d)?)?|q[1-4]|v?\d{1,2})"
_SUFFIX = re.compile(rf"(?:[_\-. ]+(?:{_MARK}|{_WHEN}|of))+$", re.IGNORECASE)
_PREFIX = re.compile(rf"^(?:{_MARK}[_\-. ]+)+(?:of[_\-. ]+)?", re.IGNORECASE)
_PLACE = re.compile(
    r"(?:^|[_\-. ])(?:archive|archived|backup|backups|bak|old|legacy|staging|stage|stg|tmp|temp|"
    r"scratch|sandbox|test|testing|dev|playground|export|exports|dump|dumps|attic)(?:$|[_\-. ])",
    re.IGNORECASE,
)

SAME_NAME_SHARE = 0.6
OTHER_NAME_SHARE = 0.9
OTHER_NAME_COLUMNS = 4


@dataclass(frozen=True, slots=True)
class Twin:
    """Another table that has ``shared`` of the suspect's columns under the same name and type."""

    ref: str
    name: str
    place: str
    shared: int
    columns: int


def original_name(name: str) -> str | None:
    """What a table would be a copy of, by its name: ``customers_backup_2021`` of ``customers``."""
    stripped = _PREFIX.sub("", _SUFFIX.sub("", name))
    return stripped if stripped and stripped != name else None


def is_set_aside(place: Sequence[str]) -> bool:
    """Whether a table lies where copies are put: an archive, staging or test schema or folder."""
    return any(_PLACE.search(part) for part in place)


def is_suspect(path: Sequence[str]) -> bool:
    return bool(path) and (original_name(path[-1]) is not None or is_set_aside(path[:-1]))


def copied_from(path: Sequence[str], columns: int, twins: Iterable[Twin]) -> str | None:
    """The ref of the table that a suspect looks like a copy of, or None.

    A table of the original's name needs most columns in common, any other nearly all; a twin
    that is a suspect itself is never the original.
    """
    base = (original_name(path[-1]) or path[-1]).casefold()
    best: tuple[float, int, str] | None = None
    for twin in twins:
        share = twin.shared / max(columns, 1)
        same_name = twin.name.casefold() == base
        enough = share >= (SAME_NAME_SHARE if same_name else OTHER_NAME_SHARE)
        if not enough or (not same_name and columns < OTHER_NAME_COLUMNS):
            continue
        if twin.columns > 2 * columns:
            continue
        rank = (share + same_name, -twin.columns, twin.ref)
        if best is None or rank > best:
            best = rank
    return best[2] if best else None
