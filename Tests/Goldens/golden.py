"""What the golden makers of this folder share: recording a case, judging its conditioning, writing the file.

A golden file is a safetensors file. Its `__metadata__` holds

- `torch`: the version of PyTorch that computed it;
- `script`: the script of this folder that made it;
- `cases`: a JSON list of cases, each with `name`, `kind`, `config` (flat: numbers, booleans, strings) and the lists
  `inputs`, `parameters`, `buffers`, `upstreams`, `outputs`, `gradients`, `after`, `states`, `lrs`, `values`, `zeros`
  of its tensors' names. The tensor `<name>` of a case is stored under the key `<case>/<name>`.

Names begin with `input.`, `param.`, `buffer.`, `upstream`, `output`, `grad.`, `after.`, `state.`, `lr`, `value.`.
`upstream` is the random gradient fed to the backward pass: the gradients are those of sum(output * upstream).
`zeros` names gradients that vanish in exact arithmetic (a bias before batch norm). They are not stored: what float32
makes of them is rounding noise, to be held against the absolute size of the neighbouring gradients.

Every case is computed twice from the same float32 inputs, in float64 and in float32. The float64 result, rounded to
float32, is stored; the float32 run shows how far an honest float32 implementation may stray. Inputs are drawn again
where the float32 error exceeds `MAX_ERROR` (relative to the tensor's largest magnitude), or where an activation or a
max-pool is within `MIN_MARGIN` of changing its mind, so that a reader can test with 1e-5.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import torch
from safetensors.torch import save
from torch import Tensor, nn

Scalar = int | float | bool | str

FOLDER = Path(__file__).resolve().parent
PEERS = FOLDER.parents[1] / "Benchmarks" / "peers"

MAX_ERROR = 2e-6
MIN_MARGIN = 5e-6
MAX_ATTEMPTS = 500
# Below this a float64 gradient of order one is the rounding noise of an exact zero.
ZERO = 1e-11

# Prefix of a tensor's name and the list of the case that names it.
LISTS = {
    "input": "inputs",
    "param": "parameters",
    "buffer": "buffers",
    "upstream": "upstreams",
    "output": "outputs",
    "grad": "gradients",
    "after": "after",
    "state": "states",
    "lr": "lrs",
    "value": "values",
}


def load_peer(name: str) -> ModuleType:
    """Imports `Benchmarks/peers/<name>.py` by its path: a golden maker may bear the same name."""
    qualified = f"peer_{name}"
    if qualified in sys.modules:
        return sys.modules[qualified]
    spec = importlib.util.spec_from_file_location(qualified, PEERS / f"{name}.py")
    if spec is None or spec.loader is None:
        raise ImportError(f"no peer {name} in {PEERS}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[qualified] = module  # dataclasses look their own module up
    spec.loader.exec_module(module)
    return module


class Tape:
    """Records the tensors of one run of one case in one dtype."""

    def __init__(self, seed: int, dtype: torch.dtype) -> None:
        self.dtype = dtype
        self.tensors: dict[str, Tensor] = {}
        self.margin = float("inf")
        self._generator = torch.Generator().manual_seed(seed)
        self._leaves: dict[str, Tensor] = {}

    # Random numbers are drawn in float32 whatever the run's dtype, so that both runs see the same values.

    def normal(self, *shape: int, std: float = 1.0, mean: float = 0.0) -> Tensor:
        return torch.randn(shape, generator=self._generator, dtype=torch.float32) * std + mean

    def uniform(self, *shape: int, low: float = 0.0, high: float = 1.0) -> Tensor:
        return torch.rand(shape, generator=self._generator, dtype=torch.float32) * (high - low) + low

    def integers(self, *shape: int, high: int) -> Tensor:
        return torch.randint(high, shape, generator=self._generator)

    def record(self, name: str, tensor: Tensor) -> None:
        if name.split(".")[0] not in LISTS:
            raise ValueError(f"tensor name {name} begins with none of {', '.join(LISTS)}")
        if name in self.tensors:
            raise ValueError(f"tensor name {name} is recorded twice")
        self.tensors[name] = tensor.detach().clone()

    def constant(self, name: str, tensor: Tensor) -> Tensor:
        """Records a tensor without gradient and returns it in the run's dtype (integers stay integers)."""
        value = tensor.to(self.dtype) if tensor.is_floating_point() else tensor
        self.record(name, value)
        return value.clone()

    def leaf(self, name: str, tensor: Tensor) -> Tensor:
        """Records a tensor whose gradient `finish` will record as `grad.<name>`."""
        value = self.constant(name, tensor).requires_grad_()
        self._leaves[name] = value
        return value

    def adopt(self, module: nn.Module) -> None:
        """Fills a module with random values, moves it to the run's dtype and records parameters and buffers.

        Matrices and kernels get N(0, 1/fan_in); the scale of a normalisation 0.5 to 1.5; biases N(0, 0.3^2). Buffers
        keep their values.
        """
        module.to(self.dtype)
        with torch.no_grad():
            for name, parameter in module.named_parameters():
                shape = tuple(parameter.shape)
                if parameter.dim() > 1:
                    value = self.normal(*shape, std=parameter[0].numel() ** -0.5)
                elif name.rsplit(".", 1)[-1] == "weight":
                    value = self.uniform(*shape, low=0.5, high=1.5)
                else:
                    value = self.normal(*shape, std=0.3)
                parameter.copy_(value)
                self.record(f"param.{name}", parameter)
                self._leaves[f"param.{name}"] = parameter
        for name, buffer in module.named_buffers():
            self.record(f"buffer.{name}", buffer)

    def backward(self, output: Tensor, suffix: str = "") -> None:
        """Records the output, draws and records an upstream gradient, and accumulates the leaves' gradients."""
        upstream = self.normal(*output.shape)
        self.record(f"output{suffix}", output)
        output.backward(self.constant(f"upstream{suffix}", upstream))

    def gradients(self) -> None:
        """Records the gradient of every leaf."""
        for name, leaf in self._leaves.items():
            if leaf.grad is None:
                raise ValueError(f"{name} received no gradient")
            self.record(f"grad.{name}", leaf.grad)

    def buffers_after(self, module: nn.Module) -> None:
        for name, buffer in module.named_buffers():
            self.record(f"after.buffer.{name}", buffer)

    def watch(self, module: nn.Module, arguments: tuple[Tensor, ...]) -> None:
        """Keeps the smallest distance of an activation or a max-pool from another piece, relative to the input's size."""
        if isinstance(module, nn.ReLU):
            x = arguments[0].detach()
            self._keep(x.abs().min(), x.abs().max())
        elif isinstance(module, (nn.Hardswish, nn.Hardsigmoid)):
            x = arguments[0].detach()
            self._keep((x.abs() - 3).abs().min(), x.abs().max())
        elif isinstance(module, nn.MaxPool2d):
            x = arguments[0].detach()
            # [N*C, window, positions], padded with a value that no maximum is.
            low = x.min() - 1.0
            size, pad, stride = module.kernel_size, module.padding, module.stride
            assert isinstance(size, int) and isinstance(pad, int) and isinstance(stride, int)
            padded = nn.functional.pad(x - low, (pad, pad, pad, pad)).flatten(0, 1).unsqueeze(1)
            windows = nn.functional.unfold(padded, size, stride=stride)
            best = windows.topk(2, dim=1).values
            gap = (best[:, 0] - best[:, 1]) / x.abs().max()
            # Equal zeros left by a ReLU are no danger: their gradient is stopped there.
            gap = gap[(best[:, 0] + low).abs() > 0]
            if gap.numel() > 0:
                self.margin = min(self.margin, float(gap.min()))

    def _keep(self, smallest: Tensor, largest: Tensor) -> None:
        self.margin = min(self.margin, float(smallest / largest))


