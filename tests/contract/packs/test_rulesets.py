"""The shipped rule sets load, and so does what the frameworks ask for."""

import pytest

from muniment.catalog.quality.content import check_types
from muniment.compliance.content import shipped_library
from muniment.kernel.errors import Invalid
from muniment.rulesets.content import parse_default, shipped_defaults
from muniment.rulesets.engine.validate import Vocabulary, read_body, validate
from muniment.rulesets.model import Layer

WORDS = Vocabulary((), tuple(check_types()))


def test_every_kind_of_source_has_defaults() -> None:
    kinds = {kind for entry in shipped_defaults() for kind in entry.applies_to.kinds}
    assert kinds >= {"*", "postgresql", "sqlite", "files"}


@pytest.mark.parametrize("framework", sorted(shipped_library().frameworks))
def test_what_a_framework_needs_is_a_valid_rule_set(framework: str) -> None:
    body, problems = read_body(shipped_library().frameworks[framework].rule_set)
    assert not problems
    assert body is not None
    assert not validate(body, Layer.FRAMEWORK, WORDS)
    assert body.classifiers


def test_a_pack_that_does_not_fit_names_the_place() -> None:
    with pytest.raises(Invalid, match=r"odd\.yaml.*max_concurency"):
        parse_default(
            "name: default-odd\nversion: 1\ntitle: Odd\ndescription: Odd.\n"
            "body: {limits: {max_concurency: 1}}",
            "odd.yaml",
        )
    with pytest.raises(Invalid, match=r"scope\.include\.0"):
        parse_default(
            "name: default-odd\nversion: 1\ntitle: Odd\ndescription: Odd.\n"
            "body: {scope: {include: [a], exclude: ['*']}}",
            "odd.yaml",
        )
