"""The system account that owns the data and runs the server: PostgreSQL refuses to be root."""

import os
import pwd
import stat
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from muniment.kernel.errors import Unavailable

_UNPRIVILEGED = ("postgres", "nobody")
# The server gets nothing of our own environment, which may hold the keys of the estate.
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


@dataclass(frozen=True, slots=True)
class Account:
    uid: int
    gid: int
    name: str

    @classmethod
    def for_directories(cls, *nearest_first: Path) -> Self:
        """Ourselves; or, when we are root, whoever owns the state, else an unprivileged account.

        Raises ``Unavailable`` when there is no such account.
        """
        if os.geteuid() != 0:
            return cls._named(os.geteuid())
        for directory in nearest_first:
            if directory.exists() and (owner := directory.stat().st_uid) != 0:
                return cls._named(owner)
        for name in _UNPRIVILEGED:
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                continue
            return cls(entry.pw_uid, entry.pw_gid, name)
        raise Unavailable(
            "PostgreSQL does not run as root and there is no account 'postgres' or 'nobody' to "
            "run it as: add one, or start Muniment as another user."
        )

    @classmethod
    def _named(cls, uid: int) -> Self:
        try:
            entry = pwd.getpwuid(uid)
        except KeyError:
            raise Unavailable(
                f"The user id {uid} has no name on this system, and PostgreSQL needs one: add it "
                "to /etc/passwd, or set MUNIMENT_DATABASE_URL to use another PostgreSQL."
            ) from None
        return cls(uid, entry.pw_gid, entry.pw_name)

    @property
    def is_other(self) -> bool:
        """Whether a child has to change to this account."""
        return self.uid != os.geteuid()

    def own(self, path: Path) -> None:
        if self.is_other:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def reaches(self, path: Path) -> bool:
        """Whether this account may enter every directory down to ``path``, and ``path`` itself."""
        real = path.resolve()
        return all(self._may_enter(step) for step in (real, *real.parents))

    def _may_enter(self, step: Path) -> bool:
        facts = step.stat()
        if facts.st_uid == self.uid:
            return bool(facts.st_mode & stat.S_IXUSR)
        if facts.st_gid == self.gid:
            return bool(facts.st_mode & stat.S_IXGRP)
        return bool(facts.st_mode & stat.S_IXOTH)

    def run(
        self,
        command: Sequence[str],
        *,
        cwd: Path,
        stdin: str = "",
        pass_fds: Sequence[int] = (),
    ) -> subprocess.CompletedProcess[str]:
        """Run a program as this account, away from our terminal; stderr is in ``stdout``."""
        other = self.is_other
        return subprocess.run(
            command,
            cwd=cwd,
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
            env=_ENVIRONMENT,
            pass_fds=pass_fds,
            start_new_session=True,
            umask=0o077,
            user=self.uid if other else None,
            group=self.gid if other else None,
            extra_groups=[] if other else None,
        )
