"""`gexwire verify FILE...`: reference values against the engine, a line per section."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli.config import ConfigOption
from bot.cli.exits import Exit, exits
from bot.cli.golden import SECTIONS
from bot.cli.golden.base import Section
from bot.cli.settings import load
from engine.errors import BadInput


@dataclass(frozen=True, slots=True)
class Outcome:
    """One section of one file. `worst` is the largest deviation, in units of the tolerance."""

    section: str
    cases: int
    passed: int
    worst: float
    worst_case: str
    values: Mapping[str, Any]


def verify(
    files: Annotated[list[Path], typer.Argument(help="Files of reference cases")],
    dump: Annotated[
        Path | None, typer.Option(help="Write every computed value to this JSON file")
    ] = None,
    path: ConfigOption = None,
) -> None:
    """Compute every reference case with the engine; exit 1 when one deviates."""
    computed: dict[str, dict[str, Mapping[str, Any]]] = {}
    failed = False
    with exits():
        load(path)
        for file in files:
            typer.echo(file.name)
            for outcome in outcomes(_document(file)):
                failed |= outcome.passed < outcome.cases
                computed.setdefault(file.stem, {})[outcome.section] = outcome.values
                typer.echo(_line(outcome))
        if dump is not None:
            _write(dump, json.dumps(computed, indent=1, allow_nan=False))
    raise typer.Exit(Exit.FAILED if failed else Exit.OK)


def outcomes(document: Mapping[str, Any]) -> list[Outcome]:
    """Every section of a document that holds cases, computed and compared."""
    named = {name: cases for name, cases in document.items() if _holds_cases(cases)}
    return [_outcome(SECTIONS.get(name), name, cases) for name, cases in named.items()]


def _holds_cases(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(case, dict) and {"id", "input", "expected"} <= case.keys() for case in value
    )


def _outcome(section: Section | None, name: str, cases: list[dict[str, Any]]) -> Outcome:
    if section is None:
        return Outcome(name, len(cases), 0, float("inf"), "no such section is known", {})
    values: dict[str, Any] = {}
    worst, worst_case, passed = 0.0, "", 0
    for case in cases:
        value = _computed(section, case)
        values[str(case["id"])] = value
        deviation = section.check(case, value)
        passed += deviation <= 1.0
        if deviation > worst or not worst_case:
            worst, worst_case = deviation, str(case["id"])
    return Outcome(name, len(cases), passed, worst, worst_case, values)


def _computed(section: Section, case: Mapping[str, Any]) -> Any:
    try:
        return section.compute(case)
    except (LookupError, TypeError) as error:
        raise BadInput(
            f"{section.name}, case {case['id']}: expected this section's inputs,"
            f" found others ({type(error).__name__}: {error})."
        ) from None


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"--dump: {file} cannot be written ({error.strerror}).") from None


def _line(outcome: Outcome) -> str:
    mark = "ok  " if outcome.passed == outcome.cases else "FAIL"
    worst = f"worst {outcome.worst:.3g} of the tolerance ({outcome.worst_case})"
    return f"  {mark} {outcome.section}: {outcome.cases} cases, {outcome.passed} passed, {worst}"


def _document(file: Path) -> dict[str, Any]:
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadInput(f"{file}: expected a file of reference cases, found none.") from None
    except (json.JSONDecodeError, UnicodeDecodeError, OSError):
        raise BadInput(f"{file}: expected JSON with sections of cases.") from None
    if not isinstance(document, dict) or not any(map(_holds_cases, document.values())):
        raise BadInput(f"{file}: expected sections of cases with id, input and expected.")
    return document
