-- ISharedTier.IncrementAsync. KEYS: counter. ARGV: what to add, and how long a new counter lives in milliseconds (0: for ever). Replies: the sum.
local is_new = redis.call('EXISTS', KEYS[1]) == 0
redis.call('INCRBY', KEYS[1], ARGV[1])
if is_new and ARGV[2] ~= '0' then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
-- Read again as text, because a script's own numbers have 53 bits.
return redis.call('GET', KEYS[1])
