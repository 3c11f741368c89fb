"""Errors of certificates and proxies, which keep a request from being sent."""

from ringcentral_meetings.errors.codes import Refused, quoted

_BY_CLOCK = frozenset({9, 10})
_OF_ANOTHER_NAME = frozenset({62, 64})


def untrusted_certificate(host: str, code: int, why: str, issuer: str | None) -> Refused:
    """Return the error for a certificate that failed verification; `code` and `why` as in openssl-verify(1)."""
    issued = f' It was issued by "{quoted(issuer)}".' if issuer else ""
    if code in _BY_CLOCK:
        next_step = f"Check this machine's clock; if it is right, tell whoever runs {quoted(host)}."
    elif code in _OF_ANOTHER_NAME:
        next_step = "Check RINGCENTRAL_SERVER_URL."
    else:
        next_step = (
            "If the network inspects TLS, set SSL_CERT_FILE to a PEM file of its authority and restart the server; "
            "otherwise do not trust this connection. `doctor` shows which certificates are trusted."
        )
    return Refused(
        "upstream_unavailable",
        f"The certificate of {quoted(host)} is not trusted ({quoted(why)}); the request was not sent.{issued}",
        next_step,
    )


def no_certificates(setting: str, path: str, why: str) -> Refused:
    return Refused(
        "upstream_unavailable",
        f"{setting} is set to {quoted(path)}, which {why}; nothing was sent.",
        f"Correct or unset {setting}, then restart the server.",
    )


def store_down(retry_after: float) -> Refused:
    """Return the error of a call to a server for many while what its processes share cannot be used."""
    return Refused(
        "upstream_unavailable",
        "The store that this server's processes share does not answer; nothing was sent to RingCentral.",
        "Call again in a moment.",
        retryable=True,
        retry_after_seconds=retry_after,
    )


def taken(what: str, seconds: float) -> Refused:
    """Return the error of a call that waited in vain for an equal or conflicting one to end."""
    return Refused(
        "upstream_unavailable",
        f"{what} waited for another call that does the same, and had no time left. Nothing was changed.",
        "Call again.",
        retryable=True,
        retry_after_seconds=seconds,
    )


def proxy_refused(proxy: str, status: int, host: str) -> Refused:
    """Return the error for a proxy that answered CONNECT with a status other than success."""
    if status == 407:
        next_step = "Set RINGCENTRAL_PROXY with the user and password that it wants: http://user:password@host:port."
    elif status >= 500:
        next_step = "Try again in a minute; if it stays, tell whoever runs the proxy."
    else:
        next_step = f"Ask whoever runs the proxy to let {quoted(host)} through, or correct RINGCENTRAL_PROXY."
    return Refused(
        "upstream_unavailable",
        f"The proxy {quoted(proxy)} answered with status {status} and did not connect to {quoted(host)}; "
        "the request was not sent.",
        next_step,
        retryable=status >= 500,
    )
