"""What classifiers ask of values, as digests: whether kept marks answer for a changed one."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from muniment.classification.engine.rules import allowed_values
from muniment.classification.model import Classifier

OF_VALUES = (
    "patterns",
    "sure",
    "never",
    "plain",
    "contains",
    "validator",
    "dictionary",
    "words",
    "exact_match",
    "distribution",
    "ignore_case",
    "needs_header",
)
OF_GUARDS = ("min_length", "max_length", "lowest", "highest")
"""Guards that every value is held against; the others look at the column as a whole."""


def digest(classifier: Classifier) -> str:
    """The same for two versions that would mark all values alike."""
    asked = {name: getattr(classifier, name, None) for name in OF_VALUES}
    asked |= {name: getattr(classifier.guards, name) for name in OF_GUARDS}
    if classifier.allowed:
        asked["allowed"] = sorted(allowed_values(classifier))
    asked["kinds"] = sorted(kind.value for kind in classifier.kinds)
    text = json.dumps(asked, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def digests(classifiers: Mapping[str, Classifier]) -> dict[str, str]:
    """By id."""
    return {name: digest(each) for name, each in sorted(classifiers.items())}


def fingerprint(asked: Mapping[str, str]) -> str:
    """A short name of a whole set."""
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:20]


def reads_anew(before: Classifier | None, after: Classifier) -> bool:
    """Whether values must be read to know what the new version says of them."""
    if before is None:
        return after.by_content
    if digest(before) != digest(after):
        return after.by_content
    # a header that calls for a classifier decides which values were looked at for it
    called = set(before.header.strong) | set(before.header.weak)
    added = (set(after.header.strong) | set(after.header.weak)) - called
    return bool(added) and after.by_content and (after.needs_header or bool(after.plain))


def is_wanted(name: str, wanted: Iterable[str]) -> bool:
    """Whether glob patterns choose a classifier; a pattern with ``!`` takes out."""
    patterns = list(wanted)
    taken = any(fnmatchcase(name, p[1:]) for p in patterns if p.startswith("!"))
    plain = [p for p in patterns if not p.startswith("!")]
    return not taken and (not plain or any(fnmatchcase(name, p) for p in plain))
