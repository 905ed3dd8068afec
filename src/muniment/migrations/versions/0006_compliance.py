"""Tables of compliance: frameworks, verdicts, findings, waivers, the audit trail."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)

CLOSED = """
create function compliance.audit_is_closed() returns trigger language plpgsql as $$
begin
  raise exception 'the audit trail is append-only';
end $$
"""

SEALED_ONCE = """
create function compliance.audit_is_sealed_once() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.batch is null and new.batch is not null
     and (new.seq, new.id, new.occurred_at, new.actor, new.topic, new.subject, new.payload)
       = (old.seq, old.id, old.occurred_at, old.actor, old.topic, old.subject, old.payload) then
    return new;
  end if;
  raise exception 'the audit trail is append-only';
end $$
"""


def upgrade() -> None:
    op.execute("create schema if not exists compliance")
    op.create_table(
        "audit_checkpoint",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_at", MOMENT, nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("event_ids", sa.LargeBinary(), nullable=False),
        sa.Column("leaves", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit_checkpoint"),
        schema="compliance",
    )
    op.create_table(
        "audit_event",
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", MOMENT, server_default=sa.text("now()"), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("payload", JSONB(), nullable=False),
        sa.Column("batch", sa.BigInteger(), nullable=True),
        sa.Column("leaf", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("seq", name="pk_audit_event"),
        sa.UniqueConstraint("batch", "leaf", name="uq_audit_event_batch_leaf"),
        sa.UniqueConstraint("id", name="uq_audit_event_id"),
        schema="compliance",
    )
    op.create_index(
        "ix_audit_event_actor_seq",
        "audit_event",
        ["actor", "seq"],
        unique=False,
        schema="compliance",
    )
    op.create_index(
        "ix_audit_event_subject_seq",
        "audit_event",
        ["subject", "seq"],
        unique=False,
        schema="compliance",
    )
    op.create_index(
        "ix_audit_event_topic_seq",
        "audit_event",
        ["topic", "seq"],
        unique=False,
        schema="compliance",
    )
    op.create_index(
        "ix_audit_event_unsealed",
        "audit_event",
        ["seq"],
        unique=False,
        schema="compliance",
        postgresql_where=sa.text("batch is null"),
    )
    op.create_table(
        "audit_key",
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", JSONB(), nullable=False),
        sa.Column("created_at", MOMENT, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("key_id", name="pk_audit_key"),
        schema="compliance",
    )
    op.create_table(
        "audit_verification",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("verified_at", MOMENT, nullable=False),
        sa.Column("ok", sa.Boolean(), nullable=False),
        sa.Column("events", sa.BigInteger(), nullable=False),
        sa.Column("checkpoints", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("actor", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_verification"),
        schema="compliance",
    )
    op.create_table(
        "finding",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("check_id", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("entity", sa.String(), nullable=False),
        sa.Column("asset", sa.String(), nullable=True),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("domain", sa.String(), nullable=True),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("assigned", sa.Boolean(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("severity_rank", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("evidence", JSONB(), nullable=False),
        sa.Column("evidence_hash", sa.String(), nullable=False),
        sa.Column("evidence_at", MOMENT, nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("resolved_at", MOMENT, nullable=True),
        sa.Column("resolution", sa.String(), nullable=True),
        sa.Column("times_opened", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_finding"),
        sa.UniqueConstraint("check_id", "subject", name="uq_finding_check_id_subject"),
        schema="compliance",
    )
    op.create_index("ix_finding_asset", "finding", ["asset"], unique=False, schema="compliance")
    op.create_index("ix_finding_due_at", "finding", ["due_at"], unique=False, schema="compliance")
    op.create_index(
        "ix_finding_state_severity_rank",
        "finding",
        ["state", "severity_rank"],
        unique=False,
        schema="compliance",
    )
    op.create_table(
        "framework",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_framework"),
        schema="compliance",
    )
    op.create_table(
        "result",
        sa.Column("check_id", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("entity", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("asset", sa.String(), nullable=True),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("domain", sa.String(), nullable=True),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("why", sa.String(), nullable=True),
        sa.Column("judged_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("check_id", "subject", name="pk_result"),
        schema="compliance",
    )
    op.create_index("ix_result_asset", "result", ["asset"], unique=False, schema="compliance")
    op.create_index(
        "ix_result_check_id_verdict",
        "result",
        ["check_id", "verdict"],
        unique=False,
        schema="compliance",
    )
    op.create_table(
        "score",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("framework", sa.String(), nullable=False),
        sa.Column("measured_at", MOMENT, nullable=False),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("coverage", sa.Double(), nullable=False),
        sa.Column("met", sa.Integer(), nullable=False),
        sa.Column("failing", sa.Integer(), nullable=False),
        sa.Column("no_evidence", sa.Integer(), nullable=False),
        sa.Column("manual", sa.Integer(), nullable=False),
        sa.Column("open_findings", sa.Integer(), nullable=False),
        sa.Column("formula", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_score"),
        schema="compliance",
    )
    op.create_index(
        "ix_score_framework_measured_at",
        "score",
        ["framework", "measured_at"],
        unique=False,
        schema="compliance",
    )
    op.create_table(
        "waiver",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("check_id", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("domain", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("granted_by", sa.String(), nullable=False),
        sa.Column("granted_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_why", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_waiver"),
        schema="compliance",
    )
    op.create_index(
        "ix_waiver_expires_at", "waiver", ["expires_at"], unique=False, schema="compliance"
    )
    op.create_index(
        "uq_waiver_in_force",
        "waiver",
        ["check_id", "subject"],
        unique=True,
        schema="compliance",
        postgresql_where=sa.text("state = 'active'"),
    )
    op.execute(CLOSED)
    op.execute(SEALED_ONCE)
    op.execute(
        "create trigger append_only before update or delete on compliance.audit_event "
        "for each row execute function compliance.audit_is_sealed_once()"
    )
    op.execute(
        "create trigger append_only before update or delete on compliance.audit_checkpoint "
        "for each row execute function compliance.audit_is_closed()"
    )
    for table in ("audit_event", "audit_checkpoint"):
        op.execute(
            f"create trigger never_emptied before truncate on compliance.{table} "
            "for each statement execute function compliance.audit_is_closed()"
        )


def downgrade() -> None:
    op.execute("drop schema if exists compliance cascade")
