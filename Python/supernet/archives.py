"""Reads the archives of searches: SQLite files with a row for every path that was evaluated.

They are opened for reading only, and neither made nor changed, so that an archive can be looked at while a search
writes it.
"""

from __future__ import annotations

import json
import math
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from supernet.errors import FileError

if TYPE_CHECKING:
    import pandas

APPLICATION_ID = 0x534E4153
"""The application ID in the header of the file, `SNAS`."""
VERSION = 1
"""The newest version of the tables that is read."""
NAME = "archive.sqlite"
"""The name of an archive in the folder of a search."""

# The numbers that have columns of their own; any others stand as JSON in the column `extra`.
_METRICS = {"accuracy": "accuracy", "loss": "loss"}
_COSTS = {"parameters": "parameters", "multiply_adds": "multiplyAdds", "latency_ms": "latencyMilliseconds"}
_COLUMNS = (
    "id", "architecture", "score", *_METRICS, *_COSTS, "extra", "policy", "seed", "round", "seconds", "evaluated_at",
)  # fmt: skip


@dataclass(frozen=True)
class ArchiveRow:
    """An evaluated path.

    Attributes:
        architecture: the numbers of its candidates as text, such as `3 0 1 2`, as `Supernet.path` takes it.
        score: what the search maximised.
        metrics: the other measurements by name, such as `accuracy` and `loss`.
        costs: the costs by name, such as `parameters`, `multiplyAdds` and `latencyMilliseconds`.
        policy: where the batch-norm statistics came from, such as `reestimate`.
        seed: the seed of the evaluation.
        round: the round of the search, counted from 0.
        seconds: the duration of the evaluation.
        time: when the evaluation ended, in UTC, to the microsecond.
    """

    architecture: str
    score: float
    metrics: dict[str, float] = field(hash=False)
    costs: dict[str, float] = field(hash=False)
    policy: str
    seed: int
    round: int
    seconds: float
    time: datetime

    @property
    def choices(self) -> list[int]:
        """The numbers of the candidates."""
        return [int(number) for number in self.architecture.split()]


def read_archive(path: str | os.PathLike[str]) -> list[ArchiveRow]:
    """Reads every evaluated path of a search, in the order of their evaluation.

    Args:
        path: an archive, or the folder of a study, an adaptation or a search.

    Raises:
        FileError: for a file that is no archive, is damaged, or was written by a newer version.
        OSError: if there is no such file, or no archive in the folder.
    """
    file = _archive_file(Path(path))
    try:
        # `mode=ro` does not make a file that is missing.
        connection = sqlite3.connect(f"file:{quote(os.path.abspath(file))}?mode=ro", uri=True)
        try:
            _check(connection, file)
            cells = connection.execute(f"SELECT {', '.join(_COLUMNS)} FROM architectures ORDER BY id").fetchall()
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise FileError(f"{file} is no archive of a search, or is damaged: {error}") from error
    return [_row(dict(zip(_COLUMNS, values, strict=True)), file) for values in cells]


def archive_frame(path: str | os.PathLike[str]) -> pandas.DataFrame:
    """Reads every evaluated path of a search into a data frame, one row for each.

    Args:
        path: an archive, or the folder of a study, an adaptation or a search.

    Returns:
        The columns `architecture` and `score`, one for each metric and each cost by its name, then `policy`, `seed`,
        `round`, `seconds` and `time`. What a path lacks is not a number.

    Raises:
        ImportError: without pandas.
        FileError, OSError: as `read_archive`.
    """
    try:
        import pandas
    except ImportError as error:
        raise ImportError("archive_frame needs pandas, which is not installed; type: pip install pandas") from error
    rows = read_archive(path)
    metrics = _names(row.metrics for row in rows)
    costs = [name for name in _names(row.costs for row in rows) if name not in metrics]
    columns: dict[str, list[Any]] = {
        "architecture": [row.architecture for row in rows],
        "score": [row.score for row in rows],
    }
    columns |= {name: [row.metrics.get(name, math.nan) for row in rows] for name in metrics}
    columns |= {name: [row.costs.get(name, math.nan) for row in rows] for name in costs}
    for name in ("policy", "seed", "round", "seconds", "time"):
        columns[name] = [getattr(row, name) for row in rows]
    frame: pandas.DataFrame = pandas.DataFrame(columns)
    return frame


