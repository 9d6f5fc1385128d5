-- Notes etas. KEYS: index. ARGV: how long an index is kept in ms, eta, id, eta, id, … (at most 2000 of them together).
local added = redis.call('ZADD', KEYS[1], unpack(ARGV, 2))
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return added
