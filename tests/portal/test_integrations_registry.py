"""The configured source hosts: which there are, how they are found, and what is wrong with a configuration."""

from __future__ import annotations

from typing import Any

import pytest

from portal.config import Config, current, override_config
from portal.errors import ConfigError
from portal.integrations import ScmIntegrations, scm_integrations
from portal.services.url_reader import PredicateUrlReader


def integrations(**entries: Any) -> Any:
    return ScmIntegrations.from_config(Config.of({"integrations": entries}, "app-config.yaml"))


def hosts(found: ScmIntegrations) -> list[tuple[str, str]]:
    return [(one.type, one.host) for one in found.list()]


PUBLIC = [
    ("awsCodeCommit", "console.aws.amazon.com"),
    ("awsS3", "amazonaws.com"),
    ("azure", "dev.azure.com"),
    ("bitbucketCloud", "bitbucket.org"),
    ("github", "github.com"),
    ("gitlab", "gitlab.com"),
]


def test_public_hosts_are_known_without_an_entry():
    assert hosts(integrations()) == PUBLIC


def test_an_entry_for_a_public_host_takes_its_place():
    found = integrations(github=[{"host": "github.com", "token": "t"}, {"host": "ghe.acme.example"}])
    assert [one.host for one in found.github] == ["github.com", "ghe.acme.example"]
    assert found.github.by_host("github.com").token == "t"


def test_hosts_are_found_by_url_and_by_name():
    found = integrations(gitea=[{"host": "git.acme.example:3000"}])
    assert found.by_url("https://git.acme.example:3000/o/r").type == "gitea"
    assert found.by_host("Git.acme.example:3000").type == "gitea"
    assert found.by_url("https://GitHub.com/o/r").type == "github"
    assert found.by_url("https://github.com:443/o/r").type == "github"


@pytest.mark.parametrize(
    "url",
    [
        "https://git.acme.example/o/r",
        "https://github.com.evil.example/o/r",
        "https://github.com@evil.example/o/r",
        "https://evil.example/github.com/o/r",
        "https://github.com:8443/o/r",
        "https://evilamazonaws.com/bucket/key",
        "github.com/o/r",
        "https://[oops",
        "",
    ],
)
def test_what_is_on_no_configured_host_is_nobodys(url):
    found = integrations(gitea=[{"host": "git.acme.example:3000"}])
    assert found.by_url(url) is None


def test_of_two_entries_for_a_host_the_first_counts():
    found = integrations(
        gitlab=[{"host": "git.acme.example", "token": "1"}, {"host": "git.acme.example", "token": "2"}]
    )
    assert found.gitlab.by_host("git.acme.example").token == "1"


def test_google_is_asked_only_if_it_is_configured():
    assert integrations().google_gcs.by_host("storage.cloud.google.com") is None
    assert integrations(googleGcs={}).google_gcs.by_host("storage.cloud.google.com") is not None


@pytest.mark.parametrize(
    ("host", "api"),
    [
        ("github.com", "https://api.github.com"),
        ("acme.ghe.com", "https://api.acme.ghe.com"),
        ("ghe.acme.example", "https://ghe.acme.example/api/v3"),
    ],
)
def test_the_api_of_a_github_follows_from_its_host(host, api):
    assert integrations(github=[{"host": host}]).github.by_host(host).api_base_url == api


def test_addresses_may_be_configured_with_a_slash_at_their_end():
    found = integrations(
        github=[
            {"host": "ghe.acme.example", "apiBaseUrl": "https://x.example/v3/", "rawBaseUrl": "https://raw.example//"}
        ],
        gitlab=[{"host": "lab.acme.example", "baseUrl": "https://lab.acme.example/git/"}],
        bitbucketServer=[{"host": "bit.acme.example"}],
    )
    assert found.github.by_host("ghe.acme.example").api_base_url == "https://x.example/v3"
    assert found.github.by_host("ghe.acme.example").raw_base_url == "https://raw.example"
    assert found.gitlab.by_host("lab.acme.example").api_base_url == "https://lab.acme.example/git/api/v4"
    assert found.bitbucket_server.by_host("bit.acme.example").api_base_url == "https://bit.acme.example/rest/api/1.0"


APP = {"appId": 1, "privateKey": "-----BEGIN RSA PRIVATE KEY-----\\nx", "clientId": "c", "clientSecret": "s"}
GITILES = {"host": "rit.example", "gitilesBaseUrl": "https://rit.example/g"}


