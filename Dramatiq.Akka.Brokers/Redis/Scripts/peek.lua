-- Reads bodies. KEYS: list or sorted set, bodies. ARGV: LRANGE or ZRANGE, first, last (at most 2000 apart). Answers { ids, bodies, scores of a sorted set }.
local ids, scores = {}, {}
if ARGV[1] == 'ZRANGE' then
    local pairs = redis.call('ZRANGE', KEYS[1], ARGV[2], ARGV[3], 'WITHSCORES')
    for i = 1, #pairs, 2 do
        ids[#ids + 1] = pairs[i]
        scores[#scores + 1] = pairs[i + 1]
    end
else
    ids = redis.call('LRANGE', KEYS[1], ARGV[2], ARGV[3])
end
return { ids, #ids > 0 and redis.call('HMGET', KEYS[2], unpack(ids)) or {}, scores }
