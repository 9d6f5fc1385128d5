-- Adds one to the counter of the current second, by the server's clock, unless the window is full.
-- KEYS: what the counters' names start with. ARGV: limit, seconds of the window. Answers -1 if it was added, else ms until the window lets go of the first that it counts.
local t = redis.call('TIME')
local second = tonumber(t[1])
local seconds = tonumber(ARGV[2])
local names = {}
for i = 0, seconds - 1 do names[i + 1] = KEYS[1] .. '@' .. string.format('%.0f', second - i) end
local counts = redis.call('MGET', unpack(names))
local sum = 0
local oldest = 0
for i = 1, seconds do
    local count = tonumber(counts[i] or '0')
    if count > 0 then
        sum = sum + count
        oldest = i - 1
    end
end
if sum >= tonumber(ARGV[1]) then return (second - oldest + seconds) * 1000 - (second * 1000 + math.floor(t[2] / 1000)) end
redis.call('SET', names[1], tonumber(counts[1] or '0') + 1, 'PX', seconds * 1000)
return -1
