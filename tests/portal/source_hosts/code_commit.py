"""AWS CodeCommit, which speaks JSON to botocore."""

from __future__ import annotations

import base64
import json
from typing import Any

from portal.integrations import ScmIntegrations
from tests.portal.source_hosts.aws_services import refusal
from tests.portal.source_hosts.fake_host import FakeHost, written
from tests.portal.source_hosts.object_stores import wrong_signature
from tests.portal.source_hosts.repository import EXECUTABLE
from tests.portal.source_hosts.server import Answer, Asked, answer_json


class FakeAwsCodeCommit(FakeHost):
    """The region ``eu-west-1`` with the repository ``shop``, as the service answers what the reader asks."""

    type = "awsCodeCommit"
    secrets = {"accessKeyId": "AKIATEST", "secretAccessKey": "commit-secret"}

    def url(self, path: str = "", ref: str = "main") -> str:
        repository = "https://eu-west-1.console.aws.amazon.com/codesuite/codecommit/repositories/shop"
        return f"{repository}/browse/refs/heads/{ref}/--/{written(path)}?region=eu-west-1"

    def integrations(self, **changes: Any) -> ScmIntegrations:
        found = super().integrations(**{**self.secrets, **changes})
        for one in found.aws_code_commit:
            # botocore goes there itself.
            one.endpoint = f"http://127.0.0.1:{self.server.port}"
        return found

    def answer(self, asked: Asked) -> Answer:
        if problem := wrong_signature(asked, self.secrets["secretAccessKey"]):
            return refusal("InvalidSignatureException", problem)
        body = json.loads(asked.body)
        if body["repositoryName"] != "shop":
            return refusal("RepositoryDoesNotExistException", "shop?")
        ref = body.get("commitSpecifier", "main").removeprefix("refs/heads/")
        if not self.repository.has(ref):
            return refusal("CommitDoesNotExistException", ref)
        match asked.headers["x-amz-target"]:
            case "CodeCommit_20150413.GetFile":
                return self._file(body["filePath"])
            case "CodeCommit_20150413.GetFolder":
                return self._folder(body["folderPath"].strip("/"))
            case "CodeCommit_20150413.GetBlob":
                content = self.repository.blob(body["blobId"].strip('"')) or b""
                return answer_json({"content": base64.b64encode(content).decode()})
        return refusal("UnknownOperationException", "")

    def _file(self, path: str) -> Answer:
        if path not in self.repository.files:
            return refusal("FileDoesNotExistException", path)
        content = self.repository.files[path]
        return answer_json(
            {
                "commitId": self.repository.commit,
                "blobId": self.repository.etag(path),
                "filePath": path,
                "fileMode": "NORMAL",
                "fileSize": len(content),
                "fileContent": base64.b64encode(content).decode(),
            }
        )

    def _folder(self, folder: str) -> Answer:
        below = self.repository.below(folder)
        if not below:
            return refusal("FolderDoesNotExistException", folder)
        before = f"{folder}/" if folder else ""
        names = sorted({path.removeprefix(before).partition("/")[::2] for path in below})
        files = [
            {
                "blobId": self.repository.etag(before + name),
                "absolutePath": before + name,
                "relativePath": name,
                "fileMode": "EXECUTABLE" if before + name in EXECUTABLE else "NORMAL",
            }
            for name, rest in names
            if not rest
        ]
        folders = sorted({name for name, rest in names if rest})
        return answer_json(
            {
                "commitId": self.repository.commit,
                "folderPath": folder,
                "files": files,
                "subFolders": [{"absolutePath": before + name, "relativePath": name} for name in folders],
                "symbolicLinks": [],
                "subModules": [],
            }
        )
