"""Small ONNX graphs."""

import numpy as np


def linear(weights=((1.0,), (2.0,)), inputs=("x",)):
    """A graph that multiplies the sum of its inputs by weights; float32."""
    from onnx import TensorProto, checker, helper, numpy_helper

    weights = np.array(weights, "float32")
    arrays = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, len(weights)]) for name in inputs]
    output = helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, weights.shape[1]])
    nodes = [helper.make_node("Sum", list(inputs), ["sum"]), helper.make_node("MatMul", ["sum", "weights"], ["y"])]
    graph = helper.make_graph(nodes, "linear", arrays, [output], [numpy_helper.from_array(weights, "weights")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    checker.check_model(model)
    return model
