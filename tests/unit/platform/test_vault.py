"""A sealed secret opens with its key and for its purpose, and with nothing else."""

import base64
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.kernel.errors import Unavailable
from muniment.platform.vault import KEY_BYTES, SealedSecret, Vault

plains = st.binary(max_size=500)
purposes = st.text(max_size=50)
keys = st.binary(min_size=KEY_BYTES, max_size=KEY_BYTES)


@given(keys, plains, purposes)
def test_what_was_sealed_opens_again(key: bytes, plain: bytes, purpose: str) -> None:
    sealed = Vault(key).seal(plain, bound_to=purpose)
    stored = SealedSecret.model_validate_json(sealed.model_dump_json())
    assert Vault(key).open(stored, bound_to=purpose) == plain


@given(keys, keys, plains, purposes)
def test_another_key_opens_nothing(key: bytes, other: bytes, plain: bytes, purpose: str) -> None:
    sealed = Vault(key).seal(plain, bound_to=purpose)
    if key != other:
        with pytest.raises(Unavailable, match="master key"):
            Vault(other).open(sealed, bound_to=purpose)


@given(keys, plains, purposes, purposes)
def test_another_purpose_opens_nothing(key: bytes, plain: bytes, purpose: str, other: str) -> None:
    sealed = Vault(key).seal(plain, bound_to=purpose)
    if purpose != other:
        with pytest.raises(Unavailable):
            Vault(key).open(sealed, bound_to=other)


@given(keys, plains, st.sampled_from(["wrapped_key", "nonce", "ciphertext"]), st.data())
def test_one_changed_bit_opens_nothing(
    key: bytes, plain: bytes, part: str, data: st.DataObject
) -> None:
    sealed = Vault(key).seal(plain, bound_to="it")
    raw = bytearray(base64.b64decode(getattr(sealed, part)))
    bit = data.draw(st.integers(0, 8 * len(raw) - 1))
    raw[bit // 8] ^= 1 << bit % 8
    forged = sealed.model_copy(update={part: base64.b64encode(raw).decode()})
    with pytest.raises(Unavailable):
        Vault(key).open(forged, bound_to="it")


@given(keys, st.binary(min_size=8, max_size=200))
def test_the_secret_is_not_in_what_is_stored(key: bytes, plain: bytes) -> None:
    vault = Vault(key)
    one, two = vault.seal(plain, bound_to="it"), vault.seal(plain, bound_to="it")
    assert one.ciphertext != two.ciphertext
    for part in (one.wrapped_key, one.ciphertext):
        raw = base64.b64decode(part)
        assert plain not in raw
        assert key not in raw


def test_of_many_processes_that_make_the_key_one_wins(tmp_path: Path) -> None:
    place = tmp_path / "keys" / "master.key"
    with ThreadPoolExecutor(8) as pool:
        vaults = list(pool.map(lambda _: Vault.from_file(place), range(8)))
    assert len({vault.key_id for vault in vaults}) == 1
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert list(place.parent.iterdir()) == [place]


def test_a_key_that_cannot_be_read_or_is_too_short_is_told(tmp_path: Path) -> None:
    (tmp_path / "short").write_bytes(b"short")
    with pytest.raises(Unavailable, match="32 bytes"):
        Vault.from_file(tmp_path / "short")
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match="cannot be read or written"):
        Vault.from_file(tmp_path / "file" / "master.key")
