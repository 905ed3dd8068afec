"""What the assistant is allowed, was asked and answered."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

SCHEMA = "classification"
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "assistant",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("settings", postgresql.JSONB(), nullable=False),
        sa.Column("sealed_key", postgresql.JSONB(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_by", sa.String(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("rests_until", MOMENT, nullable=True),
        sa.Column("last_problem", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_assistant"),
        sa.CheckConstraint("id = 1", name=op.f("ck_assistant_one")),
        schema=SCHEMA,
    )
    op.create_table(
        "assistant_task",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("asset", sa.String(), nullable=True),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("taken_until", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("said", sa.String(), nullable=True),
        sa.Column("columns", sa.Integer(), nullable=False),
        sa.Column("labelled", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_assistant_task"),
        sa.UniqueConstraint("run_id", name="uq_assistant_task_run_id"),
        sa.CheckConstraint(
            "(run_id is null) <> (asset is null)", name=op.f("ck_assistant_task_about")
        ),
        schema=SCHEMA,
    )
    op.create_index(
        "ix_assistant_task_waiting",
        "assistant_task",
        ["created_at"],
        schema=SCHEMA,
        postgresql_where=sa.text("ended_at is null"),
    )
    op.create_table(
        "assistant_call",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("asset", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("milliseconds", "tries", "columns", "labelled", "abstained", "refused")
        ),
        sa.Column("samples", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("prompt_tokens", sa.Integer(), nullable=False),
        sa.Column("completion_tokens", sa.Integer(), nullable=False),
        sa.Column("cost", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_assistant_call"),
        schema=SCHEMA,
    )
    for column in ("at", "task_id"):
        op.create_index(f"ix_assistant_call_{column}", "assistant_call", [column], schema=SCHEMA)
    op.create_table(
        "assistant_answer",
        sa.Column("asset", sa.String(), nullable=False),
        sa.Column("column_name", sa.String(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("evidence", postgresql.JSONB(), nullable=False),
        sa.Column("answered_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("asset", "column_name", name="pk_assistant_answer"),
        schema=SCHEMA,
    )


def downgrade() -> None:
    for table in ("assistant_answer", "assistant_call", "assistant_task", "assistant"):
        op.drop_table(table, schema=SCHEMA)
