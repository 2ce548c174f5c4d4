"""Turn installed extensions and configuration into a tree. A pure function: the same in, the same out, no I/O."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from django.core.checks import CheckMessage

from portal.extensions import problems
from portal.extensions.apis import provided_apis
from portal.extensions.base import Extension, Relative, condition_faults
from portal.extensions.configuration import Entry, check_config, read_entries
from portal.extensions.inputs import AttachmentPoint, Input
from portal.extensions.tree import ROOT_ID, TRUNK, ExtensionSpec, Node, State, Tree


def resolve(
    extensions: Iterable[ExtensionSpec], config: object = None, *, excluded: Collection[str] = frozenset()
) -> Tree:
    """Build the tree from the installed extensions, in order of registration, and the value of ``app.extensions``.

    ``excluded`` are the ids of those that ``app.packages`` leaves out. Nothing raises: an extension that something is
    wrong with is left out, with all that hangs from it, and a problem says what is wrong and what to do.
    """
    return _Resolver(excluded).resolve(list(extensions), config)


class _Resolver:
    """One run of ``resolve``: fills ``nodes`` step by step and collects ``problems``."""

    def __init__(self, excluded: Collection[str]) -> None:
        self.excluded = excluded
        self.nodes: dict[str, Node] = {}
        self.problems: list[CheckMessage] = []
        self.plugins: set[str] = set()

    def resolve(self, specs: list[ExtensionSpec], config: object) -> Tree:
        self.plugins = {spec.plugin_id for spec in specs} | {spec.extension.namespace or "" for spec in specs}
        self._register(specs)
        self._configure(config)
        self._attach()
        self._break_rings()
        root = self.nodes.get(ROOT_ID)
        if root is not None:
            self._build(root)
        self._explain()
        apis, conflicts = provided_apis(self.nodes.values())
        return Tree(self.nodes, (*self.problems, *conflicts), apis)

    # --- Who there is ---

    def _register(self, specs: list[ExtensionSpec]) -> None:
        """Make a node for each id: the first of a plugin, or the last override by one of its modules, in its place."""
        chosen: dict[str, ExtensionSpec] = {}
        for spec in specs:
            sitting = chosen.get(spec.id)
            if sitting is None:
                chosen[spec.id] = spec
            elif spec.id == ROOT_ID:
                self.problems.append(problems.root_configured())
            elif spec.is_module and _may_replace(spec, sitting):
                chosen[spec.id] = spec
            else:
                owner = sitting.plugin_id
                self.problems.append(problems.duplicate_id(spec.id, sitting.origin, spec.origin, owner))
        for extension_id, spec in chosen.items():
            node = self.nodes[extension_id] = Node(spec, extension_id, _attachment_of(spec))
            if spec.extension.disabled:
                self._disable(node, "disabled unless app.extensions mentions it")

    def _configure(self, config: object) -> None:
        """Apply ``app.extensions``: switch, re-attach, configure, and move what is listed to the front in
        that order.
        """
        entries, malformed = read_entries(config)
        self.problems += malformed
        front: dict[str, Node] = {}
        for entry in entries:
            node = self.nodes.get(entry.id)
            if entry.id == ROOT_ID:
                self.problems.append(problems.root_configured())
            elif node is None and entry.id in self.excluded:
                self.problems.append(problems.excluded_extension(entry.id))
            elif node is None:
                self.problems.append(problems.unknown_extension(entry.id, self.nodes))
            else:
                front.setdefault(entry.id, node)
                self._apply(self._allowed(entry, node), node)
        self.nodes = front | self.nodes

    def _allowed(self, entry: Entry, node: Node) -> Entry:
        """Return what an entry may do: what every page hangs from stays on, and in its place."""
        if entry.id not in TRUNK:
            return entry
        if entry.disabled:
            self.problems.append(problems.trunk_configured(entry.id, "switches off"))
        if entry.attach_to not in {None, node.attach_to}:
            self.problems.append(problems.trunk_configured(entry.id, "moves"))
        return replace(entry, disabled=False, attach_to=None)

    def _apply(self, entry: Entry, node: Node) -> None:
        node.state, node.reason = State.INACTIVE, ""
        if entry.disabled:
            self._disable(node, "disabled in app.extensions")
        node.attach_to = entry.attach_to or node.attach_to
        node.given_config = node.given_config if entry.config is None else entry.config

    def _disable(self, node: Node, reason: str) -> None:
        node.state, node.reason = State.DISABLED, reason

    # --- Where they are ---

    def _attach(self) -> None:
        redirects = self._redirects()
        for node in self.nodes.values():
            if node.id == ROOT_ID:
                continue
            if node.attach_to is None:
                fault = "it says nowhere what it is attached to"
                self._refuse(node, problems.stated_fault(node.id, node.spec.origin, fault))
                continue
            node.attach_to = parent_id, input_name = redirects.get(node.attach_to, node.attach_to)
            parent = self.nodes.get(parent_id)
            if parent is not None:
                node.parent = parent
                parent.attachments.setdefault(input_name, []).append(node)
            elif node.state is not State.DISABLED:
                self._refuse(node, self._unknown_parent(node.id, parent_id, input_name))

    def _redirects(self) -> dict[AttachmentPoint, AttachmentPoint]:
        """Return where attachment points of old lead to now."""
        redirects: dict[AttachmentPoint, AttachmentPoint] = {}
        for node in self.nodes.values():
            for input_name, slot in node.spec.extension.inputs.items():
                for point in slot.replaces:
                    if point in redirects:
                        self.problems.append(problems.redirect_conflict(point, redirects[point][0], node.id))
                    redirects.setdefault(point, (node.id, input_name))
        return redirects

    def _unknown_parent(self, child: str, parent: str, input_name: str) -> CheckMessage:
        plugin_of_parent = parent.rpartition(":")[2].partition("/")[0]
        if plugin_of_parent in self.plugins:
            return problems.unknown_parent(child, parent, input_name, self.nodes)
        return problems.parent_not_installed(child, parent, input_name)

    def _break_rings(self) -> None:
        """Take extensions that are attached to each other in a ring out of the tree."""
        for node in self.nodes.values():
            ring = _ring_through(node)
            if not ring:
                continue
            problem = problems.cycle([member.id for member in ring])
            self.problems.append(problem)
            for member in ring:
                if member.parent is not None and member.attach_to is not None:
                    member.parent.attachments[member.attach_to[1]].remove(member)
                member.parent, member.state, member.reason = None, State.FAULTY, problem.msg

    # --- What becomes of them ---

    def _build(self, node: Node) -> bool:
        """Make the node's extension after those below it. Return whether it is active."""
        if node.state in {State.DISABLED, State.FAULTY}:
            return False
        extension = node.spec.extension
        # An extension is a plugin's code: whatever it raises must not keep the others from being shown.
        try:
            stated = list(_stated_problems(node.spec))
            config = check_config(extension, node.given_config)
        except Exception as error:  # noqa: BLE001
            return self._refuse(node, problems.failed_to_build(node.id, node.spec.origin, error))
        for problem in stated:
            return self._refuse(node, problem)
        if config.unknown:
            self.problems.append(problems.unknown_config_keys(node.id, config.unknown, extension.config_schema))
        if config.faults and node.id not in TRUNK:
            return self._refuse(node, problems.invalid_config(node.id, config.faults))
        if config.faults:
            self.problems.append(problems.trunk_misconfigured(node.id, config.faults))
            config = check_config(extension, {})
        for input_name, attached in node.attachments.items():
            node.active[input_name] = tuple(self._fill(node, input_name, attached))
        for input_name, slot in extension.inputs.items():
            if slot.singleton and not slot.optional and not node.active.get(input_name):
                return self._refuse(node, problems.required_input_empty(node.id, input_name, slot.describe()))
        # As above.
        try:
            node.instance = extension(node, config.values)
            faults = list(node.instance.faults())
            doubts = [] if faults else list(node.instance.doubts())
        except Exception as error:  # noqa: BLE001
            return self._refuse(node, problems.failed_to_build(node.id, node.spec.origin, error))
        for fault in faults:
            is_configured = bool(node.given_config)
            problem = problems.stated_fault(node.id, node.spec.origin, fault, configured=is_configured)
            return self._refuse(node, problem)
        self.problems += [problems.doubtful_config(node.id, doubt) for doubt in doubts]
        node.state, node.reason = State.ACTIVE, ""
        return True

    def _fill(self, parent: Node, input_name: str, attached: list[Node]) -> Iterator[Node]:
        """Build what is attached to an input and yield what fits in."""
        slot = parent.spec.extension.inputs.get(input_name)
        sitting: Node | None = None
        for child in attached:
            if child.state is not State.INACTIVE:
                continue
            misfit = self._misfit(child, parent, input_name, slot)
            if misfit is None and slot is not None and slot.singleton and sitting is not None:
                misfit = problems.occupied(child.id, parent.id, input_name, sitting.id)
            if misfit is not None:
                self._refuse(child, misfit)
            elif self._build(child):
                sitting = child
                yield child

    def _misfit(self, child: Node, parent: Node, input_name: str, slot: Input | None) -> CheckMessage | None:
        """Return why a child may not go into a slot, or None if it may."""
        if slot is None:
            return problems.unknown_input(child.id, parent.id, input_name, parent.spec.extension.inputs)
        if not slot.fits(child.spec.extension):
            blueprint = _blueprint_of(child.spec.extension).__name__
            return problems.does_not_fit(child.id, blueprint, parent.id, input_name, slot.describe())
        if slot.internal and child.plugin_id != parent.plugin_id:
            return problems.not_internal(child.id, child.plugin_id, parent.id, parent.plugin_id, input_name)
        return None

    def _refuse(self, node: Node, problem: CheckMessage) -> bool:
        """Leave an extension out, and with it what was already made below it. One problem of several is told once."""
        if problem not in self.problems:
            self.problems.append(problem)
        for children in node.active.values():
            for child in children:
                for below in list(child.walk()):
                    below.state, below.instance = State.INACTIVE, None
        node.active, node.instance = {}, None
        node.state, node.reason = State.FAULTY, problem.msg
        return False

    def _explain(self) -> None:
        """Say of each extension that is inactive for its parent's sake which parent that is."""
        for node in self.nodes.values():
            if node.state is not State.INACTIVE:
                continue
            cause = node.parent
            while cause is not None and cause.state is State.INACTIVE and cause.parent is not None:
                cause = cause.parent
            if cause is None:
                node.reason = "it is attached to nothing"
            else:
                node.reason = f"'{cause.id}', which it hangs from, is {cause.state.value}"
            node.active, node.instance = {}, None


