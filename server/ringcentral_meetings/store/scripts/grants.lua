-- Precedes the scripts of grants. KEYS[1] is the index of a user's grants: a sorted set of ids by their ends in ms.
-- What a script touches without being named in KEYS begins with the same prefix, and so lies in the same slot:
-- grant:ID (hash), at:NAME and rt:NAME (the id of a token's grant), old:ID (set of the refresh tokens that were
-- replaced), same:NAME (hash), over:REQUEST (hash).
local index = KEYS[1]
local prefix = string.sub(index, 1, -string.len('grants') - 1)

-- Lists a grant until its end, and drops those from the list that are over.
local function list(id, ends)
    redis.call('ZREMRANGEBYSCORE', index, '-inf', text(now))
    redis.call('ZADD', index, text(ends), id)
    if redis.call('PTTL', index) < ends - now then
        redis.call('PEXPIRE', index, text(ends - now))
    end
end

-- When a grant ends that is to last so long: never after the user's session, nor after its absolute end.
local function end_of_grant(ms, absolute)
    local ends = math.min(now + ms, absolute)
    local session = redis.call('PTTL', prefix .. 'session')
    if session > 0 then
        ends = math.min(ends, now + session)
    end
    return math.max(ends, now + 1)
end

-- Answers id, generation, value and ms since its last tokens of a grant; nothing where there is none.
local function grant_at(id)
    local known = id and redis.call('HMGET', prefix .. 'grant:' .. id, 'generation', 'value', 'at')
    if not known or not known[1] then
        return {}
    end
    return { id, tonumber(known[1]), known[2], now - tonumber(known[3]) }
end

-- Answers the id of the grant that has a refresh token, or had it.
local function grant_of_refresh(name)
    local id = redis.call('GET', prefix .. 'rt:' .. name)
    if id then
        return id
    end
    for _, one in ipairs(redis.call('ZRANGE', index, 0, -1)) do
        if redis.call('SISMEMBER', prefix .. 'old:' .. one, name) == 1 then
            return one
        end
    end
    return false
end

-- Remembers that a refresh token was replaced, for as long as its grant lasts, and of `most` of a grant.
local function replace(id, name, ends, most)
    local old = prefix .. 'old:' .. id
    redis.call('DEL', prefix .. 'rt:' .. name)
    if redis.call('SCARD', old) >= tonumber(most) then
        redis.call('SPOP', old)
    end
    redis.call('SADD', old, name)
    redis.call('PEXPIRE', old, text(ends - now))
end

-- Gives a grant that is stored its tokens, and an end.
local function issue(id, ends, access, access_ms, refresh)
    redis.call('HSET', prefix .. 'grant:' .. id, 'current', refresh, 'request', request, 'at', text(now))
    redis.call('PEXPIRE', prefix .. 'grant:' .. id, text(ends - now))
    redis.call('SET', prefix .. 'at:' .. access, id, 'PX', text(math.min(tonumber(access_ms), ends - now)))
    redis.call('SET', prefix .. 'rt:' .. refresh, id, 'PX', text(ends - now))
    list(id, ends)
end

-- Answers what ending grants came to, as it was kept for this request; nil where nothing was.
local function outcome_of_end()
    local known = redis.call('HMGET', prefix .. 'over:' .. request, 'grants', 'last')
    if not known[1] then
        return nil
    end
    local answer = { tonumber(known[1]), tonumber(known[2]) }
    local session = redis.call('HMGET', prefix .. 'ended:' .. request, 'generation', 'value', 'until')
    if session[1] then
        answer[3], answer[4], answer[5] = tonumber(session[1]), session[2], tonumber(session[3]) - now
    end
    return answer
end

-- Ends grants. The session goes with the last one, or if `whole`; then the lease of its renewal is over as well.
local function end_grants(ids, whole, session, lease, kept_ms)
    local live, listed = 0, 0
    for _, id in ipairs(ids) do
        local current = redis.call('HGET', prefix .. 'grant:' .. id, 'current')
        if current then
            redis.call('DEL', prefix .. 'rt:' .. current)
        end
        live = live + redis.call('DEL', prefix .. 'grant:' .. id)
        redis.call('DEL', prefix .. 'old:' .. id)
        listed = listed + redis.call('ZREM', index, id)
    end
    redis.call('ZREMRANGEBYSCORE', index, '-inf', text(now))
    local last = redis.call('ZCARD', index) == 0
    if last and (whole or live + listed > 0) then
        if redis.call('EXISTS', lease) == 1 then
            redis.call('HSET', lease, 'owner', '', 'until', '0', 'last', '')
        end
        if redis.call('EXISTS', session) == 1 then
            redis.call('RENAME', session, prefix .. 'ended:' .. request)
            redis.call('PEXPIRE', prefix .. 'ended:' .. request, kept_ms)
        end
    end
    redis.call('HSET', prefix .. 'over:' .. request, 'grants', text(live), 'last', last and '1' or '0')
    redis.call('PEXPIRE', prefix .. 'over:' .. request, kept_ms)
    return outcome_of_end()
end

local function with_request(answer, outcome)
    if outcome then
        table.insert(answer, 1, outcome)
    end
    table.insert(answer, 1, request)
    return answer
end
