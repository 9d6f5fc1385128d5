-- Forgets a worker that is still dead. KEYS: heartbeats. ARGV: worker, heartbeat timeout in ms.
local t = redis.call('TIME')
local seen = redis.call('ZSCORE', KEYS[1], ARGV[1])
if seen and tonumber(seen) < t[1] * 1000 + math.floor(t[2] / 1000) - tonumber(ARGV[2]) then
    return redis.call('ZREM', KEYS[1], ARGV[1])
end
return 0
