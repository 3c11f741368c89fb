"""Seals what is stored, so that it opens only under the name and for the owner that it was sealed for.

Facts: NIST SP 800-38D (AES-GCM).
"""

import hashlib
import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ringcentral_meetings.store.keys import KeyRing, Purpose

VERSION: Final = b"\x01"
KEY_ID_BYTES: Final = 4
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16

_HEAD_BYTES: Final = len(VERSION) + KEY_ID_BYTES


class Unopenable(Exception):
    """A value that was not sealed under this name for this owner: changed, or mixed up with another."""


class RetiredKey(Unopenable):
    """A value that was sealed with a key which is no longer in the ring."""


class Vault:
    """AES-256-GCM under the keys that a ring has for one purpose: the first seals, all open."""

    def __init__(self, ring: KeyRing, purpose: Purpose = "vault") -> None:
        self._purpose = purpose.encode()
        self._ciphers = {_key_id(key): AESGCM(key) for key in ring.derived(purpose)}
        self._sealing = _key_id(ring.derived(purpose)[0])

    def seal(self, value: bytes, *, name: str, owner: str) -> bytes:
        """Return a value sealed, with the name of its record and its owner bound in."""
        nonce, head = os.urandom(NONCE_BYTES), VERSION + self._sealing
        return head + nonce + self._ciphers[self._sealing].encrypt(nonce, value, self._bound(head, name, owner))

    def open(self, sealed: bytes, *, name: str, owner: str) -> bytes:
        """Return what was sealed for this name and owner. Raises `Unopenable`, `RetiredKey` among it."""
        head, nonce = sealed[:_HEAD_BYTES], sealed[_HEAD_BYTES : _HEAD_BYTES + NONCE_BYTES]
        if not head.startswith(VERSION) or len(sealed) < _HEAD_BYTES + NONCE_BYTES + TAG_BYTES:
            raise Unopenable(name)
        cipher = self._ciphers.get(head[len(VERSION) :])
        if cipher is None:
            raise RetiredKey(name)
        try:
            return cipher.decrypt(nonce, sealed[_HEAD_BYTES + NONCE_BYTES :], self._bound(head, name, owner))
        except InvalidTag:
            raise Unopenable(name) from None

    def is_current(self, sealed: bytes) -> bool:
        """Whether the key that seals now sealed it."""
        return sealed.startswith(VERSION + self._sealing)

    def _bound(self, head: bytes, name: str, owner: str) -> bytes:
        parts = (self._purpose, name.encode(), owner.encode())
        return head + b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"key id" + key).digest()[:KEY_ID_BYTES]
