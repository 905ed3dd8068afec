"""A scope is globs over the dotted path; excludes win."""

import time

from muniment.contracts.connectors import Scope
from muniment.sources.connectors.scope import ScopeFilter
from muniment.sources.service.trials import preview


def test_globs_cross_dots_and_excludes_win() -> None:
    within = ScopeFilter(Scope(include=("sales.*", "hr.people"), exclude=("*.tmp_*",)))
    assert within.matches(("sales", "orders"))
    assert within.matches(("hr", "people"))
    assert not within.matches(("hr", "pay"))
    assert not within.matches(("sales", "tmp_1"))
    assert ScopeFilter(Scope()).matches(("any", "thing\nat all"))
    assert not ScopeFilter(Scope(include=())).matches(("any",))


def test_no_pattern_can_hang() -> None:
    within = ScopeFilter(Scope(include=("*" * 5_000 + "x",)))
    begun = time.monotonic()
    assert not within.matches(("a" * 5_000,))
    assert time.monotonic() - begun < 1


def test_a_preview_counts_and_shows_the_first() -> None:
    paths = [(("s", f"t{n}"), "table") for n in range(10)]
    found = preview(paths, Scope(exclude=("*.t1",)), 3)
    assert (found.matched, found.left_out) == (9, 1)
    assert found.matches == (("s.t0", "table"), ("s.t2", "table"), ("s.t3", "table"))
    assert found.leaves_out == (("s.t1", "table"),)
