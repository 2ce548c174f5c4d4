"""GraphQL schemas in their own language: the fields of query, mutation and subscription, then the types."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from graphql import GraphQLSyntaxError, parse
from graphql.language import ast, print_ast

from apps.api_docs.definitions.reference import Entry, Field, Fields, Part, Reference, Text
from portal.errors import InputError

#: Tokens of a definition that is read; a schema of a megabyte has fewer.
MAX_TOKENS = 300_000
ROOTS = {"query": "Query", "mutation": "Mutation", "subscription": "Subscription"}
TYPES = "Types"

_Objects = (
    ast.ObjectTypeDefinitionNode,
    ast.ObjectTypeExtensionNode,
    ast.InterfaceTypeDefinitionNode,
    ast.InterfaceTypeExtensionNode,
    ast.InputObjectTypeDefinitionNode,
    ast.InputObjectTypeExtensionNode,
)
_Enums = (ast.EnumTypeDefinitionNode, ast.EnumTypeExtensionNode)
_Unions = (ast.UnionTypeDefinitionNode, ast.UnionTypeExtensionNode)
_BADGES = {"object": "type", "input_object": "input"}


def read_graphql(definition: str) -> Reference:
    """Return the outline. Raises ``InputError`` for what is no schema."""
    try:
        document = parse(definition, max_tokens=MAX_TOKENS)
    except GraphQLSyntaxError as error:
        place = error.locations[0] if error.locations else None
        where = f"line {place.line}, column {place.column}: " if place else ""
        raise InputError(f"{where}{error.message}", cause=error) from error
    except RecursionError as error:
        raise InputError("The definition is nested too deep to be read.", cause=error) from error
    roots = _roots(document)
    operations = [entry for node in document.definitions for entry in _operations(node, roots)]
    order = list(ROOTS)
    operations.sort(key=lambda entry: order.index(entry.badge))
    types = [entry for node in document.definitions if (entry := _type(node, roots))]
    return Reference(format="GraphQL", entries=[*operations, *types], noun="operations" if operations else "types")


def _roots(document: ast.DocumentNode) -> dict[str, str]:
    """Return which type is the root of which operations, by its name."""
    found = {name: operation for operation, name in ROOTS.items()}
    for node in document.definitions:
        if isinstance(node, ast.SchemaDefinitionNode | ast.SchemaExtensionNode):
            found |= {one.type.name.value: one.operation.value for one in node.operation_types or ()}
    return found


def _operations(node: ast.DefinitionNode, roots: dict[str, str]) -> Iterator[Entry]:
    if not isinstance(node, ast.ObjectTypeDefinitionNode | ast.ObjectTypeExtensionNode):
        return
    operation = roots.get(node.name.value)
    if operation is None:
        return
    for field in node.fields or ():
        yield Entry(
            field.name.value,
            badge=operation,
            tone=operation,
            group=ROOTS[operation],
            summary=_first_line(field),
            is_deprecated=_deprecation(field) is not None,
            parts=partial(_parts_of_field, field),
        )


def _parts_of_field(field: ast.FieldDefinitionNode) -> Iterator[Part]:
    if text := _description(field):
        yield Text(text)
    if field.arguments:
        yield Fields("Arguments", [_row(argument) for argument in field.arguments])
    yield Fields("Answer", [Field("", type=print_ast(field.type), rules=_deprecated(field))])


def _type(node: ast.DefinitionNode, roots: dict[str, str]) -> Entry | None:
    name = getattr(node, "name", None)
    if name is None or isinstance(node, ast.ExecutableDefinitionNode):
        return None
    if name.value in roots and isinstance(node, ast.ObjectTypeDefinitionNode | ast.ObjectTypeExtensionNode):
        return None
    word = node.kind.removesuffix("_definition").removesuffix("_extension").removesuffix("_type")
    return Entry(
        f"@{name.value}" if isinstance(node, ast.DirectiveDefinitionNode) else name.value,
        badge=_BADGES.get(word, word),
        tone="type",
        group=TYPES,
        summary=_first_line(node),
        parts=partial(_parts_of_type, node),
    )


def _parts_of_type(node: ast.Node) -> Iterator[Part]:
    if text := _description(node):
        yield Text(text)
    if isinstance(node, _Objects):
        yield Fields("Fields", [_row(field) for field in node.fields or ()])
    elif isinstance(node, _Enums):
        values = node.values or ()
        yield Fields("Values", [_value(value) for value in values])
    elif isinstance(node, _Unions):
        yield Fields("One of", [Field(one.name.value) for one in node.types or ()])
    elif isinstance(node, ast.DirectiveDefinitionNode):
        if node.arguments:
            yield Fields("Arguments", [_row(argument) for argument in node.arguments])
        yield Fields("May stand at", [Field(place.value) for place in node.locations])


def _row(node: ast.FieldDefinitionNode | ast.InputValueDefinitionNode) -> Field:
    arguments: Sequence[ast.InputValueDefinitionNode] = getattr(node, "arguments", None) or ()
    default = getattr(node, "default_value", None)
    taken = ", ".join(f"{one.name.value}: {print_ast(one.type)}" for one in arguments)
    return Field(
        f"{node.name.value}({taken})" if taken else node.name.value,
        type=print_ast(node.type),
        note=_description(node),
        is_required=isinstance(node, ast.InputValueDefinitionNode)
        and default is None
        and isinstance(node.type, ast.NonNullTypeNode),
        is_deprecated=_deprecation(node) is not None,
        rules=(*([f"default {print_ast(default)}"] if default is not None else []), *_deprecated(node)),
    )


def _value(node: ast.EnumValueDefinitionNode) -> Field:
    deprecated = _deprecation(node) is not None
    return Field(node.name.value, note=_description(node), is_deprecated=deprecated, rules=_deprecated(node))


def _description(node: ast.Node) -> str:
    description = getattr(node, "description", None)
    return str(description.value) if description is not None else ""


def _first_line(node: ast.Node) -> str:
    return _description(node).strip().partition("\n")[0]


def _deprecation(node: ast.Node) -> str | None:
    """Return why something is deprecated, "" if it doesn't say, None if it isn't."""
    for directive in getattr(node, "directives", None) or ():
        if directive.name.value == "deprecated":
            reasons = (argument.value for argument in directive.arguments or () if argument.name.value == "reason")
            return next((reason.value for reason in reasons if isinstance(reason, ast.StringValueNode)), "")
    return None


def _deprecated(node: ast.Node) -> tuple[str, ...]:
    reason = _deprecation(node)
    return (f"deprecated: {reason}",) if reason else ()
