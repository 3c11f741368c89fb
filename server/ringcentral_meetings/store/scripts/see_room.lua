-- Tells what is free of a group.
-- KEYS: sent, limit, held. ARGV: request, default limit, default window in ms
-- Answers places left, limit, window in ms, ms of the penalty
refuse_on_replica()
local known = redis.call('HMGET', KEYS[2], 'limit', 'window', 'others', 'seen')
local limit = tonumber(known[1] or ARGV[2])
local window = tonumber(known[2] or ARGV[3])
local others = tonumber(known[3] or 0)
if tonumber(known[4] or 0) + window <= now then
    others = 0
end
local count = redis.call('ZCOUNT', KEYS[1], '(' .. text(now - window), '+inf')
local penalty = math.max(0, redis.call('PTTL', KEYS[3]))
return { request, math.max(0, limit - count - others), limit, window, penalty }
