"""One change to Rasa itself, made when the server starts (docs/adr/0013).

Rasa checks what the action server answers against a JSON schema, and in every turn it first checks
that schema against the schema of schemas: more than half of a turn's time, for a schema that never
changes. Here it is checked once.
"""

from typing import Any, Dict, Text

from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction


def check_action_schema_once() -> None:
    """Replace RemoteAction's check by one that refuses the same, with its schema made ready."""
    schema = RemoteAction.action_response_format_spec()
    kind = validator_for(schema)
    kind.check_schema(schema)
    validator = kind(schema)

    def validate(_: RemoteAction, result: Dict[Text, Any]) -> bool:
        validator.validate(result)
        return True

    RemoteAction._validate_action_result = validate  # noqa: SLF001 - there is no other way in