@pytest.mark.parametrize(
    ("type_", "entry", "key", "words"),
    [
        ("github", {"host": "https://ghe.example"}, "[0].host", "must be a host"),
        ("github", {"host": "ghe.example/x"}, "[0].host", "must be a host"),
        ("github", {"host": "ghe.example", "apiBaseUrl": "ghe.example"}, "[0].apiBaseUrl", "must be a URL"),
        ("github", {"apps": [{**APP, "appId": "x"}]}, "[0].apps[0].appId", "must be a number"),
        ("github", {"apps": [{**APP, "privateKey": "k"}]}, "[0].apps[0].privateKey", "PEM form"),
        ("gitlab", {"host": "lab.example", "baseUrl": "https://[oops"}, "[0].baseUrl", "must be a URL"),
        ("gitlab", {"retry": {"retryStatusCodes": ["429"]}}, "[0].retry.retryStatusCodes", "a list of numbers"),
        ("bitbucketCloud", {"username": "jane"}, "[0].username", "needs a token"),
        ("bitbucketCloud", {"clientId": "c"}, "[0].clientId", "needs clientSecret"),
        ("bitbucketServer", {"token": "t"}, "[0].host", "is missing"),
        ("gitea", {"host": "a b"}, "[0].host", "must be a host"),
        ("gerrit", {"host": "rit.example"}, "[0].gitilesBaseUrl", "is missing"),
        ("gerrit", {**GITILES, "password": "p"}, "[0].password", "needs a username"),
        (
            "gerrit",
            {**GITILES, "baseUrl": "https://other.example", "username": "u", "password": "p"},
            "[0].gitilesBaseUrl",
            "must lie under the baseUrl",
        ),
        ("azure", {"token": "t"}, "[0].token", "is no longer read"),
        ("azure", {"credentials": [{"clientId": "c", "tenantId": "t"}]}, "[0].credentials[0]", "exactly the fields"),
        (
            "azure",
            {"host": "tfs.example", "credentials": [{"clientId": "system-assigned"}]},
            "[0].credentials[0]",
            "must be a personalAccessToken",
        ),
        (
            "azure",
            {"credentials": [{"personalAccessToken": "1"}, {"personalAccessToken": "2"}]},
            "[0].credentials",
            "2 entries for all other organizations",
        ),
        ("awsS3", {"accessKeyId": "a"}, "[0].accessKeyId", "needs secretAccessKey"),
        ("awsS3", {"endpoint": "s3.example"}, "[0].endpoint", "must be a URL"),
        ("awsS3", {"endpoint": "https://s3.example/store"}, "[0].endpoint", "must not have a path"),
    ],
)
def test_a_mistake_is_told_with_file_key_and_rule(type_, entry, key, words):
    with pytest.raises(ConfigError) as caught:
        integrations(**{type_: [entry]})
    assert "app-config.yaml" in caught.value.message
    assert f"integrations.{type_}{key}:" in caught.value.message
    assert words in caught.value.message


def test_google_wants_both_or_none():
    with pytest.raises(ConfigError, match="needs privateKey beside it"):
        integrations(googleGcs={"clientEmail": "portal@acme.example"})


def test_the_check_of_the_configuration_finds_mistakes():
    with override_config({"integrations": {"gitea": [{"host": "a b"}]}, "backend": {"reading": {"allow": [{}]}}}):
        found = PredicateUrlReader().check()
    assert [message.id for message in found] == ["portal.E321", "portal.E321"]
    assert "integrations.gitea[0].host" in found[0].msg
    assert "backend.reading.allow[0].host" in found[1].msg
    assert PredicateUrlReader().check() == []


def test_the_process_has_one_registry_for_each_configuration():
    assert scm_integrations() is scm_integrations()
    with override_config({"integrations": {"gitea": [{"host": "git.acme.example"}]}}):
        assert scm_integrations().by_host("git.acme.example") is not None
        assert scm_integrations() is scm_integrations()
    assert scm_integrations().by_host("git.acme.example") is None


SECRETS: dict[str, Any] = {
    "github": [{"token": "gh-t", "apps": [{"privateKey": "gh-k", "clientSecret": "gh-s", "webhookSecret": "gh-w"}]}],
    "gitlab": [{"token": "gl-t", "commitSigningKey": "gl-k"}],
    "bitbucketCloud": [{"token": "bc-t", "appPassword": "bc-p", "clientId": "bc-i", "clientSecret": "bc-s"}],
    "bitbucketServer": [{"token": "bs-t", "username": "bs-u", "password": "bs-p"}],
    "azure": [{"credentials": [{"personalAccessToken": "az-t", "clientSecret": "az-s"}]}],
    "gerrit": [{"username": "ge-u", "password": "ge-p"}],
    "gitea": [{"username": "gi-u", "password": "gi-p"}],
    "awsS3": [{"secretAccessKey": "s3-k"}],
    "googleGcs": {"privateKey": "gc-k"},
}


def test_secrets_are_known_as_such():
    with override_config({"integrations": SECRETS}):
        secrets = current().secrets()

    def texts(value: Any) -> list[str]:
        if isinstance(value, dict):
            return [text for member in value.values() for text in texts(member)]
        return [text for item in value for text in texts(item)] if isinstance(value, list) else [value]

    assert set(texts(SECRETS)) <= secrets


def test_credentials_do_not_show_themselves():
    found = integrations(gitlab=[{"host": "gitlab.com", "token": "hidden"}]).gitlab.by_host("gitlab.com")
    credentials = found.credentials("https://gitlab.com/g/p")
    assert credentials.headers == {"Authorization": "Bearer hidden"}
    assert "hidden" not in repr(credentials)
