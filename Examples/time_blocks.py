"""Times the blocks of a search space in onnxruntime and writes the table of latencies that a search takes.

    supernet profile --supernet supernet.safetensors --latency-blocks blocks/     the blocks as ONNX files
    python3 time_blocks.py blocks/ --output phone.csv                             here, or on the device
    supernet adapt … --latency-table phone.csv --max-latency-ms 8                 a budget of that device

Each block is timed alone, and what a call costs by itself, which an empty network shows, is taken off. The times are
then scaled so that their sums agree with whole networks, and other whole networks show how far off the sums are.

For another runtime write a function like `Session` and keep the rest. Python 3.10, numpy and onnxruntime are all that
is needed. Copy this file: it depends on nothing else of the project.
"""

import argparse
import csv
import os
import sys
import time
from pathlib import Path

import numpy
import onnxruntime


class Session:
    """A network in onnxruntime with its input."""

    def __init__(self, path: Path, batch: int, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # Threads that wait would take the time of others.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self.session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        shape = self.session.get_inputs()[0].shape[1:]
        images = numpy.random.default_rng(0).standard_normal([batch, *shape], dtype=numpy.float32)
        self.inputs = {self.session.get_inputs()[0].name: images}
        # With one thread its own clock counts, which stands still while other programs have their turn.
        self.clock = time.thread_time_ns if threads == 1 else time.perf_counter_ns

    def milliseconds(self, passes: int) -> float:
        """The median time of a call."""
        self.session.run(None, self.inputs)
        times = []
        for _ in range(passes):
            start = self.clock()
            self.session.run(None, self.inputs)
            times.append(self.clock() - start)
        return float(numpy.median(times)) / 1e6


def measured(folder: Path, files: list[str], batch: int, threads: int, rounds: int, passes: int) -> dict[str, float]:
    """The milliseconds of each file. All have a turn in every round, so that a machine that becomes slower is slower
    for all; what counts is each one's share of its round."""
    sessions = {name: Session(folder / name, batch, threads) for name in files}
    turns = []
    for number in range(rounds):
        turns.append([session.milliseconds(passes) for session in sessions.values()])
        print(f"\rround {number + 1} of {rounds}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    table = numpy.array(turns)
    totals = table.sum(axis=1, keepdims=True)
    return dict(zip(files, numpy.median(table / totals, axis=0) * numpy.median(totals)))


def fit(sums: numpy.ndarray, whole: numpy.ndarray) -> tuple[float, float]:
    """Constant and factor by which the sums of blocks become the times of whole networks, where the squares of the
    relative errors are least; no network takes less than its blocks."""
    weights = 1 / whole
    for columns in ([numpy.ones_like(sums), sums], [sums]):
        solution = numpy.linalg.lstsq(numpy.stack(columns, 1) * weights[:, None], whole * weights, rcond=None)[0]
        if (solution >= 0).all() and solution[-1] > 0:
            break
    return (float(solution[0]) if len(columns) == 2 else 0.0), float(solution[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="what `supernet profile --latency-blocks` wrote")
    parser.add_argument("--output", type=Path, required=True, help="the table, a CSV file")
    parser.add_argument("--batch", type=int, default=1, help="images of one call; searches take tables of one")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--passes", type=int, default=15, help="calls of each network in a round")
    options = parser.parse_args()
    if min(options.batch, options.threads, options.rounds, options.passes) < 1:
        parser.error("--batch, --threads, --rounds and --passes must be 1 or more")
    try:
        with open(options.folder / "blocks.csv", newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    except FileNotFoundError:
        parser.error(f"{options.folder} has no blocks.csv; make it with `supernet profile --latency-blocks`")
    files = list(dict.fromkeys(row["file"] for row in rows))
    missing = [name for name in files if not (options.folder / name).is_file()]
    if missing:
        parser.error(f"{len(missing)} files of {options.folder} are missing, {missing[0]} first; copy the whole folder")

    times = measured(options.folder, files, options.batch, options.threads, options.rounds, options.passes)
    by_role = {role: [row for row in rows if row["role"] == role] for role in ("empty", "block", "fitted", "checked")}
    empty = times[by_role["empty"][0]["file"]]
    blocks = numpy.array([max(times[row["file"]] - empty, 0) for row in by_role["block"]])

    def sums(networks: list[dict[str, str]]) -> numpy.ndarray:
        return numpy.array([blocks[[int(part) for part in row["parts"].split()]].sum() for row in networks])

    def whole(networks: list[dict[str, str]]) -> numpy.ndarray:
        return numpy.array([times[row["file"]] for row in networks])

    constant, factor = fit(sums(by_role["fitted"]), whole(by_role["fitted"]))
    blocks *= factor
    errors = abs(sums(by_role["checked"]) + constant - whole(by_role["checked"])) / whole(by_role["checked"])
    table = [["network", "", by_role["empty"][0]["input"], options.batch, constant]]
    table += [["network", row["choices"], row["input"], options.batch, times[row["file"]]] for row in by_role["checked"]]
    table += [
        [row["block"], row["choices"], row["input"], options.batch, block]
        for row, block in zip(by_role["block"], blocks)
    ]
    part = options.output.with_name(options.output.name + ".part")
    with open(part, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["block", "choices", "input", "batch", "milliseconds"])
        writer.writerows(table)
    os.replace(part, options.output)
    print(
        f"onnxruntime {onnxruntime.__version__}, {options.threads} thread(s), {options.batch} image(s): "
        f"{len(blocks)} blocks, {empty * 1e3:.1f} us for a call by itself, times scaled by {factor:.2f}"
    )
    if len(errors):
        print(f"off by {errors.mean():.1%}, {errors.max():.1%} at most, on {len(errors)} whole networks not fitted to")
    print(f"wrote {options.output}")


if __name__ == "__main__":
    main()