def _stated_problems(spec: ExtensionSpec) -> Iterator[CheckMessage]:
    """Yield what is wrong with what an extension's app and its class state."""
    for fault in condition_faults(spec.app_condition):
        yield problems.faulty_app(spec.origin, fault)
    for fault in spec.extension.faults_of_class():
        yield problems.stated_fault(spec.id, spec.origin, fault)


def _may_replace(spec: ExtensionSpec, sitting: ExtensionSpec) -> bool:
    """Say whether a module's extension may stand in the place of one of the same id.

    It may if the module is one of the plugin that brought the other, or of the plugin whose id it bears.
    """
    return spec.plugin_id in {sitting.plugin_id, sitting.owner_id} and spec.origin != sitting.origin


def _attachment_of(spec: ExtensionSpec) -> AttachmentPoint | None:
    place = spec.extension.attach_to
    if not isinstance(place, Relative):
        return place
    kind = f"{place.kind}:" if place.kind else ""
    name = f"/{place.name}" if place.name else ""
    return f"{kind}{spec.extension.namespace or spec.plugin_id}{name}", place.input


def _ring_through(node: Node) -> list[Node]:
    """Return the ring that a node is a member of, itself first; empty if it isn't in one."""
    ring = [node]
    above = node.parent
    while above is not None and above is not node and above not in ring:
        ring.append(above)
        above = above.parent
    return ring if above is node else []


def _blueprint_of(extension: type[Extension]) -> type[Extension]:
    """Return the nearest base class that is a blueprint."""
    return next((base for base in extension.__mro__ if vars(base).get("abstract")), extension)
