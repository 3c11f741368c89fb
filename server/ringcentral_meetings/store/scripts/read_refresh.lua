-- Answers the grant that has a refresh token, or had it: id, generation, value and ms since its last tokens.
-- KEYS: grants. ARGV: request, refresh token
refuse_on_replica()
local answer = grant_at(grant_of_refresh(ARGV[2]))
table.insert(answer, 1, request)
return answer
