# ruff: noqa: SIM905
"""Made-up comments with planted identifiers, by code that shares nothing with the
recognizers: every identifier is written from digits and letters drawn here, in the
ways people write them, among decoys that must stay."""

import random
from dataclasses import dataclass

FIRST = (
    "Jane Robert Maria Wei Oluwaseun Priyanka Thomas Guadalupe Nguyen Svetlana Kofi Ingrid Deshawn "
    "Patricia Xiomara Amir Bjorn Latisha Kevin Haruki Fatima Cheyenne Dmitri Rosa Tyrell Saoirse "
    "Linda Abdul Keisha Yuki"
).split()
LAST = (
    "Doe Smith Garcia O'Brien Okafor Patel Nguyen Kowalski Washington Lee-Hart Fernandez Ivanov "
    "McDonald Yamamoto Hassan Brown Lopez Schmidt Begum Tran Olsen Jackson Rossi Kim Adeyemi"
).split()
STREETS = (
    "Main Street|Oak Ave|N. Elm St.|Martin Luther King Jr Blvd|Old Mill Road|5th Avenue|Sunset Dr|"
    "Cedar Lane|West 42nd Street|Maple Court|Pine Ridge Rd|Lincoln Highway|State Route St|"
    "Cherry Blossom Pkwy|E Washington Ave|Park Place|Lakeview Terrace"
).split("|")
CITIES = (
    "Springfield, IL 62704|El Paso, TX 79901|Miami FL 33101|Queens, NY 11375-0002|"
    "San Diego, CA 92101|St. Louis, MO 63101"
).split("|")

OPENINGS = (
    "I waited 45 minutes on Flight AA1234 from JFK to LAX on 10/12/2024.",
    "My I-765 and N-400 were filed in 2019 and the fee was $1,225.",
    "The officer at gate B12 in Terminal 4 was polite, 5 stars.",
    "It took 2 hours and 30 minutes, from 6:15 am to 8:45 am!!",
    "after 3 months on hold nobody helped",
    "THE WEBSITE GAVE ERROR 404 AND THEN 500.",
    "We are a family of 5 with 7 bags under 50 lbs.",
    "DHS-2024-0012 says the form I-131A costs $575.00, I paid 575 USD.",
    "I-94, section 280, page 12 of 36, room 210: all confusing.",
    "Between 1,500 and 2,000 people stood in line 3 of lane 14.",
    "UA 88, seat 23C, 777-300ER, boarding group 2.",
    "The rule is 3-1-1, 3.4 oz, since 2006-09-26.",
    "I called 3 times, on May 5, 2023 and on 2023-06-07, waited 300-1200 seconds",
    "In FY2024 Q3 the wait was 12.5 days vs 10.25 days (18% less).",
    "Precheck took 20 minutes, global entry 10 minutes at 7:30.",
    "My passport expires in 2027 and was renewed in 6 weeks.",
    "The license plate reader in lane 3 was broken.",
    "My name was not on the list of 120 passengers.",
    "OMB No. 1651-0111, 8 CFR 214.2(h), docket 103-322, error 0x80070005.",
    "From Ronald Reagan National to John Wayne Airport, then Will Rogers.",
    "Charlotte to Austin in April, Mark the date; Grace period of 60 days.",
    "Flight 1549 was 25% full; order 66 of 5,000,000 was $12,345,678.90 on 20241015.",
    "Global Entry at Kennedy Airport, Terminal One, Customer Service Center.",
)
"""Sentences full of what is no personal data: times, flights, forms, amounts, dates."""

MIDDLES = ("It is a mess.", "Why?", "please fix", "Thank you for nothing.", "Great otherwise.")


@dataclass(frozen=True)
class Planted:
    """A comment, and the identifiers in it with their kind and place."""

    text: str
    pieces: tuple[tuple[str, int, int], ...]


def digits(draw: random.Random, count: int) -> str:
    return "".join(draw.choice("0123456789") for _ in range(count))


def letters(draw: random.Random, count: int) -> str:
    return "".join(draw.choice("ABCDEFGHJKLMNPRSTUVWXYZ") for _ in range(count))


def with_check_digit(number: str) -> str:
    """Add the last digit that makes the sum of a card number come out (Luhn)."""
    total = 0
    for place, sign in enumerate(reversed(number)):
        value = int(sign) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return number + str(-total % 10)


def ssn(draw: random.Random) -> tuple[str, str]:
    a, b, c = (
        str(draw.randint(100, 899)),
        f"{draw.randint(1, 99):02}",
        f"{draw.randint(1, 9999):04}",
    )
    sign = draw.choice(["-", "-", " ", ".", " - ", "–"])
    if draw.random() < 0.3:
        return draw.choice(["SSN: ", "my ssn is ", "social security number ", "SSN#"]), a + b + c
    return draw.choice(["my social is ", "", "SSN ", "ssn:", "("]), f"{a}{sign}{b}{sign}{c}"


