"""Tables of the group classification: labels, decisions, custom classifiers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SCHEMA = "classification"
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("create schema if not exists classification")
    op.create_table(
        "classified_asset",
        sa.Column("asset", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("domain", sa.String(), nullable=True),
        sa.Column("columns", sa.Integer(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("present", sa.Boolean(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("classified_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("asset", name="pk_classified_asset"),
        schema=SCHEMA,
    )
    op.create_index("ix_classified_asset_source", "classified_asset", ["source"], schema=SCHEMA)
    op.create_index("ix_classified_asset_domain", "classified_asset", ["domain"], schema=SCHEMA)
    op.create_table(
        "label",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("asset", sa.String(), nullable=False),
        sa.Column("column_name", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("sensitivity", sa.SmallInteger(), nullable=False),
        sa.Column("personal", sa.Boolean(), nullable=False),
        sa.Column("special", sa.Boolean(), nullable=False),
        sa.Column("tier", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("evidence", JSONB(), nullable=False),
        sa.Column("classifier_version", sa.Integer(), nullable=False),
        sa.Column("header", sa.String(), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.Column("look_alike", sa.String(), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("present", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("decided_confidence", sa.Float(), nullable=True),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state in ('suggested', 'confirmed', 'rejected')", name=op.f("ck_label_state")
        ),
        sa.CheckConstraint(
            "tier in ('rule', 'model', 'assistant', 'manual')", name=op.f("ck_label_tier")
        ),
        sa.CheckConstraint("confidence between 0 and 1", name=op.f("ck_label_confidence")),
        sa.ForeignKeyConstraint(
            ["asset"], ["classification.classified_asset.asset"], name="fk_label_asset"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_label"),
        sa.UniqueConstraint(
            "asset", "column_name", "label", name="uq_label_asset_column_name_label"
        ),
        schema=SCHEMA,
    )
    op.create_index("ix_label_label", "label", ["label"], schema=SCHEMA)
    op.create_index(
        "ix_label_look_alike",
        "label",
        ["look_alike"],
        schema=SCHEMA,
        postgresql_where=sa.text("present"),
    )
    op.create_table(
        "decision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("label_id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("before", JSONB(), nullable=True),
        sa.Column("after", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=False),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["label_id"],
            ["classification.label.id"],
            name="fk_decision_label_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_decision"),
        schema=SCHEMA,
    )
    op.create_index(
        "ix_decision_label_id_decided_at", "decision", ["label_id", "decided_at"], schema=SCHEMA
    )
    op.create_index("ix_decision_batch_id", "decision", ["batch_id"], schema=SCHEMA)
    op.create_table(
        "classifier",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("current", sa.Integer(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_classifier"),
        schema=SCHEMA,
    )
    op.create_table(
        "classifier_version",
        sa.Column("classifier", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", JSONB(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["classifier"],
            ["classification.classifier.id"],
            name="fk_classifier_version_classifier",
        ),
        sa.PrimaryKeyConstraint("classifier", "version", name="pk_classifier_version"),
        schema=SCHEMA,
    )


def downgrade() -> None:
    op.execute("drop schema if exists classification cascade")
