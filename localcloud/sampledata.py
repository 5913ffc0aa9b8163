"""Sample data: six CSV files shaped, written and linked like AdventureWorks' sales tables, from a seed.

The catalogue of products and offers and the years of trade stay the same; persons, customers, orders and
order lines grow with the size. Orders are drawn and written one at a time, so memory does not grow.
"""

import datetime as dt
from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice, pairwise, product
from pathlib import Path
from random import Random
from typing import TextIO, TypeVar

T = TypeVar("T")


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",")]


HEADERS = {
    "Person.Person": (
        "BusinessEntityID;PersonType;NameStyle;Title;FirstName;MiddleName;LastName;Suffix;EmailPromotion;"
        "AdditionalContactInfo;Demographics;rowguid;ModifiedDate"
    ),
    "Production.Product": (
        "ProductID;Name;ProductNumber;MakeFlag;FinishedGoodsFlag;Color;SafetyStockLevel;ReorderPoint;"
        "StandardCost;ListPrice;Size;SizeUnitMeasureCode;WeightUnitMeasureCode;Weight;DaysToManufacture;"
        "ProductLine;Class;Style;ProductSubcategoryID;ProductModelID;SellStartDate;SellEndDate;DiscontinuedDate;"
        "rowguid;ModifiedDate"
    ),
    "Sales.Customer": "CustomerID;PersonID;StoreID;TerritoryID;AccountNumber;rowguid;ModifiedDate",
    "Sales.SalesOrderDetail": (
        "SalesOrderID;SalesOrderDetailID;CarrierTrackingNumber;OrderQty;ProductID;SpecialOfferID;UnitPrice;"
        "UnitPriceDiscount;LineTotal;rowguid;ModifiedDate"
    ),
    "Sales.SalesOrderHeader": (
        "SalesOrderID;RevisionNumber;OrderDate;DueDate;ShipDate;Status;OnlineOrderFlag;SalesOrderNumber;"
        "PurchaseOrderNumber;AccountNumber;CustomerID;SalesPersonID;TerritoryID;BillToAddressID;ShipToAddressID;"
        "ShipMethodID;CreditCardID;CreditCardApprovalCode;CurrencyRateID;SubTotal;TaxAmt;Freight;TotalDue;Comment;"
        "rowguid;ModifiedDate"
    ),
    "Sales.SpecialOfferProduct": "SpecialOfferID;ProductID;rowguid;ModifiedDate",
}

FIRST_NAMES = _words(
    "José, María, Ken, Terri, Zoë, David, Rebecca, Michael, Anna, Björn, Chloé, Dylan, Eduardo, "
    "Françoise, Ian, Jürgen, Luis, Marcus, Noah, Olivia, Pedro, Rachel, Seth, Sydney, Thomas, Victoria, "
    "Wei, Xavier, Yuki, Łukasz, Søren, Émilie, Aaron, Brianna, Cameron, Destiny, Ethan, Fernando, Grace, "
    "Hunter, Isabella, Jordan, Kaitlyn"
)
LAST_NAMES = _words(
    "Sánchez, Smith, García, Null, Müller, Nguyen, O'Brien, Ward; Jr., Chen, Diaz, Alexander, Bryant, "
    "D'Hers, Duffy, de la Cruz, Edwards, Foster, Hernández, Kovár, Martínez, Nørgaard, Van Houten, Ōta, "
    "Patterson, Raman, Sai, Torres, Zhang, Žižek, Adams, Bailey, Carter, Gonzalez, Hall, Jenkins, Lopez, "
    "Ortega, Perez, Coleman"
)
MIDDLE_NAMES = ["NULL"] * 15 + _words("A, A, B, C, D, E, F, G, J, J, K, L, L, M, M, R, S, T, R., Lee, Æ")
TITLES = ["NULL"] * 9 + ["Mr.", "Sra."]

