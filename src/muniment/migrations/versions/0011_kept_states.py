"""States of partitions kept between scans, and what a run carried over."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

SCHEMA = "scans"
MOMENT = sa.DateTime(timezone=True)
ADDED = {
    "run": ("full", "verify", "partitions_total", "partitions_carried", "rows_carried",
            "assets_unchanged"),
    "run_asset": ("partitions_carried", "rows_carried", "reason", "keep"),
    "task": ("key", "marker", "carried", "verify"),
}  # fmt: skip


def upgrade() -> None:
    def count(name: str, kind: sa.types.TypeEngine[int]) -> "sa.Column[Any]":
        return sa.Column(name, kind, server_default="0", nullable=False)

    def flag(name: str) -> "sa.Column[Any]":
        return sa.Column(name, sa.Boolean(), server_default=sa.text("false"), nullable=False)

    for column in (
        flag("full"),
        sa.Column("verify", sa.Double(), nullable=True),
        count("partitions_total", sa.Integer()),
        count("partitions_carried", sa.Integer()),
        count("rows_carried", sa.BigInteger()),
        count("assets_unchanged", sa.Integer()),
    ):
        op.add_column("run", column, schema=SCHEMA)
    for column in (
        count("partitions_carried", sa.Integer()),
        count("rows_carried", sa.BigInteger()),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("keep", JSONB(), nullable=True),
    ):
        op.add_column("run_asset", column, schema=SCHEMA)
    for column in (
        sa.Column("key", sa.String(), server_default="", nullable=False),
        sa.Column("marker", sa.String(), nullable=True),
        flag("carried"),
        flag("verify"),
    ):
        op.add_column("task", column, schema=SCHEMA)
    _tables()


def _tables() -> None:
    op.create_table(
        "kept_asset",
        sa.Column("asset", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("marker", sa.String(), nullable=True),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("engine", sa.String(), nullable=False),
        sa.Column("quality", JSONB(), nullable=False),
        sa.Column("labels", sa.Integer(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("read_at", MOMENT, nullable=False),
        sa.Column("whole_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("asset", name="pk_kept_asset"),
        schema=SCHEMA,
    )
    op.create_index("ix_kept_asset_source", "kept_asset", ["source"], schema=SCHEMA)
    op.create_table(
        "kept_part",
        sa.Column("asset", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("spec", JSONB(), nullable=False),
        sa.Column("marker", sa.String(), nullable=True),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("fraction", sa.Double(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["asset"],
            ["scans.kept_asset.asset"],
            name="fk_kept_part_asset_kept_asset",
            ondelete="cascade",
        ),
        sa.PrimaryKeyConstraint("asset", "key", name="pk_kept_part"),
        schema=SCHEMA,
    )
    op.create_table(
        "kept_state",
        sa.Column("asset", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("analyzer", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["asset", "key"],
            ["scans.kept_part.asset", "scans.kept_part.key"],
            name="fk_kept_state_asset_kept_part",
            ondelete="cascade",
        ),
        sa.PrimaryKeyConstraint("asset", "key", "analyzer", name="pk_kept_state"),
        schema=SCHEMA,
    )


def downgrade() -> None:
    for table in ("kept_state", "kept_part", "kept_asset"):
        op.drop_table(table, schema=SCHEMA)
    for table, columns in ADDED.items():
        for column in columns:
            op.drop_column(table, column, schema=SCHEMA)
