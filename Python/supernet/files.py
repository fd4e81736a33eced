"""Reads and writes safetensors files, with PyTorch alone.

A safetensors file is the length of a JSON header (8 bytes, little-endian), the header, and the tensors' bytes without
gaps. The header names each tensor with its `dtype`, its `shape` and its `data_offsets` behind the header, and under
`__metadata__` texts by key. Nothing of a file is executed, and everything that the header says is held against the size
of the file before a byte of a tensor is read.

Files that supernet writes carry checksums, which this reader checks; that, and being usable with PyTorch alone, is why
it does not leave the reading to the library safetensors.
"""

from __future__ import annotations

import json
import math
import os
import stat
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import NoReturn

import torch
from torch import Tensor

from supernet.errors import FileError
from supernet.fields import Fields

MAX_HEADER = 100_000_000
"""The longest header that the format allows, in bytes."""
MAX_DIMENSIONS = 64
"""The most dimensions of a tensor."""
DTYPES = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "I64": torch.int64,
    "I32": torch.int32,
    "I16": torch.int16,
    "I8": torch.int8,
    "U8": torch.uint8,
}
"""The element types that are read, by their names in a header."""

_CHECKSUMS = "supernet.crc32"
# The space before the colon is supernet's own. A program that writes the file anew, with other tensors and the metadata
# that it found, does not write it, so that checksums of a former content are known and play no part.
_CHECKSUMS_MARK = f'"{_CHECKSUMS}" :"'.encode()
_DIGITS = 8


@dataclass(frozen=True)
class TensorFile:
    """What a safetensors file holds.

    Attributes:
        path: the file, as the caller named it.
        tensors: the tensors by key, on the CPU. Aliases, which the metadata names, are the same object.
        metadata: the texts by key, without checksums and aliases.
    """

    path: str
    tensors: dict[str, Tensor]
    metadata: dict[str, str]


@dataclass(frozen=True)
class _Entry:
    """What the header says of one tensor: its place behind the header, in bytes."""

    key: str
    dtype: torch.dtype
    shape: tuple[int, ...]
    begin: int
    end: int


