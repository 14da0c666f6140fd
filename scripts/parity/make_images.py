"""Makes fixtures/images: small pictures that a decoder has to get right, and files that it has to refuse.

Keeps one rule: every picture is drawn here from plain colours, so nobody else's rights are in it; expected.json says
what a decoder should see.
"""

import json

import numpy as np
from PIL import Image, ImageDraw

from fixture_file import ROOT

FOLDER = ROOT / 'fixtures' / 'images'
RED, GREEN, BLUE, YELLOW, WHITE = (200, 30, 30), (30, 160, 60), (40, 60, 190), (220, 200, 40), (240, 240, 240)
LARGEST_BYTES = 5_000


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    expected = {
        'orientation6.jpg': make_orientation6(),
        'alpha.png': make_alpha(),
        'animated.gif': make_animated(),
        'grey.jpg': make_grey(),
        'truncated.jpg': make_truncated(),
        'text.jpg': make_text(),
    }
    for name in expected:
        size_bytes = (FOLDER / name).stat().st_size
        assert size_bytes <= LARGEST_BYTES, f'{name} has {size_bytes} bytes'
        print(f'{name}: {size_bytes} bytes')
    (FOLDER / 'expected.json').write_text(json.dumps(expected, indent=2) + '\n')


def draw_quarters(width: int, height: int, colours: list[tuple[int, int, int]]) -> Image.Image:
    """Four rectangles: top left, top right, bottom left, bottom right."""
    picture = Image.new('RGB', (width, height))
    draw = ImageDraw.Draw(picture)
    for place, colour in enumerate(colours):
        left, top = (place % 2) * width // 2, (place // 2) * height // 2
        draw.rectangle((left, top, left + width // 2 - 1, top + height // 2 - 1), fill=colour)
    return picture


def describe(width: int, height: int, quarters: list[tuple[int, ...]] | None, note: str) -> dict:
    """What a decoder sees: the size and the colours at the middle of each quarter, in the order of draw_quarters."""
    return {'isReadable': True, 'widthPx': width, 'heightPx': height, 'quarters': quarters, 'note': note}


def make_orientation6() -> dict:
    """A JPEG stored lying on its side: shown, its stored bottom left comes to the top left."""
    exif = Image.Exif()
    exif[0x0112] = 6
    stored = draw_quarters(64, 48, [RED, GREEN, BLUE, YELLOW])
    stored.save(FOLDER / 'orientation6.jpg', quality=95, subsampling=0, exif=exif)
    return describe(48, 64, [BLUE, RED, YELLOW, GREEN], 'Stored 64 x 48 with EXIF orientation 6; shown 48 x 64.')


def make_alpha() -> dict:
    """A PNG whose right half is half transparent at the top and wholly transparent at the bottom."""
    picture = draw_quarters(40, 40, [RED, GREEN, BLUE, YELLOW]).convert('RGBA')
    alpha = np.full((40, 40), 255, dtype=np.uint8)
    alpha[:20, 20:] = 128
    alpha[20:, 20:] = 0
    picture.putalpha(Image.fromarray(alpha))
    picture.save(FOLDER / 'alpha.png')
    quarters = [(*RED, 255), (*GREEN, 128), (*BLUE, 255), (*YELLOW, 0)]
    return describe(40, 40, quarters, 'Quarters are RGBA as stored, not multiplied by alpha.')


def make_animated() -> dict:
    """A GIF of two frames; a classifier looks at the first."""
    frames = [draw_quarters(32, 24, colours) for colours in ([RED, WHITE, WHITE, BLUE], [GREEN] * 4)]
    frames[0].save(FOLDER / 'animated.gif', save_all=True, append_images=frames[1:], duration=100, loop=0)
    return describe(32, 24, [RED, WHITE, WHITE, BLUE], 'Two frames; the quarters are the first frame.')


def make_grey() -> dict:
    """A JPEG of one channel."""
    rows = np.linspace(0, 255, 30, dtype=np.uint8)
    Image.fromarray(np.repeat(rows[:, None], 50, axis=1)).save(FOLDER / 'grey.jpg', quality=90)
    return describe(50, 30, None, 'One channel, black at the top, white at the bottom.')


def make_truncated() -> dict:
    """A JPEG that ends in the middle of its picture."""
    whole = FOLDER / 'truncated.jpg'
    values = np.arange(64 * 64 * 3, dtype=np.float64)
    noise = (127.5 + 127.5 * np.sin(0.7 * values**1.1)).astype(np.uint8).reshape(64, 64, 3)
    Image.fromarray(noise).save(whole, quality=50)
    content = whole.read_bytes()
    whole.write_bytes(content[: len(content) // 2])
    return {
        'isReadable': False,
        'note': 'The second half is missing. Some decoders show the first half; none sees an end marker.',
    }


def make_text() -> dict:
    (FOLDER / 'text.jpg').write_text('This is a text file that is named like a picture.\n')
    return {'isReadable': False, 'note': 'A text file by another name.'}


if __name__ == '__main__':
    main()
