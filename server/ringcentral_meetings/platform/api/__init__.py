"""The operations of RingCentral's API, by family, with the wire models of each."""
