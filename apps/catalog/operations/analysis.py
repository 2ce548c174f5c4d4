"""Looking at a repository before it is registered: are there catalog files, or what could one say?"""

from __future__ import annotations

from apps.catalog.extension_points import Analysis, CatalogAnalysis, ExistingEntity
from apps.catalog.operations.locations import try_location
from apps.catalog.operations.repository_search import RepositorySearch
from apps.catalog.processing.repositories import repository_name
from portal.entities import Entity
from portal.integrations import scm_integrations
from portal.plugins import extension_point

DEFAULT_FILENAME = "catalog-info.yaml"
#: So many files are looked at: each is read and checked while somebody waits. Backstage stops there as well.
MOST_FILES = 30
#: The annotation that names a repository to plugins, by the type of its host.
SLUG_ANNOTATIONS = {
    "azure": "dev.azure.com/project-slug",
    "github": "github.com/project-slug",
    "gitlab": "gitlab.com/project-slug",
}


def analyze_location(*, target: str, filename: str = DEFAULT_FILENAME) -> Analysis:
    """Look into the repository at a URL.

    If there are files of that name, their entities are returned as registering them would bring them, of the first
    ``MOST_FILES``; else a component is proposed that is named after the repository. Of several ways to look there,
    those of modules come first, then the URL reader. Raises ``InputError`` if ``target`` is no URL or one of the files
    is wrong. A module may take over altogether.
    """
    point = extension_point(CatalogAnalysis)
    if point.location_analyzer is not None:
        return point.location_analyzer.analyze(target, filename=filename, scm_analyzers=point.scm_location_analyzers)
    repository = repository_name(target)
    files = _files(target, filename)
    existing = [found for url in files[:MOST_FILES] for found in _entities_of(url)]
    if existing:
        return Analysis(existing=existing, files_left_out=len(files[MOST_FILES:]))
    entity: Entity = {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Component",
        "metadata": {"name": repository.name},
        "spec": {"type": "other", "lifecycle": "unknown"},
    }
    integration = scm_integrations().by_url(target)
    if integration is not None and integration.type in SLUG_ANNOTATIONS:
        entity["metadata"]["annotations"] = {SLUG_ANNOTATIONS[integration.type]: repository.slug}
    return Analysis(proposed=[entity])


def _files(target: str, filename: str) -> list[str]:
    for analyzer in (*extension_point(CatalogAnalysis).scm_location_analyzers, RepositorySearch()):
        if analyzer.supports(target):
            return list(analyzer.find_files(target, filename=filename))
    return []


def _entities_of(url: str) -> list[ExistingEntity]:
    entities, exists = try_location(type="url", target=url)
    # The first one is the generated Location, which stands for the file itself.
    return [ExistingEntity(url, exists, entity) for entity in entities[1:]]
