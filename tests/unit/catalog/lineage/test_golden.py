"""Lineage of SQL, case by case: the golden file holds input and output in plain text."""

import pytest
from tests.unit.catalog.lineage.golden import GOLDEN, Case, cases, shown


@pytest.mark.parametrize("case", list(cases(GOLDEN.read_text())), ids=lambda case: case.title)
def test_the_lineage_is_as_written(case: Case) -> None:
    assert shown(case.read()) == case.expected
