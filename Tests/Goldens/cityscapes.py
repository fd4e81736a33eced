"""What Cityscapes' own evaluation makes of masks: writes cityscapes.json beside itself.

    python Tests/Goldens/cityscapes.py

Made with cityscapesScripts 2.3.0 and NumPy 2.4.6 (`pip install cityscapesScripts`).

Pairs of label maps with the numbers of `labelIds`, those among them that are not scored, and predictions of the 19 scored
classes, of which one occurs nowhere: the IoU of each class and their mean.
"""
import base64
import json
import pathlib
import tempfile

import cityscapesscripts.evaluation.evalPixelLevelSemanticLabeling as evaluation
import numpy
from cityscapesscripts.helpers.labels import labels
from PIL import Image

random = numpy.random.default_rng(19)
scored = [label for label in labels if not label.ignoreInEval]
present = [label.id for label in scored if label.name != "train"]
every = [label.id for label in labels if label.id >= 0 and label.name != "train"]

pairs = []
with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    files = []
    for number in range(3):
        truth = random.choice(every, (24, 48)).astype(numpy.uint8)
        guess = random.choice(present, (24, 48)).astype(numpy.uint8)
        right = (random.random(truth.shape) < 0.6) & numpy.isin(truth, present)
        guess[right] = truth[right]
        names = [folder / f"ulm_000000_{number:06d}_{kind}.png" for kind in ("gtFine_labelIds", "pred")]
        for name, values in zip(names, (truth, guess)):
            Image.fromarray(values).save(name)
        files.append(names)
        pairs.append({"truth": base64.b64encode(truth.tobytes()).decode(),
                      "prediction": base64.b64encode(guess.tobytes()).decode()})
    options = evaluation.args
    options.evalInstLevelScore = False
    options.quiet = True
    options.JSONOutput = False
    result = evaluation.evaluateImgLists([str(name[1]) for name in files], [str(name[0]) for name in files], options)

scores = result["classScores"]
document = {
    "height": 24, "width": 48, "pairs": pairs, "classes": [label.name for label in scored],
    "ious": [None if numpy.isnan(scores[label.name]) else float(scores[label.name]) for label in scored],
    "mean": float(result["averageScoreClasses"]),
}
path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps(document, separators=(",", ":")) + "\n")
print(f"{len(pairs)} pairs, mean {document['mean']:.6f}, {path.stat().st_size / 1024:.0f} KiB")
