-- IJournalLead.BuryAsync. ARGV: life, the highest position the caller knows, token, holder, the trail's age and bytes, the reason, the positions. A record that is no more in the order was buried before. What is pending of its key stays.
local refusal = unknown()
if refusal then return refusal end
if not is_lead(ARGV[3], ARGV[4]) then return stand('lost') end
-- After a first write that needs no memory the others are made though there is none.
redis.call('HDEL', STATE, 'nothing')
local reason = ARGV[7]
for i = 8, #ARGV do
  local id = ARGV[i] .. '-0'
  local entry = redis.call('XRANGE', RECORDS, id, id)[1]
  if entry then
    local kind, key, value, delta, at = entry[2][2], entry[2][4], entry[2][6], entry[2][8], entry[2][10]
    local position = tonumber(ARGV[i])
    redis.call('XDEL', RECORDS, id)
    redis.call('HSET', DEAD, ARGV[i], pack('<I8I1I8I4I4I4', position, tonumber(kind), tonumber(at), #key, #delta, #reason) .. key .. delta .. reason .. value)
    redis.call('ZADD', ORDER, ARGV[i], string.format('%016.0f', position) .. key)
  end
end
look_for_oldest()
redis.call('HSET', STATE, 'oldest', oldest)
return stand('ok')
