"""Secrets at rest: AES-256-GCM with a key that is not in the database, bound to their row and column.

A ciphertext copied to another row or column cannot be opened. Keys are a list: the first seals, all open, so a key can
be replaced while everything runs.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Sequence
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_KEY_ID_BYTES = 4
_NONCE_BYTES = 12
_SHORTEST_KEY = 16


class NotOurs(Exception):
    """A sealed value that no key can open for this row and column."""


class WeakKeys(ValueError):
    """An unsafe list of keys: it is empty, a key is too short, or a key occurs twice."""


class Keyring:
    """The keys secrets are sealed with. Its ``repr`` shows none of them."""

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys or any(len(key) < _SHORTEST_KEY for key in keys):
            raise WeakKeys(
                f"every secret key needs at least {_SHORTEST_KEY} characters, and there has to be one"
            )
        if len(set(keys)) != len(keys):
            raise WeakKeys("the same secret key is given twice")
        self._keys = {_key_id(key): _derived(key, "seal") for key in keys}
        self._fingerprint_keys = [_derived(key, "fingerprint") for key in keys]

    def seal(self, secret: str, *, row: UUID, column: str) -> bytes:
        """``secret``, sealed with the first key for this row and column only."""
        key_id, key = next(iter(self._keys.items()))
        nonce = os.urandom(_NONCE_BYTES)
        return key_id + nonce + AESGCM(key).encrypt(nonce, secret.encode(), _place(row, column, key_id))

    def open(self, sealed: bytes, *, row: UUID, column: str) -> str:
        """The secret that was sealed for this row and column. Raises NotOurs."""
        key_id, rest = sealed[:_KEY_ID_BYTES], sealed[_KEY_ID_BYTES:]
        key = self._keys.get(key_id)
        if key is None:
            raise NotOurs
        try:
            plain = AESGCM(key).decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], _place(row, column, key_id))
        except (InvalidTag, ValueError) as error:
            raise NotOurs from error
        return plain.decode()

    def has_key_of(self, sealed: bytes) -> bool:
        """True when it was sealed with one of these keys."""
        return sealed[:_KEY_ID_BYTES] in self._keys

    def is_current(self, sealed: bytes) -> bool:
        """True when it was sealed with the first key; after a rotation every value is."""
        return sealed[:_KEY_ID_BYTES] == next(iter(self._keys))

    def fingerprint(self, secret: str) -> bytes:
        """The HMAC-SHA-256 of a secret with the first key, by which it is found although its text is not stored."""
        return _hmac(self._fingerprint_keys[0], secret)

    def fingerprints(self, secret: str) -> list[bytes]:
        """The fingerprints with every key, for finding secrets stored before a rotation."""
        return [_hmac(key, secret) for key in self._fingerprint_keys]

    def signature(self, message: str) -> str:
        """The signature of a message with the first key, as text for addresses, cookies and forms."""
        return _as_text(self.fingerprint(message))

    def is_signature(self, signature: str, message: str) -> bool:
        """True when this is the signature of the message with any key that is still in use."""
        return signature.isascii() and any(
            hmac.compare_digest(_as_text(code), signature) for code in self.fingerprints(message)
        )


def _as_text(code: bytes) -> str:
    return base64.urlsafe_b64encode(code).decode().rstrip("=")


def _hmac(key: bytes, secret: str) -> bytes:
    return hmac.new(key, secret.encode(), hashlib.sha256).digest()


def _key_id(key: str) -> bytes:
    return hashlib.sha256(b"crmap key id " + key.encode()).digest()[:_KEY_ID_BYTES]


def _derived(key: str, purpose: str) -> bytes:
    return hmac.new(key.encode(), f"crmap {purpose}".encode(), hashlib.sha256).digest()


def _place(row: UUID, column: str, key_id: bytes) -> bytes:
    return b"|".join((row.bytes, column.encode(), key_id))
