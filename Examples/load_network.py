"""Opens a network that supernet wrote, in plain PyTorch.

    python3 load_network.py network.safetensors                      what it is
    python3 load_network.py network.safetensors photo.png photos/    what images show (needs Pillow)
    python3 load_network.py network.safetensors --tensors in.safetensors --out out.safetensors
                             `images` [N, C, H, W], normalised as the card says, to `logits` [N, outputs]

A safetensors file is the length of a JSON header (8 bytes), the header, and the tensors' bytes. Its metadata here holds
a card, JSON again: the task, the network layer by layer, what stands on its features, the names of the classes, and how
images must be prepared. The tensors' keys are those of the modules that `Network` makes from the card, so they load strictly
and without renaming.

Python 3.10 and PyTorch are all that is needed. Copy this file: it depends on nothing else of the project.
"""

import argparse
import json
import struct
import sys
import zlib
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

# Of the images in a folder.
SUFFIXES = {".apng", ".bmp", ".dib", ".jfif", ".jpe", ".jpeg", ".jpg", ".png", ".webp"}
DTYPES = {"F32": torch.float32, "F64": torch.float64, "BF16": torch.bfloat16, "F16": torch.float16, "I64": torch.int64}


def read_safetensors(path: str) -> tuple[dict[str, Tensor], dict[str, str]]:
    """All tensors of a file by key, and its metadata."""
    content = bytearray(Path(path).read_bytes())
    start = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:start])
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for key, entry in header.items():
        begin, end = entry["data_offsets"]
        values = torch.frombuffer(content[start + begin : start + end], dtype=DTYPES[entry["dtype"]])
        tensors[key] = values.reshape(entry["shape"])
    return tensors, metadata


def write_safetensors(key: str, tensor: Tensor, path: str) -> None:
    """Writes one tensor of float32."""
    data = bytearray(tensor.numel() * 4)
    torch.frombuffer(data, dtype=torch.float32).copy_(tensor.flatten())
    header = json.dumps({key: {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [0, len(data)]}})
    header += " " * (-len(header) % 8)  # the data stays aligned
    Path(path).write_bytes(len(header).to_bytes(8, "little") + header.encode() + data)


