"""``muniment classify`` says what files hold, and goes on past what it cannot read."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

from muniment.cli.classify import app


@pytest.fixture(scope="module")
def state_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all, so that patterns are compiled once."""
    return tmp_path_factory.mktemp("state")


@pytest.fixture
def folder(tmp_path: Path, state_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MUNIMENT_STATE_DIR", str(state_dir))
    data = tmp_path / "data"
    (data / "inside").mkdir(parents=True)
    mails = [f"person{n}@shop{n % 7}.example" for n in range(40)]
    pl.DataFrame({"c1": mails, "sold": range(40)}).write_csv(data / "a.csv")
    pl.DataFrame({"contact_email": mails}).write_parquet(data / "inside" / "b.parquet")
    pl.DataFrame({"x": mails}).write_ndjson(data / "c.ndjson")
    (data / "broken.parquet").write_bytes(b"PAR1 and nothing else")
    (data / "notes.md").write_text("no table")
    return data


def classify(*arguments: str) -> tuple[list[dict[str, Any]], int, str]:
    result = CliRunner().invoke(app, [*arguments, "--json"])
    return json.loads(result.stdout), result.exit_code, result.stderr


def test_a_folder_of_mixed_files_is_told_column_by_column(folder: Path) -> None:
    told, code, problems = classify(str(folder), str(folder / "nowhere.csv"))
    assert code == 1
    assert "broken.parquet: The file is cut short or damaged" in problems
    assert "nowhere.csv: There is nothing at" in problems
    found = {(each["file"], each["column"]): each["labels"] for each in told}
    assert set(found) == {
        *(("a.csv", "c1"), ("a.csv", "sold")),
        *(("inside/b.parquet", "contact_email"), ("c.ndjson", "x")),
    }
    assert found["a.csv", "sold"] == []
    for key in (("a.csv", "c1"), ("inside/b.parquet", "contact_email"), ("c.ndjson", "x")):
        label = found[key][0]
        assert (label["label"], label["tier"]) == ("contact.email", "rule")
        assert 0.8 <= label["score"] <= 1
        assert label["evidence"]


def test_files_called_the_same_are_told_apart(folder: Path) -> None:
    one, other = folder / "a.csv", folder / "inside" / "a.csv"
    other.write_bytes(one.read_bytes())
    told, code, _ = classify(str(one), str(other), "--rules-only")
    assert code == 0
    assert {each["file"] for each in told} == {str(one), str(other)}


def test_people_read_names_as_they_are_and_no_markup(folder: Path) -> None:
    mails = pl.DataFrame({"[red]mail[/]": [f"p{n}@shop.example" for n in range(40)]})
    mails.write_csv(folder / "d.csv")
    told = CliRunner().invoke(app, [str(folder / "d.csv"), "--all"]).stdout
    assert "[red]mail[/]" in told
    assert "[dim]" not in told
    assert "confidential" in told
