"""Every route of the desk and who may use it. A route that is not in this table opens for nobody.

A test walks the app's routes, so that none can be added without a line here.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from flask import g

from helpline.models.accounts import Role

ANYONE: Final = frozenset(Role)
HELPLINE: Final = frozenset({Role.WORKER, Role.LEAD})
LEAD: Final = frozenset({Role.LEAD})
ADMIN: Final = frozenset({Role.ADMIN})
FIGURES: Final = frozenset({Role.LEAD, Role.EDITOR, Role.APPROVER, Role.ADMIN})


class Before(StrEnum):
    """Routes that come before a role is known."""

    SIGN_IN = "sign in"  # open to every browser
    HALF_WAY = "half way"  # the password is given, the code is not
    LOOPBACK = "loopback"  # practice mode, from this machine only


Access = frozenset[Role] | Before

ROUTES: Final[Mapping[str, Access]] = {
    # Signing in
    "desk.static": Before.SIGN_IN,
    "desk.sign_in_page": Before.SIGN_IN,
    "desk.sign_in_post": Before.SIGN_IN,
    "desk.oidc_start": Before.SIGN_IN,
    "desk.oidc_back": Before.SIGN_IN,
    "desk.oidc_finish": Before.SIGN_IN,
    "desk.join_page": Before.SIGN_IN,
    "desk.join_post": Before.SIGN_IN,
    "desk.practice_post": Before.LOOPBACK,
    "desk.code_page": Before.HALF_WAY,
    "desk.code_post": Before.HALF_WAY,
    # One's own account
    "desk.home": ANYONE,
    "desk.me": ANYONE,
    "desk.sign_out_post": ANYONE,
    "desk.password_post": ANYONE,
    "desk.recovery_post": ANYONE,
    "desk.other_sessions_post": ANYONE,
    "desk.nowhere": ANYONE,
    # Families
    "desk.inbox": HELPLINE,
    "desk.inbox_list": HELPLINE,
    "desk.inbox_live": HELPLINE,
    "desk.search": HELPLINE,
    "desk.talk": HELPLINE,
    "desk.talk_live": HELPLINE,
    "desk.ready_text": HELPLINE,
    "desk.seen_post": HELPLINE,
    "desk.take_post": HELPLINE,
    "desk.take_over_post": LEAD,
    "desk.reply_post": HELPLINE,
    "desk.answer_post": HELPLINE,
    "desk.offer_post": HELPLINE,
    "desk.accept_post": HELPLINE,
    "desk.withdraw_post": HELPLINE,
    "desk.release_post": HELPLINE,
    "desk.hand_back_post": HELPLINE,
    "desk.close_post": HELPLINE,
    "desk.note_post": HELPLINE,
    "desk.draft_post": HELPLINE,
    "desk.safe_post": HELPLINE,
    "desk.ring_post": HELPLINE,
    "desk.voicemail": HELPLINE,
    "desk.care": HELPLINE,
    "desk.care_post": HELPLINE,
    # The safeguarding record
    "desk.record_post": HELPLINE,
    "desk.record_page": HELPLINE,
    "desk.record_csv": HELPLINE,
    # Work with a due time, the rota, the digest, the numbers
    "desk.tasks": HELPLINE,
    "desk.task_own_post": HELPLINE,
    "desk.task_back_post": HELPLINE,
    "desk.task_attempt_post": HELPLINE,
    "desk.task_end_post": HELPLINE,
    "desk.rota": HELPLINE,
    "desk.shift_post": LEAD,
    "desk.shift_remove_post": LEAD,
    "desk.absence_post": HELPLINE,
    "desk.absence_remove_post": HELPLINE,
    "desk.cover_post": HELPLINE,
    "desk.confirm_post": HELPLINE,
    "desk.phone_post": HELPLINE,
    "desk.proof_post": HELPLINE,
    "desk.digest": HELPLINE,
    "desk.numbers": FIGURES,
    "desk.numbers_csv": FIGURES,
    # Accounts of others
    "desk.people": ADMIN,
    "desk.invite_post": ADMIN,
    "desk.activate_post": ADMIN,
    "desk.deactivate_post": ADMIN,
    "desk.second_step_post": ADMIN,
}


def may(endpoint: str) -> bool:
    """Whether the one who is looking may use this route; templates hide what they may not."""
    access = ROUTES.get(f"desk.{endpoint}")
    viewer = g.get("viewer")
    return viewer is not None and isinstance(access, frozenset) and viewer.role in access