def a_number(draw: random.Random) -> tuple[str, str]:
    number = digits(draw, draw.choice([8, 9, 9, 9, 7]))
    first = draw.choice(["A", "A", "a", "A-", "A#", "A "])
    if len(number) == 9 and draw.random() < 0.4:
        sign = draw.choice(["-", " "])
        number = sign.join([number[:3], number[3:6], number[6:]])
    return draw.choice(["", "my A-number is ", "alien number: ", "case of "]), first + number


def receipt(draw: random.Random) -> tuple[str, str]:
    prefix = draw.choice(["IOE", "WAC", "EAC", "LIN", "SRC", "MSC", "NBC", "YSC"])
    number = digits(draw, 10)
    prefix = prefix.lower() if draw.random() < 0.3 else prefix
    shapes = [
        prefix + number,
        f"{prefix}-{number[:2]}-{number[2:5]}-{number[5:]}",
        f"{prefix} {number}",
        f"{prefix} {number[:2]} {number[2:5]} {number[5:]}",
        f"{prefix}{number[:5]} {number[5:]}",
        f"{prefix}-{number}",
    ]
    return draw.choice(["receipt ", "", "receipt number: ", "case #"]), draw.choice(shapes)


def passport(draw: random.Random) -> tuple[str, str]:
    number = draw.choice([letters(draw, 1) + digits(draw, 8), digits(draw, 9)])
    if number[0].isalpha() and draw.random() < 0.3:
        number = number.lower()
    cues = ["passport ", "passport number ", "my passport no. is ", "Passport #: ", "passport, "]
    return draw.choice(cues), number


def phone(draw: random.Random) -> tuple[str, str]:
    a, b = f"{draw.randint(2, 9)}{digits(draw, 2)}", f"{draw.randint(2, 9)}{digits(draw, 2)}"
    c = digits(draw, 4)
    shapes = [
        f"{a}-{b}-{c}",
        f"({a}) {b}-{c}",
        f"{a}.{b}.{c}",
        f"{a} {b} {c}",
        f"{a}{b}{c}",
        f"+1 {a} {b} {c}",
        f"1-{a}-{b}-{c}",
        f"+1{a}{b}{c}",
        f"{a}/{b}-{c}",
        f"({a}){b}-{c}",
        f"{a}-{b}-{c} ext. 12",
        f"+52 55 {digits(draw, 4)} {digits(draw, 4)}",
        f"+44 20 7{digits(draw, 3)} {digits(draw, 4)}",
    ]
    return draw.choice(["call me at ", "", "my cell is ", "tel:", "phone "]), draw.choice(shapes)


def email(draw: random.Random) -> tuple[str, str]:
    first, last = draw.choice(FIRST).lower(), draw.choice(LAST).lower().replace("'", "")
    host = draw.choice(
        ["gmail.com", "yahoo.com", "mail.example.org", "me.co.uk", "dhs.gov", "x.io"]
    )
    shapes = [
        f"{first}.{last}@{host}",
        f"{first}{digits(draw, 2)}@{host}",
        f"{first}_{last}+tsa@{host}".upper(),
        f"{first[0]}{last}@{host}",
        f"{first} @ {host}",
        f"{first}.{last}(at){host}",
        f"{first}.{last} [at] {host.replace('.', ' [dot] ')}",
    ]
    return draw.choice(["write to ", "", "email:", "my e-mail is "]), draw.choice(shapes)


def address(draw: random.Random) -> tuple[str, str]:
    number, street = str(draw.randint(1, 19999)), draw.choice(STREETS)
    text = f"{number} {street}"
    if draw.random() < 0.4:
        text += draw.choice([" Apt 4B", ", Apt. 12", " Unit 7", " #3C", ", Suite 200"])
    if draw.random() < 0.5:
        text += ", " + draw.choice(CITIES)
    if draw.random() < 0.1:
        text = f"P.O. Box {draw.randint(1, 9999)}"
    return draw.choice(["I live at ", "send it to ", "my address is ", ""]), text


def card(draw: random.Random) -> tuple[str, str]:
    if draw.random() < 0.25:
        number = with_check_digit(draw.choice(["34", "37"]) + digits(draw, 12))
        groups = [number[:4], number[4:10], number[10:]]
    else:
        number = with_check_digit(
            draw.choice(["4", "51", "55", "6011"]).ljust(6, "2") + digits(draw, 9)
        )
        groups = [number[i : i + 4] for i in range(0, 16, 4)]
    sign = draw.choice(["", " ", "-", "."])
    return draw.choice(["charged card ", "", "my visa ", "card number: "]), sign.join(groups)


