"""Merged states of several partitions kept between scans."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

SCHEMA = "scans"


def upgrade() -> None:
    op.create_table(
        "kept_fold",
        sa.Column("asset", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("analyzer", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("asset", "key", "analyzer", name="pk_kept_fold"),
        schema=SCHEMA,
    )
    op.create_index("ix_kept_fold_source", "kept_fold", ["source"], schema=SCHEMA)


def downgrade() -> None:
    op.drop_table("kept_fold", schema=SCHEMA)
