"""Tables of the group sources."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def _of_source(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["source_id"],
        ["sources.source.id"],
        name=f"fk_{table}_source_id",
        ondelete="cascade",
    )


def upgrade() -> None:
    op.execute("create schema if not exists sources")
    op.create_table(
        "source",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("description", sa.String()),
        sa.Column("domain", sa.String()),
        sa.Column("owner", sa.String()),
        sa.Column("sensitive", sa.Boolean(), nullable=False),
        sa.Column("settings", JSONB(), nullable=False),
        sa.Column("max_concurrency", sa.Integer(), nullable=False),
        sa.Column("statement_timeout_seconds", sa.Float(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("health", sa.String(), nullable=False),
        sa.Column("health_since", MOMENT),
        sa.Column("health_reason", sa.String()),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("successes", sa.Integer(), nullable=False),
        sa.Column("latency_ms", sa.Float()),
        sa.Column("probed_at", MOMENT),
        sa.Column("next_probe_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_source"),
        sa.UniqueConstraint("name", name="uq_source_name"),
        schema="sources",
    )
    op.create_index("ix_source_next_probe_at", "source", ["next_probe_at"], schema="sources")
    op.create_table(
        "credential",
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sealed", JSONB(), nullable=False),
        sa.Column("fields", ARRAY(sa.String()), nullable=False),
        sa.Column("stored_at", MOMENT, nullable=False),
        sa.Column("stored_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("source_id", name="pk_credential"),
        _of_source("credential"),
        schema="sources",
    )
    op.create_table(
        "probe",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("probed_at", MOMENT, nullable=False),
        sa.Column("milliseconds", sa.Float(), nullable=False),
        sa.Column("health", sa.String(), nullable=False),
        sa.Column("error", sa.String()),
        sa.Column("message", sa.String()),
        sa.PrimaryKeyConstraint("id", name="pk_probe"),
        _of_source("probe"),
        schema="sources",
    )
    op.create_index("ix_probe_history", "probe", ["source_id", "id"], schema="sources")
    op.create_index("ix_probe_probed_at", "probe", ["probed_at"], schema="sources")
    op.create_table(
        "snapshot",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Uuid()),
        sa.Column("taken_at", MOMENT, nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("first", sa.Boolean(), nullable=False),
        sa.Column("assets", sa.Integer(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("removed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_snapshot"),
        sa.UniqueConstraint("source_id", "number", name="uq_snapshot_source_id_number"),
        sa.UniqueConstraint("source_id", "run_id", name="uq_snapshot_source_id_run_id"),
        _of_source("snapshot"),
        schema="sources",
    )
    op.create_table(
        "snapshot_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("since", sa.Integer(), nullable=False),
        sa.Column("until", sa.Integer()),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_snapshot_item"),
        _of_source("snapshot_item"),
        schema="sources",
    )
    op.create_index(
        "ix_snapshot_item_current",
        "snapshot_item",
        ["source_id", sa.text("md5(path)")],
        unique=True,
        postgresql_where=sa.text("until is null"),
        schema="sources",
    )
    op.create_index(
        "ix_snapshot_item_since", "snapshot_item", ["source_id", "since"], schema="sources"
    )
    op.create_table(
        "schema_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("snapshot_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid()),
        sa.Column("asset", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("breaking", sa.Boolean(), nullable=False),
        sa.Column("aspects", ARRAY(sa.String()), nullable=False),
        sa.Column("columns", JSONB(), nullable=False),
        sa.Column("found_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_schema_change"),
        _of_source("schema_change"),
        sa.ForeignKeyConstraint(
            ["snapshot_id"],
            ["sources.snapshot.id"],
            name="fk_schema_change_snapshot_id",
            ondelete="cascade",
        ),
        schema="sources",
    )
    op.create_index(
        "ix_schema_change_history", "schema_change", ["source_id", "id"], schema="sources"
    )
    op.create_index(
        "ix_schema_change_asset", "schema_change", [sa.text("md5(asset)"), "id"], schema="sources"
    )
    op.create_index(
        "ix_schema_change_snapshot_id", "schema_change", ["snapshot_id"], schema="sources"
    )


def downgrade() -> None:
    op.execute("drop schema if exists sources cascade")
