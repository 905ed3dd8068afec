"""The shipped compliance packs prove themselves, and a pack that lies does not load."""

import re
from importlib.resources import files

import pytest

from muniment.compliance.content import (
    CheckPack,
    FrameworkPack,
    ObjectivePack,
    assemble,
    parse,
    shipped_library,
)
from muniment.compliance.model import Automation
from muniment.kernel.errors import Invalid

PACK = """
pack: trial
version: "1"
title: A trial pack
checks:
  - id: owned
    title: Assets are owned
    entity: asset
    holds: asset.owner != null
    severity: high
    remedy: Name an owner.
    rationale: Somebody must answer.
    examples:
      breaks: [{asset: {owner: null}}]
      holds: [{asset: {owner: ada}}]
"""


def test_four_frameworks_with_at_least_thirty_automated_checks() -> None:
    library = shipped_library()
    assert set(library.frameworks) == {"gdpr", "soc2", "hipaa", "pci-dss"}
    used = {c for f in library.frameworks.values() for c in library.checks_of_framework(f)}
    assert len(used) >= 30
    assert used == set(library.checks), "a check that no framework needs is never judged"
    assert all(framework.active_by_default for framework in library.frameworks.values())


def test_one_check_serves_several_frameworks() -> None:
    library = shipped_library()
    assert len(library.frameworks_of("sensitive-not-public")) == 4


@pytest.mark.parametrize("framework", ["gdpr", "soc2", "hipaa", "pci-dss"])
def test_status_is_honest(framework: str) -> None:
    library = shipped_library()
    for requirement in library.frameworks[framework].requirements:
        manual = requirement.automation is Automation.MANUAL
        assert manual == (not library.checks_of(requirement)), requirement.id


@pytest.mark.parametrize("framework", ["soc2", "pci-dss"])
def test_copyrighted_frameworks_hold_one_line_of_our_own(framework: str) -> None:
    known = shipped_library().frameworks[framework]
    assert "our own words" in known.text_licence
    assert all(len(each.title) <= 90 and each.guidance is None for each in known.requirements)


def test_every_text_is_a_sentence_for_a_person() -> None:
    for check in shipped_library().checks.values():
        assert check.remedy.endswith("."), check.id
        assert check.rationale.endswith("."), check.id
        assert not re.search(r"[.]$", check.title), check.id


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("owner: ada", "owner: null", "owned: example 1 under 'holds' gives 'broken'"),
        ("breaks: [{asset: {owner: null}}]", "breaks: [{asset: {owner: bob}}]", "under 'breaks'"),
        ("asset.owner", "asset.ownr", "has no field ownr"),
        ("asset.owner !=", "asset.owner !!", "owned: The expression cannot be read"),
        ("holds: asset", "holds: column", "names column"),
        ("{owner: ada}", "{owner: ada, colour: red}", "has no field colour"),
    ],
)
def test_a_pack_that_contradicts_itself_names_the_entry(old: str, new: str, words: str) -> None:
    pack = parse(CheckPack, PACK.replace(old, new), "trial.yaml")
    with pytest.raises(Invalid, match=re.escape(words)) as failure:
        assemble([pack], [], [])
    assert "owned" in failure.value.message


def test_a_malformed_entry_is_named() -> None:
    with pytest.raises(Invalid, match=r"trial.yaml, entry owned.*severity"):
        parse(CheckPack, PACK.replace("severity: high", "severity: enormous"), "trial.yaml")
    with pytest.raises(Invalid, match="not valid YAML"):
        parse(CheckPack, PACK + "\n  - [", "trial.yaml")


def test_a_requirement_must_not_claim_what_no_check_tells() -> None:
    folder = files("muniment.packs") / "frameworks"
    text = (folder / "gdpr.yaml").read_text("utf-8")
    checks = [
        parse(CheckPack, entry.read_text("utf-8"), entry.name)
        for entry in (files("muniment.packs") / "checks").iterdir()
    ]
    objectives = parse(ObjectivePack, (folder / "objectives.yaml").read_text("utf-8"), "o")
    claimed = parse(
        FrameworkPack,
        text.replace("be withdrawn, status: manual", "be withdrawn, status: automated"),
        "g",
    )
    assert claimed != parse(FrameworkPack, text, "g")
    with pytest.raises(Invalid, match="gdpr 7 is automated and no check tells about it"):
        assemble(checks, [objectives], [claimed])
