"""Tables of the group rulesets."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("create schema if not exists rulesets")


def downgrade() -> None:
    op.execute("drop schema if exists rulesets cascade")
