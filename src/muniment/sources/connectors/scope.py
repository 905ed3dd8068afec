"""Which assets a scope means: globs over the dotted path."""

import re
from collections.abc import Sequence
from fnmatch import translate

from muniment.contracts.connectors import Scope


class ScopeFilter:
    """A scope, compiled once; ``*`` crosses dots, excludes win."""

    def __init__(self, scope: Scope) -> None:
        self._include = _compiled(scope.include)
        self._exclude = _compiled(scope.exclude)

    def matches(self, path: Sequence[str]) -> bool:
        dotted = ".".join(path)
        included = self._include is not None and self._include.match(dotted) is not None
        excluded = self._exclude is not None and self._exclude.match(dotted) is not None
        return included and not excluded


def _compiled(patterns: Sequence[str]) -> re.Pattern[str] | None:
    """Patterns with thousands of stars are slow to match, so runs of stars are folded."""
    if not patterns:
        return None
    folded = (re.sub(r"\*+", "*", pattern) for pattern in patterns)
    return re.compile("|".join(translate(pattern) for pattern in folded), re.DOTALL)
