"""What onnxruntime makes of RoIAlign and of non-maximum suppression: writes regions.json beside itself.

    .deps/onnx-venv/bin/python Tests/Goldens/regions.py

Made with onnxruntime 1.31.0, onnx 1.23.2 and NumPy 2.4.6. Both operators give the bits of torchvision's.

`aligns`: a map, boxes (image, x0, y0, x1, y1) of all sizes, some beyond the map and some without any, and the result;
float32 as base64. `suppressions`: boxes with scores, many alike, groups, a threshold, and the places that stay, the highest
score first.
"""
import base64
import json
import pathlib

import numpy
import onnx
import onnxruntime
from onnx import TensorProto, helper

random = numpy.random.default_rng(29)


def run(operator, inputs, outputs, **attributes):
    names = [f"x{i}" for i in range(len(inputs))]
    kinds = {numpy.dtype("float32"): TensorProto.FLOAT, numpy.dtype("int64"): TensorProto.INT64}
    node = helper.make_node(operator, names, ["y"], **attributes)
    graph = helper.make_graph(
        [node], "g", [helper.make_tensor_value_info(n, kinds[v.dtype], v.shape) for n, v in zip(names, inputs)],
        [helper.make_tensor_value_info("y", outputs, ["a", "b", "c", "d"][: 4 if outputs == TensorProto.FLOAT else 2])])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 16)], ir_version=9)
    onnx.checker.check_model(model)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, dict(zip(names, inputs)))[0]


def text(values):
    return base64.b64encode(numpy.ascontiguousarray(values, numpy.float32).tobytes()).decode()


aligns = []
for aligned in (True, False):
    for samples in (0, 2):
        for scale, bins in ((0.25, (3, 3)), (0.0625, (2, 4)), (1.0, (7, 7))):
            x = random.standard_normal((2, 5, 9, 12)).astype(numpy.float32)
            boxes = [[0, 0, 0, 12 / scale, 9 / scale], [1, 3, 2, 3, 2], [0, -9 / scale, -9 / scale, 2, 2],
                     [1, 5 / scale, 4 / scale, 40 / scale, 30 / scale], [0, 20 / scale, 20 / scale, 30 / scale, 30 / scale]]
            for _ in range(6):
                corners = numpy.sort(random.random((2, 2)) * [12 / scale, 9 / scale], 0)
                boxes.append([int(random.integers(2)), *corners[0], *corners[1]])
            boxes = numpy.array(boxes, numpy.float32)
            y = run("RoiAlign", [x, boxes[:, 1:].copy(), boxes[:, 0].astype(numpy.int64)], TensorProto.FLOAT, mode="avg",
                    output_height=bins[0], output_width=bins[1], sampling_ratio=samples, spatial_scale=scale,
                    coordinate_transformation_mode="half_pixel" if aligned else "output_half_pixel")
            aligns.append({"aligned": aligned, "samples": samples, "scale": scale, "bins": list(bins),
                           "shape": list(x.shape), "map": text(x), "boxes": text(boxes), "result": text(y)})

suppressions = []
for count, groups, threshold in ((0, 1, 0.5), (1, 1, 0.5), (60, 1, 0.5), (200, 1, 0.7), (150, 4, 0.5), (80, 3, 0.0)):
    corners = numpy.floor(random.random((count, 2)) * 16)
    boxes = numpy.concatenate([corners, corners + numpy.floor(random.random((count, 2)) * 20 + 1)], 1).astype(numpy.float32)
    # Halves of each other overlap by the threshold exactly.
    for i in range(0, count - 1, 7):
        boxes[i + 1] = boxes[i] * [1, 1, 1, 1]
        boxes[i + 1, 2] = boxes[i, 0] + 2 * (boxes[i, 2] - boxes[i, 0])
    scores = numpy.round(random.random(count), 1).astype(numpy.float32)
    numbers = random.integers(0, groups, count)
    kept = []
    for group in range(groups):
        own = numpy.nonzero(numbers == group)[0]
        if len(own) == 0:
            continue
        found = run("NonMaxSuppression",
                    [boxes[None, own][:, :, [1, 0, 3, 2]], scores[None, None, own], numpy.array([1 << 20]),
                     numpy.array([threshold], numpy.float32)], TensorProto.INT64)
        kept += own[found[:, 2]].tolist()
    kept.sort(key=lambda i: (-scores[i], i))
    suppressions.append({"boxes": text(boxes), "scores": text(scores), "groups": numbers.tolist(), "threshold": threshold,
                         "kept": kept})

path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps({"aligns": aligns, "suppressions": suppressions}, separators=(",", ":")) + "\n")
print(len(aligns), [len(s["kept"]) for s in suppressions], f"{path.stat().st_size / 1024:.0f} KiB")