#: Days to manufacture -> products for sale, their share of the lines, lowest price in cents, kinds and sizes.
RANGES = {
    0: (70, 0.45, 499, _words("Women's Tights, Men's Jersey, Helmet, Bottle; Cage, Tire Tube"), "LMSX"),
    1: (
        112,
        0.15,
        33_722,
        _words("Road Frame, Touring Frame, Crankset, Headset, Saddle, Pedal, Wheel"),
        "2468",
    ),
    2: (9, 0.10, 14_899, ["Carbon Fork"], "23"),
    4: (
        104,
        0.30,
        53_999,
        _words("Road Bike, Mountain Bike, Touring Bike, City Bike, Cargo Bike, Vélo"),
        "02468",
    ),
}
COLORS = ["NULL", "Black", "Red", "Silver/Black"]
MAKES = _words("Col, Été, LL, ML, HL, Summit, Trail")
PARTS = _words("Nut, Washer, Rim, Blade, Decal, Bearing")
#: The shares of a range's first products: two best sellers, then two sold only together: a tie for rank 3.
BEST_SELLERS = [90.0, 60.0, 20.0, 0.0]

#: Offer -> number of its products, and discount in percent. Offer 1 is no discount, on all.
OFFERS = {
    1: (295, 0),
    2: (111, 2),
    3: (55, 5),
    4: (17, 10),
    5: (2, 15),
    7: (8, 35),
    8: (3, 10),
    9: (1, 20),
    10: (3, 15),
    11: (3, 20),
    12: (12, 20),
    13: (10, 20),
    14: (4, 15),
    15: (7, 50),
    16: (7, 40),
}

FIRST_DAY, DAYS = dt.date(2011, 5, 31), 1127
#: Totals (in ten-thousandths) of eight orders of one day, at every size: around 1000, where text sorts
#: otherwise than numbers do, and one total twice.
BOUNDARY_DAY = (dt.date(2011, 9, 15) - FIRST_DAY).days
BOUNDARY_TOTALS = [
    9_999_000,
    9_999_999,
    10_000_000,
    10_000_001,
    15_000_000,
    15_000_000,
    99_990_000,
    200_000_000,
]

ONLINE_LINES = [1] * 39 + [2] * 30 + [3] * 19 + [4] * 9 + [5, 6, 7]

#: The fraction of an amount in ten-thousandths, as the files write it: a comma and two to four digits.
FRACTIONS = [f",{n:04}".removesuffix("0").removesuffix("0") for n in range(10_000)]

CONTACT_INFO = (
    '"<AdditionalContactInfo xmlns=""http://schemas.microsoft.com/sqlserver/2004/07/adventure-works/ContactInfo"">'
    'Call after 5 p.m.; ask for ""the boss"".</AdditionalContactInfo>"'
)
SURVEY = (
    '"<IndividualSurvey xmlns=""http://schemas.microsoft.com/sqlserver/2004/07/adventure-works/IndividualSurvey"">'
    '<TotalPurchaseYTD>{}</TotalPurchaseYTD>{}</IndividualSurvey>"'
)
INDIVIDUAL = (
    "<DateFirstPurchase>2003-0{}-01Z</DateFirstPurchase><BirthDate>19{}-02-23Z</BirthDate><MaritalStatus>{}"
    "</MaritalStatus><YearlyIncome>{}</YearlyIncome><Gender>{}</Gender><TotalChildren>{}</TotalChildren>"
    "<NumberChildrenAtHome>0</NumberChildrenAtHome><Education>Bachelors </Education><Occupation>Professional"
    "</Occupation><HomeOwnerFlag>1</HomeOwnerFlag><NumberCarsOwned>{}</NumberCarsOwned>"
    "<CommuteDistance>5-10 Miles</CommuteDistance>"
)
INCOMES = ["0-25000", "25001-50000", "50001-75000", "75001-100000", "greater than 100000"]


@dataclass(frozen=True)
class Product:
    """A product; `price` in ten-thousandths; `share` of the lines drawn, None where it is not for sale."""

    id: int
    name: str
    days_to_manufacture: int
    price: int
    share: float | None


@dataclass(frozen=True)
class Population:
    """How many persons and customers there are, and how their ids are laid out, one kind after the other."""

    others: int
    stores: int
    contacts: int
    individuals: int

    @classmethod
    def of(cls, size: float) -> "Population":
        """The real numbers times `size`, at least a handful of each kind."""
        return cls(*(max(8, round(n * size)) for n in (853, 701, 635, 18_484)))

    @property
    def first_individual(self) -> int:
        """Person id of the first individual; store contacts and their stores take turns before it."""
        return self.others + 2 * self.stores + 1

    @property
    def first_customer(self) -> int:
        """Customer id of the first individual; stores come before, store contacts after the last."""
        return max(11_000, self.stores + 1)

    @property
    def first_contact(self) -> int:
        """Customer id of the first store contact."""
        return self.first_customer + self.individuals


