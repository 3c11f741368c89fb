-- Ends a grant, all of them ('' for the id), the one that a used code began, or none of them but a session that is
-- unused, and answers what that came to.
-- KEYS: grants, session, lease of the session's renewal, code if it is meant. ARGV: request, id, ms to keep the answer,
--     1 if none but an unused session is meant
-- Answers how many ended, 1 if none is left, and as load_session the session that went with the last one
refuse_on_replica()
local ended = outcome_of_end()
if ended then
    return with_request(ended)
end
local ids, whole = { ARGV[2] }, false
if KEYS[4] then
    local known = redis.call('HMGET', KEYS[4], 'used', 'id')
    ids = { known[1] and known[2] or nil }
elseif ARGV[4] then
    ids, whole = {}, true
elseif ARGV[2] == '' then
    ids, whole = redis.call('ZRANGE', index, 0, -1), true
end
return with_request(end_grants(ids, whole, KEYS[2], KEYS[3], ARGV[3]))
