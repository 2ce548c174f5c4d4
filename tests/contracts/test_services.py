"""Every core service has a contract, an implementation that keeps to it, a proxy, documentation and tests."""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from pathlib import Path

import pytest
from django.utils.module_loading import import_string

import portal.services
from portal.services import Service, ServiceProxy
from portal.services.defaults import DEFAULT_SERVICES

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "reference" / "services.md").read_text()
#: Services whose tests bear another name, because they are tested together with something else.
TESTS = {
    "root_config": "config",
    "database": "databases",
    "http_auth": "http",
    "permissions_registry": "permissions",
}
NAMES = sorted(DEFAULT_SERVICES)


def contract_of(name: str) -> type[Service]:
    """Return the abstract class of a service."""
    class_name = "".join(word.capitalize() for word in name.split("_")) + "Service"
    found: type[Service] = getattr(import_module(f"portal.services.{name}.base"), class_name)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_a_service_has_a_contract_that_nobody_can_take_for_an_implementation(name):
    contract = contract_of(name)
    assert issubclass(contract, Service)
    assert contract.service_name == name
    assert inspect.isabstract(contract)


@pytest.mark.parametrize("name", NAMES)
def test_a_contract_says_what_each_method_is_for(name):
    contract = contract_of(name)
    assert inspect.getdoc(contract)
    for attribute, value in vars(contract).items():
        if not attribute.startswith("_") and (inspect.isfunction(value) or isinstance(value, property)):
            assert value.__doc__, f"{contract.__name__}.{attribute}"


@pytest.mark.parametrize("name", NAMES)
def test_the_default_implementation_keeps_to_the_contract(name):
    backend = import_string(DEFAULT_SERVICES[name]["BACKEND"])
    assert issubclass(backend, contract_of(name))
    assert not inspect.isabstract(backend)
    assert backend.__module__.startswith(f"portal.services.{name}.")
    assert inspect.getdoc(backend) != inspect.getdoc(contract_of(name))


@pytest.mark.parametrize("name", NAMES)
def test_a_service_can_be_imported_by_its_name(name):
    assert isinstance(vars(portal.services)[name], ServiceProxy)
    typed = f'{name} = cast("{contract_of(name).__name__}", ServiceProxy(services, "{name}"))'
    assert typed in inspect.getsource(portal.services)


@pytest.mark.parametrize("name", NAMES)
def test_a_service_is_documented(name):
    assert f"[`{name}`](#" in PAGE, "It is missing from the table of docs/reference/services.md."
    implementation = DEFAULT_SERVICES[name]["BACKEND"].rpartition(".")[2]
    assert f"`{implementation}`" in PAGE, f"docs/reference/services.md doesn't mention {implementation}."


@pytest.mark.parametrize("name", NAMES)
def test_a_service_is_tested(name):
    tests = list((ROOT / "tests" / "portal").glob(f"test_{TESTS.get(name, name)}*.py"))
    assert tests, f"Write tests/portal/test_{name}.py."
    assert any(re.search(r"^    def test_|^def test_", path.read_text(), re.MULTILINE) for path in tests)
