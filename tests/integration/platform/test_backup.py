"""A backup brings everything back: rows, keys, and the order of events."""

from pathlib import Path

import pytest

from muniment.composition.product import Product
from muniment.kernel.errors import Conflict, Invalid
from muniment.platform.backup import backup, restore
from muniment.platform.embedded import EmbeddedPostgres
from muniment.platform.migrate import prepared_store
from muniment.platform.settings import Settings


async def _product(settings: Settings) -> Product:
    return Product.on(settings, prepared_store(settings), application_name="tester")


async def test_what_was_backed_up_comes_back_on_another_machine(tmp_path: Path) -> None:
    here = Settings(state_dir=tmp_path / "here")
    there = Settings(state_dir=tmp_path / "there")
    try:
        first = await _product(here)
        async with first.writing() as unit:
            await unit.identity.create("ada")
        sealed = first.vault.seal(b"secret", bound_to="x")
        file = tmp_path / "muniment.backup"
        backup(here, file)
        assert file.stat().st_mode & 0o777 == 0o600
        with pytest.raises(Conflict):
            backup(here, file)
        await first.close()

        restore(there, file)
        second = await _product(there)
        async with second.reading() as unit:
            names = {fact.name for fact in await unit.identity.account_facts()}
        assert names == {"ada"}
        assert second.vault.open(sealed, bound_to="x") == b"secret"
        async with second.writing() as unit:
            await unit.identity.create("grace")
        await second.close()

        with pytest.raises(Conflict, match="--replace"):
            restore(there, file)
        restore(there, file, replace=True)
        third = await _product(there)
        async with third.reading() as unit:
            assert len(await unit.identity.account_facts()) == 1
        await third.close()
    finally:
        EmbeddedPostgres(here.state_dir).stop()
        EmbeddedPostgres(there.state_dir).stop()


def test_a_damaged_backup_is_refused_before_anything_is_touched(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path / "state")
    damaged = tmp_path / "damaged"
    damaged.write_bytes(b"not a backup")
    with pytest.raises(Invalid, match="not a Muniment backup"):
        restore(settings, damaged)
    with pytest.raises(Invalid, match="no file"):
        restore(settings, tmp_path / "missing")
    assert not (tmp_path / "state").exists()
