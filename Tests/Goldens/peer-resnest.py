"""Makes the peer-* files: checkpoints of ResNeSts as others write them, and what the networks in them answer.

    python Tests/Goldens/peer-resnest.py              checks the full-size keys, writes and checks the peer-* files
    python Tests/Goldens/peer-resnest.py --full OUT   the same networks at full size, in OUT: 480 MB

The networks are timm's (`timm_resnest.py`, which says what to install), so they share no line with what is tested; a
hand-written network (`resnest_by_hand.py`) must agree to rounding. Answers are computed in float64, on tensors of which
none can be wrong without the logits' showing it.

    peer-network.pth.tar      {"epoch", "arch", "state_dict", "optimizer"}, keys under "module.", SGD's momenta
    peer-network.legacy.pth   the plain state_dict in PyTorch's format before 1.6
    peer-backbone.pth         keys under "backbone.", without fc
    peer-network.safetensors  the plain state_dict
    peer-moco.pth.tar         Pi-NAS's pretraining, in the format before 1.6: a supernet under "module.encoder_q.0.",
                              its neck under "module.encoder_q.1.", others under "module.encoder_k.", a queue; a
                              shortcut's tensors stand under the keys of all four candidates
    peer-answers.safetensors  `images`; `features` and `logits` of the network; `path.a.*` and `path.b.*` of two of the
                              supernet's paths, `key.a.features` of the first in encoder_k. Paths' logits are those of
                              the network's fc on their features. The metadata's `peer` (JSON) has codes and sizes
    peer-one-class-short.pth  fc with one row less
    peer-nan.pth              one element of layer2.1.conv2.fc2.weight is not a number
    peer-other-space.pth      keys and ranks of a ResNet-18, a 32nd as wide
    peer-half.pth.tar         the first half of peer-network.pth.tar
    peer-code.pth             runs a command (a harmless one) if unpickled by Python's pickle: never do

All follows from seeds, but the two files before 1.6 hold addresses, so that their bytes differ from run to run.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

import safetensors.torch
import torch
import torch.nn.functional as F
from resnest_by_hand import SLIPS, ByHand, Sight, State, difference, double
from timm_resnest import RESNEST50, Design, network, path_state, randomise, resnet18
from torch import Tensor, nn

FOLDER = Path(__file__).resolve().parent

Code = tuple[int, ...]

CODE_CLS = (3, 0, 1, 3, 2, 3, 1, 2, 0, 3, 2, 1, 3, 0, 3, 2)
# 50 pixels become 25, 13, 7 and 4: every pooling of stride 2 meets an odd edge.
SMALL = Design(planes=(4, 4, 4), depths=(1, 2, 1), stem_width=4, classes=5)
# Over the network and the two paths, every candidate at both strides.
SMALL_CODES = {"network": (1, 3, 0, 2), "a": (2, 1, 3, 0), "b": (0, 2, 1, 3)}
FULL_CODES = {
    "network": CODE_CLS,
    "a": tuple((digit + 1) % 4 for digit in CODE_CLS),
    "b": (3, 3, 3, 3, 1, 1, 3, 3, 3, 0, 0, 1, 1, 0, 2, 1),
}

# What an error must change the logits by, relative to their largest: far above what a test allows for float32.
SIGHT = 5e-4


def text(code: Sequence[int]) -> str:
    return " ".join(map(str, code))


def prefixed(state: State, prefix: str) -> OrderedDict[str, Tensor]:
    return OrderedDict((prefix + key, tensor) for key, tensor in state.items())


def head(state: State) -> dict[str, Tensor]:
    return {key: state[key] for key in ("fc.weight", "fc.bias")}


def check_keys(keys: str, model: nn.Module, parameters: int, norms: int, tensors: int) -> None:
    """Holds a full-size network to the list of published keys, and its counts to the published ones."""
    state = model.state_dict(keep_vars=True)
    lines = [f"{key} {tuple(tensor.shape)} {tensor.dtype}" for key, tensor in state.items()]
    expected = (FOLDER / keys).read_text().splitlines()
    for line in sorted(set(expected) ^ set(lines)):
        print("  -" if line in expected else "  +", line)
    distinct = {id(tensor): tensor for tensor in state.values()}
    counts = (
        sum(tensor.numel() for tensor in distinct.values() if isinstance(tensor, nn.Parameter)),
        len({id(tensor) for key, tensor in state.items() if key.endswith("running_var")}),
        len(distinct),
    )
    if lines != expected or counts != (parameters, norms, tensors):
        raise SystemExit(f"{keys}: parameters, batch norms, tensors are {counts}, not {(parameters, norms, tensors)}")
    print(
        f"{keys}: {len(lines)} keys in their order, {tensors} tensors, {parameters:,} parameters, {norms} batch norms"
    )


def check_full_size() -> None:
    with torch.device("meta"):
        check_keys("resnest50-keys.txt", network(RESNEST50, CODE_CLS), 27_046_278, 71, 476)
        check_keys("resnest50-supernet-keys.txt", network(RESNEST50, None), 91_522_388, 263, 1770)


def answers(design: Design, code: Code, state: State, images: Tensor) -> dict[str, Tensor]:
    """Features and logits by timm in float64; held to the hand-written network and to timm in float32."""
    model = network(design, code)
    model.load_state_dict(state)
    with torch.no_grad():
        single = model(images)
        model.double()
        features = model.forward_head(model.forward_features(images.double()), pre_logits=True)
        logits = model(images.double())
        by_hand = ByHand(double(state), code, design.depths)
        others = by_hand(images.double())
    print(
        f"  {text(code)}: by hand {difference(others, features):.1e}, "
        f"{difference(by_hand.logits(others), logits):.1e}; float32 {difference(single, logits):.1e}; "
        f"logits to {logits.abs().max():.2f}, between images {difference(logits[0], logits[1]):.2f}"
    )
    # Asked so that what is not a number fails.
    if not (difference(others, features) < 1e-12 and difference(by_hand.logits(others), logits) < 1e-12):
        raise SystemExit("timm and the hand-written network disagree")
    if not difference(single, logits) < 2e-6:
        raise SystemExit("float32 does badly on this network: a test could not be strict")
    return {"features": features.float(), "logits": logits.float()}


def draw(model: nn.Module, design: Design, codes: Sequence[Code], images: Tensor, head: State, first: int) -> None:
    """Random tensors of the first seed with which the logits of these paths show everything."""
    for seed in range(first, first + 100):
        randomise(model, seed)
        state = model.state_dict()
        states = [path_state(state, code, design.depths) | head for code in codes] if head else [state]
        if all(
            Sight.of(design.depths, code, state, images).least > SIGHT
            for code, state in zip(codes, states, strict=True)
        ):
            print(f"  seed {seed} for {', '.join(map(text, codes))}")
            return
    raise SystemExit("no seed gives a network whose logits show all of its tensors")


def neck(features: int, hidden: int, outputs: int) -> nn.Module:
    """Pi-NAS's neck, for its keys: `mlp.0` and `mlp.2`."""
    module = nn.Module()
    module.add_module("mlp", nn.Sequential(nn.Linear(features, hidden), nn.ReLU(), nn.Linear(hidden, outputs)))
    return module


