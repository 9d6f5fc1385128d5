-- Renews the leases of workers, and looks for those that are dead.
-- KEYS: heartbeats. ARGV: heartbeat timeout in ms, workers …
-- Answers { workers whose lease had lapsed, dead workers, ms until the next one may be dead or -1 }.
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local dead_before = now - tonumber(ARGV[1])
local lapsed = {}
for i = 2, #ARGV do
    local seen = redis.call('ZSCORE', KEYS[1], ARGV[i])
    if seen and tonumber(seen) >= dead_before then
        redis.call('ZADD', KEYS[1], now, ARGV[i])
    else
        lapsed[#lapsed + 1] = ARGV[i]
    end
end
local dead = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(' .. dead_before, 'LIMIT', 0, 100)
local next_one = redis.call('ZRANGEBYSCORE', KEYS[1], dead_before, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
return { lapsed, dead, next_one[2] and math.max(0, tonumber(next_one[2]) - dead_before) or -1 }
