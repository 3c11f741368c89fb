"""Seals tokens so that only who has the refresh token which they replaced can open them.

Facts: RFC 5869 (HKDF), NIST SP 800-38D (AES-GCM).
"""

import json
import os
from dataclasses import replace
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ringcentral_meetings.store.records import Issued, mixed_up
from ringcentral_meetings.store.vault import NONCE_BYTES

INFO: Final = b"ringcentral-meetings-mcp/v1/same-answer"


def seal_answer(refresh: str, issued: Issued, *, name: str) -> bytes:
    """Return the tokens that replace a refresh token, sealed for the record of this name."""
    text = json.dumps([issued.access, issued.refresh, issued.expires_in, issued.scopes]).encode()
    nonce = os.urandom(NONCE_BYTES)
    return nonce + _cipher(refresh).encrypt(nonce, text, name.encode())


def open_answer(refresh: str, sealed: bytes, age: float, *, name: str) -> Issued:
    """Return the tokens that replaced a refresh token `age` seconds ago. Raises `StoreDown` where it is another's."""
    try:
        text = _cipher(refresh).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], name.encode())
    except (InvalidTag, ValueError):
        raise mixed_up(name) from None
    access, replacing, seconds, scopes = json.loads(text)
    issued = Issued(access, replacing, seconds, tuple(scopes))
    return replace(issued, expires_in=max(0, issued.expires_in - round(age)))


def _cipher(refresh: str) -> AESGCM:
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=None, info=INFO).derive(refresh.encode()))
