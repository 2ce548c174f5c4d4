"""The catalog's OpenAPI document: ``openapi.yaml`` beside this file. A route that it doesn't have fails a test."""

from pathlib import Path

from portal.http.openapi import ApiDocument

DOCUMENT = ApiDocument(Path(__file__).with_name("openapi.yaml"))