def generate(directory: Path, size: float = 1, seed: int = 2011) -> None:
    """Write the six files into `directory`; the same size and seed give the same bytes.

    Size 1 is about AdventureWorks itself: 19,972 persons, 504 products, 19,820 customers, 31,465 orders,
    121 thousand order lines and 538 products on offer. Raises ValueError for a size that is not above 0.
    """
    if not size > 0:
        raise ValueError(f"size {size}: give a number above 0; 1 is about AdventureWorks itself")
    directory.mkdir(parents=True, exist_ok=True)
    people, products = Population.of(size), _catalogue()
    for_sale = [item for item in products if item.share is not None]
    offers = {offer: _on_offer(offer, for_sale) for offer in OFFERS}
    _write(directory, "Person.Person", _person_rows(people, Random(f"{seed} person")))
    _write(directory, "Production.Product", _product_rows(products, Random(f"{seed} product")))
    _write(directory, "Sales.Customer", _customer_rows(people, Random(f"{seed} customer")))
    _write(directory, "Sales.SpecialOfferProduct", _offer_rows(offers, Random(f"{seed} offer")))
    shop = Shop(for_sale, offers, people, Random(f"{seed} order"))
    with (
        _create(directory, "Sales.SalesOrderHeader") as header,
        _create(directory, "Sales.SalesOrderDetail") as detail,
    ):
        for order, lines in shop.orders(max(64, round(31_465 * size))):
            header.write(order)
            detail.writelines(lines)


def _create(directory: Path, name: str) -> TextIO:
    file = (directory / f"{name}.csv").open("w", encoding="utf-8-sig", newline="\n", buffering=1 << 20)
    file.write(HEADERS[name] + "\n")
    return file


def _write(directory: Path, name: str, rows: Iterator[str]) -> None:
    with _create(directory, name) as file:
        file.writelines(rows)


def _text(value: str) -> str:
    return f'"{value}"' if ";" in value or value.endswith(" ") else value


def _amount(ten_thousandths: int) -> str:
    return f"{ten_thousandths // 10_000}{FRACTIONS[ten_thousandths % 10_000]}"


def _guid(random: Random) -> str:
    digits = f"{random.getrandbits(128):032X}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _pick(random: Random, values: Sequence[T], skew: float = 1) -> T:
    """One of `values`; the larger the skew, the more often one of the first."""
    return values[int(len(values) * random.random() ** skew)]


def _person_rows(people: Population, random: Random) -> Iterator[str]:
    """Employees and vendors, who order nothing; then store contacts; then individuals."""
    for number in range(1, people.others + 1):
        yield _person(number, _pick(random, ["EM", "GC", "VC", "SP"]), random)
    for number in range(people.contacts):
        yield _person(people.others + 1 + 2 * number, "SC", random)
    for number in range(people.individuals):
        yield _person(people.first_individual + number, "IN", random)


def _person(number: int, kind: str, random: Random) -> str:
    first, last = _pick(random, FIRST_NAMES, 2.5), _text(_pick(random, LAST_NAMES, 2.5))
    title, middle = _pick(random, TITLES), _pick(random, MIDDLE_NAMES)
    contact = CONTACT_INFO if kind == "SC" and number % 7 == 0 else "NULL"
    survey = SURVEY.format(*_individual(random)) if kind == "IN" else SURVEY.format(0, "")
    return (
        f"{number};{kind};0;{title};{first};{middle};{last};NULL;{number % 3};{contact};"
        f"{survey};{_guid(random)};20{_pick(random, ['07', '11', '13'])}-07-31 00:00:00.000\n"
    )


def _individual(random: Random) -> tuple[object, ...]:
    spent, answers = (
        round(random.gauss(0, 800), 2),
        (1 + int(9 * random.random()), 40 + int(50 * random.random())),
    )
    facts = (
        *answers,
        _pick(random, "MS"),
        _pick(random, INCOMES),
        _pick(random, "FM"),
        _pick(random, "012345"),
        1,
    )
    return spent, INDIVIDUAL.format(*facts)


def _customer_rows(people: Population, random: Random) -> Iterator[str]:
    """Stores nobody is known of; then individuals; then store contacts, every fifth with a second store."""
    for number in range(people.stores):
        yield _customer(number + 1, "NULL", people.others + 2 + 2 * number, random)
    for number in range(people.individuals):
        yield _customer(people.first_customer + number, people.first_individual + number, "NULL", random)
    for number in range(people.contacts):
        person = people.others + 1 + 2 * (number - 1 if number % 5 == 4 else number)
        yield _customer(people.first_contact + number, person, people.others + 2 + 2 * number, random)


