"""Takes the networks of load-network.safetensors apart, for Scripts/check-onnx.

    python Tests/Goldens/onnx-networks.py NETWORKS ANSWERS

Writes NETWORKS/NAME.safetensors, a network's file, and ANSWERS/NAME.safetensors, its `images` and `logits`, for each
network that classifies. Needs Python alone.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path


def write(path: Path, tensors: dict[str, tuple[dict[str, object], bytes]], metadata: dict[str, str]) -> None:
    """Tensors by key, each with its entry in a header and its bytes."""
    header: dict[str, object] = {"__metadata__": metadata}
    data = b""
    for key, (entry, content) in tensors.items():
        header[key] = {**entry, "data_offsets": [len(data), len(data) + len(content)]}
        data += content
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)  # the data stays aligned
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)


def main() -> None:
    networks, answers = Path(sys.argv[1]), Path(sys.argv[2])
    content = Path(__file__).with_name("load-network.safetensors").read_bytes()
    start = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:start])
    for case in json.loads(header.pop("__metadata__")["cases"]):
        if "task" in case["config"]:
            continue

        def tensors(*prefixes: str) -> dict[str, tuple[dict[str, object], bytes]]:
            """The case's tensors under each prefix, which their keys lose."""
            found = {}
            for prefix in prefixes:
                for key, entry in header.items():
                    if key.startswith(whole := f"{case['name']}/{prefix}."):
                        begin, end = (start + offset for offset in entry["data_offsets"])
                        found[key.removeprefix(whole)] = (entry, content[begin:end])
            return found

        name = case["name"] + ".safetensors"
        card = {"supernet.card": case["config"]["card"], "format": "pt"}
        write(networks / name, tensors("param", "buffer"), card)
        write(answers / name, tensors("input", "output"), {})


if __name__ == "__main__":
    main()
