-- Gives a slot back. One without a lease has been freed before.
-- KEYS: counter, leases. ARGV: holder, time to live in ms. Answers 1 if it was still held.
if redis.call('ZREM', KEYS[2], ARGV[1]) == 0 then return 0 end
local held = tonumber(redis.call('GET', KEYS[1]) or '0')
redis.call('SET', KEYS[1], math.max(held - 1, redis.call('ZCARD', KEYS[2])), 'PX', ARGV[2])
return 1
