"""Tables of the group classification."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("create schema if not exists classification")


def downgrade() -> None:
    op.execute("drop schema if exists classification cascade")
