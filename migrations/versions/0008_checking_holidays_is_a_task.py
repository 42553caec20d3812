"""A task asks for the list of bank holidays to be checked."""

from alembic import op

revision = "0008"
down_revision = "0007"

BEFORE = (
    "'call_back', 'voicemail', 'failed_text', 'texting_barred', 'missed_promise', 'check_in', "
    "'rota_gap', 'other'"
)


def upgrade() -> None:
    _allow(BEFORE + ", 'check_holidays'")


def downgrade() -> None:
    op.execute(
        "DELETE FROM task_attempts USING tasks t WHERE task_id = t.id AND t.kind = 'check_holidays'"
    )
    op.execute("DELETE FROM tasks WHERE kind = 'check_holidays'")
    _allow(BEFORE)


def _allow(kinds: str) -> None:
    op.drop_constraint(op.f("ck_tasks_taskkind"), "tasks", type_="check")
    op.create_check_constraint(op.f("ck_tasks_taskkind"), "tasks", f"kind IN ({kinds})")
