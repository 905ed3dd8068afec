"""Tables of the group compliance."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("create schema if not exists compliance")


def downgrade() -> None:
    op.execute("drop schema if exists compliance cascade")
