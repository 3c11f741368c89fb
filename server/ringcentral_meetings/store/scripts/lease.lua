-- Precedes the scripts that grant or release a lease.
-- Grants a lease that nobody else holds; its owner gets it again. Returns its generation (0: not granted), and for how
-- many ms it is held.
local function granted(key, owner, ms, ms_to_remember)
    local known = redis.call('HMGET', key, 'owner', 'until', 'generation')
    local ends = tonumber(known[2] or 0)
    local held = known[1] and known[1] ~= '' and ends > now
    if held and known[1] ~= owner then
        return 0, ends - now
    end
    local generation = tonumber(known[3])
    if not held then
        generation = generation_after(known[3])
    end
    ends = math.max(held and ends or 0, now + tonumber(ms))
    redis.call('HSET', key, 'owner', owner, 'until', text(ends), 'generation', text(generation), 'last', '')
    redis.call('PEXPIRE', key, text(ends - now + tonumber(ms_to_remember)))
    return generation, ends - now
end

-- Gives a lease back, where it is still its owner's, or where this very owner gave it back before; else returns 0.
local function released(key, owner, generation)
    local known = redis.call('HMGET', key, 'owner', 'until', 'generation', 'last')
    if known[3] ~= generation then
        return 0
    end
    if known[1] == owner and tonumber(known[2]) > now then
        redis.call('HSET', key, 'owner', '', 'until', '0', 'last', owner)
        return 1
    end
    return known[4] == owner and 1 or 0
end
