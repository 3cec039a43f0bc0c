"""Keys that the credentials (C2PA) of copies are signed with, made and opened.

Below `marks` in the data folder, or an owner's own. Only this process has them: the sandbox, which
writes the credentials, asks for one signature (`media.sandbox.signature`). Import this module in
functions, see `credentials`.
"""

from __future__ import annotations

import contextlib
import logging
import os
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TypeAlias, TypeGuard

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from django.conf import settings
from django.db import transaction

from core import clock, durable, encrypted_fields
from core.models import ServerSetting
from core.public_url import host_of
from core.releases import RELEASE
from media import credentials

logger = logging.getLogger(__name__)

AUTHORITY_DAYS, LEAF_DAYS = 3650, 365
# So long before a leaf ends another takes its place; an authority before it can't sign for a year.
RENEWAL_DAYS: Final = 30
_PURPOSE: Final = "authority of credentials"
# By the curve of a key: the algorithm of COSE, and how it hashes.
_CURVES: Final[dict[str, tuple[str, hashes.HashAlgorithm]]] = {
    "secp256r1": ("ES256", hashes.SHA256()),
    "secp384r1": ("ES384", hashes.SHA384()),
    "secp521r1": ("ES512", hashes.SHA512()),
}
_USAGES: Final = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
    *("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)

PrivateKey: TypeAlias = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


@dataclass(frozen=True, slots=True)
class Signer:
    """A key with its chain of certificates, its own first."""

    key: PrivateKey
    chain: list[x509.Certificate]

    @property
    def algorithm(self) -> str:
        return _CURVES[self.key.curve.name][0] if isinstance(self.key, _Elliptic) else "ED25519"

    @property
    def issuer(self) -> str:
        """The organization that readers of credentials show."""
        [*_, name] = ["", *self.chain[0].subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)]
        return str(name.value) if name else self.chain[0].subject.rfc4514_string()

    @property
    def id(self) -> str:
        return credentials.id_of(self.chain[0].public_bytes(Encoding.DER))

    @property
    def end(self) -> datetime:
        return self.chain[0].not_valid_after_utc

    @property
    def due(self) -> datetime:
        """The time when it or its authority is replaced. An owner's own just ends."""
        if settings.C2PA_CHAIN:
            return self.end
        authority_due = self.chain[-1].not_valid_after_utc - timedelta(days=LEAF_DAYS)
        return min(self.end - timedelta(days=RENEWAL_DAYS), authority_due)

    def ends_within(self, days: int) -> bool:
        return self.end - clock.now() < timedelta(days=days)

    @property
    def arguments(self) -> dict[str, str]:
        """Return what the job of the sandbox is told."""
        chain = "".join(pem_of(one) for one in self.chain)
        return {"chain": chain, "algorithm": self.algorithm, "version": RELEASE}

    def sign(self, data: bytes) -> bytes:
        """Return the signature as COSE writes it."""
        if not isinstance(self.key, _Elliptic):
            return self.key.sign(data)
        size = (self.key.key_size + 7) // 8
        signature = self.key.sign(data, ec.ECDSA(_CURVES[self.key.curve.name][1]))
        return b"".join(part.to_bytes(size) for part in decode_dss_signature(signature))


_Elliptic = ec.EllipticCurvePrivateKey


def signer() -> Signer | None:
    """The one of this server, made if there is none; None where copies can't be signed."""
    if not credentials.is_installed():
        return None
    try:
        return load()
    except (OSError, ValueError) as problem:
        logger.error("copies are not signed: %s", problem)
        return None


def load() -> Signer:
    """As `signer`. Raises ValueError and OSError, which say what is wrong with the files."""
    if settings.C2PA_CHAIN:
        return _of_owner(Path(settings.C2PA_CHAIN), Path(settings.C2PA_KEY))
    authority = _authority()
    leaf = _keys_in(credentials.leaf_path())
    # Its chain ends in an authority that may have been replaced since.
    if leaf is None or leaf.chain[1:] != authority.chain or leaf.ends_within(RENEWAL_DAYS):
        leaf = _store(credentials.leaf_path(), _new_leaf(authority), replaces=leaf is not None)
    return leaf


def current() -> Signer | None:
    """As `load`, but nothing is made: None before the first."""
    return load() if settings.C2PA_CHAIN else _keys_in(credentials.leaf_path())


def agree() -> None:
    """Use the authority that the database has, or store this machine's there. Not inside a
    transaction: a file is written."""
    if settings.C2PA_CHAIN or not credentials.is_installed():
        return
    try:
        own = own_authority()
        with transaction.atomic():
            theirs = _common_authority(own)
        if theirs != own:
            replace_authority(theirs)
            logger.warning("copies are signed by the authority of the server's other machines now")
    except (OSError, ValueError) as problem:
        # Signing a copy logs the same problem.
        logger.error("the authority of copies can't be used: %s", problem)


def _common_authority(own: str) -> str:
    """Return the stored authority, own where there is none that can be used, which is stored."""
    row = ServerSetting(name=credentials.COMMON, value=_seal(own))
    ServerSetting.objects.bulk_create([row], ignore_conflicts=True)
    row = ServerSetting.objects.select_for_update().get(name=credentials.COMMON)
    try:
        theirs = encrypted_fields.unseal(str(row.value).encode(), purpose=_PURPOSE)
    except encrypted_fields.CannotOpen:
        theirs = ""
    if theirs and is_lasting(theirs):
        return theirs
    row.value = _seal(own)
    row.save()
    return own


