"""What is kept of values, the history of labels, revaluations, and re-identification risk."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

SCHEMA = "classification"
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("label", sa.Column("missing_since", MOMENT, nullable=True), schema=SCHEMA)
    op.create_table(
        "detector_set",
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("digests", JSONB(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name="pk_detector_set"),
        schema=SCHEMA,
    )
    op.create_table(
        "kept_values",
        sa.Column("asset", sa.String(), nullable=False),
        sa.Column("marked_with", sa.String(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("params", JSONB(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("kept_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["asset"], ["classification.classified_asset.asset"], name="fk_kept_values_asset"
        ),
        sa.PrimaryKeyConstraint("asset", name="pk_kept_values"),
        schema=SCHEMA,
    )
    op.create_table(
        "kept_column",
        sa.Column("asset", sa.String(), nullable=False),
        sa.Column("column_name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("distinct", sa.BigInteger(), nullable=False),
        sa.Column("shapes", ARRAY(sa.String()), nullable=False),
        sa.Column("marks", ARRAY(sa.String()), nullable=False),
        sa.ForeignKeyConstraint(
            ["asset"],
            ["classification.kept_values.asset"],
            name="fk_kept_column_asset",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("asset", "column_name", name="pk_kept_column"),
        schema=SCHEMA,
    )
    op.create_table(
        "label_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("asset", sa.String(), nullable=False),
        sa.Column("column_name", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(), nullable=True),
        sa.Column("said", sa.String(), nullable=False),
        sa.Column("state_before", sa.String(), nullable=True),
        sa.Column("state_after", sa.String(), nullable=True),
        sa.Column("confidence_before", sa.Double(), nullable=True),
        sa.Column("confidence_after", sa.Double(), nullable=True),
        sa.Column("share_before", sa.Double(), nullable=True),
        sa.Column("share_after", sa.Double(), nullable=True),
        sa.Column("classifier_version", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("revaluation_id", sa.Uuid(), nullable=True),
        sa.Column("before", JSONB(), nullable=True),
        sa.Column("alert", sa.Boolean(), nullable=False),
        sa.Column("acknowledged_by", sa.String(), nullable=True),
        sa.Column("acknowledged_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["asset"],
            ["classification.classified_asset.asset"],
            name="fk_label_event_asset",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_label_event"),
        schema=SCHEMA,
    )
    op.create_index(
        "ix_label_event_alert",
        "label_event",
        ["id"],
        schema=SCHEMA,
        postgresql_where=sa.text("alert and acknowledged_at is null"),
    )
    op.create_index("ix_label_event_label_id", "label_event", ["label", "id"], schema=SCHEMA)
    op.create_index(
        "ix_label_event_revaluation_id", "label_event", ["revaluation_id"], schema=SCHEMA
    )
    op.create_index(
        "ix_label_event_asset_column_name_id",
        "label_event",
        ["asset", "column_name", "id"],
        schema=SCHEMA,
    )
    op.create_table(
        "revaluation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("applies", sa.Boolean(), nullable=False),
        sa.Column("classifier", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("draft", JSONB(), nullable=True),
        sa.Column("reads", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("requested_by", sa.String(), nullable=False),
        sa.Column("requested_at", MOMENT, nullable=False),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("taken_until", MOMENT, nullable=True),
        sa.Column("reached", sa.String(), nullable=True),
        sa.Column("assets_total", sa.Integer(), nullable=False),
        sa.Column("assets_done", sa.Integer(), nullable=False),
        sa.Column("assets_failed", sa.Integer(), nullable=False),
        sa.Column("gate", JSONB(), nullable=True),
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("undone_by", sa.String(), nullable=True),
        sa.Column("undone_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_revaluation"),
        schema=SCHEMA,
    )
    op.create_index(
        "ix_revaluation_waiting",
        "revaluation",
        ["requested_at"],
        schema=SCHEMA,
        postgresql_where=sa.text("state in ('queued', 'running')"),
    )
    op.create_index("ix_revaluation_classifier", "revaluation", ["classifier"], schema=SCHEMA)
    op.create_table(
        "revaluation_column",
        sa.Column("revaluation_id", sa.Uuid(), nullable=False),
        sa.Column("asset", sa.String(), nullable=False),
        sa.Column("column_name", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("change", sa.String(), nullable=False),
        sa.Column("confidence_before", sa.Double(), nullable=True),
        sa.Column("confidence_after", sa.Double(), nullable=True),
        sa.Column("state", sa.String(), nullable=True),
        sa.Column("why", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["revaluation_id"],
            ["classification.revaluation.id"],
            name="fk_revaluation_column_revaluation_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "revaluation_id", "asset", "column_name", "label", name="pk_revaluation_column"
        ),
        schema=SCHEMA,
    )
    op.create_table(
        "reidentification",
        sa.Column("asset", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("smallest", sa.Integer(), nullable=False),
        sa.Column("unique_share", sa.Double(), nullable=False),
        sa.Column("columns", ARRAY(sa.String()), nullable=False),
        sa.Column("detail", JSONB(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("measured_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["asset"], ["classification.classified_asset.asset"], name="fk_reidentification_asset"
        ),
        sa.PrimaryKeyConstraint("asset", name="pk_reidentification"),
        schema=SCHEMA,
    )


def downgrade() -> None:
    for table in (
        "reidentification",
        "revaluation_column",
        "revaluation",
        "label_event",
        "kept_column",
        "kept_values",
        "detector_set",
    ):
        op.drop_table(table, schema=SCHEMA)
    op.drop_column("label", "missing_since", schema=SCHEMA)
