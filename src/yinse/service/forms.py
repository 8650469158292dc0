"""How upload routes describe their form in the OpenAPI document; the form itself is read as a stream."""

from collections.abc import Mapping
from typing import Any


def audio_form(
    file_field: str,
    fields: Mapping[str, Mapping[str, Any]],
    *,
    many: bool = False,
    required: tuple[str, ...] = (),
    file_required: bool = True,
) -> dict[str, Any]:
    """The request body of an upload route."""
    file: dict[str, Any] = {"type": "string", "format": "binary", "contentMediaType": "audio/*"}
    properties = {file_field: {"type": "array", "items": file} if many else file, **fields}
    needed = [*([file_field] if file_required else []), *required]
    schema = {"type": "object", "required": needed, "properties": properties}
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}
