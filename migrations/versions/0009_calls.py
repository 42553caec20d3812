"""Calls, the phones rung for them, their events, and voicemail."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"


def one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    op.create_table(
        "calls",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("sid", sa.String(length=64), nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "reach",
            one_of("reach", "mobile", "landline", "abroad", "short_code", "hidden"),
            nullable=False,
        ),
        sa.Column(
            "status",
            one_of("callstatus", "talking", "holding", "with_worker", "ended"),
            nullable=False,
        ),
        sa.Column(
            "wish",
            one_of("wish", "call_back", "voicemail"),
            nullable=True,
        ),
        sa.Column("slow", sa.Boolean(), nullable=False),
        sa.Column("worker_id", sa.BigInteger(), nullable=True),
        sa.Column("number_given", sa.Text(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("holding_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_calls_conversation_id_conversations"),
        ),
        sa.ForeignKeyConstraint(
            ["worker_id"], ["workers.id"], name=op.f("fk_calls_worker_id_workers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calls")),
        sa.UniqueConstraint("sid", name=op.f("uq_calls_sid")),
    )
    op.create_index(op.f("ix_calls_conversation_id"), "calls", ["conversation_id"], unique=False)
    op.create_table(
        "dials",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "purpose",
            one_of("dialpurpose", "live", "ring_back"),
            nullable=False,
        ),
        sa.Column("call_id", sa.BigInteger(), nullable=True),
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("worker_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            one_of(
                "dialstatus",
                "queued",
                "ringing",
                "answered",
                "accepted",
                "declined",
                "no_answer",
                "no_key",
                "busy",
                "failed",
                "taken",
                "caller_gone",
            ),
            nullable=False,
        ),
        sa.Column("asked", sa.Boolean(), nullable=False),
        sa.Column("provider_sid", sa.String(length=64), nullable=True),
        sa.Column("error_code", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_dials_call_id_calls")),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_dials_conversation_id_conversations"),
        ),
        sa.ForeignKeyConstraint(
            ["worker_id"], ["workers.id"], name=op.f("fk_dials_worker_id_workers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dials")),
        sa.UniqueConstraint("provider_sid", name=op.f("uq_dials_provider_sid")),
    )
    op.create_index("ix_dials_call", "dials", ["call_id", "position"], unique=False)
    op.create_index(op.f("ix_dials_conversation_id"), "dials", ["conversation_id"], unique=False)
    op.create_index(op.f("ix_dials_worker_id"), "dials", ["worker_id"], unique=False)
    op.create_table(
        "call_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("leg_sid", sa.String(length=64), nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.BigInteger(), nullable=True),
        sa.Column("dial_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"], ["calls.id"], name=op.f("fk_call_events_call_id_calls")
        ),
        sa.ForeignKeyConstraint(
            ["dial_id"], ["dials.id"], name=op.f("fk_call_events_dial_id_dials")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_events")),
        sa.UniqueConstraint(
            "leg_sid", "event", "sequence", name=op.f("uq_call_events_leg_sid_event_sequence")
        ),
    )
    op.create_index(op.f("ix_call_events_call_id"), "call_events", ["call_id"], unique=False)
    op.create_index(op.f("ix_call_events_dial_id"), "call_events", ["dial_id"], unique=False)
    op.create_table(
        "voicemails",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("call_id", sa.BigInteger(), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("recording_sid", sa.String(length=64), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("sound", sa.LargeBinary(), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["call_id"], ["calls.id"], name=op.f("fk_voicemails_call_id_calls")
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["tasks.id"], name=op.f("fk_voicemails_task_id_tasks")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voicemails")),
        sa.UniqueConstraint("recording_sid", name=op.f("uq_voicemails_recording_sid")),
    )
    op.create_index(op.f("ix_voicemails_call_id"), "voicemails", ["call_id"], unique=False)
    op.execute(
        """
        CREATE FUNCTION refuse_call_event_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'call_events is append-only';
        END $$
        """
    )
    op.execute(
        """
        CREATE TRIGGER call_events_append_only
        BEFORE UPDATE OR DELETE OR TRUNCATE ON call_events
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_call_event_change()
        """
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_voicemails_call_id"), table_name="voicemails")
    op.drop_table("voicemails")
    op.drop_index(op.f("ix_call_events_dial_id"), table_name="call_events")
    op.drop_index(op.f("ix_call_events_call_id"), table_name="call_events")
    op.drop_table("call_events")
    op.execute("DROP FUNCTION refuse_call_event_change()")
    op.drop_index(op.f("ix_dials_worker_id"), table_name="dials")
    op.drop_index(op.f("ix_dials_conversation_id"), table_name="dials")
    op.drop_index("ix_dials_call", table_name="dials")
    op.drop_table("dials")
    op.drop_index(op.f("ix_calls_conversation_id"), table_name="calls")
    op.drop_table("calls")
