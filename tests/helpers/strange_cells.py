"""Texts that look like numbers and are none: what a damaged, converted or foreign file puts where a figure is due."""

from __future__ import annotations

from hypothesis import strategies as st

NO_NUMBERS = (
    "1200,5", "9000,25", "0,96", "0,17", "0,960", "8,.4,", "+5", "-5", "1.004e+09", "1E5", "1,2345", "1,23", "12,,345",
    ",123", "123,", "1,234567", "1.234.567", "1.234,56", "1_000", "1 000", "1\u202f000", "1'000", "inf", "Infinity",
    "nan", "NaN", "0x10", "0b1", "007", "00", "1,100 2", "1,100\n2", "١٢٣", "１２３", "१२३", "2²", "½", "5%", "$5",
    "5 kg", "(5)", "5-", "12.", ".5", "1..2", "TRUE", "1\u200b200", "9" * 16, "1" + "0" * 400, "1;2", "#REF!",
)  # fmt: skip
"""No layout of any publisher prints these as a number."""

_SCRIPTS = ["٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९", "０１２３４５６７８９", "৭৮৯৬৫৪৩২১০"]


def no_numbers() -> st.SearchStrategy[str]:
    """Texts of `NO_NUMBERS`, and random ones of the same kinds."""
    digits = st.integers(1, 10**9).map(str)
    return st.one_of(
        st.sampled_from(NO_NUMBERS),
        st.tuples(digits, st.text("0123456789", min_size=1, max_size=2)).map(",".join),
        st.tuples(digits, st.text("0123456789", min_size=4, max_size=6)).map(",".join),
        st.tuples(digits, st.sampled_from(["e", "E", "e+", "E-", "_", " ", "\n", "'", "..", ",,"]), digits).map(
            "".join
        ),
        st.tuples(st.sampled_from(["+", "-", "~", "00", "0x", "£", ","]), digits).map("".join),
        st.tuples(st.sampled_from(_SCRIPTS), digits).map(lambda pair: "".join(pair[0][int(n)] for n in pair[1])),
    )
