"""Fakes of the hosts of git repositories. Shapes of requests and answers are those of the providers' documentation."""

from __future__ import annotations

import base64
from urllib.parse import quote, unquote, urlencode

from tests.portal.source_hosts.fake_host import NOT_FOUND, FakeHost, written
from tests.portal.source_hosts.server import Answer, Asked, answer_json


class FakeGitHub(FakeHost):
    """github.com, with acme/shop."""

    type = "github"
    entry = {"host": "github.com"}
    secrets = {"token": "hub-secret"}
    authorization_of_secrets = "Bearer hub-secret"
    #: GitHub hides what exists from those who may not see it.
    closed = answer_json({"message": "Not Found"}, 404)
    truncated = False

    def url(self, path: str = "", ref: str = "main") -> str:
        return f"https://github.com/acme/shop/blob/{quote(ref, safe='')}/{written(path)}"

    def is_open(self, asked: Asked) -> bool:
        return asked.host == "codeload.github.com" and asked.query.get("token") == "one-time"

    def answer(self, asked: Asked) -> Answer:
        if asked.host == "codeload.github.com":
            # A token that came here would be in the wrong hands.
            return Answer(status=400) if asked.authorization else Answer(self.repository.tarball("acme-shop-0123456/"))
        if asked.host == "raw.githubusercontent.com":
            owner, repo, ref, *path = asked.segments
            return self.file(asked, "/".join(path)) if (owner, repo, ref) == ("acme", "shop", "main") else NOT_FOUND
        match asked.segments:
            case ["repos", "acme", "shop", *rest] if asked.host == "api.github.com":
                return self._of_repository(asked, rest)
        return NOT_FOUND

    def _of_repository(self, asked: Asked, rest: list[str]) -> Answer:
        raw = asked.headers["accept"] == "application/vnd.github.raw"
        match rest:
            case []:
                return answer_json({"default_branch": "main"})
            case ["contents", *path] if raw and self.repository.has(asked.query["ref"]):
                return self.file(asked, "/".join(path))
            case ["commits", ref] if asked.headers["accept"] == "application/vnd.github.sha":
                return Answer(self.repository.commit.encode()) if self.repository.has(ref) else NOT_FOUND
            case ["tarball", sha] if sha == self.repository.commit:
                location = f"https://codeload.github.com/acme/shop/legacy.tar.gz/{sha}?token=one-time"
                return Answer(status=302, headers={"Location": location})
            case ["git", "trees", sha] if sha == self.repository.commit and asked.query == {"recursive": "1"}:
                return answer_json({"sha": sha, "truncated": self.truncated, "tree": self._tree()})
            case ["git", "blobs", sha] if raw and (content := self.repository.blob(sha)) is not None:
                return Answer(content)
        return NOT_FOUND

    def _tree(self) -> list[dict[str, object]]:
        files: list[dict[str, object]] = [
            {"path": path, "mode": "100644", "type": "blob", "sha": self.repository.etag(path).strip('"')}
            for path in self.repository.files
        ]
        return [
            {"path": "docs", "mode": "040000", "type": "tree", "sha": "0" * 40},
            {"path": "link/catalog-info.yaml", "mode": "120000", "type": "blob", "sha": "1" * 40},
            *([] if self.truncated else files),
        ]


class FakeGitLab(FakeHost):
    """gitlab.com, with acme/team/shop."""

    type = "gitlab"
    entry = {"host": "gitlab.com"}
    secrets = {"token": "lab-secret"}
    authorization_of_secrets = "Bearer lab-secret"

    def url(self, path: str = "", ref: str = "main") -> str:
        return f"https://gitlab.com/acme/team/shop/-/blob/{quote(ref, safe='')}/{written(path)}"

    def answer(self, asked: Asked) -> Answer:
        before, project, after = asked.path.partition("/api/v4/projects/acme%2Fteam%2Fshop")
        if before or not project:
            return NOT_FOUND
        if not after:
            return answer_json({"default_branch": "main"})
        match after.removeprefix("/").split("/"):
            case ["repository", "files", path, "raw"] if self.repository.has(asked.query["ref"]):
                return self.file(asked, unquote(path))
            case ["repository", "commits"] if self.repository.has(asked.query.get("ref_name", "HEAD")):
                found = self.repository.below(asked.query.get("path", ""))
                return answer_json([{"id": self.repository.commit}] if found else [])
            case ["repository", "archive.tar.gz"] if asked.query["sha"] == self.repository.commit:
                return Answer(self.repository.tarball("shop-0123456/", asked.query.get("path", "")))
            case ["jobs", "artifacts", "main", "raw", *path] if asked.query == {"job": "build"}:
                return Answer(f"artifact {unquote('/'.join(path))}".encode())
        return NOT_FOUND


