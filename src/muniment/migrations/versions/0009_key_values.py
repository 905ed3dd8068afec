"""Keys of a run, until references between tables are judged."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

REF = sa.Text(collation="C")
TEXTS = ARRAY(sa.Text())


def upgrade() -> None:
    op.create_table(
        "key_values",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("asset", REF, nullable=False),
        sa.Column("columns", TEXTS, nullable=False),
        sa.Column("check", REF, nullable=False),
        sa.Column("other", REF, nullable=True),
        sa.Column("other_columns", TEXTS, server_default=sa.text("'{}'"), nullable=False),
        sa.Column("min_ratio", sa.Double(), nullable=True),
        sa.Column("assumed", sa.Double(), nullable=True),
        sa.Column("kinds", sa.String(), nullable=False),
        sa.Column("bound", sa.String(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.Column("counts", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "asset", "columns", "check", name="pk_key_values"),
        schema="catalog",
    )
    op.create_index("ix_key_values_other", "key_values", ["run_id", "other"], schema="catalog")


def downgrade() -> None:
    op.drop_table("key_values", schema="catalog")
