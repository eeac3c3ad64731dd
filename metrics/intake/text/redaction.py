"""Personal data out of what people wrote, before anything of it is stored.

Rules are patterns with check digits, for federal numbers among others. No language model
and no network is used. What is found is replaced by a mark such as [phone]; marking a
marked text again changes nothing.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import Any
from unicodedata import decimal

import regex
from stdnum import luhn

from metrics.intake.text.names import FIRST_NAMES, LAST_NAMES

WINDOW = 20_000
"""Characters that are looked at in one piece; pieces overlap by OVERLAP, more than any
identifier is long."""
OVERLAP = 400

_GAP = r"[\s.\-‐-―_/]{1,3}"
_IS = (
    r"(?:\s*(?:number|num|no\b\.?|nr|id|is|was|are|of|were|ending(?:\s+in)?|,|:|\#|=|-))*\s*\W{0,2}"
)
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_STATE = (
    "(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|GU|HI|I[ADLN]|K[SY]|LA|M[ADEINOPST]|N[CDEHJMVY]|O[HKR]|P[AR]"
    "|RI|S[CD]|T[NX]|UT|V[AIT]|W[AIVY])"
)
_UNIT = (
    r"(?:\s+(?-i:[NS][EW]?|[EW])\b\.?)?(?:[\s,]+(?:apt|apartment|suite|ste|unit|floor|fl|room|\#)\.?\s*\#?\s*"
    r"(?=[a-z]?\d|[a-z]\b)[a-z0-9-]{1,6})?"
)
_CITY = (
    rf"(?:[\s,]+(?:[a-z][a-z.'-]+\s?){{1,3}},?\s+(?-i:{_STATE})\b\.?(?:\s+\d{{5}}(?:-\d{{4}})?)?)?"
)
_NO_STREET = (
    r"(?!(?:the|a|an|on|in|at|of|to|my|our|your|their|his|her|this|that|and|or|but|for|from|with"
    r"|by|off|out|up|down|hours?|hrs?|minutes?|mins?|days?|weeks?|months?|years?|times?|people"
    r"|persons?|agents?|officers?|open|other|more|different|long|miles?|lines?|lanes?|cars?|was"
    r"|were|is|are|am|pm|a\.m|p\.m|per|each|every|only|hour|single|security|way|just|still|not)\b)"
)
_STREETS = (
    "street|st|avenue|ave|av|road|rd|boulevard|blvd|parkway|pkwy|highway|hwy|terrace|turnpike"
)
_WORD_STREETS = "lane|ln|drive|dr|court|ct|circle|cir|way|place|pl|square|sq|trail|trl|loop|alley"

# Words that follow "my name is" and the like without being a name.
_NO_NAME = (
    r"(?!(?:and|or|but|not|on|in|at|to|of|the|a|an|i|i'm|is|was|were|are|be|being|been|so|it|its"
    r"|he|she|they|we|you|who|which|that|this|there|wrong|incorrect|incorrectly|correct|still"
    r"|spelled|spelt|misspelled|missing|listed|common|different|similar|same|very|too|also|only"
    r"|never|always|called|from|for|with|about|by|as|after|before|when|then|now|where|how|why|what"
    r"|do|did|does|has|had|have|will|would|can|could|should|must|may|said|says|told|asked|went|got"
    r"|did|made|came|took|gave|were|my|our|your|his|her|their|please|thank|thanks|no|yes|nobody"
    r"|hyphenated|long|short|unusual|foreign|changed|matched|matches|shown|written|printed"
    r"|everyone|anyone|someone|somebody|people|customer|service|support|staff|agent|agents|officer"
    r"|officers|supervisor|supervisors|representative|one|two|three|another|him|them|me|us)\b)"
)
_NAME_WORD = r"(?-i:[A-Z](?:[a-z'’]+|\.)(?:[A-Z][a-z]+)?(?:-[A-Z][a-z]+)?)"
_PLACES = (
    "Airport|National|International|Intercontinental|Hospital|Center|Field|Terminal|Street|Avenue"
    "|Building"
)
_NO_PLACE = rf"(?![ ](?:{_PLACES})\b)"
_SURNAME = (
    r"(?!(?:Was|Is|And|The|Did|Has|Had|Will|At|In|From|For|Who|Said|Told)\b)"
    rf"(?!(?:{_PLACES})\b){_NAME_WORD}"
)
_ANY_NAME_WORD = rf"{_NO_NAME}[^\W\d_][^\W\d_'’-]*(?:['’-][^\W\d_]+)*"
_TITLE = (
    r"(?:agent|officer|offcr|inspector|supervisor|sergeant|sgt|lieutenant|lt|captain|capt|cpt"
    r"|detective|specialist|representative|adjudicator|director|doctor|nurse)"
)


@dataclass(frozen=True)
class Rule:
    """One kind of personal data: the mark that replaces it, what a text must hold for
    the rule to be tried at all, the patterns, and the check of what they find."""

    kind: str
    needs: str
    patterns: tuple[str, ...]
    check: str = ""
    is_case_sensitive: bool = False


RULES = (
    Rule(
        "e-mail",
        r"@|\bat\b",
        (
            r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}\s?@\s?[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}",
            r"[\w.+-]{1,64}@(?:gmail|yahoo|hotmail|outlook|icloud|aol)\b",
            r"[\w.+-]{1,64}(?:\s+dot\s+[\w+-]{1,64}){0,3}\s*(?:[(\[{<]\s*at\s*[)\]}>]|\s+at\s+)\s*"
            r"[\w-]{1,63}(?:(?:\s*[(\[{<]\s*dot\s*[)\]}>]\s*|\s+dot\s+)[\w-]{2,63}){1,4}",
            r"[\w.+-]{1,64}\s*[(\[{<]\s*at\s*[)\]}>]\s*[\w-]{1,63}(?:\.[\w-]{2,63}){1,4}",
        ),
    ),
    Rule(
        "receipt number",
        r"\d{2}",
        (
            r"(?<![a-z])(?:eac|wac|lin|src|msc|ysc|ioe|nbc|vsc|csc|nsc|tsc|psc|zla|znk|zmi)"
            r"[\s.\-‐-―_/*\#:]{0,3}(?:\d[\s.\-‐-―_/*]{0,3}){9}\d(?!\d)",
            r"(?<![a-z])(?-i:[A-Z]{3})-?\d{10}(?!\d)",
            rf"receipt\b{_IS}(?:\w{{1,12}}\s+){{0,3}}?\K[a-z]{{3}}[\s-]?(?:\d[\s-]?){{9}}\d(?!\d)",
        ),
    ),
    Rule(
        "a-number",
        r"\d{2}",
        (
            r"(?<![a-z0-9])a[\s\#:.\-‐-―]{0,2}\d{7,9}(?!\d)",
            r"(?<![a-z0-9])a[\s\#:.\-‐-―]{0,2}\d{2,3}[\s.\-‐-―]\d{3}[\s.\-‐-―]\d{3}(?!\d)",
            r"(?:alien\s+(?:registration\s+)?(?:number|no\b|num|\#|id)|\ba[\s-]?(?:number|no\b|\#)"
            rf"|uscis\s+(?:number|no\b|\#)){_IS}\Ka?[\s-]?\d(?:[\s.-]?\d){{6,8}}(?!\d)",
        ),
    ),
    Rule(
        "traveler number",
        r"\d{2}",
        (
            r"(?:\bktn|known\W{1,2}travell?er|trusted\W{1,2}travell?er|global\s+entry|\bnexus"
            r"|\bsentri|pass\s?id|pre\W?check|redress|membership)\b(?:[^\d\n]{0,40}?[\s:#=(\"'])?"
            r"\K(?:\d(?:[\s-]?\d){6,9}|(?=[a-z]{0,4}\d)[a-z0-9]{8,11})(?![a-z0-9])",
            r"\btt(?=[a-z]{0,5}\d)[a-z0-9]{7}\b",
        ),
    ),
    Rule(
        "passport",
        r"\d{2}",
        (
            r"passport\b(?:[^\d\n]{0,40}?[\s:#=(\"'])\K[a-z]{0,2}[\s-]?\d(?:[\s-]?\d){5,8}[a-z]?"
            r"(?![a-z0-9])",
            r"(?<![a-z0-9])(?-i:[A-Z])\d{8}(?![a-z0-9])",
        ),
    ),
    Rule(
        "ssn",
        r"\d{2}",
        (
            rf"(?<![\d])\d{{3}}{_GAP}\d{{2}}{_GAP}\d{{4}}(?!\d)",
            r"(?:\bssn?\b|social(?:\s+security)?(?:\s+(?:number|num|no\b|\#))?|\bitin\b|\btin\b"
            rf"|tax\s?payer\s+id\w*)\W{{0,3}}{_IS}\K\d(?:[\s.-]?\d){{8}}(?!\d)",
            r"(?:\bssn?|social(?:\s+security)?)\d{9}(?!\d)",
            r"(?:last\s+(?:four|4)|(?:ssn|social|security)\s+ending(?:\s+in)?)\b(?:\s+(?:digits?|numbers?|of|my|the|his|her|ssn|social|security))*"
            rf"{_IS}\K\d{{4}}(?!\d)",
            r"(?:[x*•]{3}[\s-]?[x*•]{2}[\s-]?)\d{4}(?!\d)",
        ),
    ),
    Rule(
        "card number",
        r"\d{4}",
        (
            r"(?<!\d)\d{4}([\s.\-‐-―])\d{4}\1\d{4}\1\d{1,7}(?!\d)",
            r"(?<!\d)3\d{3}([\s.\-‐-―])\d{6}\1\d{4,5}(?!\d)",
            r"(?<!\d)\d{13,19}(?!\d)",
        ),
        "card",
    ),
    Rule(
        "phone",
        r"\d{3}",
        (
            r"(?<![\d.,$])(?:(?:\+\s?)?1[\s.\-‐-―/]{0,3})?(?:\([2-9]\d{2}\)|[2-9]\d{2})[\s.\-‐-―/]{0,3}[2-9]\d{2}"
            r"[\s.\-‐-―/]{0,3}\d{4}(?:\s*(?:ext|extension|x)\.?\s*\d{1,6})?(?!\d)",
            r"(?<!\w)(?:\+|\b00|\b011[\s-]?)\d{1,3}(?:[\s().\-‐-―/]{0,3}\d){6,12}(?!\d)",
            r"(?<!\d)\(\d{3}\)[\s.\-‐-―]{0,3}\d{3}[\s.\-‐-―]{0,3}\d{4}(?!\d)",
            r"(?<![\d$.,-])\d{3}[.\-‐-―]\d{3}[.\-‐-―]\d{4}(?!\d)",
            r"(?:call|phone|tel|telephone|text|cell|mobile|fax|reach|contact|number|dial)\b"
            r"[^\d\n]{0,25}\K[2-9]\d{2}[\s.\-‐-―]\d{4}(?![\d-])",
            r"(?<!\d)0\d{2,4}[\s-]\d{3,4}[\s-]?\d{3,4}(?!\d)",
        ),
    ),
    Rule(
        "ip address",
        r"\d\.\d|[0-9a-f]:",
        (
            r"(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)"
            r"(?![\d.]\d)(?!\d)",
            r"(?<![\w:])(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}(?![\w:])",
            r"(?<![\w:])(?:[0-9a-f]{1,4}:){1,6}(?::[0-9a-f]{1,4}){1,6}(?![\w:])",
        ),
    ),
    Rule(
        "date of birth",
        r"\d",
        tuple(
            r"(?:\bborn(?:\s+on)?|\bd[./]?\s?o[./]?\s?b\b\.?|date\s+of\s+birth|birth\s?-?date|birthday)"
            rf"{_IS}\K{date}(?!\d)"
            for date in (
                r"\d{1,2}[\s./\-‐-―]{1,2}\d{1,2}[\s./\-‐-―]{1,2}(?:\d{4}|\d{2})",
                r"\d{4}[./\-‐-―]\d{1,2}[./\-‐-―]\d{1,2}",
                rf"{_MONTH}\.?\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}}",
                rf"\d{{1,2}}(?:st|nd|rd|th)?(?:\s+of)?[\s-]{_MONTH}\.?,?[\s-]\d{{4}}",
                r"(?:0[1-9]|1[0-2])\d{2}(?:19|20)\d{2}",
            )
        ),
    ),
    Rule(
        "address",
        r"\d",
        (
            rf"(?<![\w$.,/-])\d{{1,6}}(?:-\d{{1,4}})?[a-z]?\s+(?:[nsew]{{1,2}}\.?\s+)?"
            rf"(?:{_NO_STREET}[a-z0-9][\w'.-]{{0,20}}\s+){{1,5}}?(?:{_STREETS})\b\.?{_UNIT}{_CITY}",
            r"(?<![\w$.,/-])\d{1,6}[a-z]?\s+(?:(?-i:[NSEW]{1,2})\.?\s+)?"
            rf"(?:{_NO_STREET}(?-i:[A-Z0-9])[\w'.-]{{0,20}}\s+){{1,3}}?(?-i:(?=[A-Z]))"
            rf"(?:{_WORD_STREETS}|broadway)\b\.?{_UNIT}{_CITY}",
            rf"(?<![\w$.,/-])\d{{2,6}}\s+(?:[nsew]\.?\s+)?{_NO_STREET}[a-z][\w'.-]{{2,20}}\s+"
            rf"(?:lane|ln|drive|court|ct|circle|cir|trail|place|pl|terrace)\b\.?{_UNIT}{_CITY}",
            r"\bp\.?\s?o\.?\s?box\s*\#?\s*\d{1,6}" + _CITY,
            rf"(?-i:[A-Z][a-z]+(?:\s[A-Z][a-z]+){{0,2}}),?\s+(?-i:{_STATE})\b\.?\s+\d{{5}}"
            r"(?:-\d{4})?(?!\d)",
            rf"(?<![\w-])(?-i:{_STATE})\s+\d{{5}}(?:-\d{{4}})?(?!\d)",
            r"\bzip(?:\s?code)?" + _IS + r"\K\d{5}(?:-\d{4})?(?!\d)",
        ),
    ),
    Rule(
        "vehicle plate",
        r"plate|\btag\b|vehicle|\bcar\b|truck|licen[sc]e",
        (
            r"(?:licen[sc]e\s+(?:plate|tag)s?|\bplates?|\btag|vehicle(?:\s+(?:registration|reg))?"
            rf"|licen[sc]e)\b(?:\s+(?:on|of|my|our|the|car|truck|van|vehicle))*{_IS}"
            rf"(?:(?-i:{_STATE})[\s:-]+)?\K(?:(?=[a-z-]{{0,7}}\d)[a-z0-9]{{1,8}}(?:-[a-z0-9]{{1,5}})?"
            r"|[a-z]{1,4}[\s-]\d{2,5}[a-z]?|\d{1,4}[\s-][a-z]{2,4})\b",
            r"(?:licen[sc]e\s+(?:plate|tag)s?|\bplates?|\btag)\b(?:\s+\w{1,10}){0,4}?\s+"
            rf"(?:(?-i:{_STATE})\s)?\K(?-i:(?=[A-Z0-9\s-]*[A-Z])(?=[A-Z\s-]*\d)"
            r"[A-Z0-9]{2,4}[\s-]?[A-Z0-9]{2,4})(?![\w-])",
        ),
        "plate",
    ),
    Rule(
        "number",
        r"\d{4}",
        (
            r"(?<![\d$€£.,])(?<!0x)\d{8,}(?!\d|[.,]\d)",
            r"(?<!\d)\d{4}([ .\-‐-―])\d{4}\1\d{4}\1\d{4}(?!\d)",
        ),
        "identifier",
    ),
    Rule(
        "name",
        "",
        (
            r"(?:\b(?:my|his|her|their|the|agent'?s?|officer'?s?|full|first|last|husband'?s?"
            r"|wife'?s?|son'?s?|daughter'?s?)\s+name\s*(?:is|was|:|=|-)\s*|\bname\s*:\s*)"
            rf"\K{_ANY_NAME_WORD}(?:[ ]{_ANY_NAME_WORD}){{0,3}}",
            rf"\b(?:named|name'?s|by\s+the\s+name\s+of)\s+\K{_NAME_WORD}(?:[ ]{_NAME_WORD}){{0,2}}",
            rf"\b(?:mrs?|mx|(?-i:ms|Ms))\b\.?[ ]?\K{_ANY_NAME_WORD}(?:[ ]{_NAME_WORD}){{0,2}}",
            rf"\b(?-i:Miss|MS\.?|Dr\.?|DR\.?|dr)[ ]+\K{_NO_NAME}{_NAME_WORD}"
            rf"(?:[ ]{_NO_NAME}{_NAME_WORD}){{0,2}}",
            rf"\b(?:{_TITLE}|(?:sgt|lt|capt|cpt)\.)[ ]+\K{_NO_NAME}{_NAME_WORD}"
            rf"(?:[ ]{_NO_NAME}{_NAME_WORD}){{0,2}}",
            rf"\b(?:i\s+am|i'm|this\s+is)\s+\K{_NO_NAME}{_NAME_WORD}(?:[ ]{_NAME_WORD}){{1,2}}",
            r"\b(?:spoke|speaking|talked|dealt|worked|met|helped|assisted|served|seen|treated"
            rf"|screened|interviewed)\s+(?:to|with|by)\s+\K{_NO_NAME}{_NAME_WORD}"
            rf"(?:[ ]{_NO_NAME}{_NAME_WORD}){{0,2}}(?![ ]*[A-Z])",
            r"\b(?:signed|sincerely|regards|respectfully|yours|cheers|best|thank\s+you|thanks)"
            rf"\s{{0,5}}[,.:!-]{{0,3}}\s{{0,5}}\K{_NO_NAME}{_NAME_WORD}(?:[ ]{_NAME_WORD}){{0,2}}"
            r"\s{0,5}[.!]?\s{0,5}\Z",
            rf"(?:^|[\s.!?])(?:--?|[–—~])\s*\K{_NAME_WORD}(?:[ ]{_NAME_WORD}){{1,2}}\s*[.!]?\s*\Z",
        ),
    ),
    Rule(
        "name",
        r"[A-Z][a-z]",
        (
            rf"\b(?:{'|'.join(sorted(FIRST_NAMES))})\b(?:[ ][A-Z]\.)?+(?:[ ]{_SURNAME})?+"
            + _NO_PLACE,
            rf"\b(?<!['’])[A-Z][a-z]+[ ](?:[A-Z]\.[ ])?(?:{'|'.join(sorted(LAST_NAMES))})\b"
            r"(?:-[A-Z][a-z]+)?+" + _NO_PLACE,
        ),
        is_case_sensitive=True,
    ),
)
"""Every rule, in the order in which they name what several of them find."""

KINDS = tuple(rule.kind for rule in RULES)
MARKS = {kind: f"[{kind}]" for kind in KINDS}


@dataclass(frozen=True)
class Found:
    """A piece of personal data: its kind and where it stands in the text."""

    kind: str
    start: int
    end: int


@cache
def method() -> str:
    """Name the method with everything that decides what it finds."""
    rules = hashlib.sha256(repr(RULES).encode()).hexdigest()[:8]
    return f"patterns, regex {version('regex')}, rules {rules}"


def _is_identifier(text: str) -> bool:
    """Whether a run of digits is no date such as 20241015."""
    return not re.fullmatch(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])", text)


def _is_plate(text: str) -> bool:
    signs = re.sub(r"\W", "", text)
    return 4 <= len(signs) <= 8 and not re.fullmatch(r"(?:19|20)\d\d|\D*", signs)


def _is_card(text: str) -> bool:
    """Whether the digits, of whatever script, pass the check of card numbers."""
    return bool(luhn.is_valid("".join(str(decimal(sign)) for sign in text if sign.isdecimal())))


CHECKS: dict[str, Callable[[str], bool]] = {
    "identifier": _is_identifier,
    "plate": _is_plate,
    "card": _is_card,
}


@cache
def _compiled() -> tuple[tuple[str, Any, tuple[Any, ...], Callable[[str], bool] | None], ...]:
    """Kind, what a text must hold, patterns and check of each rule; compiled where a comment
    comes."""

    def compiled(text: str, rule: Rule) -> Any:
        flags = regex.MULTILINE if rule.is_case_sensitive else regex.MULTILINE | regex.IGNORECASE
        return regex.compile(text, flags)

    return tuple(
        (
            rule.kind,
            compiled(rule.needs, rule) if rule.needs else None,
            tuple(compiled(text, rule) for text in rule.patterns),
            CHECKS.get(rule.check),
        )
        for rule in RULES
    )


def find(text: str, without: str = "") -> list[Found]:
    """Return the personal data of a text, in its order, but not of the kind `without`.
    What several rules find in one place is one piece of the first one's kind."""
    spans: list[tuple[int, int, int]] = []
    for start in range(0, max(len(text), 1), WINDOW):
        first = max(start - OVERLAP, 0)
        piece = text[first : start + WINDOW + OVERLAP]
        for order, (kind, needs, patterns, check) in enumerate(_compiled()):
            if kind != without and (needs is None or needs.search(piece)):
                spans += [
                    (first + match.start(), first + match.end(), order)
                    for pattern in patterns
                    for match in pattern.finditer(piece)
                    if match[0] and (check is None or check(match[0]))
                ]
    found: list[Found] = []
    for start, end, order in sorted(spans):
        if found and start < found[-1].end:
            last = found.pop()
            order = min(order, KINDS.index(last.kind))
            start, end = last.start, max(end, last.end)
        found.append(Found(KINDS[order], start, end))
    return found


def redact(text: str, without: str = "") -> tuple[str, int]:
    """Return a text with marks in place of personal data, and how many pieces of those
    were found. What a mark lays bare is looked for again, until nothing is left."""
    n_redacted = 0
    while found := find(text, without):
        n_redacted += len(found)
        for one in reversed(found):
            text = text[: one.start] + MARKS[one.kind] + text[one.end :]
    return text, n_redacted
