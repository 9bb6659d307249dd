-- Makes the journal, or goes on with it in this life of the server. ARGV: life, the highest position the caller knows, keyspace, an identity drawn, how many positions and tokens to skip.
-- Replies: the stand, 'opened', 'made', 'resumed' with the position that was found behind it (positions were skipped: the copy may be older than what was given out), 'torn' (records without a head) or 'another' (keyspace).
if not identity then
  if redis.call('EXISTS', RECORDS, PENDING, DEAD, ORDER, TRAIL) > 0 then return stand('torn') end
  identity, keyspace, holder, last = ARGV[4], ARGV[3], '', tonumber(ARGV[2])
  redis.call('HSET', STATE, 'identity', identity, 'life', ARGV[1], 'last', text(last), 'acknowledged', text(last), 'token', '0', 'holder', '', 'until', '0', 'bytes', '0', 'oldest', '', 'keyspace', keyspace)
  acknowledged = last
  return stand('made')
end
if keyspace ~= ARGV[3] then return stand('another') end
if life == ARGV[1] and last >= tonumber(ARGV[2]) then return stand('opened') end
local was = text(last)
last, token = math.max(last, tonumber(ARGV[2])) + tonumber(ARGV[5]), token + tonumber(ARGV[5])
redis.call('HSET', STATE, 'life', ARGV[1], 'last', text(last), 'token', text(token), 'holder', '', 'until', '0')
local reply = stand('resumed')
reply[#reply + 1] = was
return reply
