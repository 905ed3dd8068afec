"""Classifiers mined from unlabelled columns."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

SCHEMA = "classification"
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "mined_classifier",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("entry", postgresql.JSONB(), nullable=False),
        sa.Column("columns", postgresql.JSONB(), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("found_in", "taken", "wrong", "looked")
        ),
        sa.Column("precision", sa.Float(), nullable=False),
        sa.Column("other_labels", postgresql.JSONB(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("classifier", sa.String(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("mined_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_mined_classifier"),
        sa.UniqueConstraint("form", name="uq_mined_classifier_form"),
        sa.CheckConstraint(
            "state in ('proposed', 'accepted', 'rejected')",
            name=op.f("ck_mined_classifier_state"),
        ),
        schema=SCHEMA,
    )


def downgrade() -> None:
    op.drop_table("mined_classifier", schema=SCHEMA)
