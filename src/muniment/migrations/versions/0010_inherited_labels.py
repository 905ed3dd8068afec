"""Labels that columns inherit by lineage."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

CHECK, TABLE, SCHEMA = "ck_label_tier", "label", "classification"


def upgrade() -> None:
    op.drop_constraint(op.f(CHECK), TABLE, schema=SCHEMA)
    op.create_check_constraint(
        op.f(CHECK),
        TABLE,
        "tier in ('rule', 'model', 'assistant', 'manual', 'lineage')",
        schema=SCHEMA,
    )


def downgrade() -> None:
    op.execute("delete from classification.label where tier = 'lineage'")
    op.drop_constraint(op.f(CHECK), TABLE, schema=SCHEMA)
    op.create_check_constraint(
        op.f(CHECK), TABLE, "tier in ('rule', 'model', 'assistant', 'manual')", schema=SCHEMA
    )
