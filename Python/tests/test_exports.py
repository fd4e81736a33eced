"""What the program exports for others, against the networks that it is made of: code, folders of model hubs, ONNX files in
floating point and in integers.

The networks are made here, with random weights; the program is the one that SUPERNET_PROGRAM names.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from making import convolution, part, sequence, tensor_file
from PIL import Image
from torch import nn

import supernet
from supernet.cards import parse_card
from supernet.errors import ProgramError
from supernet.network import Network

Layer = dict[str, Any]
SIZE = 16


def block(key: str, outputs: int, kernel: int = 3, activation: str = "relu", **options: object) -> list[Layer]:
    """A convolution, a batch norm and what cuts off, under keys of their own."""
    return [
        part(f"{key}.conv", convolution(outputs, kernel, **options)),
        part(f"{key}.norm", {"type": "batch-norm"}),
        part("", {"type": activation}),
    ]


def chain(*parts: Layer) -> Layer:
    return sequence(*parts, part("", {"type": "global-pool"}))


def residual(body: list[Layer], shortcut: Layer | None = None, relu: bool = True) -> Layer:
    layer: Layer = {"type": "residual", "relu": relu, "body": {"type": "sequence", "parts": body}}
    return layer | ({"shortcut": shortcut} if shortcut else {})


BACKBONES = {
    "mobile": chain(
        *block("stem", 8, stride=2, activation="relu6"),
        part(
            "inverted",
            residual(
                [
                    *block("expand", 24, 1, "relu6"),
                    *block("depth", 24, 3, "relu6", groups=24),
                    part("project", convolution(8, 1)),
                    part("norm", {"type": "batch-norm"}),
                ],
                relu=False,
            ),
        ),
        *block("head", 16, 1, "hard-swish"),
    ),
    "attention": chain(
        *block("stem", 8),
        part("", {"type": "pool", "kind": "max", "kernel": 3, "stride": 2, "padding": 1}),
        part(
            "bottleneck",
            residual(
                [part("split", {"type": "split-attention", "radix": 2, "cardinality": 2}), *block("last", 16, 1)],
                part("down", convolution(16, 1, bias=True)),
            ),
        ),
    ),
    "branches": chain(
        part("", {"type": "pad", "before": 0, "after": 1}),
        *block("stem", 8, stride=2, padding=0),
        part(
            "join",
            {
                "type": "join",
                "parts": [
                    part("0", {"type": "sequence", "parts": block("one", 4, 1)}),
                    part("1", convolution(4, 3, dilation=2, padding=2)),
                    part("2", {"type": "global", "body": convolution(4, 1, bias=True)}),
                ],
            },
        ),
        part("", {"type": "resize", "height": 5, "width": 6}),
        part(
            "gate",
            {"type": "gate", "body": {"type": "sequence", "parts": [
                part("", {"type": "squeeze"}), part("fc", convolution(12, 1, bias=True)), part("", {"type": "hard-sigmoid"}),
            ]}},
        ),
        part("", {"type": "dropout", "probability": 0.5}),
    ),
}  # fmt: skip


def card_of(backbone: Layer) -> dict[str, Any]:
    return {
        "task": "classification",
        "network": {"channels": 3, "classes": 3, "backbone": backbone},
        "classNames": ["ant", 'bee "quoted"', "cat \\ né"],
        "imageSize": SIZE,
        "mean": [0.5, 0.4, 0.3],
        "std": [0.25, 0.5, 0.2],
        "steps": [{"resize": 20}, {"center-crop": SIZE}],
        "orientation": "exif",
    }


@pytest.fixture(params=BACKBONES)
def network(request: pytest.FixtureRequest, program: str, tmp_path: Path) -> Path:
    """The file of a network with random weights and statistics."""
    card = card_of(BACKBONES[request.param])
    torch.manual_seed(len(request.param))
    made = Network(parse_card(card))
    for module in made.modules():
        if isinstance(module, nn.BatchNorm2d):
            for tensor, low in ((module.weight, 0.5), (module.running_var, 0.5), (module.bias, -0.3)):
                assert tensor is not None
                nn.init.uniform_(tensor, low, low + 0.8)
    return written(tmp_path / "network.safetensors", made, card)


def written(path: Path, network: Network, card: dict[str, Any]) -> Path:
    return tensor_file(path, network.state_dict(), {"supernet.card": json.dumps(card)})


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder of images of all shades, in two classes."""
    generator = np.random.default_rng(0)
    for number in range(40):
        folder = tmp_path / "photos" / ("ant" if number % 2 else 'bee "quoted"')
        folder.mkdir(parents=True, exist_ok=True)
        small = generator.integers(0, 256, (5, 6, 3), dtype=np.uint8)
        Image.fromarray(small).resize((30, 25)).save(folder / f"{number}.png")
    return tmp_path / "photos"


