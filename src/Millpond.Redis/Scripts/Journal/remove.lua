-- IJournalLead.RemoveAsync. ARGV: life, the highest position the caller knows, token, holder, the key, the position.
local refusal = unknown()
if refusal then return refusal end
if not is_lead(ARGV[3], ARGV[4]) then return stand('lost') end
for _, name in ipairs(redis.call('ZRANGEBYSCORE', ORDER, '-inf', ARGV[6])) do
  if sub(name, 17) == ARGV[5] then
    local position = tonumber(sub(name, 1, 16))
    local letter = redis.call('HGET', DEAD, text(position))
    redis.call('ZREM', ORDER, name)
    if letter then
      local _, kind, _, key_size, delta_size, reason_size, body = unpack('<I8I1I8I4I4I4', letter)
      redis.call('HDEL', DEAD, text(position))
      forget(position, tostring(kind), ARGV[5], #letter - body + 1 - key_size - delta_size - reason_size)
    end
  end
end
redis.call('HDEL', STATE, 'nothing')
redis.call('HSET', STATE, 'bytes', text(bytes))
return stand('ok')
