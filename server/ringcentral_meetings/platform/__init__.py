"""The RingCentral platform over HTTP: sign-in, plan groups, paths, deadlines, retries, paging, wire models.

It knows nothing of MCP and imports nothing of this project but `errors`.
"""
