"""Fakes of object stores: one that checks Amazon's signatures, Google's JSON API, and Azure's, in XML."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, quote, unquote
from xml.sax.saxutils import escape

from tests.portal.source_hosts.fake_host import LAST_MODIFIED, NOT_FOUND, FakeHost, written
from tests.portal.source_hosts.keys import PRIVATE_KEY
from tests.portal.source_hosts.server import Answer, Asked, answer_json

PAGE = 3


class FakeAwsS3(FakeHost):
    """A store at http://127.0.0.1:<port> with the bucket ``shop``; ``signed`` says whether requests must be signed."""

    type = "awsS3"
    secrets = {"accessKeyId": "AKIATEST", "secretAccessKey": "s3-secret"}
    signed = True

    @property
    def endpoint(self) -> str:
        """Where it is: botocore goes there itself."""
        return f"http://127.0.0.1:{self.server.port}"

    def url(self, path: str = "", ref: str = "main") -> str:
        return f"{self.endpoint}/shop/{written(path)}"

    def integrations(self, **changes: Any) -> Any:
        return super().integrations(**{"endpoint": self.endpoint, "s3ForcePathStyle": True, **self.secrets, **changes})

    def answer(self, asked: Asked) -> Answer:
        if self.signed:
            problem = wrong_signature(asked, self.secrets["secretAccessKey"])
            if problem:
                return _error("SignatureDoesNotMatch", problem, 403)
        bucket, _, key = unquote(asked.path).lstrip("/").partition("/")
        if bucket != "shop":
            return _error("NoSuchBucket", "The specified bucket does not exist", 404)
        if asked.query.get("list-type") == "2":
            return self._listed(asked)
        if key not in self.repository.files:
            return _error("NoSuchKey", "The specified key does not exist.", 404)
        return self.file(asked, key)

    def _listed(self, asked: Asked) -> Answer:
        names = sorted(name for name in self.repository.files if name.startswith(asked.query.get("prefix", "")))
        start = int(asked.query.get("continuation-token", "0"))
        more = len(names) > start + PAGE
        items = "".join(
            f"<Contents><Key>{escape(quote(name, safe='/'))}</Key><LastModified>2026-03-02T12:00:00.000Z</LastModified>"
            f"<ETag>{escape(self.repository.etag(name))}</ETag><Size>{len(self.repository.files[name])}</Size></Contents>"
            for name in names[start : start + PAGE]
        )
        token = f"<NextContinuationToken>{start + PAGE}</NextContinuationToken>" if more else ""
        body = (
            '<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>shop</Name>'
            f"<EncodingType>url</EncodingType><IsTruncated>{str(more).lower()}</IsTruncated>{token}{items}</ListBucketResult>"
        )
        return Answer(body.encode(), headers={"Content-Type": "application/xml"})


def _error(code: str, message: str, status: int) -> Answer:
    body = f'<?xml version="1.0"?><Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>'
    return Answer(body.encode(), status, {"Content-Type": "application/xml"})


