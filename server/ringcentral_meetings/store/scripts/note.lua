-- Precedes the scripts that change a note.
-- Writes a note over a generation: '' any, 0 none. Returns the new generation; else 0, and generation and value of what
-- is there, if there is something.
local function written(key, over, value, ms)
    local known = redis.call('HMGET', key, 'generation', 'request', 'value')
    if known[2] == request then
        return tonumber(known[1])
    end
    if over ~= '' and tonumber(over) ~= tonumber(known[1] or 0) then
        if not known[1] then
            return 0
        end
        return 0, tonumber(known[1]), known[3]
    end
    local generation = generation_after(known[1])
    redis.call('HSET', key, 'generation', text(generation), 'request', request, 'value', value)
    redis.call('PEXPIRE', key, ms)
    return generation
end

-- Removes a note of a generation ('' any), and returns 1 if it is gone.
local function removed(key, over)
    local known = redis.call('HGET', key, 'generation')
    if known and over ~= '' and tonumber(over) ~= tonumber(known) then
        return 0
    end
    redis.call('DEL', key)
    return 1
end
