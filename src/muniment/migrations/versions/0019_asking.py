"""Whether the review queue may stop asking, and from which agreement on."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

SCHEMA = "classification"


def upgrade() -> None:
    op.create_table(
        "asking",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("bar", sa.Float(), nullable=False),
        sa.Column("updated_by", sa.String(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_asking"),
        sa.CheckConstraint("id = 1", name=op.f("ck_asking_one")),
        schema=SCHEMA,
    )


def downgrade() -> None:
    op.drop_table("asking", schema=SCHEMA)