@dataclass(frozen=True)
class Case:
    """A named case; `run` records its tensors on a tape."""

    name: str
    kind: str
    config: Mapping[str, Scalar]
    run: Callable[[Tape], None] = field(repr=False)


def _relative_error(value: Tensor, reference: Tensor) -> float:
    if not reference.is_floating_point():
        return 0.0 if torch.equal(value, reference) else float("inf")
    if reference.numel() == 0:
        return 0.0
    size = reference.abs().max().item()
    difference = (value.to(torch.float64) - reference.to(torch.float64)).abs().max().item()
    if size == 0.0:
        return 0.0 if difference == 0.0 else float("inf")
    return difference / size


def _run(case: Case, seed: int, dtype: torch.dtype) -> Tape:
    tape = Tape(seed, dtype)
    hook = nn.modules.module.register_module_forward_pre_hook(tape.watch)
    try:
        case.run(tape)
    finally:
        hook.remove()
    return tape


@dataclass(frozen=True)
class _Result:
    """What is stored of a case, and how well float32 does on it."""

    tensors: dict[str, Tensor]
    zeros: list[str]
    error: float
    error_name: str


def _compare(case: Case, exact: Tape, single: Tape) -> _Result:
    stored: dict[str, Tensor] = {}
    zeros: list[str] = []
    worst, worst_name = 0.0, "-"
    for name, reference in exact.tensors.items():
        value = single.tensors[name]
        if not bool(torch.isfinite(reference).all()):
            raise ValueError(f"{case.name}/{name} is not finite")
        if name.startswith("grad.") and value.abs().max().item() > 0.0 and reference.abs().max().item() < ZERO:
            zeros.append(name)
            continue
        error = _relative_error(value, reference)
        if error > worst:
            worst, worst_name = error, name
        # What is float64 in the float32 run too (learning rates, formulas) is meant to stay so.
        stored[name] = reference.to(value.dtype).contiguous()
    return _Result(stored, zeros, worst, worst_name)


