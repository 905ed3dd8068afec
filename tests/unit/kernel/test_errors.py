"""Every named failure says how it is answered, and survives the way between processes."""

import pickle
from collections.abc import Iterator

import pytest

from muniment.kernel import errors
from muniment.kernel.errors import MunimentError


def _kinds(kind: type[MunimentError] = MunimentError) -> Iterator[type[MunimentError]]:
    yield kind
    for each in kind.__subclasses__():
        if each.__module__ == errors.__name__:
            yield from _kinds(each)


@pytest.mark.parametrize("kind", list(_kinds()), ids=lambda kind: kind.__name__)
def test_a_failure_keeps_its_sentence_and_its_facts_in_a_pickle(kind: type[MunimentError]) -> None:
    sent = pickle.dumps(kind("The port is taken.", port=8765))
    again = pickle.loads(sent)  # noqa: S301  # our own, a line above
    assert type(again) is kind
    assert (again.message, again.context) == ("The port is taken.", {"port": 8765})
    assert 400 <= kind.status < 600
    assert kind.title


def test_slugs_name_one_kind_each() -> None:
    slugs = [kind.slug for kind in _kinds()]
    assert sorted(slugs) == sorted(set(slugs))
