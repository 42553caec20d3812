"""Texts on their way to families, and who must not be texted."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

BARS = ("carrier", "asked")
STATUSES = (
    "queued", "sending", "sent", "delivered", "undelivered", "failed", "barred", "unreachable",
)  # fmt: skip


def upgrade() -> None:
    bar = sa.Enum(*BARS, name="textbar", native_enum=False, length=32, create_constraint=False)
    op.add_column("contacts", sa.Column("text_bar", bar, nullable=True))
    op.create_check_constraint(op.f("ck_contacts_textbar"), "contacts", f"text_bar IN {BARS}")
    op.create_table(
        "text_deliveries",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("safer", sa.Boolean(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                *STATUSES, name="textstatus", native_enum=False, length=32, create_constraint=True
            ),
            nullable=False,
        ),
        sa.Column("provider_sid", sa.String(length=64), nullable=True),
        sa.Column("error_code", sa.Integer(), nullable=True),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_text_deliveries_message_id_messages")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_deliveries")),
        sa.UniqueConstraint(
            "message_id", "part", "safer", name=op.f("uq_text_deliveries_message_id_part_safer")
        ),
        sa.UniqueConstraint("provider_sid", name=op.f("uq_text_deliveries_provider_sid")),
    )
    op.create_index(
        op.f("ix_text_deliveries_message_id"), "text_deliveries", ["message_id"], unique=False
    )


def downgrade() -> None:
    op.drop_table("text_deliveries")
    op.drop_constraint(op.f("ck_contacts_textbar"), "contacts", type_="check")
    op.drop_column("contacts", "text_bar")
