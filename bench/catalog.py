"""A made-up catalog of any size: the same size and seed always give the same files.

Its proportions are those of the catalog that Backstage's published figures were measured with: of 100 entities 70 are
components, 10 APIs, 8 resources, 5 users, 4 systems, 2 groups and 1 is a domain.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import ryaml

Entity = dict[str, Any]

SHARES = {"Group": 2, "Domain": 1, "System": 4, "User": 5, "Resource": 8, "API": 10}
SMALLEST = 10
PER_FILE = 500


def _words(text: str) -> list[str]:
    return text.split()


#: Words that names and descriptions are made of. The reads look for some of them.
NOUNS = _words(
    "account address alert archive auction badge balance billing booking branch budget bundle calendar campaign cart "
    "claim cohort consent contract courier currency dispute document draft event fraud freight gift grant holiday "
    "intake invoice journal label ledger letter listing lobby margin matter meter notice offer order packet parcel "
    "payment permit pledge policy profile queue quota ranking receipt record refund rental report reward roster salary "
    "scan season shipment stock survey tariff tax ticket timetable token tour transfer vendor video visit voucher "
    "wallet"
)
DEEDS = _words("Answers Books Checks Collects Copies Counts Forwards Keeps Lists Matches Prices Prints Sends Sorts")
TAGS = _words("batch beta core edge go grpc internal java kafka kotlin legacy ml pci public python react rust sql web")
NAMES = _words("abel britt caspar dora emil frida gustav hedda igor jana kaspar lotte marek nora otto paula rune sanna")
COMPONENT_TYPES = {"service": 60, "library": 18, "website": 15, "worker": 5, "mobile-app": 2}
API_TYPES = {"openapi": 60, "grpc": 15, "asyncapi": 15, "graphql": 10}
RESOURCE_TYPES = {"database": 45, "s3-bucket": 20, "queue": 15, "cache": 10, "kubernetes-cluster": 10}
LIFECYCLES = {"production": 70, "experimental": 20, "deprecated": 10}


def counts(size: int) -> dict[str, int]:
    """Return how many entities of each kind a catalog of ``size`` has. Raises ``ValueError`` if it is too small."""
    if size < SMALLEST:
        raise ValueError(f"A catalog of {size} entities is too small for every kind: at least {SMALLEST}.")
    found = {kind: max(1, size * share // 100) for kind, share in SHARES.items()}
    return found | {"Component": size - sum(found.values())}


def generate(size: int, seed: int = 1) -> Iterator[Entity]:
    """Yield ``size`` entities as they would stand in files. Those that others point to come first."""
    return _Maker(size, seed).entities()


def members(size: int, group: str = "everybody") -> Iterator[Entity]:
    """Yield one group, and ``size`` users that are its members."""
    yield _entity("Group", group, "All who work here", type="team", children=[])
    for number in range(size):
        yield member(f"member-{number:06d}", [group])


def member(name: str, groups: list[str]) -> Entity:
    """Return a user who belongs to ``groups``."""
    return _entity("User", name, "Somebody who works here", profile={"displayName": name}, memberOf=groups)


def write(entities: Iterator[Entity], folder: Path) -> Path:
    """Write multi-document files of ``PER_FILE`` entities; return the file of the location that points to them all."""
    folder.mkdir(parents=True, exist_ok=True)
    names: list[str] = []
    while batch := list(islice(entities, PER_FILE)):
        names.append(f"part-{len(names):04d}.yaml")
        (folder / names[-1]).write_text("---\n".join(ryaml.dumps(entity) for entity in batch), encoding="utf-8")
    root = folder / "all.yaml"
    location = _entity("Location", "generated", "", type="file", targets=[f"./{name}" for name in names])
    root.write_text(ryaml.dumps(location), encoding="utf-8")
    return root


def _entity(kind: str, name: str, description: str, metadata: dict[str, Any] | None = None, **spec: Any) -> Entity:
    described = {"description": description} if description else {}
    return {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": kind,
        "metadata": {"name": name, **described, **(metadata or {})},
        "spec": spec,
    }


class _Maker:
    def __init__(self, size: int, seed: int) -> None:
        self.counts = counts(size)
        self.random = Random(f"{seed}:{size}")
        pairs = [(self.random.choice(NOUNS), self.random.choice(NOUNS)) for _ in range(self.counts["Component"])]
        self.components = [f"{first}-{second}-{number:05d}" for number, (first, second) in enumerate(pairs)]

    def entities(self) -> Iterator[Entity]:
        makers = {
            "Group": self.group,
            "Domain": self.domain,
            "System": self.system,
            "User": self.user,
            "Resource": self.resource,
            "API": self.api,
            "Component": self.component,
        }
        for kind, make in makers.items():
            for number in range(self.counts[kind]):
                yield make(number)

    def group(self, number: int) -> Entity:
        parent: dict[str, Any] = {"parent": f"group-{(number - 1) // 8:05d}"} if number else {}
        profile = {"displayName": f"Group {number}", "email": f"group-{number}@example.com"}
        return _entity(
            "Group", f"group-{number:05d}", self.sentence(), type="team", profile=profile, children=[], **parent
        )

    def domain(self, number: int) -> Entity:
        title = {"title": f"All of {self.random.choice(NOUNS)} {number}"}
        return _entity("Domain", f"domain-{number:05d}", self.sentence(), title, owner=self.any_of("Group"))

    def system(self, number: int) -> Entity:
        domain = f"domain-{number % self.counts['Domain']:05d}"
        return _entity(
            "System", f"system-{number:05d}", self.sentence(), self.tags(1), owner=self.any_of("Group"), domain=domain
        )

    def user(self, number: int) -> Entity:
        name = f"{self.random.choice(NAMES)}.{number:05d}"
        profile = {"displayName": name.partition(".")[0].title(), "email": f"{name}@example.com"}
        groups = sorted({self.any_of("Group") for _ in range(self.random.randint(1, 2))})
        return _entity("User", name, "A person", profile=profile, memberOf=groups)

    def resource(self, number: int) -> Entity:
        return _entity(
            "Resource", f"resource-{number:05d}", self.sentence(), self.tags(1), type=self.weighted(RESOURCE_TYPES),
            owner=self.any_of("Group"), system=self.any_of("System"),
        )  # fmt: skip

    def api(self, number: int) -> Entity:
        paths = {f"/{noun}": {"get": {"responses": {"200": {"description": "ok"}}}} for noun in self.some(NOUNS, 6)}
        document = {"openapi": "3.0.3", "info": {"title": f"API {number}", "version": "1.0.0"}, "paths": paths}
        return _entity(
            "API", f"api-{number:05d}", self.sentence(), self.tags(2), type=self.weighted(API_TYPES),
            lifecycle=self.weighted(LIFECYCLES), owner=self.any_of("Group"), system=self.any_of("System"),
            definition=ryaml.dumps(document),
        )  # fmt: skip

    def component(self, number: int) -> Entity:
        name, chance = self.components[number], self.random.random
        annotations = {"github.com/project-slug": f"example/{name}"}
        if chance() < 0.5:
            annotations["backstage.io/techdocs-ref"] = "dir:."
        if chance() < 0.4:
            annotations["pagerduty.com/integration-key"] = f"key{self.random.getrandbits(64):016x}"
        if chance() < 0.4:
            annotations["backstage.io/kubernetes-id"] = name
        metadata: dict[str, Any] = {"labels": {"tier": self.random.choice(["first", "second", "third"])}}
        metadata |= {"annotations": annotations, **self.tags(self.random.randint(1, 4))}
        if number % 3 == 0:
            metadata["title"] = name.rpartition("-")[0].replace("-", " ").title()
        if number % 2 == 0:
            metadata["links"] = [{"url": f"https://dashboards.example.com/{name}", "title": "Dashboard"}]
        return _entity(
            "Component", name, self.sentence(), metadata, type=self.weighted(COMPONENT_TYPES),
            lifecycle=self.weighted(LIFECYCLES), owner=self.any_of("Group"), system=self.any_of("System"),
            **self.ties(number),
        )  # fmt: skip

    def ties(self, number: int) -> dict[str, list[str]]:
        """Return what a component provides, consumes and depends on."""
        provided = [f"api-{number:05d}"] if number < self.counts["API"] else []
        consumed = sorted({self.any_of("API") for _ in range(self.random.randint(0, 2))})
        others = {f"component:{self.random.choice(self.components)}" for _ in range(self.random.randint(0, 2))}
        needed = sorted(others - {f"component:{self.components[number]}"})
        if self.random.random() < 0.5:
            needed.append(f"resource:{self.any_of('Resource')}")
        ties = {"providesApis": provided, "consumesApis": consumed, "dependsOn": needed}
        return {field: refs for field, refs in ties.items() if refs}

    def any_of(self, kind: str) -> str:
        return f"{kind.lower()}-{self.random.randrange(self.counts[kind]):05d}"

    def some(self, words: list[str], number: int) -> list[str]:
        return sorted(self.random.sample(words, number))

    def tags(self, number: int) -> dict[str, Any]:
        return {"tags": self.some(TAGS, number)}

    def weighted(self, shares: dict[str, int]) -> str:
        return self.random.choices(list(shares), weights=list(shares.values()))[0]

    def sentence(self) -> str:
        nouns = [self.random.choice(NOUNS) for _ in range(4)]
        return "{} each {} and {} for the {} {} group".format(self.random.choice(DEEDS), *nouns)
