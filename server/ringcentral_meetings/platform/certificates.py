"""The certificates that TLS connections trust, and why one is not trusted."""

import os
import re
import ssl
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx

FILE_SETTING: Final = "SSL_CERT_FILE"
DIRECTORY_SETTING: Final = "SSL_CERT_DIR"
FILES: Final = (
    "/etc/ssl/cert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/cert.pem",
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/ssl/ca-bundle.pem",
)
"""Where Unix systems keep their certificates in one file; as truststore 0.10 has them (`_openssl.py`)."""

_HASHED = re.compile(r"[0-9a-f]{8}\.[0-9]+", re.ASCII | re.IGNORECASE)


class Untrusted(httpx.ConnectError):
    """The server's certificate failed verification; nothing was sent.

    `code` and `why` are OpenSSL's (`X509_V_ERR_*`, openssl-verify(1)); `issuer` is who issued the topmost
    certificate of the chain, None where it cannot be read.
    """

    def __init__(self, failed: ssl.SSLCertVerificationError) -> None:
        super().__init__(failed.verify_message)
        self.code = failed.verify_code
        self.why = failed.verify_message
        self.issuer: str | None = getattr(failed, _ISSUER, None)


class UnusableStore(httpx.ConnectError):
    """The certificates that `setting` names cannot be read; nothing was sent."""

    def __init__(self, setting: str, path: str, why: str) -> None:
        super().__init__(f"{setting}: {path} {why}")
        self.setting = setting
        self.path = path
        self.why = why


@dataclass(frozen=True, slots=True)
class Trusted:
    """What connections trust, and where it comes from, in words to show."""

    context: ssl.SSLContext = field(repr=False)
    store: str


def trusted(environ: Mapping[str, str] = os.environ, places: Sequence[tuple[str, ...]] | None = None) -> Trusted:
    """Return the certificates to trust: those of `SSL_CERT_FILE` and `SSL_CERT_DIR`, else the system's, else certifi's.

    `places` are the files and directories where a Unix system may keep its certificates; the first that has any is
    used. The default is those of OpenSSL, then `FILES`.

    Raises:
        UnusableStore: a setting that names no certificates.
    """
    file, directory = environ.get(FILE_SETTING) or None, environ.get(DIRECTORY_SETTING) or None
    if file or directory:
        return _from_settings(file, directory)
    if sys.platform in {"win32", "darwin"}:
        import truststore

        return Trusted(truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT), "the operating system's")
    return _from_system(_usual_places() if places is None else places) or _from_certifi()


def _usual_places() -> Iterator[tuple[str, ...]]:
    paths = ssl.get_default_verify_paths()
    yield paths.openssl_cafile, paths.openssl_capath
    yield from ((file,) for file in FILES)


def _from_settings(file: str | None, directory: str | None) -> Trusted:
    context, named = _empty_context(), []
    if file:
        try:
            context.load_verify_locations(cafile=file)
        except OSError as fault:
            why = "holds no certificate in PEM form" if isinstance(fault, ssl.SSLError) else "cannot be read"
            raise UnusableStore(FILE_SETTING, file, why) from fault
        named.append(f"{FILE_SETTING} ({file})")
    if directory:
        if not _holds_hashed(directory):
            raise UnusableStore(DIRECTORY_SETTING, directory, "holds no certificates named by `openssl rehash`")
        context.load_verify_locations(capath=directory)
        named.append(f"{DIRECTORY_SETTING} ({directory})")
    return Trusted(context, " and ".join(named))


def _from_system(places: Iterable[tuple[str, ...]]) -> Trusted | None:
    """Return the store of a Unix system, None if it has none.

    `truststore.SSLContext` would look in the same places, but again for each connection, and OpenSSL before 3.4
    keeps every copy (truststore#212).
    """
    for together in places:
        context = _empty_context()
        if taken := [path for path in together if _trust_all_in(context, path)]:
            return Trusted(context, f"the operating system's ({' and '.join(taken)})")
    return None


def _trust_all_in(context: ssl.SSLContext, path: str) -> bool:
    """Trust the certificates of a file or directory; return whether there are any."""
    if _holds_hashed(path):
        context.load_verify_locations(capath=path)
        return True
    with suppress(OSError):
        context.load_verify_locations(cafile=path)
        return True
    return False


def _from_certifi() -> Trusted:
    import certifi

    context = _empty_context()
    context.load_verify_locations(cafile=certifi.where())
    return Trusted(context, "certifi's, since this system has none")


def _holds_hashed(directory: str) -> bool:
    """Return whether a directory has certificates named as OpenSSL looks for them, by the hash of their subject."""
    with suppress(OSError):
        return any(_HASHED.fullmatch(entry.name) for entry in Path(directory).iterdir())
    return False


_ISSUER: Final = "ringcentral_issuer"


def _empty_context() -> ssl.SSLContext:
    """Return a context without certificates that verifies them as Python's default does, but for VERIFY_X509_STRICT.

    Python 3.13 sets that flag; authorities of proxies that inspect TLS commonly fail it (RFC 5280, 4.2.1.1).
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.sslobject_class = _Session
    return context


class _Session(ssl.SSLObject):
    """Records, when verification fails, who issued the certificate."""

    def do_handshake(self) -> None:
        try:
            super().do_handshake()
        except ssl.SSLCertVerificationError as failed:
            setattr(failed, _ISSUER, _issuer(self))
            raise


def _issuer(session: ssl.SSLObject) -> str | None:
    """Return the name of the issuer of the last certificate that the server presented."""
    # Public (`SSLObject.get_unverified_chain`) from Python 3.13 on, as bytes to decode; truststore uses this one too.
    chain_of: Callable[[], Any] = getattr(getattr(session, "_sslobj", None), "get_unverified_chain", tuple)
    with suppress(LookupError, AttributeError, TypeError, ValueError):
        names = dict(pair for name in chain_of()[-1].get_info()["issuer"] for pair in name)
        parts = map(names.get, ("commonName", "organizationName", "organizationalUnitName"))
        return ", ".join(part for part in parts if part) or None
    return None


def untrusted(fault: BaseException | None) -> Untrusted | None:
    """Return the failed verification behind an exception, if that is its cause."""
    while fault is not None:
        if isinstance(fault, ssl.SSLCertVerificationError):
            return Untrusted(fault)
        fault = fault.__cause__ or fault.__context__
    return None
