"""Makes fixtures/images: small pictures that a decoder has to get right, and files that it has to refuse.

Keeps one rule: every picture is drawn here from plain colours, so nobody else's rights are in it; expected.json says
what a decoder should see.
"""

import json

import numpy as np
import tifffile
from PIL import Image, ImageDraw, ImageOps, TiffImagePlugin

from fixture_file import ROOT

FOLDER = ROOT / 'fixtures' / 'images'
RED, GREEN, BLUE, YELLOW, WHITE = (200, 30, 30), (30, 160, 60), (40, 60, 190), (220, 200, 40), (240, 240, 240)
LARGEST_BYTES = 5_000


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    expected = {
        **{f'orientation{orientation}.jpg': make_orientation(orientation) for orientation in range(1, 9)},
        'alpha.png': make_alpha(),
        'animated.gif': make_animated(),
        'grey.jpg': make_grey(),
        'truncated.jpg': make_truncated(),
        'text.jpg': make_text(),
        **make_tiffs(),
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


def make_orientation(orientation: int) -> dict:
    """A JPEG that is shown 48 x 64 whatever its EXIF orientation: 5 to 8 are stored lying on their side."""
    shown = draw_quarters(48, 64, [BLUE, RED, YELLOW, GREEN])
    # What Pillow does to show a picture, the other way round.
    undo = {
        1: [],
        2: [Image.Transpose.FLIP_LEFT_RIGHT],
        3: [Image.Transpose.ROTATE_180],
        4: [Image.Transpose.FLIP_TOP_BOTTOM],
        5: [Image.Transpose.TRANSPOSE],
        6: [Image.Transpose.ROTATE_90],
        7: [Image.Transpose.TRANSVERSE],
        8: [Image.Transpose.ROTATE_270],
    }[orientation]
    stored = shown
    for turn in undo:
        stored = stored.transpose(turn)
    exif = Image.Exif()
    exif[0x0112] = orientation
    name = FOLDER / f'orientation{orientation}.jpg'
    stored.save(name, quality=95, subsampling=0, exif=exif)
    assert ImageOps.exif_transpose(Image.open(name)).size == shown.size
    note = f'Stored {stored.width} x {stored.height} with EXIF orientation {orientation}; shown 48 x 64.'
    return describe(48, 64, [BLUE, RED, YELLOW, GREEN], note)


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


def make_tiffs() -> dict[str, dict]:
    """TIFFs as cameras, scanners, faxes and satellites write them, and those whose colours nobody can be sure of."""
    quarters = [RED, GREEN, BLUE, YELLOW]
    picture = draw_quarters(32, 24, quarters)
    grey = picture.convert('L')
    greys = [(value,) * 3 for value in (grey.getpixel(place) for place in ((8, 6), (24, 6), (8, 18), (24, 18)))]
    return {
        **save_plain_tiffs(picture, quarters),
        **save_grey_tiffs(grey, greys),
        **save_deep_tiffs(np.asarray(picture), np.asarray(grey), quarters, greys),
        **save_unclear_tiffs(),
    }


def save_plain_tiffs(picture: Image.Image, quarters: list[tuple[int, ...]]) -> dict[str, dict]:
    made = {}
    for name, compression in (('plain', None), ('lzw', 'tiff_lzw'), ('deflate', 'tiff_adobe_deflate'), ('packbits', 'packbits')):
        options = {'compression': compression} if compression else {}
        picture.save(FOLDER / f'{name}.tif', **options)
        made[f'{name}.tif'] = describe(32, 24, quarters, f'Three channels of 8 bits, {name}.')
    exif = TiffImagePlugin.ImageFileDirectory_v2()
    exif[0x0112] = 6
    draw_quarters(32, 24, [RED, GREEN, BLUE, YELLOW]).save(FOLDER / 'orientation6.tif', tiffinfo=exif)
    made['orientation6.tif'] = describe(24, 32, [BLUE, RED, YELLOW, GREEN], 'Stored 32 x 24 with orientation 6.')
    picture.quantize(4).save(FOLDER / 'palette.tif')
    made['palette.tif'] = describe(32, 24, quarters, 'A palette of four colours.')
    clear = picture.convert('RGBA')
    alpha = np.full((24, 32), 255, dtype=np.uint8)
    alpha[:12, 16:] = 128
    alpha[12:, 16:] = 0
    clear.putalpha(Image.fromarray(alpha))
    clear.save(FOLDER / 'alpha.tif')
    made['alpha.tif'] = describe(32, 24, [(*RED, 255), (*GREEN, 128), (*BLUE, 255), (*YELLOW, 0)], 'As stored, not multiplied by alpha.')
    picture.convert('CMYK').save(FOLDER / 'cmyk.tif')
    made['cmyk.tif'] = describe(32, 24, quarters, 'Four inks.')
    picture.save(FOLDER / 'pages.tif', save_all=True, append_images=[draw_quarters(20, 20, [WHITE] * 4)])
    made['pages.tif'] = describe(32, 24, quarters, 'Two pages; the first counts.')
    return made


def save_grey_tiffs(grey: Image.Image, greys: list[tuple[int, ...]]) -> dict[str, dict]:
    grey.save(FOLDER / 'grey.tif')
    tifffile.imwrite(FOLDER / 'white0.tif', 255 - np.asarray(grey), photometric='miniswhite')
    fax = draw_quarters(32, 24, [(0, 0, 0), (255, 255, 255), (255, 255, 255), (0, 0, 0)]).convert('1')
    fax.save(FOLDER / 'bilevel.tif')
    black_and_white = [(0,) * 3, (255,) * 3, (255,) * 3, (0,) * 3]
    return {
        'grey.tif': describe(32, 24, greys, 'One channel, 0 is black.'),
        'white0.tif': describe(32, 24, greys, 'One channel, 0 is white.'),
        'bilevel.tif': describe(32, 24, black_and_white, 'One bit a pixel.'),
    }


def save_deep_tiffs(rgb: np.ndarray, grey: np.ndarray, quarters: list, greys: list) -> dict[str, dict]:
    deep = rgb.astype(np.uint16) * 257
    tifffile.imwrite(FOLDER / 'deep.tif', deep, photometric='rgb')
    tifffile.imwrite(FOLDER / 'deepBig.tif', grey.astype('>u2') * 257, photometric='minisblack', byteorder='>')
    tifffile.imwrite(FOLDER / 'tiled.tif', rgb, photometric='rgb', tile=(16, 16))
    tifffile.imwrite(FOLDER / 'planes.tif', rgb.transpose(2, 0, 1), photometric='rgb', planarconfig='separate')
    return {
        'deep.tif': describe(32, 24, quarters, 'Three channels of 16 bits.'),
        'deepBig.tif': describe(32, 24, greys, 'One channel of 16 bits, the larger byte first.'),
        'tiled.tif': describe(32, 24, quarters, 'Tiles of 16 x 16, wider than what is left at the edge.'),
        'planes.tif': describe(32, 24, quarters, 'Each channel by itself.'),
    }


def save_unclear_tiffs() -> dict[str, dict]:
    bands = (np.arange(8 * 8 * 5) % 251).astype(np.uint8).reshape(8, 8, 5)
    tifffile.imwrite(FOLDER / 'bands.tif', bands, photometric='minisblack', planarconfig='contig')
    tifffile.imwrite(FOLDER / 'fractions.tif', np.linspace(0, 3, 64, dtype=np.float32).reshape(8, 8))
    whole = (FOLDER / 'plain.tif').read_bytes()
    (FOLDER / 'short.tif').write_bytes(whole[: len(whole) // 2])
    draw_quarters(32, 24, [RED, GREEN, BLUE, YELLOW]).save(FOLDER / 'jpeg.tif', compression='jpeg')
    unreadable = {'bands.tif': 'Five bands.', 'jpeg.tif': 'Packed as JPEG.', 'fractions.tif': 'Fractions from 0 to 3.', 'short.tif': 'The second half is missing.'}
    return {name: {'isReadable': False, 'note': note} for name, note in unreadable.items()}


if __name__ == '__main__':
    main()
