-- Pauses or resumes a queue for every process, and tells them. KEYS: paused queues. ARGV: SADD or SREM, queue, channel. Answers all that are paused.
if redis.call(ARGV[1], KEYS[1], ARGV[2]) == 1 then redis.call('PUBLISH', ARGV[3], ARGV[2]) end
return redis.call('SMEMBERS', KEYS[1])
