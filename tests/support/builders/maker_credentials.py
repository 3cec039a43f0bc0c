"""Files with credentials (C2PA) of a maker, as services that generate write them."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NAME: Final = "Fox Works Inc."
PROMPT: Final = "prompt: a heron for Ottilie"
AI: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
CREATED: Final = {
    "action": "c2pa.created",
    "softwareAgent": {"name": "fox-image-1"},
    "digitalSourceType": AI,
}


def c2pa_or_skip() -> Any:
    """The official library, or the test is skipped."""
    return pytest.importorskip(
        "c2pa", reason="c2pa-python isn't installed: install requirements/marks.txt."
    )


@dataclass
class Maker:
    """A maker with an authority and a key."""

    authority: str = ""
    _chain: str = ""
    _key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def __post_init__(self) -> None:
        above = ec.generate_private_key(ec.SECP256R1())
        top = _builder("Fox root", above.public_key(), above)
        top = top.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        top = top.add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
        leaf = _builder("Fox signer", self._key.public_key(), above)
        leaf = leaf.add_extension(_usage(digital_signature=True), critical=True)
        purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
        leaf = leaf.add_extension(purpose, critical=False)
        self.authority = _pem(top, above)
        self._chain = _pem(leaf, above) + self.authority

    def signed(
        self,
        data: bytes,
        mime: str,
        *,
        title: str = "image.png",
        action: Mapping[str, Any] = CREATED,
    ) -> bytes:
        """The file with credentials: of an assertion with a prompt, and with a thumbnail."""
        c2pa = c2pa_or_skip()
        manifest = {
            "claim_generator_info": [{"name": "fox-api"}],
            "title": title,
            "assertions": [
                {"label": "c2pa.actions.v2", "data": {"actions": [action]}},
                {"label": "com.fox.prompt", "data": {"prompt": PROMPT}},
            ],
        }
        signer = c2pa.Signer.from_callback(self._sign, c2pa.C2paSigningAlg.ES256, self._chain)
        output = io.BytesIO()
        builder = c2pa.Builder(manifest, c2pa.Context())
        builder.sign(signer, mime, io.BytesIO(data), output)
        return output.getvalue()

    def _sign(self, data: bytes) -> bytes:
        pair = decode_dss_signature(self._key.sign(data, ec.ECDSA(hashes.SHA256())))
        return b"".join(part.to_bytes(32) for part in pair)


def read(data: bytes, mime: str, *authorities: str) -> dict[str, Any]:
    """What the official reader says of a file, trusting these authorities; {} for a bare one."""
    c2pa = c2pa_or_skip()
    trust = {"trust_anchors": "".join(authorities)}
    context = c2pa.Context.from_dict({"trust": trust, "verify": {"verify_trust": True}})
    try:
        reader = c2pa.Reader(mime, io.BytesIO(data), context=context)
    except c2pa.C2paError.ManifestNotFound:
        return {}
    found: dict[str, Any] = json.loads(reader.json())
    return found


def issuers_in(report: Mapping[str, Any]) -> list[str]:
    return [one["signature_info"]["issuer"] for one in report.get("manifests", {}).values()]


def _builder(
    common: str, public: ec.EllipticCurvePublicKey, above: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(above.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(_name(common))
        .issuer_name(_name("Fox root"))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(issuer, critical=False)
    )


def _name(common: str) -> x509.Name:
    names = {NameOID.COMMON_NAME: common, NameOID.ORGANIZATION_NAME: NAME}
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in names.items()])


def _usage(**names: bool) -> x509.KeyUsage:
    every = (
        *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
        *("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
    )
    return x509.KeyUsage(**{name: names.get(name, False) for name in every})


def _pem(builder: x509.CertificateBuilder, above: ec.EllipticCurvePrivateKey) -> str:
    return builder.sign(above, hashes.SHA256()).public_bytes(Encoding.PEM).decode()
