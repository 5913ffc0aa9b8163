"""Values of rows: read from what a database gives, and written for people."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from charts.fields import JSON, Field
from charts.query import Kind

Value = str | int | float | None

SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹"}
SCALES = {
    "THOUSANDS": (1e3, "K"),
    "MILLIONS": (1e6, "M"),
    "BILLIONS": (1e9, "B"),
    "TRILLIONS": (1e12, "T"),
}
DATES = {
    "YEAR": "%Y",
    "MONTH": "%b %Y",
    "DAY": "%b %-d, %Y",
    "HOUR": "%b %-d, %Y %H:00",
    "MINUTE": "%b %-d, %Y %H:%M",
    "SECOND": "%b %-d, %Y %H:%M:%S",
}
NULL, OTHER = "null", "Other"
"""What QuickSight writes for no value, and for the values beyond a limit together."""


def read(raw: Any, kind: Kind) -> Value:
    """A value as JSON has it, dates in ISO 8601; `raw` may also be Athena's text for it."""
    if raw is None or kind == "text":
        return None if raw is None else str(raw)
    if kind == "number":
        number = Decimal(str(raw))
        return int(number) if number == number.to_integral_value() else float(number)
    moment = raw if isinstance(raw, dt.date) else dt.datetime.fromisoformat(str(raw))
    return moment.isoformat() if isinstance(moment, dt.datetime) else f"{moment.isoformat()}T00:00:00"


@dataclass(frozen=True)
class Format:
    """How a field's values are written."""

    kind: Kind
    granularity: str | None = None
    prefix: str = ""
    suffix: str = ""
    decimals: int | None = None
    factor: float = 1
    grouped: bool = True

    def text(self, value: Value) -> str:
        """The value as people read it."""
        if value is None or value == OTHER:
            return NULL if value is None else OTHER
        if self.kind == "date":
            return date_text(dt.datetime.fromisoformat(str(value)), self.granularity or "DAY")
        if self.kind == "text":
            return str(value)
        return self.number(value if isinstance(value, int) else float(value))

    def number(self, value: float) -> str:
        scaled = value * self.factor if self.factor != 1 else value
        decimals = self.decimals if self.decimals is not None else (0 if scaled == int(scaled) else 2)
        digits = f"{abs(scaled):{',' if self.grouped else ''}.{decimals}f}"
        return f"{'-' if scaled < 0 else ''}{self.prefix}{digits}{self.suffix}"


def date_text(moment: dt.datetime, granularity: str) -> str:
    if granularity == "QUARTER":
        return f"Q{(moment.month + 2) // 3} {moment.year}"
    return moment.strftime(DATES[granularity])


def format_of(field: Field) -> Format:
    """The format of a dimension's or a measure's values, from its FormatConfiguration."""
    asks = field.asks
    granularity = getattr(asks, "granularity", None)
    if asks.kind != "number":
        return Format(asks.kind, granularity)
    # A number that groups is a name or a class: no separators, as QuickSight writes it.
    plain = Format("number", grouped=not hasattr(asks, "granularity"))
    kinds = numeric_formats(field.format)
    return number_format(*next(iter(kinds.items()))) if kinds else plain


def numeric_formats(configuration: JSON) -> JSON:
    """The NumericFormatConfiguration in a number's format, or in that of what was counted."""
    inner: JSON = (
        configuration.get("FormatConfiguration") or configuration.get("NumericFormatConfiguration") or {}
    )
    return inner


def number_format(kind: str, body: JSON) -> Format:
    separators = body.get("SeparatorConfiguration", {}).get("ThousandsSeparator", {})
    divisor, letter = SCALES.get(body.get("NumberScale", "NONE"), (1, ""))
    percent = kind == "PercentageDisplayFormatConfiguration"
    symbol = body.get("Symbol", "USD") if kind == "CurrencyDisplayFormatConfiguration" else ""
    return Format(
        kind="number",
        prefix=body.get("Prefix", "") + SYMBOLS.get(symbol, symbol and f"{symbol} "),
        suffix=letter + ("%" if percent else "") + body.get("Suffix", ""),
        decimals=body.get("DecimalPlacesConfiguration", {}).get("DecimalPlaces"),
        factor=(100 if percent else 1) / divisor,
        grouped=separators.get("Visibility", "VISIBLE") == "VISIBLE",
    )
