-- Renews leases of one counter, and frees the slots of those that have lapsed.
-- KEYS: counter, leases. ARGV: lease in ms, time to live in ms, holders … Answers the holders that have no lease any more.
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local lapsed = redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
local lost = {}
for i = 3, #ARGV do
    if redis.call('ZSCORE', KEYS[2], ARGV[i]) then
        redis.call('ZADD', KEYS[2], now + ARGV[1], ARGV[i])
    else
        lost[#lost + 1] = ARGV[i]
    end
end
local leases = redis.call('ZCARD', KEYS[2])
if leases > 0 or lapsed > 0 then
    local held = tonumber(redis.call('GET', KEYS[1]) or '0') - lapsed
    redis.call('SET', KEYS[1], math.max(held, leases), 'PX', ARGV[2])
    redis.call('PEXPIRE', KEYS[2], ARGV[2])
end
return lost
