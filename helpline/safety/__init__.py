"""Notices danger in what families write, and words the reply. Needs nothing that can be down."""

from helpline.safety.rulebook import About
from helpline.safety.screen import ConcernFound, Screening, join, says_no, says_yes, screen

__all__ = ["About", "ConcernFound", "Screening", "join", "says_no", "says_yes", "screen"]
