"""A hand-made limit: exact KS, Wasserstein and chi-square with PSI and Jensen-Shannon, and nothing else around them.

One pass counts and sums the values of each cell of a fine grid; the totals bound both statistics, and only the cells
that can still change an answer are sorted. Strings stay dictionary codes. numpy and pyarrow are all it imports.
"""

import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

CELLS = 1 << 15


def numbers(first, second):
    """KS, Wasserstein, PSI and Jensen-Shannon of one column."""
    sample = np.sort(first[:: max(len(first) // 20_000, 1)])
    low, high = sample[len(sample) // 2000], sample[-1 - len(sample) // 2000]
    scale = (CELLS - 2) / ((high - low) or 1.0)
    cells = [np.clip((values - low) * scale + 1, 0, CELLS - 1).astype(np.int32) for values in (first, second)]
    counts = np.array([np.bincount(cell, minlength=CELLS) / len(cell) for cell in cells])
    sums = np.array([np.bincount(c, v, CELLS) / len(c) for c, v in zip(cells, (first, second), strict=True)])
    change = counts[0] - counts[1]
    after = np.cumsum(change)
    before = np.append(0.0, after[:-1])
    mass, far = counts.max(axis=0), np.maximum(np.abs(before), np.abs(after))
    inner = low + np.arange(CELLS - 1) / scale
    starts, ends = np.append(inner[0], inner), np.append(inner, inner[-1])
    still_open = (mass > 0) & ((far <= mass) | (far + mass > np.abs(after).max()))
    areas = np.abs(before * (ends - starts) + change * ends - (sums[0] - sums[1]))[~still_open].sum()
    picked = [(values[still_open[c]], c[still_open[c]]) for values, c in zip((first, second), cells, strict=True)]
    values, cell = (np.concatenate(pair) for pair in zip(*picked, strict=True))
    step = np.repeat([1 / len(first), -1 / len(second)], [len(picked[0][0]), len(picked[1][0])])
    order = np.argsort(values)
    values, cell, step = values[order], cell[order], step[order]
    run = np.cumsum(step)
    begins = np.flatnonzero(np.append(True, cell[1:] != cell[:-1])) if len(cell) else np.array([], dtype=int)
    lengths = np.diff(np.append(begins, len(cell)))
    gap = run + np.repeat(before[cell[begins]] - np.append(0.0, run[begins[1:] - 1]), lengths)
    nexts = np.append(values[1:], 0.0)
    nexts[begins + lengths - 1] = np.maximum(ends[cell[begins]], values[begins + lengths - 1])
    areas += (np.abs(gap) * (nexts - values)).sum()
    areas += np.abs(before[cell[begins]] * (values[begins] - starts[cell[begins]])).sum()
    settled = np.append(values[1:] != values[:-1], True) if len(values) else np.array([], dtype=bool)
    distance = max(np.abs(after).max(), np.abs(gap[settled]).max(initial=0.0))
    deciles = np.searchsorted(np.cumsum(counts[0]), np.arange(0.1, 1, 0.1))
    shares = [np.add.reduceat(side, np.unique(np.append(0, deciles))) for side in counts]
    return [float(distance), float(areas), *indices(*shares)]


def levels(first, second):
    """Chi-square, total variation, PSI and Jensen-Shannon of one column of dictionary codes."""
    codes = [column.unify_dictionaries().combine_chunks() for column in (first, second)]
    names = {name: place for place, name in enumerate(codes[0].dictionary.to_pylist())}
    for name in codes[1].dictionary.to_pylist():
        names.setdefault(name, len(names))
    table = []
    for side in codes:
        places = np.array([names[name] for name in side.dictionary.to_pylist()])
        table.append(np.bincount(places[side.indices.to_numpy()], minlength=len(names)))
    counts = np.array(table)
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum()
    shares = counts / counts.sum(axis=1, keepdims=True)
    distance = np.abs(shares[0] - shares[1]).sum() / 2
    return [float(((counts - expected) ** 2 / expected).sum()), float(distance), *indices(*shares)]


def indices(one, two):
    """PSI and Jensen-Shannon (base 2) of two sets of shares."""
    one, two = ((shares + 1e-6) / (shares + 1e-6).sum() for shares in (one, two))
    middle = (one + two) / 2
    divergence = ((one * np.log2(one / middle)).sum() + (two * np.log2(two / middle)).sum()) / 2
    return [float(((two - one) * np.log(two / one)).sum()), float(np.sqrt(max(divergence, 0.0)))]


def main():
    """Print each column's statistics."""
    schema = pq.read_schema(sys.argv[1])
    words = [field.name for field in schema if pa.types.is_string(field.type)]
    files = [pq.ParquetFile(path, read_dictionary=words) for path in sys.argv[1:3]]
    for name in schema.names:
        sides = [file.read(columns=[name]).column(0) for file in files]
        found = levels(*sides) if name in words else numbers(*(side.to_numpy() for side in sides))
        print(name, *found)


main()
