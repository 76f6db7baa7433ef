"""What is an invented company or fund called, in Japanese and in English?

The Japanese names have the traits of real ones: full-width Latin letters, ideographic spaces,
management companies in front of fund names, no half-width ASCII.
"""

from random import Random
from typing import Final, NamedTuple

from meigara.simulator import words

_FULL_WIDTH: Final = {code: code + 0xFEE0 for code in range(0x21, 0x7F)} | {0x20: 0x3000}

CENTRAL_BANK: Final = ("日之本中央準備銀行", "Central Reserve Bank of Hinomoto")
COOPERATIVE_BANK: Final = ("全国信用協同金庫", "National Shinyo Cooperative Bank")
# As long as the longest real ones: 86 characters in Japanese, 114 in English.
LONGEST_FUND: Final = (
    "ゼフィリオン・アセット・ジャパン株式会社　Ｚ−シェアーズ　先進国投資適格社債総合（除く日本・"
    "金融機関・為替ヘッジあり・隔月分配型・年四回決算型・信託報酬逓減）連動型上場投信",
    "Z-Shares Developed Markets Investment Grade Corporate Bond Aggregate ex Japan ex Financials"
    " (Yen Hedged) Bimonthly",
)


class Name(NamedTuple):
    """A Japanese and an English name; the English one may be empty."""

    japanese: str
    english: str


def full_width(text: str) -> str:
    """Return `text` with its ASCII characters as full-width ones."""
    return text.translate(_FULL_WIDTH)


def _join(rng: Random, heads: tuple[words.Word, ...], tails: tuple[words.Word, ...]) -> words.Word:
    head, tail = rng.choice(heads), rng.choice(tails)
    return head[0] + tail[0], head[1] + tail[1]


def _stem(rng: Random) -> words.Word:
    """Return an invented proper name: of Chinese characters, of kana or of Latin letters."""
    draw = rng.random()
    if draw < 0.42:
        return _join(rng, words.KANJI_HEADS, words.KANJI_TAILS)
    japanese, english = _join(rng, words.KANA_HEADS, words.KANA_TAILS)
    if draw < 0.86:
        return japanese, english
    latin = english.upper() if draw < 0.94 else english
    return full_width(latin), latin


def _tail(rng: Random, sector: str) -> words.Word:
    """Return what follows the stem: a word of the sector, a general one, both or nothing."""
    sector_word = rng.choice(words.SECTOR_WORDS[sector])
    general = rng.choice(words.COMPANY_SUFFIXES)
    draw = rng.random()
    if draw < 0.66:
        return sector_word
    if draw < 0.82:
        return general
    if draw < 0.95:
        return sector_word[0] + general[0], f"{sector_word[1]} {general[1]}"
    return "", ""


def company(rng: Random, sector: str) -> Name:
    """Return a name for a company of the 33-sector `sector`."""
    stem, tail = _stem(rng), _tail(rng, sector)
    # A few names are several words, with an ideographic space.
    gap = "　" if rng.random() < 0.015 and tail[0] else ""
    english = " ".join(part for part in (stem[1], tail[1], _form(rng)) if part)
    english = english.replace(" ,", ",")
    if rng.random() < 0.25:
        english = english.upper()
    return Name(f"{stem[0]}{gap}{tail[0]}", "" if rng.random() < 0.003 else english)


def _form(rng: Random) -> str:
    return rng.choice(words.ENGLISH_FORMS)


def fund(rng: Random) -> Name:
    """Return a name for an exchange-traded fund, its manager in front."""
    manager, brand, brand_en = rng.choice(words.FUND_MANAGERS)
    index, kind = rng.choice(words.FUND_INDEXES), rng.choice(words.FUND_KINDS)
    trait = rng.choice(words.FUND_TRAITS) if rng.random() < 0.4 else ("", "")
    english = " ".join(part for part in (brand_en, index[1], trait[1], kind[1]) if part)
    return Name(f"{manager}　{brand}　{index[0]}{trait[0]}{kind[0]}", english)


def trust(rng: Random) -> Name:
    """Return a name for a real estate investment trust."""
    stem, kind = _stem(rng), rng.choice(words.TRUST_KINDS)
    return Name(f"{stem[0]}{kind[0]}投資法人", f"{stem[1]} {kind[1]} Investment Corporation")


def preferred(issuer: Name) -> Name:
    """Return the name of a preferred share of `issuer`."""
    return Name(f"{issuer.japanese}（優先株式）", f"{issuer.english}(Preferred Share)")


def holding(former: Name) -> Name:
    """Return the name of the holding company that follows `former`."""
    english = former.english
    for form in words.ENGLISH_FORMS:
        english = english.removesuffix(form).removesuffix(form.upper()).rstrip()
    return Name(f"{former.japanese}ホールディングス", f"{english} HOLDINGS,Inc.")
