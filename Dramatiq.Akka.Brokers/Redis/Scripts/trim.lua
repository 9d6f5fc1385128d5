-- Drops dead letters that are too old. KEYS: dead, dead bodies. ARGV: time to live in ms. Answers how many went; 1000 means that there may be more.
local t = redis.call('TIME')
local old = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', t[1] * 1000 + math.floor(t[2] / 1000) - tonumber(ARGV[1]), 'LIMIT', 0, 1000)
if #old > 0 then
    redis.call('ZREM', KEYS[1], unpack(old))
    redis.call('HDEL', KEYS[2], unpack(old))
end
return #old
