"""The keys of a deployment: a file of secrets, from which every other key is derived.

Facts: RFC 5869 (HKDF).
"""

import base64
import binascii
import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES: Final = 32
LONGEST_FILE_BYTES: Final = 65_536

Purpose = Literal["vault", "registrations", "browser", "request-state", "replay", "names"]

_MADE_BY: Final = "make one with `openssl rand -hex 32`"


class UnsafeKeys(Exception):
    """A file of keys that cannot be used, or that is not secret. One line, which repeats no key."""


class KeyRing:
    """Secrets of 32 bytes or more. What the first seals, any of them opens.

    `names` is not replaced: it makes the names under which things are stored. To replace a key, add the new one at the
    end on every replica, then move it to the front on every replica, then remove the old one when nothing is left
    that it sealed.
    """

    def __init__(self, names: bytes, keys: Sequence[bytes]) -> None:
        if not keys:
            raise UnsafeKeys(f"there is no key: {_MADE_BY}")
        for secret in (names, *keys):
            if len(secret) < KEY_BYTES:
                raise UnsafeKeys(f"a key has {len(secret)} bytes, and must have {KEY_BYTES} or more: {_MADE_BY}")
        if len({names, *keys}) != len(keys) + 1:
            raise UnsafeKeys(f"the same key is there twice: {_MADE_BY}")
        self._keys = tuple(keys)
        self._naming = _derived(names, "names")

    @classmethod
    def load(cls, path: Path) -> "KeyRing":
        """Return the ring of a file with a line `names SECRET` and lines `key SECRET`, in hex or base64.

        Raises `UnsafeKeys` where others can read it, or where something is wrong with it.
        """
        try:
            with path.open("rb") as file:
                if os.name == "posix" and os.fstat(file.fileno()).st_mode & 0o007:
                    raise UnsafeKeys(f"{path}: everybody on this machine can use it: chmod 600 {path}")
                text = file.read(LONGEST_FILE_BYTES).decode()
        except OSError as fault:
            raise UnsafeKeys(f"{path}: {fault.strerror or type(fault).__name__}") from fault
        except UnicodeDecodeError:
            raise UnsafeKeys(f"{path}: it is not text") from None
        try:
            return cls.of_text(text)
        except UnsafeKeys as unsafe:
            raise UnsafeKeys(f"{path}: {unsafe}") from None

    @classmethod
    def of_text(cls, text: str) -> "KeyRing":
        """Return the ring that a file's text describes. Raises `UnsafeKeys`."""
        found: dict[str, list[bytes]] = {"names": [], "key": []}
        for number, line in enumerate(text.splitlines(), 1):
            words = line.partition("#")[0].split()
            if not words:
                continue
            if len(words) != 2 or words[0] not in found:
                raise UnsafeKeys(f'line {number} is neither "names SECRET" nor "key SECRET"')
            found[words[0]].append(_decoded(words[1], number))
        if len(found["names"]) != 1:
            raise UnsafeKeys(f'there must be one line "names SECRET": {_MADE_BY}')
        return cls(found["names"][0], found["key"])

    @classmethod
    def new(cls) -> "KeyRing":
        """Return new random keys, which are gone with this object."""
        return cls(secrets.token_bytes(KEY_BYTES), [secrets.token_bytes(KEY_BYTES)])

    @staticmethod
    def new_text() -> str:
        """Return the text of a new file."""
        return f"# names never changes. The first key seals, all open.\nnames {_secret()}\nkey {_secret()}\n"

    def derived(self, purpose: Purpose) -> list[bytes]:
        """Return a key of 32 bytes for each in the ring, the sealing one first; other purposes get other keys."""
        return [_derived(key, purpose) for key in self._keys]

    def request_state_keys(self) -> list[bytes]:
        """Return the keys for `mcp`'s `RequestStateSecurity`, whose first seals and all open, too."""
        return self.derived("request-state")

    def user(self, platform_host: str, account_id: str, extension_id: str) -> str:
        """Return what stands for a person in names, logs and metrics: 32 hex digits that tell nothing."""
        return self.digest("user", platform_host.lower(), account_id, extension_id)

    def account(self, platform_host: str, account_id: str) -> str:
        """Return what stands for an account."""
        return self.digest("account", platform_host.lower(), account_id)

    def digest(self, *parts: str) -> str:
        """Return what stands for something under which a thing is stored: 32 hex digits that tell nothing."""
        joined = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
        return hmac.new(self._naming, joined, hashlib.sha256).hexdigest()[:32]


def _derived(secret: bytes, purpose: Purpose) -> bytes:
    info = f"ringcentral-meetings-mcp/v1/{purpose}".encode()
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(secret)


def _secret() -> str:
    return secrets.token_hex(KEY_BYTES)


def _decoded(word: str, number: int) -> bytes:
    try:
        if re.fullmatch(r"(?:[0-9a-fA-F]{2})+", word):
            return bytes.fromhex(word)
        standard = word.rstrip("=").replace("-", "+").replace("_", "/")
        return base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise UnsafeKeys(f"line {number}: the secret is neither hex nor base64") from None
