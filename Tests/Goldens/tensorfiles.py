#!/usr/bin/env python3
"""Makes the goldens of TensorFilesTests: checkpoints and safetensors files as PyTorch 2.13.0, NumPy 2.4 and
safetensors 0.8.0 write them, and what they hold in `tensorfiles.expected.json`.

    python3 tensorfiles.py                 writes tensorfiles.* beside this script
    python3 tensorfiles.py --check FILE    reads a safetensors file with the reference implementation and prints it
    python3 tensorfiles.py --model FILE    measures a checkpoint NAME.pth that Scripts/test-data fetched into
                                           tensorfiles.NAME.json
"""

import argparse
import collections
import datetime
import enum
import functools
import io
import json
import pathlib
import sys
import types
import warnings
import zipfile
import zlib

import numpy
import safetensors
import safetensors.torch
import torch

HERE = pathlib.Path(__file__).resolve().parent
DTYPES = """bool uint8 int8 int16 int32 int64 uint16 uint32 uint64 float16 bfloat16 float32 float64 complex32 complex64
complex128 float8_e5m2 float8_e4m3fn float8_e8m0fnu float8_e4m3fnuz float8_e5m2fnuz""".split()


def raw(tensor):
    """The elements in row-major order, as bytes."""
    flat = tensor.detach().contiguous().reshape(-1)
    return bytes(flat.view(torch.uint8).numpy().tobytes()) if flat.numel() else b""


def flatten(value, path=()):
    """Every tensor below `value` with its dotted name, in order."""
    if isinstance(value, torch.Tensor):
        yield ".".join(path), value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from flatten(item, (*path, str(key)))
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from flatten(item, (*path, str(index)))


def describe(value):
    return [
        {
            "name": name,
            "dtype": str(tensor.dtype).removeprefix("torch."),
            "shape": list(tensor.shape),
            "strides": list(tensor.stride()),
            "storageOffset": tensor.storage_offset(),
            "bytes": raw(tensor).hex(),
        }
        for name, tensor in flatten(value)
    ]


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = torch.nn.Conv2d(1, 2, 3, bias=False)
        self.bn1 = torch.nn.BatchNorm2d(2)
        self.fc = torch.nn.Linear(2, 3)

    def forward(self, x):
        return self.fc(self.bn1(self.conv1(x)).mean((2, 3)))


def of_dtype(name):
    """Two rows of three elements with arbitrary bits, except for booleans."""
    dtype = getattr(torch, name)
    if name == "bool":
        return torch.tensor([[True, False, True], [False, False, True]])
    count = 6 * torch.empty(0, dtype=dtype).element_size()
    return (torch.arange(count, dtype=torch.uint8) * 37 + 11).view(dtype).reshape(2, 3)


