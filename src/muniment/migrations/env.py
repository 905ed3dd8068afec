"""How Alembic runs our revisions: one transaction each, one process at a time."""

import sqlalchemy as sa
from alembic import context

from muniment.platform.db import sqlalchemy_url
from muniment.platform.migrate import LOCK

engine = sa.create_engine(
    sqlalchemy_url(context.config.attributes["url"], driver="psycopg"), poolclass=sa.NullPool
)
with engine.connect() as connection:
    connection.execute(sa.text("select pg_advisory_lock(:lock)"), {"lock": LOCK})
    connection.commit()
    context.configure(
        connection=connection,
        version_table_schema="public",
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.execute(sa.text("select pg_advisory_unlock(:lock)"), {"lock": LOCK})
    connection.commit()
engine.dispose()