class FakeBitbucketCloud(FakeHost):
    """bitbucket.org, with acme/shop."""

    type = "bitbucketCloud"
    secrets = {"username": "jane", "token": "cloud-secret"}
    authorization_of_secrets = "Basic " + base64.b64encode(b"jane:cloud-secret").decode()

    def url(self, path: str = "", ref: str = "main") -> str:
        return f"https://bitbucket.org/acme/shop/src/{quote(ref, safe='')}/{written(path)}"

    def answer(self, asked: Asked) -> Answer:
        repository = self.repository
        match [asked.host, *asked.segments]:
            case ["api.bitbucket.org", "2.0", "repositories", "acme", "shop", "src", ref, *path] if repository.has(ref):
                return self.file(asked, "/".join(path))
            case ["api.bitbucket.org", "2.0", "repositories", "acme", "shop", "commits", ref] if repository.has(ref):
                return answer_json({"values": [{"hash": repository.commit}]})
            case ["api.bitbucket.org", "2.0", "repositories", "acme", "shop"]:
                return answer_json({"mainbranch": {"name": "main"}})
            case ["bitbucket.org", "acme", "shop", "get", name] if name == f"{repository.commit}.tar.gz":
                return Answer(repository.tarball("acme-shop-0123456/"))
        return NOT_FOUND


class FakeBitbucketServer(FakeHost):
    """bitbucket.acme.example, with SHOP/shop."""

    type = "bitbucketServer"
    entry = {"host": "bitbucket.acme.example"}
    secrets = {"token": "server-secret"}
    authorization_of_secrets = "Bearer server-secret"

    def url(self, path: str = "", ref: str = "main") -> str:
        at = f"?{urlencode({'at': ref})}" if ref else ""
        return f"https://bitbucket.acme.example/projects/SHOP/repos/shop/browse/{written(path)}{at}"

    def answer(self, asked: Asked) -> Answer:
        repository, query = self.repository, asked.query
        match asked.segments:
            case ["rest", "api", "1.0", "projects", "SHOP", "repos", "shop", "raw", *path]:
                return self.file(asked, "/".join(path)) if repository.has(query.get("at", "main")) else NOT_FOUND
            case ["rest", "api", "1.0", "projects", "SHOP", "repos", "shop", "commits"]:
                if not repository.has(query.get("until", "main")):
                    return NOT_FOUND
                found = repository.below(query.get("path", ""))
                return answer_json({"values": [{"id": repository.commit}] if found else [], "isLastPage": True})
            case ["rest", "api", "1.0", "projects", "SHOP", "repos", "shop", "archive"]:
                if (query["at"], query["format"]) != (repository.commit, "tgz"):
                    return NOT_FOUND
                return Answer(repository.tarball(f"{query['prefix']}/", query.get("path", "")))
        return NOT_FOUND


class FakeAzure(FakeHost):
    """dev.azure.com, with acme/platform/shop."""

    type = "azure"
    entry = {"host": "dev.azure.com"}
    secrets = {"credentials": [{"personalAccessToken": "azure-secret"}]}
    authorization_of_secrets = "Basic " + base64.b64encode(b":azure-secret").decode()
    #: A page for signing in, with a status that looks well.
    closed = Answer(b"<html>Sign in</html>", 203)

    def url(self, path: str = "", ref: str = "main") -> str:
        query = ({"path": f"/{path}"} if path else {}) | ({"version": f"GB{ref}"} if ref else {})
        return f"https://dev.azure.com/acme/platform/_git/shop?{urlencode(query, safe='*')}"

    def answer(self, asked: Asked) -> Answer:
        repository, query = self.repository, asked.query
        suppressed = asked.headers.get("x-tfs-fedauthredirect") == "Suppress"
        before, api, after = asked.path.partition("/acme/platform/_apis/git/repositories/shop/")
        if before or not api or not suppressed or query.get("api-version") != "6.0":
            return NOT_FOUND
        version = query.get("versionDescriptor.version") or query.get("searchCriteria.itemVersion.version") or "main"
        if not repository.has(version):
            return NOT_FOUND
        if after == "commits" and query.get("searchCriteria.$top") == "1":
            return answer_json({"count": 1, "value": [{"commitId": repository.commit}]})
        if after == "items" and query.get("$format") == "zip" and query["versionDescriptor.versionType"] == "commit":
            return Answer(repository.zipball(query["scopePath"].strip("/")))
        if after == "items" and asked.headers["accept"] == "application/octet-stream":
            # It says which version it is, and sends it all the same.
            answer = self.file(asked, query["path"].lstrip("/"))
            return (
                self.file(Asked("GET", "", "", {}, {}, b""), query["path"].lstrip("/"))
                if answer.status == 304
                else answer
            )
        return NOT_FOUND


