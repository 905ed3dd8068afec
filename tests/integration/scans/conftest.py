"""A stage for stories about scans."""

import os
from pathlib import Path

import pytest
from tests.integration.scans.estate import PLUGINS, Stage

from muniment.platform.db import Database


@pytest.fixture(autouse=True)
def plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pool children find the test connector as they find any other plug-in.

    The folder names itself as the distribution ``muniment``, which hides the real one's plug-ins:
    in these stories there is one connector and one analyzer.
    """
    path = [str(PLUGINS), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(each for each in path if each))


@pytest.fixture
async def stage(database: Database) -> Stage:
    made = Stage(database)
    await made.prepare()
    return made


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "journal"
