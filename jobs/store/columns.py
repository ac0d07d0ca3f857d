"""Columns to bytes and back: exact, small, and older than no reader.

A blob is a version byte, a CRC-32 and one zstd frame: a JSON header, then every column,
byte-shuffled. Prices and counts of venues are short decimals, percents of them, or such a
price times the index; so a float column is kept as integers and that rule wherever it gives
back the very same bits.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import zstandard
from numpy.typing import NDArray

from engine.domain import Floats
from engine.errors import BadData

Array = NDArray[Any]
Entry = dict[str, Any]
Rules = tuple[tuple[float, float], ...]

VERSION = 1
LEVEL = 3
PLACES = range(9)
"""Decimal places tried, fewest first."""
NONE = -(2**31)
"""Stands for NaN among decimals."""
PERCENT = 100.0
EXACT = 2.0**53
"""Whole numbers below are floats without loss."""
PROBED = 8
"""Values that must obey a rule before a whole column is tried."""
SAMPLED = 1024
"""Values that are counted before a whole column is: is it worth a dictionary?"""
BYTE = 256
_START = struct.Struct("<BI")
_SIZE = struct.Struct("<I")


def pack(header: Mapping[str, Any], columns: Mapping[str, Array], unit: float = 1.0) -> bytes:
    """Bytes of a header (JSON values) and named one-dimensional columns of any lengths.

    Columns are bool, text, int64 or float64; one that is NaN throughout costs nothing. Floats
    may be decimals times `unit`: the spot, where a venue quotes in coin.
    """
    rules = ((1.0, 1.0), (PERCENT, 1.0), *(((1.0, unit),) if unit != 1.0 else ()))
    entries: list[Entry] = []
    parts: list[bytes] = []
    for name, column in columns.items():
        entry, part = _encode(column, rules)
        entries.append({"name": name, "n": int(column.size), "bytes": len(part), **entry})
        parts.append(part)
    head = json.dumps({"header": header, "columns": entries}, separators=(",", ":")).encode()
    content = b"".join((_SIZE.pack(len(head)), head, *parts))
    frame = zstandard.ZstdCompressor(level=LEVEL).compress(content)
    return _START.pack(VERSION, zlib.crc32(frame)) + frame


def unpack(blob: bytes) -> tuple[dict[str, Any], dict[str, Array]]:
    """What `pack` was given. Raises BadData for a newer version or damaged bytes."""
    if blob and blob[0] > VERSION:
        raise BadData(
            f"Stored data has format {blob[0]}, and this gexwire reads up to {VERSION}:"
            " update gexwire."
        )
    try:
        return _unpack(blob)
    except (zstandard.ZstdError, struct.error, LookupError, TypeError, ValueError) as error:
        raise BadData("Stored data is damaged and cannot be read back.") from error


def _unpack(blob: bytes) -> tuple[dict[str, Any], dict[str, Array]]:
    version, checksum = _START.unpack_from(blob)
    frame = blob[_START.size :]
    if version != VERSION or zlib.crc32(frame) != checksum:
        raise ValueError("checksum differs")
    content = zstandard.ZstdDecompressor().decompress(frame)
    at = _SIZE.size + _SIZE.unpack_from(content)[0]
    head = json.loads(content[_SIZE.size : at])
    columns = {}
    for entry in head["columns"]:
        columns[entry["name"]] = _decode(entry, content[at : at + entry["bytes"]])
        at += entry["bytes"]
    return head["header"], columns


def _encode(column: Array, rules: Rules) -> tuple[Entry, bytes]:
    if column.dtype.kind == "b":
        return {"as": "bits"}, np.packbits(column).tobytes()
    if column.dtype.kind == "U":
        words, codes = np.unique(column, return_inverse=True)
        return {"as": "words", "words": words.tolist()}, _shuffled(_narrow(codes, words.size))
    if column.dtype.kind == "f":
        return _encode_floats(np.ascontiguousarray(column, dtype=np.float64), rules)
    return _encode_bits(np.ascontiguousarray(column, dtype=np.int64), "int")


def _encode_floats(column: Floats, rules: Rules) -> tuple[Entry, bytes]:
    if bool(np.isnan(column).all()):
        return {"as": "nan"}, b""
    if _repeats(column.view(np.int64)):
        return _encode_bits(column.view(np.int64), "float")
    probe = column[np.isfinite(column) & (column != 0)][:PROBED].tolist()
    for over, times in rules:
        for places in PLACES:
            if not all(_obeys(each, places, over, times) for each in probe):
                continue
            if (whole := _decimals(column, places, over, times)) is not None:
                rule = {"places": places, "over": over, "times": times}
                return {"as": "decimal", **rule, "type": whole.dtype.str}, _shuffled(whole)
    return _encode_bits(column.view(np.int64), "float")


def _repeats(bits: NDArray[np.int64]) -> bool:
    """Whether one byte per value and a dictionary will do: forwards, multipliers, strikes."""
    if np.unique(bits[:: max(bits.size // SAMPLED, 1)]).size > BYTE:
        return False
    return int(np.unique(bits).size) <= min(BYTE, bits.size // 4)


def _encode_bits(bits: NDArray[np.int64], kind: str) -> tuple[Entry, bytes]:
    """A dictionary when values repeat (settlements, forwards), plain otherwise."""
    values, codes = np.unique(bits, return_inverse=True)
    if 2 * values.size > bits.size:
        return {"as": kind}, _shuffled(bits)
    part = _shuffled(values) + _shuffled(_narrow(codes, values.size))
    return {"as": f"few {kind}", "values": int(values.size)}, part


def _decode(entry: Entry, part: bytes) -> Array:
    n, form = int(entry["n"]), entry["as"]
    if form == "bits":
        return np.unpackbits(np.frombuffer(part, np.uint8), count=n).astype(np.bool_)
    if form == "nan":
        return np.full(n, np.nan)
    if form == "words":
        codes = _unshuffled(part, n, _code_type(len(entry["words"])))
        return np.array(entry["words"], dtype=np.str_)[codes]
    if form == "decimal":
        whole = _unshuffled(part, n, np.dtype(entry["type"]))
        values = _valued(whole, entry["places"], entry["over"], entry["times"])
        values[whole == NONE] = np.nan
        return values
    bits = _bits(entry, part, n)
    return bits.view(np.float64) if form.endswith("float") else bits


def _bits(entry: Entry, part: bytes, n: int) -> Array:
    count = entry.get("values")
    if count is None:
        return _unshuffled(part, n, np.dtype(np.int64))
    values = _unshuffled(part[: 8 * count], count, np.dtype(np.int64))
    return np.asarray(values[_unshuffled(part[8 * count :], n, _code_type(count))])


def _obeys(value: float, places: int, over: float, times: float) -> bool:
    whole = value / times * over * 10.0**places
    return abs(whole) < EXACT and round(whole) / 10.0**places / over * times == value


def _decimals(column: Floats, places: int, over: float, times: float) -> Array | None:
    """Integers that the rule turns into the same bits; None if there are none."""
    missing = np.isnan(column)
    with np.errstate(over="ignore"):
        whole = np.rint(np.where(missing, 0.0, column) / times * over * 10.0**places)
    largest = np.abs(whole).max(initial=0.0)
    if largest >= EXACT or bool((whole == NONE).any()):
        return None
    same = _valued(whole, places, over, times).view(np.int64) == column.view(np.int64)
    if not bool((same | missing).all()):
        return None
    whole[missing] = NONE
    return whole.astype(np.int32 if largest < 2**31 else np.int64)


def _valued(whole: Array, places: int, over: float, times: float) -> Floats:
    """The order of operations is part of the format: it decides the last bit."""
    return np.asarray(whole / 10.0**places / over * times, dtype=np.float64)


def _code_type(count: int) -> np.dtype[Any]:
    return np.min_scalar_type(max(count - 1, 0))


def _narrow(codes: Array, count: int) -> Array:
    return codes.astype(_code_type(count))


def _shuffled(column: Array) -> bytes:
    """First bytes of all values, then all second bytes, ...: what is alike lies together."""
    size = column.dtype.itemsize
    little = np.ascontiguousarray(column.astype(column.dtype.newbyteorder("<"), copy=False))
    return little.view(np.uint8).reshape(-1, size).T.tobytes()


def _unshuffled(part: bytes, n: int, dtype: np.dtype[Any]) -> Array:
    planes = np.frombuffer(part, np.uint8).reshape(dtype.itemsize, n)
    return planes.T.copy().view(dtype.newbyteorder("<")).reshape(n).astype(dtype, copy=False)
