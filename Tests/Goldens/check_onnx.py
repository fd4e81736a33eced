#!/usr/bin/env python3
"""Checks ONNX files against the logits of the networks that they were made from.

    pip install onnx onnxruntime numpy
    python Tests/Goldens/check_onnx.py FOLDER [--tolerance 1e-4]

FOLDER holds, for each network, NAME.onnx and what is expected of it: NAME.images.npy [N, C, H, W] and NAME.logits.npy
[N, classes] or [N, classes, H, W], or both as `images` and `logits` in NAME.safetensors. Each file must pass ONNX's checker with full shape
inference, take any number of images (or say that it takes one), and give the expected logits, all images at once and
the first of them alone. Errors are relative to the largest magnitude of the logits. Ends with 1 if any file fails.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime


def read_safetensors(path: Path) -> dict[str, np.ndarray]:
    """All float32 tensors of a file by key."""
    content = path.read_bytes()
    start = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:start])
    header.pop("__metadata__", None)
    tensors = {}
    for key, entry in header.items():
        if entry["dtype"] == "F32":
            begin, end = (start + offset for offset in entry["data_offsets"])
            tensors[key] = np.frombuffer(content[begin:end], dtype="<f4").reshape(entry["shape"])
    return tensors


def expectation(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """The images and logits that stand beside a model."""
    stem = path.name.removesuffix(".onnx")
    tensors = path.with_name(stem + ".safetensors")
    if tensors.exists():
        values = read_safetensors(tensors)
        return values["images"], values["logits"]
    return np.load(path.with_name(stem + ".images.npy")), np.load(path.with_name(stem + ".logits.npy"))


def output_of(model: onnx.ModelProto, rank: int, classes: int) -> str:
    """The name of the only output, whose inferred shape must be that of the logits."""
    inferred = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    [images], [output] = inferred.graph.input, inferred.graph.output
    if images.name != "images" or output.name not in ("logits", "probabilities"):
        raise ValueError(f"takes '{images.name}' and gives '{output.name}'")
    sizes = [dimension.dim_value for dimension in output.type.tensor_type.shape.dim]
    if len(sizes) != rank or sizes[1] != classes:
        raise ValueError(f"the inferred shape of '{output.name}' is {sizes}, but there are {classes} classes")
    return output.name


def check(path: Path) -> tuple[float, int, int]:
    """The largest relative error of the file's logits, its operators and its bytes."""
    images, expected = expectation(path)
    onnx.checker.check_model(str(path), full_check=True)
    model = onnx.load(str(path))
    output = output_of(model, expected.ndim, expected.shape[1])
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    if output == "probabilities":
        powers = np.exp(expected - expected.max(1, keepdims=True))
        expected = powers / powers.sum(1, keepdims=True)
    dynamic = isinstance(session.get_inputs()[0].shape[0], str)
    error = 0.0
    for count in {1, len(images)} if dynamic else {1}:
        [logits] = session.run([output], {"images": images[:count]})
        if logits.shape != expected[:count].shape:
            raise ValueError(f"gives {logits.shape} for {count} images")
        # NaN is an error, too: it compares as greater than nothing.
        difference = float(np.abs(logits - expected[:count]).max() / np.abs(expected).max())
        error = max(error, difference if np.isfinite(difference) else float("inf"))
    return error, len(model.graph.node), path.stat().st_size


def main() -> None:
    parser = argparse.ArgumentParser(description="Checks ONNX files against expected logits.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tolerance", type=float, default=1e-4, help="relative to the largest magnitude")
    options = parser.parse_args()
    paths = sorted(options.folder.glob("*.onnx"))
    if not paths:
        sys.exit(f"{options.folder} holds no .onnx files")
    width = max(len(path.name) for path in paths)
    print(f"{'file':{width}}  {'error':>9}  {'nodes':>6}  {'bytes':>12}")
    failures = 0
    for path in paths:
        try:
            error, nodes, size = check(path)
        except Exception as problem:  # each file is told of, whatever is wrong with it
            failures += 1
            print(f"{path.name:{width}}  FAILED: {problem}")
            continue
        failed = not error <= options.tolerance
        failures += failed
        print(f"{path.name:{width}}  {error:9.2e}  {nodes:6}  {size:12,}{'  FAILED' if failed else ''}")
    print(f"{len(paths) - failures} of {len(paths)} files agree within {options.tolerance:g}")
    sys.exit(failures > 0)


if __name__ == "__main__":
    main()
