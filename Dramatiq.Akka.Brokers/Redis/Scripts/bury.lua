-- Moves messages that the worker still holds to the dead letters, and drops the dead letters that are too old.
-- KEYS: held, bodies, deliveries, dead, dead bodies. ARGV: time to live in ms or -1, id, body or '', id, body or '', …
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local buried = 0
for i = 2, #ARGV, 2 do
    local id = ARGV[i]
    if redis.call('SREM', KEYS[1], id) == 1 then
        local body = ARGV[i + 1] ~= '' and ARGV[i + 1] or redis.call('HGET', KEYS[2], id)
        redis.call('HDEL', KEYS[2], id)
        redis.call('HDEL', KEYS[3], id)
        if body then
            redis.call('ZADD', KEYS[4], now, id)
            redis.call('HSET', KEYS[5], id, body)
            buried = buried + 1
        end
    end
end
if tonumber(ARGV[1]) >= 0 then
    local old = redis.call('ZRANGEBYSCORE', KEYS[4], '-inf', now - tonumber(ARGV[1]), 'LIMIT', 0, 1000)
    if #old > 0 then
        redis.call('ZREM', KEYS[4], unpack(old))
        redis.call('HDEL', KEYS[5], unpack(old))
    end
end
return buried
