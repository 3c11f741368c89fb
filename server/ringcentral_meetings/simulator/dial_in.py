"""The telephone numbers for joining a meeting, which both products and the audio conference answer with."""

from typing import NamedTuple


class DialIn(NamedTuple):
    """A number, with the country as the country dictionary of the API describes it."""

    number: str
    formatted: str
    location: str
    country_id: str
    country: str
    iso_code: str
    calling_code: str

    def country_resource(self, base: str) -> dict[str, str]:
        """Return the country of the number; `base` is scheme and host of the link in it."""
        return {
            "uri": f"{base}/restapi/v1.0/dictionary/country/{self.country_id}",
            "id": self.country_id,
            "name": self.country,
            "isoCode": self.iso_code,
            "callingCode": self.calling_code,
        }


DIAL_IN = (
    DialIn("+16463573664", "+1 (646) 3573664", "New York", "1", "United States", "US", "1"),
    DialIn("+16504191505", "+1 (650) 4191505", "San Jose", "1", "United States", "US", "1"),
    DialIn("+16475580588", "+1 (647) 5580588", "Toronto", "39", "Canada", "CA", "1"),
    DialIn("+442039363664", "+44 (0)20 39363664", "London", "224", "United Kingdom", "GB", "44"),
    DialIn("+4969710498922", "+49 69 710498922", "Frankfurt", "75", "Germany", "DE", "49"),
    DialIn("+33170950103", "+33 1 70950103", "Paris", "74", "France", "FR", "33"),
    DialIn("+61280152088", "+61 2 80152088", "Sydney", "16", "Australia", "AU", "61"),
    DialIn("+81345781488", "+81 3 45781488", "Tokyo", "107", "Japan", "JP", "81"),
)
