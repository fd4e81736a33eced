"""Writes events.tfevents and pixels.png with TensorBoard's own messages and record writer.

Made with tensorboard 2.21.0 and pillow 13.0.0: pip install tensorboard pillow; python events.py
"""
import io
import pathlib

from PIL import Image
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

here = pathlib.Path(__file__).parent

image = Image.new("RGB", (3, 2))
image.putdata([(255, 0, 0), (0, 255, 0), (0, 0, 255), (0, 0, 0), (128, 128, 128), (255, 255, 255)])
buffer = io.BytesIO()
image.save(buffer, "PNG")
png = buffer.getvalue()
(here / "pixels.png").write_bytes(png)

time = 1_700_000_000.25
scalar = lambda tag, value: Summary.Value(tag=tag, simple_value=value)
events = [
    Event(wall_time=time, file_version="brain.Event:2"),
    Event(wall_time=time, step=0, summary=Summary(value=[scalar("train/loss", 2.5)])),
    Event(wall_time=time, step=1, summary=Summary(value=[scalar("train/loss", 0.1), scalar("größe", -1e-7)])),
    Event(wall_time=time, step=300, summary=Summary(value=[
        Summary.Value(tag="sample", image=Summary.Image(height=2, width=3, colorspace=3, encoded_image_string=png))])),
    Event(wall_time=time, step=5_000_000_000, summary=Summary(value=[scalar("train/loss", 0.0)])),
]
with open(here / "events.tfevents", "wb") as file:
    writer = RecordWriter(file)
    for event in events:
        writer.write(event.SerializeToString())
    writer.flush()
