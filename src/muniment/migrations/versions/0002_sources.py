"""Tables of the group sources."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("create schema if not exists sources")


def downgrade() -> None:
    op.execute("drop schema if exists sources cascade")
