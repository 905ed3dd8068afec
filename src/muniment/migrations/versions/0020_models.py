"""What the model learned from decisions, version by version, and which one is in force."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

SCHEMA = "classification"
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "model_version",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("head", sa.String(), nullable=True),
        sa.Column("report", postgresql.JSONB(), nullable=True),
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("requested_by", sa.String(), nullable=False),
        sa.Column("requested_at", MOMENT, nullable=False),
        sa.Column("taken_until", MOMENT, nullable=True),
        sa.Column("decided_until", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("promoted_by", sa.String(), nullable=True),
        sa.Column("promoted_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("version", name="pk_model_version"),
        sa.CheckConstraint(
            "state in ('queued', 'ready', 'failed')", name=op.f("ck_model_version_state")
        ),
        schema=SCHEMA,
    )
    op.create_index(
        "ix_model_version_active",
        "model_version",
        ["active"],
        unique=True,
        schema=SCHEMA,
        postgresql_where=sa.text("active"),
    )


def downgrade() -> None:
    op.drop_table("model_version", schema=SCHEMA)
