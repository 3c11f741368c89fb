"""Signing in to RingCentral: grants, the browser's consent, and the tokens that processes share."""
