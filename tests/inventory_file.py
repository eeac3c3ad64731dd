"""Small inventories of reginfo.gov, with the elements that its XML has."""

from collections.abc import Iterable
from pathlib import Path

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<InformationCollectionRequestList>\n'
TAIL = "</InformationCollectionRequestList>\n"


def collection(
    responses: object = 333, hours: object = 2000, electronic: Iterable[str] = ("Yes",)
) -> str:
    """One information collection with an instrument for each of `electronic`; an empty
    text leaves the element out."""

    def element(name: str, value: object) -> str:
        return f"<{name}>{value}</{name}>" if value != "" else ""

    instruments = "".join(
        f"<Instrument><FormNumber>F {number}</FormNumber>"
        f"{element('AvailableElectronically', answer)}</Instrument>\n"
        for number, answer in enumerate(electronic)
    )
    return (
        "<InformationCollection><Title>A collection</Title>"
        f"<StandardFormIndicator>No</StandardFormIndicator>"
        f"<Instruments>{instruments}</Instruments>"
        f"<NumberResponses>{element('AnnualQuantity', responses)}</NumberResponses>\n"
        f"<BurdenHour>{element('TotalQuantity', hours)}</BurdenHour></InformationCollection>\n"
    )


def request(
    reference: str = "202401-1651-001",
    control: str = "1651-9001",
    agency: str = "1651",
    responses: object = 333,
    hours: object = 2000,
    cost: object = 0,
    previous: tuple[object, object, object] = ("", "", ""),
    expires: str = "2027-10-31-04:00",
    concluded: str = "2024-05-02-04:00",
    submitted: str = "",
    title: str = "A made-up request",
    collections: str | None = None,
    more: str = "",
) -> str:
    """One request; an empty text leaves its element out."""

    def element(path: str, value: object) -> str:
        if value == "":
            return ""
        text = str(value)
        for name in reversed(path.split("/")):
            text = f"<{name}>{text}</{name}>"
        return text + "\n"

    def pair(name: str, now: str, value: object, before: object) -> str:
        return f"<{name}>{element(now, value)}{element(f'Previous{now}', before)}</{name}>\n"

    parts = collection(responses, hours) if collections is None else collections
    person = "<FirstName>Ada</FirstName><LastName>Lovelace</LastName>"
    person += "<PhoneNumber>202 555-0100</PhoneNumber>"
    person += "<ElectronicAddress>ada@example.gov</ElectronicAddress>"
    return "".join(
        [
            "<InformationCollectionRequest>\n",
            element("OMBControlNumber", control),
            element("ICRReferenceNumber", reference),
            element("AgencyCode", agency),
            element("Title", title),
            "<Abstract>Words.</Abstract><ICRTypeCode>Revision</ICRTypeCode>\n",
            element("Expiration/ExpirationDate", expires),
            f"<ICRStatus>Active</ICRStatus>{element('AgencyContact/Person', person)}",
            element("SubmissionDate/Date", submitted),
            "<Burden>",
            pair("BurdenResponse", "TotalQuantity", responses, previous[0]),
            pair("BurdenHour", "TotalQuantity", hours, previous[1]),
            pair("BurdenCost", "TotalAmount", cost, previous[2]),
            f"</Burden>\n<InformationCollections>{parts}</InformationCollections>\n{more}",
            element("OIRAConclusion/ConcludedDate/Date", concluded),
            "</InformationCollectionRequest>\n",
        ]
    )


def write_inventory(path: Path, *requests: str) -> Path:
    """Write an inventory and return its path."""
    path.write_text(HEAD + "".join(requests) + TAIL, encoding="utf-8")
    return path
