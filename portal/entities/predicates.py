"""Predicates: conditions on entities as JSON, evaluated here on entities in memory.

``{"kind": "component", "spec.type": {"$in": ["service", "website"]}}``. The keys are dotted paths, the conditions
under them are AND-ed; ``$all``, ``$any`` and ``$not`` combine predicates. Texts compare without regard to case.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from portal.entities.entity import Entity
from portal.entities.filter_words import parse_filter_line
from portal.entities.javascript import js_text
from portal.errors import InputError

#: An object as above, or the older form, a line of words such as ``kind:component is:orphan``.
Predicate: TypeAlias = str | dict[str, Any]

_MISSING: Any = object()


def matches(predicate: Predicate, entity: Entity) -> bool:
    """Tell whether ``entity`` meets ``predicate``.

    Paths descend the entity's JSON, and may go through keys with dots in them. Operators that don't exist match
    nothing, and words that make no sense are passed over: ``check_predicate`` finds them. Raise ``InputError`` if
    ``$all``, ``$any`` or ``$not`` has company in its object.
    """
    if isinstance(predicate, str):
        return parse_filter_line(predicate).matches(entity)
    return _meets(predicate, entity)


def check_predicate(predicate: object, *, subject: str = "The filter") -> None:
    """Raise ``InputError`` if ``predicate`` is malformed; its message begins with ``subject`` and names the place."""
    if isinstance(predicate, str):
        if problems := parse_filter_line(predicate).problems:
            raise InputError(f"{subject} is not valid: {'; '.join(problems)}.")
    elif problem := _problem(predicate, ""):
        raise InputError(f"{subject} is not valid: {problem}.")


def value_at(value: Any, path: str, default: Any = None) -> Any:
    """Return the value at a dotted path, ``default`` if there is none.

    Keys may contain dots themselves: ``metadata.annotations.backstage.io/orphan`` finds the annotation. Lists aren't
    entered.
    """
    if not path or not isinstance(value, dict):
        return default
    for key, member in value.items():
        if key == path:
            return member
        if path.startswith(f"{key}.") and (found := value_at(member, path[len(key) + 1 :], _MISSING)) is not _MISSING:
            return found
    return default


def _meets(predicate: Any, value: Any) -> bool:
    if not isinstance(predicate, dict):
        return _are_equal(value, predicate)
    for operator in ("$all", "$any", "$not"):
        if operator in predicate:
            _require_alone(operator, predicate)
            return _COMBINED[operator](predicate[operator], value)
    return all(
        not key.startswith("$") and _meets_condition(condition, value_at(value, key, _MISSING))
        for key, condition in predicate.items()
    )


_COMBINED: dict[str, Callable[[Any, Any], bool]] = {
    "$all": lambda parts, value: all(_meets(part, value) for part in parts),
    "$any": lambda parts, value: any(_meets(part, value) for part in parts),
    "$not": lambda part, value: not _meets(part, value),
}


def _meets_condition(condition: Any, value: Any) -> bool:
    if not isinstance(condition, dict):
        return _are_equal(value, condition)
    if "$contains" in condition:
        return isinstance(value, list) and any(_meets(condition["$contains"], item) for item in value)
    if "$in" in condition:
        return any(_are_equal(value, candidate) for candidate in condition["$in"])
    if "$exists" in condition:
        return (value is not _MISSING) is (condition["$exists"] is True)
    if "$hasPrefix" in condition:
        return isinstance(value, str) and value.upper().startswith(condition["$hasPrefix"].upper())
    return False


def _are_equal(left: Any, right: Any) -> bool:
    """Compare as Backstage does: null equals nothing, texts regardless of case, a number equals its text."""
    if left is None or right is None or left is _MISSING or right is _MISSING:
        return False
    if isinstance(left, str) and isinstance(right, str):
        return left.upper() == right.upper()
    if isinstance(left, bool) and isinstance(right, bool):
        return left is right
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_are_equal, left, right))
    if _is_number(left) or _is_number(right):
        return (
            not isinstance(left, list | dict) and not isinstance(right, list | dict) and js_text(left) == js_text(right)
        )
    return False


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _require_alone(operator: str, predicate: dict[str, Any]) -> None:
    if len(predicate) != 1:
        raise InputError(
            f'The operator {operator} must stand alone in its object, but found "{", ".join(predicate)}"; '
            f"put the conditions into the list of an $all."
        )


def _problem(predicate: object, path: str) -> str | None:
    """Return what is wrong with a predicate, None if nothing is."""
    where = f' at "{path}"' if path else ""
    if _is_primitive(predicate):
        return None
    if not isinstance(predicate, dict):
        return f"expected an object{where}, but found {_article(predicate)}"
    operators = [key for key in predicate if key.startswith("$")]
    if not operators:
        problems = (_condition_problem(condition, _join(path, key)) for key, condition in predicate.items())
        return next(filter(None, problems), None)
    operator = operators[0]
    if operator not in _COMBINED:
        return f'"{operator}" is not an operator{where}; expected $all, $any, $not or the path of a field'
    if len(predicate) != 1:
        return f'"{operator}" must stand alone in its object{where}; put the conditions into the list of an $all'
    parts = predicate[operator]
    if operator == "$not":
        return _problem(parts, _join(path, operator))
    if not isinstance(parts, list):
        return f'expected a list at "{_join(path, operator)}", but found {_article(parts)}'
    problems = (_problem(part, _join(path, f"{operator}.{position}")) for position, part in enumerate(parts))
    return next(filter(None, problems), None)


def _condition_problem(condition: object, path: str) -> str | None:
    if _is_primitive(condition):
        return None
    if not isinstance(condition, dict):
        return f'expected a text, number, boolean or object at "{path}", but found {_article(condition)}'
    if len(condition) != 1:
        return f'expected an object with one operator at "{path}", but found {len(condition)}'
    ((operator, operand),) = condition.items()
    where = _join(path, operator)
    match operator:
        case "$contains":
            return _problem(operand, where)
        case "$exists":
            return None if isinstance(operand, bool) else f'expected true or false at "{where}"'
        case "$hasPrefix":
            return None if isinstance(operand, str) else f'expected a text at "{where}"'
        case "$in":
            valid = isinstance(operand, list) and all(map(_is_primitive, operand))
            return None if valid else f'expected a list of texts, numbers or booleans at "{where}"'
        case _:
            return f'"{operator}" is not an operator at "{path}"; expected $exists, $in, $contains or $hasPrefix'


def _is_primitive(value: object) -> bool:
    return isinstance(value, str | int | float)


def _article(value: object) -> str:
    return {type(None): "null", list: "a list", dict: "an object"}.get(type(value), f"a {type(value).__name__}")


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
