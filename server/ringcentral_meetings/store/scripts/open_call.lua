-- Answers two lists: what load_session does of a session, and what read_refresh does of the grant of an access token.
-- KEYS: grants, session, access token. ARGV: request
refuse_on_replica()
local session = {}
local known = redis.call('HMGET', KEYS[2], 'generation', 'value', 'until')
if known[1] then
    session = { tonumber(known[1]), known[2], tonumber(known[3]) - now }
end
return { request, session, grant_at(redis.call('GET', KEYS[3])) }
