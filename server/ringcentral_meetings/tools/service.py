"""Facts about a user's meeting service: dial-in numbers, support, the personal meeting."""

from typing import Annotated

from pydantic import Field

from ringcentral_meetings import errors
from ringcentral_meetings.domain import countries
from ringcentral_meetings.domain.meeting import DialInNumber, ServiceInfo
from ringcentral_meetings.protocol import contract
from ringcentral_meetings.protocol.contract import Result, ToolSpec
from ringcentral_meetings.tools import Ctx, HostId, product
from ringcentral_meetings.tools.results import Part
from ringcentral_meetings.untrusted_text import normalized

NUMBERS_SHOWN = 50


class Number(Part):
    """A dial-in number; `country` is the ISO code if RingCentral gives one."""

    number: str
    country: str | None = None
    country_name: str | None = None
    location: str | None = None


class MeetingServiceInfo(Result):
    """How guests dial in, where to get help, and the host's personal meeting."""

    dial_in_numbers: list[Number]
    more_numbers: int | None = None
    countries: list[str] | None = None
    support_url: str | None = None
    international_numbers_url: str | None = None
    personal_meeting_id: str | None = None
    personal_link: str | None = None
    personal_id_for_instant_meetings: bool | None = None
    hint: str | None = None


async def get_meeting_service_info(
    ctx: Ctx,
    country: Annotated[
        str | None, Field(description="Only numbers of this country: name, ISO code or dialling code", max_length=60)
    ] = None,
    host_id: HostId = None,
) -> MeetingServiceInfo:
    """Get RingCentral dial-in numbers (phone number to dial) by country, support, personal meeting room, PMI id, link.

    For joining by phone, without internet: a toll or toll free number to call.
    """
    info = await (await product(ctx, host_id)).service_info(host_id)
    wanted = [number for number in info.dial_in if country is None or _is_in(number, country)]
    served = sorted({number.country or number.country_name or "" for number in info.dial_in} - {""})
    return MeetingServiceInfo(
        dial_in_numbers=[_number(number) for number in wanted[:NUMBERS_SHOWN]],
        more_numbers=max(0, len(wanted) - NUMBERS_SHOWN) or None,
        countries=served if country is None or not wanted else None,
        support_url=info.support_url,
        international_numbers_url=info.international_numbers_url,
        personal_meeting_id=info.personal_meeting_id,
        personal_link=info.personal_link,
        personal_id_for_instant_meetings=info.uses_personal_id_for_instant,
        hint=_hint(info, None if wanted else country),
    )


def _hint(info: ServiceInfo, missed: str | None) -> str | None:
    """Say what is missing; `missed` is the country asked for that has no number."""
    if info.missing:
        return f"Not available: {'; '.join(info.missing)}"
    if missed is None:
        return None
    codes = countries.codes_of(missed)
    if codes:
        return f"No dial-in number in {countries.name_of(codes[0])}; `countries` lists where there are some."
    close = countries.similar(missed)
    meant = f" Did you mean {' or '.join(close)}?" if close else ""
    return f'"{errors.quoted(missed)}" is not a known country; `countries` lists those with numbers.{meant}'


def _is_in(number: DialInNumber, country: str) -> bool:
    if normalized(country) in {normalized(number.country or ""), normalized(number.country_name or "")}:
        return True
    own = (number.country or "").upper() or next(iter(countries.codes_of(number.country_name or "")), "")
    return own in countries.codes_of(country)


def _number(number: DialInNumber) -> Number:
    return Number(
        number=number.number, country=number.country, country_name=number.country_name, location=number.location
    )


READ_TOOLS = (ToolSpec(get_meeting_service_info, "Get RingCentral meeting service info", contract.READ),)
