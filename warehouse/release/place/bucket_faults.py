"""What the faults of a bucket mean, and the remedy. Only codes are shown: messages may hold parts of credentials."""

from __future__ import annotations

from collections.abc import Mapping

_AGAIN = "Run the command again; it goes on where it stopped."
_RIGHTS = (
    "Permit s3:ListBucket on the bucket, and s3:GetObject, s3:PutObject and (with --keep) s3:DeleteObject on its"
    " objects, or use other credentials."
)
_NEW_CREDENTIALS = "Get new credentials, as with `aws sso login`."
_REGION = "the bucket is in another region. Name it in REE_PUBLISH_REGION or AWS_DEFAULT_REGION."
_CLOCK = "this machine's clock differs too much from the server's. Set it (timedatectl), and publish again."
_OF_SERVERS: Mapping[str, str] = {
    "NoSuchBucket": "there is no such bucket. Create it, or correct its name and the endpoint.",
    "AccessDenied": f"access was denied. {_RIGHTS}",
    "403": f"access was denied. {_RIGHTS}",
    "AllAccessDisabled": f"access was denied. {_RIGHTS}",
    "InvalidAccessKeyId": "the server does not know this access key. Check AWS_ACCESS_KEY_ID and the endpoint.",
    "SignatureDoesNotMatch": "the secret key does not belong to the access key. Check AWS_SECRET_ACCESS_KEY.",
    "ExpiredToken": f"the credentials have expired. {_NEW_CREDENTIALS}",
    "ExpiredTokenException": f"the credentials have expired. {_NEW_CREDENTIALS}",
    "InvalidToken": f"the session token is invalid. {_NEW_CREDENTIALS}",
    "RequestTimeTooSkewed": _CLOCK,
    "RequestExpired": _CLOCK,
    "PermanentRedirect": _REGION,
    "301": _REGION,
    "AuthorizationHeaderMalformed": _REGION,
    "IllegalLocationConstraintException": _REGION,
    "QuotaExceeded": "the bucket is full. Raise its quota, or keep fewer releases (--keep).",
    "XMinioStorageFull": "the bucket is full. Add storage, or keep fewer releases (--keep).",
    "InsufficientStorage": "the bucket is full. Add storage, or keep fewer releases (--keep).",
    "507": "the bucket is full. Add storage, or keep fewer releases (--keep).",
    "BadDigest": f"a file was damaged on its way. {_AGAIN}",
    "SlowDown": f"the server asks for fewer requests. Wait a minute. {_AGAIN}",
    "ServiceUnavailable": f"the server is not available. {_AGAIN}",
    "503": f"the server is not available. {_AGAIN}",
    "InternalError": f"the server failed. {_AGAIN}",
    "500": f"the server failed. {_AGAIN}",
}
_HERE: Mapping[str, str] = {
    "NoCredentialsError": "there are no credentials. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE.",
    "PartialCredentialsError": "the credentials are incomplete. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY both.",
    "CredentialRetrievalError": f"the credentials could not be fetched. {_NEW_CREDENTIALS}",
    "UnauthorizedSSOTokenError": f"the credentials have expired. {_NEW_CREDENTIALS}",
    "SSOTokenLoadError": f"the credentials have expired. {_NEW_CREDENTIALS}",
    "TokenRetrievalError": f"the credentials have expired. {_NEW_CREDENTIALS}",
    "ProfileNotFound": "AWS_PROFILE names a profile that ~/.aws/config does not have. Correct it, or unset it.",
    "ConfigParseError": "a file of AWS (~/.aws/config, ~/.aws/credentials) cannot be read. Correct it.",
    "NoRegionError": "no region is set. Name it in REE_PUBLISH_REGION or AWS_DEFAULT_REGION.",
    "InvalidRegionError": "the region is no region. Correct REE_PUBLISH_REGION or AWS_DEFAULT_REGION.",
    "EndpointConnectionError": "the server cannot be reached. Check the endpoint (REE_PUBLISH_ENDPOINT,"
    " AWS_ENDPOINT_URL_S3), the region and the network.",
    "ConnectTimeoutError": "the server cannot be reached. Check the endpoint (REE_PUBLISH_ENDPOINT,"
    " AWS_ENDPOINT_URL_S3), the region and the network.",
    "ProxyConnectionError": "the proxy cannot be reached. Check HTTPS_PROXY.",
    "ReadTimeoutError": f"the server stopped answering. {_AGAIN}",
    "ConnectionClosedError": f"the server closed the connection. {_AGAIN}",
    "IncompleteReadError": f"the server closed the connection. {_AGAIN}",
    "ResponseStreamingError": f"the server closed the connection. {_AGAIN}",
    "HTTPClientError": f"the connection failed. {_AGAIN}",
    "SSLError": "the server's certificate is not trusted. Name its authority in AWS_CA_BUNDLE.",
}


def sentence_of(error: Exception) -> str:
    """What an exception of botocore means, by its code or its class, and the remedy."""
    response = getattr(error, "response", None)
    if isinstance(response, dict):
        code = str(response.get("Error", {}).get("Code", ""))
        status = str(response.get("ResponseMetadata", {}).get("HTTPStatusCode", ""))
        known = _OF_SERVERS.get(code) or _OF_SERVERS.get(status)
        return known or f"the server refused a request ({code or 'no code'}, status {status}). Check the server's log."
    for kind in type(error).__mro__:
        if kind.__name__ in _HERE:
            return _HERE[kind.__name__]
    return f"a request could not be made ({type(error).__name__}). Check the settings of AWS and the endpoint."
