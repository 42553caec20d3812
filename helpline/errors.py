"""Errors of the helpline. Vendor errors are translated into these where the vendor is called."""


class HelplineError(Exception):
    """Anything the helpline itself raises."""


class NotFound(HelplineError):
    """There is no such thing, or this caller may not know that there is. A 404."""


class Conflict(HelplineError):
    """It exists, but not in a state that allows this. A 409."""


class TransientFailure(HelplineError):
    """Something outside is slow or down; a job tries again later."""


class PermanentFailure(HelplineError):
    """Trying again cannot help; a job stops and staff are told."""


class GuideError(HelplineError):
    """Guide content is wrong. `problems` lists each as file, field and reason."""

    def __init__(self, problems: list[str]) -> None:
        """Keep every problem, so that an editor can mend them all at once."""
        super().__init__("\n".join(problems))
        self.problems = problems
