-- ISharedTier.CountAsync. KEYS: counter. ARGV: what to add, how long a new counter lives in milliseconds (0: for ever), the most that its sum may be.
-- Replies: the sum as text, because a script's own numbers have 53 bits; 1 if it was added, else 0; the milliseconds that are left, below zero for ever.
local key, is_new = KEYS[1], redis.call('EXISTS', KEYS[1]) == 0

-- Whether the decimal a is above the decimal b: both may be beyond what a number of a script can tell apart.
local function is_above(a, b)
  local a_below, b_below = string.sub(a, 1, 1) == '-', string.sub(b, 1, 1) == '-'
  if a_below ~= b_below then return b_below end
  if #a ~= #b then return (#a > #b) ~= a_below end
  return (a > b) ~= a_below and a ~= b
end

redis.call('INCRBY', key, ARGV[1])
local sum, is_counted = redis.call('GET', key), 1
if string.sub(ARGV[1], 1, 1) ~= '-' and ARGV[1] ~= '0' and is_above(sum, ARGV[3]) then
  is_counted = 0
  if is_new then
    redis.call('DEL', key)
    sum = '0'
  else
    redis.call('DECRBY', key, ARGV[1])
    sum = redis.call('GET', key)
  end
elseif is_new and ARGV[2] ~= '0' then
  redis.call('PEXPIRE', key, ARGV[2])
end
return { sum, is_counted, redis.call('PTTL', key) }