def _names(groups: Iterator[dict[str, float]]) -> list[str]:
    """The names in any of several groups of numbers, each once."""
    return list(dict.fromkeys(name for group in groups for name in group))


def _archive_file(path: Path) -> Path:
    """The archive that a path means."""
    if not path.is_dir():
        path.stat()  # says in the words of the system what is wrong with a file that is missing
        return path
    for file in (path / NAME, path / "search" / NAME):
        if file.is_file():
            return file
    inside = sorted(str(file) for file in path.glob(f"*/*/{NAME}"))
    hint = f"; name one of {', '.join(inside[:8])}" if inside else ""
    raise FileNotFoundError(f"{path} holds no archive of a search, neither {NAME} nor search/{NAME}{hint}")


def _check(connection: sqlite3.Connection, file: Path) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    if application != APPLICATION_ID:
        raise FileError(f"{file} is no archive of a search: another program wrote it")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > VERSION:
        raise FileError(f"{file} was written by a newer version of supernet (its tables are of version {version})")


def _row(cells: dict[str, Any], file: Path) -> ArchiveRow:
    """The row of these cells.

    Raises:
        FileError: for a row that somebody edited into something else.
    """

    def wrong(column: str, what: str) -> FileError:
        return FileError(f"{file}: row {cells['id']} of `architectures`, column `{column}`, is {what}")

    def text(column: str) -> str:
        if not isinstance(cells[column], str):
            raise wrong(column, "no text")
        return str(cells[column])

    def number(column: str) -> float:
        if not isinstance(cells[column], float) or not math.isfinite(cells[column]):
            raise wrong(column, "no finite number")
        return float(cells[column])

    groups = {"metrics": _METRICS, "costs": _COSTS}
    numbers = {
        group: {name: number(column) for column, name in columns.items() if cells[column] is not None}
        for group, columns in groups.items()
    }
    if cells["extra"] is not None:
        extra = _extra(text("extra"))
        if extra is None:
            raise wrong("extra", "not the JSON of numbers by name")
        for group, values in extra.items():
            if group in numbers:
                # What has a column is taken from there.
                numbers[group] = values | numbers[group]
    if not isinstance(cells["round"], int):
        raise wrong("round", "no whole number")
    seed = text("seed")
    if not (seed.isascii() and seed.isdecimal() and int(seed) < 2**64):
        raise wrong("seed", "no whole number from 0 to 2^64 - 1")
    time = _time(text("evaluated_at"))
    if time is None:
        raise wrong("evaluated_at", "no time in ISO 8601")
    return ArchiveRow(
        architecture=text("architecture"),
        score=number("score"),
        metrics=numbers["metrics"],
        costs=numbers["costs"],
        policy=text("policy"),
        seed=int(seed),
        round=cells["round"],
        seconds=number("seconds"),
        time=time,
    )


def _extra(text: str) -> dict[str, dict[str, float]] | None:
    """Numbers by name in groups, of which those that are not finite are written as texts; none for anything else."""
    special = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}
    try:
        groups = json.loads(text)
        return {
            group: {name: special[value] if isinstance(value, str) else float(value) for name, value in numbers.items()}
            for group, numbers in groups.items()
        }
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError):
        return None


def _time(text: str) -> datetime | None:
    """A time such as `2025-03-01T12:30:00.250000000Z`; none for anything else."""
    whole, _, fraction = text.removesuffix("Z").partition(".")
    if not text.endswith("Z") or not (fraction.isdecimal() or not fraction) or len(fraction) > 9:
        return None
    try:
        second = datetime.strptime(whole, "%Y-%m-%dT%H:%M:%S")
    except ValueError:
        return None
    return second.replace(microsecond=int(fraction.ljust(6, "0")[:6]), tzinfo=timezone.utc)
