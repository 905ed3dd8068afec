"""``muniment sources`` does for the terminal what the API does for the browser."""

import json
from pathlib import Path

import pytest
from tests.contract.connectors import estates
from typer.testing import CliRunner, Result

from muniment.cli.sources import app


@pytest.fixture
def runner(database_url: str, state_dir: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("MUNIMENT_DATABASE_URL", database_url)
    monkeypatch.setenv("MUNIMENT_STATE_DIR", str(state_dir))
    return CliRunner()


def test_a_source_is_added_listed_probed_and_removed(
    runner: CliRunner, empty_database_url: str, tmp_path: Path
) -> None:
    def run(*arguments: str, code: int = 0) -> Result:
        result = runner.invoke(app, arguments)
        assert result.exit_code == code, result.output
        return result

    mine = estates.role(empty_database_url, "cli_reader", "pa55-of-the-cli")
    wrong = mine.replace("pa55-of-the-cli", "wr0ng-of-the-cli")
    assert "No source is registered yet" in run("list").output
    refused = run("add", wrong, "--name", "shop", code=1)
    assert "The user or the password is wrong" in refused.output
    assert run("test", mine).output.count("ok") >= 4
    added = json.loads(run("add", mine, "--name", "shop", "--owner", "ada", "--json").output)
    assert added["credential_fields"] == ["password"]
    (tmp_path / "lake").mkdir()
    run("add", str(tmp_path / "lake"))
    assert [s["name"] for s in json.loads(run("list", "--json").output)] == ["lake", "shop"]
    assert json.loads(run("test", "shop", "--json").output)["passed"]
    assert json.loads(run("health", "shop", "--json").output)["health"] == "healthy"
    assert "Removed" in run("remove", "lake", "--yes").output
    everything = refused.output + json.dumps(added) + run("list").output
    assert "of-the-cli" not in everything
