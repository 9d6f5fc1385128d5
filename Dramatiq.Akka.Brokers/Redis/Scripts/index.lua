-- Notes etas. KEYS: index. ARGV: eta, id, eta, id, … (at most 2000 of them together).
return redis.call('ZADD', KEYS[1], unpack(ARGV))