def _customer(number: int, person: int | str, store: int | str, random: Random) -> str:
    return (
        f"{number};{person};{store};{1 + number % 10};AW{number:08};{_guid(random)};2014-09-12 11:15:07.263\n"
    )


def _catalogue() -> list[Product]:
    """504 products: 209 parts, which are never sold, and a range for sale for each time to manufacture."""
    parts = islice(product(MAKES, PARTS, "12345"), 209)
    catalogue = [
        Product(316 + n, f"{make} {part} {size}", n % 2, 0, None)
        for n, (make, part, size) in enumerate(parts)
    ]
    for days in RANGES:
        catalogue += _range(days, 680 - 209 + len(catalogue))
    return catalogue


def _range(days: int, first_id: int) -> Iterator[Product]:
    count, share, cents, kinds, sizes = RANGES[days]
    names = [f"{make} {kind}, {size}" for kind, make, size in product(kinds, MAKES, sizes)]
    Random(days).shuffle(names)
    names[2:4] = sorted(names[2:4], reverse=True)  # of the two that tie, the later name has the lower id
    shares = BEST_SELLERS + [2 * 0.95**n for n in range(count - len(BEST_SELLERS))]
    for n, name in enumerate(names[:count]):
        yield Product(first_id + n, name, days, 100 * cents + 5_000 * n, share * shares[n] / sum(shares))


def _product_rows(products: list[Product], random: Random) -> Iterator[str]:
    for item in products:
        code, made = f"{item.name[:2].upper()}-{item.id:04};{item.id % 2}", item.days_to_manufacture
        color, line = _pick(random, COLORS), _pick(random, ["NULL", '"M "', '"R "'])
        stock = "0;{};1000;750;" if item.share is None else "1;{};500;375;"
        model = "NULL;NULL" if item.share is None else f"{1 + item.id % 37};{1 + item.id % 119}"
        measures = f'{38 + item.id % 25};"CM ";"LB ";{2 + 25 * random.random():.2f}'
        yield (
            f"{item.id};{_text(item.name)};{code};{stock.format(color)}"
            f"{_amount(item.price * 3 // 5)};{_amount(item.price)};"
            f"{measures if made > 2 else 'NULL;NULL;NULL;NULL'};{made};{line};NULL;NULL;{model};"
            f"2011-05-31 00:00:00.000;NULL;NULL;{_guid(random)};2014-02-08 10:01:36.827\n"
        )


def _on_offer(offer: int, for_sale: list[Product]) -> list[Product]:
    """The products of an offer: all, or those from a place of its own on."""
    first = 0 if offer == 1 else 7 * offer
    return for_sale[first : first + OFFERS[offer][0]]


def _offer_rows(offers: dict[int, list[Product]], random: Random) -> Iterator[str]:
    for offer, products in offers.items():
        for item in products:
            yield f"{offer};{item.id};{_guid(random)};2011-04-01 00:00:00.000\n"


def _calendar(orders: int) -> Iterator[tuple[str, str, str, int | None]]:
    """The dates of each order (placed, due, shipped) and the total it must have, if any; trade grows."""

    def until(day: int) -> int:
        elapsed = day / DAYS
        return round((orders - len(BOUNDARY_TOTALS)) * (0.2 * elapsed + 0.8 * elapsed**4))

    for day in range(DAYS):
        dates = [f"{FIRST_DAY + dt.timedelta(day + later)} 00:00:00.000" for later in (0, 12, 7)]
        totals = [None] * (until(day + 1) - until(day)) + (BOUNDARY_TOTALS if day == BOUNDARY_DAY else [])
        for total in totals:
            yield dates[0], dates[1], dates[2], total


