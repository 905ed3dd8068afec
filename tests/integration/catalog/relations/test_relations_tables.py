"""The migration makes what the mapped classes say, and can be taken back."""

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from muniment.catalog.relations.tables import Base
from muniment.platform.db import sqlalchemy_url


def test_the_tables_are_as_the_classes_say(database_url: str) -> None:
    mine = {table.name for table in Base.metadata.tables.values()}

    def ours(name: str | None, kind: str, parents: object) -> bool:
        return name == "catalog" if kind == "schema" else kind != "table" or name in mine

    engine = sa.create_engine(sqlalchemy_url(database_url, driver="psycopg"))
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_schemas": True, "include_name": ours, "compare_type": True}
        )
        differences = compare_metadata(context, Base.metadata)
    engine.dispose()
    assert differences == []
