"""Tables of the group scans: runs and their backlog, approvals, schedules, workers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("create schema if not exists scans")
    op.create_table(
        "chore",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("every_seconds", sa.Double(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("seconds", sa.Double(), nullable=True),
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("runs", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_chore"),
        schema="scans",
    )
    op.create_table(
        "run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("domain", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("trigger", sa.String(), nullable=False),
        sa.Column("priority", sa.String(), nullable=False),
        sa.Column("requested_by", sa.String(), nullable=False),
        sa.Column("requested_by_id", sa.Uuid(), nullable=False),
        sa.Column("schedule_id", sa.Uuid(), nullable=True),
        sa.Column("retry_of", sa.Uuid(), nullable=True),
        sa.Column("only", JSONB(), nullable=True),
        sa.Column("requested_at", MOMENT, nullable=False),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("deadline_at", MOMENT, nullable=True),
        sa.Column("served_at", MOMENT, nullable=True),
        sa.Column("plan", JSONB(), nullable=True),
        sa.Column("max_concurrency", sa.Integer(), server_default="2", nullable=False),
        sa.Column("paused", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("assets_total", sa.Integer(), server_default="0", nullable=False),
        sa.Column("assets_done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("assets_failed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("chunks_total", sa.Integer(), server_default="0", nullable=False),
        sa.Column("chunks_done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rows_expected", sa.BigInteger(), nullable=True),
        sa.Column("rows_done", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("unreachable", sa.Integer(), server_default="0", nullable=False),
        sa.Column("usual_seconds", sa.Double(), nullable=True),
        sa.Column("problem", JSONB(), nullable=True),
        sa.Column("summary", JSONB(), nullable=True),
        sa.Column("changes", JSONB(), nullable=True),
        sa.Column("cancelled_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_run"),
        schema="scans",
    )
    op.create_index("ix_run_source", "run", ["source", "id"], unique=False, schema="scans")
    op.create_index(
        "uq_run_active",
        "run",
        ["source"],
        unique=True,
        schema="scans",
        postgresql_where=sa.text(
            "state in ('queued', 'awaiting_approval', 'running', 'cancelling')"
        ),
    )
    op.create_table(
        "schedule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("domain", sa.String(), nullable=True),
        sa.Column("cron", sa.String(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("priority", sa.String(), nullable=False),
        sa.Column("paused", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.Column("last_fired_at", MOMENT, nullable=True),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_schedule"),
        sa.UniqueConstraint("source", name="uq_schedule_source"),
        schema="scans",
    )
    op.create_index(
        "ix_schedule_next_at",
        "schedule",
        ["next_at"],
        unique=False,
        schema="scans",
        postgresql_where=sa.text("not paused"),
    )
    op.create_table(
        "share",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("virtual_time", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("source", name="pk_share"),
        schema="scans",
    )
    op.create_table(
        "worker",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("recovered", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("slots", sa.Integer(), nullable=False),
        sa.Column("busy", sa.Integer(), server_default="0", nullable=False),
        sa.Column("memory_mb", sa.Integer(), nullable=True),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("beat_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_worker"),
        schema="scans",
    )
    op.create_table(
        "approval",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("domain", sa.String(), nullable=True),
        sa.Column("requested_by", sa.String(), nullable=False),
        sa.Column("requested_by_id", sa.Uuid(), nullable=False),
        sa.Column("requested_at", MOMENT, nullable=False),
        sa.Column("reasons", JSONB(), nullable=False),
        sa.Column("quote", JSONB(), nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.CheckConstraint(
            "decided_by_id is distinct from requested_by_id", name="ck_approval_four_eyes"
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["scans.run.id"], name="fk_approval_run_id", ondelete="cascade"
        ),
        sa.PrimaryKeyConstraint("run_id", name="pk_approval"),
        schema="scans",
    )
    op.create_table(
        "chunk",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("weight", sa.BigInteger(), nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("worker_id", sa.String(), nullable=True),
        sa.Column("ready_at", MOMENT, nullable=False),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("rows_read", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("current", sa.String(), nullable=True),
        sa.Column("failure", JSONB(), nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id"], ["scans.run.id"], name="fk_chunk_run_id", ondelete="cascade"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_chunk"),
        schema="scans",
    )
    op.create_index(
        "ix_chunk_run_id_state", "chunk", ["run_id", "state", "seq"], unique=False, schema="scans"
    )
    op.create_index(
        "ix_chunk_running",
        "chunk",
        ["worker_id"],
        unique=False,
        schema="scans",
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_table(
        "log_line",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("asset", sa.String(), nullable=True),
        sa.Column("message", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["scans.run.id"], name="fk_log_line_run_id", ondelete="cascade"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_log_line"),
        schema="scans",
    )
    op.create_index(
        "ix_log_line_run_id", "log_line", ["run_id", "id"], unique=False, schema="scans"
    )
    op.create_table(
        "run_asset",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("asset", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("change", sa.String(), nullable=True),
        sa.Column("columns", JSONB(), nullable=False),
        sa.Column("meta", JSONB(), nullable=True),
        sa.Column("params", JSONB(), nullable=True),
        sa.Column("reading", JSONB(), nullable=True),
        sa.Column("results", JSONB(), nullable=True),
        sa.Column("rows_expected", sa.BigInteger(), nullable=True),
        sa.Column("rows", sa.BigInteger(), nullable=True),
        sa.Column("partitions", sa.Integer(), server_default="0", nullable=False),
        sa.Column("partitions_left", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("labels", sa.Integer(), nullable=True),
        sa.Column("failure", JSONB(), nullable=True),
        sa.Column("seconds", sa.Double(), server_default="0", nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id"], ["scans.run.id"], name="fk_run_asset_run_id", ondelete="cascade"
        ),
        sa.PrimaryKeyConstraint("run_id", "asset", name="pk_run_asset"),
        schema="scans",
    )
    op.create_index(
        "ix_run_asset_state", "run_asset", ["run_id", "state"], unique=False, schema="scans"
    )
    op.create_table(
        "task",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("asset", sa.String(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("chunk_id", sa.Uuid(), nullable=False),
        sa.Column("spec", JSONB(), nullable=False),
        sa.Column("rows_expected", sa.BigInteger(), nullable=True),
        sa.Column("fraction", sa.Double(), nullable=False),
        sa.Column("weight", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["scans.run.id"], name="fk_task_run_id", ondelete="cascade"
        ),
        sa.PrimaryKeyConstraint("run_id", "asset", "partition", name="pk_task"),
        schema="scans",
    )
    op.create_index("ix_task_chunk_id", "task", ["chunk_id"], unique=False, schema="scans")
    op.create_table(
        "task_state",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("asset", sa.String(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("analyzer", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["scans.run.id"], name="fk_task_state_run_id", ondelete="cascade"
        ),
        sa.PrimaryKeyConstraint("run_id", "asset", "partition", "analyzer", name="pk_task_state"),
        schema="scans",
    )
    op.create_table(
        "chunk_attempt",
        sa.Column("chunk_id", sa.Uuid(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.String(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["chunk_id"], ["scans.chunk.id"], name="fk_chunk_attempt_chunk_id", ondelete="cascade"
        ),
        sa.PrimaryKeyConstraint("chunk_id", "attempt", name="pk_chunk_attempt"),
        schema="scans",
    )
    op.create_index(
        "ix_chunk_attempt_run_id", "chunk_attempt", ["run_id"], unique=False, schema="scans"
    )


def downgrade() -> None:
    op.execute("drop schema if exists scans cascade")