def read_tensors(path: str | os.PathLike[str], *, weights: bool = True) -> TensorFile:
    """Reads a safetensors file.

    Args:
        path: the file.
        weights: whether the tensors are weights, all of whose values must be finite.

    Raises:
        FileError: for a file that is damaged (by its checksums where it has some), is no safetensors file, or holds
            weights that are no finite numbers. The message names the file and the key.
        OSError: if there is no such file, or it cannot be read.
    """
    name = os.fspath(path)
    if not stat.S_ISREG(os.stat(name).st_mode):
        raise FileError(f"{name} is not a regular file")
    with open(name, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        header = _read_header(file, size, name)
        entries, metadata = _parse_header(header, size - len(header), name)
        checksums = _take_checksums(metadata, header, len(entries), name)
        tensors = {}
        for entry, checksum in zip(entries, checksums, strict=True):
            file.seek(len(header) + entry.begin)
            tensors[entry.key] = _read_tensor(file, entry, checksum, name)
    if weights:
        _require_finite(tensors, name)
    for alias, key in sorted(metadata.items()):
        # A tensor that stands under several keys is stored once, as `safetensors.torch.save_model` has it.
        if alias not in tensors and key in tensors:
            tensors[alias] = tensors[key]
            del metadata[alias]
    return TensorFile(name, tensors, metadata)


def write_tensors(
    path: str | os.PathLike[str], tensors: Mapping[str, Tensor], metadata: Mapping[str, str] | None = None
) -> None:
    """Writes a safetensors file, larger elements first and then by key, so that every tensor is aligned.

    Raises:
        ValueError: for a tensor of an element type that is not among `DTYPES`.
        OSError: if the file cannot be written.
    """
    names = {dtype: name for name, dtype in DTYPES.items()}
    header: dict[str, object] = {"__metadata__": dict(metadata)} if metadata else {}
    contents: list[bytearray] = []
    offset = 0
    for key, tensor in sorted(tensors.items(), key=lambda item: (-item[1].element_size(), item[0])):
        if tensor.dtype not in names:
            raise ValueError(f"`{key}` is of the type {tensor.dtype}, which is not written")
        content = bytearray(tensor.numel() * tensor.element_size())
        if content:
            torch.frombuffer(content, dtype=tensor.dtype).copy_(tensor.detach().flatten())
        end = offset + len(content)
        header[key] = {"dtype": names[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [offset, end]}
        contents.append(content)
        offset = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # the data stays aligned
    Path(path).write_bytes(b"".join([len(text).to_bytes(8, "little"), text, *contents]))


def _read_header(file: BufferedReader, size: int, name: str) -> bytes:
    """The header with its eight bytes of length."""
    start = file.read(8)
    if len(start) < 8:
        raise FileError(f"{name} has {len(start)} bytes; it is no safetensors file, or it is truncated")
    length = int.from_bytes(start, "little")
    if length > size - 8:
        raise FileError(
            f"{name}: the header is said to be {length} bytes long, but only {size - 8} bytes follow; this is not a "
            "safetensors file, or it is truncated"
        )
    if length > MAX_HEADER:
        raise FileError(f"{name}: the header is said to be {length} bytes long; the format allows {MAX_HEADER}")
    text = file.read(length)
    if len(text) < length:
        raise FileError(f"{name} ended while its header was read")
    return start + text


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """A JSON object, whose keys must all differ: of equal ones, JSON's readers would silently keep the last."""
    result = dict(pairs)
    if len(result) < len(pairs):
        repeated = next(key for place, (key, _) in enumerate(pairs) if key in dict(pairs[:place]))
        raise ValueError(f"`{repeated}` stands there twice")
    return result


def _no_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON")


def _parse_header(header: bytes, available: int, name: str) -> tuple[list[_Entry], dict[str, str]]:
    """The tensors in the order of the header, and the metadata; `available` bytes follow the header."""
    text = header[8:]
    try:
        if not text.startswith(b"{"):
            raise ValueError("it does not begin with '{'")
        parsed = json.loads(text.decode(), object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise FileError(
            f"{name}: the header cannot be read: {error}; the file is damaged, or no safetensors file"
        ) from error
    metadata = parsed.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise FileError(f"{name}: `__metadata__` holds something that is no text")
    entries = []
    for key, value in parsed.items():
        try:
            entries.append(_entry(key, Fields(value), available))
        except ValueError as error:
            raise FileError(f"{name}: tensor `{key}`: {error}") from error
    _check_layout(entries, available, name)
    return entries, metadata


def _entry(key: str, fields: Fields, available: int) -> _Entry:
    unknown = sorted(set(fields.values) - {"dtype", "shape", "data_offsets"})
    if unknown:
        raise ValueError(f"it has the unknown field '{unknown[0][:40]}'")
    dtype = fields.text("dtype")
    if dtype not in DTYPES:
        raise ValueError(f"the dtype '{dtype[:40]}' is not supported; supported are {', '.join(DTYPES)}")
    for field, most in (("shape", MAX_DIMENSIONS), ("data_offsets", 2)):
        numbers = fields.values.get(field)
        if not isinstance(numbers, list) or any(type(number) is not int or number < 0 for number in numbers):
            raise ValueError(f"`{field}` is no list of whole numbers from 0 up")
        if len(numbers) > most:
            raise ValueError(f"`{field}` has {len(numbers)} numbers; the most are {most}")
    shape, offsets = tuple(fields.values["shape"]), fields.values["data_offsets"]
    if len(offsets) != 2 or offsets[1] < offsets[0]:
        raise ValueError(f"its data_offsets {offsets} are no beginning and end")
    begin, end = offsets
    if end > available:
        raise ValueError(f"its data_offsets {offsets} end beyond the {available} bytes that follow the header")
    needed = math.prod(shape) * DTYPES[dtype].itemsize
    if needed != end - begin:
        raise ValueError(f"its shape {list(shape)} of {dtype} needs {needed} bytes, but it has {end - begin}")
    return _Entry(key, DTYPES[dtype], shape, begin, end)


def _check_layout(entries: list[_Entry], available: int, name: str) -> None:
    """Checks that the tensors cover the data from its first byte to its last, each byte once."""
    covered = 0
    for entry in sorted(entries, key=lambda entry: (entry.begin, entry.end)):
        if entry.begin < covered:
            raise FileError(
                f"{name}: tensor `{entry.key}` begins at byte {entry.begin} of the data, within another one"
            )
        if entry.begin > covered:
            raise FileError(f"{name}: no tensor has the bytes {covered} to {entry.begin} before `{entry.key}`")
        covered = entry.end
    if covered < available:
        raise FileError(f"{name}: {available - covered} bytes follow the last tensor")


def _take_checksums(metadata: dict[str, str], header: bytes, count: int, name: str) -> list[int | None]:
    """Takes the checksums out of the metadata and holds the header against its own.

    They are CRC-32 (ISO 3309) in eight hexadecimal digits each: of the header with its length, where its own digits are
    zeros, and of each tensor in the order of the header.

    Returns:
        For each tensor its checksum; none where the file has none.
    """
    text = metadata.pop(_CHECKSUMS, None)
    mark = header.find(_CHECKSUMS_MARK)
    if text is None or mark < 0:
        return [None] * count
    digits = text.encode()
    start = mark + len(_CHECKSUMS_MARK)
    if len(digits) == (1 + count) * _DIGITS and header[start : start + len(digits)] == digits:
        values = [_hexadecimal(digits[place : place + _DIGITS]) for place in range(0, len(digits), _DIGITS)]
        blank = header[:start] + b"0" * _DIGITS + header[start + _DIGITS :]
        if None not in values and values[0] == zlib.crc32(blank):
            return values[1:]
    raise FileError(f"{name}: the header does not match its checksum; the file is damaged")


def _hexadecimal(digits: bytes) -> int | None:
    return int(digits, 16) if all(digit in b"0123456789abcdef" for digit in digits) else None


def _read_tensor(file: BufferedReader, entry: _Entry, checksum: int | None, name: str) -> Tensor:
    content = bytearray(entry.end - entry.begin)
    # `readinto` of a buffered file gives all bytes that there are.
    if file.readinto(content) < len(content):
        raise FileError(f"{name} ended while tensor `{entry.key}` was read")
    if checksum is not None and zlib.crc32(content) != checksum:
        raise FileError(
            f"{name}: tensor `{entry.key}` has CRC-32 {zlib.crc32(content):08x} but should have {checksum:08x}; "
            "the file is damaged"
        )
    if not content:
        return torch.empty(entry.shape, dtype=entry.dtype)
    return torch.frombuffer(content, dtype=entry.dtype).reshape(entry.shape)


def _require_finite(tensors: Mapping[str, Tensor], name: str) -> None:
    bad = [key for key, tensor in tensors.items() if tensor.is_floating_point() and not tensor.isfinite().all()]
    if bad:
        shown = ", ".join(f"`{key}`" for key in bad[:8]) + (f", and {len(bad) - 8} more" if len(bad) > 8 else "")
        raise FileError(
            f"{name} has infinite values or values that are no numbers in {shown}: the training that wrote it "
            "diverged, or the file is damaged"
        )
