"""RingCentral Meetings, the product on which the seven operations are defined."""
