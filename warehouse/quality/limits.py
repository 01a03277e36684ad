"""Numbers that rules of more than one table share: how large a figure can be, and how far two of them may differ."""

from __future__ import annotations

MOST_TRADE_USD = 1.0e11
"""US$ of one flow or total: the whole world's trade in the codes that are followed is a fraction of this."""

MOST_TRADE_KG = 1.0e10
"""Kilograms of one flow or total: grams read as kilograms fall outside."""

LEAST_USD_PER_KG, MOST_USD_PER_KG = 0.05, 5000
"""Unit values that a rare-earth compound, metal or magnet has; beyond them value or weight is in another unit."""

LEAST_PRICE_USD_PER_KG, MOST_PRICE_USD_PER_KG = 0.1, 5.0e6
"""Prices: cerium oxide costs a dollar a kilogram, a gram of scandium fluoride a thousand dollars."""

MOST_OUTPUT_T = 1.0e6
"""Tonnes of oxide a country mines, or may mine, in a year: China's largest quota so far is 270,000."""

MOST_RESERVES_T = 1.0e8
"""Tonnes: no country has a hundred million; India counts thirteen million tonnes of monazite."""

MOST_WORLD_T = 1.0e9
"""Tonnes: nothing that is counted in tonnes exceeds a billion."""

MOST_MAGNET_ELEMENTS_KT = 1000.0
"""Kilotonnes of magnet rare earths that the world mines, refines or needs in a year: 75 are mined, 200 projected."""

PRINTED_SUM_OFF_KT = 0.001
"""Kilotonnes: what adding up figures of full precision leaves, and a thousandth of the smallest country's."""

MOST_DEPLOYED = 1.0e8
"""Vehicles registered, or megawatts installed, by one country in a year."""

PRINTED_TOTAL_OFF = 0.05
"""Difference of a printed total from the sum of its countries that shows another table or a lost row."""

PRINTED_TOTAL_ROUNDED = 0.02
"""Difference of a printed total from the sum of its countries that rounding alone has stayed within."""

SUM_NOISE = 0.001
"""Tonnes or kilograms: what adding up printed decimals leaves."""

FIRST_YEAR, LAST_YEAR = 1900, 2100
"""Years of a figure; beyond them a number is no year."""
