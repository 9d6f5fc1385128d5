-- One step through the key names. KEYS: any key of the namespace, so that a cluster asks the right node. ARGV: cursor, pattern.
return redis.call('SCAN', ARGV[1], 'MATCH', ARGV[2], 'COUNT', 1000)
