"""Safetensors files: what is read, and that damaged and hostile ones are refused by name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from making import network_file, tensor_file

from supernet.errors import FileError
from supernet.files import read_tensors, write_tensors


def header_file(path: Path, header: Any, data: bytes = b"") -> Path:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)
    return path


def entry(dtype: str = "F32", shape: Any = (1,), offsets: Any = (0, 4)) -> dict[str, Any]:
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets)}


@pytest.mark.parametrize("checksums", [False, True])
def test_tensors_and_metadata_are_read(tmp_path: Path, checksums: bool) -> None:
    tensors = {
        "a": torch.randn(2, 3),
        "b": torch.tensor(7),
        "c": torch.randn(4).bfloat16(),
        "none": torch.zeros(0, 3),
        "bytes": torch.arange(5, dtype=torch.uint8),
    }
    file = read_tensors(tensor_file(tmp_path / "a.safetensors", tensors, {"word": "text"}, checksums=checksums))
    assert file.metadata == {"word": "text"}
    assert file.tensors.keys() == tensors.keys()
    for key, tensor in tensors.items():
        assert file.tensors[key].dtype == tensor.dtype
        assert torch.equal(file.tensors[key], tensor)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    tensors = {"b": torch.randn(3, 2).T, "a": torch.tensor(3), "c": torch.zeros(0)}
    write_tensors(tmp_path / "a.safetensors", tensors, {"word": "ü"})
    file = read_tensors(tmp_path / "a.safetensors")
    assert file.metadata == {"word": "ü"}
    assert all(torch.equal(file.tensors[key], tensor) for key, tensor in tensors.items())
    with pytest.raises(ValueError, match="`a` is of the type torch.complex64"):
        write_tensors(tmp_path / "b.safetensors", {"a": torch.zeros(1, dtype=torch.complex64)})


def test_a_tensor_may_stand_under_several_keys(tmp_path: Path) -> None:
    file = read_tensors(tensor_file(tmp_path / "a.safetensors", {"a": torch.randn(2)}, {"b": "a", "c": "nowhere"}))
    assert file.tensors["b"] is file.tensors["a"]
    assert file.metadata == {"c": "nowhere"}


def test_every_damaged_byte_is_seen(tmp_path: Path) -> None:
    path = network_file(tmp_path / "network.safetensors")
    content = path.read_bytes()
    length = int.from_bytes(content[:8], "little")
    for place in [*range(8, 8 + length, 61), *range(8 + length, len(content), 17)]:
        damaged = bytearray(content)
        damaged[place] ^= 0x10
        path.write_bytes(damaged)
        with pytest.raises(FileError, match=r"network\.safetensors"):
            read_tensors(path)


def test_a_damaged_tensor_is_named(tmp_path: Path) -> None:
    path = tensor_file(tmp_path / "a.safetensors", {"good": torch.zeros(2), "bad": torch.zeros(2)}, checksums=True)
    content = bytearray(path.read_bytes())
    content[-1] = 1
    path.write_bytes(content)
    with pytest.raises(FileError, match=r"a\.safetensors: tensor `bad` has CRC-32 [0-9a-f]{8} but should have"):
        read_tensors(path)


def test_checksums_of_a_former_content_play_no_part(tmp_path: Path) -> None:
    # Another program keeps the metadata that it found, but writes JSON in its own way.
    path = tensor_file(tmp_path / "a.safetensors", {"a": torch.ones(1)}, {"supernet.crc32": "0" * 16})
    assert torch.equal(read_tensors(path).tensors["a"], torch.ones(1))


@pytest.mark.parametrize("length", [0, 3, 7, 8, 12, 40, -1])
def test_truncated_files_are_refused(tmp_path: Path, length: int) -> None:
    path = tensor_file(tmp_path / "a.safetensors", {"a": torch.randn(2)})
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(FileError, match=r"a\.safetensors"):
        read_tensors(path)


@pytest.mark.parametrize("length", [1 << 60, (1 << 64) - 1, 100_000_001])
def test_a_header_beyond_the_file_is_refused(tmp_path: Path, length: int) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(length.to_bytes(8, "little") + b"{}")
    with pytest.raises(FileError, match=f"the header is said to be {length} bytes long, but only 2 bytes follow"):
        read_tensors(path)


@pytest.mark.parametrize(
    ("header", "data", "reason"),
    [
        (b"\xff{}", b"", "does not begin with"),
        (b'{"a":', b"", "header cannot be read"),
        (b"{\xff}", b"", "header cannot be read"),
        (b"[" * 100_000, b"", "does not begin with"),
        (b'{"a":' * 100_000, b"", "header cannot be read"),
        (b'{"a":{"dtype":"F32","shape":[NaN],"data_offsets":[0,4]}}', bytes(4), "NaN is no JSON"),
        (b'{"a":1,"a":1}', b"", "`a` stands there twice"),
        (b'{"a":{"dtype":"F32","dtype":"F32"}}', b"", "`dtype` stands there twice"),
        ({"a": 1}, b"", "tensor `a`: it is 1, which is no JSON object"),
        ({"__metadata__": {"a": 1}}, b"", "`__metadata__` holds something that is no text"),
        ({"a": entry("F31")}, bytes(4), "tensor `a`: the dtype 'F31' is not supported"),
        ({"a": entry() | {"code": "x"}}, bytes(4), "tensor `a`: it has the unknown field 'code'"),
        ({"a": {"dtype": "F32", "shape": [1]}}, bytes(4), "tensor `a`: `data_offsets` is no list"),
        ({"a": entry(shape=[-1])}, bytes(4), "tensor `a`: `shape` is no list of whole numbers"),
        ({"a": entry(shape=[True])}, bytes(4), "tensor `a`: `shape` is no list of whole numbers"),
        ({"a": entry(shape=[1.0])}, bytes(4), "tensor `a`: `shape` is no list of whole numbers"),
        ({"a": entry(shape=[1] * 65)}, bytes(4), "tensor `a`: `shape` has 65 numbers"),
        ({"a": entry(offsets=[4, 0])}, bytes(4), "tensor `a`: its data_offsets .4, 0. are no beginning and end"),
        ({"a": entry(offsets=[0])}, bytes(4), "tensor `a`: its data_offsets .0. are no beginning and end"),
        ({"a": entry(offsets=[0, 8])}, bytes(4), "tensor `a`: its data_offsets .0, 8. end beyond the 4 bytes"),
        ({"a": entry(shape=[2])}, bytes(4), "tensor `a`: its shape .2. of F32 needs 8 bytes, but it has 4"),
        ({"a": entry(shape=[2**62, 2**62])}, bytes(4), "tensor `a`: its shape"),
        ({"a": entry(), "b": entry(offsets=[2, 6])}, bytes(6), "tensor `b` begins at byte 2 of the data, within"),
        ({"a": entry(offsets=[2, 6])}, bytes(6), "no tensor has the bytes 0 to 2 before `a`"),
        ({"a": entry()}, bytes(6), "2 bytes follow the last tensor"),
    ],
)  # fmt: skip
def test_hostile_headers_are_refused(tmp_path: Path, header: Any, data: bytes, reason: str) -> None:
    with pytest.raises(FileError, match=rf"a\.safetensors: .*{reason}") as caught:
        read_tensors(header_file(tmp_path / "a.safetensors", header, data))
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_weights_that_are_no_numbers_are_refused(tmp_path: Path, value: float) -> None:
    tensors = {"good": torch.zeros(2), "bad": torch.tensor([0.0, value]), "count": torch.tensor(1)}
    path = tensor_file(tmp_path / "a.safetensors", tensors)
    with pytest.raises(FileError, match=r"a\.safetensors has infinite values .* in `bad`:"):
        read_tensors(path)
    assert not read_tensors(path, weights=False).tensors["bad"].isfinite().all()


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_tensors(tmp_path / "nowhere.safetensors")
    with pytest.raises(FileError, match="is not a regular file"):
        read_tensors(tmp_path)


def test_files_that_torch_saves_are_not_executed(tmp_path: Path) -> None:
    torch.save({"a": torch.zeros(1)}, tmp_path / "a.pth")
    with pytest.raises(FileError):
        read_tensors(tmp_path / "a.pth")
