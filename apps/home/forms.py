"""The form of a widget's settings, made from their JSON schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from apps.home.queries import SettingsSchema, setting_faults

#: Texts that may be longer are typed in a larger field.
_LONGEST_LINE = 300


class LinesField(forms.CharField):
    """A list of texts, one a line."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        """Return the lines of a list; what was typed is shown again as it was."""
        return "\n".join(map(str, value)) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> Any:
        """Return the lines that aren't blank."""
        return [line.strip() for line in str(value or "").splitlines() if line.strip()]


class SettingsForm(forms.Form):
    """Asks for what a schema lets people set: texts, numbers, choices, switches, and lists of texts.

    What is left empty falls back to its default. Other kinds of values aren't asked for. ``settings`` is what was set.
    """

    def __init__(
        self, schema: SettingsSchema, settings: Mapping[str, Any], *, data: Any = None, widget: str = ""
    ) -> None:
        """Show ``settings``, or take ``data`` that somebody has sent; ``widget`` tells the forms of a page apart."""
        super().__init__(data, initial=dict(settings), auto_id=f"{widget}-%s")
        self._schema = schema
        for name, facts in schema.items():
            if field := _field_for(facts):
                field.label = _(facts["title"]) if "title" in facts else name
                field.help_text = _(facts["description"]) if "description" in facts else ""
                self.fields[name] = field

    def clean(self) -> dict[str, Any]:
        """Hold what was typed against the schema."""
        data: dict[str, Any] = {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}
        for name, message in setting_faults(self._schema, data):
            if name in self.fields and name not in self.errors:
                self.add_error(name, message)
        return data

    @property
    def settings(self) -> dict[str, Any]:
        """What was set, once the form is valid: as JSON."""
        return dict(self.cleaned_data)


def _field_for(facts: Mapping[str, Any]) -> forms.Field | None:
    """Return the field for one property of a schema; None if there is no field for such values."""
    if "enum" in facts:
        return _choice(facts["enum"])
    make = _FIELDS.get(str(facts.get("type")))
    return make(facts) if make else None


def _choice(values: list[Any]) -> forms.Field:
    by_text = {str(value): value for value in values}
    return forms.TypedChoiceField(
        choices=[(text, _(text)) for text in by_text],
        coerce=by_text.__getitem__,
        empty_value=None,
        required=False,
        widget=forms.Select(attrs={"class": "select"}),
    )


def _text(facts: Mapping[str, Any]) -> forms.Field:
    longest = facts.get("maxLength")
    is_long = longest is not None and longest > _LONGEST_LINE
    widget = forms.Textarea(attrs={"class": "textarea", "rows": 4}) if is_long else forms.TextInput(_INPUT)
    return forms.CharField(required=False, max_length=longest, min_length=facts.get("minLength"), widget=widget)


def _number(facts: Mapping[str, Any]) -> forms.Field:
    kind = forms.IntegerField if facts["type"] == "integer" else forms.FloatField
    least, most = facts.get("minimum"), facts.get("maximum")
    return kind(required=False, min_value=least, max_value=most, widget=forms.NumberInput(_INPUT))


def _switch(facts: Mapping[str, Any]) -> forms.Field:
    return forms.BooleanField(required=False)


def _list(facts: Mapping[str, Any]) -> forms.Field | None:
    items = facts.get("items", {})
    if "enum" in items:
        choices = [(value, _(value)) for value in items["enum"]]
        return forms.MultipleChoiceField(choices=choices, required=False, widget=forms.CheckboxSelectMultiple)
    if items.get("type", "string") != "string":
        return None
    return LinesField(required=False, widget=forms.Textarea(attrs={"class": "textarea", "rows": 4}))


_INPUT = {"class": "input"}
_FIELDS: Mapping[str, Callable[[Mapping[str, Any]], forms.Field | None]] = {
    "array": _list,
    "boolean": _switch,
    "integer": _number,
    "number": _number,
    "string": _text,
}
