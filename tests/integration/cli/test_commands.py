"""The command line as a person meets it: what works, and one line where something does not."""

import io
import json
import os
import socket
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.integration.catalog.lineage.estate import ESTATE
from tests.integration.catalog.lineage.test_lineage_api import SETTINGS

from muniment.catalog.lineage.engine.job import parse_job
from muniment.classification.tables import ModelVersionRow
from muniment.cli.run import only_one
from muniment.composition.product import Product
from muniment.kernel.ids import new_id
from muniment.platform.settings import Settings
from muniment.sources.model import NewSource

SECONDS = 60.0


def muniment(
    *arguments: str, module: str = "muniment.cli.main", **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own, with no settings but these and the cache."""
    plain = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("MUNIMENT_") or name == "MUNIMENT_CACHE_DIR"
    }
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        env={**plain, **{f"MUNIMENT_{name.upper()}": value for name, value in variables.items()}},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    """What a failed command said, which must be one line."""
    assert done.returncode != 0
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    assert line.startswith("Error: ")
    return line


async def test_the_doctor_examines_what_muniment_needs(database_url: str, state_dir: Path) -> None:
    done = muniment("doctor", "--json", database_url=database_url, state_dir=str(state_dir))
    checks = {each["what"]: each for each in json.loads(done.stdout)}
    assert {"Python", "settings", "disk", "master key", "database", "schema"} <= set(checks)
    assert [each for each in checks.values() if not each["ok"]] == []
    assert checks["database"]["found"] == "external, answers"
    assert done.returncode == 0


def test_the_doctor_names_what_ails(empty_database_url: str, state_dir: Path) -> None:
    done = muniment("doctor", "--json", database_url=empty_database_url, state_dir=str(state_dir))
    checks = {each["what"]: each for each in json.loads(done.stdout)}
    assert (checks["database"]["ok"], checks["schema"]["ok"]) == (True, False)
    assert "migrates" in checks["schema"]["found"]
    assert done.returncode == 1


async def test_a_backup_is_restored_whole_and_its_audit_trail_verifies(
    product: Product, database_url: str, empty_database_url: str, state_dir: Path, tmp_path: Path
) -> None:
    async with product.writing() as unit:
        await unit.identity.create("ada")
    async with product.writing() as unit:
        await unit.compliance.trail.seal()
    sealed = product.vault.seal(b"open sesame", bound_to="source")
    file = tmp_path / "kept.backup"
    here = {"database_url": database_url, "state_dir": str(state_dir)}
    there = {"database_url": empty_database_url, "state_dir": str(tmp_path / "there")}

    made = muniment("backup", str(file), **here)
    assert (made.returncode, made.stderr) == (0, "")
    assert "Keep it like a key" in made.stdout
    assert "exists already" in one_line(muniment("backup", str(file), **here))

    restored = muniment("restore", str(file), **there)
    assert (restored.returncode, restored.stderr) == (0, "")
    verified = muniment("audit", "verify", "--json", **there)
    found = json.loads(verified.stdout)
    assert (found["ok"], found["events"]) == (True, 1)
    assert "--replace" in one_line(muniment("restore", str(file), **there))

    again = Product.on(Settings(state_dir=tmp_path / "there"), empty_database_url)
    async with again.reading() as unit:
        assert [fact.name for fact in await unit.identity.account_facts()] == ["ada"]
    assert again.vault.open(sealed, bound_to="source") == b"open sesame"
    await again.close()


@pytest.mark.parametrize("content", [b"not a backup", b"", "no dump", "cut"])
def test_a_file_that_is_no_backup_is_refused(
    content: bytes | str, tmp_path: Path, empty_database_url: str
) -> None:
    file = tmp_path / "file"
    file.write_bytes(content if isinstance(content, bytes) else _without_dump())
    if content == "cut":
        file.write_bytes(_without_dump()[:700])
    there = {"database_url": empty_database_url, "state_dir": str(tmp_path / "state")}
    done = muniment("restore", str(file), **there)
    assert done.returncode == 2
    assert any(word in one_line(done) for word in ("backup", "damaged"))


def _without_dump() -> bytes:
    """An archive with a manifest and nothing else."""
    manifest = {"format": 1, "version": "0", "made_at": "", "digest": "", "dump_bytes": 1}
    content = json.dumps(manifest).encode()
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        entry = tarfile.TarInfo("manifest.json")
        entry.size = len(content)
        tar.addfile(entry, io.BytesIO(content))
    return made.getvalue()


def test_a_taken_port_is_named_with_a_way_out(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = one_line(_up(state_dir=str(tmp_path / "state"), port=str(port)))
    assert f"Port {port} on 127.0.0.1" in said
    assert f"MUNIMENT_PORT={port + 1}" in said


def test_a_state_directory_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = one_line(_up(state_dir=str(tmp_path / "file" / "state"), port="0"))
    assert str(tmp_path / "file" / "state") in said
    assert "Set MUNIMENT_STATE_DIR" in said


def test_a_second_muniment_in_the_same_place_is_refused(state_dir: Path) -> None:
    with only_one(state_dir):
        said = one_line(_up(state_dir=str(state_dir), port="0"))
    assert "runs already" in said
    assert str(state_dir) in said


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"port": "eighty"}, "MUNIMENT_PORT"),
        ({"log_level": "loud"}, "MUNIMENT_LOG_LEVEL"),
        ({"database_url": "mysql://me:hunter2@db/x"}, "MUNIMENT_DATABASE_URL"),
    ],
)
def test_a_setting_that_does_not_fit_is_named(
    variables: Mapping[str, str], named: str, tmp_path: Path
) -> None:
    said = one_line(_up(**{"state_dir": str(tmp_path), "port": "0", **variables}))
    assert named in said
    assert "hunter2" not in said


def test_an_unknown_command_is_bad_usage() -> None:
    done = muniment("no-such-thing")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no-such-thing" in done.stderr


def _up(**variables: str) -> subprocess.CompletedProcess[str]:
    return muniment("up", module="muniment.cli.run", **variables)


async def test_versions_of_the_model_are_listed(
    product: Product, database_url: str, state_dir: Path
) -> None:
    here = {"database_url": database_url, "state_dir": str(state_dir)}
    shipped = muniment("classifiers", "model", "list", **here)
    assert (shipped.returncode, shipped.stderr) == (0, "")
    assert "The shipped model is in force" in shipped.stdout
    async with product.writing() as unit:
        session = unit.ground.session
        session.add(
            ModelVersionRow(
                version=1,
                state="failed",
                active=False,
                note="vessels",
                requested_by="ada",
                requested_at=product.clock.now(),
                problem="The process ended.",
            )
        )
    learned = muniment("classifiers", "model", "list", **here)
    assert (learned.returncode, learned.stderr) == (0, "")
    assert "vessels" in learned.stdout


async def test_a_migration_is_reported_for_a_pull_request(
    product: Product, database_url: str, state_dir: Path, tmp_path: Path
) -> None:
    here = {"database_url": database_url, "state_dir": str(state_dir)}
    async with product.writing() as unit:
        await unit.sources.sources.register(NewSource("db", "postgresql", SETTINGS))
        run = new_id()
        await unit.catalog.registrar.register("db", "sales", "ada", ESTATE, (), run_id=run)
        results = [parse_job(job) for job in await unit.catalog.deriver.statements("db")]
        await unit.catalog.deriver.publish_lineage("db", results, run_id=run)
    migration = tmp_path / "migration.sql"
    migration.write_text("alter table crm.customers drop column email;")
    report = muniment("lineage", "check", str(migration), "--markdown", **here)
    assert (report.returncode, report.stderr) == (1, "")
    assert "| 1 | `drops crm.customers.email` | medium | `db/mart/people`" in report.stdout
    assert "`ada`" in report.stdout
    allowed = muniment("lineage", "check", str(migration), "--fail-on", "high", **here)
    assert (allowed.returncode, allowed.stderr) == (0, "")
    migration.write_text("alter table crm.customers add column phone text;")
    nothing = muniment("lineage", "check", str(migration), **here)
    assert (nothing.returncode, nothing.stdout) == (
        0,
        "Nothing is dropped, renamed or given another type.\n",
    )
    missing = muniment("lineage", "check", str(tmp_path / "none.sql"), **here)
    assert "cannot be read" in one_line(missing)