class FakeGitea(FakeHost):
    """git.acme.example/gitea, with acme/shop."""

    type = "gitea"
    entry = {"host": "git.acme.example", "baseUrl": "https://git.acme.example/gitea"}
    secrets = {"password": "tea-secret"}
    authorization_of_secrets = "token tea-secret"

    def url(self, path: str = "", ref: str = "main") -> str:
        return f"https://git.acme.example/gitea/acme/shop/src/branch/{quote(ref, safe='')}/{written(path)}"

    def answer(self, asked: Asked) -> Answer:
        repository = self.repository
        match asked.segments:
            case ["gitea", "api", "v1", "repos", "acme", "shop", "raw", *path] if repository.has(asked.query["ref"]):
                return self.file(asked, "/".join(path))
            case ["gitea", "api", "v1", "repos", "acme", "shop", "git", "commits", ref] if repository.has(ref):
                return answer_json({"sha": repository.commit})
            case ["gitea", "api", "v1", "repos", "acme", "shop", "archive", name]:
                return Answer(repository.tarball("shop/")) if name == f"{repository.commit}.tar.gz" else NOT_FOUND
            case ["gitea", "api", "v1", "repos", "acme", "shop"]:
                return answer_json({"default_branch": "main"})
        return NOT_FOUND


class FakeHarness(FakeHost):
    """harness.acme.example, with acct/acme/platform/shop."""

    type = "harness"
    entry = {"host": "harness.acme.example"}
    secrets = {"token": "ness-secret"}
    authorization_of_secrets = "Bearer ness-secret"

    def url(self, path: str = "", ref: str = "main") -> str:
        project = "ng/account/acct/module/code/orgs/acme/projects/platform"
        return f"https://harness.acme.example/{project}/repos/shop/files/{ref}/~/{written(path)}"

    def answer(self, asked: Asked) -> Answer:
        repository = self.repository
        before, api, after = asked.path.partition("/gateway/code/api/v1/repos/acct/acme/platform/shop/+/")
        ref = asked.query.get("git_ref", "refs/heads/main").removeprefix("refs/heads/")
        if before or not api or asked.query["routingId"] != "acct" or not repository.has(ref):
            return NOT_FOUND
        match after.split("/"):
            case ["raw", *path]:
                return self.file(asked, unquote("/".join(path)))
            case ["content"] if asked.query["include_commit"] == "true":
                return answer_json({"type": "dir", "latest_commit": {"sha": repository.commit}})
            case ["archive", name] if name == f"{repository.commit}.zip":
                return Answer(repository.zipball())
        return NOT_FOUND


class FakeGerrit(FakeHost):
    """gerrit.acme.example, with the project acme/shop, and Gitiles at /plugins/gitiles."""

    type = "gerrit"
    entry = {"host": "gerrit.acme.example", "gitilesBaseUrl": "https://gerrit.acme.example/plugins/gitiles"}
    secrets = {"username": "jane", "password": "rit-secret"}
    authorization_of_secrets = "Basic " + base64.b64encode(b"jane:rit-secret").decode()

    def url(self, path: str = "", ref: str = "main") -> str:
        at = f"refs/heads/{quote(ref, safe='')}" if ref != "HEAD" else ref
        return f"https://gerrit.acme.example/plugins/gitiles/acme/shop/+/{at}/{written(path)}"

    def answer(self, asked: Asked) -> Answer:
        path, repository = asked.path, self.repository
        if asked.authorization:
            # With credentials everything is below /a.
            if not path.startswith("/a/"):
                return NOT_FOUND
            path = path.removeprefix("/a")
        raw = path.strip("/").split("/")
        names = Asked("GET", "", path, {}, {}, b"").segments
        match raw:
            case ["projects", "acme%2Fshop", "HEAD"]:
                return answer_json("refs/heads/main", prefix=b")]}'\n")
            case ["projects", "acme%2Fshop", "branches", _] if repository.has(names[3]):
                return answer_json({"ref": f"refs/heads/{names[3]}", "revision": repository.commit}, prefix=b")]}'\n")
            case ["projects", "acme%2Fshop", "tags", "v1"]:
                return answer_json({"ref": "refs/tags/v1", "revision": "f" * 40, "object": repository.commit})
            case ["projects", "acme%2Fshop", "branches" | "commits", _, "files", _, "content"]:
                content = repository.files.get(names[5]) if repository.has(names[3]) else None
                return NOT_FOUND if content is None else Answer(base64.b64encode(content))
            case ["plugins", "gitiles", "acme", "shop", "+archive", *_]:
                rest = "/".join(names[5:]).removesuffix(".tar.gz")
                commit, _, folder = rest.partition("/")
                if commit != repository.commit:
                    return NOT_FOUND
                return Answer(repository.tarball("", folder, relative=True))
        return NOT_FOUND
