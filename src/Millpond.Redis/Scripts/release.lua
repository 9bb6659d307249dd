-- ISharedTier.ReleaseAsync. KEYS: control, floors, log, record. ARGV: incarnation drawn, channel, name, nonce. Replies: control, time.
local control = read_control(ARGV[1])
local record = look(KEYS[FIRST])
if record.leased and record.nonce == ARGV[4] then
  end_lease(record, ARGV[2], ARGV[3])
  write(record)
end
return { control, now }
