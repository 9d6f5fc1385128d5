-- Gives a slot back. One without a lease has been freed before.
-- KEYS: counter, leases. ARGV: holder, time to live in ms. Answers 1 if it was still held.
local call = redis.call
if call('ZREM', KEYS[2], ARGV[1]) == 0 then return 0 end
-- Its time to live stays that of the last slot taken or renewed: whoever holds one still renews it. One that was gone is not left behind without any.
if call('DECR', KEYS[1]) < 0 then call('SET', KEYS[1], call('ZCARD', KEYS[2]), 'PX', ARGV[2]) end
return 1
