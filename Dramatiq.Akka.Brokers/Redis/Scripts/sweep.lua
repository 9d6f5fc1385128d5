-- One step through a delay queue, looking for messages without an eta in the index.
-- KEYS: list, bodies, index. ARGV: place to start at, how many (at most 1000). Answers { how many were looked at, ids, bodies }.
local ids = redis.call('LRANGE', KEYS[1], ARGV[1], ARGV[1] + ARGV[2] - 1)
if #ids == 0 then return { 0, {}, {} } end
local etas = redis.call('ZMSCORE', KEYS[3], unpack(ids))
local new = {}
for i = 1, #ids do
    if not etas[i] then new[#new + 1] = ids[i] end
end
return { #ids, new, #new > 0 and redis.call('HMGET', KEYS[2], unpack(new)) or {} }
