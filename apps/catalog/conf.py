"""What ``catalog`` in ``app-config.yaml`` says, typed and with its defaults."""

from __future__ import annotations

from datetime import timedelta

from portal.config import Key, Section

DEFAULT_RULES = [{"allow": ["Component", "API", "Location"]}]


class CatalogConf(Section):
    """The section ``catalog``."""

    prefix = "catalog"

    rules = Key.json(
        "rules",
        default=DEFAULT_RULES,
        help="Which kinds may be ingested from where: a list of {allow: [Kind], locations: [{type, exact | pattern}]}.",
    )
    locations = Key.json(
        "locations",
        default=[],
        help="Locations to ingest: a list of {type: file | url, target, rules}.",
    )
    model_layers = Key.json(
        "model.layers",
        default=[],
        help="Kinds and relations of your own: a list of model layers; docs/how-to/add-a-kind.md shows one.",
    )
    processing_interval = Key.json(
        "processingInterval",
        default=None,
        # What a worker does is put on its schedule when it starts.
        restart=lambda before, after: (before is False) != (after is False),
        help="How long an entity rests between runs: a duration (up to half is added), or false: no runs here. From "
        "one to the other it takes a restart.",
    )
    orphan_strategy = Key.choice(
        "orphanStrategy",
        choices=("delete", "keep"),
        default="delete",
        help="What becomes of entities that nothing points at any more.",
    )
    orphan_provider_strategy = Key.choice(
        "orphanProviderStrategy",
        choices=("delete", "keep"),
        default="delete",
        help="What becomes of the entities of a provider that is no longer installed.",
    )
    default_location_conflict_strategy = Key.choice(
        "defaultLocationConflictStrategy",
        choices=("reject", "refresh"),
        default="reject",
        help="What registering a location again does, unless the request says: reject it, or refresh the location.",
    )
    readonly = Key.boolean("readonly", default=False, help="Refuse to register, change or remove locations.")
    disable_default_processors = Key.boolean(
        "disableDefaultProcessors", default=False, help="Leave out the file, url and annotate-location processors."
    )
    processor_options = Key.json(
        "processorOptions", default={}, help="By processor: {priority: number, disabled: boolean}."
    )
    history_retention = Key.duration(
        "history.retention",
        default=timedelta(days=90),
        help="How long changes of entities are kept, for the entity's history and for asOf.",
    )
    deletion_safety_enabled = Key.boolean(
        "deletionSafety.enabled", default=True, help="Hold back removals that are too large to be believed."
    )
    deletion_safety_threshold = Key.number(
        "deletionSafety.threshold",
        default=0.2,
        help="The share of a provider's entities above which a removal is held back until somebody confirms it.",
    )
    deletion_safety_minimum = Key.integer(
        "deletionSafety.minimum", default=10, help="Removals of fewer entities than this are never held back."
    )
    provider_options = Key.json("providerOptions", restart=True, default={}, help="By provider: {disabled: boolean}.")


conf = CatalogConf()
