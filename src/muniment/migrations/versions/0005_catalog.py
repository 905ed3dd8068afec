"""Tables of the catalogue: assets, columns, versions, lineage."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from muniment.platform.tables import Xid8

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
REF = sa.Text(collation="C")
TEXTS = ARRAY(sa.Text())


def upgrade() -> None:
    op.execute("create schema if not exists catalog")
    _asset()
    _asset_column()
    _asset_version()
    _lineage_edge()
    _lineage_statement()


def _asset() -> None:
    op.create_table(
        "asset",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ref", REF, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("path", TEXTS, nullable=False),
        sa.Column("parent_ref", REF, nullable=False),
        sa.Column("domain", sa.String(), nullable=True),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("comment", sa.String(), nullable=True),
        sa.Column("tags", TEXTS, server_default=sa.text("'{}'"), nullable=False),
        sa.Column("certification", sa.String(), server_default="none", nullable=False),
        sa.Column("purpose", sa.String(), nullable=True),
        sa.Column("retention_days", sa.Integer(), nullable=True),
        sa.Column("annotated", TEXTS, server_default=sa.text("'{}'"), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=True),
        sa.Column("columns", sa.Integer(), server_default="0", nullable=False),
        sa.Column("definition", sa.String(), nullable=True),
        sa.Column("properties", JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("keys", JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("public_grants", TEXTS, server_default=sa.text("'{}'"), nullable=False),
        sa.Column("labels", TEXTS, server_default=sa.text("'{}'"), nullable=False),
        sa.Column("sensitivity", sa.SmallInteger(), nullable=True),
        sa.Column("quality_score", sa.Double(), nullable=True),
        sa.Column("failed_checks", TEXTS, server_default=sa.text("'{}'"), nullable=False),
        sa.Column("open_incidents", sa.Integer(), server_default="0", nullable=False),
        sa.Column("copy_of", REF, nullable=True),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("first_seen_at", MOMENT, nullable=False),
        sa.Column("last_seen_at", MOMENT, nullable=False),
        sa.Column("last_scanned_at", MOMENT, nullable=True),
        sa.Column("last_run_id", sa.Uuid(), nullable=True),
        sa.Column("vanished_at", MOMENT, nullable=True),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column(
            "changed_xid", Xid8(), server_default=sa.text("pg_current_xact_id()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name="pk_asset"),
        sa.UniqueConstraint("ref", name="uq_asset_ref"),
        schema="catalog",
    )
    op.create_index("ix_asset_changed_xid", "asset", ["changed_xid"], schema="catalog")
    op.create_index("ix_asset_parent_ref", "asset", ["parent_ref"], schema="catalog")
    op.create_index("ix_asset_source", "asset", ["source"], schema="catalog")


def _asset_column() -> None:
    op.create_table(
        "asset_column",
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("nullable", sa.Boolean(), nullable=False),
        sa.Column("default", sa.String(), nullable=True),
        sa.Column("comment", sa.String(), nullable=True),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("is_primary", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("is_unique", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("references", REF, nullable=True),
        sa.Column("labels", JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("sensitivity", sa.SmallInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["asset_id"], ["catalog.asset.id"], name="fk_asset_column_asset_id", ondelete="cascade"
        ),
        sa.PrimaryKeyConstraint("asset_id", "name", name="pk_asset_column"),
        schema="catalog",
    )
    op.create_index(
        "ix_asset_column_name", "asset_column", [sa.text("lower(name)")], schema="catalog"
    )


def _asset_version() -> None:
    op.create_table(
        "asset_version",
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("changed", TEXTS, nullable=False),
        sa.Column("document", JSONB(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["asset_id"], ["catalog.asset.id"], name="fk_asset_version_asset_id", ondelete="cascade"
        ),
        sa.PrimaryKeyConstraint("asset_id", "version", name="pk_asset_version"),
        schema="catalog",
    )


def _lineage_edge() -> None:
    op.create_table(
        "lineage_edge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("from_ref", REF, nullable=False),
        sa.Column("from_column", sa.String(), nullable=True),
        sa.Column("to_ref", REF, nullable=False),
        sa.Column("to_column", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("expression", sa.String(), nullable=True),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("job_ref", REF, nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("actor", sa.String(), nullable=True),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("first_seen_at", MOMENT, nullable=False),
        sa.Column("last_seen_at", MOMENT, nullable=False),
        sa.Column("broken_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_lineage_edge"),
        schema="catalog",
    )
    op.create_index(
        "ix_lineage_edge_from_ref", "lineage_edge", ["from_ref", "kind"], schema="catalog"
    )
    op.create_index(
        "ix_lineage_edge_source", "lineage_edge", ["source", "origin"], schema="catalog"
    )
    op.create_index("ix_lineage_edge_to_ref", "lineage_edge", ["to_ref", "kind"], schema="catalog")


def _lineage_statement() -> None:
    op.create_table(
        "lineage_statement",
        sa.Column("job_ref", REF, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("job_ref", "position", name="pk_lineage_statement"),
        schema="catalog",
    )
    op.create_index(
        "ix_lineage_statement_source", "lineage_statement", ["source", "outcome"], schema="catalog"
    )


def downgrade() -> None:
    op.execute("drop schema if exists catalog cascade")
