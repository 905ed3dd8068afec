"""``muniment audit``: verify the trail and take it along."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import IO, Annotated, Literal, TypeVar, cast

import typer

from muniment.cli.opened import with_product
from muniment.compliance.audit.archive import verify_archive
from muniment.compliance.audit.keys import from_pem, to_pem
from muniment.compliance.audit.model import Verification
from muniment.composition.product import Product
from muniment.kernel.errors import Invalid

app = typer.Typer(help="Verify and export the audit trail.", no_args_is_help=True)

T = TypeVar("T")
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document for machines.")]


@app.command()
def verify(
    exported: Annotated[
        Path | None, typer.Option("--export", help="An exported trail; needs no database.")
    ] = None,
    key: Annotated[
        Path | None, typer.Option(help="The public key you trust (PEM), kept elsewhere.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check every checkpoint and event; exit code 1 when something does not fit."""
    if exported is None:
        found = with_product(_verify_here)
    else:
        trusted = from_pem(_text(key)) if key else None
        found = verify_archive(_lines(exported), trusted)
    if as_json:
        typer.echo(json.dumps({"ok": found.ok, **asdict(found)}, default=str, indent=2))
    else:
        _tell(found, trusted=exported is None or key is not None)
    raise typer.Exit(0 if found.ok else 1)


@app.command()
def export(
    target: Annotated[Path, typer.Argument(help="The file to write; .gz compresses it.")],
    key: Annotated[Path | None, typer.Option(help="Write the public key there too.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write the sealed trail to a file that can be verified anywhere."""
    lines, pem = with_product(lambda product: _export(product, target))
    if key is not None:
        key.write_text(pem, "utf-8")
    if as_json:
        typer.echo(json.dumps({"file": str(target), "lines": lines}))
    else:
        typer.echo(
            f"Wrote {lines:,} lines to {target}. Check it anywhere: "
            f"muniment audit verify --export {target}"
        )


async def _verify_here(product: Product) -> Verification:
    async with product.writing() as unit:
        return await unit.compliance.trail.verify_and_note()


async def _export(product: Product, target: Path) -> tuple[int, str]:
    lines = 0
    with _open(target, "wb") as file:
        async with product.reading() as unit:
            pem = to_pem(await unit.compliance.trail.public_key())
            async for line in unit.compliance.trail.export():
                file.write(line)
                lines += 1
    return lines, pem


def _open(path: Path, mode: Literal["rb", "wb"]) -> IO[bytes]:
    """The file, through gzip when its name says so."""
    if path.suffix == ".gz":
        return cast("IO[bytes]", gzip.open(path, mode))  # the caller closes it
    return path.open(mode)


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with _open(path, "rb") as file:
            yield from file
    except (OSError, EOFError) as error:
        raise Invalid(f"The file {path} cannot be read: {error}.") from error


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"The key file {path} cannot be read: {error}.") from error


def _tell(found: Verification, *, trusted: bool) -> None:
    if found.broken is not None:
        typer.echo(f"BROKEN: {found.broken.what}", err=True)
        typer.echo(
            f"Intact before it: {found.checkpoints} checkpoints with {found.events:,} events."
        )
        return
    typer.echo(
        f"Intact: {found.events:,} events under {found.checkpoints} signed checkpoints."
        + (f" {found.unsealed:,} more wait to be sealed." if found.unsealed else "")
    )
    if found.head:
        typer.echo(f"Head {found.head}, key {found.key_id}")
    if not trusted:
        typer.echo(
            "Checked with the key inside the file, which proves that it is whole, not who made "
            "it. Give the key you trust with --key."
        )
