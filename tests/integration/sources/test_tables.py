"""The tables of the group are those its migration makes."""

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from muniment.platform.db import sqlalchemy_url
from muniment.sources.tables import Base


def test_tables_and_migration_agree(database_url: str) -> None:
    engine = sa.create_engine(sqlalchemy_url(database_url, driver="psycopg"))
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_schemas": True,
                "include_name": lambda name, kind, _: kind != "schema" or name == "sources",
                "compare_type": True,
            },
        )
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()
