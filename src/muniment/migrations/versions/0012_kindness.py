"""What a scan may do to a source, and how fast the source answers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    for column in (
        sa.Column("idle_timeout_seconds", sa.Double(), nullable=False, server_default="60"),
        sa.Column("rows_per_second", sa.Integer(), nullable=True),
        sa.Column("megabytes_per_second", sa.Double(), nullable=True),
        sa.Column("statements_per_minute", sa.Integer(), nullable=True),
        sa.Column("governed", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("blackouts", ARRAY(sa.String()), nullable=False, server_default="{}"),
    ):
        op.add_column("source", column, schema="sources")
    op.add_column("run", sa.Column("held_until", MOMENT, nullable=True), schema="scans")
    op.create_table(
        "pace",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("usual_ms", sa.Double(), nullable=True),
        sa.Column("recent", ARRAY(sa.Double()), nullable=False, server_default="{}"),
        sa.Column("level", sa.Double(), nullable=True),
        sa.Column("slowness", sa.Double(), nullable=False, server_default="1"),
        sa.Column("paused_until", MOMENT, nullable=True),
        sa.Column("sampled_at", MOMENT, nullable=True),
        sa.Column("rows_at", MOMENT, nullable=True),
        sa.Column("bytes_at", MOMENT, nullable=True),
        sa.Column("statements_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("source", name="pk_pace"),
        schema="scans",
    )


def downgrade() -> None:
    op.drop_table("pace", schema="scans")
    op.drop_column("run", "held_until", schema="scans")
    for column in (
        "blackouts",
        "governed",
        "statements_per_minute",
        "megabytes_per_second",
        "rows_per_second",
        "idle_timeout_seconds",
    ):
        op.drop_column("source", column, schema="sources")
