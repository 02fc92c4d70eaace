"""Money as Decimal with an ISO 4217 currency; never a float."""

from decimal import ROUND_HALF_EVEN, Decimal

ZERO = Decimal(0)
# ISO 4217, the currencies in circulation.
ISO_4217 = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD "
    "CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF "
    "GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK "
    "LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD "
    "OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN "
    "SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF "
    "YER ZAR ZMW ZWG "
)
CURRENCIES = frozenset(ISO_4217.split())
NO_MINOR_UNITS = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"]
)
THREE_MINOR_UNITS = frozenset(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"])


def exponent(currency: str) -> int:
    """Number of decimals of a currency (ISO 4217): 0 for JPY, 3 for KWD, else 2."""
    return 0 if currency in NO_MINOR_UNITS else 3 if currency in THREE_MINOR_UNITS else 2


def quantum(currency: str) -> Decimal:
    """The smallest amount of a currency: 0.01 for EUR, 1 for JPY."""
    return Decimal(1).scaleb(-exponent(currency))


def rounded(amount: Decimal, currency: str) -> Decimal:
    """The amount in whole minor units, half to even."""
    return amount.quantize(quantum(currency), rounding=ROUND_HALF_EVEN)


def split(amount: Decimal, weights: list[Decimal], currency: str) -> list[Decimal]:
    """Parts of `amount` in proportion to `weights` that sum to it exactly (largest remainder, ties by position).

    The sign of the amount is kept. Raises ValueError when the weights sum to nothing.
    """
    total = sum(weights, ZERO)
    if total <= 0:
        raise ValueError("weights must sum to more than zero")
    unit = quantum(currency)
    units = int(abs(amount) / unit)
    shares = [units * weight / total for weight in weights]
    whole = [int(share) for share in shares]
    by_remainder = sorted(range(len(shares)), key=lambda place: (whole[place] - shares[place], place))
    for place in by_remainder[: units - sum(whole)]:
        whole[place] += 1
    sign = -1 if amount < 0 else 1
    return [sign * part * unit for part in whole]
