-- Takes a place in a sliding window, or says when there may be one.
-- KEYS: sent (sorted set of requests by ms), limit (hash), held (penalty)
-- ARGV: request, default limit, default window in ms, how many go before (-1: take a place)
-- Answers ms to wait, limit, window in ms, places left, requests of others
refuse_on_replica_or_full()
local sent, known, held = KEYS[1], redis.call('HMGET', KEYS[2], 'limit', 'window', 'others', 'seen'), KEYS[3]
local limit = math.max(1, tonumber(known[1] or ARGV[2]))
local window = tonumber(known[2] or ARGV[3])
local others, seen = tonumber(known[3] or 0), tonumber(known[4] or 0)
local ahead = tonumber(ARGV[4])
if seen + window <= now then
    others = 0
end
redis.call('ZREMRANGEBYSCORE', sent, '-inf', text(now - window))
local count = redis.call('ZCARD', sent)
local penalty = math.max(0, redis.call('PTTL', held))

local function wait(before)
    local place = count + others - limit + before
    if place < 0 then
        return penalty
    end
    local taken = {}
    local scores = redis.call('ZRANGE', sent, 0, -1, 'WITHSCORES')
    for index = 2, #scores, 2 do
        taken[#taken + 1] = tonumber(scores[index])
    end
    for _ = 1, others do
        taken[#taken + 1] = seen
    end
    table.sort(taken)
    local rounds = 0
    while place >= #taken do
        place = place - limit
        rounds = rounds + 1
    end
    local frees = now
    if place >= 0 then
        frees = taken[place + 1] + window
    end
    return math.max(frees, now + penalty) + window * rounds - now
end

if ahead >= 0 then
    return { request, wait(ahead), limit, window, math.max(0, limit - count - others), others }
end
if redis.call('ZSCORE', sent, request) then
    return { request, 0, limit, window, math.max(0, limit - count - others), others }
end
local ms = wait(0)
if ms == 0 then
    redis.call('ZADD', sent, text(now), request)
    redis.call('PEXPIRE', sent, text(window))
    count = count + 1
end
return { request, ms, limit, window, math.max(0, limit - count - others), others }
