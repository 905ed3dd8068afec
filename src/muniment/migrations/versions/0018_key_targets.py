"""Foreign keys are found from the asset that they lead to."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

SCHEMA = "catalog"
NAME = "ix_asset_column_key_target"


def upgrade() -> None:
    op.create_index(
        NAME,
        "asset_column",
        [sa.text("""regexp_replace("references", '/[^/]*$', '')""")],
        schema=SCHEMA,
        postgresql_where=sa.text('"references" is not null'),
    )


def downgrade() -> None:
    op.drop_index(NAME, "asset_column", schema=SCHEMA)
