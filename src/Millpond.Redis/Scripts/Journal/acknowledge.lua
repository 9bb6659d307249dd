-- IJournalLead.AcknowledgeAsync. ARGV: life, the highest position the caller knows, token, holder, the trail's age and bytes, the position, how many records at most. Replies: the stand, 'ok' or 'lost'; where the acknowledged
-- position is lower than asked for, there is more to do.
local refusal = unknown()
if refusal then return refusal end
if not is_lead(ARGV[3], ARGV[4]) then return stand('lost') end
local through, most = math.min(tonumber(ARGV[7]), last), tonumber(ARGV[8])
if through <= acknowledged then return stand('ok') end
local entries = redis.call('XRANGE', RECORDS, '-', text(through) .. '-0', 'COUNT', most)
if #entries == most then through = position_of(entries[most]) end
-- First, because it is made though the memory is full, and so are those behind it.
redis.call('XTRIM', RECORDS, 'MINID', text(through + 1) .. '-0')
settle()
for _, entry in ipairs(entries) do
  local fields = entry[2]
  forget(position_of(entry), fields[2], fields[4], #fields[6])
  keep(position_of(entry), fields[2], fields[4], fields[6], fields[8], fields[10], APPLIED, '')
end
acknowledged = through
look_for_oldest()
redis.call('HSET', STATE, 'acknowledged', text(acknowledged), 'bytes', text(bytes), 'oldest', oldest)
-- Twice as many, so that it comes to an end.
prune(#entries * 2 + 10)
return stand('ok')
