-- IJournalLead.RemoveAsync. ARGV: life, the highest position the caller knows, token, holder, the trail's age and bytes, the key, the position, what became of them.
local refusal = unknown()
if refusal then return refusal end
if not is_lead(ARGV[3], ARGV[4]) then return stand('lost') end
redis.call('HDEL', STATE, 'nothing')
settle()
for _, name in ipairs(redis.call('ZRANGEBYSCORE', ORDER, '-inf', ARGV[8])) do
  if sub(name, 17) == ARGV[7] then
    local position = tonumber(sub(name, 1, 16))
    local letter = redis.call('HGET', DEAD, text(position))
    redis.call('ZREM', ORDER, name)
    if letter then
      local _, kind, at, key_size, delta_size, reason_size, body = unpack('<I8I1I8I4I4I4', letter)
      local delta, reason, value = body + key_size, body + key_size + delta_size, body + key_size + delta_size + reason_size
      redis.call('HDEL', DEAD, text(position))
      forget(position, tostring(kind), ARGV[7], #letter - value + 1)
      keep(position, kind, ARGV[7], sub(letter, value), sub(letter, delta, reason - 1), text(at), ARGV[9], sub(letter, reason, value - 1))
    end
  end
end
redis.call('HSET', STATE, 'bytes', text(bytes))
prune(100)
return stand('ok')
