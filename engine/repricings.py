"""The gamma flip with one input changed: time, rates, volatilities, or what has expired."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from engine.domain import Chain, Floats, Market
from engine.expiry import zone
from engine.exposure import known
from engine.held import Held
from engine.levels.reasons import no_crossing
from engine.positions import signed, weighed
from engine.profile import gamma_flips
from engine.settings import EngineSettings
from engine.terms import Rates, terms
from engine.volatility import contract_vols

Found = tuple[float | None, str]
"""A price, and the reason to give when there is none."""


def year_of(chain: Chain) -> int:
    """Days of a year that counts whole days: all of them where trading never stops. [days]"""
    return 365 if chain.market is Market.CRYPTO else 252


def whole_days(held: Held, settings: EngineSettings) -> Found:
    """With whole days to settlement, business days where the market has them, and at least one."""
    years = _whole_years(held.chain)
    return _flip(replace(held, terms=replace(held.terms, years=years)), settings)


def rates_zero(held: Held, settings: EngineSettings) -> Found:
    """With no rates at all: every forward is spot. Solved volatilities are solved anew."""
    nothing = np.full(len(held.chain), np.nan)
    bare = terms(replace(held.chain, forward=nothing), settings, Rates(0.0, 0.0))
    return _flip(replace(held, terms=bare), settings)


def rates_from_quotes(held: Held, settings: EngineSettings) -> Found:
    """With the venue's forwards or put-call parity, whatever rates the answer was given."""
    return _flip(replace(held, terms=terms(held.chain, settings)), settings)


def venue_iv(held: Held, settings: EngineSettings) -> Found:
    """With the venue's volatilities only."""
    theirs = held.chain.iv
    believed = (theirs >= settings.iv_low) & (theirs <= settings.iv_high)
    if not believed.any():
        return None, "the venue publishes no believable volatility"
    return _with_vols(held, np.where(believed, theirs, np.nan), settings)


def solved_iv(held: Held, settings: EngineSettings) -> Found:
    """With volatilities solved from the middle of usable quotes only."""
    chain, now = held.chain, held.terms
    always = settings.model_copy(update={"use_venue_iv": False})
    solved = contract_vols(chain, now.years, now.rate, now.carry, always)
    if not np.isfinite(solved).any():
        return None, "no quote is usable to solve a volatility from"
    return _with_vols(held, solved, settings)


def expired_left_in(
    held: Held, settings: EngineSettings, earlier: Chain | None, ours: Found
) -> Found:
    """With what settled between `earlier` and now, as if one whole day were left to it."""
    chain = held.chain
    dropped = chain.left_out.get("expired", 0)
    if earlier is None:
        if not dropped:
            return ours
        return None, f"what the {dropped:,} expired contracts were is not known any more"
    if held.sign.signs is None:
        return None, "the book holds no positions in what has expired"
    (rows,) = np.nonzero(earlier.settlement <= chain.asof.timestamp())
    if not rows.size:
        return ours
    (live,) = np.nonzero(np.isfinite(held.terms.iv))
    old = terms(earlier, settings)
    rows = rows[np.isfinite(old.iv[rows])]
    contracts = weighed(earlier, held.weight, held.sign)
    position = signed(contracts, earlier.is_call, held.sign) * earlier.multiplier
    years = np.full(rows.size, 1 / year_of(chain))
    _, level, _ = gamma_flips(
        chain.spot,
        np.concatenate((chain.strike[live], earlier.strike[rows])),
        np.concatenate((held.terms.years[live], years)),
        np.concatenate((held.terms.iv[live], old.iv[rows])),
        held.terms.rate,
        np.concatenate((held.terms.carry[live], old.carry[rows])),
        np.concatenate((held.units[live], known(position[rows]))),
        low=settings.profile_low,
        high=settings.profile_high,
    )
    return level, _nowhere(settings)


def _with_vols(held: Held, vols: Floats, settings: EngineSettings) -> Found:
    return _flip(replace(held, terms=replace(held.terms, iv=vols)), settings)


def _flip(held: Held, settings: EngineSettings) -> Found:
    _, level, _ = held.profiled(settings)
    return level, _nowhere(settings)


def _nowhere(settings: EngineSettings) -> str:
    return no_crossing("the gamma profile priced this way", settings)


def _whole_years(chain: Chain) -> Floats:
    """Whole days to settlement as a share of a year, shape (n,). [years]"""
    here = zone(chain.market)
    today = np.datetime64(chain.asof.astimezone(here).date(), "D")
    instants, back = np.unique(chain.settlement, return_inverse=True)
    days = [datetime.fromtimestamp(int(each), UTC).astimezone(here).date() for each in instants]
    settles = np.array(days, dtype="datetime64[D]")
    if chain.market is Market.CRYPTO:
        count = (settles - today).astype(np.int64)
    else:
        count = np.busday_count(today, settles)
    return np.maximum(count, 1)[back] / year_of(chain)