def contents():
    torch.manual_seed(0)
    net = Net()
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    net(torch.randn(2, 1, 5, 5)).square().sum().backward()
    optimizer.step()

    base = torch.arange(24, dtype=torch.float32).reshape(2, 3, 4)
    tied = torch.nn.Parameter(torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
    annotated = torch.nn.Parameter(torch.tensor([5.0]))
    annotated.note = "an attribute"
    tagged = torch.tensor([6.0])
    tagged.note = "an attribute"
    return {
        "plain": {"weight": torch.tensor([[1.5, -2.0], [0.25, 8.0]]), "bias": torch.tensor([3, -4])},
        "module": net.state_dict(),
        "optimizer": optimizer.state_dict(),
        "views": {
            "base": base,
            "transposed": base.permute(2, 0, 1),
            "sliced": base[1, 1:, 1:3],
            "stepped": base[:, ::2, ::3],
            "expanded": torch.tensor([[7], [8]]).expand(2, 3),
            "tied.a": tied,
            "tied.b": tied,
            "annotated": annotated,
            "tagged": tagged,
            "scalar": torch.tensor(2.5, dtype=torch.float64),
            "element": base[1, 2, 3],
            "empty": torch.empty(0, 3),
            "empty_tail": base[2:],
        },
        "dtypes": {name: of_dtype(name) for name in DTYPES},
        "nested": {
            "state_dict": collections.OrderedDict(
                [("conv1.weight", torch.ones(1, 1, 2, 2)), ("conv1.bias", torch.zeros(1))]
            ),
            "epoch": 3,
            "best": 0.5,
            "name": "näme",
            "flags": [True, False, None],
            "pair": (1, -2),
            "ints": [255, 256, 65536, -1, 2**31, -(2**63), 2**63 - 1, 2**100],
            "raw": b"\x00\xff\x7f",
            "classes": {4: "four", 5: "five"},
            "unordered": {9},
            "frozen": frozenset([8]),
            "complex": 1.5 - 2j,
            "counter": collections.Counter({"a": 2}),
            "default": collections.defaultdict(list, {"k": [1]}),
            "numpy": [numpy.float64(0.1), numpy.float32(0.5), numpy.int64(-7), numpy.bool_(True)],
            "size": torch.Size([2, 3]),
            "dtype": torch.bfloat16,
            "device": torch.device("cuda", 1),
            "list": [torch.tensor([1], dtype=torch.uint8), (torch.tensor([2], dtype=torch.uint8),)],
        },
    }


class Config:
    """A class that no reader of plain data can know."""

    def __init__(self):
        self.depth = 3


class Settings(dict):
    """A kind of dictionary, as libraries of configurations have them."""


class Mode(enum.Enum):
    FAST = 1


class History:
    """An object of a training library, with a tensor that is no weight."""

    def __init__(self):
        self.best = torch.ones(3)


class Keywords:
    """Made with a keyword, as NEWOBJ_EX does."""

    def __new__(cls, *, depth):
        made = super().__new__(cls)
        made.depth = depth
        return made

    def __getnewargs_ex__(self):
        return (), {"depth": self.depth}


def objects():
    """What training programs put beside the weights."""
    library = types.ModuleType("trainlib")
    sys.modules["trainlib"] = library
    for kind in Settings, Mode, History, Keywords:
        kind.__module__ = "trainlib"
        setattr(library, kind.__name__, kind)
    history = History()
    return {
        "args": argparse.Namespace(lr=0.1, path=pathlib.PurePosixPath("/w"), inner=argparse.Namespace()),
        "model": Settings({"weight": torch.tensor([[1.5, -2.0]]), "bias": torch.tensor([0.25])}),
        "meta": {"classes": numpy.array(["a", "b"]), "scores": numpy.arange(3.0), "half": numpy.float16(0.5)},
        "mode": Mode.FAST,
        "history": collections.defaultdict(History, {"loss": history}),
        "again": [history, 7],
        "when": datetime.datetime(2020, 1, 2),
        "schedule": functools.partial(History),
        "made": Keywords(depth=3),
        "last": torch.tensor([3.0]),
    }


def write_checkpoints():
    expected = {}
    for name, value in contents().items():
        expected[name] = describe(value)
        torch.save(value, HERE / f"tensorfiles.{name}.pth")
        torch.save(value, HERE / f"tensorfiles.{name}.legacy.pth", _use_new_zipfile_serialization=False)
    for protocol in 3, 4, 5:
        value = contents()["nested"]
        torch.save(value, HERE / f"tensorfiles.nested.protocol{protocol}.pth", pickle_protocol=protocol)
    torch.save(
        contents()["plain"],
        HERE / "tensorfiles.plain.protocol4.legacy.pth",
        pickle_protocol=4,
        _use_new_zipfile_serialization=False,
    )
    return expected


def write_foreign():
    """Checkpoints with objects of other programs, of which only the tensors can be read; and what is left of them."""

    def without_source(*_):
        raise OSError("the source is left out, and with it the path of this script")

    torch.serialization.get_source_lines_and_file = without_source
    torch.manual_seed(0)
    net = Net()
    net.register_buffer("scratch", torch.ones(2), persistent=False)
    module = {"model": net, "config": Config(), "w": torch.ones(1)}
    value = objects()
    for suffix, zipped in (".pth", True), (".legacy.pth", False):
        torch.save(module, HERE / f"tensorfiles.module-whole{suffix}", _use_new_zipfile_serialization=zipped)
        torch.save(value, HERE / f"tensorfiles.objects{suffix}", _use_new_zipfile_serialization=zipped)
    torch.save(value, HERE / "tensorfiles.objects.protocol4.pth", pickle_protocol=4)
    return {
        "module-whole": describe({"model": net.state_dict(), "w": module["w"]}),
        "objects": describe({"model": dict(value["model"]), "last": value["last"]}),
    }


def write_archives():
    """Archives that are packed otherwise than torch.save does by itself."""
    value = contents()["plain"]
    buffer = io.BytesIO()
    torch.save(value, buffer)
    with zipfile.ZipFile(buffer) as source:
        records = [(name, source.read(name)) for name in source.namelist()]
    with zipfile.ZipFile(HERE / "tensorfiles.deflated.pth", "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in records:
            target.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    torch.serialization.set_crc32_options(False)
    torch.save(value, HERE / "tensorfiles.no-checksums.pth")
    torch.serialization.set_crc32_options(True)


def write_refused():
    """Sound files of kinds that are refused."""
    folder = HERE
    torch.save({"a": torch.eye(2).to_sparse()}, folder / "tensorfiles.refused-sparse.pth")
    torch.save({"a": torch.ones(1, dtype=torch.complex64).conj()}, folder / "tensorfiles.refused-conjugate.pth")
    buffer = io.BytesIO()
    torch.save({"a": torch.ones(2)}, buffer)
    with zipfile.ZipFile(buffer) as source:
        records = [(name, source.read(name)) for name in source.namelist()]
    with zipfile.ZipFile(folder / "tensorfiles.refused-compressed.pth", "w", zipfile.ZIP_BZIP2) as target:
        for name, data in records:
            target.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_BZIP2)
    with zipfile.ZipFile(folder / "tensorfiles.refused-bigendian.pth", "w", zipfile.ZIP_STORED) as target:
        for name, data in records:
            target.writestr(zipfile.ZipInfo(name), b"big" if name.endswith("byteorder") else data)
    torch.jit.script(torch.nn.ReLU()).save(str(folder / "tensorfiles.refused-torchscript.pth"))


def write_safetensors():
    tensors = {name: of_dtype(name) for name in DTYPES if name not in ("complex32", "complex128")}
    tensors |= {
        "a.scalar": torch.tensor(1.5),
        "a.empty": torch.empty(0, 2),
        'odd "name"\\\n\té\u0001/': torch.tensor([1, 2, 3], dtype=torch.int16),
    }
    safetensors.torch.save_file(tensors, HERE / "tensorfiles.all.safetensors", metadata={"format": "pt"})
    safetensors.torch.save_file({}, HERE / "tensorfiles.none.safetensors")
    return describe(tensors)


def measure_model(path):
    state = torch.load(path, weights_only=True)
    tensors = [
        {
            "name": name,
            "dtype": str(tensor.dtype).removeprefix("torch."),
            "shape": list(tensor.shape),
            "crc32": zlib.crc32(raw(tensor)),
        }
        for name, tensor in flatten(state)
    ]
    names = [name for name, tensor in state.items() if tensor.is_floating_point()]
    variance = next(name for name in names if name.endswith("running_var"))
    # The first convolution, the first batch norm, and the classifier.
    sums = {name: state[name].double().sum().item() for name in (names[0], variance, *names[-2:])}
    return {"tensors": tensors, "sums": sums}


def write_json(name, value):
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("},{", "},\n{")
    (HERE / f"tensorfiles.{name}.json").write_text(text + "\n")


def main(arguments):
    warnings.simplefilter("ignore")
    if arguments[:1] == ["--check"]:
        with safetensors.safe_open(arguments[1], "pt") as file:
            print(json.dumps(file.metadata(), sort_keys=True))
            for name in file.keys():
                tensor = file.get_tensor(name)
                print(name, tensor.dtype, list(tensor.shape), raw(tensor).hex()[:64])
    elif arguments[:1] == ["--model"]:
        write_json(pathlib.Path(arguments[1]).stem, measure_model(arguments[1]))
    else:
        expected = write_checkpoints()
        expected |= write_foreign()
        expected["safetensors"] = write_safetensors()
        write_archives()
        write_refused()
        write_json("expected", {"torch": torch.__version__, "files": expected})


main(sys.argv[1:])