class SplitAttention(nn.Module):
    """Splits of a 3x3 convolution, summed with weights that each image chooses (Zhang et al., "ResNeSt", 2020)."""

    def __init__(self, width: int, radix: int, cardinality: int, dilation: int = 1) -> None:
        super().__init__()
        self.radix, self.cardinality = radix, cardinality
        reduced = -(-max(width * radix // 4, 32) // cardinality) * cardinality  # rounded up to a multiple
        window = {"kernel_size": 3, "padding": dilation, "dilation": dilation}
        self.conv = nn.Conv2d(width, width * radix, **window, groups=cardinality * radix, bias=False)
        self.bn0 = nn.BatchNorm2d(width * radix)
        self.fc1 = nn.Conv2d(width, reduced, 1, groups=cardinality)
        self.bn1 = nn.BatchNorm2d(reduced)
        self.fc2 = nn.Conv2d(reduced, width * radix, 1, groups=cardinality)

    def forward(self, x: Tensor) -> Tensor:
        splits = F.relu(self.bn0(self.conv(x))).unflatten(1, (self.radix, -1))  # [N, R, C, H, W]
        pooled = splits.sum(1).mean((2, 3), keepdim=True)  # [N, C, 1, 1]
        logits = self.fc2(F.relu(self.bn1(self.fc1(pooled))))  # [N, R * C, 1, 1], group after group
        if self.radix == 1:
            weights = logits.sigmoid()
        else:
            weights = logits.reshape(len(x), self.cardinality, self.radix, -1).transpose(1, 2).softmax(1)
        return (splits * weights.reshape(len(x), self.radix, -1, 1, 1)).sum(1)


def join(path: str, key: str) -> str:
    """A key within a path. An empty key adds nothing: what it stands for lies under the path itself."""
    return f"{path}.{key}" if path and key else path or key


def make(layer: dict, path: str, channels: int, modules: dict[str, nn.Module]) -> int:
    """Adds the modules of a layer, under their paths; `channels` come in, and the result is how many come out."""
    match layer["type"]:
        case "convolution":
            stride, dilation = layer.get("stride", 1), layer.get("dilation", 1)
            usual = layer["kernel"] // 2 if dilation == 1 else dilation * (layer["kernel"] - 1) // 2
            padding = layer.get("padding", usual)
            options = {"dilation": dilation, "groups": layer.get("groups", 1), "bias": layer.get("bias", False)}
            modules[path] = nn.Conv2d(channels, layer["outputs"], layer["kernel"], stride, padding, **options)
            return layer["outputs"]
        case "batch-norm":
            modules[path] = nn.BatchNorm2d(channels)
        case "linear":
            modules[path] = nn.Linear(channels, layer["outputs"])
            return layer["outputs"]
        case "split-attention":
            modules[path] = SplitAttention(channels, layer["radix"], layer["cardinality"], layer.get("dilation", 1))
        case "sequence":
            for part in layer["parts"]:
                channels = make(part["layer"], join(path, part["key"]), channels, modules)
        case "residual":
            if shortcut := layer.get("shortcut"):
                make(shortcut["layer"], join(path, shortcut["key"]), channels, modules)
            return make(layer["body"], path, channels, modules)
        case "global":
            return make(layer["body"], path, channels, modules)
        case "join":
            return sum(make(part["layer"], join(path, part["key"]), channels, modules) for part in layer["parts"])
        case "cell":
            nodes = {0: channels}
            for edge in sorted(layer["edges"], key=lambda edge: edge["to"]):
                part = edge["part"]
                nodes[edge["to"]] = make(part["layer"], join(path, part["key"]), nodes[edge["from"]], modules)
            return nodes[max(nodes)]
        case "gate":
            make(layer["body"], path, channels, modules)
        case "relu" | "relu6" | "hard-swish" | "hard-sigmoid" | "pad" | "pool" | "global-pool" | "squeeze" | "resize":
            pass  # nothing is learned
        case "identity" | "zero" | "dropout" | "tap":
            pass
        case kind:
            raise ValueError(f"'{path}' is of the type '{kind}', which no finished network has")
    return channels


def note_taps(layer: dict, channels: int, found: dict[str, int]) -> int:
    """Notes the channels of each map that is handed out; the result is how many channels come out."""
    if layer["type"] == "tap":
        found[layer["name"]] = channels
    if layer["type"] == "sequence":
        for part in layer["parts"]:
            channels = note_taps(part["layer"], channels, found)
        return channels
    return make(layer, "", channels, {})


class Network(nn.Module):
    """The network of a card: [N, C, H, W] to logits [N, classes], or to the outputs or the embeddings of another task; of
    a dense network to a map of logits, [N, classes, H', W'].

    Layers with tensors become modules of torch.nn under the card's own paths; `run` goes through the card and computes.
    """

    def __init__(self, card: dict) -> None:
        super().__init__()
        modules: dict[str, nn.Module] = {}
        self.card, self.task = card, None if card["classNames"] else card["task"]
        features = make(card["network"]["backbone"], "", card["network"]["channels"], modules)
        head = card.get("head") or {"kind": "linear", "outputs": card["network"]["classes"]}
        self.embeds, self.is_map = head["kind"] == "neck", head["kind"] == "map"
        self.map_channels: dict[str, int] = {}  # of the maps that are handed out on the way
        note_taps(card["network"]["backbone"], card["network"]["channels"], self.map_channels)
        if self.embeds:
            modules["fc.neck"] = nn.BatchNorm1d(features)
        elif head["kind"] == "linear":
            modules["fc"] = nn.Linear(features, head["outputs"])
        for path in sorted(modules, key=len):  # what is outside comes before what lies in it
            parent = self
            *folders, name = path.split(".")
            for folder in folders:
                if not hasattr(parent, folder):
                    parent.add_module(folder, nn.Module())
                parent = getattr(parent, folder)
            parent.add_module(name, modules[path])

    def maps(self, images: Tensor) -> dict[str, Tensor]:
        """The maps that are handed out on the way, by name."""
        self.handed_out: dict[str, Tensor] = {}
        self.run(self.card["network"]["backbone"], "", images)
        return self.handed_out

    def forward(self, images: Tensor) -> Tensor:
        self.handed_out = {}
        features = self.run(self.card["network"]["backbone"], "", images)
        if not hasattr(self, "fc"):  # of a dense network, or the backbone of a detector: see load_detector.py
            return features
        return self.fc.neck(features) if self.embeds else self.fc(features)

    def run(self, layer: dict, path: str, x: Tensor) -> Tensor:
        """What a layer makes of x."""
        match layer["type"]:
            case "convolution" | "batch-norm" | "linear" | "split-attention":
                return self.get_submodule(path)(x)
            case "relu":
                return F.relu(x)
            case "relu6":
                return F.relu6(x)
            case "hard-swish":
                return F.hardswish(x)
            case "hard-sigmoid":
                return F.hardsigmoid(x)
            case "pad":
                return F.pad(x, (layer["before"], layer["after"]) * 2)
            case "pool":
                window = (layer["kernel"], layer["stride"], layer.get("padding", 0))
                if layer["kind"] == "max":
                    return F.max_pool2d(x, *window)
                return F.avg_pool2d(x, *window, layer.get("ceil", False), layer.get("counts-padding", True))
            case "global-pool":
                return x.mean((2, 3))
            case "squeeze":
                return x.mean((2, 3), keepdim=True)
            case "gate":
                return x * self.run(layer["body"], path, x)
            case "resize":
                return F.interpolate(x, (layer["height"], layer["width"]), mode="bilinear", align_corners=False)
            case "global":
                return self.run(layer["body"], path, x.mean((2, 3), keepdim=True)).expand(-1, -1, *x.shape[2:])
            case "join":
                parts = layer["parts"]
                return torch.cat([self.run(part["layer"], join(path, part["key"]), x) for part in parts], 1)
            case "dropout":
                whole = layer.get("of-channels", False)
                return (F.dropout2d if whole else F.dropout)(x, layer["probability"], self.training)
            case "tap":
                self.handed_out[layer["name"]] = x
            case "zero":
                stride = layer.get("stride", 1)
                return torch.zeros_like(x[:, :, ::stride, ::stride])
            case "sequence":
                for part in layer["parts"]:
                    x = self.run(part["layer"], join(path, part["key"]), x)
            case "residual":
                y = self.run(layer["body"], path, x)
                if shortcut := layer.get("shortcut"):
                    x = self.run(shortcut["layer"], join(path, shortcut["key"]), x)
                return F.relu(x + y) if layer.get("relu") else x + y
            case "cell":  # node 0 is what comes in; every other one is a sum over the edges that lead to it
                nodes = {0: x}
                for edge in sorted(layer["edges"], key=lambda edge: edge["to"]):
                    part, y = edge["part"], nodes[edge["from"]]
                    nodes[edge["to"]] = nodes.get(edge["to"], 0) + self.run(part["layer"], join(path, part["key"]), y)
                return nodes[max(nodes)]
        return x  # the layer is `identity` or `tap`, or a sequence has come to its end


def open_network(path: str) -> Network:
    """The network of a file, ready for use; `card` says the rest."""
    tensors, metadata = read_safetensors(path)
    if "supernet.card" in metadata:
        card = json.loads(metadata["supernet.card"])
    elif "supernet.task" in metadata:  # a network without classes, as version 0.8 wrote it
        old = json.loads(metadata["supernet.task"])
        is_linear = "fc.weight" in tensors
        head = {"kind": "linear", "outputs": len(tensors["fc.weight"])} if is_linear else {"kind": "neck"}
        card = old["network"] | {"task": old["task"], "head": head, "classNames": []}
    else:
        sys.exit(f"{path} holds tensors but no card: it is no network that supernet wrote")
    network = Network(card)
    if (card.get("head") or {}).get("kind") == "detector":  # load_detector.py makes the head of these
        network.head_tensors = {key[3:]: tensors.pop(key) for key in list(tensors) if key.startswith("fc.")}
    network.load_state_dict(tensors, strict=True)
    return network.eval()


def sides(size: int | list[int]) -> tuple[int, int]:
    """Height and width, which are one number where they are equal."""
    return (size, size) if isinstance(size, int) else tuple(size)


def image_steps(card: dict) -> list[tuple[str, int | list[int]]]:
    """What gives images their size, in this order; files of before have `resize` or nothing, and mean the middle."""
    size = card["imageSize"]
    if "steps" in card:
        return [(name, size) for step in card["steps"] for name, size in step.items()]
    return [("resize", max(card.get("resize") or size, size)), ("center-crop", size)]


def scaled(x: Tensor, height: int, width: int) -> Tensor:
    """Linear, and with antialiasing where it shrinks; unlike Pillow's it does not round to whole values."""
    return F.interpolate(x, (height, width), mode="bilinear", align_corners=False, antialias=True)


def read_deep_png(content: bytes) -> Tensor:
    """A PNG of 16 bits a channel as [H, W, 1 to 4] in eight, rounded; Pillow would clip grey and drop the rest's lower byte."""
    place, packed, clear = 8, b"", None
    while place < len(content):
        length, kind = struct.unpack(">I4s", content[place : place + 8])
        body = content[place + 8 : place + 8 + length]
        match kind:
            case b"IHDR":
                width, height, _, colour, _, _, interlaced = struct.unpack(">IIBBBBB", body)
            case b"tRNS":
                clear = torch.tensor(struct.unpack(f">{length // 2}H", body))
            case b"IDAT":
                packed += body
        place += length + 12
    channels = {0: 1, 2: 3, 4: 2, 6: 4}[colour]
    data, start = zlib.decompress(packed), 0
    pixels = torch.zeros(height, width, channels, dtype=torch.long)
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    for x, y, right, down in passes if interlaced else [(0, 0, 1, 1)]:
        part = pixels[y::down, x::right]
        if not part.numel():
            continue
        above = bytearray(part.shape[1] * channels * 2)
        for row in part:
            line = bytearray(data[start + 1 : start + 1 + len(above)])
            unfilter(line, above, data[start], 2 * channels)
            upper, lower = torch.frombuffer(line, dtype=torch.uint8).long().reshape(-1, channels, 2).unbind(2)
            row.copy_(upper * 256 + lower)
            start, above = start + 1 + len(line), line
    eight = (pixels * 255 + 32895) >> 16
    if clear is None:
        return eight
    cover = 255 * (pixels != clear).any(2, keepdim=True)
    return torch.cat([eight, cover.long()], 2)


def unfilter(line: bytearray, above: bytearray, kind: int, step: int) -> None:
    """Puts the bytes of a PNG's row, which are differences, in place of them; `step` bytes are one pixel."""
    for i in range(len(line)) if kind else ():
        left, up = line[i - step] if i >= step else 0, above[i]
        corner = above[i - step] if i >= step else 0
        match kind:
            case 1:
                guess = left
            case 2:
                guess = up
            case 3:
                guess = (left + up) // 2
            case _:  # of the three, the one that is closest to the plane through them
                plane = left + up - corner
                guess = min((left, up, corner), key=lambda value: abs(plane - value))
        line[i] = (line[i] + guess) & 255


def orientation(image) -> int:
    """How EXIF says that an image of Pillow's is to be seen, 1 to 8; 1 where it says nothing, or is damaged."""
    from PIL import Image

    exif = Image.Exif()
    try:
        exif.load(image.info.get("exif", b""))
        value = exif.get(0x0112, 1)
    except (SyntaxError, ValueError, LookupError, TypeError, OSError, struct.error):
        return 1
    return value if value in range(1, 9) else 1


def turned(pixels: Tensor, orientation: int) -> Tensor:
    """[H, W, C] as they are to be seen by one of EXIF's orientations."""
    flips = [axis for axis, kinds in ((0, (3, 4, 6, 7)), (1, (2, 3, 7, 8))) if orientation in kinds]
    pixels = pixels.flip(flips)
    return pixels.transpose(0, 1) if orientation >= 5 else pixels


def draft(image, channels: int, smallest: int) -> None:
    """Has a JPEG decoded as `supernet` does: grey without a detour, and a large one at a fraction of its size."""
    shorter = min(image.size)
    divisor = next((part for part in (8, 4, 2) if smallest and -(-shorter // part) >= smallest), 1)
    image.draft("L" if channels == 1 else None, (image.width // divisor, image.height // divisor))


def stored_pixels(image, content: bytes) -> Tensor:
    """[H, W, 1 to 4] of 0 to 255: grey or colour, as it is stored, and how much it covers where any of it is transparent."""
    is_png = content.startswith(b"\x89PNG")
    if is_png and content[24] == 16:
        return read_deep_png(content)
    clear = image.info.get("transparency")
    if is_png and image.mode in ("1", "L") and clear is not None:
        image = image.convert("L")
        # The shade stands in the file on the scale of its one to eight bits.
        image.info["transparency"] = clear * 255 // (2 ** content[24] - 1)
    if clear is not None or image.mode in ("LA", "RGBA"):
        image = image.convert("RGBA")
    elif image.mode not in ("L", "RGB"):
        image = image.convert("L" if image.mode == "1" else "RGB")
    pixels = torch.frombuffer(bytearray(image.tobytes()), dtype=torch.uint8).long()
    return pixels.reshape(image.height, image.width, -1)


def read_image(path: Path, channels: int, upright: bool = False, smallest: int = 0) -> Tensor:
    """A file's image as [H, W, 1 or 3] of 0 to 255, as `supernet` reads it: JPEG, PNG, WebP or BMP.

    What is transparent is laid on white. `upright` turns the image as its EXIF says. Of a JPEG whose shorter side has far
    more than `smallest` pixels, a fraction of the size is decoded.
    """
    from PIL import Image

    with Image.open(path) as image:
        if image.format in ("JPEG", "MPO"):
            draft(image, channels, smallest)
        image.load()  # EXIF may stand behind the pixels
        way = orientation(image) if upright else 1
        try:
            pixels = stored_pixels(image, path.read_bytes())
        except (zlib.error, struct.error, LookupError, ValueError, RuntimeError) as error:
            raise OSError(f"{path}: its pixels cannot be read: {error}") from error
    if pixels.shape[2] in (2, 4):
        colours, cover = pixels[..., :-1], pixels[..., -1:]
        x = colours * cover + 255 * (255 - cover) + 128
        pixels = (x + (x >> 8)) >> 8  # divided by 255, rounded
    if pixels.shape[2] == 3 and channels == 1:
        pixels = ((pixels * torch.tensor([19595, 38470, 7471])).sum(2, keepdim=True) + 32768) >> 16
    return turned(pixels.expand(-1, -1, channels), way).to(torch.uint8)


def prepare(path: Path, card: dict) -> Tensor:
    """An image as [1, C, H, W]: read as the card says, brought to its size by the card's steps, normalised."""
    channels = card["network"]["channels"]
    kind, size = image_steps(card)[0]
    smallest = 0 if kind == "center-crop" else 2 * max(sides(size))
    pixels = read_image(path, channels, card.get("orientation") == "exif", smallest)
    x = pixels[None].permute(0, 3, 1, 2) / 255
    for step, size in image_steps(card):
        height, width = x.shape[2:]
        match step:
            case "resize":  # the shorter side; the aspect stays
                long = max(size, size * max(width, height) // min(width, height))
                x = scaled(x, *((long, size) if width < height else (size, long)))
            case "stretch":
                x = scaled(x, *sides(size))
            case "center-crop":  # black where the image is smaller
                edges = []
                for side, part in zip((width, height), reversed(sides(size))):
                    first = round((side - part) / 2) if side > part else -((part - side) // 2)
                    edges += [-first, first + part - side]
                x = F.pad(x, edges)
            case _:
                raise ValueError(f"the card wants the step '{step}', which this program does not know")
    mean, std = (torch.tensor(card[name]).reshape(1, -1, 1, 1) for name in ("mean", "std"))
    if channels == 1:  # several values stand for their average
        mean, std = mean.mean(), std.mean()
    return (x - mean) / std


def tell(network: Network, outputs: Tensor) -> str:
    """What the outputs [K], or [K, H, W], for an image mean."""

    def likeliest(logits: Tensor, names: list[str]) -> str:
        probability, best = logits.softmax(0).max(0)
        return f"{names[best]}, {probability:.1%}"

    def years(logits: Tensor) -> str:
        return f"{(logits.softmax(0) * torch.arange(len(logits))).sum():.1f} years"

    if network.is_map:  # [K, H, W]: the class of most positions first
        names = network.card["classNames"] or [str(number) for number in range(len(outputs))]
        shares = outputs.argmax(0).flatten().bincount(minlength=len(outputs)) / outputs[0].numel()
        found = [(share, name) for share, name in zip(shares.tolist(), names) if share > 0]
        return ", ".join(f"{name} {share:.1%}" for share, name in sorted(found, reverse=True))
    match network.task:
        case None:
            return likeliest(outputs, network.card["classNames"])
        case "age":
            return years(outputs)
        case "age-and-gender":
            return f"{years(outputs[:-2])}, {likeliest(outputs[-2:], ['male', 'female'])}"
        case task:
            raise ValueError(f"the task is '{task}', which this program does not know")


def tell_likeness(network: Network, files: list[Path]) -> None:
    """For each image the one of the others that is most like it, by the cosine of their embeddings."""
    embeddings = F.normalize(torch.cat([network(prepare(file, network.card)) for file in files]))
    likeness = embeddings @ embeddings.T - 2 * torch.eye(len(files))
    for file, row in zip(files, likeness):
        print(f"{file}: {files[row.argmax()]}, {row.max():.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description="Opens a network that supernet wrote, in plain PyTorch.")
    parser.add_argument("network", help="a network.safetensors of supernet")
    parser.add_argument("images", nargs="*", type=Path, help="images, or folders of images")
    parser.add_argument("--tensors", help="a safetensors file with normalised `images` [N, C, H, W]")
    parser.add_argument("--out", default="logits.safetensors", help="where their `logits` [N, outputs] are written")
    options = parser.parse_args()
    network = open_network(options.network).requires_grad_(False)
    if options.tensors:
        write_safetensors("logits", network(read_safetensors(options.tensors)[0]["images"]), options.out)
    else:
        count = sum(parameter.numel() for parameter in network.parameters())
        names = network.card["classNames"]
        shown = ", ".join(names[:20]) + (", …" if len(names) > 20 else "")
        print(f"{count:,} parameters, {network.task or f'{len(names)} classes: {shown}'}")
    files: list[Path] = []
    for path in options.images:
        inside = (file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES)
        files += sorted(inside) if path.is_dir() else [path]
    if network.embeds:
        return tell_likeness(network, files) if len(files) > 1 else None
    for file in files:
        print(f"{file}: {tell(network, network(prepare(file, network.card))[0])}")


if __name__ == "__main__":
    try:
        main()
    except OSError as error:  # a file that is not there, or is no image
        sys.exit(str(error))
