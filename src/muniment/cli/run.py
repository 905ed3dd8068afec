"""Runs the product in the foreground: ``python -m muniment.cli.run up|demo``.

The commands of ``muniment`` hand over to this module by exec, so that the process which stays is
small: everything heavy happens in children that end.
"""

import argparse
import errno
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import TextIO

from muniment.cli.supervisor import PARTS, Supervisor
from muniment.kernel.errors import Conflict, Invalid, MunimentError, Unavailable
from muniment.platform.settings import Settings, load_settings
from muniment.platform.store import embedded_of

ADDRESS_VARIABLE = "MUNIMENT_PORT"
POLL_SECONDS = 0.2


def main(arguments: list[str] | None = None) -> int:
    """Prepare, start the parts, do the act (a demo), stay until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m muniment.cli.run")
    parser.add_argument("act", choices=["up", "demo"])
    parser.add_argument("--once", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--scale", type=float, default=1.0)
    wanted = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        return _run(wanted, load_settings())
    except MunimentError as error:
        _fail(error.message, as_json=wanted.json)
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\nMuniment stopped.\n")
        return 0


def _interrupt(_: int, __: FrameType | None) -> None:
    raise KeyboardInterrupt


def _run(wanted: argparse.Namespace, settings: Settings) -> int:
    with ExitStack() as stack:
        stack.enter_context(only_one(settings.state_dir))
        port = free_port(settings)
        os.environ[ADDRESS_VARIABLE] = str(port)
        os.environ["MUNIMENT_STATE_DIR"] = str(settings.state_dir)
        if wanted.act == "demo":
            # The terminal belongs to the demo; what goes wrong is still told.
            os.environ.setdefault("MUNIMENT_LOG_LEVEL", "warning")
        embedded = embedded_of(settings)
        if embedded is not None:
            stack.callback(embedded.stop)
        _child("-m", "muniment.cli.prepare")
        supervisor = stack.enter_context(Supervisor(embedded, PARTS))
        options = [f"--{name}" for name in ("once", "json") if getattr(wanted, name)]
        drive = ("-m", "muniment.cli.drive", wanted.act, f"--scale={wanted.scale}", *options)
        _child(*drive, beside=supervisor)
        if not wanted.once:
            supervisor.wait()
    return 0


@contextmanager
def only_one(state_dir: Path) -> Iterator[None]:
    """Hold the state directory; Conflict when another Muniment does."""
    try:
        state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        file: TextIO = (state_dir / "run.lock").open("a+")
    except OSError as error:
        raise Unavailable(
            f"The state directory {state_dir} cannot be written: {error.strerror}. "
            "Set MUNIMENT_STATE_DIR to a directory of yours."
        ) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Conflict(
                f"Muniment runs already with the state directory {state_dir}. Use that one, stop "
                "it, or set MUNIMENT_STATE_DIR to another directory."
            ) from error
        yield


def free_port(settings: Settings) -> int:
    """The port to serve on; Conflict when something else listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
                raise Invalid(
                    f"{settings.host} is no address of this machine. Set MUNIMENT_HOST to one, "
                    "or leave it out."
                ) from error
            raise Conflict(
                f"Port {settings.port} on {settings.host} cannot be used ({error.strerror}). Stop "
                f"what uses it, or take another: MUNIMENT_PORT={settings.port + 1} muniment up"
            ) from error
        port: int = probe.getsockname()[1]
        return port


def _child(*arguments: str, beside: Supervisor | None = None) -> None:
    """Run a step in a process of its own; Unavailable with its last words when it fails.

    The step ends at once when a part that runs ``beside`` it cannot be kept running.
    """
    with subprocess.Popen([sys.executable, *arguments], stderr=subprocess.PIPE, text=True) as step:
        said: deque[str] = deque(maxlen=20)
        reader = threading.Thread(target=_pass_on, args=(step, said), daemon=True)
        reader.start()
        try:
            while step.poll() is None:
                if beside is None:
                    step.wait()
                else:
                    beside.wait(POLL_SECONDS)
        except BaseException:
            step.terminate()
            raise
        reader.join()
    if step.returncode == 0:
        return
    if step.returncode in (-signal.SIGINT, 130):
        raise KeyboardInterrupt
    raise Unavailable(_reason(said))


def _pass_on(step: subprocess.Popen[str], said: "deque[str]") -> None:
    """Show what the step writes to its standard error, except the line that tells its failure."""
    for line in step.stderr or ():
        said.append(line)
        if not line.startswith('{"error"'):
            sys.stderr.write(line)


def _reason(said: "deque[str]") -> str:
    for line in reversed(said):
        try:
            return str(json.loads(line)["error"])
        except (ValueError, KeyError, TypeError):
            continue
    return said[-1].strip() if said else "A step failed without giving a reason."


def _fail(message: str, *, as_json: bool) -> None:
    sys.stderr.write((json.dumps({"error": message}) if as_json else f"Error: {message}") + "\n")


if __name__ == "__main__":
    raise SystemExit(main())
