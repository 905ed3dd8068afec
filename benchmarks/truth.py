"""How much of the truth about the demo estate the product finds.

    python benchmarks/truth.py [--state DIR] [--scale 0.02] [--json]

Makes and scans a demo of that scale in a directory that is thrown away, or reads the one in a
state directory that ``muniment demo`` has made, holds it against what is true by construction, and
prints labels and defects. Labels that people of the demo set do not count.
"""

import argparse
import asyncio
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from muniment.composition.product import Product
from muniment.demo.comparison import Comparison, compare, told
from muniment.demo.estate import facts
from muniment.demo.observed import observe
from muniment.platform.settings import load_settings
from muniment.platform.store import embedded_of, store_url


def _make(scale: float) -> None:
    """Run the demo once, on a port that nobody uses."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    demo = [sys.executable, "-m", "muniment.cli.run", "demo", "--once", "--json"]
    subprocess.run(
        [*demo, f"--scale={scale}"],
        env={**os.environ, "MUNIMENT_PORT": str(port)},
        stdout=subprocess.DEVNULL,
        check=True,
    )


def _found() -> Comparison:
    """Compare, with the embedded database left as it was: running or not."""
    embedded = embedded_of(load_settings())
    running = embedded is None or embedded.status().running
    if embedded is not None:
        embedded.ensure_running()
    try:
        return asyncio.run(_compare())
    finally:
        if embedded is not None and not running:
            embedded.stop()


async def _compare() -> Comparison:
    settings = load_settings()
    product = Product.on(settings, store_url(settings), pool_size=1)
    try:
        return compare(facts(), await observe(product))
    finally:
        await product.close()


def figures(found: Comparison) -> dict[str, object]:
    """The comparison as plain figures."""
    labels = found.labels
    return {
        "sensitive_columns": labels.sensitive,
        "recall": round(labels.recall, 4),
        "precision": round(labels.precision, 4),
        "rightly_named": round(labels.rightly_named, 4),
        "false_alarms": list(labels.alarms),
        "misled_by_a_name": list(labels.misled),
        "missed_columns": list(labels.missed),
        "defects": len(found.defects),
        "defects_found": len(found.defects) - len(found.missed),
        "defects_missed": list(found.missed),
        "unexplained_failures": list(found.unexplained),
        "views": found.views,
        "views_with_lineage": found.views_with_lineage,
    }


def show(found: Comparison, console: Console) -> None:
    """Two tables for people, and what is left in lines."""
    labels = found.labels
    console.print(
        f"Labels: {labels.found} of {labels.sensitive} sensitive columns found "
        f"(recall {labels.recall:.1%}), {labels.right} of them by their true name; "
        f"{len(labels.alarms)} false alarms (precision {labels.precision:.1%}), "
        f"{len(labels.misled)} of them where a name misleads."
    )
    kinds = Table("label", "columns", "found", "called so wrongly", box=None)
    for kind in labels.kinds:
        if kind.found < kind.columns or kind.wrong:
            kinds.add_row(kind.label, str(kind.columns), str(kind.found), str(kind.wrong))
    if kinds.row_count:
        console.print("Labels that were not found everywhere:", kinds)
    for title, lines in (
        ("Sensitive columns without a label", labels.missed),
        ("False alarms", labels.alarms),
        ("Failed checks that no known defect explains", found.unexplained),
    ):
        if lines:
            console.print(f"\n{title}:", *(f"\n  {line}" for line in lines), sep="")
    number = len(found.defects)
    console.print(f"\nDefects: {number - len(found.missed)} of {number} found.")
    defects = Table("kind", "defect", "shown by", box=None)
    for one in found.defects:
        by = ", ".join(dict.fromkeys(one.by)) or "[bold red]missed[/]"
        defects.add_row(one.defect.kind.value, told(one.defect), by)
    console.print(defects)
    console.print(f"Views with lineage: {found.views_with_lineage} of {found.views}.")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", type=Path, help="a state directory with the demo in it")
    parser.add_argument("--scale", type=float, default=0.02)
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    with TemporaryDirectory(prefix="truth-") as home:
        os.environ["MUNIMENT_STATE_DIR"] = str(wanted.state or home)
        if wanted.state is None:
            _make(wanted.scale)
        found = _found()
    if wanted.json:
        print(json.dumps(figures(found)))
    else:
        show(found, Console(highlight=False, width=160))
    return 0


if __name__ == "__main__":
    sys.exit(main())
