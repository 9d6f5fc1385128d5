-- Makes a consumer known as alive. KEYS: heartbeats. ARGV: worker.
local t = redis.call('TIME')
return redis.call('ZADD', KEYS[1], t[1] * 1000 + math.floor(t[2] / 1000), ARGV[1])
