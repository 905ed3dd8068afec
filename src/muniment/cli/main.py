"""The command line: ``muniment``."""

import importlib
import json
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

import muniment
from muniment.kernel.errors import MunimentError

GROUPS = {
    "assistant": "The assistant for open columns: settings, key, preview, usage.",
    "audit": "Verify and export the audit trail.",
    "catalog": "Search and show what the catalogue knows.",
    "classifiers": "Classifiers: your own, their drafts and versions; mined ones to accept.",
    "compliance": "Status and reports of frameworks.",
    "labels": "Labels of columns: list, show, confirm, reject, history, export.",
    "lineage": "Where data comes from, and what a change would break.",
    "quality": "Scores, checks and incidents.",
    "rulesets": "Scan rule sets: list, show, validate, effective view.",
    "runs": "Scan runs: list, show, cancel, retry.",
    "sources": "Connect, test and list data sources.",
}
MODULES = {"runs": "scans"}
COMMANDS = {
    "check": "Run the checks of a table without a server.",
    "classify": "Say what the columns hold, with how sure it is and why.",
    "profile": "Profile every column of a database, a file or a folder.",
    "watch": "Show how far a run is until it is over.",
}
USAGE = 2


class LazyGroup(TyperGroup):
    """Loads a group of commands only when it is used: `muniment --help` stays quick."""

    def list_commands(self, ctx: Any) -> list[str]:
        return sorted({*super().list_commands(ctx), *GROUPS, *COMMANDS})

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name in GROUPS:
            module = importlib.import_module(f"muniment.cli.{MODULES.get(cmd_name, cmd_name)}")
            command = typer.main.get_command(module.app)
            command.name, command.help = cmd_name, GROUPS[cmd_name]
            return command
        if cmd_name in COMMANDS:
            module = importlib.import_module(f"muniment.cli.{cmd_name}")
            command = typer.main.get_command(module.app)
            command.name = cmd_name
            return command
        return super().get_command(ctx, cmd_name)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The list of commands, without loading those that are only named in it."""
        told = {**GROUPS, **COMMANDS}
        for name in super().list_commands(ctx):
            command = super().get_command(ctx, name)
            told[name] = command.get_short_help_str(limit=80) if command else ""
        with formatter.section("Commands"):
            formatter.write_dl(sorted(told.items()))


app = typer.Typer(
    cls=LazyGroup,
    help="Muniment: connect, scan, catalogue, classify, check and judge your data.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document for machines.")]


def _hand_over(*arguments: str) -> None:
    """Become the process that stays; nothing of this one's memory remains."""
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "muniment.cli.run", *arguments])  # noqa: S606


@app.command()
def up() -> None:
    """Start the product on this machine and stay until Ctrl-C."""
    _hand_over("up")


@app.command()
def demo(
    once: Annotated[bool, typer.Option(help="Exit when the estate is scanned.")] = False,
    as_json: AsJson = False,
    scale: Annotated[float, typer.Option(min=0.001, max=10, help="Size of the estate.")] = 1.0,
) -> None:
    """Build a demo estate, scan it, show what was found, serve it."""
    flags = [name for name, given in (("--once", once), ("--json", as_json)) if given]
    _hand_over("demo", f"--scale={scale}", *flags)


@app.command()
def scan(
    target: Annotated[str, typer.Argument(help="A database URL, a file or a folder.")],
    as_json: AsJson = False,
    html: Annotated[Path | None, typer.Option(help="Write a report for people.")] = None,
    name: Annotated[str | None, typer.Option(help="What the source is to be called.")] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Read what did not change since the last scan as well.")
    ] = False,
    verify: Annotated[
        float | None,
        typer.Option(
            min=0.001, max=1, help="Read this share of what did not change, and compare it."
        ),
    ] = None,
) -> None:
    """Scan a database, a file or a folder, and report what is in it."""
    from muniment.cli import scan_target  # late: the whole product is behind it

    raise typer.Exit(
        scan_target.run(target, as_json=as_json, html=html, name=name, full=full, verify=verify)
    )


@app.command()
def serve() -> None:
    """Run one API node; the database is named by MUNIMENT_DATABASE_URL."""
    os.execv(sys.executable, [sys.executable, "-m", "muniment.api.main"])  # noqa: S606


@app.command()
def worker() -> None:
    """Run one worker; the database is named by MUNIMENT_DATABASE_URL."""
    os.execv(sys.executable, [sys.executable, "-m", "muniment.worker"])  # noqa: S606


@app.command("sign-in-link")
def sign_in_link(account: Annotated[str, typer.Option(help="Whose.")] = "admin") -> None:
    """Print a link that signs in once within half an hour."""
    from muniment.cli import accounts  # late: opens the database

    typer.echo(accounts.sign_in_link(account))


@app.command()
def backup(target: Annotated[Path, typer.Argument(help="The file to write.")]) -> None:
    """Write everything Muniment keeps, keys included, to one file."""
    from muniment.platform import backup as backups  # late: loads the database driver
    from muniment.platform.settings import load_settings

    made = backups.backup(load_settings(), target)
    typer.echo(f"Backed up {made.dump_bytes / 1e6:.1f} MB to {target}. Keep it like a key.")


@app.command()
def restore(
    source: Annotated[Path, typer.Argument(help="A file made by `muniment backup`.")],
    replace: Annotated[bool, typer.Option(help="Replace the data that is there.")] = False,
) -> None:
    """Put a backup in the place of the present data."""
    from muniment.platform import backup as backups  # late: loads the database driver
    from muniment.platform.settings import load_settings

    made = backups.restore(load_settings(), source, replace=replace)
    typer.echo(f"Restored the backup of {made.made_at}. Start with: muniment up")


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Check what Muniment needs on this machine, and say what to do."""
    from muniment.cli import diagnosis  # late: opens the database

    raise typer.Exit(diagnosis.run(as_json=as_json))


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(muniment.__version__)


def main() -> None:
    """Run a command; every failure is one line that says what to do."""
    try:
        app()
    except MunimentError as error:
        if "--json" in sys.argv:
            typer.echo(json.dumps({"error": error.message, "code": error.slug}), err=True)
        else:
            typer.echo(f"Error: {error.message}", err=True)
        raise SystemExit(USAGE if error.status in (404, 422) else 1) from None


if __name__ == "__main__":
    main()
