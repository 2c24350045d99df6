"""Years counted from other beginnings than the common era's, and the Persian calendar."""

from __future__ import annotations

from datetime import date

# The Thai solar calendar runs 543 years ahead; a year after this one is not of the common era.
BUDDHIST, BUDDHIST_FROM = 543, 2440
ROC = 1911  # the calendar of Taiwan: its year 1 is 1912
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "民國": ROC, "民国": ROC, "中華民國": ROC}
# The Persian calendar in whole days: a cycle of 33 years holds eight leap years, which is right from 1244 to 1502.
_CYCLE, _LEAPS = 33, 8
_SHIFT, _START = 1595, -356_033  # a year from which cycles count, and the ordinal of its eve


def year(era: str, number: str) -> int:
    """The common era's year of a year of an era; 元 is the first."""
    return _ERAS[era] + (1 if number == "元" else int(number))


def persian(year: int, month: int, day: int) -> tuple[int, int, int] | None:
    """Year, month and day in the common era of a day of the Persian calendar, for its years 1300 to 1499."""
    if not (1300 <= year < 1500 and 1 <= month <= 12 and 1 <= day <= (31 if month <= 6 else 30)):
        return None
    cycles, rest = divmod(year + _SHIFT, _CYCLE)
    days = 365 * (year + _SHIFT) + cycles * _LEAPS + (rest + 3) // 4
    days += 31 * (month - 1) if month <= 7 else 30 * (month - 7) + 186
    found = date.fromordinal(_START + days + day)
    return found.year, found.month, found.day
