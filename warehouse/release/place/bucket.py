"""A bucket of S3, or of a service that speaks its protocol, as a place."""

from __future__ import annotations

import base64
import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from warehouse.release.place.bucket_faults import sentence_of
from warehouse.release.place.place import File, PlaceError, cache_control, content_type
from warehouse.settings import Settings

CONNECTIONS = 8
"""Requests at the same time."""

_ATTEMPTS = 5
_LARGEST = 5 * 1000**3
"""What one PUT may hold, by S3's limits."""
_HASH = "sha256"
"""Name of the metadata that holds an object's SHA-256."""
_ABSENT = frozenset({"NoSuchKey", "404", "NotFound"})
_DELETED_AT_ONCE = 1000
_TALKATIVE = ("boto3", "botocore", "s3transfer", "urllib3")


class Bucket:
    """The keys of a bucket below a prefix. `client` is boto3's client of S3."""

    def __init__(self, client: Any, bucket: str, prefix: str) -> None:
        self.address = f"s3://{bucket}/{prefix}".rstrip("/")
        self._client = client
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""

    def sizes(self, prefix: str) -> dict[str, int]:
        """The objects below a prefix: one request for each thousand."""
        whole = self._prefix + prefix
        with self._explained():
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=whole)
            return {
                found["Key"].removeprefix(self._prefix): found["Size"]
                for page in pages
                for found in page.get("Contents", ())
            }

    def read(self, key: str) -> bytes | None:
        """The bytes of an object; None if there is none."""
        with self._explained():
            found = self._unless_absent(self._client.get_object, key)
            return None if found is None else bytes(found["Body"].read())

    def has(self, file: File) -> bool:
        """Whether an object is there with the same size, and the same SHA-256 in its metadata."""
        with self._explained():
            found = self._unless_absent(self._client.head_object, file.key)
        return bool(
            found and found["ContentLength"] == file.size and found.get("Metadata", {}).get(_HASH) == file.sha256
        )

    def put(self, file: File) -> None:
        """Write an object in one request. The server compares what it received with the MD5 in the request."""
        if file.size > _LARGEST:
            msg = f"{file.path} has {file.size / 1e9:.1f} GB, and one request to a bucket may hold 5 GB."
            raise PlaceError(msg)
        with self._explained(), file.path.open("rb") as body:
            md5 = hashlib.file_digest(body, lambda: hashlib.md5(usedforsecurity=False)).digest()
            body.seek(0)
            self._client.put_object(
                Bucket=self._bucket,
                Key=self._prefix + file.key,
                Body=body,
                ContentMD5=base64.b64encode(md5).decode(),
                ContentType=content_type(file.key),
                CacheControl=cache_control(file.key),
                Metadata={_HASH: file.sha256},
            )

    def delete(self, keys: list[str]) -> None:
        """Delete objects, a thousand in one request."""
        with self._explained():
            for first in range(0, len(keys), _DELETED_AT_ONCE):
                named = [{"Key": self._prefix + key} for key in keys[first : first + _DELETED_AT_ONCE]]
                answer = self._client.delete_objects(Bucket=self._bucket, Delete={"Objects": named, "Quiet": True})
                if answer.get("Errors"):
                    msg = (
                        f"{self.address}: the release is published, but old files could not be deleted"
                        f" ({answer['Errors'][0].get('Code', 'no code')}). Permit s3:DeleteObject, and publish again."
                    )
                    raise PlaceError(msg)

    def require_space(self, size: int) -> None:
        """A bucket does not tell how much it can hold."""

    def _unless_absent(self, request: Any, key: str) -> Any:
        from botocore.exceptions import ClientError

        try:
            return request(Bucket=self._bucket, Key=self._prefix + key)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in _ABSENT:
                return None
            raise

    @contextmanager
    def _explained(self) -> Iterator[None]:
        with explained(self.address):
            yield


@contextmanager
def explained(address: str) -> Iterator[None]:
    """Turn a fault of boto3 into a sentence. The fault itself is dropped: it may hold parts of credentials."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (ClientError, BotoCoreError) as error:
        msg = f"{address}: {sentence_of(error)}"
        raise PlaceError(msg) from None
    except OSError as error:  # a file of the release, which a build deleted meanwhile
        msg = (
            f"{error.filename or address}: {error.strerror or error}. Publish again; `ree releases` lists what is here."
        )
        raise PlaceError(msg) from None


def open_bucket(bucket: str, prefix: str, settings: Settings) -> Bucket:
    """A bucket, with credentials from the environment or the usual files of AWS, where boto3 finds them.

    Raises:
        PlaceError: boto3 is not installed, there are no credentials, or its settings are invalid.
    """
    try:
        import boto3
    except ImportError:
        msg = "Publishing to a bucket needs boto3: pip install 'rare-earth-warehouse[publish]'."
        raise PlaceError(msg) from None
    for name in _TALKATIVE:  # their debug lines hold signed headers
        logging.getLogger(name).setLevel(logging.WARNING)
    address = f"s3://{bucket}/{prefix}".rstrip("/")
    with explained(address):
        session = boto3.Session(region_name=settings.publish_region or None)
        if session.get_credentials() is None:
            msg = (
                f"{address}: there are no credentials. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
                " for a profile of ~/.aws."
            )
            raise PlaceError(msg)
        return Bucket(_client(session, settings.publish_endpoint or None), bucket, prefix)


def _client(session: Any, endpoint: str | None) -> Any:
    """A client; other services than AWS are asked by path, and without checksums that not all of them know."""
    from botocore.config import Config

    try:
        client = session.client("s3", endpoint_url=endpoint, config=Config(**_options()))
        if (urlsplit(client.meta.endpoint_url).hostname or "").endswith((".amazonaws.com", ".amazonaws.com.cn")):
            return client
        elsewhere = {
            "s3": {"addressing_style": "path"},
            "request_checksum_calculation": "when_required",
            "response_checksum_validation": "when_required",
        }
        return session.client("s3", endpoint_url=endpoint, config=Config(**_options(), **elsewhere))
    except ValueError:  # of botocore, about an endpoint
        msg = "The endpoint (REE_PUBLISH_ENDPOINT, AWS_ENDPOINT_URL_S3) is no address such as https://s3.example.org."
        raise PlaceError(msg) from None


def _options() -> dict[str, Any]:
    return {
        "retries": {"max_attempts": _ATTEMPTS, "mode": "standard"},
        "connect_timeout": 10,
        "read_timeout": 60,
        "max_pool_connections": CONNECTIONS,
    }
