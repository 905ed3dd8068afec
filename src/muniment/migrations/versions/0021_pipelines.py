"""What producers of OpenLineage events tell: events as sent, jobs, runs and datasets."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

SCHEMA = "catalog"
MOMENT = sa.DateTime(timezone=True)
NAME = sa.Text(collation="C")


def _json(name: str) -> sa.Column[Any]:
    return sa.Column(name, postgresql.JSONB(), nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, MOMENT, nullable=nullable)


def _name(name: str) -> sa.Column[Any]:
    return sa.Column(name, NAME, nullable=False)


def upgrade() -> None:
    op.create_table(
        "pipeline_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        _moment("at"),
        sa.Column("type", sa.String(), nullable=True),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("body", sa.String(), nullable=False),
        _moment("received_at"),
        sa.Column("received_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pipeline_event"),
        schema=SCHEMA,
    )
    op.create_index("ix_pipeline_event_at", "pipeline_event", ["at", "id"], schema=SCHEMA)
    op.create_index(
        "ix_pipeline_event_received_at", "pipeline_event", ["received_at"], schema=SCHEMA
    )
    op.create_table(
        "pipeline_job",
        _name("namespace"),
        _name("name"),
        _json("facets"),
        _json("inputs"),
        _json("outputs"),
        sa.Column("latest_run_id", sa.Uuid(), nullable=True),
        _moment("told_at"),
        _moment("created_at"),
        _moment("updated_at"),
        sa.PrimaryKeyConstraint("namespace", "name", name="pk_pipeline_job"),
        schema=SCHEMA,
    )
    for side in ("inputs", "outputs"):
        op.create_index(
            f"ix_pipeline_job_{side}",
            "pipeline_job",
            [side],
            schema=SCHEMA,
            postgresql_using="gin",
        )
    op.create_table(
        "pipeline_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        _name("job_namespace"),
        _name("job_name"),
        sa.Column("state", sa.String(), nullable=False),
        _moment("started_at", nullable=True),
        _moment("ended_at", nullable=True),
        _json("facets"),
        _json("inputs"),
        _json("outputs"),
        _moment("told_at"),
        _moment("created_at"),
        _moment("updated_at"),
        sa.PrimaryKeyConstraint("id", name="pk_pipeline_run"),
        schema=SCHEMA,
    )
    op.create_index(
        "ix_pipeline_run_job",
        "pipeline_run",
        ["job_namespace", "job_name", "told_at"],
        schema=SCHEMA,
    )
    op.create_index("ix_pipeline_run_updated_at", "pipeline_run", ["updated_at"], schema=SCHEMA)
    op.create_table(
        "pipeline_dataset",
        _name("namespace"),
        _name("name"),
        _name("ref"),
        _json("facets"),
        _moment("told_at"),
        _moment("created_at"),
        _moment("updated_at"),
        sa.PrimaryKeyConstraint("namespace", "name", name="pk_pipeline_dataset"),
        schema=SCHEMA,
    )
    op.create_index("ix_pipeline_dataset_ref", "pipeline_dataset", ["ref"], schema=SCHEMA)


def downgrade() -> None:
    for table in ("pipeline_dataset", "pipeline_run", "pipeline_job", "pipeline_event"):
        op.drop_table(table, schema=SCHEMA)
