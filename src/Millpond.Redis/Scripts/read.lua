-- ISharedTier.ReadAsync and ReadManyAsync. KEYS: control, floors, log, records. ARGV: incarnation drawn; for each record the nonce asked for (empty: none) and its milliseconds.
-- Replies: control, time, then for each record its bytes if it has a value, else 0 nothing, 1 granted, 2 held, 3 renewed.
local reply = { read_control(ARGV[1]), now }
for i = FIRST, #KEYS do
  local record = look(KEYS[i])
  local nonce, milliseconds = ARGV[2 * (i - FIRST) + 2], tonumber(ARGV[2 * (i - FIRST) + 3])
  local outcome = 0
  if record.value then
    if record.sliding > 0 then
      record.value_until = math.min(now + record.sliding, record.hard_until)
      record.writes = record.leased and is_for_writing(record)
      write(record)
    end
    outcome = record.bytes
  elseif nonce ~= '' then
    if record.leased and record.nonce ~= nonce then
      await(record)
      outcome = 2
    else
      outcome = grant(record, nonce, milliseconds, false)
    end
  end
  reply[#reply + 1] = outcome
end
return reply
