"""What can be wrong with the tree, each as a message of Django's check framework that names both ends and a way out."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from django.core import checks
from django.core.checks import CheckMessage, Error


def malformed_entry(text: str, hint: str) -> CheckMessage:
    """Report an entry of ``app.extensions`` that can't be read."""
    return Error(text, hint=hint, obj="app.extensions", id="portal.E201")


def duplicate_id(extension_id: str, first: str, second: str, plugin_id: str) -> CheckMessage:
    """Report two extensions of one id, neither a module's override of the other; ``plugin_id`` has the first."""
    return Error(
        f"Two extensions have the id '{extension_id}': one of {first}, one of {second}. The former is used.",
        hint=f"Give the latter another name; or, to replace the former, put it into a module of plugin '{plugin_id}'.",
        obj=extension_id,
        id="portal.E202",
    )


def stated_fault(extension_id: str, origin: str, fault: str, *, configured: bool = False) -> CheckMessage:
    """Report an extension that states something which its blueprint doesn't allow, itself or by its configuration."""
    return Error(
        f"Extension '{extension_id}' of {origin} is left out: {fault}.",
        hint="Correct its config in app.extensions." if configured else "Correct the extension's class.",
        obj=extension_id,
        id="portal.E203",
    )


def doubtful_config(extension_id: str, doubt: str) -> CheckMessage:
    """Report what an extension can do without, such as the name of a part that there isn't."""
    return checks.Warning(
        f"app.extensions: in the config of '{extension_id}' {doubt}.",
        hint="Correct the config; the extension goes on without that.",
        obj=extension_id,
        id="portal.W203",
    )


def faulty_app(origin: str, fault: str) -> CheckMessage:
    """Report a plugin or module that states something which none of its extensions could do with."""
    return Error(
        f"The extensions of {origin} are left out: {fault}.",
        hint="Correct the class in its apps.py.",
        obj=origin,
        id="portal.E203",
    )


def unknown_parent(child: str, parent: str, input_name: str, known: Iterable[str]) -> CheckMessage:
    """Report a parent that isn't there, though its plugin is."""
    return Error(
        f"'{child}' is attached to input '{input_name}' of '{parent}', which doesn't exist.",
        hint=_did_you_mean(parent, known) or "Correct attach_to, or the attachTo in app.extensions.",
        obj=child,
        id="portal.E204",
    )


def parent_not_installed(child: str, parent: str, input_name: str) -> CheckMessage:
    """Report a parent whose plugin isn't installed."""
    return checks.Warning(
        f"'{child}' is attached to input '{input_name}' of '{parent}', whose plugin isn't installed; it isn't shown.",
        hint=f"Install the plugin, or disable the extension:  app.extensions: [{{{child}: false}}]",
        obj=child,
        id="portal.W204",
    )


def unknown_input(child: str, parent: str, input_name: str, inputs: Iterable[str]) -> CheckMessage:
    """Report an input that the parent doesn't have."""
    inputs = list(inputs)
    return Error(
        f"'{child}' is attached to input '{input_name}' of '{parent}', which has no such input.",
        hint=_did_you_mean(input_name, inputs) or f"Its inputs are: {', '.join(inputs) or 'none'}.",
        obj=child,
        id="portal.E205",
    )


def does_not_fit(child: str, blueprint: str, parent: str, input_name: str, accepted: str) -> CheckMessage:
    """Report a child of another blueprint than its parent's input accepts."""
    return Error(
        f"'{child}' is of the blueprint {blueprint}; input '{input_name}' of '{parent}' accepts {accepted}.",
        hint="Attach it elsewhere, or base it on the blueprint that the input accepts.",
        obj=child,
        id="portal.E206",
    )


def not_internal(child: str, child_plugin: str, parent: str, parent_plugin: str, input_name: str) -> CheckMessage:
    """Report another plugin's extension at an internal input."""
    return checks.Warning(
        f"'{child}' of plugin '{child_plugin}' is ignored: input '{input_name}' of '{parent}' is open to plugin "
        f"'{parent_plugin}' only.",
        hint=f"Put the extension into a module of plugin '{parent_plugin}'.",
        obj=child,
        id="portal.W206",
    )


def cycle(members: Iterable[str]) -> CheckMessage:
    """Report extensions that are attached to each other in a ring."""
    members = list(members)
    return Error(
        f"Extensions are attached in a ring: {' → '.join([*members, members[0]])}. None of them is shown.",
        hint="Attach one of them to an extension outside the ring.",
        obj=members[0],
        id="portal.E207",
    )


