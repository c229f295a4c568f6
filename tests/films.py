"""Video files of any kind, and their damage."""

from fractions import Fraction

import av
import numpy as np


def film(
    path,
    images,
    times=None,
    fps=30,
    codec="libx264",
    sound=None,
    sounds="aac",
    options=None,
    turn=0,
    **encoder,
):
    """Writes a video of any kind with PyAV.

    Args:
        path: where to; its suffix tells the container.
        images: RGB pictures, (H, W, 3) uint8.
        times: seconds at which they are shown; None for one after another.
        fps: frames per second.
        codec: FFmpeg's name of an encoder.
        sound: seconds of a silent track's start and end.
        sounds: FFmpeg's name of the encoder of that track.
        options: of the container's writer.
        turn: degrees by which players turn it.
        encoder: options of the codec.
    """
    unit = Fraction(1, 100 * fps if times is not None else fps)
    with av.open(str(path), "w", options=options or {}) as out:
        if len(images):
            stream = out.add_stream(codec, rate=fps, options=encoder)
            stream.height, stream.width = images[0].shape[:2]
            stream.pix_fmt, stream.codec_context.time_base = "yuv420p", unit
            if turn:
                stream.set_display_rotation(turn)
        if sound:
            silence = out.add_stream(sounds, rate=48000, layout="mono")
            for at in range(int(sound[0] * 48000), int(sound[1] * 48000), 1024):
                quiet = np.zeros((1, 1024), np.float32)
                frame = av.AudioFrame.from_ndarray(quiet, format="fltp", layout="mono")
                frame.sample_rate, frame.pts, frame.time_base = 48000, at, Fraction(1, 48000)
                out.mux(silence.encode(frame))
            out.mux(silence.encode(None))
        for i, image in enumerate(images):
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts = i if times is None else round(times[i] / unit)
            frame.time_base = unit
            out.mux(stream.encode(frame))
        if len(images):
            out.mux(stream.encode(None))
    return path


def excerpt(source, path, start):
    """Copies a video from a time on that is between keyframes.

    The pictures from the keyframe to there are in the file, but an edit list hides them.
    """
    with av.open(str(source)) as whole, av.open(str(path), "w") as out:
        stream = whole.streams.video[0]
        copied, begin = out.add_stream_from_template(stream), round(start / stream.time_base)
        whole.seek(begin, stream=stream)
        for packet in whole.demux(stream):
            if packet.dts is not None:
                packet.pts, packet.dts = packet.pts - begin, packet.dts - begin
                packet.stream = copied
                out.mux(packet)
    return path


def packets(path):
    """The packets of a video: `pos`, the first byte in the file, `size`, `is_keyframe`."""
    with av.open(str(path)) as container:
        return [packet for packet in container.demux(video=0) if packet.size]


def spoil(path, at, size, byte=None):
    """Puts noise into a file, or the same byte everywhere."""
    file = bytearray(path.read_bytes())
    file[at : at + size] = np.random.default_rng(3).bytes(size) if byte is None else [byte] * size
    path.write_bytes(file)


def announce(path, n):
    """Changes the number of frames in both headers of an AVI file."""
    file = bytearray(path.read_bytes())
    for chunk, offset in ((b"avih", 24), (b"strh", 40)):
        at = file.index(chunk) + offset
        file[at : at + 4] = n.to_bytes(4, "little")
    path.write_bytes(file)
