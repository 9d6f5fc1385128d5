-- Gives a slot back. One without a lease has been freed before. The time to live stays that of the last slot taken or renewed, as does that of the leases.
-- KEYS: counter, leases. ARGV: holder, time to live in ms. Answers 1 if it was still held.
local call = redis.call
if call('ZREM', KEYS[2], ARGV[1]) == 0 then return 0 end
local left, leases = call('DECR', KEYS[1]), call('ZCARD', KEYS[2])
-- A counter that went before its leases is made good, and one that was gone is not left behind without an end.
if left < leases or left < 0 then
    call('SET', KEYS[1], leases, 'PX', ARGV[2])
    call('PEXPIRE', KEYS[2], ARGV[2])
end
return 1
