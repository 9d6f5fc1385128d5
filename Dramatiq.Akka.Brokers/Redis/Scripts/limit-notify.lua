-- Announces, as Python does: an x in the list, which stays there for whoever looks later. One is enough.
-- KEYS: events. ARGV: time to live in ms.
if redis.call('LLEN', KEYS[1]) == 0 then redis.call('RPUSH', KEYS[1], 'x') end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1
