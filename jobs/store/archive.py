"""What a snapshot keeps as blobs: the raw chain, and the sums by strike with the profile."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime

from engine.domain import COLUMNS, Chain, Market, Profile, StrikeTable
from engine.errors import BadData
from jobs.store.columns import pack, unpack

_STRIKE_COLUMNS = tuple(each.name for each in fields(StrikeTable))
_PROFILE_COLUMNS = {"spots": "profile_spots", "gex": "profile_gex"}


def pack_chain(chain: Chain) -> bytes:
    """The whole chain, exactly; about 6 bytes a contract for quotes of a few decimals."""
    header = {
        "asset": chain.asset,
        "venue": chain.venue,
        "market": chain.market.value,
        "asof": chain.asof.isoformat(),
        "spot": chain.spot,
        "currency": chain.currency,
        "rate": chain.rate,
        "listed": chain.listed,
        "left_out": dict(chain.left_out),
    }
    return pack(header, {name: getattr(chain, name) for name in COLUMNS}, chain.spot)


def unpack_chain(blob: bytes) -> Chain:
    """Raises BadData for a newer format or damaged bytes."""
    header, columns = unpack(blob)
    try:
        return Chain(
            **{
                **header,
                **columns,
                "market": Market(header["market"]),
                "asof": datetime.fromisoformat(header["asof"]).astimezone(UTC),
            }
        )
    except (LookupError, TypeError, ValueError) as error:
        raise BadData("Stored data is not an option chain.") from error


def pack_sums(by_strike: StrikeTable, profile: Profile) -> bytes:
    table = {name: getattr(by_strike, name) for name in _STRIKE_COLUMNS}
    curve = {key: getattr(profile, name) for name, key in _PROFILE_COLUMNS.items()}
    return pack({}, {**table, **curve})


def unpack_sums(blob: bytes) -> tuple[StrikeTable, Profile]:
    """Raises BadData for a newer format or damaged bytes."""
    _, columns = unpack(blob)
    try:
        curve = {name: columns.pop(key) for name, key in _PROFILE_COLUMNS.items()}
        return StrikeTable(**columns), Profile(**curve)
    except (LookupError, TypeError) as error:
        raise BadData("Stored data is not a table of sums by strike.") from error
