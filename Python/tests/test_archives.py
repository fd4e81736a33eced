"""Archives: rows of searches, read without a trace."""

from __future__ import annotations

import math
import sqlite3
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

import supernet
from supernet.archives import ArchiveRow

COLUMNS = (
    "id INTEGER PRIMARY KEY, architecture TEXT NOT NULL UNIQUE, score REAL NOT NULL, accuracy REAL, loss REAL, "
    "parameters REAL, multiply_adds REAL, latency_ms REAL, extra TEXT, policy TEXT NOT NULL, seed TEXT NOT NULL, "
    "round INTEGER NOT NULL, seconds REAL NOT NULL, evaluated_at TEXT NOT NULL"
)
ROW: dict[str, Any] = {
    "architecture": "3 0 1",
    "score": 0.5,
    "accuracy": 0.5,
    "loss": None,
    "parameters": 100.0,
    "multiply_adds": 2000.0,
    "latency_ms": None,
    "extra": '{"costs":{"memory":4096,"parameters":1},"metrics":{"loss":"nan","top5":0.9}}',
    "policy": "reestimate",
    "seed": str(2**64 - 1),
    "round": 2,
    "seconds": 0.25,
    "evaluated_at": "2025-03-01T12:30:00.250000000Z",
}


def archive(path: Path, *rows: dict[str, Any], application: int = 0x534E4153, version: int = 1) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(f"PRAGMA application_id = {application}")
        connection.execute(f"PRAGMA user_version = {version}")
        connection.execute(f"CREATE TABLE architectures ({COLUMNS})")
        for row in rows:
            places = ", ".join("?" * len(row))
            connection.execute(f"INSERT INTO architectures ({', '.join(row)}) VALUES ({places})", list(row.values()))
    connection.close()
    return path


def test_rows_are_read(tmp_path: Path) -> None:
    rows = supernet.read_archive(archive(tmp_path / "archive.sqlite", ROW, ROW | {"architecture": "0 0 0"}))
    assert [row.architecture for row in rows] == ["3 0 1", "0 0 0"]
    row = rows[0]
    assert isinstance(row, ArchiveRow)
    assert row.choices == [3, 0, 1]
    assert row.metrics.pop("loss") is not None and row.metrics == {"accuracy": 0.5, "top5": 0.9}
    assert row.costs == {"parameters": 100.0, "multiplyAdds": 2000.0, "memory": 4096.0}
    assert (row.score, row.policy, row.seed, row.round, row.seconds) == (0.5, "reestimate", 2**64 - 1, 2, 0.25)
    assert row.time == datetime(2025, 3, 1, 12, 30, 0, 250_000, tzinfo=timezone.utc)


def test_archives_are_found_in_folders(tmp_path: Path) -> None:
    archive(tmp_path / "study" / "search" / "archive.sqlite", ROW)
    for path in ("study", "study/search", "study/search/archive.sqlite"):
        assert len(supernet.read_archive(str(tmp_path / path))) == 1
    with pytest.raises(FileNotFoundError, match=r"holds no archive of a search, .*study/search/archive\.sqlite"):
        supernet.read_archive(tmp_path)
    with pytest.raises(FileNotFoundError):
        supernet.read_archive(tmp_path / "nowhere.sqlite")
    assert not (tmp_path / "nowhere.sqlite").exists()


def test_archives_are_not_changed(tmp_path: Path) -> None:
    path = archive(tmp_path / "a folder?#%" / "archive.sqlite", ROW)
    before = path.read_bytes()
    path.chmod(0o444)
    supernet.read_archive(path)
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["archive.sqlite"]


def test_archives_are_read_while_they_are_written(tmp_path: Path) -> None:
    path = archive(tmp_path / "archive.sqlite", ROW)
    writer = sqlite3.connect(path)
    writer.execute("BEGIN IMMEDIATE")
    assert len(supernet.read_archive(path)) == 1
    writer.close()


def test_other_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "text.sqlite").write_text("no database" * 100)
    with pytest.raises(supernet.FileError, match=r"text\.sqlite is no archive"):
        supernet.read_archive(tmp_path / "text.sqlite")
    (tmp_path / "empty.sqlite").touch()
    for path in (tmp_path / "empty.sqlite", archive(tmp_path / "b.sqlite", application=7)):
        with pytest.raises(supernet.FileError, match="another program wrote it"):
            supernet.read_archive(path)
    with pytest.raises(supernet.FileError, match="newer version of supernet"):
        supernet.read_archive(archive(tmp_path / "c.sqlite", version=2))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"score": "high"}, "column `score`, is no finite number"),
        ({"accuracy": math.inf}, "column `accuracy`, is no finite number"),
        ({"extra": "{"}, "column `extra`, is not the JSON"),
        ({"extra": '{"metrics": {"a": "b"}}'}, "column `extra`, is not the JSON"),
        ({"seed": "-1"}, "column `seed`, is no whole number"),
        ({"seed": str(2**64)}, "column `seed`, is no whole number"),
        ({"round": "x"}, "column `round`, is no whole number"),
        ({"evaluated_at": "yesterday"}, "column `evaluated_at`, is no time"),
        ({"evaluated_at": "2025-02-30T00:00:00Z"}, "column `evaluated_at`, is no time"),
    ],
)
def test_rows_that_were_edited_are_refused_by_name(tmp_path: Path, change: dict[str, Any], reason: str) -> None:
    path = archive(tmp_path / "archive.sqlite", ROW | change)
    with pytest.raises(supernet.FileError) as caught:
        supernet.read_archive(path)
    assert str(caught.value).startswith(f"{path}: row 1 of `architectures`, {reason}")


def test_rows_are_a_frame(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    other = ROW | {"architecture": "0 0 0", "extra": None, "latency_ms": 1.5}
    frame = supernet.archive_frame(archive(tmp_path / "archive.sqlite", ROW, other))
    assert isinstance(frame, pandas.DataFrame)
    assert list(frame.columns) == [
        "architecture", "score", "loss", "top5", "accuracy", "memory", "parameters", "multiplyAdds",
        "latencyMilliseconds", "policy", "seed", "round", "seconds", "time",
    ]  # fmt: skip
    assert frame["latencyMilliseconds"].isna().tolist() == [True, False]
    assert supernet.archive_frame(archive(tmp_path / "none.sqlite")).empty


def test_frames_need_pandas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match="archive_frame needs pandas, .* pip install pandas"):
        supernet.archive_frame(archive(tmp_path / "archive.sqlite", ROW))


def test_archives_of_an_earlier_version_are_read(earlier: Path) -> None:
    for path in earlier.rglob("archive.sqlite"):
        rows = supernet.read_archive(path)
        assert rows and all(row.choices for row in rows)
