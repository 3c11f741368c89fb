-- Writes a note over a generation, or removes it ('' for the value), and then gives a lease back, as `release` does.
-- KEYS: lease, note. ARGV: request, owner, generation of the lease, over, value, ms to keep it
-- Answers whether the note is as wanted. Where it is not, the lease is not given back.
local done
if ARGV[5] == '' then
    refuse_on_replica()
    done = removed(KEYS[2], ARGV[4])
else
    refuse_on_replica_or_full()
    done = written(KEYS[2], ARGV[4], ARGV[5], ARGV[6])
end
if done == 0 then
    return { request, 0 }
end
released(KEYS[1], ARGV[2], ARGV[3])
return { request, 1 }
