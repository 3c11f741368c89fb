-- Grants a lease as `grant` does, and with it writes a note over a generation.
-- KEYS: lease, note. ARGV: request, owner, ms, ms to remember the lease's generation afterwards, over, value,
--       ms to keep it
-- Answers as `grant`; where it granted the lease, also as `write_note`
refuse_on_replica_or_full()
local generation, ms = granted(KEYS[1], ARGV[2], ARGV[3], ARGV[4])
if generation == 0 then
    return { request, 0, ms }
end
return { request, generation, ms, written(KEYS[2], ARGV[5], ARGV[6], ARGV[7]) }
