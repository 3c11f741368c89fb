-- Grants a lease that nobody else holds; its owner gets it again.
-- KEYS: lease. ARGV: request, owner, ms, ms to remember its generation afterwards
-- Answers the generation (0: not granted), and for how many ms it is held
refuse_on_replica_or_full()
return { request, granted(KEYS[1], ARGV[2], ARGV[3], ARGV[4]) }
