"""Writes fixture files: JSON whose long number arrays stand on one line each.

Keeps one rule: numbers are rounded to the stated count of significant digits and nothing else is changed.
"""

import json
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
PARITY_FOLDER = ROOT / 'fixtures' / 'parity'


def to_flat_numbers(values, digits: int) -> list[float]:
    """All values in C order, rounded to `digits` significant digits."""
    numbers = [float(f'{value:.{digits - 1}e}') for value in np.asarray(values, dtype=np.float64).ravel()]
    return [int(number) if number.is_integer() else number for number in numbers]


def write_fixture(name: str, content: dict) -> None:
    """Writes fixtures/parity/NAME.json and prints its size."""
    path = PARITY_FOLDER / f'{name}.json'
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(format_value(content, 0) + '\n')
    print(f'{path.name}: {path.stat().st_size} bytes')


def format_value(value, depth: int) -> str:
    """JSON with two spaces, except that arrays of numbers or words stay on one line."""
    inner, outer = '  ' * (depth + 1), '  ' * depth
    if isinstance(value, dict) and value:
        lines = [f'{inner}{json.dumps(key)}: {format_value(item, depth + 1)}' for key, item in value.items()]
        return '{\n' + ',\n'.join(lines) + f'\n{outer}}}'
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        return '[\n' + ',\n'.join(inner + format_value(item, depth + 1) for item in value) + f'\n{outer}]'
    return json.dumps(value, allow_nan=False)
