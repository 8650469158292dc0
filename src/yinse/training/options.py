"""A recipe's options against what the code takes: a name that is unknown or a value of the wrong type says so."""

import inspect
from collections.abc import Collection
from dataclasses import is_dataclass, replace
from typing import Any, get_type_hints

from pydantic import TypeAdapter, ValidationError

from yinse.contracts.errors import InvalidInput


def configure(preset: Any, options: Any, place: str) -> Any:
    """Override fields of a frozen preset; sections within it keep what is not named."""
    known = {name: getattr(preset, name) for name in preset.__dataclass_fields__}
    _require_known(place, _mapping(options, place), known)
    types = get_type_hints(type(preset))
    changed = {
        name: configure(known[name], value, f"{place}.{name}")
        if is_dataclass(known[name])
        else _checked(types[name], value, f"{place}.{name}")
        for name, value in options.items()
    }
    try:
        return replace(preset, **changed)
    except ValueError as error:
        raise InvalidInput(f"{place}: {error}") from error


def keywords(kind: type, options: Any, place: str, *, without: Collection[str] = ()) -> dict[str, Any]:
    """Options as keyword arguments of `kind`, checked by its annotations; `without` are not a recipe's to give."""
    accepted = {
        name: parameter.default
        for name, parameter in inspect.signature(kind).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY and name not in without
    }
    _require_known(place, _mapping(options, place), accepted)
    types = get_type_hints(kind.__init__)  # type: ignore[misc]
    return {name: _checked(types[name], value, f"{place}.{name}") for name, value in options.items()}


def _mapping(options: Any, place: str) -> dict[str, Any]:
    if not isinstance(options, dict):
        raise InvalidInput(f"{place} must be a section of names and values, not {options!r}")
    return options


def _require_known(place: str, given: Collection[str], known: Collection[str]) -> None:
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise InvalidInput(f"{place} has no {', '.join(unknown)}; it has {', '.join(known)}")


def _checked(annotation: Any, value: Any, place: str) -> Any:
    try:
        return TypeAdapter(annotation).validate_python(value)
    except ValidationError as error:
        raise InvalidInput(_told(place, error)) from error


def _told(place: str, error: ValidationError) -> str:
    first = error.errors()[0]
    return f"{'.'.join([place, *map(str, first['loc'])])}: {first['msg']}"