def trained(model: nn.Module, images: Tensor) -> dict[str, object]:
    """A step of SGD, and the optimiser's state after it."""
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9, weight_decay=1e-4)
    F.cross_entropy(model(images), torch.arange(len(images))).backward()
    optimizer.step()
    return optimizer.state_dict()


def pictures(count: int, size: int) -> Tensor:
    """Noise, whose mean and contrast differ from image to image and from channel to channel, and so their features."""
    generator = torch.Generator().manual_seed(4)
    mean = torch.randn(count, 3, 1, 1, generator=generator)
    contrast = torch.rand(count, 3, 1, 1, generator=generator) * 1.5 + 0.25
    return torch.randn(count, 3, size, size, generator=generator) * contrast + mean


def write_answers(
    path: Path, design: Design, codes: Mapping[str, Code], images: Tensor, state: State, supernet: State, key: State
) -> None:
    tensors = {"images": images} | answers(design, codes["network"], state, images)
    for name in ("a", "b"):
        own = path_state(supernet, codes[name], design.depths) | head(state)
        tensors |= prefixed(answers(design, codes[name], own, images), f"path.{name}.")
    if key:
        own = path_state(key, codes["a"], design.depths) | head(state)
        tensors["key.a.features"] = answers(design, codes["a"], own, images)["features"]
    peer = {
        "code": text(codes["network"]),
        "paths": {name: text(codes[name]) for name in ("a", "b")},
        "planes": design.planes,
        "depths": design.depths,
        "stemWidth": design.stem_width,
        "classes": design.classes,
        "torch": str(torch.__version__),
        "timm": version("timm"),
    }
    # One entry: safetensors writes several in any order.
    path.write_bytes(safetensors.torch.save(tensors, {"peer": json.dumps(peer)}))


