-- Corrects a group by what the platform said of it; '' is what it left out.
-- KEYS: sent, limit. ARGV: request, default limit, default window in ms, limit, window in ms, remaining, ms to keep it
refuse_on_replica_or_full()
local known = redis.call('HMGET', KEYS[2], 'limit', 'window')
local limit = tonumber(ARGV[4]) or tonumber(known[1] or ARGV[2])
local window = tonumber(ARGV[5]) or tonumber(known[2] or ARGV[3])
redis.call('HSET', KEYS[2], 'limit', text(limit), 'window', text(window))
if ARGV[6] ~= '' then
    local count = redis.call('ZCOUNT', KEYS[1], '(' .. text(now - window), '+inf')
    local others = math.max(0, limit - tonumber(ARGV[6]) - count)
    redis.call('HSET', KEYS[2], 'others', text(others), 'seen', text(now))
end
redis.call('PEXPIRE', KEYS[2], ARGV[7])
if redis.call('EXISTS', KEYS[1]) == 1 then
    redis.call('PEXPIRE', KEYS[1], text(window))
end
return { request }
