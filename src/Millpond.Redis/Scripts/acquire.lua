-- ISharedTier.AcquireAsync. KEYS: control, floors, log, record. ARGV: incarnation drawn, nonce, milliseconds, 'w' to write or 'l' to load.
-- Replies: control, time, 1 granted or 2 held. A nonce that holds the lease already is granted it again: the ask was sent twice.
local control = read_control(ARGV[1])
local record = look(KEYS[FIRST])
if record.leased and ARGV[4] == 'l' and record.nonce ~= ARGV[2] then
  await(record)
  return { control, now, 2 }
end
grant(record, ARGV[2], tonumber(ARGV[3]), ARGV[4] == 'w')
return { control, now, 1 }
