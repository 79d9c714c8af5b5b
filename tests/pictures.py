"""Looks at a picture: pictures.py FILE WIDTH HEIGHT [FRAMES] [COLOR=PIXELS ...]

COLOR is a name of matplotlib's or #rrggbb; as many pixels at least must be close to it. A film has
as many frames, each unlike the one before. Prints what is wrong, and ends with 1.
"""

import sys

import numpy
from matplotlib.colors import to_rgb
from PIL import Image, ImageSequence


def problems(path, width, height, *wanted):
    frames = [numpy.asarray(f.convert("RGB"), int) for f in ImageSequence.Iterator(Image.open(path))]
    if frames[0].shape != (int(height), int(width), 3):
        yield "it is %s, not %s x %s" % (frames[0].shape, height, width)
    count = int(wanted[0]) if wanted and wanted[0].isdigit() else 1
    if len(frames) != count:
        yield "it has %d frames, not %d" % (len(frames), count)
    for number in range(1, len(frames)):
        if (frames[number] == frames[number - 1]).all():
            yield "frame %d is like the one before" % number
    for frame in frames:
        if len(numpy.unique(frame.reshape(-1, 3), axis=0)) < 8:
            yield "there is next to nothing in it"
        for color, least in (word.split("=") for word in wanted if "=" in word):
            rgb = numpy.array(to_rgb(color)) * 255
            seen = int((abs(frame - rgb) < 24).all(axis=2).sum())
            if seen < int(least):
                yield "%d pixels are %s, expected %s" % (seen, color, least)


found = list(problems(*sys.argv[1:]))
print("\n".join(found))
sys.exit(1 if found else 0)