def invalid_config(extension_id: str, faults: Iterable[str]) -> CheckMessage:
    """Report a ``config`` that breaks the extension's schema."""
    return Error(
        f"app.extensions: the config of '{extension_id}' is wrong, so the extension is left out: {'; '.join(faults)}.",
        hint="Correct the config; `manage.py extensions --json` shows each extension's keys.",
        obj=extension_id,
        id="portal.E208",
    )


def trunk_misconfigured(extension_id: str, faults: Iterable[str]) -> CheckMessage:
    """Report a ``config`` that breaks the schema of an extension which no page can do without."""
    return Error(
        f"app.extensions: the config of '{extension_id}' is wrong, so the defaults are used: {'; '.join(faults)}.",
        hint="Correct the config; `manage.py extensions --json` shows each extension's keys.",
        obj=extension_id,
        id="portal.E208",
    )


def unknown_config_keys(extension_id: str, keys: Iterable[str], known: Iterable[str]) -> CheckMessage:
    """Report keys in a ``config`` that the extension doesn't read."""
    return checks.Warning(
        f"app.extensions: the config of '{extension_id}' has keys that are not read: {', '.join(keys)}.",
        hint=f"Its keys are: {', '.join(known) or 'none'}.",
        obj=extension_id,
        id="portal.W208",
    )


def occupied(child: str, parent: str, input_name: str, sitting: str) -> CheckMessage:
    """Report a second extension at an input that takes one."""
    return Error(
        f"'{child}' is attached to input '{input_name}' of '{parent}', which takes one extension and has '{sitting}'.",
        hint="Disable one of the two in app.extensions.",
        obj=child,
        id="portal.E209",
    )


def required_input_empty(parent: str, input_name: str, accepted: str) -> CheckMessage:
    """Report that an extension lacks the child that it can't do without."""
    return Error(
        f"'{parent}' is left out: nothing is attached to its input '{input_name}', which needs {accepted}.",
        hint="Enable the extension that belongs there, or attach another one.",
        obj=parent,
        id="portal.E210",
    )


def failed_to_build(extension_id: str, origin: str, error: BaseException) -> CheckMessage:
    """Report that an extension's constructor raised."""
    return Error(
        f"Extension '{extension_id}' of {origin} is left out: making it failed with {type(error).__name__}: {error}",
        hint="An extension's __init__ gets its node and its config, and does no I/O.",
        obj=extension_id,
        id="portal.E211",
    )


def redirect_conflict(point: tuple[str, str], first: str, second: str) -> CheckMessage:
    """Report two inputs that say they replace one attachment point of old."""
    return Error(
        f"Both '{first}' and '{second}' have an input that replaces input '{point[1]}' of '{point[0]}'.",
        hint="Leave the point out of one input's `replaces`; the first is used.",
        obj=second,
        id="portal.E212",
    )


def root_configured() -> CheckMessage:
    """Report that ``app.extensions`` or a module tries to change the root."""
    return Error(
        "The extension 'root' can't be configured, disabled or replaced.",
        hint="Remove its entry from app.extensions.",
        obj="root",
        id="portal.E213",
    )


def api_conflict(ref_id: str, first: str, second: str) -> CheckMessage:
    """Report two extensions that provide one utility API."""
    return Error(
        f"The utility API '{ref_id}' is provided by '{first}' and by '{second}'; the former is used.",
        hint="Disable one of the two. To replace an API, give the new one the same id in a module of its plugin.",
        obj=second,
        id="portal.E214",
    )


def trunk_configured(extension_id: str, what: str) -> CheckMessage:
    """Report that ``app.extensions`` would switch off or move something that every page hangs from."""
    return Error(
        f"app.extensions {what} '{extension_id}', which every page hangs from; that is ignored.",
        hint="Remove this from app.extensions. To change the extension itself, write a module of plugin 'app'.",
        obj=extension_id,
        id="portal.E226",
    )


def excluded_extension(extension_id: str) -> CheckMessage:
    """Report an id in ``app.extensions`` that ``app.packages`` leaves out."""
    return checks.Warning(
        f"app.extensions names '{extension_id}', whose package app.packages leaves out.",
        hint="Remove the entry, or let app.packages include the package.",
        obj=extension_id,
        id="portal.W201",
    )