def run(*words: Any, **options: Any) -> str:
    return supernet.run(*words, progress=lambda line: None, **options).output


def module_of(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def check_code(path: Path, network: Path, photo: Path, load: Callable[[ModuleType], torch.nn.Module]) -> None:
    module, wanted = module_of(path), supernet.load(network)
    made = load(module)
    images = torch.randn(3, 3, SIZE, SIZE)
    with torch.no_grad():
        assert torch.allclose(made(images), wanted(images), atol=1e-5)
        exported = torch.export.export(made, (images,))
        assert torch.allclose(exported.module()(images), wanted(images), atol=1e-5)
    assert set(made.state_dict()) == set(wanted.state_dict())
    assert module.CLASSES == wanted.classes and module.TASK == "classification"
    with Image.open(photo) as image:
        assert torch.allclose(module.prepare(image), wanted.preprocess(photo), atol=1e-6)


def own_weights(path: Path) -> Callable[[ModuleType], torch.nn.Module]:
    """Loads as the code itself does, but without the library safetensors, which is not needed here."""

    def load(module: ModuleType) -> torch.nn.Module:
        made: torch.nn.Module = module.Network()
        made.load_state_dict(supernet.load(path).state_dict(), strict=True)
        return made.eval()

    return load


def test_code_gives_what_the_network_gives(network: Path, photos: Path, tmp_path: Path) -> None:
    run("export", network, output=tmp_path / "mine.py")
    photo = next(photos.rglob("*.png"))
    check_code(tmp_path / "mine.py", network, photo, own_weights(tmp_path / "mine.safetensors"))
    text = (tmp_path / "mine.py").read_text()
    assert "from mine import load" in text and "import supernet" not in text


def test_code_takes_the_place_of_no_other_weights(network: Path, tmp_path: Path) -> None:
    own = network.read_bytes()
    run("export", network, output=tmp_path / "network.py")
    assert network.read_bytes() == own and (tmp_path / "network.py").exists()
    run("export", network, output=tmp_path / "again.py")
    run("export", network, output=tmp_path / "again.py")
    (tmp_path / "other.safetensors").write_bytes(b"precious")
    with pytest.raises(ProgramError, match="which is something else"):
        run("export", network, output=tmp_path / "other.py")
    assert (tmp_path / "other.safetensors").read_bytes() == b"precious" and not (tmp_path / "other.py").exists()
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ProgramError, match="file"):
        run("export", network, output=tmp_path / "file" / "hub", format="huggingface")


def test_a_folder_of_a_hub_opens_without_this_package(network: Path, photos: Path, tmp_path: Path) -> None:
    run("export", network, output=tmp_path / "hub", format="huggingface")
    config = json.loads((tmp_path / "hub" / "config.json").read_text())
    assert config["num_classes"] == 3 and config["label_names"] == card_of({})["classNames"]
    assert config["pretrained_cfg"]["input_size"] == [3, SIZE, SIZE]
    assert config["pretrained_cfg"]["crop_pct"] == SIZE / 20
    assert "pipeline_tag: image-classification" in (tmp_path / "hub" / "README.md").read_text()
    photo = next(photos.rglob("*.png"))
    check_code(tmp_path / "hub" / "model.py", network, photo, own_weights(tmp_path / "hub" / "model.safetensors"))


