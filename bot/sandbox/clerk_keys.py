"""The keys Clerk signs tokens with, and what is published of them."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm


@dataclass(frozen=True)
class Key:
    """One RSA key; `kid` is its public name."""

    kid: str
    private: rsa.RSAPrivateKey

    def published(self) -> dict[str, Any]:
        """The public half as a JSON Web Key (RFC 7517)."""
        numbers = RSAAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        return {"use": "sig", "kty": "RSA", "kid": self.kid, "alg": "RS256", "n": numbers["n"], "e": numbers["e"]}


def _fresh() -> Key:
    return Key(f"ins_{secrets.token_hex(12)}", rsa.generate_private_key(public_exponent=65537, key_size=2048))


class Keys:
    """The published keys, the newest of which signs."""

    def __init__(self) -> None:
        self._ring: tuple[Key, ...] = ()

    def _all(self) -> tuple[Key, ...]:
        # Made when it is first asked for: it takes a tenth of a second, and a state file may bring some.
        if not self._ring:
            self._ring = (_fresh(),)
        return self._ring

    def rotate(self, *, retire: bool = False) -> str:
        """Sign with a new key from now on. Earlier ones stay published unless told to `retire` them.

        Returns the new key's id.
        """
        key = _fresh()
        self._ring = (key,) if retire else (*self._all(), key)
        return key.kid

    def sign(self, claims: Mapping[str, Any], headers: Mapping[str, Any] | None = None) -> str:
        """A JWT signed RS256 with the newest key; `headers` are added to or replace its own."""
        key = self._all()[-1]
        return jwt.encode(dict(claims), key.private, "RS256", headers={"kid": key.kid, **(headers or {})})

    def published(self) -> list[dict[str, Any]]:
        """The `keys` of the JWKS document, oldest first."""
        return [key.published() for key in self._all()]

    def kept(self) -> list[dict[str, str]]:
        """The keys as a state file keeps them."""
        return [
            {
                "kid": key.kid,
                "pem": key.private.private_bytes(
                    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
                ).decode(),
            }
            for key in self._all()
        ]

    def take_back(self, kept: Sequence[Mapping[str, str]]) -> None:
        """Use kept keys instead. Raises ValueError when one is not an RSA key."""
        ring = []
        for entry in kept:
            private = serialization.load_pem_private_key(
                # It was made here; looking for its primes again would take as long as making it.
                entry["pem"].encode(),
                password=None,
                unsafe_skip_rsa_key_validation=True,
            )
            if not isinstance(private, rsa.RSAPrivateKey):
                raise ValueError("a key that is not RSA")
            ring.append(Key(entry["kid"], private))
        if not ring:
            raise ValueError("no keys")
        self._ring = tuple(ring)
