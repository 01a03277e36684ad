"""Gate 1 of UN Comtrade's re-exports and flows by second partner: one partition of one reporter."""

from __future__ import annotations

from warehouse.quality.expectations.rules import Suite
from warehouse.quality.feeds import trade_via
from warehouse.quality.raw.un_comtrade__trade import FOLLOWED, OF_THE_PARTITION

SUITE = Suite(table="un_comtrade__trade_via", gate=1, rules=(*trade_via.RULES, OF_THE_PARTITION, *FOLLOWED))
