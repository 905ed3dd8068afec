"""Tables of profiles and data quality in the catalogue."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
REF = sa.Text(collation="C")
TEXTS = ARRAY(sa.Text())


def upgrade() -> None:
    op.create_table(
        "check_definition",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("asset", REF, nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("columns", TEXTS, server_default=sa.text("'{}'"), nullable=False),
        sa.Column("params", JSONB(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_check_definition"),
        schema="catalog",
    )
    op.create_index(
        "ix_check_definition_asset", "check_definition", ["asset"], unique=False, schema="catalog"
    )
    op.create_table(
        "check_result",
        sa.Column("asset", REF, nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("key", REF, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("latest", sa.Boolean(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("columns", TEXTS, server_default=sa.text("'{}'"), nullable=False),
        sa.Column("dimension", sa.String(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("definition", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("ratio", sa.Double(), nullable=True),
        sa.Column("evaluated", sa.BigInteger(), nullable=False),
        sa.Column("failed", sa.BigInteger(), nullable=False),
        sa.Column("observed", sa.String(), nullable=True),
        sa.Column("expected", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("examples", TEXTS, server_default=sa.text("'{}'"), nullable=False),
        sa.Column("exact", sa.Boolean(), nullable=False),
        sa.Column("error", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("asset", "run_id", "key", name="pk_check_result"),
        schema="catalog",
    )
    op.create_index(
        "ix_check_result_latest",
        "check_result",
        ["asset"],
        unique=False,
        schema="catalog",
        postgresql_where=sa.text("latest"),
    )
    op.create_table(
        "incident",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("asset", REF, nullable=False),
        sa.Column("key", REF, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("columns", TEXTS, server_default=sa.text("'{}'"), nullable=False),
        sa.Column("check_type", sa.String(), nullable=True),
        sa.Column("ratio", sa.Double(), nullable=True),
        sa.Column("occurrences", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("last_seen_at", MOMENT, nullable=False),
        sa.Column("acknowledged_at", MOMENT, nullable=True),
        sa.Column("acknowledged_by", sa.String(), nullable=True),
        sa.Column("root_cause", sa.String(), nullable=True),
        sa.Column("resolved_at", MOMENT, nullable=True),
        sa.Column("resolved_by", sa.String(), nullable=True),
        sa.Column("resolution", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_incident"),
        schema="catalog",
    )
    op.create_index("ix_incident_asset", "incident", ["asset"], unique=False, schema="catalog")
    op.create_index(
        "ix_incident_open",
        "incident",
        ["asset", "key"],
        unique=True,
        schema="catalog",
        postgresql_where=sa.text("state in ('new', 'acknowledged', 'root_cause')"),
    )
    op.create_index(
        "ix_incident_opened_at", "incident", ["opened_at", "id"], unique=False, schema="catalog"
    )
    op.create_table(
        "profile",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("asset", REF, nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("latest", sa.Boolean(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("columns", sa.Integer(), nullable=False),
        sa.Column("body", JSONB(), nullable=False),
        sa.Column("sparks", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_profile"),
        sa.UniqueConstraint("asset", "run_id", name="uq_profile_asset_run_id"),
        schema="catalog",
    )
    op.create_index(
        "ix_profile_asset_at", "profile", ["asset", "at"], unique=False, schema="catalog"
    )
    op.create_index(
        "ix_profile_latest",
        "profile",
        ["asset"],
        unique=True,
        schema="catalog",
        postgresql_where=sa.text("latest"),
    )
    op.create_table(
        "quality_score",
        sa.Column("asset", REF, nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("latest", sa.Boolean(), nullable=False),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("dimensions", JSONB(), nullable=False),
        sa.Column("coverage", sa.Double(), nullable=False),
        sa.Column("passed", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("unanswered", sa.Integer(), nullable=False),
        sa.Column("capped", sa.Boolean(), nullable=False),
        sa.Column("failed_keys", TEXTS, server_default=sa.text("'{}'"), nullable=False),
        sa.Column("formula", sa.String(), nullable=False),
        sa.CheckConstraint("score between 0 and 100", name="ck_quality_score_score"),
        sa.PrimaryKeyConstraint("asset", "run_id", name="pk_quality_score"),
        schema="catalog",
    )
    op.create_index(
        "ix_quality_score_asset_at",
        "quality_score",
        ["asset", "at"],
        unique=False,
        schema="catalog",
    )
    op.create_index(
        "ix_quality_score_latest",
        "quality_score",
        ["asset"],
        unique=True,
        schema="catalog",
        postgresql_where=sa.text("latest"),
    )


def downgrade() -> None:
    op.drop_table("quality_score", schema="catalog")
    op.drop_table("profile", schema="catalog")
    op.drop_table("incident", schema="catalog")
    op.drop_table("check_result", schema="catalog")
    op.drop_table("check_definition", schema="catalog")
