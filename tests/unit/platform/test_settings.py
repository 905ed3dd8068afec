"""Settings come from the environment; what does not fit is named, its value is not."""

import pytest

from muniment.kernel.errors import Invalid
from muniment.platform.settings import load_settings


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("MUNIMENT_PORT", "eighty"),
        ("MUNIMENT_PORT", "70000"),
        ("MUNIMENT_LOG_LEVEL", "loud"),
        ("MUNIMENT_WORKER_PROCESSES", "0"),
        ("MUNIMENT_SESSION_HOURS", "-1"),
        ("MUNIMENT_SECURE_COOKIES", "perhaps"),
    ],
)
def test_a_value_that_does_not_fit_names_its_variable(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(Invalid) as failure:
        load_settings()
    assert f"{variable}: " in failure.value.message
    assert failure.value.message.endswith(".")


def test_the_password_of_the_database_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUNIMENT_DATABASE_URL", "postgresql://me:hunter2@db.example/muniment")
    assert "hunter2" not in repr(load_settings())
