-- Replaces a grant's current refresh token. The one before it gets the answer that is kept for it; where none is kept,
-- and for older ones, it was used by two, and the grant ends.
-- KEYS: grants, session, lease of the session's renewal
-- ARGV: request, refresh token, new access token, ms, new refresh token, ms, sealed answer, ms to keep it,
--     ms to keep what ending comes to, how many replaced tokens to remember
-- Answers rotated, unknown, or same with the answer and the ms since, or reused with what ending came to
refuse_on_replica_or_full()
local ended = outcome_of_end()
if ended then
    return with_request(ended, 'reused')
end
local presented = ARGV[2]
local id = grant_of_refresh(presented)
local known = id and redis.call('HMGET', prefix .. 'grant:' .. id, 'current', 'request', 'ends')
if not known or not known[1] then
    return { request, 'unknown' }
end
if known[2] == request then
    return { request, 'rotated' }
end
local same = prefix .. 'same:' .. presented
if known[1] == presented then
    local ends = end_of_grant(tonumber(ARGV[6]), tonumber(known[3]))
    replace(id, presented, ends, ARGV[10])
    issue(id, ends, ARGV[3], ARGV[4], ARGV[5])
    redis.call('HSET', same, 'value', ARGV[7], 'next', ARGV[5], 'at', text(now))
    redis.call('PEXPIRE', same, ARGV[8])
    return { request, 'rotated' }
end
local kept = redis.call('HMGET', same, 'value', 'at', 'next')
if kept[1] and kept[3] == known[1] then
    return { request, 'same', kept[1], now - tonumber(kept[2]) }
end
return with_request(end_grants({ id }, false, KEYS[2], KEYS[3], ARGV[9]), 'reused')