def _seal(text: str) -> str:
    return encrypted_fields.seal(text, purpose=_PURPOSE).decode()


def own_authority() -> str:
    """Return the key and the certificate of this machine's authority as PEM, made if there is none.
    Raises as `load`."""
    return _pem_of_keys(_authority())


def replace_authority(text: str) -> None:
    """Have this machine sign by another authority, as `own_authority` returns them."""
    _store(credentials.authority_path(), _keys_of(text.encode(), "the authority"), replaces=True)


def is_lasting(text: str) -> bool:
    """Return whether an authority, as `own_authority` returns them, can sign for a year."""
    return not _keys_of(text.encode(), "the authority").ends_within(LEAF_DAYS)


def _of_owner(chain: Path, key: Path) -> Signer:
    try:
        certificates = x509.load_pem_x509_certificates(chain.read_bytes())
        private = load_pem_private_key(key.read_bytes(), password=None)
    except (ValueError, TypeError) as problem:
        raise ValueError(f"REELGRAPH_C2PA_CHAIN or REELGRAPH_C2PA_KEY: {problem}") from problem
    if not _is_usable(private):
        raise ValueError("REELGRAPH_C2PA_KEY: use a key on P-256, P-384 or P-521, or Ed25519.")
    if private.public_key() != certificates[0].public_key():
        raise ValueError(
            "REELGRAPH_C2PA_KEY isn't the key of the first certificate in REELGRAPH_C2PA_CHAIN."
        )
    return Signer(private, certificates)


def _is_usable(key: Any) -> TypeGuard[PrivateKey]:
    if isinstance(key, _Elliptic):
        return key.curve.name in _CURVES
    return isinstance(key, ed25519.Ed25519PrivateKey)


def _authority() -> Signer:
    authority = _keys_in(credentials.authority_path())
    if authority is not None and not authority.ends_within(LEAF_DAYS):
        return authority
    if authority is not None:
        logger.warning("a new authority signs copies: the one before ends on %s", authority.end)
    return _store(credentials.authority_path(), _new_authority(), replaces=authority is not None)


def _new_authority() -> Signer:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("Reelgraph CA")
    certificate = _certificate(name, key.public_key(), AUTHORITY_DAYS, name, key.public_key())
    certificate = certificate.add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
    certificate = certificate.add_extension(_usage("key_cert_sign", "crl_sign"), critical=True)
    return Signer(key, [certificate.sign(key, hashes.SHA256())])


def _new_leaf(authority: Signer) -> Signer:
    key = ec.generate_private_key(ec.SECP256R1())
    [top] = authority.chain
    certificate = _certificate(
        _name("Reelgraph"), key.public_key(), LEAF_DAYS, top.subject, authority.key.public_key()
    )
    certificate = certificate.add_extension(x509.BasicConstraints(False, None), critical=True)
    certificate = certificate.add_extension(_usage("digital_signature"), critical=True)
    # One of the purposes that C2PA allows for signers.
    purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
    certificate = certificate.add_extension(purpose, critical=False)
    return Signer(key, [certificate.sign(authority.key, hashes.SHA256()), top])


def _certificate(
    subject: x509.Name, public: Any, days: int, issuer: x509.Name, issuer_key: Any
) -> x509.CertificateBuilder:
    now = clock.now()
    own = x509.SubjectKeyIdentifier.from_public_key(public)
    above = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        # Clocks of others may be behind.
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(own, critical=False)
        .add_extension(above, critical=False)
    )


def _name(common: str) -> x509.Name:
    [*_, host] = ["", *host_of(settings.PUBLIC_URL)]
    organization = f"Reelgraph at {host}"[:64] if host else "Reelgraph"
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, common),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
        ]
    )


def _usage(*names: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{name: name in names for name in _USAGES})


def pem_of(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()


def _keys_in(path: Path) -> Signer | None:
    """The key and the chain of one file, None where there is none."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    return _keys_of(content, str(path))


@lru_cache(maxsize=4)
def _keys_of(content: bytes, name: str) -> Signer:
    """name: of what has them, for people."""
    try:
        key = load_pem_private_key(content, password=None)
        chain = x509.load_pem_x509_certificates(content)
    except (ValueError, TypeError) as problem:
        raise ValueError(f"{name} is damaged: restore it from a backup or remove it.") from problem
    if not _is_usable(key):
        raise ValueError(f"{name} has a key that can't be used: remove it.")
    return Signer(key, chain)


def _pem_of_keys(keys: Signer) -> str:
    private = keys.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private.decode() + "".join(pem_of(one) for one in keys.chain)


def _store(path: Path, keys: Signer, *, replaces: bool) -> Signer:
    """Write a key with its chain as one file, readable by its owner only; what is there then.

    The file is whole, and on the disk, or not there. Of two processes that make the first, one's
    stays; of two that renew, the last one's: what either has signed stays good.
    """
    folder = path.parent
    folder.mkdir(mode=0o700, exist_ok=True)
    descriptor, scratch = tempfile.mkstemp(prefix=f".{path.name}-", dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(_pem_of_keys(keys).encode())
            file.flush()
            durable.to_disk(file.fileno())
        if replaces:
            os.replace(scratch, path)
        else:
            with contextlib.suppress(FileExistsError):
                os.link(scratch, path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(scratch)
    durable.folder_to_disk(folder)
    there = _keys_in(path)
    if there is None:
        raise FileNotFoundError(f"{path} was removed while it was made.")
    return there
