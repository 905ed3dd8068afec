"""Tables of the group scans."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("create schema if not exists scans")


def downgrade() -> None:
    op.execute("drop schema if exists scans cascade")
