"""Latency and throughput of ONNX files in onnxruntime: one JSON object, file by file in turns."""

import json
import sys
import time

import numpy
import onnxruntime


def session(path, threads):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def milliseconds(run, inputs, passes, threads):
    name = run.get_inputs()[0].name
    # A thread's own clock stands still while other programs have their turn; of several threads there is no such clock.
    clock = time.thread_time if threads == 1 else time.perf_counter
    for _ in range(3):
        run.run(None, {name: inputs})
    times = []
    for _ in range(passes):
        start = clock()
        run.run(None, {name: inputs})
        times.append((clock() - start) * 1e3)
    return float(numpy.median(times))


def main():
    rounds, passes, batch, threads = (int(value) for value in sys.argv[1:5])
    paths = sys.argv[5:]
    sessions = [session(path, threads) for path in paths]
    generator = numpy.random.default_rng(0)
    inputs = []
    for run in sessions:
        shape = [1 if not isinstance(size, int) else size for size in run.get_inputs()[0].shape]
        one = generator.standard_normal([1] + shape[1:], dtype=numpy.float32)
        inputs.append((one, numpy.repeat(one, batch, axis=0)))
    one = [[] for _ in paths]
    many = [[] for _ in paths]
    for _ in range(rounds):
        for place, run in enumerate(sessions):
            one[place].append(milliseconds(run, inputs[place][0], passes, threads))
            many[place].append(milliseconds(run, inputs[place][1], max(passes // 10, 3), threads))
    print(
        json.dumps(
            {
                "version": onnxruntime.__version__,
                "milliseconds": [float(numpy.median(times)) for times in one],
                "images": [batch * 1e3 / float(numpy.median(times)) for times in many],
            }
        )
    )


if __name__ == "__main__":
    main()
