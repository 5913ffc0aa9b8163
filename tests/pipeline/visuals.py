"""What each visual of the dashboard must show, from the results of the jobs, said in other words than its queries."""

from collections import Counter, defaultdict
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from tests.oracle import Row

Results = dict[str, list[Row]]


def items(results: Results) -> list[Row]:
    return [(sum(quantity for _, _, quantity in results["product_daily_quantity"]),)]


def customers(results: Results) -> list[Row]:
    return [(len(results["customer_orders"]),)]


def large_orders_total(results: Results) -> list[Row]:
    return [(float(sum(total for _, _, total in results["large_orders"])),)]


def quantity_by_day(results: Results) -> list[Row]:
    return sorted(
        Counter(summed((day(date), qty) for _, date, qty in results["product_daily_quantity"])).items()
    )


def best_sellers(results: Results) -> list[Row]:
    best = sorted(results["top_products"], key=lambda row: (row[0], -row[4], row[3]))
    return [(name, days, quantity) for days, _, _, name, quantity in best]


def quantity_by_month(results: Results) -> list[Row]:
    daily = results["product_daily_quantity"]
    totals = summed((product, qty) for product, _, qty in daily)
    most = sorted(totals, key=lambda product: (-totals[product], product))[:12]
    monthly = summed(((product, day(date.replace(day=1))), qty) for product, date, qty in daily)
    return [(p, m, q) for p in most for (product, m), q in sorted(monthly.items()) if product == p]


def customers_by_orders(results: Results) -> list[Row]:
    return sorted(Counter(count for _, _, count in results["customer_orders"]).items())


def top_customers(results: Results) -> list[Row]:
    ordered = sorted(results["customer_orders"], key=lambda row: (-row[2], row[1]))
    return [(name, person, count) for person, name, count in ordered][:100]


def orders_by_lines(results: Results) -> list[Row]:
    return sorted(Counter(lines for _, lines in results["order_line_counts"]).items())


def large_orders_by_day(results: Results) -> list[Row]:
    daily = summed((day(date), total) for _, date, total in results["large_orders"])
    return [(date, float(total)) for date, total in sorted(daily.items())]


def day(date: Any) -> str:
    return f"{date.isoformat()}T00:00:00"


def summed(pairs: Any) -> dict[Any, Any]:
    totals: defaultdict[Any, int | Decimal] = defaultdict(int)
    for key, value in pairs:
        totals[key] += value
    return totals


EXPECTED: dict[str, Callable[[Results], list[Row]]] = {
    "items": items,
    "customers": customers,
    "large-orders-total": large_orders_total,
    "quantity-by-day": quantity_by_day,
    "best-sellers": best_sellers,
    "quantity-by-month": quantity_by_month,
    "customers-by-orders": customers_by_orders,
    "top-customers": top_customers,
    "orders-by-lines": orders_by_lines,
    "large-orders-by-day": large_orders_by_day,
}
"""The rows of each visual by its id; those of the checks' two are not the jobs'."""