def wrong_signature(asked: Asked, secret: str) -> str | None:
    """Say what is wrong with a request's signature of version 4, None if nothing is.

    https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
    """
    algorithm, _, rest = (asked.authorization or "").partition(" ")
    parts = dict(part.strip().split("=", 1) for part in rest.split(",")) if rest else {}
    if algorithm != "AWS4-HMAC-SHA256" or parts.keys() != {"Credential", "SignedHeaders", "Signature"}:
        return "not signed with version 4"
    signed = parts["SignedHeaders"].split(";")
    if not {name for name in asked.headers if name.startswith("x-amz-")} | {"host"} <= set(signed):
        return "a header that must be signed is not"
    # Amazon S3 wants the body's hash in a header, other services work it out.
    hashed = asked.headers.get("x-amz-content-sha256", hashlib.sha256(asked.body).hexdigest())
    if hashed not in {hashlib.sha256(asked.body).hexdigest(), "UNSIGNED-PAYLOAD"}:
        return "another body than the one that is signed"
    moment = datetime.strptime(asked.headers["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    if abs((datetime.now(UTC) - moment).total_seconds()) > 900:
        return "another time"
    query = "&".join(
        f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in sorted(asked.query.items())
    )
    headers = "".join(f"{name}:{' '.join(asked.headers[name].split())}\n" for name in signed)
    canonical = "\n".join([asked.method, asked.path, query, headers, ";".join(signed), hashed])
    scope = parts["Credential"].partition("/")[2]
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    text = "\n".join([algorithm, asked.headers["x-amz-date"], scope, hashlib.sha256(canonical.encode()).hexdigest()])
    expected = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    return None if hmac.compare_digest(expected, parts["Signature"]) else "another signature"


class FakeGoogleGcs(FakeHost):
    """storage.googleapis.com, with the bucket ``shop``."""

    type = "googleGcs"
    entry = {"clientEmail": "portal@acme.example", "privateKey": PRIVATE_KEY}
    authorization_of_secrets = "Bearer gcs-token"

    def url(self, path: str = "", ref: str = "main") -> str:
        return f"https://storage.cloud.google.com/shop/{written(path)}"

    def is_open(self, asked: Asked) -> bool:
        return asked.host == "oauth2.googleapis.com"

    def answer(self, asked: Asked) -> Answer:
        if asked.host == "oauth2.googleapis.com":
            form = dict(parse_qsl(asked.body.decode()))
            if form.get("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer":
                return answer_json({"error": "invalid_grant"}, 400)
            return answer_json({"access_token": "gcs-token", "expires_in": 3600, "token_type": "Bearer"})
        raw = asked.path.strip("/").split("/")
        match raw:
            case ["storage", "v1", "b", "shop", "o"]:
                return self._listed(asked)
            case ["storage", "v1", "b", "shop", "o", name] if asked.query.get("alt") == "media":
                return self.file(asked, unquote(name))
        return NOT_FOUND

    def _listed(self, asked: Asked) -> Answer:
        names = sorted(name for name in self.repository.files if name.startswith(asked.query.get("prefix", "")))
        start = int(asked.query.get("pageToken", "0"))
        items = [
            {
                "name": name,
                "size": str(len(self.repository.files[name])),
                "etag": self.repository.etag(name),
                "updated": "2026-03-02T12:00:00.000Z",
            }
            for name in names[start : start + PAGE]
        ]
        return answer_json(
            {"items": items} | ({"nextPageToken": str(start + PAGE)} if len(names) > start + PAGE else {})
        )


class FakeAzureBlobStorage(FakeHost):
    """shop1.blob.core.windows.net, with the container ``shop``; signatures are checked as Azure does."""

    type = "azureBlobStorage"
    account = "shop1"
    key = base64.b64encode(b"azure-key").decode()
    entry = {"accountName": account, "sasToken": "?sv=2019-12-12&sig=given"}
    secrets = {"sasToken": None, "accountKey": key}
    #: Whether it lets in only who shows a signature of the account's key.
    signed = False

    def url(self, path: str = "", ref: str = "main") -> str:
        return f"https://{self.account}.blob.core.windows.net/shop/{written(path)}"

    def is_open(self, asked: Asked) -> bool:
        return asked.host == "login.microsoftonline.com"

    def answer(self, asked: Asked) -> Answer:
        if asked.host == "login.microsoftonline.com":
            form = dict(parse_qsl(asked.body.decode()))
            assert form["scope"] == "https://storage.azure.com/.default"
            return answer_json({"access_token": "azure-token", "expires_in": 3600})
        if self.signed and not self._is_signed(asked.query):
            return Answer(b'<?xml version="1.0"?><Error><Code>AuthenticationFailed</Code></Error>', 403)
        container, _, name = unquote(asked.path).lstrip("/").partition("/")
        if container != "shop":
            return NOT_FOUND
        if asked.query.get("comp") == "list":
            return self._listed(asked)
        return self.file(asked, name)

    def _is_signed(self, query: dict[str, str]) -> bool:
        fields = [query.get(name, "") for name in ("sp", "ss", "srt", "st", "se", "sip", "spr", "sv")]
        text = "\n".join([self.account, *fields, ""])
        made = hmac.new(base64.b64decode(self.key), text.encode(), hashlib.sha256).digest()
        lasts = query.get("se", "") > datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return lasts and query.get("sig") == base64.b64encode(made).decode()

    def _listed(self, asked: Asked) -> Answer:
        assert asked.query["restype"] == "container"
        names = sorted(name for name in self.repository.files if name.startswith(asked.query.get("prefix", "")))
        start = int(asked.query.get("marker", "0"))
        marker = str(start + PAGE) if len(names) > start + PAGE else ""
        blobs = "".join(
            f"<Blob><Name>{escape(name)}</Name><Properties><Last-Modified>{LAST_MODIFIED}</Last-Modified>"
            f"<Etag>{escape(self.repository.etag(name))}</Etag>"
            f"<Content-Length>{len(self.repository.files[name])}</Content-Length></Properties></Blob>"
            for name in names[start : start + PAGE]
        )
        body = (
            f'<?xml version="1.0" encoding="utf-8"?><EnumerationResults><Blobs>{blobs}</Blobs>'
            f"<NextMarker>{marker}</NextMarker></EnumerationResults>"
        )
        return Answer(body.encode(), headers={"Content-Type": "application/xml"})