class Command:
    """Unpickled, a call of os.system."""

    def __reduce__(self) -> tuple[object, ...]:
        return os.system, ("echo a checkpoint ran a command",)


def write_bad(state: State) -> None:
    short = OrderedDict(
        (key, tensor[:-1].clone() if key.startswith("fc.") else tensor) for key, tensor in state.items()
    )
    torch.save(short, FOLDER / "peer-one-class-short.pth")
    spoilt = OrderedDict((key, tensor.clone()) for key, tensor in state.items())
    spoilt["layer2.1.conv2.fc2.weight"][3, 2] = torch.nan
    torch.save(spoilt, FOLDER / "peer-nan.pth")
    torch.save(other_space(), FOLDER / "peer-other-space.pth")
    whole = (FOLDER / "peer-network.pth.tar").read_bytes()
    (FOLDER / "peer-half.pth.tar").write_bytes(whole[: len(whole) // 2])
    torch.save({"state_dict": {"fc.bias": state["fc.bias"]}, "best": Command()}, FOLDER / "peer-code.pth")


def other_space() -> OrderedDict[str, Tensor]:
    """A state_dict with all keys of torchvision's ResNet-18, which timm's shares."""
    state: OrderedDict[str, Tensor] = OrderedDict()
    generator = torch.Generator().manual_seed(5)
    with torch.device("meta"):
        full = resnet18().state_dict()
    for key, tensor in full.items():
        shape = [size if size < 64 else size // 32 for size in tensor.shape]
        random = torch.rand(shape, generator=generator)
        state[key] = random if tensor.is_floating_point() else torch.tensor(1)
    return state


def write_small() -> None:
    images = pictures(2, 50)
    model = network(SMALL, SMALL_CODES["network"])
    draw(model, SMALL, [SMALL_CODES["network"]], images, {}, first=1)
    optimizer = trained(model, images)
    state = model.state_dict()
    supernets, necks = [network(SMALL, None) for _ in range(2)], [neck(SMALL.features, SMALL.features, 6) for _ in range(2)]
    draw(supernets[0], SMALL, [SMALL_CODES["a"], SMALL_CODES["b"]], images, head(state), first=1000)
    draw(supernets[1], SMALL, [SMALL_CODES["a"]], images, head(state), first=2000)
    for seed, module in enumerate(necks):
        randomise(module, seed)

    checkpoint = {"epoch": 3, "arch": "resnest", "state_dict": prefixed(state, "module."), "optimizer": optimizer}
    torch.save(checkpoint, FOLDER / "peer-network.pth.tar")
    torch.save(state, FOLDER / "peer-network.legacy.pth", _use_new_zipfile_serialization=False)
    backbone = {key: tensor for key, tensor in state.items() if not key.startswith("fc.")}
    torch.save(prefixed(backbone, "backbone."), FOLDER / "peer-backbone.pth")
    (FOLDER / "peer-network.safetensors").write_bytes(safetensors.torch.save(dict(state), {"format": "pt"}))

    moco: OrderedDict[str, Tensor] = OrderedDict()
    for name, supernet, mlp in zip(("encoder_q", "encoder_k"), supernets, necks, strict=True):
        moco |= prefixed(supernet.state_dict(), f"module.{name}.0.") | prefixed(mlp.state_dict(), f"module.{name}.1.")
    moco["module.queue"] = F.normalize(torch.randn(6, 16, generator=torch.Generator().manual_seed(6)), dim=0)
    moco["module.queue_ptr"] = torch.tensor([8])
    pretraining = {"epoch": 100, "arch": "resnest", "state_dict": moco}
    torch.save(pretraining, FOLDER / "peer-moco.pth.tar", _use_new_zipfile_serialization=False)

    states = [supernet.state_dict() for supernet in supernets]
    write_answers(FOLDER / "peer-answers.safetensors", SMALL, SMALL_CODES, images, state, *states)
    write_bad(state)
    check_small(images, state, moco)


def check_small(images: Tensor, state: State, moco: State) -> None:
    """Reads the good files again, and looks whether the answers would show what went wrong."""

    def same(name: str, stored: State, expected: State) -> None:
        if list(stored) != list(expected) or not all(torch.equal(stored[key], expected[key]) for key in expected):
            raise SystemExit(f"{name} does not hold what was written")

    def load(name: str) -> dict[str, Tensor]:
        return torch.load(FOLDER / name, weights_only=True)

    backbone = {key: tensor for key, tensor in state.items() if not key.startswith("fc.")}
    same("network", load("peer-network.pth.tar")["state_dict"], prefixed(state, "module."))
    same("legacy", load("peer-network.legacy.pth"), state)
    same("backbone", load("peer-backbone.pth"), prefixed(backbone, "backbone."))
    stored = load("peer-moco.pth.tar")["state_dict"]
    same("moco", stored, moco)
    shared = {stored[f"module.encoder_q.0.layer2.0.{digit}.downsample.1.weight"].data_ptr() for digit in range(4)}
    assert len(shared) == 1

    shown: set[str] = set()
    supernet = {key.removeprefix("module.encoder_q.0."): stored[key] for key in stored if "encoder_q.0." in key}
    for name, code in SMALL_CODES.items():
        tensors = state if name == "network" else path_state(supernet, code, SMALL.depths) | head(state)
        sight = Sight.of(SMALL.depths, code, tensors, images)
        shown |= sight.slips
        print(f"  {text(code)}: least effect of a reversed tensor or a slip {sight.least:.1e} ({sight.what})")
        if sight.least < SIGHT:
            raise SystemExit("a test would hardly see it")
    if missed := set(SLIPS) - shown:
        raise SystemExit(f"no answer shows {missed}")
    total = 0
    for path in sorted(path for path in FOLDER.glob("peer-*") if path.suffix != ".py"):
        size = path.stat().st_size
        total += size
        print(f"  {path.name}: {size:,} bytes")
        if size > 300_000:
            raise SystemExit(f"{path.name} has more than 300,000 bytes")
    print(f"  together: {total:,} bytes")
    if total > 1_000_000:
        raise SystemExit("together they have more than 1,000,000 bytes")


def write_full(folder: Path) -> None:
    """cls.pth.tar, supernet.pth.tar (keys under "module.encoder_q.0.", nothing else) and answers.safetensors."""
    folder.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()

    def say(name: str) -> None:
        print(f"  {name}: {(folder / name).stat().st_size:,} bytes, {time.monotonic() - began:.0f} s")

    model = network(RESNEST50, CODE_CLS)
    randomise(model, seed=1)
    state = model.state_dict()
    torch.save({"epoch": 3, "arch": "resnest", "state_dict": prefixed(state, "module.")}, folder / "cls.pth.tar")
    say("cls.pth.tar")
    supernet = network(RESNEST50, None)
    randomise(supernet, seed=10)
    shared = prefixed(supernet.state_dict(), "module.encoder_q.0.")
    torch.save({"epoch": 100, "arch": "resnest", "state_dict": shared}, folder / "supernet.pth.tar")
    say("supernet.pth.tar")
    images = pictures(2, 224)
    path = folder / "answers.safetensors"
    write_answers(path, RESNEST50, FULL_CODES, images, state, supernet.state_dict(), {})
    say(path.name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", type=Path, metavar="OUT", help="where the full-size files go")
    arguments = parser.parse_args()
    torch.set_num_threads(1)  # one order of summation, one result
    check_full_size()
    if arguments.full is not None:
        write_full(arguments.full)
    else:
        write_small()


if __name__ == "__main__":
    main()
