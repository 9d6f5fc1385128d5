-- Stores results, each in place of an earlier one, as lists of one as Python does. KEYS: where. ARGV: for each, how long it is kept in ms (-1 for ever), and the JSON.
local call, pcall = redis.call, redis.pcall
local t = call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local ends = {}   -- most have the same time to live; its end is written down once, and as the server's log wants it
for i = 1, #KEYS do
    local ttl, json = ARGV[2 * i - 1], ARGV[2 * i]
    if pcall('LPUSH', KEYS[i], json) ~= 1 then   -- there was one, or something that is no list
        call('DEL', KEYS[i])
        call('LPUSH', KEYS[i], json)
    end
    if ttl ~= '-1' then
        if not ends[ttl] then ends[ttl] = string.format('%.0f', now + ttl) end
        call('PEXPIREAT', KEYS[i], ends[ttl])
    end
end
return #KEYS
