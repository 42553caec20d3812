"""The API's description as a page to read, without any script or style from elsewhere."""

from typing import Any

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue

bp = Blueprint("docs", __name__, url_prefix="/api")


@bp.get("/docs")
def page() -> ResponseReturnValue:
    """Show every operation of the API, from the same description that /api/openapi.json gives."""
    spec = current_app.api_doc
    operations = [
        {"method": method.upper(), "path": path, **operation}
        for path, methods in spec["paths"].items()
        for method, operation in methods.items()
    ]
    return render_template(
        "web/docs.html",
        title="The API of the chat",
        info=spec["info"],
        operations=operations,
        schemas=spec["components"]["schemas"],
        kind=kind_in_words,
    )


def kind_in_words(schema: dict[str, Any]) -> str:
    """Say what a JSON schema allows in a few words: "string (uuid)", "list of MessageOut"."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if "anyOf" in schema:
        return " or ".join(kind_in_words(part) for part in schema["anyOf"])
    if "enum" in schema:
        return ", ".join(str(value) for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {kind_in_words(schema.get('items', {}))}"
    if "format" in schema:
        return f"{schema.get('type', 'string')} ({schema['format']})"
    return str(schema.get("type", "anything"))
