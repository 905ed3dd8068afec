"""The chain of revisions: up, down and up again, and what it makes is what the code expects."""

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

import muniment
from muniment.platform.db import GROUP_SCHEMAS, NAMING, sqlalchemy_url
from muniment.platform.migrate import config_for, downgrade, is_current, upgrade


@pytest.fixture
def engine(empty_database_url: str) -> Iterator[sa.Engine]:
    made = sa.create_engine(
        sqlalchemy_url(empty_database_url, driver="psycopg"), poolclass=sa.NullPool
    )
    yield made
    made.dispose()


def test_an_empty_database_goes_up_down_and_up_again(
    empty_database_url: str, engine: sa.Engine
) -> None:
    upgrade(empty_database_url)
    first = _shape(engine)
    assert is_current(empty_database_url)
    downgrade(empty_database_url, "base")
    assert _shape(engine) == {}
    assert not is_current(empty_database_url)
    upgrade(empty_database_url)
    assert _shape(engine) == first


def test_every_single_step_can_be_taken_back(empty_database_url: str, engine: sa.Engine) -> None:
    upgrade(empty_database_url)
    shapes = []
    for _ in _revisions():
        shapes.append(_shape(engine))
        downgrade(empty_database_url, "-1")
    for shape in reversed(shapes):
        upgrade(empty_database_url, "+1")
        assert _shape(engine) == shape


def test_the_revisions_are_one_line(empty_database_url: str) -> None:
    assert len(ScriptDirectory.from_config(config_for(empty_database_url)).get_heads()) == 1
    assert len(_revisions()) >= 8


@pytest.mark.filterwarnings("ignore:Did not recognize type 'xid8'")  # SQLAlchemy has no such type
def test_the_tables_are_those_of_the_code(empty_database_url: str, engine: sa.Engine) -> None:
    upgrade(empty_database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_schemas": True,
                "include_name": _is_ours,
                "compare_type": True,
                "version_table_schema": "public",
            },
        )
        assert compare_metadata(context, _expected()) == []


def _is_ours(name: str | None, kind: str, _: object) -> bool:
    return kind != "schema" or name in GROUP_SCHEMAS


def _expected() -> sa.MetaData:
    """The tables of every group in one collection."""
    together = sa.MetaData(naming_convention=NAMING)
    root = Path(muniment.__file__).parent
    for module in pkgutil.walk_packages([str(root)], "muniment."):
        if module.name.endswith(".tables"):
            base = importlib.import_module(module.name).Base
            for table in base.metadata.sorted_tables:
                if table.key not in together.tables:
                    table.to_metadata(together)
    assert {table.schema for table in together.tables.values()} == set(GROUP_SCHEMAS)
    return together


def _revisions() -> list[str]:
    root = Path(muniment.__file__).parent / "migrations" / "versions"
    return sorted(each.name for each in root.glob("0*.py"))


def _shape(engine: sa.Engine) -> dict[str, list[str]]:
    """Every table, index and constraint of our schemas with its definition."""
    question = sa.text("""
        select n.nspname || '.' || c.relname as place,
            array(select attname || ' ' || format_type(atttypid, atttypmod) || ' ' || attnotnull
                  from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped
                  order by attnum)
            || array(select pg_get_constraintdef(k.oid) from pg_constraint k
                     where k.conrelid = c.oid order by 1)
            || array(select pg_get_indexdef(i.indexrelid) from pg_index i
                     where i.indrelid = c.oid order by 1)
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = any(:schemas) and c.relkind in ('r', 'p', 'v', 'S', 'm')
    """)
    with engine.connect() as connection:
        rows = connection.execute(question, {"schemas": list(GROUP_SCHEMAS)})
        return {place: list(parts) for place, parts in rows}