def scores(output: str) -> dict[str, str]:
    lines = (line.split(maxsplit=1) for line in output.splitlines() if line.strip())
    return {line[0]: line[1] for line in lines if len(line) == 2}


def test_an_onnx_file_scores_as_its_network(network: Path, photos: Path, tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    run("export", network, output=tmp_path / "float.onnx")
    own, other = (scores(run("evaluate", file, data=photos)) for file in (network, tmp_path / "float.onnx"))
    assert own["images"] == other["images"] == "40" and own["accuracy"] == other["accuracy"]
    assert float(own["cross-entropy"]) == pytest.approx(float(other["cross-entropy"]), abs=1e-4)


def test_integers_compute_nearly_the_same(network: Path, photos: Path, tmp_path: Path) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    run("export", network, output=tmp_path / "int8.onnx", int8=True, calibrate=photos)
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "optimized.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "int8.onnx", options, providers=["CPUExecutionProvider"])
    wanted = supernet.load(network)
    assert isinstance(wanted, Network)
    images = torch.cat([wanted.preprocess(path) for path in sorted(photos.rglob("*.png"))])
    with torch.no_grad():
        right = wanted(images)
    found = torch.from_numpy(session.run(None, {"images": images.numpy()})[0])
    error = (found - right).square().sum() / (right - right.mean(1, keepdim=True)).square().sum()
    assert error < 0.02, error
    # onnxruntime has put operators on integers in the place of those between the marks.
    assert b"QLinearConv" in (tmp_path / "optimized.onnx").read_bytes()
    assert scores(run("evaluate", tmp_path / "int8.onnx", data=photos))["images"] == "40"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"output": "x.onnx", "int8": True}, "needs --calibrate"),
        ({"output": "x.onnx", "calibrate": "photos"}, "is for --int8"),
        ({"output": "x.py", "int8": True, "calibrate": "photos"}, "--int8 is for .onnx"),
        ({"output": "x.onnx", "int8": True, "calibrate": "nowhere/"}, "nowhere"),
        ({"output": "x.onnx", "int8": True, "calibrate": ".", "calibration_images": 5000}, "must be in 1...4096"),
        ({"output": "x.txt"}, "--output must end in"),
        ({"output": "x.onnx", "format": "python"}, "--output must end in .py"),
        ({"output": "x.py", "fold_batch_norm": True}, "are for .onnx"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(
    program: str, options: dict[str, Any], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    card = card_of(BACKBONES["mobile"])
    written(tmp_path / "network.safetensors", Network(parse_card(card)), card)
    with pytest.raises(ProgramError) as error:
        run("export", tmp_path / "network.safetensors", **options)
    assert words in error.value.message
    assert not (tmp_path / options["output"]).exists()


def test_an_onnx_file_that_is_damaged_or_foreign_is_refused(program: str, photos: Path, tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    (tmp_path / "damaged.onnx").write_bytes(b"\x08\x08\x12\x08supernet:")
    with pytest.raises(ProgramError, match="onnxruntime cannot open"):
        run("evaluate", tmp_path / "damaged.onnx", data=photos)
    with pytest.raises(ProgramError, match="there is no file"):
        run("evaluate", tmp_path / "nowhere.onnx", data=photos)


def test_without_onnxruntime_there_is_advice(
    program: str, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "any.onnx").write_bytes(b"")
    monkeypatch.setenv("SUPERNET_PYTHON", "/bin/false")
    with pytest.raises(ProgramError, match="pip install onnxruntime"):
        run("evaluate", tmp_path / "any.onnx", data=photos)
