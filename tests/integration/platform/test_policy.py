"""A list filtered in SQL shows exactly what would be shown one by one."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from hypothesis import given
from tests.unit.platform.principals import DOMAINS, permissions, principals

from muniment.kernel.principal import Principal
from muniment.platform.db import sqlalchemy_url
from muniment.platform.embedded import Server
from muniment.platform.policy import Decider

DECIDER = Decider()
THINGS = sa.values(sa.column("number", sa.Integer), sa.column("domain", sa.String), name="thing")
HELD = [None, *DOMAINS]


@pytest.fixture(scope="module")
def connection(server: Server) -> Iterator[sa.Connection]:
    engine = sa.create_engine(
        sqlalchemy_url(server.url("postgres"), driver="psycopg"), poolclass=sa.NullPool
    )
    with engine.connect() as opened:
        yield opened


@given(principals, permissions)
def test_the_clause_selects_what_each_decision_allows(
    connection: sa.Connection, principal: Principal, permission: str
) -> None:
    visibility = DECIDER.visibility(principal, permission)
    allowed = {
        number
        for number, domain in enumerate(HELD)
        if DECIDER.decide(principal, permission, domain=domain).allowed
    }
    if visibility is None:
        assert allowed == set()
        return
    things = THINGS.data(list(enumerate(HELD)))
    selected = connection.scalars(
        sa.select(things.c.number).where(visibility.clause(things.c.domain))
    )
    assert set(selected) == allowed
