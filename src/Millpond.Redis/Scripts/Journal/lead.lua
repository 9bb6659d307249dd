-- Takes, keeps or gives back the lead. ARGV: life, the highest position the caller knows, 'take', 'keep' or 'give', the lease in ms, the trail's age and bytes, token, holder. Replies: the stand, 'ok', 'led' by another, or 'lost'.
local refusal = unknown()
if refusal then return refusal end
local asked, at = ARGV[3], now()
if asked == 'take' then
  if holder ~= '' and holder ~= ARGV[8] and lead_until > at then return stand('led') end
  if holder ~= ARGV[8] then token = token + 1 end
elseif not is_lead(ARGV[7], ARGV[8]) then
  return stand('lost')
end
-- After a first write that needs no memory the others are made though there is none.
redis.call('HDEL', STATE, 'until')
if asked == 'give' then
  redis.call('HSET', STATE, 'holder', '', 'until', '0')
else
  redis.call('HSET', STATE, 'token', text(token), 'holder', ARGV[8], 'until', text(at + tonumber(ARGV[4])))
  -- Where nothing is settled, what is kept grows old all the same.
  prune(500)
end
return stand('ok')
