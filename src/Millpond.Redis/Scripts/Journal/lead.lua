-- Takes, keeps or gives back the lead. ARGV: life, the highest position the caller knows, 'take', 'keep' or 'give', token, holder, milliseconds. Replies: the stand, 'ok', 'led' by another, or 'lost'.
local refusal = unknown()
if refusal then return refusal end
local asked, time = ARGV[3], redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if asked == 'take' then
  if holder ~= '' and holder ~= ARGV[5] and lead_until > now then return stand('led') end
  if holder ~= ARGV[5] then token = token + 1 end
elseif not is_lead(ARGV[4], ARGV[5]) then
  return stand('lost')
end
-- After a first write that needs no memory the others are made though there is none.
redis.call('HDEL', STATE, 'until')
if asked == 'give' then
  redis.call('HSET', STATE, 'holder', '', 'until', '0')
else
  redis.call('HSET', STATE, 'token', text(token), 'holder', ARGV[5], 'until', text(now + tonumber(ARGV[6])))
end
return stand('ok')
