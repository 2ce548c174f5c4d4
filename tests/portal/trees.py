"""Small trees for tests of their resolution: a root with boxes, into which things go."""

from __future__ import annotations

from typing import Any

from portal.extensions import Extension, ExtensionSpec, Input, Tree, resolve


class Thing(Extension):
    """A blueprint: goes into boxes."""

    abstract = True
    kind = "thing"
    attach_to = ("box:toys/big", "things")


class Box(Extension):
    """A blueprint: goes into the root."""

    abstract = True
    kind = "box"
    attach_to = ("root", "boxes")
    inputs = {"things": Input(Thing)}


class Root(Extension):
    namespace = "root"
    inputs = {"boxes": Input(Box)}


class BigBox(Box):
    name = "big"


def thing(name: str | None, **attributes: Any) -> type[Thing]:
    """Return an extension of kind ``thing``."""
    return type(f"{name}Thing", (Thing,), {"name": name, **attributes})


def spec(
    extension: type[Extension], plugin_id: str = "toys", *, origin: str = "", is_module: bool = False, **facts: Any
) -> ExtensionSpec:
    """Return the extension as installed by a plugin."""
    origin = origin or f"apps.{plugin_id}"
    return ExtensionSpec(extension, plugin_id, origin, is_module, title="Toys", icon="blocks", **facts)


def tree_of(*extensions: type[Extension] | ExtensionSpec, config: object = None, box: type[Box] = BigBox) -> Tree:
    """Resolve the root, the big box and the given extensions."""
    given = [entry if isinstance(entry, ExtensionSpec) else spec(entry) for entry in extensions]
    return resolve([spec(Root, "app"), spec(box), *given], config)


def contents(tree: Tree, box: str = "box:toys/big", input_name: str = "things") -> list[str]:
    """Return the ids of what is active in a box."""
    return [node.id for node in tree.children(box, input_name)]


def problem_ids(tree: Tree) -> list[str]:
    """Return the check ids of the tree's problems."""
    return [str(problem.id) for problem in tree.problems]
