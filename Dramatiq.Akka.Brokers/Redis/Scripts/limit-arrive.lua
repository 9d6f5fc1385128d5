-- A member arrives at a barrier: the counter goes down to 1, as Python's does, and who finds 1 first is the last. A member that comes again is answered as before.
-- KEYS: counter, who has arrived, events. ARGV: member, time to live in ms. Answers 0 waits, 1 is last, 2 unknown.
local earlier = redis.call('HGET', KEYS[2], ARGV[1])
if earlier then return tonumber(earlier) end
local awaited = tonumber(redis.call('GET', KEYS[1]) or '')
if not awaited then return 2 end
local ttl = math.max(tonumber(ARGV[2]), redis.call('PTTL', KEYS[1]))
local answer = 0
if awaited > 1 then
    redis.call('SET', KEYS[1], awaited - 1)
elseif redis.call('EXISTS', KEYS[3]) == 0 then
    answer = 1
    redis.call('RPUSH', KEYS[3], 'x')
    redis.call('PEXPIRE', KEYS[3], ttl)
end
redis.call('PEXPIRE', KEYS[1], ttl)
redis.call('HSET', KEYS[2], ARGV[1], answer)
redis.call('PEXPIRE', KEYS[2], ttl)
return answer