def unknown_extension(extension_id: str, known: Iterable[str]) -> CheckMessage:
    """Report an id in ``app.extensions`` that isn't installed."""
    return checks.Warning(
        f"app.extensions names '{extension_id}', which no installed plugin has.",
        hint=_did_you_mean(extension_id, known) or "Install its plugin, or remove the entry.",
        obj=extension_id,
        id="portal.W201",
    )


def missing_template(extension_id: str, origin: str, template_name: str) -> CheckMessage:
    """Report a template that can't be found."""
    return Error(
        f"Extension '{extension_id}' of {origin} names the template '{template_name}', which doesn't exist.",
        hint="Correct template_name, or add the file under the app's templates/ folder.",
        obj=extension_id,
        id="portal.E215",
    )


def unknown_slot(template_name: str, input_name: str, extension_id: str, inputs: Iterable[str]) -> CheckMessage:
    """Report a slot in a template whose input the extension doesn't have."""
    inputs = list(inputs)
    return Error(
        f"Template '{template_name}' has a slot '{input_name}', but '{extension_id}' has no such input.",
        hint=_did_you_mean(input_name, inputs) or f"Its inputs are: {', '.join(inputs) or 'none'}.",
        obj=extension_id,
        id="portal.E217",
    )


def missing_icon(extension_id: str, origin: str, name: str) -> CheckMessage:
    """Report an icon that can't be found."""
    return checks.Warning(
        f"Extension '{extension_id}' of {origin} names the icon '{name}', which doesn't exist.",
        hint="Choose one of https://lucide.dev/icons.",
        obj=extension_id,
        id="portal.W216",
    )


def missing_media(extension_id: str, origin: str, path: str) -> CheckMessage:
    """Report a stylesheet or a script that can't be found."""
    return checks.Warning(
        f"Extension '{extension_id}' of {origin} loads '{path}', which doesn't exist.",
        hint="Correct its media, or add the file under the app's static/ folder.",
        obj=extension_id,
        id="portal.W218",
    )


def malformed_packages(value: object) -> CheckMessage:
    """Report an ``app.packages`` that can't be read."""
    return Error(
        f"app.packages is {value!r}; nothing is left out.",
        hint="Write 'all', or {include: [<names>]}, or {exclude: [<names>]}; a name is a plugin's id or an app's.",
        obj="app.packages",
        id="portal.E222",
    )


def unknown_packages(names: Iterable[str], known: Iterable[str]) -> CheckMessage:
    """Report names in ``app.packages`` that no installed app goes by."""
    return checks.Warning(
        f"app.packages names what isn't installed: {', '.join(names)}.",
        hint=f"Installed are: {', '.join(sorted(known))}.",
        obj="app.packages",
        id="portal.W222",
    )


def malformed_plugin_override(place: str, fault: str) -> CheckMessage:
    """Report an entry of ``app.pluginOverrides`` that can't be read."""
    return Error(
        f"{place} {fault}; it has no effect.",
        hint="An entry is {match: {pluginId: catalog}, info: {description, ownerEntityRefs, links: [{title, url}]}}.",
        obj="app.pluginOverrides",
        id="portal.E223",
    )


def invalid_flag(name: str, origin: str, fault: str) -> CheckMessage:
    """Report a feature flag that can't be one, or that another plugin declares as well."""
    return Error(
        f"Feature flag '{name}' of {origin} is left out: {fault}.",
        hint="Correct the FeatureFlag in the plugin's room `extensions`.",
        obj=name,
        id="portal.E224",
    )


def broken_room(app: str, name: str, error: BaseException) -> CheckMessage:
    """Report a room whose extensions or routes aren't there because it can't be imported."""
    return Error(
        f"The room '{name}' of {app} can't be imported: {type(error).__name__}: {error}",
        hint="Correct it, or leave the app out; the log has the traceback.",
        obj=app,
        id="portal.E108",
    )


def app_is_off(extension_id: str, reason: str) -> CheckMessage:
    """Report that a part which every page hangs from isn't there."""
    return Error(
        f"No page can be shown: '{extension_id}', which all of them hang from, is off: {reason}.",
        hint="Remove its entry from app.extensions, or correct it.",
        obj=extension_id,
        id="portal.E225",
    )


def _did_you_mean(wrong: str, known: Iterable[str]) -> str:
    close = get_close_matches(wrong, list(known), n=1, cutoff=0.75)
    return f"Did you mean '{close[0]}'?" if close else ""
