"""Formats and columns of the export that extensions bring."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.test import Client

from portal.config import override_config
from portal.extensions import CatalogExportConfig, ExportColumn
from portal.http.csv import csv_pieces
from tests.catalog.conftest import CatalogFolder, component
from tests.catalog.pages import Page

pytestmark = pytest.mark.django_db(databases=["default", "catalog"])

EXPORT = "/catalog/-/export"


@pytest.fixture(autouse=True)
def _addon(settings: Any) -> None:
    """Install another plugin, which brings the format ``names`` and a column."""
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "tests.catalog.addon"]


@pytest.fixture
def cart(folder: CatalogFolder) -> CatalogFolder:
    """A catalog with one component, which says what it costs."""
    folder.write(
        "cart.yaml",
        component("cart").replace("name: cart", 'name: cart\n          annotations: {acme.example/cost.centre: "=7"}'),
    )
    folder.read("cart.yaml")
    return folder


def exported(client: Client, name: str) -> str:
    """Return the file in a format."""
    response = client.get(EXPORT, {"format": name})
    assert response.status_code == 200
    return b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]


def configured(*extensions: Any) -> Any:
    """Configure extensions."""
    return override_config({"app": {"extensions": list(extensions)}})


def test_several_values_stand_in_one_cell(folder: CatalogFolder, guest_client: Client) -> None:
    folder.write("cart.yaml", component("cart").replace("name: cart", "name: cart\n          tags: [java, web]"))
    folder.read("cart.yaml")

    row = next(csv.DictReader(io.StringIO(exported(guest_client, "csv"))))

    assert row["tags"] == "java, web"


def test_an_extension_brings_a_format(cart: CatalogFolder, guest_client: Client) -> None:
    response = guest_client.get(EXPORT, {"format": "names"})
    assert response["Content-Disposition"] == 'attachment; filename="catalog-export.txt"'
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    head, name, *rest = exported(guest_client, "names").split("\n")
    assert head.endswith("description | cost centre")
    assert (name, rest) == ("cart", [""])
    links = Page(guest_client, "/catalog").links
    assert links["Names & more"].endswith("format=names")
    assert list(links).index("JSON") < list(links).index("Names & more")


def test_an_extension_brings_a_column_that_no_spreadsheet_runs(cart: CatalogFolder, guest_client: Client) -> None:
    head, row = csv.reader(io.StringIO(exported(guest_client, "csv")))
    assert head[-1] == "cost centre"
    assert row[-1] == "'=7"


def test_the_configuration_says_which_columns_there_are(cart: CatalogFolder, guest_client: Client) -> None:
    columns = [
        {"entityFilterKey": "spec.lifecycle", "title": "+stage"},
        {"entityFilterKey": "metadata.nothing", "title": "empty"},
        {"entityFilterKey": "spec", "title": "all"},
    ]
    with configured({"catalog-export-config:addon/names": {"config": {"columns": columns}}}):
        head, row = csv.reader(io.StringIO(exported(guest_client, "csv")))
    assert head[-3:] == ["'+stage", "empty", "all"]
    assert row[-3:-1] == ["production", ""]
    assert row[-1].startswith('{"')


def test_an_extension_takes_the_place_of_a_format(cart: CatalogFolder, guest_client: Client) -> None:
    with configured("catalog-export-config:addon/ours"):
        assert exported(guest_client, "csv").endswith("\ncart\n")
        links = Page(guest_client, "/catalog").links
    assert "Our CSV" in links
    assert "CSV" not in links


def test_the_built_in_formats_can_be_left_out(cart: CatalogFolder, guest_client: Client) -> None:
    settings = {"page:catalog": {"config": {"exportSettings": {"disableBuiltinExporters": True}}}}
    with configured(settings):
        response = guest_client.get(EXPORT)
        assert response.status_code == 400
        assert "exported as names, not as" in response.content.decode()
        assert "CSV" not in Page(guest_client, "/catalog").links
    with configured(settings, {"catalog-export-config:addon/names": False}):
        assert "Export" not in Page(guest_client, "/catalog").text.split()


def test_a_format_that_fails_before_it_begins_is_an_error(cart: CatalogFolder, guest_client: Client) -> None:
    guest_client.raise_request_exception = False
    with configured("catalog-export-config:addon/broken"):
        assert guest_client.get(EXPORT, {"format": "broken"}).status_code == 500


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\tx", "\rx", "\nx", "\uff1d1", "\uff20x"])
def test_no_cell_begins_as_a_formula(text: str) -> None:
    ((cell,),) = csv.reader(io.StringIO("".join(csv_pieces([[text]])), newline=""))
    assert cell == f"'{text}"


def test_cells_that_are_no_formulas_stay_as_they_are() -> None:
    rows = [["a=1", "1-2", "", "x\ny", 'say "hi", please']]
    assert list(csv.reader(io.StringIO("".join(csv_pieces(rows)), newline=""))) == rows


def test_columns_that_fail_cost_no_export(
    cart: CatalogFolder, guest_client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(self: CatalogExportConfig) -> list[ExportColumn]:
        raise RuntimeError("no columns today")

    monkeypatch.setattr(CatalogExportConfig, "all_columns", fail)
    assert "cost centre" not in exported(guest_client, "csv")
    assert "no columns today" in caplog.text
