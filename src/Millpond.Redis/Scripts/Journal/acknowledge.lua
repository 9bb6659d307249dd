-- IJournalLead.AcknowledgeAsync. ARGV: life, the highest position the caller knows, token, holder, the position, how many records at most. Replies: the stand, 'ok' or 'lost'; where the acknowledged
-- position is lower than asked for, there is more to do.
local refusal = unknown()
if refusal then return refusal end
if not is_lead(ARGV[3], ARGV[4]) then return stand('lost') end
local through, most = math.min(tonumber(ARGV[5]), last), tonumber(ARGV[6])
if through <= acknowledged then return stand('ok') end
local entries = redis.call('XRANGE', RECORDS, '-', text(through) .. '-0', 'COUNT', most)
if #entries == most then through = position_of(entries[most]) end
-- First, because it is made though the memory is full, and so are those behind it.
redis.call('XTRIM', RECORDS, 'MINID', text(through + 1) .. '-0')
for _, entry in ipairs(entries) do
  local fields = entry[2]
  forget(position_of(entry), fields[2], fields[4], #fields[6])
end
acknowledged = through
look_for_oldest()
redis.call('HSET', STATE, 'acknowledged', text(acknowledged), 'bytes', text(bytes), 'oldest', oldest)
return stand('ok')
