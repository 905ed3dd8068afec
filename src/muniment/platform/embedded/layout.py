"""What lies where below the state directory, all of it private to the account of the server."""

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from muniment.kernel.errors import Unavailable
from muniment.platform.embedded.account import Account

_STANDING_THERE = Path("/proc/self/cwd")
_PLAIN = re.compile(r"[\w ./+,:@=-]+")


@dataclass(frozen=True, slots=True)
class Layout:
    state: Path

    @property
    def home(self) -> Path:
        return self.state / "postgres"

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> Path:
        return self.home / "postgres.log"

    @property
    def password(self) -> Path:
        return self.home / "password"

    @property
    def version(self) -> Path:
        """Holds the version of the binaries that started the data last."""
        return self.home / "version"

    @property
    def lock(self) -> Path:
        """Held while somebody makes, starts or stops the server."""
        return self.home / "lock"

    @property
    def lifeline(self) -> Path:
        """Held by the server's processes, as long as one of them lives."""
        return self.home / "lifeline"

    def make_home(self, account: Account) -> None:
        self.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.home.mkdir(mode=0o700, exist_ok=True)
        facts = self.home.lstat()
        if not stat.S_ISDIR(facts.st_mode):
            raise NotADirectoryError(f"{self.home} is a link")
        if facts.st_uid != account.uid:
            if not account.is_other:
                raise PermissionError(1, "belongs to another user", str(self.home))
            account.own(self.home)
        if stat.S_IMODE(facts.st_mode) != 0o700:
            self.home.chmod(0o700)

    def read_password(self) -> str:
        try:
            return self.password.read_text().strip()
        except FileNotFoundError:
            raise Unavailable(
                f"The password of the embedded PostgreSQL is missing: put {self.password} back "
                "from a copy, or move the directory away and run `muniment restore`."
            ) from None

    @staticmethod
    def address_for(account: Account, directory: Path) -> str:
        """How a program that stands in ``directory`` and runs as ``account`` names it.

        The account may own a directory below one it cannot enter (``/root``, a test's temporary
        directory); the kernel still lets it use the one it stands in. The same name spares a
        path that a shell would misread.
        """
        reachable = account.reaches(directory) if account.is_other else True
        if reachable and _PLAIN.fullmatch(str(directory)):
            return str(directory)
        if _STANDING_THERE.exists():
            return os.fspath(_STANDING_THERE)
        raise Unavailable(
            f"The account {account.name}, which runs PostgreSQL, cannot enter {directory}: choose "
            "a state directory that it can enter and whose name has no special characters."
        )
