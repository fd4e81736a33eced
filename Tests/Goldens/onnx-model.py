"""Makes onnx-model.onnx with ONNX's own library: the network of Tests/ONNXTests/OfficialBytesTests.swift, to the byte.

    pip install onnx==1.23.2; python Tests/Goldens/onnx-model.py
"""

from pathlib import Path

import numpy as np
from onnx import ModelProto, OperatorSetIdProto, TensorProto, checker, helper

SHAPES = {
    "conv.weight": (2, 1, 3, 3),
    "bn.weight": (2,),
    "bn.bias": (2,),
    "bn.running_mean": (2,),
    "bn.running_var": (2,),
    "fc.weight": (3, 2),
    "fc.bias": (3,),
}


def tensor(key: str) -> TensorProto:
    """0, 1/8, 2/8 and so on, exact in float32."""
    values = np.arange(np.prod(SHAPES[key]), dtype=np.float32) / 8
    return helper.make_tensor(key, TensorProto.FLOAT, SHAPES[key], values.tobytes(), raw=True)


def node(operation: str, inputs: list[str], output: str, name: str, **attributes: object):
    made = helper.make_node(operation, inputs, [output], name=name)
    made.attribute.extend(helper.make_attribute(key, value) for key, value in attributes.items())
    return made


norm = ["bn.weight", "bn.bias", "bn.running_mean", "bn.running_var"]
nodes = [
    node("Conv", ["images", "conv.weight"], "conv/out", "conv",
         group=1, kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[2, 2]),
    node("BatchNormalization", ["conv/out", *norm], "bn/out", "bn", epsilon=1e-5),
    node("Relu", ["bn/out"], "Relu/out", "Relu"),
    node("GlobalAveragePool", ["Relu/out"], "GlobalAveragePool/out", "GlobalAveragePool"),
    node("Flatten", ["GlobalAveragePool/out"], "Flatten/out", "Flatten", axis=1),
    node("Gemm", ["Flatten/out", "fc.weight", "fc.bias"], "logits", "fc", transB=1),
]  # fmt: skip
graph = helper.make_graph(
    nodes,
    "network",
    [helper.make_tensor_value_info("images", TensorProto.FLOAT, ["N", 1, 8, 8])],
    [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", 3])],
    [tensor(key) for key in SHAPES],
)
model = ModelProto(ir_version=8, producer_name="supernet", graph=graph)
model.opset_import.append(OperatorSetIdProto(version=17))
helper.set_model_props(model, {"classes": "größe, 2"})
checker.check_model(model, full_check=True)
(Path(__file__).parent / "onnx-model.onnx").write_bytes(model.SerializeToString())
