"""Tables of the group catalog."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("create schema if not exists catalog")


def downgrade() -> None:
    op.execute("drop schema if exists catalog cascade")