def plate(draw: random.Random) -> tuple[str, str]:
    shapes = [
        f"{letters(draw, 3)}{draw.choice(['', '-', ' '])}{digits(draw, 4)}",
        f"{draw.randint(1, 9)}{letters(draw, 3)}{digits(draw, 3)}",
        f"{letters(draw, 3)}{digits(draw, 2)}{letters(draw, 1)}",
    ]
    text = draw.choice(shapes)
    text = text.lower() if draw.random() < 0.2 else text
    cues = [
        "license plate ",
        "plate number ",
        "my plate is ",
        "License plate: ",
        "licence plate TX ",
    ]
    return draw.choice(cues), text


def traveler(draw: random.Random) -> tuple[str, str]:
    text = draw.choice(["98" + digits(draw, 7), "TT" + digits(draw, 2) + letters(draw, 5)[:5]])
    cues = ["KTN ", "known traveler number ", "my Global Entry number is ", "PASSID: ", "KTN#"]
    return draw.choice(cues), text


def ip(draw: random.Random) -> tuple[str, str]:
    parts = [str(draw.randint(1, 254)) for _ in range(4)]
    if draw.random() < 0.2:
        return "from ", "2001:db8:" + ":".join(f"{draw.randint(4096, 65535):x}" for _ in range(6))
    return draw.choice(["IP ", "my ip address is ", ""]), ".".join(parts)


def birth(draw: random.Random) -> tuple[str, str]:
    y, m, d = draw.randint(1930, 2010), draw.randint(1, 12), draw.randint(1, 28)
    name = "January February March April May June July August September October November December"
    month = name.split()[m - 1]
    shapes = [
        f"{m}/{d}/{y}",
        f"{m:02}-{d:02}-{y}",
        f"{y}-{m:02}-{d:02}",
        f"{month} {d}, {y}",
        f"{d} {month[:3]} {y}",
        f"{m}/{d}/{y % 100:02}",
        f"{m:02}.{d:02}.{y}",
    ]
    cues = ["DOB ", "DOB: ", "born ", "born on ", "date of birth is ", "d.o.b. ", "Date of birth: "]
    return draw.choice(cues), draw.choice(shapes)


def cued_name(draw: random.Random) -> tuple[str, str]:
    first, last = draw.choice(FIRST), draw.choice(LAST)
    shapes = [
        ("My name is ", f"{first} {last}"),
        ("my name is ", f"{first} {last}".lower()),
        ("MY NAME IS ", f"{first} {last}".upper()),
        ("Officer ", last),
        ("Agent ", f"{first} {last}"),
        ("Mr. ", last),
        ("Mrs ", last),
        ("Ms. ", f"{first} {last}"),
        ("Supervisor ", last),
        ("an agent named ", first),
        ("Name: ", f"{first} {last}"),
        ("I spoke with ", first),
        ("I am ", f"{first} {last}"),
        ("Dr. ", last),
        ("the officer's name was ", last),
    ]
    return draw.choice(shapes)


def bare_name(draw: random.Random) -> tuple[str, str]:
    """A name that nothing announces: found only where the first name is a common one."""
    return draw.choice(["", "", "yesterday "]), f"{draw.choice(FIRST)} {draw.choice(LAST)}"


MAKERS = {
    "ssn": ssn,
    "a-number": a_number,
    "receipt number": receipt,
    "passport": passport,
    "phone": phone,
    "e-mail": email,
    "address": address,
    "card number": card,
    "vehicle plate": plate,
    "traveler number": traveler,
    "ip address": ip,
    "date of birth": birth,
    "name": cued_name,
    "name without a cue": bare_name,
}

PATTERNED = tuple(kind for kind in MAKERS if not kind.startswith("name"))
"""Kinds whose identifiers have a pattern of their own."""


def planted_comments(count: int = 2000, seed: int = 280) -> list[Planted]:
    """Return comments of which four in five hold one or two identifiers, at the start,
    within, at the end, after a line break or glued to punctuation."""
    draw = random.Random(seed)
    made = []
    for number in range(count):
        kinds = list(MAKERS)
        wanted = [kinds[number % len(kinds)]] if number % 5 else []
        if wanted and draw.random() < 0.2:
            wanted.append(draw.choice(kinds))
        parts: list[tuple[str, str, str]] = []
        for kind in wanted:
            cue, piece = MAKERS[kind](draw)
            parts.append((kind, cue, piece))
        text, pieces = "", []
        order = draw.choice(["start", "within", "end"])
        if order != "start" or not parts:
            text += draw.choice(OPENINGS) + draw.choice([" ", "\n", "  ", "\r\n"])
        for kind, cue, piece in parts:
            text += cue
            pieces.append((kind, len(text), len(text) + len(piece)))
            text += piece + draw.choice([".", ", ", "!", ";", ")", "\n", " ", "...", '"'])
            text += " " if text[-1] not in " \n" else ""
        if order != "end" or not parts:
            text += draw.choice(OPENINGS + MIDDLES)
        elif draw.random() < 0.5:
            text = text.rstrip()
        made.append(Planted(text, tuple(pieces)))
    return made