class Shop:
    """Draws orders: individuals buy a piece or two online, stores many kinds in larger quantities."""

    def __init__(
        self, for_sale: list[Product], offers: dict[int, list[Product]], people: Population, random: Random
    ) -> None:
        self.for_sale, self.people, self.random = for_sale, people, random
        self.offers = {item.id: [offer for offer in offers if item in offers[offer]] for item in for_sale}
        self.until = list(accumulate(item.share or 0 for item in for_sale))
        # A product that is never drawn by itself goes with the one before it.
        self.companion = {one.id: two for one, two in pairwise(for_sale) if two.share == 0}
        self.lines_written = 0

    def orders(self, count: int) -> Iterator[tuple[str, list[str]]]:
        """Each order's row and the rows of its lines, in order of date and id."""
        for number, (placed, due, shipped, total) in enumerate(_calendar(count), 43_659):
            store = total is None and self.random.random() < 0.12
            basket = self._basket(store) if total is None else self._boundary_basket()
            lines, subtotal = self._lines(number, placed, store, basket)
            yield self._header(number, (placed, due, shipped), store, subtotal, total), lines

    def _basket(self, store: bool) -> Iterator[tuple[Product, int, int]]:
        """Products with their offer and quantity: each once, a few also under a second offer."""
        random = self.random.random
        kinds = (
            min(72, 1 + int(self.random.expovariate(1 / 48))) if store else _pick(self.random, ONLINE_LINES)
        )
        for place in dict.fromkeys(bisect(self.until, self.until[-1] * random()) for _ in range(kinds)):
            item = self.for_sale[place]
            quantity = min(44, 1 + int(self.random.expovariate(0.28))) if store else 1
            offer = 1 if random() < 0.95 else _pick(self.random, self.offers[item.id])
            yield item, offer, quantity
            if item.id in self.companion:
                yield self.companion[item.id], 1, quantity
            elif offer != 1 and random() < 0.2:
                yield item, 1, 1

    def _boundary_basket(self) -> Iterator[tuple[Product, int, int]]:
        """A cheap product twice, under two offers, for less than any total that an order must have."""
        item = next(item for item in self.for_sale if len(self.offers[item.id]) > 1)
        return ((item, offer, 1) for offer in self.offers[item.id][:2])

    def _lines(
        self, order: int, placed: str, store: bool, basket: Iterator[tuple[Product, int, int]]
    ) -> tuple[list[str], int]:
        """The rows of an order's lines, and their sum in ten-thousandths."""
        tracking = self.random.getrandbits(40)
        carrier = (
            f"{tracking >> 24:04X}-{tracking >> 8 & 0xFFFF:04X}-{tracking & 0xFF:02X}" if store else "NULL"
        )
        rows, millionths = [], 0
        for item, offer, quantity in basket:
            price, discount = item.price * 6 // 10 if store else item.price, OFFERS[offer][1]
            line = price * quantity * (100 - discount)
            millionths += line
            self.lines_written += 1
            rows.append(
                f"{order};{self.lines_written};{carrier};{quantity};{item.id};{offer};{_amount(price)};0,{discount:02};"
                f"{line // 1_000_000}.{line % 1_000_000:06};{_guid(self.random)};{placed}\n"
            )
        return rows, (millionths + 50) // 100

    def _header(
        self, order: int, dates: tuple[str, str, str], store: bool, subtotal: int, total: int | None
    ) -> str:
        """The row of an order; freight is what makes up the total it must have."""
        placed, due, shipped = dates
        tax = subtotal * 8 // 100
        freight = total - subtotal - tax if total else subtotal * 25 // 1_000
        customer = self._customer(store)
        address, card = 400 + customer, int(20_000 * self.random.random())
        buyer = f"PO{10_000_000_000 + order * 7919};10-4020-" if store else "NULL;10-4030-"
        paid = f"{card};{10 * card + 7}Vi{order}" if card > 700 else "NULL;NULL"
        person, method = (1 + order % 8, 5) if store else ("NULL", 1)
        return (
            f"{order};8;{placed};{due};{shipped};5;{int(not store)};SO{order};{buyer}{customer:06};"
            f"{customer};{person};{1 + customer % 10};{address};{address};{method};{paid};"
            f"{card if card % 2 else 'NULL'};{_amount(subtotal)};{_amount(tax)};{_amount(freight)};"
            f"{_amount(subtotal + tax + freight)};NULL;{_guid(self.random)};{shipped}\n"
        )

    def _customer(self, store: bool) -> int:
        """A few customers order much, some never; of some stores no person is known."""
        people, draw = self.people, self.random.random
        if not store:
            return people.first_customer + int(people.individuals * draw() ** 1.5)
        if draw() < 0.25:
            return 1 + int(people.stores * draw())
        return people.first_contact + int(people.contacts * draw() ** 1.5)
