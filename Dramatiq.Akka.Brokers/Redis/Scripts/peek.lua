-- Reads bodies. KEYS: list or sorted set, bodies. ARGV: LRANGE or ZRANGE, first, last (at most 2000 apart). Answers { ids, bodies }.
local ids = redis.call(ARGV[1], KEYS[1], ARGV[2], ARGV[3])
return { ids, #ids > 0 and redis.call('HMGET', KEYS[2], unpack(ids)) or {} }
