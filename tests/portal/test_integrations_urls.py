"""URLs on source hosts: what they point at, what relative ones mean, and where a file is edited."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.config import Config
from portal.errors import InputError
from portal.integrations import RepositoryUrl, ScmIntegrations

RIT = "https://rit.acme.example/plugins/gitiles"
BIT = "https://bit.acme.example"
HARNESS = "https://harness.acme.example/ng/account/acct/module/code"
HOSTS: dict[str, Any] = {
    "github": [{"host": "ghe.acme.example"}],
    "gitlab": [{"host": "lab.acme.example", "baseUrl": "https://lab.acme.example/git"}],
    "bitbucketServer": [{"host": "bit.acme.example"}],
    "azure": [{"host": "acme.visualstudio.com"}, {"host": "tfs.acme.example"}],
    "gitea": [{"host": "tea.acme.example"}],
    "gerrit": [{"host": "rit.acme.example", "gitilesBaseUrl": RIT}],
    "harness": [{"host": "harness.acme.example"}],
    "awsS3": [{"endpoint": "https://s3.acme.example"}],
    "googleGcs": {},
}
ALL = ScmIntegrations.from_config(Config.of({"integrations": HOSTS}))
SHA = "0123456789abcdef0123456789abcdef01234567"


def parse(url: str) -> RepositoryUrl:
    integration = ALL.by_url(url)
    assert integration is not None
    return integration.parse(url)


@pytest.mark.parametrize(
    ("url", "owner", "repo", "ref", "path"),
    [
        ("https://github.com/acme/shop", "acme", "shop", "", ""),
        ("https://github.com/acme/shop.git", "acme", "shop", "", ""),
        ("https://github.com/acme/shop/tree/main", "acme", "shop", "main", ""),
        ("https://github.com/acme/shop/tree/main/docs/", "acme", "shop", "main", "docs"),
        ("https://github.com/acme/shop/blob/main/a%20b.md", "acme", "shop", "main", "a b.md"),
        ("https://github.com/acme/shop/blob/feature%2Fx/a.md", "acme", "shop", "feature/x", "a.md"),
        ("https://github.com/acme/shop/edit/main/blob/tree/a.md", "acme", "shop", "main", "blob/tree/a.md"),
        ("https://ghe.acme.example/acme/shop/raw/v1/a.md", "acme", "shop", "v1", "a.md"),
        ("https://gitlab.com/acme/shop", "acme", "shop", "", ""),
        ("https://gitlab.com/acme/team/sub/shop/-/blob/main/a.md", "acme/team/sub", "shop", "main", "a.md"),
        ("https://gitlab.com/acme/shop/blob/main/a.md", "acme", "shop", "main", "a.md"),
        ("https://gitlab.com/acme/shop/-/tree/main/x/-/blob/y", "acme", "shop", "main", "x/-/blob/y"),
        ("https://lab.acme.example/git/acme/shop/-/raw/main/a.md", "acme", "shop", "main", "a.md"),
        ("https://gitlab.com/acme/shop/-/jobs/artifacts/main/raw/a.md?job=b", "acme", "shop", "main", "a.md"),
        ("https://bitbucket.org/acme/shop/src/main/a.md", "acme", "shop", "main", "a.md"),
        (f"{BIT}/projects/ACME/repos/shop/browse/a.md?at=v1", "ACME", "shop", "v1", "a.md"),
        (f"{BIT}/projects/ACME/repos/shop/browse?at=refs/heads/x/y", "ACME", "shop", "refs/heads/x/y", ""),
        (f"{BIT}/git/users/jane/repos/shop/raw/a.md", "~jane", "shop", "", "a.md"),
        ("https://dev.azure.com/acme/platform/_git/shop?path=/a.md", "acme/platform", "shop", "", "a.md"),
        ("https://dev.azure.com/acme/_git/shop?path=%2Fa.md&version=GBmain", "acme/shop", "shop", "main", "a.md"),
        (f"https://dev.azure.com/acme/my%20project/_git/shop?version=GC{SHA}", "acme/my project", "shop", SHA, ""),
        ("https://acme.visualstudio.com/platform/_git/shop?path=/a", "acme/platform", "shop", "", "a"),
        ("https://tfs.acme.example/tfs/Main/platform/_git/shop", "tfs/Main/platform", "shop", "", ""),
        ("https://tea.acme.example/acme/shop/src/branch/main/a.md", "acme", "shop", "main", "a.md"),
        (f"https://tea.acme.example/acme/shop/src/commit/{SHA}/a.md", "acme", "shop", SHA, "a.md"),
        (f"{RIT}/acme/team/shop/+/refs/heads/main/a.md", "acme/team", "shop", "main", "a.md"),
        (f"{RIT}/shop/+/{SHA}/a.md", "", "shop", SHA, "a.md"),
        ("https://rit.acme.example/a/plugins/gitiles/shop/+/HEAD/a.md", "", "shop", "HEAD", "a.md"),
        ("https://storage.cloud.google.com/bucket/a/b.yaml", "", "bucket", "", "a/b.yaml"),
        (f"{HARNESS}/orgs/o/projects/p/repos/shop/files/feature/x/~/a.md", "acct/o/p", "shop", "feature/x", "a.md"),
        (f"{HARNESS}/repos/shop/edit/main/~/a.md", "acct", "shop", "main", "a.md"),
        (f"{HARNESS}/orgs/o/repos/shop/files/main", "acct/o", "shop", "main", ""),
    ],
)
def test_a_url_is_taken_apart(url, owner, repo, ref, path):
    found = parse(url)
    assert (found.owner, found.repo, found.ref, found.path) == (owner, repo, ref, path)


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/acme",
        "https://github.com/acme/shop/pulls",
        "https://gitlab.com/acme",
        f"{BIT}/acme/shop",
        "https://dev.azure.com/acme/platform",
        "https://dev.azure.com/acme/_git/shop?version=XXmain",
        "https://tea.acme.example/acme",
        "https://rit.acme.example/c/shop/+/123",
        "https://github.com/acme/shop/blob/main/../../../secret",
        "https://github.com/acme/shop/blob/main/%252e%252e/secret",
        "https://github.com/acme/shop/blob/main/a%2f..%2fsecret",
        "https://dev.azure.com/acme/_git/shop?path=/../secret",
    ],
)
def test_what_points_at_nothing_is_refused(url):
    with pytest.raises(InputError, match=r"They look like https://|Name the file by its own path"):
        parse(url)


@pytest.mark.parametrize(
    ("target", "base", "url"),
    [
        ("./b.yaml", "https://x.example/a/c.yaml", "https://x.example/a/b.yaml"),
        ("../b.yaml", "https://x.example/a/c.yaml", "https://x.example/b.yaml"),
        ("b.yaml", "https://x.example/a/c.yaml", "https://x.example/a/b.yaml"),
        ("/b.yaml", "https://x.example/a/c.yaml", "https://x.example/b.yaml"),
        ("https://y.example/b.yaml", "https://x.example/a/c.yaml", "https://y.example/b.yaml"),
        ("./b.yaml", "https://x.example/a/c.yaml?ref=v1#l3", "https://x.example/a/b.yaml?ref=v1"),
        ("./my file.yaml", "https://x.example/a/c.yaml", "https://x.example/a/my%20file.yaml"),
        ("/b.yaml", "https://gitlab.com/g/r/-/blob/main/deep/c.yaml", "https://gitlab.com/g/r/-/blob/main/b.yaml"),
        ("/b.yaml", "https://git.example/g/r/src/branch/main/c.yaml", "https://git.example/g/r/src/branch/main/b.yaml"),
        ("./b.yaml", "https://github.com/o/r/blob/main/c.yaml", "https://github.com/o/r/tree/main/b.yaml"),
        ("/x/*.yaml", "https://github.com/o/r/blob/main/d/c.yaml", "https://github.com/o/r/tree/main/x/*.yaml"),
        ("https://github.com/o/r/blob/main/c.yaml",) * 2 + ("https://github.com/o/r/tree/main/c.yaml",),
        ("./", "https://bitbucket.org/o/r/src/main/d/c.yaml", "https://bitbucket.org/o/r/src/main/d/"),
        (
            "/b.yaml",
            f"{BIT}/projects/P/repos/r/browse/d/c.yaml?at=main",
            f"{BIT}/projects/P/repos/r/browse/b.yaml?at=main",
        ),
        (
            "./b.yaml",
            "https://dev.azure.com/o/p/_git/r?path=%2Fd%2Fc.yaml&version=GBmain",
            "https://dev.azure.com/o/p/_git/r?path=%2Fd%2Fb.yaml&version=GBmain",
        ),
        (
            "/a b.yaml",
            "https://dev.azure.com/o/p/_git/r?path=/d/c.yaml",
            "https://dev.azure.com/o/p/_git/r?path=%2Fa+b.yaml",
        ),
        ("./", "https://dev.azure.com/o/p/_git/r?path=/c.yaml", "https://dev.azure.com/o/p/_git/r?path=%2F"),
        ("./b", "https://dev.azure.com/o/p", "https://dev.azure.com/o/b"),
        (
            "/b.yaml",
            "https://tea.acme.example/o/r/src/branch/main/d/c.yaml",
            "https://tea.acme.example/o/r/src/branch/main/b.yaml",
        ),
        (
            "/b.yaml",
            f"{RIT}/p/+/refs/heads/main/d/c.yaml",
            f"{RIT}/p/+/refs/heads/main/b.yaml",
        ),
        (
            "../b.yaml",
            f"{RIT}/p/+/refs/heads/main/d/c.yaml",
            f"{RIT}/p/+/refs/heads/main/b.yaml",
        ),
        (
            "/b.yaml",
            "https://storage.cloud.google.com/bucket/d/c.yaml",
            "https://storage.cloud.google.com/bucket/b.yaml",
        ),
    ],
)
def test_a_relative_url_is_seen_from_the_file_that_names_it(target, base, url):
    assert ALL.resolve_url(target, base) == url


@pytest.mark.parametrize("base", ["/catalog/all.yaml", "nonsense"])
def test_a_relative_url_needs_a_base(base):
    with pytest.raises(InputError, match="relative"):
        ALL.resolve_url("./a.yaml", base)


@pytest.mark.parametrize(
    ("base", "end"),
    [
        ("https://x.example/a/c.yaml", "/b.yaml#L7"),
        ("https://github.com/o/r/blob/main/c.yaml", "/b.yaml#L7"),
        ("https://bitbucket.org/o/r/src/main/c.yaml", "/b.yaml#lines-7"),
        (f"{BIT}/projects/P/repos/r/browse/c.yaml?at=x", "/b.yaml?at=x#7"),
        (f"{RIT}/p/+/refs/heads/main/c.yaml", "/b.yaml#7"),
        (
            "https://dev.azure.com/o/p/_git/r?path=/c.yaml",
            "path=%2Fb.yaml&line=7&lineEnd=8&lineStartColumn=1&lineEndColumn=1",
        ),
    ],
)
def test_a_line_can_be_pointed_at(base, end):
    assert ALL.resolve_url("./b.yaml", base, line_number=7).endswith(end)


@pytest.mark.parametrize(
    ("url", "edit"),
    [
        ("https://x.example/c.yaml", "https://x.example/c.yaml"),
        ("https://github.com/o/r/blob/main/c.yaml", "https://github.com/o/r/edit/main/c.yaml"),
        ("https://gitlab.com/g/s/r/-/blob/main/c.yaml", "https://gitlab.com/g/s/r/-/edit/main/c.yaml"),
        ("https://bitbucket.org/o/r/src/main/c.yaml", "https://bitbucket.org/o/r/src/main/c.yaml?mode=edit&at=main"),
        (
            f"{BIT}/projects/P/repos/r/browse/c.yaml?at=x",
            f"{BIT}/projects/P/repos/r/browse/c.yaml",
        ),
        ("https://dev.azure.com/o/p/_git/r?path=/c.yaml", "https://dev.azure.com/o/p/_git/r?path=/c.yaml"),
        ("https://tea.acme.example/o/r/src/branch/main/c.yaml", "https://tea.acme.example/o/r/_edit/main/c.yaml"),
        (
            f"{HARNESS}/repos/shop/edit/main/~/d/c.yaml",
            f"{HARNESS}/repos/shop/files/main/~/d/c.yaml",
        ),
        (
            f"{RIT}/a/b/+/refs/heads/main/d/c.yaml",
            "https://rit.acme.example/admin/repos/edit/repo/a/b/branch/refs/heads/main/file/d/c.yaml",
        ),
    ],
)
def test_a_file_can_be_edited_on_its_own_page(url, edit):
    assert ALL.resolve_edit_url(url) == edit


def test_editing_on_gerrit_can_be_left_out():
    host = HOSTS["gerrit"][0] | {"disableEditUrl": True}
    url = f"{RIT}/p/+/refs/heads/main/c.yaml"
    assert ScmIntegrations.from_config(Config.of({"integrations": {"gerrit": [host]}})).resolve_edit_url(url) == url


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("https://github.com/o/r/blob/main/a", "https://github.com/O/R/tree/v1/b", True),
        ("https://github.com/o/r/blob/main/a", "https://github.com/o/other/blob/main/a", False),
        ("https://gitlab.com/g/s/r/-/blob/main/a", "https://gitlab.com/g/s/r/-/raw/main/b", True),
        ("https://dev.azure.com/o/p/_git/r?path=/a", "https://dev.azure.com/o/p/_git/other?path=/a", False),
        ("https://git.example/g/r/blob/main/a", "https://git.example/g/r/blob/main/b", True),
        ("https://git.example/g/r/blob/main/a", "https://git.example/g/s/blob/main/a", False),
        (f"{RIT}/a/b/+/HEAD/x", f"{RIT}/a/c/+/HEAD/x", False),
    ],
)
def test_two_files_may_lie_in_one_repository(first, second, same):
    assert ALL.repository_of(first) is not None
    assert (ALL.repository_of(first) == ALL.repository_of(second)) is same


@pytest.mark.parametrize(
    "url", ["https://x.example/a.yaml", "https://github.com/o/r", "https://github.com/o", "nonsense"]
)
def test_what_is_no_file_in_a_repository_is_in_none(url):
    assert ALL.repository_of(url) is None


# S3

AMAZON = ScmIntegrations.from_config(Config.of({})).aws_s3.members[0]


@pytest.mark.parametrize(
    ("url", "bucket", "key", "region"),
    [
        ("https://shop.s3.amazonaws.com/a/b.yaml", "shop", "a/b.yaml", "us-east-1"),
        ("https://shop.s3.eu-west-1.amazonaws.com/a%20b.yaml", "shop", "a b.yaml", "eu-west-1"),
        ("https://shop.s3-eu-west-1.amazonaws.com/a.yaml", "shop", "a.yaml", "eu-west-1"),
        ("https://my.shop.s3.eu-west-1.amazonaws.com/a", "my.shop", "a", "eu-west-1"),
        ("https://s3.eu-west-1.amazonaws.com/shop/a/b.yaml", "shop", "a/b.yaml", "eu-west-1"),
        ("https://s3.amazonaws.com/shop/a.yaml", "shop", "a.yaml", "us-east-1"),
        ("https://shop.bucket.vpce-1a2b.s3.eu-west-1.vpce.amazonaws.com/a", "shop", "a", "eu-west-1"),
    ],
)
def test_a_url_of_amazons_names_bucket_and_region(url, bucket, key, region):
    assert AMAZON.serves(url)
    assert AMAZON.locate(url) == (bucket, key, region)


@pytest.mark.parametrize(
    "url", ["https://ec2.amazonaws.com/a", "https://s3.amazonaws.com/shop", "https://amazonaws.com/a/b"]
)
def test_other_urls_of_amazons_are_none_of_s3(url):
    with pytest.raises(InputError, match="https://<bucket>"):
        AMAZON.locate(url)


@pytest.mark.parametrize(
    ("entry", "url", "bucket"),
    [
        ({}, "https://shop.s3.acme.example/a/b.yaml", "shop"),
        ({}, "https://s3.acme.example/shop/a/b.yaml", "shop"),
        ({"s3ForcePathStyle": True}, "https://s3.acme.example/shop/a/b.yaml", "shop"),
    ],
)
def test_a_store_of_ones_own_has_urls_of_both_kinds(entry, url, bucket):
    [own, _] = ScmIntegrations.from_config(
        Config.of({"integrations": {"awsS3": [{"endpoint": "https://s3.acme.example", **entry}]}})
    ).aws_s3
    assert own.locate(url) == (bucket, "a/b.yaml", "us-east-1")
    assert own.file_url(url, "c d.yaml") == url.replace("a/b.yaml", "c%20d.yaml")


# What holds for all

BASES = [
    "https://github.com/acme/shop/blob/main/x/y.yaml",
    "https://gitlab.com/acme/team/shop/-/blob/main/x/y.yaml",
    "https://bitbucket.org/acme/shop/src/main/x/y.yaml",
    f"{BIT}/projects/P/repos/r/browse/x/y.yaml?at=main",
    "https://dev.azure.com/o/p/_git/r?path=/x/y.yaml&version=GBmain",
    "https://tea.acme.example/acme/shop/src/branch/main/x/y.yaml",
    f"{RIT}/p/+/refs/heads/main/x/y.yaml",
    "https://s3.acme.example/bucket/x/y.yaml",
    "https://bucket.s3.acme.example/x/y.yaml",
    "https://storage.cloud.google.com/bucket/x/y.yaml",
    f"{HARNESS}/repos/shop/files/feature/x/~/x/y.yaml",
]
segments = st.text(
    st.characters(codec="utf-8", exclude_characters="/\\", exclude_categories=["Cc"]), min_size=1, max_size=8
).filter(lambda text: text.strip() == text and text not in {".", ".."} and "%" not in text)
paths = st.lists(segments, min_size=1, max_size=4).map("/".join)


@given(st.sampled_from(BASES), paths)
def test_the_url_of_a_file_leads_back_to_it(base, path):
    integration = ALL.by_url(base)
    assert integration is not None
    url = integration.file_url(base, path)
    assert ALL.by_url(url) is integration
    own = integration.parse(base)
    found = integration.parse(url)
    assert (found.repository, found.ref, found.path) == (own.repository, own.ref, path)


@given(st.sampled_from(BASES), st.lists(st.from_regex(r"[a-z]{1,5}", fullmatch=True), min_size=1, max_size=4))
def test_resolving_stays_in_the_repository(base, path):
    for start in ("./", "/", "../" * 9):
        resolved = ALL.resolve_url(start + "/".join(path), base)
        if start != "../" * 9:
            assert ALL.repository_of(resolved) == ALL.repository_of(base)
        assert ALL.resolve_url(resolved, base) == resolved


@given(st.text(max_size=60))
def test_no_text_breaks_the_parsing(text):
    for base in BASES:
        for url in (text, f"{base.rpartition('/')[0]}/{text}"):
            try:
                found = ALL.by_url(url)
                if found is not None:
                    found.parse(url)
                ALL.resolve_url(text, base)
                ALL.repository_of(url)
            except InputError:
                continue
