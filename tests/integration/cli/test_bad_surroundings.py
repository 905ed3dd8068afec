"""A metadata database that is not as named: one line that says what to put right."""

import pytest
from typer.testing import CliRunner

from muniment.cli import main as cli
from muniment.kernel.errors import Unavailable
from muniment.platform.embedded import Server
from muniment.platform.migrate import prepared_store
from muniment.platform.settings import load_settings


@pytest.mark.parametrize(
    ("wrong", "words"),
    [("password", "refuses the password"), ("database", "does not exist"), ("host", "not answer")],
)
def test_a_wrong_database_url_is_told_without_its_password(
    server: Server, monkeypatch: pytest.MonkeyPatch, wrong: str, words: str
) -> None:
    url = server.url("postgres")
    urls = {
        "password": url.replace(server.password, "Falsch-4711"),
        "database": server.url("not_there"),
        "host": "postgresql://somebody:Falsch-4711@127.0.0.1:1/x",
    }
    monkeypatch.setenv("MUNIMENT_DATABASE_URL", urls[wrong])
    with pytest.raises(Unavailable, match=words) as failure:
        prepared_store(load_settings())
    assert "Falsch-4711" not in failure.value.message
    told = CliRunner().invoke(cli.app, ["sources", "list"])
    assert isinstance(told.exception, Unavailable)


def test_an_empty_setting_is_an_unset_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUNIMENT_DATABASE_URL", "")
    monkeypatch.setenv("MUNIMENT_STATE_DIR", "")
    settings = load_settings()
    assert settings.database_url is None
    assert settings.state_dir.is_absolute()
