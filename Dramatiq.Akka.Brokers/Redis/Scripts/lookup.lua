-- Finds messages by their ids. KEYS: list or sorted set, bodies. ARGV: LIST or ZSET, how far to look into a list, id, id, … (at most 200).
-- Answers { bodies or false, scores of a sorted set or false }, in order. One that a worker holds is not there, unless the list is longer than that.
local bodies = redis.call('HMGET', KEYS[2], unpack(ARGV, 3))
local scores = {}
for i = 1, #bodies do
    scores[i] = false
    if bodies[i] and ARGV[1] == 'ZSET' then
        scores[i] = redis.call('ZSCORE', KEYS[1], ARGV[i + 2])
        if not scores[i] then bodies[i] = false end
    elseif bodies[i] and not redis.call('LPOS', KEYS[1], ARGV[i + 2], 'MAXLEN', ARGV[2]) and redis.call('LLEN', KEYS[1]) <= tonumber(ARGV[2]) then
        bodies[i] = false
    end
end
return { bodies, scores }
