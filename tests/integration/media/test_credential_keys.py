"""The keys that sign copies: made once, readable by their owner, renewed, or an owner's own."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from core import clock
from core.models import ServerSetting
from media import credential_keys, credentials, shared_authority
from tests.support.builders.maker_credentials import c2pa_or_skip
from tests.support.certificates import make_certificate


@pytest.fixture
def home(settings: Any, tmp_path: Path) -> Path:
    settings.HOME = tmp_path
    return tmp_path


def ending_in(days: int, folder: Path) -> None:
    """Let the certificate that signs end so soon."""
    top = x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes())
    key = load_pem_private_key((folder / "leaf.pem").read_bytes(), None)
    authority = load_pem_private_key((folder / "ca.pem").read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    assert isinstance(authority, ec.EllipticCurvePrivateKey)
    now = clock.now()
    leaf = (
        x509.CertificateBuilder()
        .subject_name(top.subject)
        .issuer_name(top.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=300))
        .not_valid_after(now + timedelta(days=days))
        .sign(authority, hashes.SHA256())
    )
    private = (folder / "leaf.pem").read_text().partition("-----BEGIN CERT")[0]
    chain = "".join(credential_keys.pem_of(one) for one in (leaf, top))
    (folder / "leaf.pem").write_text(private + chain)


def test_all_who_begin_at_once_have_the_same_keys(home: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        signers = list(threads.map(lambda _: credential_keys.load(), range(8)))
    assert len({signer.chain[0].serial_number for signer in signers}) == 1
    leaf, top = signers[0].chain
    leaf.verify_directly_issued_by(top)
    assert credentials.public_authority() == credential_keys.pem_of(top)
    files = sorted((home / "marks").iterdir())
    assert [path.name for path in files] == ["ca.pem", "leaf.pem"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert stat.S_IMODE((home / "marks").stat().st_mode) == 0o700


def test_a_key_is_renewed_thirty_days_before_its_end(home: Path) -> None:
    top = credential_keys.load().chain[1]
    ending_in(31, home / "marks")
    assert not credential_keys.load().ends_within(30)
    assert credential_keys.load().ends_within(32)
    ending_in(29, home / "marks")
    signer = credential_keys.load()
    assert signer.chain[1] == top
    assert not signer.ends_within(364)
    signer.chain[0].verify_directly_issued_by(top)


def test_a_key_of_another_authority_is_replaced(home: Path) -> None:
    before = credential_keys.load()
    (home / "marks/ca.pem").unlink()
    after = credential_keys.load()
    assert before.chain[1] != after.chain[1]
    after.chain[0].verify_directly_issued_by(after.chain[1])


@pytest.mark.django_db
def test_all_beside_the_keys_is_private_by_itself(home: Path) -> None:
    """With any umask: the doctor reports a file there that others can read as a fault."""
    c2pa_or_skip()
    before = os.umask(0o022)
    try:
        shared_authority.tend()
    finally:
        os.umask(before)
    files = list((home / "marks").iterdir())
    assert {path.name for path in files} == {"ca.pem", "leaf.pem", "opened.json"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


@pytest.mark.django_db
def test_all_machines_have_one_authority_and_each_its_key(settings: Any, tmp_path: Path) -> None:
    c2pa_or_skip()
    folders = [tmp_path / name for name in ("first", "second")]
    before = []
    for folder in folders:
        folder.mkdir()
        settings.HOME = folder
        before.append(credential_keys.load())
    assert before[0].chain[1] != before[1].chain[1]
    after = []
    for folder in folders:
        settings.HOME = folder
        shared_authority.tend()
        after.append(credential_keys.load())
    assert after[0].chain == before[0].chain
    assert after[1].chain[1] == after[0].chain[1]
    assert after[1].chain[0] != after[0].chain[0]
    after[1].chain[0].verify_directly_issued_by(after[0].chain[1])
    # What was opened is known without opening it, until something changes.
    assert credentials.noted_id() == after[1].id
    leaf = folders[1] / "marks/leaf.pem"
    leaf.write_text("nothing")
    assert credentials.noted_id() == ""
    leaf.unlink()
    shared_authority.tend()
    after[1] = credential_keys.load()
    assert after[1].chain[1] == after[0].chain[1]
    assert credentials.noted_id() == after[1].id
    [row] = ServerSetting.objects.all()
    assert "PRIVATE KEY" not in str(row.value)
    # With another secret key it can't be opened: the next machine's is taken.
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", []
    shared_authority.tend()
    assert credential_keys.load().chain == after[1].chain
    settings.HOME = folders[0]
    shared_authority.tend()
    assert credential_keys.load().chain[1] == after[1].chain[1]


def test_an_owners_certificates_are_used(settings: Any, home: Path) -> None:
    own = make_certificate(home / "own.pem")
    settings.C2PA_CHAIN = settings.C2PA_KEY = str(own)
    assert credential_keys.pem_of(credential_keys.load().chain[0]) in own.read_text()
    assert credentials.public_authority() == ""
    assert not (home / "marks").exists()
    settings.C2PA_KEY = str(make_certificate(home / "other.pem"))
    with pytest.raises(ValueError, match="isn't the key of the first certificate"):
        credential_keys.load()


def test_a_damaged_key_is_named_with_a_remedy(home: Path) -> None:
    credential_keys.load()
    (home / "marks/leaf.pem").write_text("nothing")
    with pytest.raises(ValueError, match=r"leaf\.pem is damaged: restore it .* or remove it"):
        credential_keys.load()
