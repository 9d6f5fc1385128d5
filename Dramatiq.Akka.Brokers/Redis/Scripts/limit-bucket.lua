-- Adds one to the counter of the current bucket, by the server's clock, so that clients whose clocks differ count in the same one.
-- KEYS: what the counters' names start with. ARGV: limit, length of a bucket in ms. Answers -1 if it was added, else ms until the next bucket.
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local length = tonumber(ARGV[2])
local begin = now - now % length
local name = KEYS[1] .. '@' .. string.format('%.0f', begin)
local held = tonumber(redis.call('GET', name) or '0')
if held >= tonumber(ARGV[1]) then return begin + length - now end
redis.call('SET', name, held + 1, 'PX', length)
return -1
