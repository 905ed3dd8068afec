"""How columns and tables relate: sketches, joins and near-duplicates."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

SCHEMA = "catalog"
REF = sa.Text(collation="C")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "column_sketch",
        sa.Column("asset", REF, nullable=False),
        sa.Column("column", REF, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("at", ARRAY(sa.Integer()), nullable=False),
        sa.Column("repeated", sa.Integer(), nullable=False),
        sa.Column("nulls", sa.BigInteger(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("values", sa.LargeBinary(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("asset", "column", name="pk_column_sketch"),
        schema=SCHEMA,
    )
    op.create_table(
        "column_join",
        sa.Column("asset", REF, nullable=False),
        sa.Column("column", REF, nullable=False),
        sa.Column("other", REF, nullable=False),
        sa.Column("key", REF, nullable=False),
        sa.Column("containment", sa.Double(), nullable=False),
        sa.Column("containment_error", sa.Double(), nullable=False),
        sa.Column("coverage", sa.Double(), nullable=False),
        sa.Column("name", sa.Double(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("reasons", ARRAY(sa.Text()), nullable=False),
        sa.Column("declared", sa.Boolean(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("asset", "column", "other", "key", name="pk_column_join"),
        schema=SCHEMA,
    )
    op.create_index("ix_column_join_other", "column_join", ["other"], schema=SCHEMA)
    op.create_table(
        "table_twins",
        sa.Column("left", REF, nullable=False),
        sa.Column("right", REF, nullable=False),
        sa.Column("similarity", sa.Double(), nullable=False),
        sa.Column("columns", sa.Integer(), nullable=False),
        sa.Column("left_in_right", sa.Double(), nullable=False),
        sa.Column("right_in_left", sa.Double(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("left", "right", name="pk_table_twins"),
        schema=SCHEMA,
    )
    op.create_index("ix_table_twins_right", "table_twins", ["right"], schema=SCHEMA)


def downgrade() -> None:
    for table in ("table_twins", "column_join", "column_sketch"):
        op.drop_table(table, schema=SCHEMA)
