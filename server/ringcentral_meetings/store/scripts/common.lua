-- Precedes every script. ARGV[1] is the request, which every answer repeats: one that came to the wrong reader shows.
local request = ARGV[1]
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000) -- ms since 1970

-- A generation is higher than those before it, even where those were forgotten.
local function generation_after(before)
    return math.max(tonumber(before or 0) + 1, tonumber(time[1]) * 1000000 + tonumber(time[2]))
end

local function text(number)
    return string.format('%.0f', number)
end

-- Each script begins with one of these two, which change nothing: the key is never there. A replica refuses both, and so
-- gives no stale answer. A server whose memory is full refuses the second, before a script has done a part of its work.
local function refuse_on_replica()
    redis.call('DEL', KEYS[1] .. ':none')
end

local function refuse_on_replica_or_full()
    redis.call('SETRANGE', KEYS[1] .. ':none', 0, '')
end
