"""What the platform does wrong, in the words of whichever product is struck."""

from dataclasses import dataclass

from campaign.people import Product

WRITES_STRUCK = """
    POST {path}$ drop_before p=0.04; POST {path}$ drop_after p=0.04; POST {path}$ status=503 lands p=0.03;
    POST {path}$ status=502 p=0.03; POST {path}$ malformed p=0.02; POST {path}$ html p=0.02;
    POST {path}$ html lands p=0.02; POST {path}$ truncated p=0.02; POST {path}$ empty p=0.02;
    {change} {path}/ drop_after p=0.05; {change} {path}/ drop_before p=0.05; {change} {path}/ status=500 p=0.03;
    {change} {path}/ status=502 lands p=0.03; {change} {path}/ empty p=0.02; {change} {path}/ truncated p=0.02;
    DELETE {path}/ drop_after p=0.05; DELETE {path}/ drop_before p=0.05; DELETE {path}/ status=503 lands p=0.03;
    DELETE {path}/ html p=0.03; DELETE {path}/ refused p=0.01; {change} {path}/ refused p=0.01;
    * {path} rate_limit=1 p=0.01; POST {path} token_expired p=0.02; {change} {path} token_expired p=0.02;
    DELETE {path} token_expired p=0.02
"""
READS_STRUCK = """
    GET {path} status=503 p=0.08; GET {path} drop_after p=0.05; GET {path} malformed p=0.03;
    GET {path} html p=0.03; GET {path} truncated p=0.03; GET {path} empty p=0.02;
    POST {path}$ status=504 lands p=0.02; POST {path}$ status=504 p=0.02; {change} {path}/ status=504 p=0.02;
    {change} {path}/ status=504 lands p=0.02; DELETE {path}/ status=504 p=0.02; DELETE {path}/ status=504 lands p=0.02;
    * {path} token_revoked p=0.005; * /oauth/token status=503 p=0.02; * {path} wrong_types p=0.005;
    * {path} redirect p=0.005; GET {path} token_expired p=0.01; GET {path} refused p=0.01
"""
LATE_SECONDS = 0.6
"""After which the last write that was put off is carried out. A call looks for one for some 0.2 s at most."""

WRITES_PUT_OFF = """
    POST {path}$ late=0.05 p=0.06; POST {path}$ late=0.05 status=503 p=0.04; POST {path}$ late=0.5 p=0.06;
    POST {path}$ late=0.5 status=500 p=0.04; {change} {path}/ late=0.05 p=0.04; {change} {path}/ late=0.5 p=0.02;
    {change} {path}/ late=0.5 status=502 p=0.02; DELETE {path}/ late=0.05 status=500 p=0.05;
    DELETE {path}/ late=0.5 p=0.03; POST {path} token_expired p=0.02; POST {path}$ refused p=0.02
"""


@dataclass(frozen=True)
class Failures:
    """One way in which a platform fails.

    `reading_works` where no fault strikes a sign-in or a read, so that whoever wants to look can. `lands_late` are the
    outcomes of a request after which it may still be carried out, each a status or None for no answer, and
    `late_seconds` how long that may take.
    """

    reading_works: bool
    lands_late: frozenset[int | None] = frozenset()
    late_seconds: float = 0.0

    def rules(self, product: Product) -> str:
        rules = [WRITES_PUT_OFF] if self.late_seconds else [WRITES_STRUCK, product.own_write_faults]
        if not self.reading_works:
            rules += [READS_STRUCK, product.own_read_faults]
        return ";".join(rule.strip() for rule in rules if rule).format(path=product.path, change=product.change)


FAILURES = {
    "writes fail": Failures(reading_works=True),
    "writes come late": Failures(True, frozenset({None, 500, 502, 503}), LATE_SECONDS),
    "everything fails": Failures(reading_works=False, lands_late=frozenset({504})),
}
