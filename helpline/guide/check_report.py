"""What the guide's linter reports."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One fault: where it is, what was found, the rule it breaks and how to mend it."""

    file: str
    field: str
    value: str
    rule: str
    fix: str

    def __str__(self) -> str:
        """Say the finding on one line."""
        return f"{self.file}: {self.field}: {self.value}; {self.rule}. {self.fix}"