def _compute(case: Case) -> tuple[_Result, int]:
    """The first draw that is far from every kink and well-conditioned, and the number of draws it took."""
    seed = zlib.crc32(case.name.encode())
    for attempt in range(MAX_ATTEMPTS):
        exact = _run(case, seed + attempt, torch.float64)
        if exact.margin < MIN_MARGIN:
            continue
        result = _compare(case, exact, _run(case, seed + attempt, torch.float32))
        if result.error <= MAX_ERROR:
            return result, attempt + 1
    raise ValueError(
        f"{case.name}: none of {MAX_ATTEMPTS} draws keeps its distance {MIN_MARGIN:.0e} from every kink "
        f"and its float32 error below {MAX_ERROR:.0e}"
    )


def _with_sorted_metadata(content: bytes) -> bytes:
    """The same file with `__metadata__` in a fixed order: safetensors writes it in any, so no two runs would agree."""
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # the data stays aligned
    return len(text).to_bytes(8, "little") + text + content[8 + length :]


def write(script: str, cases: list[Case], max_bytes: int = 512 * 1024) -> None:
    """Computes every case and writes `<script without .py>.safetensors` beside the script."""
    if len({case.name for case in cases}) != len(cases):
        raise ValueError("two cases share a name")
    torch.set_num_threads(1)  # one order of summation, one result
    tensors: dict[str, Tensor] = {}
    descriptions: list[dict[str, object]] = []
    print(f"{script}, torch {torch.__version__}")
    for case in cases:
        result, draws = _compute(case)
        description: dict[str, object] = {"name": case.name, "kind": case.kind, "config": dict(case.config)}
        for prefix, key in LISTS.items():
            description[key] = [name for name in result.tensors if name.split(".")[0] == prefix]
        description["zeros"] = result.zeros
        descriptions.append(description)
        tensors.update({f"{case.name}/{name}": tensor for name, tensor in result.tensors.items()})
        again = f", draw {draws}" if draws > 1 else ""
        print(f"  {case.name}: worst float32 error {result.error:.1e} ({result.error_name}){again}")
    path = FOLDER / Path(script).with_suffix(".safetensors").name
    metadata = {
        "torch": str(torch.__version__),
        "script": script,
        "cases": json.dumps(descriptions, separators=(",", ":")),
    }
    path.write_bytes(_with_sorted_metadata(save(tensors, metadata)))
    size = path.stat().st_size
    print(f"  {path.name}: {len(cases)} cases, {len(tensors)} tensors, {size} bytes")
    if size > max_bytes:
        raise ValueError(f"{path.name} has {size} bytes, more than {max_bytes}")
